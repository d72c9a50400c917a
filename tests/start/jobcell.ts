import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { until } from '../support/until.ts';

export const REPOSITORY = new URL('../../', import.meta.url).pathname;
export const isRoot = process.getuid?.() === 0;

/** Somebody who owns nothing here and is in no group. */
const STRANGER = 12_345;
export const AS_STRANGER = ['setpriv', '--reuid', `${STRANGER}`, '--regid', `${STRANGER}`, '--clear-groups'];

/** A first start brings everything, from the network. */
const FIRST_START_MS = 240_000;

/** A temporary folder with a home, a `TMPDIR` and, after `clone`, a fresh clone in it. */
export type Ground = { folder: string; dataDir: string; asStranger: boolean; remove(): void };

/** Where a start of its own can happen; `asStranger` gives everything to an ordinary user. */
export function makeGround({ asStranger = false } = {}): Ground {
  const folder = mkdtempSync(join(tmpdir(), 'jobcell-start-'));
  for (const name of ['', 'home', 'tmp']) {
    mkdirSync(join(folder, name), { recursive: true });
    if (asStranger) chownSync(join(folder, name), STRANGER, STRANGER);
  }
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { folder, dataDir: join(folder, 'data'), asStranger, remove };
}

/** The files of this repository as git would clone them, uncommitted changes included; nothing else. */
export function clone(ground: Ground): string {
  const target = join(ground.folder, 'clone');
  mkdirSync(target);
  const copy =
    'git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null | tar -cT - | tar -xC "$1"';
  execFileSync('sh', ['-c', copy, 'sh', target], { cwd: REPOSITORY });
  if (ground.asStranger) execFileSync('chown', ['-R', `${STRANGER}:${STRANGER}`, target]);
  return target;
}

/** A real `npm start`, with what it has printed so far. */
export type NpmStart = {
  npm: ChildProcess;
  output(): string;
  /** The printed command and address, once `npm start` is ready. */
  ready(): Promise<{ url: string; command: string }>;
  /** Waits for its end; gives the exit code, or the name of the signal. */
  ended(): Promise<number | string>;
};

export type Options = {
  settings?: Record<string, string>;
  /** Another script of the repository than `start`. */
  script?: 'start' | 'dev';
  /** What runs npm. */
  prefix?: string[];
  /** Takes what ends it, in case that nobody else does; the end of the test by default. */
  finallyDo?: (end: () => Promise<void>) => void;
};

/** Starts it in `cwd`. A test that fails before it has ended it leaves that to this function. */
export function npmStart(ground: Ground, cwd: string, options: Options = {}): NpmStart {
  const { settings = {}, script = 'start', prefix = ground.asStranger ? AS_STRANGER : [] } = options;
  const { finallyDo = onTestFinished } = options;
  const [program = '', ...args] = [...prefix, 'npm', 'run', script];
  const npm = spawn(program, args, {
    cwd,
    env: { ...bareEnvironment(ground), PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [npm.stdout, npm.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const isOver = () => npm.exitCode !== null || npm.signalCode !== null;
  finallyDo(async () => {
    if (isOver()) return;
    npm.kill('SIGTERM');
    await once(npm, 'close');
  });
  return {
    npm,
    output: () => output,
    async ready() {
      const printed = await until(
        'npm start is ready',
        () => /^ {2}stop /m.test(output) || isOver(),
        FIRST_START_MS,
      );
      const command = /^curl .*$/m.exec(output)?.[0];
      const url = /ready at (http:\S+)/.exec(output)?.[1];
      if (!printed || !command || !url) throw new Error(`npm start ended: ${output}`);
      return { url, command };
    },
    async ended() {
      if (!isOver()) await once(npm, 'close');
      return npm.signalCode ?? npm.exitCode ?? 'unknown';
    },
  };
}

/** Gives a clone this repository's dependencies. */
export function takeDependencies(target: string): void {
  execFileSync('cp', ['-a', join(REPOSITORY, 'node_modules'), target]);
}

/** A ground whose sandbox need not be set up, where this repository has one. */
export function makeFurnishedGround({ asStranger = false } = {}): Ground {
  const ground = makeGround({ asStranger });
  const sandbox = join(REPOSITORY, '.jobcell/sandbox');
  mkdirSync(ground.dataDir, { mode: 0o700 });
  if (existsSync(sandbox)) execFileSync('cp', ['-a', sandbox, ground.dataDir]);
  if (asStranger) execFileSync('chown', ['-R', `${STRANGER}:${STRANGER}`, ground.dataDir]);
  return ground;
}

/** What a login gives: no pyenv of root's, nothing that npm or vitest set; the machine's certificates stay known. */
export function bareEnvironment({ folder, dataDir, asStranger }: Ground): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(NODE_EXTRA_CA_CERTS|PIP_CERT|SSL_CERT_FILE)$/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    HOME: asStranger ? join(folder, 'home') : process.env.HOME,
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    TMPDIR: join(folder, 'tmp'),
    DATA_DIR: dataDir,
  };
}
