import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { drivers } from '../support/drivers.ts';
import { until } from '../support/until.ts';
import { cli } from './docker.ts';

const run = promisify(execFile);

/** A dockerd of this test's own. It has a network namespace, or it would take `docker0` from the one of other tests. */
export type OwnEngine = {
  /** For `DOCKER_HOST`. */
  host: string;
  docker(...args: string[]): Promise<string>;
  kill(signal: NodeJS.Signals): Promise<void>;
  launch(): Promise<void>;
  /** Ends it and removes all that it had. */
  stop(): Promise<void>;
};

const dockerd = [resolve(dirname(cli), '../sbin/dockerd'), '/usr/bin/dockerd', '/usr/sbin/dockerd'].find(
  (file) => existsSync(file),
);

/** Why no engine of its own can be had here, or `null`. */
export function reasonForNoEngine(): string | null {
  const skip = drivers.find(({ name }) => name === 'docker')?.skip ?? null;
  if (skip !== null) return skip;
  if (process.getuid?.() !== 0) return 'skipped: only root can start a Docker engine of its own';
  return dockerd === undefined ? `skipped: there is no dockerd beside ${cli}` : null;
}

export async function startOwnEngine(): Promise<OwnEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'jobcell-engine-'));
  const host = `unix://${join(folder, 'docker.sock')}`;
  let daemon: ChildProcess;
  const engine: OwnEngine = {
    host,
    docker: async (...args) => (await run(cli, ['--host', host, ...args])).stdout.trim(),
    async kill(signal) {
      const ended = once(daemon, 'exit');
      daemon.kill(signal);
      await ended;
    },
    async launch() {
      daemon = spawnDaemon(folder, host);
      await until(
        'the engine answers',
        async () => {
          if (daemon.exitCode !== null)
            throw new Error(readFileSync(join(folder, 'log'), 'utf8').slice(-2000));
          return await engine.docker('version', '--format', 'answers');
        },
        30_000,
      );
    },
    async stop() {
      await engine.kill('SIGTERM');
      removeTraces(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
  await engine.launch();
  return engine;
}

/** The sandbox image of the tests' engine, in this one, too. */
export async function copyImage(engine: OwnEngine, image: string): Promise<void> {
  await run('sh', ['-c', '"$1" save "$2" | "$1" --host "$3" load', 'sh', cli, image, engine.host]);
}

/** As the name of its parent for the cgroups of all containers. */
const cgroupOf = (folder: string) => folder.split('/').at(-1) ?? '';

function spawnDaemon(folder: string, host: string): ChildProcess {
  const programs = `${dirname(dockerd ?? '')}:${resolve(dirname(dockerd ?? ''), '../bin')}`;
  const at = (name: string) => join(folder, name);
  const options = [
    ...[
      '--config-file=/dev/null',
      `--host=${host}`,
      `--pidfile=${at('pid')}`,
      `--cgroup-parent=/${cgroupOf(folder)}`,
    ],
    ...[`--data-root=${at('data')}`, `--exec-root=${at('exec')}`, '--group=root'],
    ...['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
  ];
  const command = 'exec unshare --net "$@" >> "$0" 2>&1 < /dev/null';
  return spawn('sh', ['-c', command, at('log'), dockerd ?? '', ...options], {
    env: { ...process.env, PATH: `${programs}:${process.env.PATH}` },
    stdio: 'ignore',
  });
}

/** What a daemon leaves in the kernel: mounts below its folder, and the cgroup above its containers'. */
function removeTraces(folder: string): void {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  for (const mount of mounts.filter((each) => each.startsWith(`${folder}/`)).reverse()) {
    execFileSync('umount', ['--lazy', mount]);
  }
  const places = ['/sys/fs/cgroup', '-depth', '-type', 'd', '-path', `*/${cgroupOf(folder)}*`];
  execFileSync('sh', ['-c', 'find "$@" -exec rmdir {} + 2>/dev/null || true', 'sh', ...places]);
}
