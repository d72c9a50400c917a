import { lastLine, run } from './run.ts';
import { Refusal } from './say.ts';

/** The interpreter of the process driver's jails: they see the host's /usr. */
export const PYTHON = '/usr/bin/python3';

const OLDEST_MINOR = 11;
const NEWEST_MINOR = 14;

/** The version of `PYTHON`, such as `3.11.2`; refuses one that the sandbox's wheels do not fit. */
export async function pythonVersion(): Promise<string> {
  const ran = await run(PYTHON, ['-I', '-S', '-c', 'import platform; print(platform.python_version())']);
  const range = `Python 3.${OLDEST_MINOR} to 3.${NEWEST_MINOR} as ${PYTHON}`;
  if (ran.code !== 0) throw new Refusal(`needs ${range}: ${lastLine(ran)}`);
  const version = ran.stdout.trim();
  const [major, minor] = version.split('.').map(Number);
  if (major !== 3 || minor === undefined || minor < OLDEST_MINOR || minor > NEWEST_MINOR) {
    throw new Refusal(`needs ${range}; found ${version}. Without it: docker compose up`);
  }
  return version;
}
