import type { ServerResponse } from 'node:http';
import type { ApiError } from '../http/api-error.ts';
import { PROBLEM_TYPE, problemBody } from '../http/problem.ts';

/** Answers a request that never reaches a route. */
export function refuse(outgoing: ServerResponse, error: ApiError, requestId: string): void {
  outgoing.writeHead(error.status, refusalHeaders(requestId)).end(refusalBody(error, requestId));
}

/** The same as a fetch response, for what the adapter between Node and Hono refuses. */
export function refusalResponse(error: ApiError, requestId: string): Response {
  return new Response(refusalBody(error, requestId), {
    status: error.status,
    headers: refusalHeaders(requestId),
  });
}

/** The same as bytes for a connection that does not speak HTTP well enough for an answer of its own. */
export function refusalText(error: ApiError, requestId: string): string {
  const body = refusalBody(error, requestId);
  const headers = {
    ...refusalHeaders(requestId),
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${error.status} Refused\r\n${lines.join('')}\r\n${body}`;
}

const refusalBody = (error: ApiError, requestId: string): string =>
  JSON.stringify(problemBody(error.code, error.detail, requestId));

const refusalHeaders = (requestId: string) => ({
  'Content-Type': PROBLEM_TYPE,
  'X-Request-Id': requestId,
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
});
