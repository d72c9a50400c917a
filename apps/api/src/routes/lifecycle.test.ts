import { jobSchema, listedJobSchema } from '@jobcell/shared/contract';
import { describe, expect, test } from 'vitest';
import { until } from '../../../../tests/support/until.ts';
import { problemOf } from '../testing/caller.ts';
import { eachTest } from '../testing/each-test.ts';
import { succeeded } from '../testing/stand-in-worker.ts';

const suite = eachTest({ MAX_QUEUED: '200' });

const script = 'def main(): return 1';
const unknown = '00000000-0000-4000-8000-000000000000';
const never = () => new Promise<never>(() => undefined);

async function post(more: Record<string, unknown> = {}, headers: Record<string, string> = {}) {
  const answer = await suite.api.call.post('/jobs', { script, ...more }, headers);
  return { status: answer.status, job: jobSchema.parse(answer.json) };
}

async function ended(more: Record<string, unknown> = {}): Promise<string> {
  await suite.work(() => succeeded('"secret result"'));
  const { job } = await post(more);
  await suite.api.call.get(`/jobs/${job.id}?wait_ms=5000`);
  return job.id;
}

const read = async (id: string) => jobSchema.parse((await suite.api.call.get(`/jobs/${id}`)).json);

describe('POST /jobs', () => {
  test('gives metadata back with the job, as it was', async () => {
    const metadata = { account: 'a-1', ключ: 'значение', '': '', constructor: 'x', 'a"b': '\u2028' };
    const { job } = await post({ metadata });
    expect(job.metadata).toEqual(metadata);
    expect((await read(job.id)).metadata).toEqual(metadata);
  });

  test('keeps a name in metadata that is special to JavaScript', async () => {
    const body = `{"script":"x","metadata":{"__proto__":"p","a":"b"}}`;
    const answer = await suite.api.call.post('/jobs', body);
    expect(answer.text).toContain('"metadata":{"__proto__":"p","a":"b"}');
  });

  test('keeps a job for as long as it asks', async () => {
    const job = await read(await ended({ retention_ms: 60_000 }));
    expect(Date.parse(job.retained_until ?? '') - Date.parse(job.finished_at ?? '')).toBe(60_000);
  });

  test('starts a delayed job only when its time has come', async () => {
    const worker = await suite.work(() => succeeded('1'));
    const late = await post({ delay_ms: 700 });
    const soon = await post();
    await until('the other has run', async () => (await read(soon.job.id)).status === 'succeeded');
    expect((await read(late.job.id)).status).toBe('queued');
    await suite.api.call.get(`/jobs/${late.job.id}?wait_ms=10000`);
    const job = await read(late.job.id);
    expect(job.status).toBe('succeeded');
    expect(job.timing.queue_ms).toBeGreaterThanOrEqual(700);
    expect(worker.seen).toHaveLength(2);
  });

  test('expires a job that cannot start within its ttl', async () => {
    const { job } = await post({ ttl_ms: 50 });
    const answer = await suite.api.call.get(`/jobs/${job.id}?wait_ms=10000`);
    expect(answer.json).toMatchObject({ status: 'expired', error: { code: 'expired' }, attempts: 0 });
  });

  test('is the same job again for the same Idempotency-Key and body: 202 once, then 200', async () => {
    const key = { 'Idempotency-Key': 'sync 42/e' };
    const first = await post({ input: 1 }, key);
    const second = await post({ input: 1 }, key);
    expect([first.status, second.status]).toEqual([202, 200]);
    expect(second.job.id).toBe(first.job.id);
    const answer = await suite.api.call.post('/jobs', { script, input: 1 }, key);
    expect(answer.headers).toMatchObject({ location: `/jobs/${first.job.id}`, 'x-job-id': first.job.id });
  });

  test('says idempotency_mismatch for the same key with another body, and makes no job', async () => {
    const key = { 'Idempotency-Key': 'k' };
    await post({ input: 1 }, key);
    const answer = await suite.api.call.post('/jobs', { script, input: 2 }, key);
    expect(problemOf(answer)).toMatchObject({ code: 'idempotency_mismatch', status: 422 });
    expect((await list()).items).toHaveLength(1);
  });

  test('takes one job of 50 requests at once with one Idempotency-Key, 200 times', async () => {
    for (let round = 0; round < 200; round += 1) {
      const key = { 'Idempotency-Key': `round ${round}` };
      const posts = await Promise.all(Array.from({ length: 50 }, () => post({ retention_ms: 0 }, key)));
      const ids = new Set(posts.map(({ job }) => job.id));
      expect(ids.size).toBe(1);
      expect(posts.filter(({ status }) => status === 202)).toHaveLength(1);
      await suite.api.call.send('DELETE', `/jobs/${[...ids][0]}`);
    }
  }, 120_000);

  test.each(['', 'x'.repeat(256), 'a\tb', 'ü'])('refuses %j as an Idempotency-Key', async (key) => {
    const answer = await suite.api.call.post('/jobs', { script }, { 'Idempotency-Key': key });
    expect(problemOf(answer)).toMatchObject({ code: 'invalid_request' });
    expect(problemOf(answer).detail).toContain('Idempotency-Key');
  });
});

