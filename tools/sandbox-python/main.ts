import { parseArgs } from 'node:util';
import { readSettings } from '@jobcell/shared/config';
import { openDataDir } from '../lib/data-dir.ts';
import { runTool, say } from '../lib/say.ts';
import { setUpSandboxPython } from './setup.ts';

/** Sets up what the process driver's slots need; `npm start` does it by itself. */
await runTool(async () => {
  const { values } = parseArgs({ options: { 'data-dir': { type: 'string' } } });
  const dataDir = openDataDir(values['data-dir'] ?? readSettings(process.env).DATA_DIR);
  await setUpSandboxPython(dataDir);
  say(`the sandbox's Python is in ${dataDir}/sandbox`);
  return 0;
});
