import { readFileSync } from 'node:fs';

/** Aborts with `first` when the tool shall stop, and with `second` when somebody does not want to wait for that. */
export type StopRequests = { first: AbortSignal; second: AbortSignal };

/** Under npm a Ctrl-C comes twice, from the terminal and from npm: only a later one is a second wish. */
const SAME_WISH_MS = 1_000;
const PARENT_CHECK_MS = 500;

/** SIGINT, SIGTERM and SIGHUP ask to stop, and so does the death of the npm that runs this tool. */
export function onStopRequests(environment: NodeJS.ProcessEnv): StopRequests {
  const first = new AbortController();
  const second = new AbortController();
  let firstAt = 0;
  const request = () => {
    const now = performance.now();
    if (!first.signal.aborted) {
      firstAt = now;
      first.abort();
    } else if (now - firstAt > SAME_WISH_MS) second.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, request);
  if (!ignoresHangUp()) process.on('SIGHUP', request);
  if (environment.npm_lifecycle_event) watchParent(request);
  return { first: first.signal, second: second.signal };
}

/** npm that is killed cannot pass that on. */
function watchParent(request: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    request();
  }, PARENT_CHECK_MS);
  timer.unref();
}

/** Started by `nohup`: the terminal's end is then no wish to stop. */
function ignoresHangUp(): boolean {
  const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${ignored}`) & 1n) === 1n;
}
