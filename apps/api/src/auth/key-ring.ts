import { anyone, type Caller, type KeyCreated, type KeyRequest } from '@jobcell/shared/contract';
import { isSecretOf, type KeyPage, type KeyStore, type KeyText, type StoredKey } from '@jobcell/shared/keys';
import type { Logger } from '@jobcell/shared/log';
import { ApiError } from '../http/api-error.ts';
import { errorName } from '../http/error-name.ts';
import type { Credentials } from './bearer.ts';
import { Remembered } from './remembered.ts';
import { type LimitSettings, tenantLimits } from './tenant-limits.ts';

/** Well below the second within which a revocation, and the first key, must be known to every API process. */
const REMEMBERED_MS = 500;
const KEYS_REMEMBERED = 10_000;
const NOTE_USE_EVERY_MS = 60_000;

type Entry = StoredKey & { caller: Caller; usedAt: number; expiresAt: number };

/** The keys as this process knows them: what Redis says of one is used for half a second. */
export class KeyRing {
  readonly #store: KeyStore;
  readonly #log: Logger;
  readonly #entries: Remembered<Entry>;
  /** While no key was ever made: true. That one was is kept in `#required`, and for good. */
  readonly #open: Remembered<true>;
  #required = false;

  constructor(store: KeyStore, settings: LimitSettings, log: Logger) {
    this.#store = store;
    this.#log = log;
    this.#entries = new Remembered({
      ask: async (id) => entryOf(await store.find(id), settings),
      forMs: REMEMBERED_MS,
      size: KEYS_REMEMBERED,
    });
    this.#open = new Remembered({
      ask: async () => ((await store.everMade()) ? null : true),
      forMs: REMEMBERED_MS,
      size: 1,
    });
  }

  /** Whether callers need a key: from the first one on, whatever becomes of it, and then for as long as this process lives. */
  async required(): Promise<boolean> {
    // Only ever set: a key may be made here while Redis is asked.
    if (!this.#required && (await this.#open.get('')) === null) this.#required = true;
    return this.#required;
  }

  /** Who sent these. Throws `unauthorized`, or what Redis throws: nobody is let in because it is down. */
  async identify(credentials: Credentials): Promise<Caller> {
    // A key is looked for even where none seems to exist: it may be half a second old.
    const who = 'refused' in credentials ? credentials : await this.#find(credentials);
    if (!('refused' in who)) return who;
    if (await this.required()) throw new ApiError('unauthorized', who.refused);
    return anyone;
  }

  async create(request: KeyRequest): Promise<KeyCreated> {
    const created = await this.#store.create(request);
    this.#required = true;
    return created;
  }

  async list(limit: number, cursor: string | null): Promise<KeyPage> {
    return await this.#store.list(limit, cursor);
  }

  /** False when there is no such key. */
  async revoke(id: string): Promise<boolean> {
    const revoked = await this.#store.revoke(id);
    this.#entries.forget(id);
    return revoked;
  }

  async #find({ id, secret }: KeyText): Promise<Caller | { refused: string }> {
    const entry = await this.#entries.get(id);
    if (entry === null || !isSecretOf(secret, entry.hash))
      return { refused: 'There is no such key, or it was revoked.' };
    this.#required = true;
    const now = Date.now();
    if (now >= entry.expiresAt) return { refused: 'The key has expired.' };
    if (now - entry.usedAt >= NOTE_USE_EVERY_MS) this.#noteUse(entry, now);
    return entry.caller;
  }

  /** Off the request's way: nobody waits for it, and a use that cannot be noted is noted with a later one. */
  #noteUse(entry: Entry, now: number): void {
    entry.usedAt = now;
    this.#store.used(entry.key.id, now).catch((error: unknown) => {
      this.#log.warn({ key_id: entry.key.id, error: errorName(error) }, 'use of a key not noted');
    });
  }
}

function entryOf(stored: StoredKey | null, settings: LimitSettings): Entry | null {
  if (stored === null) return null;
  const { id, tenant, scopes, limits, last_used_at, expires_at } = stored.key;
  return {
    ...stored,
    caller: {
      tenant,
      key: id,
      scopes,
      limits: tenantLimits(limits, settings),
      webhookSecret: stored.webhookSecret,
    },
    usedAt: last_used_at === null ? 0 : Date.parse(last_used_at),
    expiresAt: expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(expires_at),
  };
}
