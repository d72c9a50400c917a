/**
 * Receives Jobcell's webhooks: verifies each by Standard Webhooks 1.0.0, and handles each once.
 *
 *     WEBHOOK_SECRET=whsec_… PORT=3000 node examples/receivers/receiver.ts
 *
 * It needs nothing but Node 24. PORT 0 takes a free one; HOST is 127.0.0.1 unless it is set.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

const { WEBHOOK_SECRET = '', HOST = '127.0.0.1', PORT = '3000' } = process.env;
if (!WEBHOOK_SECRET.startsWith('whsec_')) throw new Error('WEBHOOK_SECRET must be whsec_…');
const SECRET = Buffer.from(WEBHOOK_SECRET.slice('whsec_'.length), 'base64');
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_SECONDS = 5 * 60;
const MOST_IDS = 100_000;

/** Of what was handled. A real receiver keeps them in its database, written in one transaction with what it does. */
const handled = new Set<string>();

/** Takes note of an outcome. What takes long belongs behind a queue of yours: the sender waits for the answer. */
function handle(event: { type: string; data: { id: string } }): void {
  console.log(event.type, event.data.id);
}

const server = createServer((request, response) => {
  receive(request)
    .catch((error: unknown) => {
      console.error(error);
      return 500; // it will be sent again
    })
    .then((status) => response.writeHead(status).end());
});

/** The status to answer with. */
async function receive(request: IncomingMessage): Promise<number> {
  if (request.method !== 'POST') return 405;
  const body = await bodyOf(request); // the bytes as they came: parsed and written again they would be others
  if (!isGenuine(request.headers, body)) return 401;
  const id = String(request.headers['webhook-id']);
  if (handled.has(id)) return 204;
  handle(JSON.parse(body.toString()));
  handled.add(id);
  const [oldest = ''] = handled;
  if (handled.size > MOST_IDS) handled.delete(oldest);
  return 204;
}

function isGenuine(headers: IncomingHttpHeaders, body: Buffer): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  const isRecent = Math.abs(Date.now() / 1000 - Number(timestamp)) <= MOST_SECONDS;
  const hmac = createHmac('sha256', SECRET).update(`${id}.${timestamp}.`).update(body);
  const expected = Buffer.from(`v1,${hmac.digest('base64')}`);
  // While the secret is changed there are two, one by each.
  const isSigned = String(signatures)
    .split(' ')
    .map((given) => Buffer.from(given))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
  return isRecent && isSigned;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error('the body is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

server.listen(Number(PORT), HOST, () => {
  console.log(`http://${HOST}:${(server.address() as AddressInfo).port}`);
});
