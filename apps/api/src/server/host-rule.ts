import type { IncomingMessage } from 'node:http';

const LOCAL = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?$/i;

/**
 * Whether the request was meant for this machine: while there are no keys, a web page elsewhere must not reach the
 * API through a name of its own that points here (DNS rebinding). With keys it may, since it has none. No `Host` or
 * two of them are no local one.
 */
export function isForThisMachine(incoming: IncomingMessage): boolean {
  const hosts = incoming.headersDistinct.host ?? [];
  if (hosts.length !== 1 || !LOCAL.test(hosts[0] ?? '')) return false;
  const target = incoming.url ?? '';
  return !/^[a-z]+:/i.test(target) || LOCAL.test(URL.parse(target)?.host ?? '');
}
