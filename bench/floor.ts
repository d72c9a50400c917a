import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PYTHON } from '../tools/lib/python.ts';
import { Refusal } from '../tools/lib/say.ts';
import { type Script, sourceOf } from './scripts.ts';
import { pythonEnvironment, type Subject } from './subjects.ts';

/** `floor.py`, which times itself, so Node's own cost is not in it. It ends with `owner`. `sandbox`: see `barePython`. */
export function openFloor(sandbox: string, owner: AsyncDisposableStack): Subject {
  // A process group of its own: a Ctrl-C in the terminal is for us to handle.
  const child = spawn(PYTHON, [join(import.meta.dirname, 'floor.py')], {
    env: pythonEnvironment(sandbox),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text;
  });
  child.stdin.on('error', () => undefined); // its end is told by `ended`
  const ended = once(child, 'close').then(([code, signal]) => {
    throw new Refusal(`the floor ended: ${words.trim().split('\n').at(-1) || (signal ?? `code ${code}`)}`);
  });
  ended.catch(() => undefined);
  const lines = createInterface({ input: child.stdout });
  owner.defer(async () => {
    child.stdin.end();
    await ended.catch(() => undefined);
  });
  return {
    name: 'floor',
    kind: 'floor',
    batch: async (script: Script, runs: number) => {
      const answer = once(lines, 'line');
      child.stdin.write(`${JSON.stringify({ source: sourceOf(script), runs })}\n`);
      const [line] = await Promise.race([answer, ended]);
      return (JSON.parse(line) as number[]).map((ms) => ({ ms }));
    },
  };
}
