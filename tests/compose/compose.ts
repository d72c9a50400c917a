import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { cli } from '../faults/docker.ts';
import { drivers } from '../support/drivers.ts';
import { Client } from '../support/http.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, '../..');

/** `docker compose` on this repository's file, as a project with a name and a port of its own. */
export type Compose = {
  client: Client;
  port: number;
  /** `docker compose -p … <args>`: its output. */
  compose(...args: string[]): Promise<string>;
  up(...args: string[]): Promise<void>;
  /** What `docker inspect` says of the containers of a service. */
  inspect(service: string): Promise<Container[]>;
  /** Ids of every container of the project, slots included, in any state. */
  containers(): Promise<string[]>;
  /** Ends it, with its volumes. */
  remove(): Promise<void>;
};

export type Container = {
  Id: string;
  Mounts: { Source: string; Destination: string }[];
  NetworkSettings: {
    Ports: Record<string, { HostIp: string; HostPort: string }[] | null>;
    Networks: Record<string, unknown>;
  };
  HostConfig: {
    Privileged: boolean;
    CapDrop: string[] | null;
    ReadonlyRootfs: boolean;
    SecurityOpt: string[] | null;
  };
};

/** Why compose cannot be tried here, or `null`. */
export const skip = drivers.find(({ name }) => name === 'docker')?.skip ?? null;

export async function prepareCompose(): Promise<Compose> {
  const project = `jobcell-test-${randomUUID().slice(0, 8)}`;
  const port = await freePort();
  const socket = (process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').replace('unix://', '');
  const options = {
    cwd: repository,
    env: { ...process.env, JOBCELL_PORT: `${port}`, DOCKER_SOCKET: socket, SANDBOX_IMAGE: 'jobcell-sandbox' },
    maxBuffer: 64 * 1024 * 1024,
  };
  const docker = async (...args: string[]) => (await run(cli, args, options)).stdout.trim();
  let installation = '';
  const self: Compose = {
    client: new Client(`http://127.0.0.1:${port}`),
    port,
    compose: async (...args) => await docker('compose', '-p', project, ...args),
    async up(...args) {
      await self.compose('up', '--detach', '--wait', '--wait-timeout', '120', ...args);
      // The name that the slots' containers carry, once the worker has made it up.
      installation = await until(
        'the installation has a name',
        () => self.compose('exec', '-T', 'redis', 'redis-cli', 'get', 'jobcell:installation'),
        60_000,
      );
    },
    async inspect(service) {
      const ids = lines(await self.compose('ps', '--all', '--quiet', service));
      return ids.length === 0 ? [] : JSON.parse(await docker('inspect', ...ids));
    },
    async containers() {
      // Slots carry their image's labels, the name of the project that built it among them: not each is this one's.
      const made = [
        `label=com.docker.compose.project=${project}`,
        '--filter',
        'label=com.docker.compose.config-hash',
      ];
      const slots = [`label=jobcell.installation=${installation || 'none yet'}`];
      const found = await Promise.all(
        [made, slots].map((filter) => docker('ps', '-aq', '--filter', ...filter)),
      );
      return found.flatMap(lines);
    },
    async remove() {
      await self.compose('down', '--volumes', '--remove-orphans', '--timeout', '45');
    },
  };
  return self;
}

const lines = (text: string) => text.split('\n').filter(Boolean);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
