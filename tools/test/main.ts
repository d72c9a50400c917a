import { parseArgs } from 'node:util';
import { openDataDir } from '../lib/data-dir.ts';
import { Refusal, runTool, say } from '../lib/say.ts';
import { setUpSandboxPython } from '../sandbox-python/setup.ts';
import { add, type Counts } from './counts.ts';
import { bringUpEngine } from './engine.ts';
import { pythonTests } from './python.ts';
import { vitest } from './vitest.ts';

/**
 * `npm test`: sets up what the tests need and runs all of them, or only the files whose path holds one of the words
 * given: `npm test -- limits`. Ends with a line that counts them.
 */
await runTool(async () => {
  const { positionals: words } = parseArgs({ allowPositionals: true });
  const dataDir = openDataDir('.jobcell');
  await setUpSandboxPython(dataDir);
  const engine = await bringUpEngine();
  try {
    const environment = { ...process.env, ...engine.environment, JOBCELL_SANDBOX: `${dataDir}/sandbox` };
    const counts: Counts[] = [];
    if (words.length === 0) counts.push(await pythonTests(environment));
    counts.push(await vitest(environment, words));
    const { passed, failed, skipped } = counts.reduce(add);
    if (passed + failed === 0) throw new Refusal(`no test file matches ${words.join(' ')}`);
    for (const line of skipped) say(`skipped: ${line}`);
    console.log(
      `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`,
    );
    return failed === 0 ? 0 : 1;
  } finally {
    await engine.release();
  }
});
