import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Delivery } from '@jobcell/shared/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allDeliveries, cancelledJob } from '../support/deliveries.ts';
import { type Answering, newSecret, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const COUNT = 10_000;
const AT_ONCE = 16;
const RECEIVERS = 4;
const secret = newSecret();

/** Every way to fail, each for one attempt in 27: together 30% of them. */
const failures: Answering[] = [
  (_, response) => response.writeHead(500).end('no'),
  () => undefined, // it hangs
  (_, response) => response.socket?.resetAndDestroy(),
  (_, response) => {
    response.socket?.write('HTTP/1.1 200 OK\r\nx-slow: ');
    const drip = setInterval(() => response.socket?.write('a'), 50);
    response.socket?.on('close', () => clearInterval(drip));
  },
  (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
  (_, response) => response.writeHead(503).end('x'.repeat(5_000_000)),
  (_, response) => response.socket?.end('\u0000garbage\r\n\r\n'),
  (_, response) => response.writeHead(503, { 'retry-after': '1' }).end(),
];
const OUT_OF = 27;

/** Fails each attempt in one of these ways, or in none, as chance has it. */
function stormy(): Answering {
  return (received, response, request) => {
    const fail = failures[randomInt(OUT_OF)];
    if (fail === undefined) response.writeHead(204).end();
    else fail(received, response, request);
  };
}

describe('10,000 deliveries to receivers that fail 30% of the time, in every way,', () => {
  let stack: Stack;
  let receivers: Receiver[];
  let closedUrl: string;
  beforeAll(async () => {
    receivers = await Promise.all(Array.from({ length: RECEIVERS }, () => startReceiver(secret, stormy())));
    closedUrl = await closedPort();
    stack = await startStack({
      ...{ driver: 'process', workers: 0 },
      settings: {
        ...{ WORKER_PARTS: 'webhooks', WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' },
        ...{ WEBHOOK_RETRY_MS: '100,200,400', WEBHOOK_TIMEOUT_MS: '500', MAX_QUEUED: '20000' },
      },
    });
    await stack.startWorker();
  });
  afterAll(async () => {
    await stack?.stop();
    await Promise.all((receivers ?? []).map((receiver) => receiver.stop()));
  });

  test('each end as delivered or as a dead letter, every signature holds, and there is one webhook-id an outcome', {
    timeout: 600_000,
  }, async () => {
    const jobs = await post(stack, (at) =>
      at % 100 === 0 ? closedUrl : (receivers[at % RECEIVERS]?.url ?? ''),
    );
    await until('none is pending', async () => (await allPending(stack)) === 0, 400_000);
    const deliveries = await allDeliveries(stack.client);
    const received = receivers.flatMap((receiver) => receiver.received);
    console.log(summary(deliveries, received.length));

    expect(deliveries).toHaveLength(COUNT);
    expect(new Set(deliveries.map(({ job_id }) => job_id))).toEqual(new Set(jobs));
    expect(received.filter(({ verified }) => !verified)).toEqual([]);
    expectOneIdAJob(received, deliveries);
    const told = new Set(received.map(({ id }) => id));
    for (const { id, status, attempts, url } of deliveries) {
      const errors = attempts.map(({ error }) => error);
      if (status === 'delivered') expect([told.has(id), errors.at(-1)], id).toEqual([true, null]);
      else expect([errors.length, errors.includes(null)], id).toEqual([4, false]);
      if (url.startsWith(closedUrl)) expect(errors, id).toEqual(Array(4).fill('connection_refused'));
    }
    const seen = new Set(deliveries.flatMap(({ attempts }) => attempts.map(({ error }) => error)));
    for (const error of ['bad_status', 'timeout', 'connection_failed', 'redirect', 'answer_invalid'])
      expect(seen, error).toContain(error);
    // Those for the closed port, and a few that failed four times by chance.
    expect(deliveries.filter(({ status }) => status === 'dead').length).toBeGreaterThan(COUNT / 100);
  });
});

async function post(stack: Stack, urlOf: (at: number) => string): Promise<string[]> {
  const jobs: string[] = [];
  let next = 0;
  const caller = async () => {
    while (next < COUNT) {
      const at = next++;
      jobs.push(await cancelledJob(stack.client, { url: `${urlOf(at)}/${at}`, secret }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
  return jobs;
}

async function allPending(stack: Stack): Promise<number> {
  const { body } = await stack.client.get('/webhooks/deliveries?status=pending&limit=1');
  return (body as { items: unknown[] }).items.length;
}

/** The id and the job that are told belong together, however often. */
function expectOneIdAJob(received: Receiver['received'], deliveries: Delivery[]): void {
  const jobOf = new Map(deliveries.map(({ id, job_id }) => [id, job_id]));
  for (const { id, body } of received) expect(body.data.id, id).toBe(jobOf.get(id));
}

/** Of a port that nobody listens on. */
async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

function summary(deliveries: Delivery[], received: number): string {
  const counts: Record<string, number> = {};
  for (const { status, attempts } of deliveries)
    for (const what of [status, ...attempts.map(({ error }) => error ?? 'success')])
      counts[what] = (counts[what] ?? 0) + 1;
  return `${received} requests came; ${JSON.stringify(counts)}`;
}
