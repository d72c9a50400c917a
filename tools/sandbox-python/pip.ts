import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasApt, unpackDebianPackages } from '../lib/debian.ts';
import { PYTHON } from '../lib/python.ts';
import { succeeds } from '../lib/run.ts';
import { Refusal, say } from '../lib/say.ts';

/** A command that is pip working for `PYTHON`: program and first arguments. */
export type Pip = readonly [string, ...string[]];

/** Where Debian puts the wheel that its `venv` module installs pip from. */
const DEBIAN_WHEELS = 'usr/share/python-wheels';

/**
 * Finds pip, which Debian leaves out of its Python: the interpreter's own, else any pip on PATH told to work for that
 * interpreter (a pip that runs in another one would judge the requirements' markers by its own version), else the
 * distribution's wheel, unpacked into `folder`.
 */
export async function findPip(folder: string): Promise<Pip> {
  const own: Pip = [PYTHON, '-m', 'pip'];
  if (await works(own)) return own;
  for (const name of ['pip3', 'pip']) {
    const other: Pip = [name, '--python', PYTHON];
    if (await works(other)) return other;
  }
  const installed = pipWheel('/');
  if (installed && (await works(installed))) return installed;
  return await unpackPip(folder);
}

async function unpackPip(folder: string): Promise<Pip> {
  const advice = `install it (Debian: apt-get install python3-pip) or use docker compose up`;
  if (!hasApt()) throw new Refusal(`needs pip for ${PYTHON}: ${advice}`);
  say('no pip for Python: unpacking the one of Debian');
  try {
    await unpackDebianPackages(['python3-pip-whl'], join(folder, 'debian'), join(folder, 'apt'));
  } catch (error) {
    throw new Refusal(`needs pip for ${PYTHON}: ${advice}; ${(error as Error).message}`);
  }
  const unpacked = pipWheel(join(folder, 'debian'));
  if (unpacked && (await works(unpacked))) return unpacked;
  throw new Refusal(`needs pip for ${PYTHON}: ${advice}; the one of python3-pip-whl does not work`);
}

/** A wheel is a zip file, and Python runs the package inside. */
function pipWheel(root: string): Pip | undefined {
  const wheels = join(root, DEBIAN_WHEELS);
  const wheel = existsSync(wheels)
    ? readdirSync(wheels).find((name) => /^pip-.*\.whl$/.test(name))
    : undefined;
  return wheel ? [PYTHON, join(wheels, wheel, 'pip')] : undefined;
}

async function works([program, ...args]: Pip): Promise<boolean> {
  return await succeeds(program, [...args, '--version']);
}
