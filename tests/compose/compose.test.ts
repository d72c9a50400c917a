import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Job } from '@jobcell/shared/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contacts, summaryOf } from '../contract/contacts/contacts.ts';
import { examples } from '../contract/examples.ts';
import { allDeliveries, cancelledJob } from '../support/deliveries.ts';
import { newSecret } from '../support/receiver.ts';
import { script } from '../support/scripts.ts';
import { until } from '../support/until.ts';
import { type Compose, type Container, prepareCompose, skip } from './compose.ts';

const MINUTES_15 = 15 * 60_000; // where the images have to be built first
const sleeps = script('faults/scripts/sleeps.py');

describe.skipIf(skip !== null)(skip ?? 'docker compose up', () => {
  let system: Compose;
  beforeAll(async () => {
    system = await prepareCompose();
    await system.up();
    await until('it is ready', async () => (await system.client.get('/ready')).status === 200, 60_000);
  }, MINUTES_15);
  afterAll(async () => {
    await system?.remove();
    expect(await system?.containers()).toEqual([]);
  });

  test.each(examples)(
    'gives exactly the body of each example of the contract',
    async ({ script: source, body }) => {
      const answer = await system.client.post('/execute', { script: source });
      expect(answer.text).toBe(body);
      expect(answer.status).toBe(200);
    },
  );

  test('gives the right answer for real records, through /execute and through /jobs with wait_ms', async () => {
    const csv = contacts(4000);
    const request = { script: script('contract/contacts/summarise.py'), input: csv, timeout_ms: 20_000 };
    expect((await system.client.run(request)).job).toMatchObject({ error: null, result: summaryOf(csv) });
    const job = await system.client.job(await system.client.submit(request), 30_000);
    expect(job.result).toEqual(summaryOf(csv));
  });

  test('lets only the worker reach the engine, and only this machine reach the API and nothing else', async () => {
    const api = await only(system, 'api');
    const worker = await only(system, 'worker');
    const redis = await only(system, 'redis');
    const sockets = [api, worker, redis].map(({ Mounts }) =>
      Mounts.map(({ Source }) => Source).filter((path) => path.endsWith('.sock')),
    );
    expect(sockets).toEqual([[], [expect.stringContaining('docker.sock')], []]);
    expect([api, worker, redis].map(published)).toEqual([
      [{ HostIp: '127.0.0.1', HostPort: `${system.port}` }],
      [],
      [],
    ]);
    expect(await Promise.all(otherAddresses().map((address) => isOpen(address, system.port)))).not.toContain(
      true,
    );
    for (const { HostConfig } of [api, worker]) {
      expect(HostConfig).toMatchObject({
        Privileged: false,
        CapDrop: ['ALL'],
        ReadonlyRootfs: true,
        SecurityOpt: ['no-new-privileges:true'],
      });
    }
    expect(Object.keys(worker.NetworkSettings.Networks)).toEqual(Object.keys(redis.NetworkSettings.Networks));
    const route = await system.compose('exec', '-T', 'worker', 'cat', '/proc/net/route');
    expect(route, 'the worker has no way out').not.toMatch(/^\S+\t00000000\t/m);
  });

  test("sends webhooks from a service of its own, which has no engine, and reaches nothing of the operator's", async () => {
    const sender = await only(system, 'webhooks');
    expect(sender.Mounts).toEqual([]);
    expect(published(sender)).toEqual([]);
    expect(Object.keys(sender.NetworkSettings.Networks)).toHaveLength(2);
    const networksOf = async (service: string) =>
      Object.keys((await only(system, service)).NetworkSettings.Networks);
    const outside = Object.keys(sender.NetworkSettings.Networks).filter((name) => name.endsWith('_outside'));
    for (const service of ['api', 'worker', 'redis'])
      expect(await networksOf(service)).not.toContain(outside[0] ?? expect.fail());
    const webhook = { url: 'http://api:8080/jobs', secret: newSecret() };
    const id = await cancelledJob(system.client, webhook);
    const attempt = await until('it was tried', async () => {
      const [delivery] = await allDeliveries(system.client, `&job_id=${id}`);
      return delivery?.attempts[0];
    });
    expect(attempt).toMatchObject({ status_code: null, error: 'address_forbidden' });
  });

  test('keeps what is queued and what has ended over `down` and `up`, and `down` leaves no container, slots included', async () => {
    const ended = await system.client.run({ script: 'def main(): return "before"' });
    const submitted = await Promise.all(Array.from({ length: 40 }, (_, n) => submit(system, n, 1)));
    await system.compose('down');
    expect(await system.containers()).toEqual([]);
    await system.up();
    expect(await system.client.job(ended.job.id)).toEqual(ended.job);
    const stillQueued = (await readAll(system, submitted)).filter(({ status }) => status === 'queued').length;
    const jobs = await endedAll(system, submitted);
    expect(jobs.map(({ status, result, attempts }) => ({ status, result, attempts }))).toEqual(
      submitted.map((_, n) => ({ status: 'succeeded', result: n, attempts: 1 })),
    );
    expect(stillQueued, 'jobs that were queued over it').toBeGreaterThan(0);
  });

  test('--scale worker=3 makes three workers, and the jobs are spread over them', async () => {
    await system.up('--no-build', '--no-recreate', '--scale', 'worker=3');
    await until(
      '/runtime tells of three',
      async () => ((await system.client.get('/runtime')).body as { workers: number }).workers === 3,
      60_000,
    );
    const before = await endedByEach(system);
    const jobs = await endedAll(
      system,
      await Promise.all(Array.from({ length: 60 }, (_, n) => submit(system, n, 0.5))),
    );
    expect(jobs.map(({ result }) => result)).toEqual(jobs.map((_, n) => n));
    const shares = (await endedByEach(system)).map((ended, worker) => ended - (before[worker] ?? 0));
    console.log(`60 jobs over three workers: ${shares.join(', ')}`);
    expect(shares.length).toBe(3);
    expect(Math.min(...shares)).toBeGreaterThan(3);
  });

  test('a key that is made by `docker compose exec` is needed from then on', async () => {
    const words = ['create', '--name', 'test', '--scopes', 'jobs:read', '--json'];
    const made = await system.compose('exec', '-T', 'api', 'node', 'apps/api/src/keys/main.ts', ...words);
    const { key } = JSON.parse(made) as { key: string };
    await until('a key is needed', async () => (await system.client.get('/runtime')).status === 401);
    const headers = { authorization: `Bearer ${key}` };
    expect((await system.client.get('/runtime', { headers })).status).toBe(200);
  });
});

