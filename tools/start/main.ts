import { prepare } from '../lib/prepare.ts';
import { endRunning } from '../lib/run.ts';
import { Refusal, runTool } from '../lib/say.ts';
import { onStopRequests } from '../lib/stop-requests.ts';
import { serve } from './serve.ts';

const STOPPED_BEFORE_READY = 130;

/** `npm start`: brings what is missing, then runs Redis, the API and a worker until it is told to stop. */
await runTool(async () => {
  const stops = onStopRequests(process.env);
  stops.first.addEventListener('abort', endRunning);
  try {
    return await serve(await prepare(process.env), stops);
  } catch (error) {
    const wasStopped = error instanceof Refusal || (error as Error).name === 'AbortError';
    if (stops.first.aborted && wasStopped) return STOPPED_BEFORE_READY;
    throw error;
  }
});
