import { jobSchema } from '@jobcell/shared/contract';
import { describe, expect, test } from 'vitest';
import { until } from '../../../../tests/support/until.ts';
import { startApi } from '../testing/api.ts';
import { problemOf } from '../testing/caller.ts';
import { eachTest } from '../testing/each-test.ts';
import { succeeded } from '../testing/stand-in-worker.ts';

const suite = eachTest({ MAX_QUEUED: '3' });

const script = 'def main(): return 1';

describe('POST /jobs', () => {
  test('accepts a job while no worker is there, says where it is, and queues it when one comes', async () => {
    const answer = await suite.api.call.post('/jobs', { script, input: [1] });
    expect(answer.status).toBe(202);
    const job = jobSchema.parse(answer.json);
    expect(job).toMatchObject({ status: 'queued', attempts: 0, result: null, started_at: null });
    expect(answer.headers).toMatchObject({ location: `/jobs/${job.id}`, 'x-job-id': job.id });
    const { queue } = suite.api.parts;
    expect(await queue.missing([job.id])).toEqual([job.id]);
    await suite.work(() => new Promise(() => undefined));
    await until('it is queued', async () => (await queue.missing([job.id])).length === 0);
  });

  test('gives ids that are random and told to nobody else', async () => {
    const ids = [await suite.accepted(), await suite.accepted()];
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  test('runs the job when a worker starts', async () => {
    const id = await suite.accepted();
    await suite.work(() => succeeded('1'));
    expect((await suite.api.call.get(`/jobs/${id}?wait_ms=5000`)).json).toMatchObject({
      status: 'succeeded',
      result: 1,
    });
  });

  test('says queue_full with the limit that is reached, and accepts again when there is room', async () => {
    const ids = [await suite.accepted(), await suite.accepted(), await suite.accepted()];
    const answer = await suite.api.call.post('/jobs', { script });
    expect(problemOf(answer)).toMatchObject({
      code: 'queue_full',
      status: 503,
      detail: '3 jobs wait already (MAX_QUEUED).',
    });
    expect(answer.headers['retry-after']).toMatch(/^[0-9]+$/);
    await suite.work(() => succeeded('1'));
    for (const id of ids) await suite.api.call.get(`/jobs/${id}?wait_ms=5000`);
    await suite.accepted();
  });

  test('says queue_full when the records fill the store', async () => {
    const small = await startApi(suite.redis.url, { MAX_STORE_MB: '1' });
    await until('the API is connected', async () => (await small.call.get('/ready')).text.includes('worker'));
    const body = { script, input: 'x'.repeat(500_000) };
    expect((await small.call.post('/jobs', body)).status).toBe(202);
    expect(problemOf(await small.call.post('/jobs', body)).detail).toBe(
      'The records fill 80% of 1 MiB (MAX_STORE_MB).',
    );
    await small.close();
  });

  test('answers 202 when the job could not be queued, since the sweep will', async () => {
    await suite.work(() => new Promise(() => undefined));
    suite.api.parts.queue.add = () => Promise.reject(new Error('Connection is closed.'));
    const id = await suite.accepted();
    expect(await suite.api.parts.queue.missing([id])).toEqual([id]);
  });

  test('refuses any query parameter', async () => {
    expect(problemOf(await suite.api.call.post('/jobs?wait_ms=1', { script })).detail).toBe(
      'In the query: "wait_ms" is not known here.',
    );
  });
});
