import { randomUUID } from 'node:crypto';
import { failureCodes, jobSchema } from '@jobcell/shared/contract';
import { describe, expect, test } from 'vitest';
import { until } from '../../../../tests/support/until.ts';
import { problemOf } from '../testing/caller.ts';
import { eachTest } from '../testing/each-test.ts';
import { failed, succeeded } from '../testing/stand-in-worker.ts';

const suite = eachTest({ MAX_QUEUED: '3' });

describe('GET /jobs/:id', () => {
  test('gives the job object at once', async () => {
    const id = await suite.accepted();
    const answer = await suite.api.call.get(`/jobs/${id}`);
    expect(answer.status).toBe(200);
    expect(jobSchema.parse(answer.json)).toMatchObject({ id, status: 'queued' });
  });

  test.each(failureCodes)('gives a job that failed with %s as a 200 with its error', async (code) => {
    await suite.work(() => failed({ code, message: 'm' }, { stdout: 'kept' }));
    const id = await suite.accepted();
    const answer = await suite.api.call.get(`/jobs/${id}?wait_ms=5000`);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      status: 'failed',
      result: null,
      stdout: 'kept',
      error: { code, message: 'm' },
    });
  });

  test('with wait_ms answers as soon as the job is terminal', async () => {
    await suite.work(() => new Promise((done) => setTimeout(done, 300, succeeded('1'))));
    const id = await suite.accepted();
    const started = performance.now();
    expect((await suite.api.call.get(`/jobs/${id}?wait_ms=30000`)).json).toMatchObject({
      status: 'succeeded',
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('with wait_ms answers with the present state when the wait ends', async () => {
    const id = await suite.accepted();
    const started = performance.now();
    expect((await suite.api.call.get(`/jobs/${id}?wait_ms=300`)).json).toMatchObject({ status: 'queued' });
    expect(performance.now() - started).toBeGreaterThanOrEqual(295);
  });

  test('with wait_ms answers at once for a job that is terminal already', async () => {
    await suite.work(() => succeeded('1'));
    const id = await suite.accepted();
    await suite.api.call.get(`/jobs/${id}?wait_ms=5000`);
    const started = performance.now();
    await suite.api.call.get(`/jobs/${id}?wait_ms=30000`);
    expect(performance.now() - started).toBeLessThan(500);
  });

  test('lets a thousand callers wait for one job, and answers them all', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await suite.work(() => promise.then(() => succeeded('"x"')));
    const id = await suite.accepted();
    const asked = Array.from({ length: 1_000 }, () => suite.api.call.get(`/jobs/${id}?wait_ms=20000`));
    await until('all wait', () => suite.api.parts.waiter.size === 1_000);
    resolve();
    const statuses = (await Promise.all(asked)).map(({ json }) => (json as { status: string }).status);
    expect(new Set(statuses)).toEqual(new Set(['succeeded']));
  });

  test('forgets a caller who hangs up', async () => {
    const id = await suite.accepted();
    for (let i = 0; i < 20; i += 1) {
      const asked = fetch(`${suite.api.call.url}/jobs/${id}?wait_ms=30000`, {
        signal: AbortSignal.timeout(50),
      });
      await expect(asked).rejects.toThrow();
    }
    await until('nobody waits', () => suite.api.parts.waiter.size === 0, 1_000);
  });

  test('says not_found for an id that no job has', async () => {
    for (const query of ['', '?wait_ms=30000']) {
      expect(problemOf(await suite.api.call.get(`/jobs/${randomUUID()}${query}`)).code).toBe('not_found');
    }
  });

  test.each([
    '..%2f..%2f',
    'a:b',
    '{x}',
    '%00',
    '%',
    '%E0%A4%A',
    '%ff',
    '*',
    `${'a'.repeat(5_000)}`,
    '__proto__',
  ])('says not_found for the id %.20s, and asks Redis nothing', async (id) => {
    suite.api.parts.store.read = () => Promise.reject(new Error('asked'));
    expect(problemOf(await suite.api.call.get(`/jobs/${id}`)).code).toBe('not_found');
  });

  test.each(['30001', '-1', '1.5', '1e3', '', ' 5', '0x10', '5&wait_ms=5', '99999999999999999999'])(
    'refuses wait_ms=%s by its rule',
    async (value) => {
      const answer = await suite.api.call.get(`/jobs/${randomUUID()}?wait_ms=${value.replace(' ', '%20')}`);
      expect(problemOf(answer).code).toBe('invalid_request');
    },
  );

  test('refuses an unknown query parameter by name, and never shows a value', async () => {
    const answer = await suite.api.call.get(`/jobs/${randomUUID()}?wait=hunter2&wait_ms=hunter2`);
    const { detail } = problemOf(answer);
    expect(detail).toContain('"wait" is not known here');
    expect(detail).toContain('wait_ms must be a whole number from 0 to 30000');
    expect(answer.text).not.toContain('hunter2');
  });
});
