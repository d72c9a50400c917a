import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { isRoot, makeFurnishedGround, npmStart, REPOSITORY } from './jobcell.ts';

const ground = makeFurnishedGround();
afterAll(ground.remove);

/** What it says for itself: without npm's own lines and the progress before it refuses. */
async function refusal(settings: Record<string, string>): Promise<{ code: unknown; lines: string[] }> {
  const start = npmStart(ground, REPOSITORY, { settings });
  const code = await start.ended();
  const lines = start.output().split('\n');
  return {
    code,
    lines: lines.filter((line) => /^jobcell: (?!installing|compiling|starting|stopping)/.test(line)),
  };
}

test('each bad setting is a line with its name, the rule and the value', async () => {
  const { code, lines } = await refusal({ PORT: 'http', SANDBOX_SLOTS: '0' });
  expect(code).toBe(1);
  expect(lines).toEqual([
    'jobcell: PORT must be a whole number from 0 to 65535; it is "http"',
    'jobcell: SANDBOX_SLOTS must be a whole number from 1 to 256; it is "0"',
  ]);
});

test('a port that is taken is one line', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as { port: number };
  const { code, lines } = await refusal({ PORT: `${port}` });
  server.close();
  expect(code).toBe(1);
  expect(lines).toEqual([
    `jobcell: PORT ${port} is taken: end what listens there, or choose another (PORT=${port + 1} npm start)`,
  ]);
});

test('an address that is not of this machine is one line', async () => {
  const { code, lines } = await refusal({ HOST: '192.0.2.1', ALLOW_UNAUTHENTICATED: 'true' });
  expect(code).toBe(1);
  expect(lines).toEqual(['jobcell: cannot listen on HOST 192.0.2.1, PORT 0: EADDRNOTAVAIL']);
});

test('an address for others, without keys, is refused with the reason of the API', async () => {
  const { code, lines } = await refusal({ HOST: '0.0.0.0' });
  expect(code).toBe(1);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^jobcell: API ended with code 2: HOST must be localhost/);
});

test('a second start on the same DATA_DIR names the pid of the first', async () => {
  const first = npmStart(ground, REPOSITORY);
  await first.ready();
  const { code, lines } = await refusal({});
  expect(code).toBe(1);
  expect(lines).toHaveLength(1);
  const pid = Number(/another Jobcell \(pid (\d+)\) uses DATA_DIR/.exec(lines[0] ?? '')?.[1]);
  process.kill(pid, 'SIGTERM');
  expect(await first.ended()).toBe(0);
});

test('a DATA_DIR that cannot be made is one line', async () => {
  const { code, lines } = await refusal({ DATA_DIR: '/proc/jobcell' });
  expect(code).toBe(1);
  expect(lines).toEqual(['jobcell: DATA_DIR /proc/jobcell cannot be made: ENOENT']);
});

test.runIf(isRoot)('where namespaces are refused it says so and names docker compose up', async () => {
  // The kernel gives no user namespace to a process whose root folder was changed.
  const root = `${ground.folder}/root`;
  mkdirSync(root);
  const prefix = [
    'unshare',
    '--mount',
    'sh',
    '-c',
    'mount --rbind / "$0" && exec chroot "$0" sh -c \'cd "$0" && exec "$@"\' "$@"',
    root,
    REPOSITORY,
  ];
  const start = npmStart(ground, REPOSITORY, { prefix });
  expect(await start.ended()).toBe(1);
  expect(start.output()).toMatch(
    /^jobcell: cannot make user namespaces here: .*; docker compose up runs it in containers$/m,
  );
});
