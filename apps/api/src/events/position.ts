/**
 * How much of a job a listener was told: of which start of the job, how many bytes of its stdout and stderr, and
 * whether its end. It is the id of each event, so that any process can go on from it without having kept anything.
 */
export type Position = { starts: number; stdout: number; stderr: number; done: boolean };

export const beginning: Position = { starts: 0, stdout: 0, stderr: 0, done: false };

/** More bytes than stderr can have: its cap, three times, since a byte that is no UTF-8 becomes a character of three. */
const STDERR_RANGE = 2 ** 20;

/** `attempt-sequence`, in which the sequence only grows within an attempt. */
export function idOf({ starts, stdout, stderr, done }: Position): string {
  return `${starts}-${(stdout * STDERR_RANGE + stderr) * 2 + (done ? 1 : 0)}`;
}

/** `null` for what is no id of ours. */
export function positionOf(id: string): Position | null {
  const found = /^([0-9]{1,9})-([0-9]{1,15})$/.exec(id);
  if (found === null) return null;
  const sequence = Number(found[2]);
  const said = Math.floor(sequence / 2);
  return {
    starts: Number(found[1]),
    stdout: Math.floor(said / STDERR_RANGE),
    stderr: said % STDERR_RANGE,
    done: sequence % 2 === 1,
  };
}
