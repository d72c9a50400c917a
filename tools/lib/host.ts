import { readFileSync } from 'node:fs';
import { lastLine, run } from './run.ts';
import { Refusal } from './say.ts';

const OTHERWISE = 'docker compose up runs it in containers';

/** Somebody who is not root, as a slot of a worker that is root becomes. */
const AS_NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
const NEW_NAMESPACES = [
  'unshare',
  '--user',
  '--map-root-user',
  '--mount',
  '--pid',
  '--net',
  '--ipc',
  '--uts',
  '--fork',
  'true',
];

/** What can forbid user namespaces, with the value that does, and what the operator may do about it. */
const CAUSES = [
  ['user/max_user_namespaces', '0', 'sysctl user.max_user_namespaces is 0'],
  ['kernel/unprivileged_userns_clone', '0', 'sysctl kernel.unprivileged_userns_clone is 0'],
  [
    'kernel/apparmor_restrict_unprivileged_userns',
    '1',
    'AppArmor restricts them (sysctl kernel.apparmor_restrict_unprivileged_userns is 1)',
  ],
] as const;

/** Refuses a machine whose kernel is not Linux, or one that this process may not make namespaces on. */
export async function refuseUnfitHost(): Promise<void> {
  if (process.platform !== 'linux') {
    throw new Refusal(`needs Linux, and this is ${process.platform}: ${OTHERWISE}`);
  }
  if (process.arch !== 'x64' && process.arch !== 'arm64') {
    throw new Refusal(`needs an x86-64 or arm64 processor, and this is ${process.arch}`);
  }
  await refuseWithoutNamespaces();
}

/** Tries what a slot needs: by the `unshare` of util-linux, as the user that a slot has. */
async function refuseWithoutNamespaces(): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  const [program = '', ...args] = isRoot ? [...AS_NOBODY, ...NEW_NAMESPACES] : NEW_NAMESPACES;
  const asUser = await run(program, args);
  if (asUser.code !== 0) {
    throw new Refusal(`cannot make user namespaces here: ${causeOf(lastLine(asUser))}; ${OTHERWISE}`);
  }
  if (!isRoot) return;
  const asRoot = await run('unshare', ['--mount', 'true']);
  if (asRoot.code !== 0) {
    throw new Refusal(`root may not make mount namespaces here: ${lastLine(asRoot)}; ${OTHERWISE}`);
  }
}

function causeOf(said: string): string {
  const known = CAUSES.find(([name, value]) => sysctl(name) === value);
  return known ? known[2] : said;
}

function sysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
