import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drivers } from '../support/drivers.ts';
import type { Client } from '../support/http.ts';
import { type Stack, startStack } from '../support/stack.ts';

const driver = drivers.find(({ name }) => name === 'process');

const ID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** Every key that Jobcell has, and those of BullMQ below its prefix. */
const SCHEMA = [
  new RegExp(`^jobcell:job:${ID}$`),
  new RegExp(`^jobcell:live:${ID}:(stdout|stderr)$`),
  /^jobcell:(queued|delayed|expiring|running|retained|bytes|created_us|schema|installation)$/,
  /^jobcell:(workers|workers:said|workers:slots|slots|parked|turn|(turns|ready):(execute|background))$/,
  /^jobcell:tenant:[A-Za-z0-9._-]{1,64}(:(jobs|(ready:)?(execute|high|normal|low)|queued|running|[a-z]+ed))?$/,
  /^jobcell:once:[A-Za-z0-9._-]{1,64}:[0-9a-f]{64}$/,
  /^jobcell:(keys|keys:used|keys:required|key:[0-9a-f]{32}|requests:[A-Za-z0-9._-]{1,64})$/,
  new RegExp(`^jobcell:bull:jobs(:${ID})?(:[a-z-]+)*$`),
  new RegExp(`^jobcell:(bull:deliveries(:${ID}\\.\\d+)?(:[a-z-]+)*|delivery:${ID})$`),
  /^jobcell:(delivery_seq|receivers|sending|sending:count|silent|line:[0-9a-f]{32}|held:[A-Za-z0-9._-]{1,64})$/,
  /^jobcell:tenant:[A-Za-z0-9._-]{1,64}:deliveries:(all|pending|delivered|dead)$/,
];

const uuid = randomUUID();
const ids = [
  ...[
    '..%2f..%2f',
    'a:b',
    '{x}',
    '%00',
    '*',
    '%2a',
    '%0d%0aSET%20injected%201%0d%0a',
    'jobcell:queued',
    'queued',
  ],
  ...[
    `${uuid}:lock`,
    `${uuid}%00`,
    `${uuid}%0a`,
    ` ${uuid}`,
    uuid.toUpperCase(),
    `{${uuid}}`,
    `${uuid}/../${uuid}`,
  ],
  ...['injected', 'injected'.repeat(1_000), '__proto__', '%ff%fe', '\u0660'.repeat(36)],
];

describe.skipIf(driver?.skip !== null)(driver?.skip ?? 'what a caller writes', () => {
  let stack: Stack;
  let redis: Redis;
  beforeAll(async () => {
    stack = await startStack({ driver: 'process', slots: 1 });
    redis = new Redis({ path: new URL(stack.redis.url).pathname });
  });
  afterAll(async () => {
    redis?.disconnect();
    await stack?.stop();
  });

  test('as an id is a 400 or 404, and never a part of a Redis key outside the schema', async () => {
    const seen = await monitored(redis, async () => {
      for (const id of ids) {
        const answer = await stack.client.get(`/jobs/${id}?wait_ms=100`);
        expect([400, 404], id).toContain(answer.status);
      }
      const script = 'def main(x): return x\r\n*3\r\n$3\r\nSET\r\n$8\r\ninjected\r\n$1\r\n1\r\n';
      await stack.client.post('/jobs?injected=1', { script, injected: 1 }, { 'x-request-id': 'injected' });
      await stack.client.post('/execute', { script: '\r\nSET injected 1\r\n', input: 'injected' });
      const once = { 'idempotency-key': 'injected:{x} *' };
      await stack.client.post('/jobs', { script, metadata: { 'jobcell:queued': 'injected' } }, once);
      await stack.client.run({ script: 'def main(x): return x', input: '\r\nSET injected 1\r\n' });
      await useWebhooks(stack.client);
      await useKeys(stack.client);
    });
    const keys = new Set((await Promise.all(seen.map((command) => keysOf(redis, command)))).flat());
    expect(keys.size).toBeGreaterThan(5);
    expect([...keys].filter(isForeign)).toEqual([]);
    expect((await redis.keys('*')).filter(isForeign)).toEqual([]);
    expect(await redis.exists('injected')).toBe(0);
  });
});

/** Makes a key, then asks for, with and about keys whose ids are none; from here on a key is needed. */
async function useWebhooks(client: Client): Promise<void> {
  const webhook = {
    url: 'http://receiver.invalid/jobcell:injected?{x}*\r\nSET',
    secret: `whsec_${Buffer.alloc(32).toString('base64')}`,
    headers: { injected: 'SET injected 1' },
  };
  const answer = await client.post('/jobs', { script: 'x', delay_ms: 60_000, webhook });
  expect(answer.status).toBe(202);
  await client.delete(`/jobs/${(answer.body as { id: string }).id}`);
  for (const id of ids) {
    const path = `/webhooks/deliveries/${id}/redeliver`;
    expect([400, 404], id).toContain((await client.get(path, { method: 'POST' })).status);
    expect((await client.get(`/webhooks/deliveries?job_id=${id}`)).status, id).toBe(400);
    expect((await client.get(`/webhooks/deliveries?cursor=${id}`)).status, id).toBe(400);
  }
}

async function useKeys(client: Client): Promise<void> {
  const fields = { name: 'injected', scopes: ['admin', 'jobs:read'] };
  expect((await client.post('/admin/keys', { ...fields, tenant: 'a:injected' })).status).toBe(400);
  const { key } = (await client.post('/admin/keys', { ...fields, tenant: 'acme' })).body as { key: string };
  const headers = { authorization: `Bearer ${key}` };
  for (const id of ids) {
    expect((await client.get(`/admin/keys?cursor=${id}`, { headers })).status, id).toBe(400);
    expect([400, 404], id).toContain(
      (await client.get(`/admin/keys/${id}`, { headers, method: 'DELETE' })).status,
    );
    const asKey = { authorization: `Bearer jobcell_${encodeURIComponent(id)}_injected` };
    expect((await client.get('/runtime', { headers: asKey })).status, id).toBe(401);
  }
  expect((await client.get('/runtime', { headers })).status).toBe(200);
}

const isForeign = (key: string) => !SCHEMA.some((pattern) => pattern.test(key));

/** Each command that Redis executes during `use`, those inside of scripts too. */
async function monitored(redis: Redis, use: () => Promise<void>): Promise<string[][]> {
  const monitor = await redis.monitor();
  const seen: string[][] = [];
  monitor.on('monitor', (_time: string, command: string[]) => seen.push(command));
  await use();
  monitor.disconnect();
  return seen;
}

/** The keys among a command's words, as Redis itself reads it; none for one that takes no key. */
async function keysOf(redis: Redis, [name = '', ...args]: string[]): Promise<string[]> {
  if (args.length === 0) return [];
  try {
    return (await redis.command('GETKEYS', name, ...args)) as string[];
  } catch (error) {
    if (/no key arguments|Invalid arguments/.test((error as Error).message)) return [];
    throw error;
  }
}
