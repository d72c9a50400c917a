import { join } from 'node:path';
import { ROOT } from '../lib/paths.ts';
import { PYTHON } from '../lib/python.ts';
import { run } from '../lib/run.ts';
import { say } from '../lib/say.ts';
import type { Counts } from './counts.ts';

const suites = ['runner', 'supervisor'];

/** Runs the Python tests of what runs inside the sandbox; a suite that ran no test counts as a failure. */
export async function pythonTests(environment: NodeJS.ProcessEnv): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: [] };
  for (const suite of suites) {
    say(`Python tests: ${suite}`);
    const ran = await run(
      PYTHON,
      ['-m', 'unittest', 'discover', '-v', '-s', `nsjail/tests/${suite}`, '-t', 'nsjail'],
      {
        cwd: ROOT,
        env: { ...environment, JOBCELL_SITE: join(environment.JOBCELL_SANDBOX ?? '', 'site') },
        timeoutMs: 40 * 60_000,
      },
    );
    process.stdout.write(ran.stdout + ran.stderr);
    const total = Number(/^Ran (\d+) tests?/m.exec(ran.stderr)?.[1] ?? 0);
    const skipped = [...ran.stderr.matchAll(/^(.+?) \.\.\. skipped (.+)$/gm)].map(
      ([, name, why]) => `${name}: ${why}`,
    );
    const bad = [...ran.stderr.matchAll(/^(?:ERROR|FAIL): /gm)].length;
    const failed = ran.code === 0 && total > 0 ? 0 : Math.max(1, bad);
    counts.passed += Math.max(0, total - failed - skipped.length);
    counts.failed += failed;
    counts.skipped.push(...skipped);
  }
  return counts;
}
