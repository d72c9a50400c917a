import { expect, test } from 'vitest';
import { isRead } from './changes.ts';

test.each(['main.ts', 'store/lua/create.lua', 'launcher/__main__.py', 'jail.cfg', 'seccomp/jail.x86_64.bpf'])(
  '%s starts a part anew',
  (name) => expect(isRead(name)).toBe(true),
);

test.each([
  'main.test.ts',
  'tests/runner/test_run.py',
  'launcher/__pycache__/x.py',
  '.main.ts.swp',
  'README.md',
])('%s does not', (name) => expect(isRead(name)).toBe(false));
