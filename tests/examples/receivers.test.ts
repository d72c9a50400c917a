import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Delivery } from '@jobcell/shared/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { allDeliveries, cancelledJob } from '../support/deliveries.ts';
import { drivers } from '../support/drivers.ts';
import { newSecret } from '../support/receiver.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const file = (name: string) => fileURLToPath(new URL(`../../examples/receivers/${name}`, import.meta.url));
const receivers: [string, [string, string]][] = [
  ['receiver.ts', [process.execPath, file('receiver.ts')]],
  ['receiver.py', ['/usr/bin/python3', file('receiver.py')]],
];
const secret = newSecret(1);
const other = newSecret(2);
const settings = { WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' };

describe.each(receivers)('examples/receivers/%s', (_name, command) => {
  let stack: Stack;
  let receiver: Example;
  beforeAll(async () => {
    stack = await startStack({
      ...{ driver: 'process', workers: 0 },
      settings: { ...settings, WORKER_PARTS: 'webhooks' },
    });
    await stack.startWorker();
  });
  afterAll(() => stack?.stop());
  beforeEach(async () => {
    receiver = await startExample(command);
  });
  afterEach(() => receiver?.stop());

  test('handles an outcome that Jobcell sends', async () => {
    const job = await cancelledJob(stack.client, { url: receiver.url, secret });
    expect(statusesOf(await attempted(stack, job, 1))).toEqual([204]);
    expect(await handledBy(receiver)).toEqual([`job.cancelled ${job}`]);
  });

  test('answers a delivery that is sent again with 2xx, and does not handle it twice', async () => {
    const job = await cancelledJob(stack.client, { url: receiver.url, secret });
    const { id } = await attempted(stack, job, 1);
    expect((await stack.client.post(`/webhooks/deliveries/${id}/redeliver`, '')).status).toBe(202);
    expect(statusesOf(await attempted(stack, job, 2))).toEqual([204, 204]);
    expect(await handledBy(receiver)).toEqual([`job.cancelled ${job}`]);
  });

  test('refuses what Jobcell signed with another secret, and does not handle it', async () => {
    const job = await cancelledJob(stack.client, { url: receiver.url, secret: other });
    expect(statusesOf(await attempted(stack, job, 1))).toEqual([401]);
    expect(await handledBy(receiver)).toEqual([]);
  });

  test.each([
    ['first', `${secret} ${other}`],
    ['second', `${other} ${secret}`],
  ])('handles what is signed with two secrets, where its own is the %s', async (_which, both) => {
    const job = await cancelledJob(stack.client, { url: receiver.url, secret: both });
    expect(statusesOf(await attempted(stack, job, 1))).toEqual([204]);
    expect(await handledBy(receiver)).toEqual([`job.cancelled ${job}`]);
  });

  test('refuses a message that was altered, is old or from the future, or is not signed; what was refused can still come', async () => {
    const message = signed();
    const hour = 3_600;
    const refused: Record<string, Message> = {
      'another body': { ...message, body: message.body.replace('succeeded', 'cancelled') },
      'a longer body': { ...message, body: `${message.body} ` },
      'another id': { ...message, id: randomUUID() },
      'another time': { ...message, timestamp: `${Number(message.timestamp) + 1}` },
      'an old one': signed({ id: message.id, at: now() - hour }),
      'one from the future': signed({ id: message.id, at: now() + hour }),
      'no time': signed({ id: message.id, at: Number.NaN }),
      'another version': { ...message, signature: message.signature.replace('v1,', 'v2,') },
      'a part of the signature': { ...message, signature: message.signature.slice(0, -2) },
      'an empty signature': { ...message, signature: 'v1,' },
      'no signature': { ...message, signature: '' },
    };
    for (const [what, altered] of Object.entries(refused))
      expect(await post(receiver, altered), what).toBe(401);
    expect((await fetch(receiver.url, { method: 'POST', body: message.body })).status, 'no headers').toBe(
      401,
    );
    expect((await fetch(receiver.url)).ok, 'GET').toBe(false);
    expect(await handledBy(receiver)).toEqual([]);

    const unknown = { ...message, signature: `v1a,AAAA v1,AAAA ${message.signature}` };
    expect(await post(receiver, unknown), 'one of three signatures').toBe(204);
    expect(await post(receiver, message), 'once more').toBe(204);
    expect(await handledBy(receiver)).toEqual(['job.succeeded a-job']);
  });

  test('does not count what it failed to handle as handled', async () => {
    const { id } = signed();
    expect(await post(receiver, signed({ id, body: '{"type": "job.succeeded"}' }))).toBe(500);
    expect(await post(receiver, signed({ id }))).toBe(204);
    expect(await handledBy(receiver)).toEqual(['job.succeeded a-job']);
  });
});

const driver = drivers.find(({ name }) => name === 'process');

describe.skipIf(driver?.skip !== null)(driver?.skip ?? 'a worker that runs jobs and sends webhooks', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ driver: 'process', slots: 1, settings });
  });
  afterAll(() => stack?.stop());

  test.each(receivers)('tells %s of a job that succeeded and of one that failed', async (_name, command) => {
    const receiver = await startExample(command);
    try {
      const webhook = { url: `${receiver.url}/jobs?of=them`, secret };
      const expected: string[] = [];
      for (const script of ['def main(): return "é"', 'def main(): return 1 / 0']) {
        const { body } = await stack.client.post('/jobs', { script, webhook });
        const { id } = body as { id: string };
        expect(statusesOf(await attempted(stack, id, 1))).toEqual([204]);
        expected.push(`${script.includes('/ 0') ? 'job.failed' : 'job.succeeded'} ${id}`);
      }
      expect(await handledBy(receiver)).toEqual(expected);
    } finally {
      await receiver.stop();
    }
  });
});

