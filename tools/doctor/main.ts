import { runTool } from '../lib/say.ts';
import { settingsOf } from '../lib/settings.ts';
import { onStopRequests } from '../lib/stop-requests.ts';
import { type Command, readArguments, UsageError } from './arguments.ts';
import { describe } from './describe.ts';
import { examine } from './examine.ts';
import { HELP } from './help.ts';

const INTERRUPTED = 130;

/** `npm run doctor`: what this machine can offer each driver, tried for real. */
await runTool(async () => {
  let command: Command;
  try {
    command = readArguments(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`jobcell: ${error.message} (npm run doctor -- --help)\n`);
    return 2;
  }
  if (command.name === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const settings = settingsOf(process.env);
  const { first: stop } = onStopRequests(process.env);
  try {
    const report = await examine(settings, stop);
    process.stdout.write(command.json ? `${JSON.stringify(report)}\n` : `\n${describe(report)}\n\n`);
    return report.works ? 0 : 1;
  } catch (error) {
    if (stop.aborted) return INTERRUPTED;
    throw error;
  }
});
