import { type Ground, prepare } from './prepare.ts';
import { endRunning } from './run.ts';
import { Refusal, runTool } from './say.ts';
import { onStopRequests, type StopRequests } from './stop-requests.ts';

const STOPPED_BEFORE_READY = 130;

/**
 * What `npm start` and `npm run dev` have in common: prepares the ground and serves on it until a stop is asked for.
 * `defaults` are settings that the environment may replace.
 */
export async function runService(
  serve: (ground: Ground, stops: StopRequests) => Promise<number>,
  defaults: NodeJS.ProcessEnv = {},
): Promise<void> {
  await runTool(async () => {
    const stops = onStopRequests(process.env);
    stops.first.addEventListener('abort', endRunning);
    try {
      return await serve(await prepare({ ...defaults, ...process.env }), stops);
    } catch (error) {
      const wasStopped = error instanceof Refusal || (error as Error).name === 'AbortError';
      if (stops.first.aborted && wasStopped) return STOPPED_BEFORE_READY;
      throw error;
    }
  });
}
