import { runService } from '../lib/run-service.ts';
import { develop } from './develop.ts';

/** A reload does not wait long for the jobs that run; they run again. */
const DEFAULTS = { SHUTDOWN_GRACE_MS: '2000' };

/** `npm run dev`: what `npm start` runs, with all logs, each part started anew when its files change. */
await runService(develop, DEFAULTS);
