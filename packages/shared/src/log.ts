import { type Logger as PinoLogger, pino } from 'pino';

export type Logger = PinoLogger;

/**
 * JSON lines on stdout. What is logged are ids, codes, counts and times: no byte of a script, an input, an output
 * or a secret. Errors are logged by class and message only where the message is ours.
 */
export function createLogger(level: string, part: string): Logger {
  return pino({ level, base: { part }, timestamp: pino.stdTimeFunctions.isoTime });
}
