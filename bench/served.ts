import { readSettings } from '@jobcell/shared/config';
import { startRedis } from '../tests/support/redis.ts';
import { type Stack, startStack } from '../tests/support/stack.ts';
import { Refusal } from '../tools/lib/say.ts';
import { openCaller } from './caller.ts';
import { lastTrouble } from './log-lines.ts';
import { type Script, scripts, sourceOf } from './scripts.ts';
import { type Runner, runner } from './subjects.ts';

export type Driver = 'process' | 'docker';
export type Start = 'warm' | 'cold';

/** `/execute` of a stack of its own: Redis, API and one worker. */
export type Served = Runner & { driver: Driver; start: Start; stack: Stack };

/** As many as a worker has that is not told. */
export const SLOTS = readSettings({}).SANDBOX_SLOTS;
/** A cold job among 16 may take longer than the default of a request. */
const TIMEOUT_MS = 20_000;
const ANSWER_SHOWN = 500;

const requestOf = (script: Script) => ({ script: sourceOf(script), timeout_ms: TIMEOUT_MS });
const bodies = new Map(scripts.map((script) => [script, JSON.stringify(requestOf(script))]));

/** What a stack is called in all that is printed. */
export const nameOf = (driver: Driver, start: Start): string => `/execute ${start}, ${driver}`;

/** Starts a stack that ends with `owner`, and tries each script in it. Refuses one whose jails start otherwise. */
export async function openServed(driver: Driver, start: Start, owner: AsyncDisposableStack): Promise<Served> {
  const name = nameOf(driver, start);
  const redis = await startRedis(); // our own, so that its files go also where the stack never comes to be
  owner.defer(() => redis.stop());
  const settings = { SANDBOX_START: start };
  const stack = await startStack({ driver, slots: SLOTS, redis, settings }).catch((error: Error) => {
    throw new Refusal(`${name} did not start: ${lastTrouble(error.message) || error.message}`);
  });
  owner.defer(() => stack.stop());
  await tryOut(stack, name, start);
  const caller = openCaller(stack.client.url);
  owner.defer(async () => caller.close());
  const served = runner(name, start, async (script) => {
    const reply = await caller.post(bodies.get(script) ?? '');
    if (reply.status !== 200) throw new Error(whyNot(reply, stack));
    return { serverTiming: reply.serverTiming };
  });
  return { ...served, driver, start, stack };
}

/** What its parts have warned of, for the reader to judge the figures by; `null` when nothing. */
export function troubleOf({ name, stack }: Served): string | null {
  const trouble = lastTrouble(stack.logs());
  return trouble === '' ? null : `${name}: ${trouble}`;
}

/** Refuses a start other than the one that was asked for: a machine may not let jails be made ahead. */
async function tryOut(stack: Stack, name: string, start: Start): Promise<void> {
  for (const script of scripts) {
    const { answer, job } = await stack.client.run(requestOf(script));
    if (answer.status !== 200) throw new Refusal(`${name} failed ${script}: ${whyNot(answer, stack)}`);
    const was = job.warm ? 'warm' : 'cold';
    if (was === start) continue;
    throw new Refusal(`${name}: the jail of ${script} was ${was}. ${lastTrouble(stack.logs())}`);
  }
}

/** The API's answer, and what its parts have warned of. */
function whyNot({ status, text }: { status: number; text: string }, stack: Stack): string {
  const trouble = lastTrouble(stack.logs());
  return `${status} ${text.trim().slice(0, ANSWER_SHOWN)}${trouble && `\nwarned: ${trouble}`}`;
}
