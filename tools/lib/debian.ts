import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lastLine, run } from './run.ts';
import { Refusal } from './say.ts';

/** Whether this machine's packages come from apt. */
export function hasApt(): boolean {
  return existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-deb');
}

/**
 * Unpacks Debian packages and what they need beside the installed ones into `target`. The system stays as it is and
 * no service is started, so it needs no root: apt gets lists and a cache of its own in `scratch`, which is removed.
 */
export async function unpackDebianPackages(
  names: readonly string[],
  target: string,
  scratch: string,
): Promise<void> {
  rmSync(scratch, { recursive: true, force: true });
  for (const folder of ['lists/partial', 'cache/archives/partial', 'debs']) {
    mkdirSync(join(scratch, folder), { recursive: true });
  }
  try {
    // A source that fails is no harm as long as the packages are found in the others.
    await apt(scratch, ['update']).catch(() => undefined);
    const wanted = await withDependencies(scratch, names);
    await apt(scratch, ['download', ...wanted]);
    mkdirSync(target, { recursive: true });
    for (const deb of readdirSync(join(scratch, 'debs'))) {
      const unpacked = await run('dpkg-deb', ['-x', join(scratch, 'debs', deb), target]);
      if (unpacked.code !== 0) throw new Refusal(`dpkg-deb could not unpack ${deb}: ${lastLine(unpacked)}`);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** `names`, and their dependencies less what is installed. */
async function withDependencies(scratch: string, names: readonly string[]): Promise<string[]> {
  const plan = await apt(scratch, ['install', '--simulate', '--no-install-recommends', ...names]);
  const added = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name);
  return [...new Set([...names, ...added])];
}

async function apt(scratch: string, args: readonly string[]): Promise<string> {
  const settings = [
    `Dir::State::lists=${join(scratch, 'lists')}`,
    `Dir::Cache=${join(scratch, 'cache')}`,
    'Debug::NoLocking=true',
    'APT::Sandbox::User=root',
    'Acquire::Retries=2',
    'Acquire::Languages=none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
  ];
  const options = settings.flatMap((setting) => ['-o', setting]);
  const ran = await run('apt-get', ['-q', ...options, ...args], {
    cwd: join(scratch, 'debs'),
    env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    timeoutMs: 600_000,
  });
  if (ran.code !== 0) throw new Refusal(`apt-get ${args[0]} failed: ${lastLine(ran)}`);
  return ran.stdout;
}
