import type { Redis } from 'ioredis';
import type { JobStatus } from '../contract/index.ts';
import { pairs } from './changes.ts';
import { listFields, recordOf } from './fields.ts';
import type { JobRecord } from './record.ts';

/** One page, newest first: the job objects have no output. `cursor` is the `next` of the page before: digits. */
export type ListRequest = { status: JobStatus | null; limit: number; cursor: string | null };
export type JobList = { jobs: JobRecord['job'][]; next: string | null };

/** A record with its place in an index: µs of its creation, which no two jobs share. */
type PlacedRecord = { record: JobRecord; place: string };

/** One page of the tenant's jobs, without those that only check a script. */
export async function listJobs(
  redis: Redis,
  prefix: string,
  tenant: string,
  { status, limit, cursor }: ListRequest,
): Promise<JobList> {
  const index = `${prefix}:tenant:${tenant}:${status ?? 'jobs'}`;
  const jobs: JobRecord['job'][] = [];
  let last: string | null = null;
  for await (const { record, place } of newestFirst(redis, prefix, index, cursor, limit)) {
    if (record.kind === 'check') continue;
    if (jobs.length === limit) return { jobs, next: last };
    jobs.push(record.job);
    last = place;
  }
  return { jobs, next: null };
}

/** The records of an index from the place `after` on, `atOnce` with one round trip. */
async function* newestFirst(
  redis: Redis,
  prefix: string,
  index: string,
  after: string | null,
  atOnce: number,
): AsyncGenerator<PlacedRecord> {
  for (let place = after; ; ) {
    const below = place === null ? '+inf' : `(${place}`;
    const args = ['BYSCORE', 'REV', 'LIMIT', 0, atOnce, 'WITHSCORES'] as const;
    const found = pairs(await redis.zrange(index, below, '-inf', ...args));
    const values = await Promise.all(found.map(([id]) => redis.hmget(`${prefix}:job:${id}`, ...listFields)));
    for (const [at, [id, score]] of found.entries()) {
      const record = recordOf(id, values[at] ?? []);
      place = score;
      if (record !== null) yield { record, place };
    }
    if (found.length < atOnce) return;
  }
}