describe('DELETE /jobs/:id', () => {
  const remove = (id: string) => suite.api.call.send('DELETE', `/jobs/${id}`);

  test('cancels a queued job, which then never runs, and says the same when it is asked again', async () => {
    const { job } = await post();
    for (let time = 0; time < 2; time += 1) {
      const answer = await remove(job.id);
      expect(answer.status).toBe(200);
      expect(jobSchema.parse(answer.json)).toMatchObject({
        ...{ id: job.id, status: 'cancelled', attempts: 0 },
        error: { code: 'cancelled' },
      });
    }
    const worker = await suite.work(() => succeeded('1'));
    const other = await post();
    await suite.api.call.get(`/jobs/${other.job.id}?wait_ms=5000`);
    expect(worker.seen.map(({ id }) => id)).toEqual([other.job.id]);
  });

  test('cancels a running job even when its worker does not answer, whose outcome then comes too late', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await suite.work(() => promise.then(() => succeeded('"late"')));
    const { job } = await post();
    await until('it runs', async () => (await read(job.id)).status === 'running');
    const answer = await remove(job.id);
    expect(answer.json).toMatchObject({ status: 'cancelled', result: null, attempts: 1 });
    resolve();
    const other = await post();
    await suite.api.call.get(`/jobs/${other.job.id}?wait_ms=5000`);
    expect(await read(job.id)).toMatchObject({ status: 'cancelled', result: null });
  });

  test('says conflict for a job that has ended, and leaves it', async () => {
    const id = await ended();
    expect(problemOf(await remove(id))).toMatchObject({
      ...{ code: 'conflict', status: 409, job_id: id },
      detail: 'The job has ended already: it is succeeded.',
    });
    expect(await read(id)).toMatchObject({ status: 'succeeded', result: 'secret result' });
  });

  test('frees the caller who waits for the job in /execute, with a 409', async () => {
    await suite.work(never);
    const executing = suite.api.call.post('/execute', { script });
    await until('it runs', async () => (await list('?status=running')).items.length === 1);
    await remove((await list()).items[0]?.id ?? '');
    expect(problemOf(await executing)).toMatchObject({
      code: 'cancelled',
      status: 409,
      error: { code: 'cancelled' },
    });
  });

  test.each([unknown, 'x', '..', `${unknown}%00`])('says not_found for %s', async (id) => {
    expect(problemOf(await remove(id)).code).toBe('not_found');
  });

  test('refuses query parameters', async () => {
    expect(problemOf(await remove(`${unknown}?force=1`)).code).toBe('invalid_request');
  });
});

