import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { exampleCommand } from './greeting.ts';

test('the command, read by a shell, sends the example of the contract', () => {
  const command = exampleCommand('http://127.0.0.1:8080').replace(/^curl/, 'printf "%s\\n"');
  const words = execFileSync('sh', ['-c', command], { encoding: 'utf8' }).trimEnd().split('\n');
  expect(JSON.parse(words.at(-1) ?? '')).toEqual({
    script: 'def main():\n  print(\'hello\')\n  return {"msg": "done"}',
  });
});
