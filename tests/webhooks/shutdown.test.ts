import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allDeliveries, cancelledJob } from '../support/deliveries.ts';
import { newSecret, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const secret = newSecret();

describe('a sender that is told to end', () => {
  let stack: Stack;
  let receiver: Receiver;
  let open: ServerResponse[] = [];
  beforeAll(async () => {
    receiver = await startReceiver(secret, (_, response) => void open.push(response));
    stack = await startStack({
      ...{ driver: 'process', workers: 0 },
      settings: {
        ...{ WORKER_PARTS: 'webhooks', WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' },
        ...{ SHUTDOWN_GRACE_MS: '2000', WEBHOOK_TIMEOUT_MS: '60000' },
      },
    });
  });
  afterAll(async () => {
    await stack?.stop();
    await receiver?.stop();
  });

  /** A sender that waits for the receiver's answer, and the delivery that it is about. */
  async function sending() {
    open = [];
    const sender = await stack.startWorker();
    const job = await cancelledJob(stack.client, { url: receiver.url, secret });
    await until('it was sent', () => open.length > 0);
    return { sender, read: async () => (await allDeliveries(stack.client, `&job_id=${job}`))[0] };
  }

  test('waits for what it has sent, within its grace, and records it', async () => {
    const { sender, read } = await sending();
    const ended = sender.end();
    await until('it is ending', () => sender.log().includes('worker is ending'));
    open[0]?.writeHead(204).end();
    await ended;
    expect(sender.process.exitCode).toBe(0);
    expect(await read()).toMatchObject({ status: 'delivered', attempts: [{ status_code: 204 }] });
  });

  test('gives back what is not answered by then; the next one sends it again under its id, and nothing is recorded of the first', async () => {
    const { sender, read } = await sending();
    await sender.end();
    expect(sender.process.exitCode).toBe(0);
    expect(await read()).toMatchObject({ status: 'pending', attempts: [] });
    open = [];
    await stack.startWorker();
    await until('it is sent again', () => open.length > 0);
    open[0]?.writeHead(204).end();
    const delivery = await until('it is recorded', async () => {
      const found = await read();
      return found?.status === 'delivered' && found;
    });
    expect(delivery.attempts).toHaveLength(1);
    expect(receiver.received.slice(-2).map(({ id }) => id)).toEqual([delivery.id, delivery.id]);
  });

  test('takes no jobs, and is no worker that makes the API ready', async () => {
    const ready = await stack.client.get('/ready');
    expect(ready.status).toBe(503);
    const answer = await stack.client.post('/execute', { script: 'def main(): return 1' });
    expect(answer.body).toMatchObject({ code: 'sandbox_unavailable' });
  });
});
