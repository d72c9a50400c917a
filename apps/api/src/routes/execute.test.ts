import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { failureCodes, failures, jobSchema } from '@jobcell/shared/contract';
import { describe, expect, test } from 'vitest';
import { until } from '../../../../tests/support/until.ts';
import { type Answer, problemOf } from '../testing/caller.ts';
import { eachTest } from '../testing/each-test.ts';
import { failed, succeeded } from '../testing/stand-in-worker.ts';

const suite = eachTest({ EXECUTE_WAIT_MS: '1500' });

const script = 'def main(): return 1';

describe('POST /execute', () => {
  test('answers with exactly the result and stdout, in this order', async () => {
    await suite.work(() => succeeded('{"msg":"done"}', { stdout: 'hello\n' }));
    const answer = await suite.api.call.post('/execute', { script });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.text).toBe('{"result":{"msg":"done"},"stdout":"hello\\n"}');
  });

  test('passes input and result on as the text that they are', async () => {
    const raw = '{"2":12345678901234567890123,"1":1.0,"a":"\\u00e9","b":[1E+2,-0.0],"c":"\\ud800"}';
    const running = await suite.work((job) => succeeded(job.input ?? ''));
    const answer = await suite.api.call.post('/execute', `{"input" : ${raw} ,"script":"x"}`);
    expect(answer.text).toBe(`{"result":${raw},"stdout":""}`);
    expect(running.seen[0]?.input).toBe(raw);
  });

  test('gives the worker what was asked for, and the defaults for the rest', async () => {
    const running = await suite.work(() => succeeded('null'));
    await suite.api.call.post('/execute', { script, timeout_ms: 100, memory_mb: 1024, input: null });
    await suite.api.call.post('/execute', { script });
    expect(running.seen).toMatchObject([
      { kind: 'run', script, timeoutMs: 100, memoryMb: 1024, input: 'null' },
      { kind: 'run', script, timeoutMs: 5000, memoryMb: 256, input: null },
    ]);
  });

  test('adds the job object with include=job, and not without', async () => {
    await suite.work(() => succeeded('[1.0]', { stdout: 'x', stderr: 'y' }));
    const answer = await suite.api.call.post('/execute?include=job', { script });
    const { job, ...rest } = answer.json as { job: unknown };
    expect(rest).toEqual({ result: [1], stdout: 'x' });
    expect(jobSchema.parse(job)).toMatchObject({
      id: answer.headers['x-job-id'],
      status: 'succeeded',
      result: [1],
      stderr: 'y',
    });
    expect(answer.text).toContain('"result":[1.0],"stdout"');
  });

  test('names the job, its durations and what was cut in headers', async () => {
    await suite.work(() => succeeded('1', { stdoutTruncated: true, stderrTruncated: true, runMs: 12.34 }));
    const { headers } = await suite.api.call.post('/execute', { script });
    expect(headers['x-job-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers['server-timing']).toMatch(
      /^queue;dur=[\d.]+, lease;dur=0\.75, run;dur=12\.34, store;dur=[\d.]+, total;dur=[\d.]+$/,
    );
    expect(headers['x-truncated']).toBe('stdout, stderr');
  });

  test('has no X-Truncated when nothing was cut', async () => {
    await suite.work(() => succeeded('1'));
    expect((await suite.api.call.post('/execute', { script })).headers).not.toHaveProperty('x-truncated');
  });

  test.each(failureCodes)(
    'answers a job that failed with %s as a problem that keeps what was printed',
    async (code) => {
      const error = { code, message: `about ${code}`, line: 3 };
      await suite.work(() => failed(error, { stdout: 'out', stderr: 'err', stdoutTruncated: true }));
      const answer = await suite.api.call.post('/execute', { script });
      expect(answer.status).toBe(failures[code].http);
      expect(problemOf(answer)).toMatchObject({
        ...{ code, title: failures[code].title, detail: error.message, error },
        ...{ job_id: answer.headers['x-job-id'], stdout: 'out', stderr: 'err' },
      });
      expect(answer.headers['x-truncated']).toBe('stdout');
      expect(answer.headers['server-timing']).toMatch(/total;dur=/);
    },
  );

  test('says sandbox_unavailable at once when no worker is there, and accepts no job', async () => {
    const started = performance.now();
    const answer = await suite.api.call.post('/execute', { script });
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toMatch(/^[0-9]+$/);
    expect(problemOf(answer)).toMatchObject({ code: 'sandbox_unavailable' });
    expect(answer.headers).not.toHaveProperty('x-job-id');
    expect(await suite.api.parts.store.releasedSince(0)).toEqual([]);
  });

  test('says sandbox_unavailable when the only worker has no proven sandbox', async () => {
    const running = await suite.work(() => succeeded('1'));
    const { registry } = running;
    await registry.beat({ id: running.id, slots: 1, facts: null, reason: 'a socket could be made' });
    const answer = await suite.api.call.post('/execute', { script });
    expect(problemOf(answer).detail).toContain('a socket could be made');
  });

  test('runs as soon as a worker is there, whatever was answered before', async () => {
    expect((await suite.api.call.post('/execute', { script })).status).toBe(503);
    await suite.work(() => succeeded('1'));
    expect((await suite.api.call.post('/execute', { script })).status).toBe(200);
  });

  test('answers 202 with the job when the wait ends first, and the job goes on', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await suite.work(async () => {
      await promise;
      return succeeded('"late"');
    });
    const answer = await suite.api.call.post('/execute', { script });
    expect(answer.status).toBe(202);
    const job = jobSchema.parse(answer.json);
    expect(job.status).toBe('running');
    expect(answer.headers).toMatchObject({ location: `/jobs/${job.id}`, 'x-job-id': job.id });
    expect(answer.headers['server-timing']).toMatch(/total;dur=1[45]\d\d/);
    resolve();
    const later = await suite.api.call.get(`/jobs/${job.id}?wait_ms=5000`);
    expect(later.json).toMatchObject({ status: 'succeeded', result: 'late' });
  });

  test('puts each job into the queue, once', async () => {
    await suite.work(() => succeeded('1'));
    const answer = await suite.api.call.post('/execute', { script });
    expect(await suite.api.parts.queue.missing([String(answer.headers['x-job-id'])])).toEqual([]);
  });

  test('goes on waiting when the job could not be queued, since the sweep will', async () => {
    await suite.work(() => succeeded('1'));
    suite.api.parts.queue.add = () => Promise.reject(new Error('Connection is closed.'));
    expect((await suite.api.call.post('/execute', { script })).text).toBe('{"result":1,"stdout":""}');
  });

  test('stops waiting when the caller hangs up', async () => {
    await suite.work(() => new Promise(() => undefined));
    const controller = new AbortController();
    const asked = fetch(`${suite.api.call.url}/execute`, {
      ...{
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ script }),
      },
      signal: controller.signal,
    });
    await until('it waits', () => suite.api.parts.waiter.size === 1);
    controller.abort();
    await expect(asked).rejects.toThrow();
    await until('it waits no more', () => suite.api.parts.waiter.size === 0, 1_000);
  });

  test('gives each of many concurrent callers the answer to their own script', async () => {
    await suite.work(async (job) => {
      await pause(Math.random() * 20);
      return succeeded(job.input ?? '');
    });
    const inputs = Array.from({ length: 200 }, () => randomUUID());
    const answers = await Promise.all(
      inputs.map((input) => suite.api.call.post('/execute', { script, input })),
    );
    expect(answers.map((answer: Answer) => answer.json)).toEqual(
      inputs.map((result) => ({ result, stdout: '' })),
    );
  });

  test.each(['include=all', 'include=', 'include=job&include=job', 'verbose=1', 'Include=job'])(
    'refuses the query ?%s',
    async (query) => {
      expect(problemOf(await suite.api.call.post(`/execute?${query}`, { script })).code).toBe(
        'invalid_request',
      );
    },
  );
});
