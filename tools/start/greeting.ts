import { runtimeResponseSchema } from '@jobcell/shared/contract';
import { say, warn } from '../lib/say.ts';

type Runtime = ReturnType<typeof runtimeResponseSchema.parse>;

const SAMPLING =
  'no cgroup can be written: memory is enforced by sampling every 20 ms, CPU by affinity (SANDBOX_REQUIRE_CGROUP=true refuses that)';

/** The first thing to try: the first example of the contract. */
const EXAMPLE = 'def main():\n  print(\'hello\')\n  return {"msg": "done"}';

/** Says where Jobcell is, what to try, and what its workers proved. */
export async function greet(url: string, store: string, dataDir: string): Promise<void> {
  const runtime = await fetchRuntime(url);
  if (runtime.limits_enforced_by === 'sampling') warn(SAMPLING);
  say(
    `ready at ${url} after ${(performance.now() / 1000).toFixed(1)} s; its documentation: ${url}/docs. Try:`,
  );
  process.stdout.write(`\n${exampleCommand(url)}\n\n${describe(runtime, store, dataDir)}\n\n`);
}

async function fetchRuntime(url: string): Promise<Runtime> {
  const response = await fetch(`${url}/runtime`, { signal: AbortSignal.timeout(5_000) });
  return runtimeResponseSchema.parse(await response.json());
}

/** A command for a shell: pasted as it is, it runs the example. */
export function exampleCommand(url: string): string {
  const body = JSON.stringify({ script: EXAMPLE });
  return `curl -s ${url}/execute -H 'Content-Type: application/json' -d '${body.replaceAll("'", "'\\''")}'`;
}

/** What stands below the command: what is in force, a line each. */
function describe(runtime: Runtime, store: string, dataDir: string): string {
  const { limits, packages } = runtime;
  const names = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  const rows = {
    isolation: `${runtime.isolation}, a fresh jail for each run; proven with a trial jail at this start`,
    limits: `${mib(limits.memory_bytes)} MiB, ${limits.processes} processes, ${limits.timeout_ms / 1000} s (a request may ask for ${limits.max_memory_mb} MiB, ${limits.max_timeout_ms / 1000} s); enforced by ${runtime.limits_enforced_by}`,
    python: `${runtime.python} with ${names.join(', ')}`,
    data: `${store}; logs in ${dataDir}/log`,
    stop: 'Ctrl-C (queued jobs are kept)',
  };
  return Object.entries(rows)
    .map(([name, text]) => `  ${name.padEnd(10)} ${text}`)
    .join('\n');
}

function mib(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
