import { runService } from '../lib/run-service.ts';
import { serve } from './serve.ts';

/** `npm start`: brings what is missing, then runs Redis, the API and a worker until it is told to stop. */
await runService(serve);
