import type { Key } from '../../contract/index.ts';
import { createLogger } from '../../log.ts';
import { connectRedis, untilReady } from '../../store/redis.ts';
import { KeyStore } from '../key-store.ts';
import { type Command, readArguments, UsageError } from './arguments.ts';
import { HELP } from './help.ts';
import { showCreated, showKeys } from './show.ts';

/** Where the keys are. `withUrl` gives `use` the URL of a Redis that is there until `use` is done. */
export type KeysPlace = {
  prefix: string;
  withUrl(use: (url: string) => Promise<number>): Promise<number>;
};

const REDIS_TIMEOUT_MS = 5_000;
const PAGE = 100;

/**
 * Runs the words of `npm run keys -- …`, and says on stdout what came of it, on stderr what went wrong. Resolves to the
 * exit code: 0 done, 1 cannot be done, 2 not understood.
 */
export async function runKeysCommand(words: readonly string[], place: KeysPlace): Promise<number> {
  let command: Command;
  try {
    command = readArguments(words);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return complain(2, `${error.message} (npm run keys -- --help)`);
  }
  if (command.name === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  return await place.withUrl((url) => withStore(url, place.prefix, (store) => perform(command, store)));
}

async function withStore(
  url: string,
  prefix: string,
  use: (store: KeyStore) => Promise<number>,
): Promise<number> {
  const redis = connectRedis(url, 'request', createLogger('silent', 'keys'));
  try {
    await untilReady(redis, REDIS_TIMEOUT_MS);
    return await use(new KeyStore(redis, prefix));
  } catch (error) {
    return complain(1, (error as Error).message);
  } finally {
    redis.disconnect();
  }
}

async function perform(command: Exclude<Command, { name: 'help' }>, store: KeyStore): Promise<number> {
  switch (command.name) {
    case 'create': {
      const created = await store.create(command.request);
      const { id, key } = created;
      const { webhook_secret } = command.request;
      process.stdout.write(
        command.json
          ? `${JSON.stringify({ id, key, webhook_secret })}\n`
          : showCreated(created, webhook_secret),
      );
      return 0;
    }
    case 'list': {
      const items = await allKeys(store);
      const list = { items, next_cursor: null };
      process.stdout.write(command.json ? `${JSON.stringify(list)}\n` : showKeys(items));
      return 0;
    }
    case 'revoke': {
      if (!(await store.revoke(command.id)))
        return complain(1, `there is no key ${JSON.stringify(command.id)}`);
      process.stdout.write(`${command.id} is revoked\n`);
      return 0;
    }
  }
}

async function allKeys(store: KeyStore): Promise<Key[]> {
  const keys: Key[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.list(PAGE, cursor);
    keys.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return keys;
}

function complain(code: number, text: string): number {
  process.stderr.write(`jobcell: ${text}\n`);
  return code;
}
