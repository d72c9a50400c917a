/** A reason to stop that is the operator's to read: printed as it is, one line, without a stack. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** One line of progress. */
export function say(line: string): void {
  process.stdout.write(`jobcell: ${line}\n`);
}

export function warn(line: string): void {
  process.stderr.write(`jobcell: warning: ${line}\n`);
}

/** Runs a tool's `main`; a `Refusal` becomes its line on stderr and exit code 1, anything else is a bug with its stack. */
export async function runTool(main: () => Promise<number | undefined>): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedTerminal);
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    process.exitCode = 1;
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`${error.message.replaceAll(/^/gm, 'jobcell: ')}\n`);
  }
}

/** Output that nobody reads any more must not end what is running. */
function ignoreClosedTerminal(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
}