/** A receiver of the examples, as a process. `said`: a line for each outcome that it has handled, as far as they came. */
type Example = { url: string; said(): string[]; stop(): Promise<void> };

async function startExample([program, path]: [string, string]): Promise<Example> {
  const env = { ...process.env, WEBHOOK_SECRET: secret, PORT: '0' };
  const child: ChildProcess = spawn(program, [path], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const lines = () => output.split('\n').slice(0, -1);
  const url = await until('it says where it listens', () => lines()[0]);
  return {
    url,
    said: () => lines().slice(1),
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

/** All that it has handled: what it says before it tells of one more. */
async function handledBy(receiver: Example): Promise<string[]> {
  const last = randomUUID();
  expect(await post(receiver, signed({ body: `{"type":"last","data":{"id":"${last}"}}` }))).toBe(204);
  await until('it tells of the last one', () => receiver.said().includes(`last ${last}`));
  return receiver.said().filter((line) => !line.startsWith('last '));
}

/** The delivery of a job, once so many attempts at it were recorded. */
async function attempted(stack: Stack, job: string, attempts: number): Promise<Delivery> {
  return await until(`${attempts} attempts are recorded`, async () => {
    const [delivery] = await allDeliveries(stack.client, `&job_id=${job}`);
    return delivery !== undefined && delivery.attempts.length >= attempts && delivery;
  });
}

const statusesOf = ({ attempts }: Delivery) => attempts.map(({ status_code }) => status_code);

type Message = { id: string; timestamp: string; signature: string; body: string };

const now = () => Math.floor(Date.now() / 1000);

/** A message as Jobcell would sign it. */
function signed({ id = randomUUID() as string, at = now(), body = '' } = {}): Message {
  const sent = body === '' ? '{"type":"job.succeeded","data":{"id":"a-job"}}' : body;
  const timestamp = `${at}`;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const hmac = createHmac('sha256', key).update(`${id}.${timestamp}.${sent}`).digest('base64');
  return { id, timestamp, signature: `v1,${hmac}`, body: sent };
}

async function post({ url }: Example, { id, timestamp, signature, body }: Message): Promise<number> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
  return (await fetch(url, { method: 'POST', headers, body })).status;
}
