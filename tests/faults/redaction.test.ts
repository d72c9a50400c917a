import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { allDeliveries, cancelledJob } from '../support/deliveries.ts';
import { places } from '../support/drivers.ts';
import { Heard, readEvents } from '../support/events.ts';
import type { RunRequest } from '../support/http.ts';
import { startReceiver } from '../support/receiver.ts';
import { script } from '../support/scripts.ts';
import { type Stack, untilReady } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { docker } from './docker.ts';
import { killSlots, slotsOf } from './slots.ts';
import { withStack } from './with-stack.ts';

const scripts = readdirSync(new URL('scripts/canary/', import.meta.url));

describe.each(places)('on the $name driver, $start', ({ name, start, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'the logs, at their most talkative,', () => {
    test('hold no byte of a script, an input, an output, an error, a header or a query, and no line that a script forged', async () => {
      const canary = `Zq${randomUUID().replaceAll('-', '')}`;
      const settings = {
        ...{ LOG_LEVEL: 'trace', SHUTDOWN_GRACE_MS: '500' },
        ...{ WEBHOOK_ALLOW_CIDRS: '127.0.0.1/32', WEBHOOK_RETRY_MS: '10' },
      };
      let logs = () => '';
      await withStack({ driver: name, start, slots: 2, settings }, async (stack) => {
        logs = stack.logs;
        const answers: string[] = [];
        for (const file of scripts) answers.push(await runBothWays(stack, canary, file));
        expect(
          answers.filter((answer) => answer.includes(canary)).length,
          'callers see theirs',
        ).toBeGreaterThan(5);
        await checkAll(stack, canary);
        await liveALife(stack, canary);
        await beTold(stack, canary);
        await askWrongly(stack, canary);
        await askBrokenly(stack, canary);
        if (name === 'docker') await expectNoContainerLog(stack);
        await breakUnderJobs(stack, canary, name);
      });
      const lines = logs().split('\n').filter(Boolean);
      expect(lines.length).toBeGreaterThan(100);
      expect(lines.filter((line) => line.includes(canary))).toEqual([]);
      for (const line of lines)
        expect(JSON.parse(line), line).toMatchObject({ part: expect.stringMatching(/^(api|worker)$/) });
      expect(logs().replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    });
  });
});

/** The script of a file, with the canary in it. */
const withCanary = (file: string, canary: string) =>
  script(`faults/scripts/canary/${file}`).replaceAll('CANARY', canary);

async function runBothWays(stack: Stack, canary: string, file: string): Promise<string> {
  const request = { script: withCanary(file, canary), input: canary, timeout_ms: 1_000, memory_mb: 64 };
  const { answer } = await stack.client.run(request);
  await stack.client.job(await stack.client.submit(request), 10_000);
  return answer.text;
}

async function checkAll(stack: Stack, canary: string): Promise<void> {
  for (const file of scripts) await stack.client.post('/validate', { script: withCanary(file, canary) });
}

/** What a caller can do with a job beside running it, with the canary wherever he may write. */
async function liveALife(stack: Stack, canary: string): Promise<void> {
  const request = { script: withCanary('prints_and_sleeps.py', canary), input: canary, timeout_ms: 20_000 };
  const once = { 'idempotency-key': canary };
  for (const input of [canary, canary, `${canary} again`])
    await stack.client.post(
      '/jobs',
      { ...request, input, metadata: { [canary]: canary }, ttl_ms: 60_000 },
      once,
    );
  const id = await running(stack, request);
  const heard = new Heard();
  for await (const event of readEvents(stack.client, id)) {
    heard.take(event);
    if (heard.stdout.includes(canary)) break;
  }
  await stack.client.get(`/jobs/${id}/events`, { headers: { 'last-event-id': canary } });
  for (const path of [
    `/jobs/${id}`,
    `/jobs/${id}/data`,
    `/jobs/${id}/data?${canary}`,
    `/jobs/${canary}/data`,
  ])
    await stack.client.delete(path);
  await stack.client.get(`/jobs?status=${canary}&cursor=${canary}`);
  await stack.client.post('/jobs', {
    ...request,
    metadata: { [canary]: 1 },
    priority: canary,
    delay_ms: canary,
  });
  await stack.client.post('/admin/keys', { name: 1, tenant: `${canary} !`, scopes: [canary], [canary]: 1 });
  await stack.client.delete(`/admin/keys/${canary}`);
}

/** Webhooks with the canary in all that their caller and their receiver can say. */
async function beTold(stack: Stack, canary: string): Promise<void> {
  const secret = `whsec_${Buffer.from(canary).toString('base64')}`;
  const receiver = await startReceiver(secret, (_, response) => {
    response.writeHead(500, canary, { [`x-${canary}`]: canary, 'retry-after': canary }).end(canary);
  });
  const urls = [
    `${receiver.url}/${canary}?${canary}`,
    `http://${canary}.invalid/`,
    `https://127.0.0.1:1/${canary}`,
  ];
  const ids: string[] = [];
  for (const url of urls)
    ids.push(await cancelledJob(stack.client, { url, secret, headers: { [`x-${canary}`]: canary } }));
  for (const url of [canary, `http://${canary}@a.example/`, `http://10.0.0.1/${canary}`])
    await stack.client.post('/jobs', { script: canary, webhook: { url, secret: canary, [canary]: canary } });
  await until('they are dead letters', async () => {
    const dead = await allDeliveries(stack.client, '&status=dead');
    return dead.length === urls.length && JSON.stringify(dead).includes(canary);
  });
  await stack.client.get(`/webhooks/deliveries?job_id=${canary}&cursor=${canary}`);
  await stack.client.post(`/webhooks/deliveries/${canary}/redeliver`, canary);
  await receiver.stop();
}

/** Requests that are refused, each with the canary where only a caller can have put it. */
async function askWrongly(stack: Stack, canary: string): Promise<void> {
  const { client } = stack;
  const body = { script: `def main(): return "${canary}"` };
  const headers = {
    authorization: `Bearer ${canary}`,
    cookie: `a=${canary}`,
    [`x-${canary}`]: canary,
    'user-agent': canary,
    referer: canary,
  };
  await client.get(`/jobs/${canary}?${canary}=${canary}`, { headers });
  await client.get(`/${canary}?wait_ms=${canary}`, { headers });
  await client.get(`/jobs/${randomUUID()}?wait_ms=${canary}`);
  for (const path of ['/execute', '/jobs', '/validate']) {
    await client.post(`${path}?include=${canary}`, body, headers);
    await client.post(path, body, { ...headers, 'x-request-id': `${canary} ${canary}` });
    await client.post(path, body, { 'content-type': `text/${canary}` });
    await client.post(path, body, { 'content-encoding': canary });
    await client.post(path, { ...body, [canary]: canary, timeout_ms: canary });
    await client.post(path, `{"script": "${canary}`);
    await client.post(path, `{"script": "${canary}", "input": [${canary}]}`);
    await client.post(path, { script: `${canary}\ud800` });
  }
}

/** What is no proper HTTP. */
async function askBrokenly(stack: Stack, canary: string): Promise<void> {
  for (const bytes of [
    `${canary}\r\n\r\n`,
    `GET /${canary} HTTP/1.1\r\nHost: ${canary}\r\nConnection: close\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost : ${canary}\r\n\r\n`,
    `GET /\\${canary} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    `POST /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${canary}\r\n`,
    `POST /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"${canary}`,
  ]) {
    const socket = connect(Number(new URL(stack.client.url).port), '127.0.0.1');
    socket.end(bytes);
    await text(socket).catch(() => undefined);
  }
}

/** Nor does Docker keep what a job writes. */
async function expectNoContainerLog(stack: Stack): Promise<void> {
  const types = await docker(
    'inspect',
    '--format',
    '{{.HostConfig.LogConfig.Type}}',
    ...(await slotsOf(stack)),
  );
  expect(new Set(types.split('\n'))).toEqual(new Set(['none']));
}

/** A slot that dies under a job, a Redis that goes away under one, and a worker that has to give one back. */
async function breakUnderJobs(stack: Stack, canary: string, driver: 'process' | 'docker'): Promise<void> {
  const request = { script: withCanary('prints_and_sleeps.py', canary), input: canary, timeout_ms: 3_000 };
  const first = await running(stack, request);
  await killSlots(stack, driver);
  await stack.redis.restart('SIGKILL');
  await untilReady(stack);
  await until('it ends', async () => (await stack.client.job(first, 5_000)).finished_at !== null, 30_000);
  await running(stack, { ...request, timeout_ms: 30_000 });
}

async function running(stack: Stack, request: RunRequest): Promise<string> {
  const id = await stack.client.submit(request);
  await until('it runs', async () => (await stack.client.job(id)).status === 'running');
  return id;
}
