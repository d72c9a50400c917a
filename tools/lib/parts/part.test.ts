import { type FileHandle, open } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeEnd, startPart } from './part.ts';

let lock: FileHandle;
beforeAll(async () => {
  lock = await open('/dev/null');
});
afterAll(async () => await lock.close());

function start(script: string, lines: string[] = []) {
  return startPart({
    command: ['sh', '-c', script],
    env: process.env,
    cwd: '/',
    orphanSignal: 'KILL',
    lockFd: lock.fd,
    onLine: (_line, text) => lines.push(text),
  });
}

test('an end is told with its code and the last error that was logged', async () => {
  const end = await start(`echo '{"level":60,"msg":"PORT is taken"}'; echo bye; exit 3`).ended;
  expect(describeEnd(end)).toBe('ended with code 3: PORT is taken');
});

test('an end without a logged error is told with the last line, one by a signal with its name', async () => {
  expect(describeEnd(await start('echo a; echo b >&2; sleep 0.1; echo c; exit 1').ended)).toBe(
    'ended with code 1: c',
  );
  expect(describeEnd(await start('kill -9 $$').ended)).toBe('was ended by SIGKILL');
});

test('lines come whole, whichever way they were written', async () => {
  const lines: string[] = [];
  await start(`printf 'on'; sleep 0.1; printf 'e\\ntwo\\nthr'; sleep 0.1; printf 'ee'`, lines).ended;
  expect(lines).toEqual(['one', 'two', 'three']);
});

test('a part that does not end when asked is killed after the grace', async () => {
  const lines: string[] = [];
  const part = start(`trap '' TERM; echo ready; while :; do sleep 0.05; done`, lines);
  await expect.poll(() => lines).toContain('ready');
  expect((await part.stop(200)).signal).toBe('SIGKILL');
});

test('a process that keeps the output open does not hide the end', async () => {
  const end = await start('sleep 5 & exit 0').ended;
  expect(end.code).toBe(0);
});
