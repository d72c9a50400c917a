import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NSJAIL = new URL('../../nsjail/', import.meta.url).pathname;

/** A change to a copy of `nsjail/` that takes one protection away. The product has no switch for that. */
export type Alteration = (folder: string) => Promise<void>;

export const nothing: Alteration = async () => undefined;

/** One instruction: allow. */
export const withoutFilter: Alteration = async (folder) => {
  const allow = Buffer.from([0x06, 0, 0, 0, 0, 0, 0xff, 0x7f]);
  for (const file of await readdir(join(folder, 'seccomp'))) {
    if (file.endsWith('.bpf')) await writeFile(join(folder, 'seccomp', file), allow);
  }
};

export const withoutRlimits: Alteration = (folder) =>
  rewrite(folder, (config) =>
    config.replaceAll(/^(rlimit_(?:nofile|nproc|fsize): ?)\d+/gm, (_line, name) => `${name}1000`),
  );

export const withoutNetworkNamespace: Alteration = (folder) =>
  rewrite(folder, (config) => config.replace('clone_newnet: true', 'clone_newnet: false'));

async function rewrite(folder: string, change: (config: string) => string): Promise<void> {
  const file = join(folder, 'jail.cfg');
  const before = await readFile(file, 'utf8');
  const after = change(before);
  if (after === before) throw new Error('the configuration has nothing to alter');
  await writeFile(file, after);
}

/** An altered copy of `nsjail/`, for as long as `use` takes. */
export async function withAltered<T>(alter: Alteration, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'jobcell-control-'));
  try {
    await cp(NSJAIL, folder, { recursive: true });
    await alter(folder);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A sandbox image with the altered files in place of its own, for as long as `use` takes. */
export async function withAlteredImage<T>(folder: string, use: (image: string) => Promise<T>): Promise<T> {
  const docker = process.env.DOCKER_CLI ?? 'docker';
  const image = `jobcell-control-${randomUUID()}`;
  await writeFile(
    join(folder, 'Dockerfile'),
    'FROM jobcell-sandbox\nCOPY jail.cfg /opt/jobcell/\nCOPY seccomp/*.bpf /opt/jobcell/seccomp/\n',
  );
  await rm(join(folder, '.dockerignore'), { force: true });
  await run(docker, ['build', '-q', '-t', image, folder]);
  try {
    return await use(image);
  } finally {
    await run(docker, ['rmi', '-f', image]);
  }
}
