import { Resolver } from 'node:dns/promises';
import { isLocalhost } from '@jobcell/shared/webhooks';
import { DeliveryFailure } from './failure.ts';

/**
 * Every address of a name, IPv4 first. Asks by c-ares and not getaddrinfo: slow names would fill the few threads that
 * files need too. `servers` are `ip` or `ip:port`; without any, those of the system. Throws `name_not_resolved`, or
 * the signal's reason.
 */
export async function resolve(
  name: string,
  servers: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  signal.throwIfAborted();
  if (isLocalhost(name)) return ['127.0.0.1'];
  // One a look-up: nothing that it keeps outlives it, and to cancel it cancels no other.
  const resolver = new Resolver({ timeout: 2_000, maxTimeout: 2_000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    signal.throwIfAborted();
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length > 0) return addresses;
    const [asked] = answers;
    throw new DeliveryFailure('name_not_resolved', {
      cause: asked.status === 'rejected' ? asked.reason : undefined,
    });
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
