/** The class of what was thrown, with a system's code: safe to log where the message may hold a caller's data. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? `${error.name} ${code}` : error.name;
}

/** Where it was thrown, without its message. */
export function errorFrames(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  const head = error.stack.indexOf(error.message) + error.message.length;
  const frames = error.stack.slice(Math.max(0, head)).split('\n');
  return frames.map((line) => line.trim()).filter((line) => line.startsWith('at '));
}
