import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Logger } from '@jobcell/shared/log';
import type { KeyRing } from '../auth/key-ring.ts';
import { ApiError } from '../http/api-error.ts';
import { errorFrames, errorName } from '../http/error-name.ts';
import { requestIdFrom } from '../http/request-id.ts';
import { dropBody } from '../http/unread-body.ts';
import { onClientError } from './client-error.ts';
import { Connections } from './connections.ts';
import { isForThisMachine } from './host-rule.ts';
import { refusalResponse, refuse } from './refuse.ts';

/** A slow sender holds a connection at most this long; a slow script holds it as long as the route waits. */
const serverOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1024,
  requireHostHeader: false, // the Host rule answers, with a body of the contract's form
};

export type ApiServer = { server: Server; connections: Connections };

/** An HTTP server in front of `app`: what is no proper request, or not for this machine (Host rule), reaches no route. */
export function createServer(
  app: { fetch: Parameters<typeof getRequestListener>[0] },
  { keys, log }: { keys: Pick<KeyRing, 'required'>; log: Logger },
): ApiServer {
  const toRoutes = getRequestListener(app.fetch, { errorHandler: (error) => adapterError(error, log) });
  const server = createHttpServer(serverOptions, (incoming, outgoing) => {
    if (isForThisMachine(incoming)) void toRoutes(incoming, outgoing);
    else void onlyWithKeys(incoming, outgoing);
  });
  const onlyWithKeys: RequestListener = async (incoming, outgoing) => {
    // Where Redis cannot say that there are keys, the rule holds.
    if (await keys.required().catch(() => false)) return await toRoutes(incoming, outgoing);
    await refuseHost(incoming, outgoing, log);
  };
  const connections = new Connections(server);
  server.on('clientError', onClientError(connections));
  server.on('checkExpectation', (incoming, outgoing) => server.emit('request', incoming, outgoing));
  return { server, connections };
}

async function refuseHost(incoming: IncomingMessage, outgoing: ServerResponse, log: Logger): Promise<void> {
  await dropBody(incoming);
  const requestId = requestIdFrom(incoming.headersDistinct['x-request-id']?.[0]);
  const error = new ApiError(
    'forbidden',
    'While there are no API keys, the Host header must be localhost, 127.0.0.1 or [::1], with any port.',
  );
  refuse(outgoing, error, requestId);
  log.info({ method: incoming.method, route: null, status: error.status, request_id: requestId }, 'request');
}

/** The adapter throws before a route where the request line makes no URL; after one only for a bug. */
function adapterError(error: unknown, log: Logger): Response {
  const requestId = requestIdFrom(undefined);
  if (error instanceof RequestError) {
    return refusalResponse(
      new ApiError('invalid_request', 'The path of the request is not valid.'),
      requestId,
    );
  }
  log.error({ request_id: requestId, error: errorName(error), frames: errorFrames(error) }, 'bug');
  return refusalResponse(new ApiError('internal', 'This is a fault of Jobcell.'), requestId);
}
