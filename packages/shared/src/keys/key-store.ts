import type { ChainableCommander, Redis } from 'ioredis';
import type { Key, KeyCreated, KeyRequest } from '../contract/index.ts';
import { formatKey, hashOf, newKeyText } from './key-text.ts';

/** A key with the hash of its secret, and what it signs webhooks with. */
export type StoredKey = { key: Key; hash: Buffer; webhookSecret: string | null };

/** Keys, newest first, and what to ask for the next ones with; `null` at the end. */
export type KeyPage = { items: Key[]; next_cursor: string | null };

/** A place in the order of keys: when one was made, and its id. */
export const KEY_CURSOR = /^[0-9]{13}-[0-9a-f]{32}$/;

/** Those facts of a key that never change, as they lie in its record. */
type Facts = Omit<Key, 'last_used_at'>;

/**
 * API keys in Redis: a record each (`key:<id>`: the secret's hash, the facts, its webhook secret), their order (`keys`), their last use
 * (`keys:used`, by id), and `keys:required`, which is set by the first key and stays.
 */
export class KeyStore {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /** Makes a key. What this returns is the only place where its text ever stands. */
  async create(request: KeyRequest): Promise<KeyCreated> {
    const text = newKeyText();
    const facts = factsOf(text.id, request);
    const record = {
      hash: hashOf(text.secret).toString('hex'),
      facts: JSON.stringify(facts),
      ...(request.webhook_secret === undefined ? {} : { webhook_secret: request.webhook_secret }),
    };
    await all(
      this.#redis
        .multi()
        .hset(this.#record(text.id), record)
        .zadd(this.#name('keys'), 0, placeOf(facts))
        .zadd(this.#name('keys:used'), 0, text.id)
        .set(this.#name('keys:required'), '1'),
    );
    const { id, name, tenant, scopes, created_at, expires_at } = facts;
    return { id, key: formatKey(text), name, tenant, scopes, created_at, expires_at };
  }

  /** `null` when there is no such key, or it was revoked. An expired one is still there. */
  async find(id: string): Promise<StoredKey | null> {
    return (await this.#read([id]))[0] ?? null;
  }

  /** At most `limit` keys from `cursor` on. One that is revoked between two pages is not missed, nor shown twice. */
  async list(limit: number, cursor: string | null): Promise<KeyPage> {
    const from = cursor === null ? '+' : `(${cursor}`;
    const places = await this.#redis.zrange(
      this.#name('keys'),
      ...([from, '-', 'BYLEX', 'REV', 'LIMIT', 0, limit + 1] as const),
    );
    const shown = places.slice(0, limit);
    const stored = await this.#read(shown.map(idOf));
    return {
      items: stored.flatMap((found) => (found === null ? [] : [found.key])),
      next_cursor: places.length > limit ? (shown.at(-1) ?? null) : null,
    };
  }

  /** False when there is no such key. */
  async revoke(id: string): Promise<boolean> {
    const found = await this.find(id);
    if (found === null) return false;
    const [deleted] = await all(
      this.#redis
        .multi()
        .del(this.#record(id))
        .zrem(this.#name('keys'), placeOf(found.key))
        .zrem(this.#name('keys:used'), id),
    );
    return deleted === 1;
  }

  /** Whether there ever was a key: revoking or outliving the last one opens nothing. */
  async everMade(): Promise<boolean> {
    return (await this.#redis.exists(this.#name('keys:required'))) === 1;
  }

  /** Notes that a key was used at `atMs`; of one that was revoked meanwhile nothing comes back. */
  async used(id: string, atMs: number): Promise<void> {
    await this.#redis.zadd(this.#name('keys:used'), 'XX', 'GT', atMs, id);
  }

  /** One round trip, however many ids. */
  async #read(ids: string[]): Promise<(StoredKey | null)[]> {
    if (ids.length === 0) return [];
    const [records, uses] = await Promise.all([
      Promise.all(ids.map((id) => this.#redis.hmget(this.#record(id), 'hash', 'facts', 'webhook_secret'))),
      this.#redis.zmscore(this.#name('keys:used'), ...ids),
    ]);
    return records.map(([hash, facts, webhookSecret = null], index) =>
      hash == null || facts == null
        ? null
        : { ...storedKey(hash, facts, Number(uses[index] ?? 0)), webhookSecret },
    );
  }

  #record(id: string): string {
    return this.#name(`key:${id}`);
  }

  #name(name: string): string {
    return `${this.#prefix}:${name}`;
  }
}

function factsOf(id: string, { name, tenant, scopes, limits, expires_at }: KeyRequest): Facts {
  return {
    id,
    name,
    tenant: tenant ?? id,
    scopes,
    limits: {
      requests_per_second: limits?.requests_per_second ?? null,
      jobs_at_once: limits?.jobs_at_once ?? null,
      backlog: limits?.backlog ?? null,
      store_mb: limits?.store_mb ?? null,
    },
    created_at: new Date().toISOString(),
    expires_at: expires_at === undefined ? null : new Date(expires_at).toISOString(),
  };
}

const storedKey = (hash: string, facts: string, usedAtMs: number): Omit<StoredKey, 'webhookSecret'> => ({
  hash: Buffer.from(hash, 'hex'),
  key: {
    ...(JSON.parse(facts) as Facts),
    last_used_at: usedAtMs === 0 ? null : new Date(usedAtMs).toISOString(),
  },
});

/** Redis orders places by their text, so that of the time has one length. */
const placeOf = ({ id, created_at }: Facts): string => `${Date.parse(created_at)}-${id}`;
const idOf = (place: string): string => place.slice(place.indexOf('-') + 1);

/** The replies of a transaction; throws the first error among them, or the one for which Redis did none of it. */
async function all(transaction: ChainableCommander): Promise<unknown[]> {
  const replies = await transaction.exec().catch((error: Error & { previousErrors?: Error[] }) => {
    throw error.previousErrors?.[0] ?? error;
  });
  if (replies === null) throw new Error('the transaction was not run'); // only where a key is watched; none is
  for (const [error] of replies) if (error) throw error;
  return replies.map(([, reply]) => reply);
}