describe('DELETE /jobs/:id/data', () => {
  const remove = (id: string) => suite.api.call.send('DELETE', `/jobs/${id}/data`);

  test('deletes what the caller and the script wrote; the rest of the job stays', async () => {
    const id = await ended({ input: 'secret input', metadata: { a: 'b' } });
    const before = await read(id);
    expect(await remove(id)).toMatchObject({ status: 204, text: '' });
    expect(await read(id)).toEqual({ ...before, result: null, stdout: null, stderr: null });
    expect((await remove(id)).status).toBe(204);
  });

  test('says conflict while the job is queued or runs', async () => {
    const { job } = await post();
    expect(problemOf(await remove(job.id))).toMatchObject({
      code: 'conflict',
      detail: 'The job is queued: cancel it first.',
    });
    await suite.work(never);
    await until('it runs', async () => (await read(job.id)).status === 'running');
    expect(problemOf(await remove(job.id)).code).toBe('conflict');
  });

  test.each([unknown, 'x'])('says not_found for %s', async (id) => {
    expect(problemOf(await remove(id)).code).toBe('not_found');
  });

  test('refuses query parameters', async () => {
    expect(problemOf(await suite.api.call.send('DELETE', `/jobs/${unknown}/data?x=1`)).code).toBe(
      'invalid_request',
    );
  });
});

async function list(
  query = '',
): Promise<{ items: { id: string; status: string }[]; next_cursor: string | null }> {
  const answer = await suite.api.call.get(`/jobs${query}`);
  expect(answer.status).toBe(200);
  return answer.json as Awaited<ReturnType<typeof list>>;
}

describe('GET /jobs', () => {
  test('shows the jobs newest first, in pages, without script, input, result and output', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 7; n += 1) ids.unshift((await post({ input: 'secret input' })).job.id);
    const first = await list('?limit=4');
    const second = await list(`?limit=4&cursor=${first.next_cursor}`);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
    expect(second.next_cursor).toBeNull();
    for (const item of first.items) listedJobSchema.parse(item);
    expect(JSON.stringify(first)).not.toMatch(/secret|def main/);
  });

  test('filters by status', async () => {
    const { job } = await post();
    await suite.api.call.send('DELETE', `/jobs/${job.id}`);
    const queued = await post();
    expect((await list('?status=cancelled')).items.map(({ id }) => id)).toEqual([job.id]);
    expect((await list('?status=queued')).items.map(({ id }) => id)).toEqual([queued.job.id]);
    expect(await list('?status=expired')).toEqual({ items: [], next_cursor: null });
  });

  test.each([
    ['?status=done', 'status must be'],
    ['?limit=0', 'limit must be a whole number from 1 to 100'],
    ['?limit=101', 'limit must be a whole number from 1 to 100'],
    ['?limit=ten', 'limit must be a whole number from 1 to 100'],
    ['?cursor=x', 'cursor must be a next_cursor of this list'],
    ['?page=2', '"page" is not known here'],
    ['?limit=1&limit=2', 'given twice'],
  ])('refuses %s and says why', async (query, detail) => {
    const problem = problemOf(await suite.api.call.get(`/jobs${query}`));
    expect(problem.code).toBe('invalid_request');
    expect(problem.detail).toContain(detail);
  });
});

test('a caller of /execute who hangs up has the job cancelled', async () => {
  await suite.work(never);
  const controller = new AbortController();
  const executing = fetch(`${suite.api.call.url}/execute`, {
    ...{ method: 'POST', headers: { 'Content-Type': 'application/json' } },
    ...{ body: JSON.stringify({ script }), signal: controller.signal },
  }).catch((error: Error) => error.name);
  await until('it runs', async () => (await list('?status=running')).items.length === 1);
  const [job] = (await list()).items;
  controller.abort();
  expect(await executing).toBe('AbortError');
  const { store } = suite.api.parts;
  await until('its worker is told', async () => (await store.askedToCancel([job?.id ?? ''])).length === 1);
});
