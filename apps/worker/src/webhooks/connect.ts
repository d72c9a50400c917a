import { once } from 'node:events';
import { isIP, type LookupFunction, connect as netConnect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { AddressRule } from '@jobcell/shared/webhooks';
import { DeliveryFailure, failureOf } from './failure.ts';
import { resolve } from './resolve.ts';

export type ConnectOptions = {
  rule: AddressRule;
  /** Name servers, `ip` or `ip:port`; those of the system where there are none. */
  servers: readonly string[];
  /** Certificates to trust instead of the system's, PEM. */
  ca?: string | undefined;
};

/** How long one address may take before the next one is tried. The last one may take what time is left. */
const ATTEMPT_MS = 1_000;

/**
 * Connects to the host of a URL, if the rule allows all of its addresses: a name is looked up once, and exactly the
 * addresses that were judged are connected to. Throws a `DeliveryFailure`, or the signal's reason.
 */
export async function connect(url: URL, options: ConnectOptions, signal: AbortSignal): Promise<Socket> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // An address is judged here too: `net` asks no lookup for one.
  const addresses = isIP(host) === 0 ? await resolve(host, options.servers, signal) : [host];
  if (!addresses.every((address) => options.rule.isAllowed(address))) {
    throw new DeliveryFailure('address_forbidden');
  }
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const socket = await connectTo(addresses, host, port, signal);
  // Holds whatever happens between the check above and the kernel.
  if (!options.rule.isAllowed(socket.remoteAddress ?? '')) {
    socket.destroy();
    throw new DeliveryFailure('address_forbidden');
  }
  return secure ? await encrypt(socket, host, options.ca, signal) : socket;
}

async function connectTo(
  addresses: string[],
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  const judged = addresses.map((address) => ({ address, family: isIP(address) }));
  const lookup: LookupFunction = (_host, _options, found) => found(null, judged);
  const socket = netConnect({
    host,
    port,
    lookup,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
  });
  return await ready(socket, 'connect', signal, failureOf);
}

async function encrypt(
  socket: Socket,
  host: string,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  const name = host.replace(/\.$/, '');
  const secured = tlsConnect({
    socket,
    host: name,
    // An address is no server name (RFC 6066); the certificate is held against `host` then.
    ...(isIP(name) === 0 && { servername: name }),
    ...(ca !== undefined && { ca }),
    ALPNProtocols: ['http/1.1'],
  });
  return await ready(
    secured,
    'secureConnect',
    signal,
    (cause) => new DeliveryFailure('tls_failed', { cause }),
  );
}

async function ready<S extends Socket>(
  socket: S,
  event: string,
  signal: AbortSignal,
  meaning: (error: unknown) => DeliveryFailure,
): Promise<S> {
  // For good: an error that nobody hears ends the process.
  socket.on('error', () => undefined);
  try {
    await once(socket, event, { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? signal.reason : meaning(error);
  }
}
