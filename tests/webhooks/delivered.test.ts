import { jobSchema } from '@jobcell/shared/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allDeliveries } from '../support/deliveries.ts';
import { drivers } from '../support/drivers.ts';
import { callerWithKey } from '../support/keys.ts';
import { type Answering, newSecret, type Receiver, startReceiver, verify } from '../support/receiver.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const driver = drivers.find(({ name }) => name === 'process');
const secret = newSecret(1);
const older = newSecret(2);

describe.skipIf(driver?.skip !== null)(driver?.skip ?? 'a webhook', () => {
  let stack: Stack;
  let receiver: Receiver;
  let answer: Answering;
  const ok: Answering = (_, response) => response.writeHead(200).end('thanks');
  beforeAll(async () => {
    receiver = await startReceiver(secret, (...given) => answer(...given));
    stack = await startStack({
      ...{ driver: 'process', slots: 1 },
      settings: { WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8', WEBHOOK_RETRY_MS: '50,50' },
    });
  });
  afterAll(async () => {
    await stack?.stop();
    await receiver?.stop();
  });

  /** Runs a script whose outcome is told to the receiver; gives the job's id and what came first. */
  async function told(script: string, how: Answering = ok, webhook: Record<string, unknown> = {}) {
    answer = how;
    const body = { script, webhook: { url: `${receiver.url}/hook`, secret, ...webhook } };
    const { id } = jobSchema.parse((await stack.client.post('/jobs', body)).body);
    const received = () => receiver.received.filter(({ body: { data } }) => data.id === id);
    const first = await until('the receiver was told', () => received()[0]);
    return { id, first, received };
  }

  const deliveryOf = async (id: string) => (await allDeliveries(stack.client, `&job_id=${id}`))[0];
  const ended = async (id: string) =>
    await until('it has ended', async () => {
      const delivery = await deliveryOf(id);
      return delivery?.status !== 'pending' && delivery;
    });

  test('tells the job object as GET /jobs/:id does, signed, with the headers that were asked for', async () => {
    const script = 'def main():\n  print("out")\n  return [12345678901234567890, 1.0, "\\u2028"]';
    const { id, first } = await told(script, ok, { headers: { 'X-Account': 'a-1' } });
    const delivery = await ended(id);
    expect(first.verified).toBe(true);
    expect(first.headers).toMatchObject({
      ...{ 'content-type': 'application/json', 'x-account': 'a-1', 'webhook-id': delivery.id },
      'user-agent': 'Jobcell',
    });
    const job = await stack.client.get(`/jobs/${id}`);
    const { type, timestamp, data } = first.body;
    expect({ type, timestamp }).toEqual({ type: 'job.succeeded', timestamp: data.finished_at });
    expect(data).toEqual(job.body);
    expect(first.text).toContain(job.text.trim());
    expect(delivery).toMatchObject({
      ...{ job_id: id, type: 'job.succeeded', url: `${receiver.url}/hook`, status: 'delivered' },
      attempts: [{ status_code: 200, error: null, response_excerpt: 'thanks' }],
      next_attempt_at: null,
    });
  });

  test('of a script that failed says so, with its error', async () => {
    const { first } = await told('def main():\n  raise ValueError("no")');
    expect(first.body).toMatchObject({ type: 'job.failed', data: { error: { type: 'ValueError' } } });
  });

  test('is sent once when it was taken', async () => {
    const { id, received } = await told('def main(): return 1');
    await ended(id);
    await told('def main(): return 2');
    expect(received()).toHaveLength(1);
  });

  test('is repeated under one id, each time signed anew, until it is taken', async () => {
    let asked = 0;
    const { id, received } = await told('def main(): return 1', (_, response) =>
      response.writeHead(++asked < 3 ? 500 : 202).end(`try ${asked}\u0000\u202e`),
    );
    const { status, attempts } = await ended(id);
    expect(status).toBe('delivered');
    expect(attempts.map(({ status_code, error }) => [status_code, error])).toEqual([
      [500, 'bad_status'],
      [500, 'bad_status'],
      [202, null],
    ]);
    expect(attempts[0]?.response_excerpt).toBe('try 1\\u0000\\u202e');
    expect(new Set(received().map((one) => one.id)).size).toBe(1);
    expect(received().map(({ verified }) => verified)).toEqual([true, true, true]);
    expect(new Set(received().map(({ text }) => text)).size).toBe(1);
  });

  test('that is never taken is a dead letter, which is listed and can be sent again', async () => {
    const { id, received } = await told('def main(): return 1', (_, response) =>
      response.writeHead(500).end(),
    );
    const dead = await ended(id);
    expect(dead).toMatchObject({ status: 'dead', next_attempt_at: null });
    expect(dead.attempts).toHaveLength(3);
    expect((await allDeliveries(stack.client, '&status=dead')).map((one) => one.id)).toContain(dead.id);
    answer = ok;
    const again = await stack.client.get(`/webhooks/deliveries/${dead.id}/redeliver`, { method: 'POST' });
    expect(again.status).toBe(202);
    expect(await ended(id)).toMatchObject({ id: dead.id, status: 'delivered' });
    expect(new Set(received().map((one) => one.id))).toEqual(new Set([dead.id]));
  });

  test('that is answered 410 is a dead letter at once', async () => {
    const { id, received } = await told('def main(): return 1', (_, response) =>
      response.writeHead(410).end(),
    );
    expect(await ended(id)).toMatchObject({
      status: 'dead',
      attempts: [{ status_code: 410, error: 'gone' }],
    });
    expect(received()).toHaveLength(1);
  });

  test('waits as long as the receiver asks', async () => {
    const { id } = await told('def main(): return 1', (_, response) =>
      response.writeHead(429, { 'Retry-After': '3600' }).end(),
    );
    const waiting = await until('it waits', async () => {
      const delivery = await deliveryOf(id);
      return delivery?.attempts.length === 1 && delivery;
    });
    const inMs = Date.parse(waiting.next_attempt_at ?? '') - Date.parse(waiting.attempts[0]?.at ?? '');
    expect(waiting.status).toBe('pending');
    expect(inMs).toBeGreaterThan(3_590_000);
    expect(inMs).toBeLessThan(3_660_000);
  });

  test('to an address that is not public is refused when it is posted', async () => {
    const webhook = { url: 'http://10.0.0.1/', secret };
    const answered = await stack.client.post('/jobs', { script: 'def main(): return 1', webhook });
    expect(answered.status).toBe(400);
    expect(answered.text).toContain('webhook.url must not point to an address that is not public');
  });

  test('does not follow a redirect', async () => {
    const canary = await startReceiver(secret, ok);
    const { id } = await told('def main(): return 1', (_, response) =>
      response.writeHead(307, { location: canary.url }).end(),
    );
    expect(await ended(id)).toMatchObject({
      status: 'dead',
      attempts: Array(3).fill(expect.objectContaining({ error: 'redirect' })),
    });
    expect(canary.connections).toBe(0);
    await canary.stop();
  });

  test('with two secrets verifies with either, and with no third', async () => {
    const { first } = await told('def main(): return 1', ok, { secret: `${older} ${secret}` });
    expect(first.verified).toBe(true);
    expect(verify(older, first.headers, first.text)).toBe(true);
    expect(verify(newSecret(3), first.headers, first.text)).toBe(false);
    expect(verify(secret, first.headers, `${first.text} `)).toBe(false);
  });

  test("without a secret of its own is signed with that of the tenant's key", async () => {
    const caller = await callerWithKey(stack, { webhook_secret: secret });
    answer = ok;
    const body = { script: 'def main(): return 1', webhook: { url: receiver.url } };
    const { id } = jobSchema.parse((await caller.post('/jobs', body)).body);
    const first = await until('it came', () =>
      receiver.received.find(({ body: { data } }) => data.id === id),
    );
    expect(first.verified).toBe(true);
    expect((await allDeliveries(caller)).map((delivery) => delivery.job_id)).toEqual([id]);
  });
});
