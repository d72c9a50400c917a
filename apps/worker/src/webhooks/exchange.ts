import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { EXCERPT_BYTES } from './excerpt.ts';
import { DeliveryFailure, failureOf } from './failure.ts';

export type Message = { url: URL; headers: Readonly<Record<string, string>>; body: Buffer | string };
/** `body` is its beginning. */
export type Answer = { statusCode: number; retryAfter: string | undefined; body: Buffer };

const MAX_HEADER_BYTES = 16_384;
/** Read and thrown away, so that a receiver with a long answer sees no reset; past it the connection is dropped. */
const MAX_BODY_BYTES = 65_536;
/** Answers of 1xx before the real one: a flood of them would cost the worker its time until the deadline. */
const MAX_INFORMATIONAL = 64;
/** How the message is framed is for this file to say; two opinions on it are how requests are smuggled. */
const FRAMING =
  /^(host|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*)$/i;

/**
 * Posts a message on a connection of its own and ends that. The answer's status is enough: a body that breaks off, or
 * is not over when the signal aborts, is read so far. Throws a `DeliveryFailure`, or the signal's reason.
 */
export async function exchange(socket: Socket, message: Message, signal: AbortSignal): Promise<Answer> {
  try {
    const response = await send(socket, message, signal);
    return {
      statusCode: response.statusCode ?? 0,
      retryAfter: response.headers['retry-after'],
      body: await beginningOf(response),
    };
  } catch (error) {
    // A header that cannot be sent is the caller's mistake, not the receiver's.
    if (error instanceof TypeError) throw error;
    throw signal.aborted ? signal.reason : failureOf(error);
  } finally {
    socket.destroy();
  }
}

function send(
  socket: Socket,
  { url, headers, body }: Message,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = httpRequest({
    // No agent, so no pool, and no proxy of the environment.
    createConnection: () => socket,
    method: 'POST',
    path: url.pathname + url.search,
    headers: {
      ...Object.fromEntries(Object.entries(headers).filter(([name]) => !FRAMING.test(name))),
      host: url.host,
      'content-length': Buffer.byteLength(body),
      connection: 'close',
    },
    maxHeaderSize: MAX_HEADER_BYTES,
    signal,
  });
  let informational = 0;
  request.on('information', () => {
    informational += 1;
    if (informational > MAX_INFORMATIONAL) request.destroy(new DeliveryFailure('answer_invalid'));
  });
  request.on('upgrade', () => reject(new DeliveryFailure('answer_invalid')));
  request.on('response', resolve);
  request.on('error', reject);
  request.end(body);
  return promise;
}

async function beginningOf(response: IncomingMessage): Promise<Buffer> {
  const kept: Buffer[] = [];
  let read = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (read < EXCERPT_BYTES) kept.push(chunk.subarray(0, EXCERPT_BYTES - read));
      read += chunk.length;
      if (read >= MAX_BODY_BYTES) break;
    }
  } catch {
    // The status has said what became of the message.
  }
  return Buffer.concat(kept);
}
