import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What a receiver was sent, and whether its signature holds, by an implementation of the test's own. */
export type Received = {
  id: string;
  verified: boolean;
  text: string;
  body: { type: string; timestamp: string; data: { id: string; [field: string]: unknown } };
  headers: IncomingMessage['headers'];
};

export type Receiver = {
  url: string;
  received: Received[];
  /** Connections that were ever made to it. */
  readonly connections: number;
  stop(): Promise<void>;
};

/** How a receiver answers; it must end the answer, or leave it open on purpose. */
export type Answering = (received: Received, response: ServerResponse, request: IncomingMessage) => void;

export const newSecret = (byte = 7): string => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;

/** A real HTTP server on loopback that keeps what it is sent. */
export async function startReceiver(
  secret: string,
  answer: Answering,
  host = '127.0.0.1',
): Promise<Receiver> {
  const received: Received[] = [];
  let connections = 0;
  const server = createServer(async (request, response) => {
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return; // its sender was killed
    const one = {
      id: `${request.headers['webhook-id']}`,
      verified: verify(secret, request.headers, body),
      text: body,
      body: JSON.parse(body),
      headers: request.headers,
    };
    received.push(one);
    answer(one, response, request);
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    received,
    get connections() {
      return connections;
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Standard Webhooks 1.0.0: a `v1` signature among those that are given is HMAC-SHA256 over `id.timestamp.body`. */
export function verify(secret: string, headers: IncomingMessage['headers'], body: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return `${signatures}`.split(' ').some((given) => {
    const [version, base64 = ''] = given.split(',');
    const bytes = Buffer.from(base64, 'base64');
    return version === 'v1' && bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
}
