import type { Caller } from '@jobcell/shared/contract';
import type { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { ApiError } from '../http/api-error.ts';
import type { ApiContext } from '../http/context.ts';

/** Counts the requests of each tenant in windows of one second, in Redis, for all API processes together. */
export class RateLimit {
  readonly #counter: RateLimiterRedis;

  constructor(redis: Redis, prefix: string) {
    // The library counts, and is given no limit of its own: that is the key's, and keys of one tenant may differ.
    const points = Number.MAX_SAFE_INTEGER;
    this.#counter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `${prefix}:requests`,
      points,
      duration: 1,
    });
  }

  /** Counts this request and says in its answer what is left; throws `rate_limited` where nothing is. */
  async count(c: ApiContext, { tenant, limits }: Caller): Promise<void> {
    if (limits === null) return;
    const { requestsPerSecond } = limits;
    const { consumedPoints, msBeforeNext } = await this.#counter.consume(tenant);
    const resetS = Math.max(1, Math.ceil(msBeforeNext / 1000));
    c.header('RateLimit-Limit', String(requestsPerSecond));
    c.header('RateLimit-Remaining', String(Math.max(0, requestsPerSecond - consumedPoints)));
    c.header('RateLimit-Reset', String(resetS));
    if (consumedPoints <= requestsPerSecond) return;
    throw new ApiError(
      'rate_limited',
      `The requests of this tenant are limited to ${requestsPerSecond} a second (requests_per_second).`,
      { retryAfterS: resetS },
    );
  }
}
