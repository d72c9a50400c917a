import { parseArgs } from 'node:util';

/** A command line, understood. */
export type Command = { name: 'help' } | { name: 'examine'; json: boolean };

/** A command line that is not understood; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const flag = { type: 'boolean' } as const;

/** Throws a `UsageError`. */
export function readArguments(words: readonly string[]): Command {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: { json: flag, help: { ...flag, short: 'h' } },
    });
    return values.help ? { name: 'help' } : { name: 'examine', json: values.json ?? false };
  } catch (error) {
    const [line = ''] = (error as Error).message.split(/[.\n]/);
    throw new UsageError(line);
  }
}
