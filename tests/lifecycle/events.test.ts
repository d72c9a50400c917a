import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourcesOf } from '../api/resources.ts';
import { killSlots } from '../faults/slots.ts';
import { drivers } from '../support/drivers.ts';
import { Heard, readEvents } from '../support/events.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const MiB = 1024 * 1024;
/** Listeners that do not read. */
const LAZY = 200;

/** Prints for two seconds, on both streams, text whose characters have one to four bytes, cut anywhere. */
const TALKS = `
import os, time
def main():
    text = "aé€😀".encode() * 500
    for n in range(40):
        os.write(1, text[n * 100:n * 100 + 101] if n % 7 else b"\\xff" + text[:900])
        os.write(2, b"err %d \\xf0\\x9f" % n)
        time.sleep(0.05)
    return "said"
`;
const WAITS = 'import time\ndef main():\n  print("first", flush=True)\n  time.sleep(15)\n  print("last")';

/** Follows a job to its end; leaves after some events, time and again, and comes back with the last id. */
async function follow(stack: Stack, id: string, leaveAfter: () => number): Promise<Heard> {
  const heard = new Heard();
  while (heard.job === undefined) {
    const leave = new AbortController();
    let left = leaveAfter();
    try {
      for await (const event of readEvents(stack.client, id, {
        lastId: heard.lastId,
        signal: leave.signal,
      })) {
        heard.take(event);
        left -= 1;
        if (left === 0) leave.abort();
      }
    } catch (error) {
      if (!leave.signal.aborted) throw error;
    }
  }
  return heard;
}

describe.each(drivers)('on the $name driver', ({ name, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'whoever follows a job', () => {
    let stack: Stack;
    beforeAll(async () => {
      stack = await startStack({ driver: name, slots: 2 });
    });
    afterAll(() => stack?.stop());

    test('hears every byte once while it is printed, however often he is cut off, and the job at the end', async () => {
      const id = await stack.client.submit({ script: TALKS });
      const stays = () => Number.POSITIVE_INFINITY;
      const leaves = () => 1 + Math.floor(Math.random() * 4);
      const all = await Promise.all(
        [stays, stays, leaves, leaves, leaves].map((often) => follow(stack, id, often)),
      );
      const job = await stack.client.job(id);
      expect(job).toMatchObject({ status: 'succeeded', result: 'said' });
      for (const heard of all) {
        expect(heard.stdout).toBe(job.stdout);
        expect(heard.stderr).toBe(job.stderr);
        expect(heard.job).toEqual(job);
      }
      const [first] = all;
      expect(first?.events.filter(({ event }) => event === 'stdout').length).toBeGreaterThan(5);
      const statuses = first?.events.filter(({ event }) => event === 'status').map(({ data }) => data);
      expect(statuses?.at(-1)).toEqual({ status: 'running', attempt: 1 });
      expect(first?.events.at(-1)?.event).toBe('done');
    });

    test('hears of a new attempt, and its output anew', async () => {
      const id = await stack.client.submit({ script: WAITS, timeout_ms: 3_000 });
      const heard = new Heard();
      for await (const event of readEvents(stack.client, id)) {
        heard.take(event);
        if (event.event === 'stdout' && event.id.startsWith('1-')) await killSlots(stack, name);
      }
      const job = await stack.client.job(id);
      expect(job).toMatchObject({
        status: 'failed',
        error: { code: 'timeout' },
        attempts: 2,
        stdout: 'first\n',
      });
      expect(heard.stdout).toBe('first\n');
      const statuses = heard.events.filter(({ event }) => event === 'status').map(({ data }) => data);
      expect(statuses).toContainEqual({ status: 'running', attempt: 1 });
      expect(statuses).toContainEqual({ status: 'running', attempt: 2 });
      expect(heard.job).toEqual(job);
    });
  });
});

const driver = drivers.find(({ name }) => name === 'process');

