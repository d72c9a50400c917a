import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The Docker CLI of the tests' engine. */
export const cli = process.env.DOCKER_CLI ?? 'docker';

/** Calls it; returns its output, trimmed. Rejects when it fails. */
export async function docker(...args: string[]): Promise<string> {
  return (await run(cli, args)).stdout.trim();
}
