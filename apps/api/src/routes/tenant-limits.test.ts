import { describe, expect, test } from 'vitest';
import { problemOf } from '../testing/caller.ts';
import { eachTest } from '../testing/each-test.ts';
import { bearer, keyRequest } from '../testing/keys.ts';
import { succeeded } from '../testing/stand-in-worker.ts';

const suite = eachTest({});

const script = 'def main(): return 1';
const makeKey = async (limits: Record<string, number>) =>
  bearer((await suite.api.parts.keys.create(keyRequest({ limits }))).key);

describe('a tenant at a limit of its own', () => {
  test('of waiting jobs is told which and when to try again; others are not, and it may again when there is room', async () => {
    const [own, other] = [await makeKey({ backlog: 2 }), await makeKey({})];
    const post = (key: Record<string, string>, path = '/jobs') => suite.api.call.post(path, { script }, key);
    const first = await post(own);
    expect([first.status, (await post(own)).status]).toEqual([202, 202]);
    const refused = await post(own);
    expect(problemOf(refused)).toMatchObject({
      ...{ code: 'rate_limited', status: 429 },
      detail: '2 of your jobs wait already (backlog).',
    });
    expect(refused.headers['retry-after']).toMatch(/^[1-9][0-9]*$/);
    expect((await post(other)).status).toBe(202);
    await suite.api.call.send('DELETE', String(first.headers.location), own);
    expect((await post(own)).status).toBe(202);
  });

  test('of bytes is told so, until its data is deleted', async () => {
    const [own, other] = [await makeKey({ store_mb: 1 }), await makeKey({})];
    const post = (key: Record<string, string>) =>
      suite.api.call.post('/jobs', { script, input: 'x'.repeat(700_000) }, key);
    await suite.work(() => succeeded('1'));
    const first = await post(own);
    expect(first.status).toBe(202);
    const refused = await post(own);
    expect(problemOf(refused)).toMatchObject({
      ...{ code: 'rate_limited', status: 429 },
      detail: "Your jobs' records would pass 1 MiB (store_mb).",
    });
    expect((await post(other)).status).toBe(202);
    const path = String(first.headers.location);
    await suite.api.call.get(`${path}?wait_ms=5000`, own);
    expect((await suite.api.call.send('DELETE', `${path}/data`, own)).status).toBe(204);
    expect((await post(own)).status).toBe(202);
  });

  test('of jobs at once waits for its own', async () => {
    const own = await makeKey({ jobs_at_once: 1 });
    await suite.work(() => new Promise(() => undefined));
    await suite.api.call.post('/jobs', { script }, own);
    const small = await suite.api.call.post('/jobs', { script }, own);
    const job = await suite.api.call.get(`${small.headers.location}?wait_ms=300`, own);
    expect(job.json).toMatchObject({ status: 'queued' });
  });
});
