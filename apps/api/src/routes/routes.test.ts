import { runtimeResponseSchema, validateResponseSchema } from '@jobcell/shared/contract';
import { describe, expect, test } from 'vitest';
import { problemOf } from '../testing/caller.ts';
import { eachTest } from '../testing/each-test.ts';
import { facts, failed, succeeded } from '../testing/stand-in-worker.ts';

const suite = eachTest({ EXECUTE_WAIT_MS: '500', MAX_TIMEOUT_MS: '2000', MAX_MEMORY_MB: '128' });

describe('POST /validate', () => {
  const invalid = '{"valid":false,"problems":[{"code":"syntax_error","message":"m","line":1,"column":null}]}';

  test('answers with what the check job found, as the text that it is', async () => {
    const worker = await suite.work(() => succeeded(invalid));
    const answer = await suite.api.call.post('/validate', { script: 'def' });
    expect(answer.status).toBe(200);
    expect(answer.text).toBe(invalid);
    validateResponseSchema.parse(answer.json);
    expect(worker.seen).toMatchObject([
      { kind: 'check', script: 'def', input: null, timeoutMs: 2000, memoryMb: 128 },
    ]);
    expect(answer.headers).toHaveProperty('x-job-id');
  });

  test('answers a check that failed as a problem', async () => {
    await suite.work(() => failed({ code: 'memory_limit', message: 'm' }));
    expect(problemOf(await suite.api.call.post('/validate', { script: '(' }))).toMatchObject({
      ...{ code: 'memory_limit', status: 422, stdout: '' },
    });
  });

  test('says sandbox_unavailable when no worker is there', async () => {
    expect(problemOf(await suite.api.call.post('/validate', { script: 'x' })).code).toBe(
      'sandbox_unavailable',
    );
  });

  test('says sandbox_unavailable, with the job, when no worker takes it in time', async () => {
    await suite.work(() => new Promise(() => undefined));
    const answer = await suite.api.call.post('/validate', { script: 'x' });
    expect(problemOf(answer)).toMatchObject({
      code: 'sandbox_unavailable',
      job_id: answer.headers['x-job-id'],
    });
  });

  test('takes a script and nothing else', async () => {
    const answer = await suite.api.call.post('/validate', { script: 'x', input: 1, timeout_ms: 100 });
    expect(problemOf(answer).detail).toBe('"input" is not known here; "timeout_ms" is not known here.');
  });
});

describe('GET /runtime', () => {
  test('shows what the worker said, with what a request may ask for', async () => {
    await suite.work(() => succeeded('1'));
    const runtime = runtimeResponseSchema.parse((await suite.api.call.get('/runtime')).json);
    expect(runtime).toMatchObject({
      python: '3.13.5',
      isolation: 'nsjail',
      limits_enforced_by: 'cgroup',
      workers: 1,
    });
    expect(runtime.limits).toEqual({ ...facts.limits, max_timeout_ms: 2000, max_memory_mb: 128 });
  });

  test('says that limits are sampled as soon as one worker samples', async () => {
    const worker = await suite.work(() => succeeded('1'));
    const sampling = { ...facts, limits_enforced_by: 'sampling' } as const;
    await worker.registry.beat({ id: 'other', slots: 1, facts: sampling, reason: null });
    expect((await suite.api.call.get('/runtime')).json).toMatchObject({
      limits_enforced_by: 'sampling',
      workers: 2,
    });
  });

  test('says sandbox_unavailable when no worker is proven', async () => {
    expect(problemOf(await suite.api.call.get('/runtime')).code).toBe('sandbox_unavailable');
  });
});

describe('GET /ready', () => {
  test('is 200 when Redis answers and a proven worker is there', async () => {
    await suite.work(() => succeeded('1'));
    const answer = await suite.api.call.get('/ready');
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ ready: true, reasons: [] });
  });

  test('is 503 with the reason while no worker is there', async () => {
    const answer = await suite.api.call.get('/ready');
    expect(answer.status).toBe(503);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json).toMatchObject({
      ...{ ready: false, code: 'sandbox_unavailable' },
      reasons: ['No worker has been heard of in the last 10 s'],
    });
  });

  test('is 503 with what the worker says while none is proven', async () => {
    const worker = await suite.work(() => succeeded('1'));
    await worker.registry.beat({ id: worker.id, slots: 1, facts: null, reason: 'a socket could be made' });
    expect((await suite.api.call.get('/ready')).json).toMatchObject({
      reasons: [`Worker ${worker.id} takes no jobs: a socket could be made`],
    });
  });
});

test('GET /health is 200 whatever is there', async () => {
  expect((await suite.api.call.get('/health')).text).toBe('{"status":"ok"}');
});

describe('an unknown path', () => {
  test.each([
    '/',
    '/job',
    '/jobs/',
    '/jobs/a/b',
    '/execute/',
    '/EXECUTE',
    '/%2e%2e/x',
    '//health',
    '/docs/x',
  ])('%s is not_found', async (path) => {
    expect(problemOf(await suite.api.call.get(path)).code).toBe('not_found');
  });

  test('says which methods a known path has', async () => {
    const answer = await suite.api.call.get('/execute');
    expect(problemOf(answer).detail).toBe('This path answers POST, not GET.');
    expect(answer.headers.allow).toBe('POST');
    expect((await suite.api.call.send('DELETE', '/health')).headers.allow).toBe('GET, HEAD');
  });

  test.each(['PUT', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    '%s is not_found everywhere',
    async (method) => {
      expect(problemOf(await suite.api.call.send(method, '/jobs')).code).toBe('not_found');
    },
  );

  test('HEAD answers as GET does, without the body', async () => {
    const answer = await suite.api.call.send('HEAD', '/health');
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('');
  });
});
