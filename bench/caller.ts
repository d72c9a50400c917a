import { Agent, request } from 'node:http';

/** What came back: the whole body as text, and the `Server-Timing` header, empty where there is none. */
type Reply = { status: number; text: string; serverTiming: string };

/** Posts JSON to `/execute` over connections that stay open: one, as long as one call follows another. */
export type Caller = { post(body: string): Promise<Reply>; close(): void };

/** `node:http`, not `fetch`: the caller takes its time from the same cores, so it should need little. */
export function openCaller(url: string): Caller {
  const { hostname: host, port } = new URL(url);
  const agent = new Agent({ keepAlive: true });
  const fixed = { host, port, path: '/execute', method: 'POST', agent };
  return {
    post: (body) =>
      new Promise((resolve, reject) => {
        const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
        const call = request({ ...fixed, headers }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const serverTiming = String(answer.headers['server-timing'] ?? '');
            resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString(), serverTiming });
          });
        });
        call.on('error', reject);
        call.end(body);
      }),
    close: () => agent.destroy(),
  };
}
