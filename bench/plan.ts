import { parseArgs } from 'node:util';
import { Refusal } from '../tools/lib/say.ts';
import type { Script } from './scripts.ts';
import type { Driver } from './served.ts';
import type { Kind } from './subjects.ts';

/** What is asked for on the command line. `drivers`: those that are to be measured, if the machine can run them. */
export type Plan = { rounds: number; quick: boolean; drivers: Driver[] };

const QUICK_ROUNDS = '2';
const ROUNDS = '5';

export const HELP = `Measures what /execute costs, warm and cold, beside a bare interpreter, a bare fork and a bare nsjail.

  npm run bench [-- --rounds N] [--only process|docker] [--quick]

  --rounds N   interleaved rounds, 1 to 99; the median of them counts (${ROUNDS})
  --only NAME  one driver instead of both
  --quick      ${QUICK_ROUNDS} rounds of fewer runs, to try the benchmark itself
  --help       this text

Compare ratios within one run, on a machine that does nothing else. docs/performance.md has what was found.
`;

/** What `HELP` says; `undefined` where that is asked for. What is not understood is a `Refusal`. */
export function readPlan(args: string[]): Plan | undefined {
  const options = {
    rounds: { type: 'string' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  const values = parse(() => parseArgs({ args, options }).values);
  if (values.help) return undefined;
  const { quick, only, rounds = quick ? QUICK_ROUNDS : ROUNDS } = values;
  if (!/^[1-9]\d?$/.test(rounds)) throw new Refusal(`--rounds must be from 1 to 99; it is ${rounds}`);
  if (only !== undefined && only !== 'process' && only !== 'docker')
    throw new Refusal(`--only must be process or docker; it is ${only}`);
  return { rounds: Number(rounds), quick, drivers: only === undefined ? ['process', 'docker'] : [only] };
}

function parse<T>(use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw new Refusal(`${(error as Error).message} (npm run bench -- --help)`);
  }
}

/** What takes long is run less often, else it would make up the whole time. */
const inARow: Record<Script, Record<Kind, number>> = {
  trivial: { bare: 60, floor: 200, nsjail: 60, warm: 200, cold: 60 },
  pandas: { bare: 8, floor: 60, nsjail: 8, warm: 60, cold: 8 },
};
const atOnce: Record<Script, Partial<Record<Kind, number>>> = {
  trivial: { bare: 160, warm: 320, cold: 96 },
  pandas: { bare: 12, warm: 160, cold: 12 },
};
/** V8 compiles the API and the worker on the way: a call gets cheaper by a third within the first 700. */
const settling: Partial<Record<Kind, number>> = { warm: 1000, cold: 300 };
const QUICK_PART = 4;
const FEWEST = 4;

/** Runs before the first round. */
export function runsToSettle(plan: Plan, kind: Kind): number {
  return lessIfQuick(plan, settling[kind] ?? 0);
}

/** Runs in one round, one after another. */
export function runsInARow(plan: Plan, script: Script, kind: Kind): number {
  return lessIfQuick(plan, inARow[script][kind]);
}

/** Runs in one round with `concurrency` of them at once: each of those runs two at least. */
export function runsAtOnce(plan: Plan, script: Script, kind: Kind, concurrency: number): number {
  return Math.max(lessIfQuick(plan, atOnce[script][kind] ?? 0), 2 * concurrency);
}

function lessIfQuick({ quick }: Plan, runs: number): number {
  return quick ? Math.max(FEWEST, Math.round(runs / QUICK_PART)) : runs;
}
