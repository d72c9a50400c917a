import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.ts';
import type { Counts } from './counts.ts';

type Report = {
  success: boolean;
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { status: string; fullName: string }[];
  }[];
};

/** Runs the TypeScript tests whose path holds one of `words` (all without any), and counts them by vitest's own report. */
export async function vitest(environment: NodeJS.ProcessEnv, words: string[]): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'jobcell-test-'));
  const file = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const command = [
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...reporters,
    '--passWithNoTests',
    ...words,
  ];
  const child = spawn(process.execPath, command, {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  try {
    return countsOf(JSON.parse(await readFile(file, 'utf8')) as Report, code === 0);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A file that failed before or beside its tests, or a run that failed though no test did, counts as one failure. */
function countsOf(report: Report, succeeded: boolean): Counts {
  const tests = report.testResults.flatMap((result) => result.assertionResults);
  const having = (status: string) => tests.filter((test) => test.status === status);
  const failed = having('failed').length;
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
  return {
    passed: having('passed').length,
    failed: Math.max(failed + brokenFiles, succeeded ? 0 : 1),
    skipped: [...having('skipped'), ...having('pending'), ...having('todo')].map((test) => test.fullName),
  };
}
