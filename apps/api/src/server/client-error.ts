import type { Socket } from 'node:net';
import { ApiError } from '../http/api-error.ts';
import { requestIdFrom } from '../http/request-id.ts';
import type { Connections } from './connections.ts';
import { refusalText } from './refuse.ts';

/** Answers what Node's parser refuses, unless an answer has begun on that connection, and closes it. */
export function onClientError(connections: Connections) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    const begun = connections.answering(socket)?.headersSent ?? false;
    if (error.code === 'ECONNRESET' || begun || !socket.writable) {
      socket.destroy();
      return;
    }
    const refused = new ApiError(
      'invalid_request',
      details[error.code ?? ''] ?? 'This is not a valid HTTP request.',
    );
    socket.end(refusalText(refused, requestIdFrom(undefined)), () => socket.destroy());
  };
}

const details: Record<string, string> = {
  HPE_HEADER_OVERFLOW: 'The request line and headers have at most 16 KiB.',
  ERR_HTTP_REQUEST_TIMEOUT: 'The request took too long to arrive.',
};
