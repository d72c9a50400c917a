import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Problem, problemSchema } from '@jobcell/shared/contract';

/** An answer as it came: the body is also given as text, since law 2 is about text. */
export type Answer = { status: number; headers: IncomingHttpHeaders; text: string; json: unknown };

/** Calls an API on this machine in ways that `fetch` would not: any header, any bytes. */
export class Caller {
  readonly port: number;
  readonly url: string;

  constructor(port: number) {
    this.port = port;
    this.url = `http://localhost:${port}`;
  }

  async get(path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    return await this.send('GET', path, headers);
  }

  /** Posts `body`: as the text or bytes that it is, else as its JSON. */
  async post(path: string, body: unknown, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    const raw = typeof body === 'string' || body instanceof Buffer ? body : JSON.stringify(body);
    return await this.send('POST', path, { 'Content-Type': 'application/json', ...headers }, raw);
  }

  async send(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders = {},
    body?: string | Buffer,
  ): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const asked = request({ host: '127.0.0.1', port: this.port, method, path, headers, agent: false });
    asked.on('response', async (response) => {
      const body = await text(response);
      const isJson = response.headers['content-type']?.includes('json') ?? false;
      const json = isJson && body !== '' ? JSON.parse(body) : undefined;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: body, json });
    });
    asked.on('error', reject);
    asked.end(body);
    return await promise;
  }

  /** Sends bytes over a connection of its own and gives all that comes back until it ends. */
  async raw(bytes: string, { end = false } = {}): Promise<string> {
    const socket = connect(this.port, '127.0.0.1');
    if (end) socket.end(bytes);
    else socket.write(bytes);
    return await text(socket);
  }
}

/** The problem that `answer` is, held against the contract: schema, media type, status, link and request id. */
export function problemOf(answer: Answer): Problem {
  const problem = problemSchema.parse(answer.json);
  const { status, type, request_id } = problem;
  const wrong = [
    answer.headers['content-type'] !== 'application/problem+json' && 'media type',
    status !== answer.status && 'status',
    type !== `/docs#${problem.code}` && 'type',
    request_id !== answer.headers['x-request-id'] && 'request_id',
  ].filter(Boolean);
  if (wrong.length > 0) throw new Error(`not a problem of the contract (${wrong}): ${answer.text}`);
  return problem;
}
