import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allDeliveries, cancelledJob } from '../support/deliveries.ts';
import { type Answering, newSecret, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const KILLS = 50;
const secret = newSecret();

describe('a sending process that is killed between the POST and its record', () => {
  let stack: Stack;
  let receiver: Receiver;
  /** Kills the sender that has just been heard of, before it gets an answer. */
  let kill: () => void = () => undefined;
  beforeAll(async () => {
    const answering: Answering = (_, response) => {
      kill();
      response.writeHead(204).end();
    };
    receiver = await startReceiver(secret, answering, '0.0.0.0');
    stack = await startStack({
      ...{ driver: 'process', workers: 0 },
      settings: { WORKER_PARTS: 'webhooks', WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' },
    });
  });
  afterAll(async () => {
    await stack?.stop();
    await receiver?.stop();
  });

  test('50 times loses nothing: each delivery is repeated under its id until one is recorded', {
    timeout: 300_000,
  }, async () => {
    for (let killed = 0; killed < KILLS; killed += 1) {
      const sender = await stack.startWorker();
      const before = receiver.received.length;
      kill = () => void sender.process.kill('SIGKILL');
      // Each by a name of its own, so that those whose sender was killed do not hold up the next.
      const url = receiver.url.replace('0.0.0.0', `127.0.1.${killed + 1}`);
      await cancelledJob(stack.client, { url, secret });
      await until('the sender is dead', () => sender.process.signalCode === 'SIGKILL');
      expect(receiver.received.length, 'it had posted').toBeGreaterThan(before);
    }
    kill = () => undefined;
    await stack.startWorker();
    await until(
      'all are delivered',
      async () => {
        const { body } = await stack.client.get('/webhooks/deliveries?status=pending&limit=1');
        return (body as { items: unknown[] }).items.length === 0;
      },
      120_000,
    );

    const deliveries = await allDeliveries(stack.client);
    const ids = receiver.received.map(({ id }) => id);
    console.log(`${KILLS} kills, ${deliveries.length} deliveries, ${ids.length} requests came`);
    expect(deliveries).toHaveLength(KILLS);
    expect(deliveries.filter(({ status }) => status !== 'delivered')).toEqual([]);
    expect(new Set(ids)).toEqual(new Set(deliveries.map(({ id }) => id)));
    expect(ids.length, 'repeats').toBeGreaterThanOrEqual(2 * KILLS);
    expect(receiver.received.every(({ verified }) => verified)).toBe(true);
  });
});
