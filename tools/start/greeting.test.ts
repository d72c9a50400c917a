import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { exampleCommand } from './greeting.ts';

const wordsOf = (command: string, env: Record<string, string> = {}): string[] =>
  execFileSync('sh', ['-c', command.replace(/^curl/, 'printf "%s\\n"')], {
    ...{ env: { ...process.env, ...env }, encoding: 'utf8' },
  })
    .trimEnd()
    .split('\n');

test('the command, read by a shell, sends the example of the contract', () => {
  const words = wordsOf(exampleCommand('http://127.0.0.1:8080', false));
  expect(JSON.parse(words.at(-1) ?? '')).toEqual({
    script: 'def main():\n  print(\'hello\')\n  return {"msg": "done"}',
  });
  expect(words.join()).not.toContain('Authorization');
});

test('where keys are needed it sends the one in KEY', () => {
  const words = wordsOf(exampleCommand('http://127.0.0.1:8080', true), { KEY: 'jobcell_1' });
  expect(words).toContain('Authorization: Bearer jobcell_1');
});
