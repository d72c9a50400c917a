import { NotProven } from '../../apps/worker/src/proof/prove.ts';
import { EngineError } from '../../apps/worker/src/sandbox/docker/engine.ts';
import type { CauseId, Finding } from '../lib/causes.ts';
import { causeOfNamespaces, type Evidence, switchThatForbids } from '../lib/evidence.ts';
import { OutOfTime } from './attempt.ts';
import type { DriverName } from './report.ts';

/** What the kernel says where it forbids something. */
const REFUSED =
  /operation not permitted|permission denied|refuses (user )?namespaces|no space left on device/i;

/** The cause of a failed attempt, by what was said and by what the machine says of itself. */
export function explain(driver: DriverName, error: Error, evidence: Evidence): Finding {
  const seen = wordsOf(error);
  if (error instanceof OutOfTime) return { cause: 'timed_out', seen };
  if (error instanceof NotProven) return { cause: 'not_proven', seen };
  if (error instanceof EngineError) return { cause: causeInEngine(error), seen };
  return {
    cause: driver === 'process' ? causeOnHost(seen, evidence) : causeInContainer(seen, evidence),
    seen,
  };
}

/** Of an engine that cannot be reached, the system's words too: they name the address. */
function wordsOf({ message, cause }: Error): string {
  return codeOf(cause) === undefined ? message : `${message}: ${(cause as Error).message}`;
}

function causeInEngine(error: EngineError): CauseId {
  if (codeOf(error.cause) === 'EACCES') return 'engine_permission_denied';
  if (error.kind === 'unreachable') return 'engine_unreachable';
  return /seccomp/i.test(error.message) ? 'engine_without_seccomp' : 'unknown';
}

/** What the process driver's launcher said last (nsjail/launcher). */
function causeOnHost(said: string, evidence: Evidence): CauseId {
  if (/launcher could not be started|\/usr\/bin\/python3 is missing/.test(said)) return 'python_missing';
  if (/are not links into \/usr/.test(said)) return 'distribution_unsupported';
  if (/set the sandbox up again/.test(said)) return 'sandbox_python_missing';
  if (/mount proc on /.test(said) && switchThatForbids(evidence) === undefined) return 'proc_masked';
  return REFUSED.test(said) ? causeOfNamespaces(said, evidence) : 'unknown';
}

/** What the supervisor of a container said last. A container has a profile of its own, but this machine's kernel. */
function causeInContainer(said: string, evidence: Evidence): CauseId {
  if (/^the image .* is not on this Docker engine/.test(said)) return 'image_missing';
  if (/no memory cgroup/.test(said)) return 'memory_cgroup_missing';
  return (REFUSED.test(said) ? switchThatForbids(evidence) : undefined) ?? 'unknown';
}

const codeOf = (cause: unknown): unknown =>
  cause instanceof Error && 'code' in cause ? cause.code : undefined;
