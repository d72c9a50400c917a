import type { Logger } from '@jobcell/shared/log';
import type { Sandbox } from '../sandbox/port.ts';

type AcceptanceParts = {
  log: Logger;
  /** Told when this machine cannot give what the operator asked for. */
  onImpossible: (reason: string) => void;
};

const SAMPLING =
  'limits are enforced by sampling: this worker cannot write a cgroup (on a host: start it as root, or take SANDBOX_DRIVER=docker)';

const COLD = 'this machine does not let jails be made ahead';

/**
 * Whether a slot may be used: says why not, or `null`. Weaker limits are refused when asked to, else warned of once; so
 * is a slot that is slower than it was asked to be, since its isolation is the same.
 */
export function acceptance(requireCgroup: boolean, { log, onImpossible }: AcceptanceParts) {
  const warned = new Set<string>();
  const warnOnce = (of: string, text: string) => {
    if (!warned.has(of)) log.warn(text);
    warned.add(of);
  };
  return function refuse({ facts, fallback }: Pick<Sandbox, 'facts' | 'fallback'>): string | null {
    // One slot's reason may be worded differently from the next one's.
    if (fallback !== null)
      warnOnce('cold', `jobs start cold, with the same isolation: ${COLD} (${fallback})`);
    if (facts.limits_enforced_by === 'cgroup') return null;
    if (requireCgroup) {
      const reason = `SANDBOX_REQUIRE_CGROUP is true, but ${SAMPLING}`;
      onImpossible(reason);
      return reason;
    }
    warnOnce('sampling', SAMPLING);
    return null;
  };
}