describe.skipIf(driver?.skip !== null)(driver?.skip ?? "a job's events", () => {
  let stack: Stack;
  let redis: Redis;
  beforeAll(async () => {
    // V8 is in no hurry to collect while it may grow: with a small heap, growth is what is kept.
    stack = await startStack({ driver: 'process', slots: 2, nodeOptions: '--max-old-space-size=64' });
    redis = new Redis({ path: new URL(stack.redis.url).pathname });
  });
  afterAll(async () => {
    redis?.disconnect();
    await stack?.stop();
  });

  test('of a job that has ended are its output and its end; after those there is nothing more', async () => {
    const { job } = await stack.client.run({
      script: 'import sys\ndef main():\n  print("ä")\n  print("e", file=sys.stderr)',
    });
    const heard = await follow(stack, job.id, () => Number.POSITIVE_INFINITY);
    expect(heard.events.map(({ event, data }) => [event, event === 'done' ? null : data])).toEqual([
      ['stdout', { text: 'ä\n' }],
      ['stderr', { text: 'e\n' }],
      ['done', null],
    ]);
    expect(heard.job).toEqual(job);
    const headers = { 'last-event-id': heard.lastId ?? '' };
    expect((await stack.client.get(`/jobs/${job.id}/events`, { headers })).status).toBe(204);
    const again = new Heard();
    for await (const event of readEvents(stack.client, job.id, { lastId: heard.events[0]?.id }))
      again.take(event);
    expect(again.events.map(({ event }) => event)).toEqual(['stderr', 'done']);
  });

  test('of a job that waits and is cancelled end with that', async () => {
    const { body } = await stack.client.post('/jobs', { script: 'def main(): pass', delay_ms: 600_000 });
    const { id } = body as { id: string };
    const heard = new Heard();
    for await (const event of readEvents(stack.client, id)) {
      heard.take(event);
      if (event.event === 'status') await stack.client.delete(`/jobs/${id}`);
    }
    expect(heard.events.map(({ event }) => event)).toEqual(['status', 'done']);
    expect(heard.events[0]?.data).toEqual({ status: 'queued', attempt: 0 });
    expect(heard.job).toMatchObject({ status: 'cancelled' });
  });

  test('are read by the reader that the documentation shows', async () => {
    const docs = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
    const reader = /```python\n(.*?)```/s.exec(docs)?.[1];
    const { job } = await stack.client.run({ script: 'def main():\n  print("ä")\n  return 1' });
    const use = `for event, data in follow("${stack.client.url}/jobs/${job.id}/events"): print(event, data.get("text", data.get("result")))`;
    const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', `${reader}\n${use}`]);
    expect(stdout).toBe('stdout ä\n\ndone 1\n');
  });

  test('end when the record is deleted meanwhile', async () => {
    const { body } = await stack.client.post('/jobs', { script: 'def main(): pass', delay_ms: 600_000 });
    const { id } = body as { id: string };
    const events: string[] = [];
    for await (const event of readEvents(stack.client, id)) {
      events.push(event.event);
      await redis.del(`jobcell:job:${id}`);
    }
    expect(events).toEqual(['status']);
  });

  test('are 404 for a job that is not there, and 400 for what is no id of an event', async () => {
    expect((await stack.client.get(`/jobs/${randomUUID()}/events`)).status).toBe(404);
    expect((await stack.client.get('/jobs/x/events')).status).toBe(404);
    const { job } = await stack.client.run({ script: 'def main(): pass' });
    for (const last of ['x', '1', '-1-1', '1-1-1', '9999999999-1']) {
      const answer = await stack.client.get(`/jobs/${job.id}/events`, { headers: { 'last-event-id': last } });
      expect([answer.status, (answer.body as { code: string }).code]).toEqual([400, 'invalid_request']);
    }
    expect((await stack.client.get(`/jobs/${job.id}/events?x=1`)).status).toBe(400);
  });

  test('can be followed by 1,000 who come and go, and nothing is left of them', async () => {
    const { body } = await stack.client.post('/jobs', { script: 'def main(): pass', delay_ms: 600_000 });
    const { id } = body as { id: string };
    const clients = async () => ((await redis.client('LIST')) as string).split('\n').length;
    const come = async (count: number) => {
      const sockets = Array.from({ length: count }, () =>
        connect(Number(new URL(stack.client.url).port), '127.0.0.1'),
      );
      await Promise.all(sockets.map((socket) => untilStatus(socket, id)));
      expect(await subscribers(redis)).toBe(1);
      for (const socket of sockets) socket.destroy();
    };
    for (let round = 0; round < 60; round += 1) await come(100); // until its heap is as large as it may be
    await until('nobody listens', async () => (await subscribers(redis)) === 0);
    const before = { ...resourcesOf(stack.api), clients: await clients() };
    // What is kept of each adds up with every 3,000; what is only not collected yet does not, nor a heap that was enlarged.
    const grown = async () => {
      const { memory } = resourcesOf(stack.api);
      for (let round = 0; round < 30; round += 1) await come(100);
      return resourcesOf(stack.api).memory - memory;
    };
    await until('they cost no memory', async () => (await grown()) < 16 * MiB, 60_000);
    await until('nobody listens', async () => (await subscribers(redis)) === 0);
    await until('no connection is left', () => resourcesOf(stack.api).descriptors <= before.descriptors + 2);
    expect(await clients()).toBe(before.clients);
    await stack.client.delete(`/jobs/${id}`);
  });

  test('cost the API next to nothing for those who do not read them', async () => {
    const script = 'def main():\n  for _ in range(16):\n    print("x" * 65535)\n  return "r" * 4_000_000';
    const { job } = await stack.client.run({ script });
    expect(job.stdout?.length).toBe(MiB);
    const before = resourcesOf(stack.api).memory;
    const sockets = Array.from({ length: LAZY }, () =>
      connect(Number(new URL(stack.client.url).port), '127.0.0.1'),
    );
    for (const socket of sockets) {
      socket.pause();
      socket.write(request(job.id));
    }
    const answered = () => stack.api.log().split(`"job_id":"${job.id}","msg":"request"`).length - 1;
    await until('all are answered', () => answered() >= LAZY);
    await stack.client.run({ script: 'def main(): pass' });
    // Each has 5 MiB to read.
    expect(resourcesOf(stack.api).memory - before).toBeLessThan((LAZY * 5 * MiB) / 4);
    for (const socket of sockets) socket.destroy();
    await until('nobody listens', async () => (await subscribers(redis)) === 0);
  });
});

const subscribers = async (redis: Redis) =>
  ((await redis.pubsub('NUMSUB', 'jobcell:live')) as [string, number])[1];

const request = (id: string) => `GET /jobs/${id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`;

/** Asks for the events and waits for the first. */
async function untilStatus(socket: ReturnType<typeof connect>, id: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let text = '';
  socket.on('error', reject).on('data', (data) => {
    text += data;
    if (text.includes('event: status')) resolve();
  });
  socket.write(request(id));
  await promise;
}
