import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { readSettings } from '@jobcell/shared/config';
import { createLogger } from '@jobcell/shared/log';
import { createApp } from '../app.ts';
import { openParts } from '../parts.ts';
import { closeServer } from '../server/close.ts';
import { type ApiServer, createServer } from '../server/server.ts';
import { Caller } from './caller.ts';

/** The API as `main.ts` wires it, in this process, on a free port and with a prefix of its own. */
export type TestApi = {
  parts: ReturnType<typeof openParts>;
  api: ApiServer;
  prefix: string;
  call: Caller;
  close(): Promise<void>;
};

export async function startApi(redisUrl: string, environment: Record<string, string> = {}): Promise<TestApi> {
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  const settings = {
    ...readSettings({ EXECUTE_WAIT_MS: '5000', REDIS_PREFIX: prefix, ...environment }),
    REDIS_URL: redisUrl,
  };
  const log = createLogger('silent', 'api');
  const parts = openParts({
    ...{ settings, log },
    onWrongSchema: (reason) => {
      throw new Error(reason);
    },
  });
  const api = createServer(createApp(parts), parts);
  api.server.listen(0, '127.0.0.1');
  await once(api.server, 'listening');
  const { port } = api.server.address() as AddressInfo;
  return {
    ...{ parts, api, prefix },
    call: new Caller(port),
    close: async () => {
      await closeServer(api, parts, 0);
      await parts.close();
    },
  };
}
