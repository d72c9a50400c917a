import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A TCP server of a test's own that says what it wants, byte by byte. */
export type Receiver = {
  port: number;
  /** `http://127.0.0.1:port/hook`. */
  url: URL;
  /** How many connections were ever made to it. */
  readonly connections: number;
  /** Those that are open now. */
  open: Set<Socket>;
  close(): Promise<void>;
};

/** Hands each connection to `serve`; without one, it accepts and does nothing. */
export async function startReceiver(
  serve: (socket: Socket) => void = () => undefined,
  { host = '127.0.0.1', port = 0 } = {},
): Promise<Receiver> {
  const server = createServer((socket) => {
    connections += 1;
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    serve(socket);
  });
  let connections = 0;
  const open = new Set<Socket>();
  await listening(server, port, host);
  const taken = (server.address() as AddressInfo).port;
  return {
    port: taken,
    url: new URL(`http://127.0.0.1:${taken}/hook`),
    get connections() {
      return connections;
    },
    open,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Says `answer` when the head of a request is there, and ends the connection. */
export function saying(answer: string | Buffer): (socket: Socket) => void {
  return (socket) => {
    let read = '';
    socket.on('data', (chunk) => {
      const before = read.includes('\r\n\r\n');
      read += chunk.toString('latin1');
      if (!before && read.includes('\r\n\r\n')) socket.end(answer);
    });
  };
}

type Canaries = { port: number; connections(): number; close(): Promise<void> };

/** Two servers on one port of both loopbacks, which nobody is to connect to. They answer who does. */
export async function startCanaries(): Promise<Canaries> {
  const answer = saying('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  const four = await startReceiver(answer);
  // The port that one loopback has free can be taken on the other.
  const six = await startReceiver(answer, { host: '::1', port: four.port }).catch(() => null);
  if (six === null) {
    await four.close();
    return await startCanaries();
  }
  return {
    port: four.port,
    connections: () => four.connections + six.connections,
    close: async () => void (await Promise.all([four.close(), six.close()])),
  };
}

/** A key and its certificate for these names (`DNS:…`, `IP:…`), which only trusts itself. */
export async function makeCertificate(names: readonly string[]): Promise<{ key: string; cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'jobcell-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
  const what = ['-subj', '/CN=receiver', '-addext', `subjectAltName=${names.join(',')}`, '-days', '2'];
  try {
    await promisify(execFile)('openssl', ['req', '-x509', ...made, ...what, '-out', cert]);
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function listening(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}
