import { causes, type Finding } from './causes.ts';
import { causeOfNamespaces, readEvidence } from './evidence.ts';
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

/** Refuses a machine whose kernel is not Linux, or one that this process may not make namespaces on. */
export async function refuseUnfitHost(): Promise<void> {
  const found = await findUnfitness();
  if (found === undefined) return;
  const { means, cure } = causes[found.cause];
  const line = found.cause === 'unknown' ? found.seen : `${found.seen} (${means}): ${cure}`;
  throw new Refusal(found.cause === 'processor_unsupported' ? line : `${line}; ${OTHERWISE}`);
}

/** Why the process driver cannot run on this machine, whatever is installed; `undefined` where nothing is against it. */
export async function findUnfitness(): Promise<Finding | undefined> {
  if (process.platform !== 'linux')
    return { cause: 'not_linux', seen: `needs Linux, and this is ${process.platform}` };
  if (process.arch !== 'x64' && process.arch !== 'arm64') {
    const seen = `needs an x86-64 or arm64 processor, and this is ${process.arch}`;
    return { cause: 'processor_unsupported', seen };
  }
  return await findRefusal();
}

/** Tries what a slot needs: by the `unshare` of util-linux, as the user that a slot has. */
async function findRefusal(): Promise<Finding | undefined> {
  const evidence = readEvidence();
  const { isRoot } = evidence;
  const [program = '', ...args] = isRoot ? [...AS_NOBODY, ...NEW_NAMESPACES] : NEW_NAMESPACES;
  const asUser = await run(program, args);
  if (asUser.code !== 0) {
    const said = lastLine(asUser);
    return { cause: causeOfNamespaces(said, evidence), seen: `cannot make user namespaces here: ${said}` };
  }
  if (!isRoot) return undefined;
  const asRoot = await run('unshare', ['--mount', 'true']);
  if (asRoot.code === 0) return undefined;
  const said = lastLine(asRoot);
  const cause = evidence.hasSysAdmin ? causeOfNamespaces(said, evidence) : 'root_without_capabilities';
  return { cause, seen: `root may not make mount namespaces here: ${said}` };
}
