import { type Logger as PinoLogger, pino } from 'pino';

export type Logger = PinoLogger;

/**
 * JSON lines on stdout. What is logged are ids, codes, counts and times: no byte of a script, an input, an output
 * or a secret. Errors are logged by class and message only where the message is ours.
 */
export function createLogger(level: string, part: string): Logger {
  // Synchronous: the default destination flushes at the exit and, when nobody reads stdout any more, tries that for ever.
  const stdout = pino.destination({ fd: 1, sync: true });
  return pino({ level, base: { part }, timestamp: pino.stdTimeFunctions.isoTime }, stdout);
}
