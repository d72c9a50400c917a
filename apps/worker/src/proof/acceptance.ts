import type { SandboxFacts } from '@jobcell/shared/contract';
import type { Logger } from '@jobcell/shared/log';

type AcceptanceParts = {
  log: Logger;
  /** Told when this machine cannot give what the operator asked for. */
  onImpossible: (reason: string) => void;
};

const SAMPLING =
  'limits are enforced by sampling: this worker cannot write a cgroup (start it as root, or take SANDBOX_DRIVER=docker)';

/** Whether a slot may be used: says why not, or `null`. Weaker limits are refused when asked to, else warned of once. */
export function acceptance(requireCgroup: boolean, { log, onImpossible }: AcceptanceParts) {
  let warned = false;
  return function refuse(facts: SandboxFacts): string | null {
    if (facts.limits_enforced_by === 'cgroup') return null;
    if (requireCgroup) {
      const reason = `SANDBOX_REQUIRE_CGROUP is true, but ${SAMPLING}`;
      onImpossible(reason);
      return reason;
    }
    if (!warned) log.warn(SAMPLING);
    warned = true;
    return null;
  };
}