const submit = (system: Compose, n: number, seconds: number) =>
  system.client.submit({ script: sleeps, input: { n, seconds } });

const readAll = (system: Compose, ids: string[]): Promise<Job[]> =>
  Promise.all(ids.map((id) => system.client.job(id)));

async function endedAll(system: Compose, ids: string[]): Promise<Job[]> {
  await until(
    'all have ended',
    async () => (await readAll(system, ids)).every(({ finished_at }) => finished_at !== null),
    90_000,
  );
  return await readAll(system, ids);
}

async function only(system: Compose, service: string): Promise<Container> {
  const [container, ...more] = await system.inspect(service);
  if (container === undefined || more.length > 0) throw new Error(`${service}: not one container`);
  return container;
}

const published = ({ NetworkSettings }: Container) =>
  Object.values(NetworkSettings.Ports).flatMap((ports) => ports ?? []);

/** Addresses of this machine that others may reach it by. */
const otherAddresses = () =>
  Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);

async function isOpen(host: string, port: number): Promise<boolean> {
  return await new Promise((answer) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const say = (open: boolean) => {
      socket.destroy();
      answer(open);
    };
    socket
      .once('connect', () => say(true))
      .once('error', () => say(false))
      .once('timeout', () => say(false));
  });
}

/** How many jobs each worker's log says that it ended. */
async function endedByEach(system: Compose): Promise<number[]> {
  const indices = (await system.inspect('worker')).map((_, at) => `${at + 1}`);
  const logs = await Promise.all(
    indices.map((index) => system.compose('logs', '--no-color', '--index', index, 'worker')),
  );
  return logs.map((log) => log.split('"job ended"').length - 1);
}
