import type { DeliveryError } from '@jobcell/shared/contract';
import { type ConnectOptions, connect } from './connect.ts';
import { excerptOf } from './excerpt.ts';
import { type Answer, exchange, type Message } from './exchange.ts';
import { DeliveryFailure } from './failure.ts';
import { retryAfterMs } from './retry-after.ts';

export type PosterOptions = Omit<ConnectOptions, 'servers'> & {
  servers?: readonly string[];
  /** For all of it: the name's look-up, the connection, TLS, the message and its answer. */
  timeoutMs: number;
};

export type PostRequest = Message & { signal?: AbortSignal | undefined };

/** `error` is `null` for a 2xx. `retryAfterMs` is what the receiver asks for, where it did not take the message. */
export type PostResult = {
  statusCode: number | null;
  error: DeliveryError | null;
  durationMs: number;
  /** The beginning of the answer's body, safe to show. */
  excerpt: string | null;
  retryAfterMs: number | null;
  /** Whether the receiver gave an answer of any status. */
  answered: boolean;
};

/**
 * Posts webhooks. Each has a connection of its own: none that was kept can be found closed by the receiver, and
 * nothing is left of a host that is not posted to any more.
 */
export class Poster {
  readonly #options: ConnectOptions;
  readonly #timeoutMs: number;
  readonly #running = new Map<Promise<unknown>, AbortController>();
  #closed = false;

  constructor({ rule, servers = [], timeoutMs, ca }: PosterOptions) {
    this.#options = { rule, servers, ca };
    this.#timeoutMs = timeoutMs;
  }

  /**
   * What became of one attempt. Rejects where nothing is known of it: `signal` aborted, or this was closed, before
   * there was an answer; or a header is one that HTTP cannot carry.
   */
  async post({ signal, ...message }: PostRequest): Promise<PostResult> {
    if (this.#closed) throw closedError();
    signal?.throwIfAborted();
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(new DeliveryFailure('timeout')), this.#timeoutMs);
    const stopped = () => stop.abort(signal?.reason);
    signal?.addEventListener('abort', stopped, { once: true });
    const attempt = this.#attempt(message, stop.signal);
    this.#running.set(attempt, stop);
    try {
      return await attempt;
    } finally {
      this.#running.delete(attempt);
      signal?.removeEventListener('abort', stopped);
      clearTimeout(timer);
    }
  }

  /** Stops what is under way, and waits until it has stopped. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#running.values()) stop.abort(closedError());
    await Promise.allSettled(this.#running.keys());
  }

  async #attempt(message: Message, signal: AbortSignal): Promise<PostResult> {
    const startedAt = performance.now();
    const durationMs = () => Math.round(performance.now() - startedAt);
    try {
      const socket = await connect(message.url, this.#options, signal);
      return { ...resultOf(await exchange(socket, message, signal)), durationMs: durationMs() };
    } catch (error) {
      if (!(error instanceof DeliveryFailure)) throw error;
      return {
        statusCode: null,
        error: error.code,
        durationMs: durationMs(),
        excerpt: null,
        retryAfterMs: null,
        answered: false,
      };
    }
  }
}

function resultOf({ statusCode, retryAfter, body }: Answer): Omit<PostResult, 'durationMs'> {
  const error = errorOf(statusCode);
  return {
    statusCode,
    error,
    excerpt: excerptOf(body),
    retryAfterMs: error === null ? null : retryAfterMs(retryAfter, Date.now()),
    answered: true,
  };
}

function errorOf(statusCode: number): DeliveryError | null {
  if (statusCode >= 200 && statusCode < 300) return null;
  if (statusCode >= 300 && statusCode < 400) return 'redirect';
  return statusCode === 410 ? 'gone' : 'bad_status';
}

function closedError(): Error {
  return new Error('the poster is closed');
}
