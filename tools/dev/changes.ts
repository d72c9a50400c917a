import { watch } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.ts';

/** What a change means: the parts to start anew, and whether the sandbox's packages are others now. */
export type Change = { parts: ('api' | 'worker')[]; packages: boolean };

const FOLDERS: Record<string, Change['parts']> = {
  'apps/api/src': ['api'],
  'apps/worker/src': ['worker'],
  'packages/shared/src': ['api', 'worker'],
  nsjail: ['worker'],
};

/** What the parts read; not their tests, nor what editors and Python leave beside it. */
const READ = /\.(ts|lua|py|cfg|json|bpf|txt)$/;
const NOT_READ = /(\.test\.ts|(^|\/)(tests|testing|fixtures|__pycache__|node_modules)\/.*)$/;

/** An editor writes a file in several steps, and a checkout many files. */
const SETTLE_MS = 150;

/** Calls `onChange` once for each burst of changes, until `signal` aborts. */
export function watchSources(onChange: (change: Change) => void, signal: AbortSignal): void {
  let parts = new Set<'api' | 'worker'>();
  let packages = false;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    const change = { parts: [...parts], packages };
    parts = new Set();
    packages = false;
    onChange(change);
  };
  for (const [folder, affected] of Object.entries(FOLDERS)) {
    const watcher = watch(join(ROOT, folder), { recursive: true, signal }, (_event, name) => {
      if (name === null || !isRead(name)) return;
      for (const part of affected) parts.add(part);
      packages ||= name === 'requirements.txt';
      clearTimeout(timer);
      timer = setTimeout(flush, SETTLE_MS);
    });
    // A folder that vanishes while it is looked at (a checkout) is no reason to end.
    watcher.on('error', () => undefined);
  }
  signal.addEventListener('abort', () => clearTimeout(timer));
}

/** Whether a part reads the file of this name. */
export function isRead(name: string): boolean {
  return READ.test(name) && !NOT_READ.test(name);
}
