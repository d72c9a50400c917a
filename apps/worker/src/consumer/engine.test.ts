import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@jobcell/shared/log';
import Docker from 'dockerode';
import { afterEach, describe, expect, test } from 'vitest';
import { startRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { connectEngine } from '../sandbox/docker/engine.ts';
import { startConsumer } from '../testing/consumer.ts';
import { skipOf } from '../testing/machine.ts';
import { sleep } from '../testing/scripts.ts';
import { TestStore } from '../testing/store.ts';

const log = createLogger('silent', 'test');
const docker = new Docker();
const skip = skipOf('docker');

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** The real engine behind a socket of the test's own, which can go away as one that is restarted does. */
class Way {
  readonly socketPath: string;
  readonly #open = new Set<Socket>();
  #server: Server | undefined;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'jobcell-engine-'));
    this.socketPath = join(folder, 'docker.sock');
    ends.push(() => {
      this.close();
      rmSync(folder, { recursive: true });
    });
  }
  async open(): Promise<void> {
    const engine = (process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').slice('unix://'.length);
    this.#server = createServer((client) => {
      const server = connect(engine);
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#open.add(from);
        from.on('error', () => to.destroy()).on('close', () => this.#open.delete(from));
        from.pipe(to);
      }
    });
    await new Promise<void>((resolve) => this.#server?.listen(this.socketPath, resolve));
  }
  close(): void {
    this.#server?.close();
    for (const socket of this.#open) socket.destroy();
  }
}

async function start(slots: number) {
  const redis = await startRedis();
  ends.push(() => redis.stop());
  const caller = new TestStore(redis.url, log);
  ends.push(() => caller.close());
  const way = new Way();
  await way.open();
  const engine = connectEngine({ socketPath: way.socketPath });
  const { pool, end } = await startConsumer(caller, { driver: 'docker', slots, engine });
  ends.push(() => end());
  const containers = async () => {
    const filters = { label: [`jobcell.installation=${caller.prefix}`] };
    return (await docker.listContainers({ all: true, filters })).map((container) => container.Id);
  };
  return { caller, way, pool, containers };
}

describe.skipIf(skip !== null)(skip ?? 'a consumer on the docker driver', () => {
  test('runs a job again whose container is killed, and replaces the container', async () => {
    const { caller, pool, containers } = await start(1);
    const job = await caller.submit(sleep, { input: '1' });
    await caller.untilRunning(job);
    const [killed = ''] = pool.slots;
    await docker.getContainer(killed).kill();
    expect((await caller.untilEnded(job)).job).toMatchObject({ status: 'succeeded', attempts: 2 });
    expect(await containers()).toEqual(pool.slots);
    expect(pool.slots).not.toContain(killed);
  });

  test('whose engine goes away says why, and goes on with new slots and no orphan when it is back', async () => {
    const { caller, way, pool, containers } = await start(2);
    const before = pool.slots;
    const job = await caller.submit(sleep, { input: '1' });
    await caller.untilRunning(job);
    way.close();
    await until('it says why', () => pool.trouble?.startsWith('the Docker engine does not answer'));
    expect(pool.usable).toBe(0);
    await way.open();
    await until('the slots are back', () => pool.usable === 2, 10_000);
    expect((await caller.untilEnded(job)).job).toMatchObject({ status: 'succeeded', attempts: 2 });
    await until('the old containers are gone', async () =>
      (await containers()).every((id) => !before.includes(id)),
    );
    expect((await containers()).sort()).toEqual(pool.slots.sort());
  });
});
