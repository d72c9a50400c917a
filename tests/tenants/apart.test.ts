import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allDeliveries, cancelledJob } from '../support/deliveries.ts';
import { drivers } from '../support/drivers.ts';
import type { Answer, Client } from '../support/http.ts';
import { allScopes, callerWithKey } from '../support/keys.ts';
import { newSecret } from '../support/receiver.ts';
import { type Stack, startStack } from '../support/stack.ts';

const driver = drivers.find(({ name }) => name === 'process');
const READS = 10_000;
const AT_ONCE = 16;

describe.skipIf(driver?.skip !== null)(driver?.skip ?? "another tenant's job", () => {
  let stack: Stack;
  let owner: Client;
  let other: Client;
  let ids: string[];
  let told: string;
  beforeAll(async () => {
    stack = await startStack({
      driver: 'process',
      slots: 2,
    });
    owner = await callerWithKey(stack);
    // With every scope there is: none reaches another tenant's jobs.
    other = await callerWithKey(stack, { scopes: allScopes });
    const script = 'def main(x):\n  print("secret output")\n  return x';
    const done = await owner.run({ script, input: 'secret result' });
    const waits = await owner.post('/jobs', { script, delay_ms: 600_000 });
    ids = [done.job.id, (waits.body as { id: string }).id];
    told = await cancelledJob(owner, { url: 'https://receiver.invalid/', secret: newSecret() });
  });
  afterAll(() => stack?.stop());

  const routes: ((client: Client, id: string) => Promise<Answer>)[] = [
    (client, id) => client.get(`/jobs/${id}`),
    (client, id) => client.get(`/jobs/${id}?wait_ms=1000`),
    (client, id) => client.get(`/jobs/${id}/events`),
    (client, id) => client.delete(`/jobs/${id}`),
    (client, id) => client.delete(`/jobs/${id}/data`),
  ];

  test(`is the same 404 as a job that is not there, in ${READS} requests of every route that takes an id`, async () => {
    let asked = 0;
    const problems = new Set<string>();
    const ask = async () => {
      while (asked < READS) {
        asked += 1;
        const id = asked % 7 === 0 ? randomUUID() : (ids[Math.floor(asked / 8) % 2] ?? '');
        const answer = await (routes[asked % routes.length] ?? expect.fail())(other, id);
        const { request_id: _, job_id, ...problem } = answer.body as Record<string, unknown>;
        expect(job_id).toBe(id);
        problems.add(JSON.stringify([answer.status, problem]));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    expect([...problems].map((each) => JSON.parse(each))).toMatchObject([[404, { code: 'not_found' }]]);
  });

  test('is in no list but its own, and untouched', async () => {
    expect((await other.get('/jobs')).body).toEqual({ items: [], next_cursor: null });
    const { items } = (await owner.get('/jobs')).body as { items: { id: string }[] };
    expect(items.map(({ id }) => id)).toEqual([...ids, told].toReversed());
    expect(await owner.job(ids[0] ?? '')).toMatchObject({ status: 'succeeded', result: 'secret result' });
    expect(await owner.job(ids[1] ?? '')).toMatchObject({ status: 'queued' });
  });

  test('does not show its delivery, nor send that again', async () => {
    const [delivery] = await allDeliveries(owner);
    expect(delivery?.job_id).toBe(told);
    for (const query of ['', `&job_id=${told}`, '&status=pending'])
      expect(await allDeliveries(other, query)).toEqual([]);
    const again = async (client: Client, id: string) =>
      await client.get(`/webhooks/deliveries/${id}/redeliver`, { method: 'POST' });
    const [foreign, unknown] = [await again(other, delivery?.id ?? ''), await again(other, randomUUID())];
    const said = [foreign, unknown].map(({ status, body }) => [status, (body as { detail: string }).detail]);
    expect(said[0]).toEqual(said[1]);
    expect(said[0]?.[0]).toBe(404);
    expect((await again(owner, delivery?.id ?? '')).status).toBe(202);
  });

  test('is seen by every key of its tenant', async () => {
    const tenant = `team-${randomUUID().slice(0, 8)}`;
    const [one, two] = [await callerWithKey(stack, { tenant }), await callerWithKey(stack, { tenant })];
    const id = await one.submit({ script: 'def main(): return 1' });
    expect((await two.job(id, 10_000)).status).toBe('succeeded');
  });

  test('does not share an Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'same' };
    const posted = async (client: Client) => await client.post('/jobs', { script: 'def main(): pass' }, key);
    const [first, second] = [await posted(owner), await posted(other)];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect((first.body as { id: string }).id).not.toBe((second.body as { id: string }).id);
  });
});
