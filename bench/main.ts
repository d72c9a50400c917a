import { setTimeout as pause } from 'node:timers/promises';
import { runTool, say } from '../tools/lib/say.ts';
import { onStopRequests } from '../tools/lib/stop-requests.ts';
import { bench } from './bench.ts';
import { HELP, readPlan } from './plan.ts';
import { endChildren, killChildren } from './processes.ts';

const STOPPED = 130;
/** A Ctrl-C reaches the parts as well: what fails by it may be told before the wish itself. */
const WISH_MS = 200;

/**
 * `npm run bench`: what `/execute` costs, warm and cold, beside a bare interpreter, a bare fork and a bare nsjail.
 * Whatever its end, nothing that it has started stays behind.
 */
await runTool(async () => {
  const plan = readPlan(process.argv.slice(2));
  if (plan === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  const stops = onStopRequests(process.env);
  stops.second.addEventListener('abort', () => {
    killChildren();
    process.exit(STOPPED);
  });
  const owner = new AsyncDisposableStack();
  try {
    await bench(plan, stops.first, owner);
    return 0;
  } catch (error) {
    await pause(WISH_MS);
    if (!stops.first.aborted) throw error;
    say('stopping');
    return STOPPED;
  } finally {
    await owner.disposeAsync();
    if (stops.first.aborted) {
      await endChildren();
      process.exit(STOPPED); // whatever still waits for what is gone now
    }
  }
});
