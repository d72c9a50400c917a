import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

/** Runs a Lua script of `lua/` by its hash, and sends its text only when Redis does not know it. */
export type RunScript = (redis: Redis, keys: string[], args: (string | number)[]) => Promise<unknown>;

/** `ahead`: what goes ahead of the script's own text, after `clock.lua`, which always does. */
export function loadScript(name: string, ...ahead: ('deliveries' | 'common' | 'slots')[]): RunScript {
  const text = ['clock', ...ahead, name].map(read).join('');
  const hash = createHash('sha1').update(text).digest('hex');
  return async (redis, keys, args) => {
    try {
      return await redis.evalsha(hash, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return await redis.eval(text, keys.length, ...keys, ...args);
    }
  };
}

function read(name: string): string {
  return readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');
}
