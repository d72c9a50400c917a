import type { Settings } from '@jobcell/shared/config';
import type { SandboxFacts } from '@jobcell/shared/contract';
import { KeyStore } from '@jobcell/shared/keys';
import { createLogger } from '@jobcell/shared/log';
import { connectRedis, untilReady, WorkerRegistry } from '@jobcell/shared/store';
import { Refusal, say, warn } from '../lib/say.ts';

type Start = { url: string; settings: Settings; store: string; dataDir: string; redisUrl: string };
/** What the workers proved, and whether callers need a key. */
type Standing = { facts: SandboxFacts; keyed: boolean };

const REDIS_TIMEOUT_MS = 5_000;

const SAMPLING =
  'no cgroup can be written: memory is enforced by sampling every 20 ms (SANDBOX_REQUIRE_CGROUP=true refuses that)';

/** The first thing to try: the first example of the contract. */
const EXAMPLE = 'def main():\n  print(\'hello\')\n  return {"msg": "done"}';

/** Says where Jobcell is, what to try, and what its workers proved. */
export async function greet(start: Start): Promise<void> {
  const standing = await readStanding(start);
  if (standing.facts.limits_enforced_by === 'sampling') warn(SAMPLING);
  const { url } = start;
  say(
    `ready at ${url} after ${(performance.now() / 1000).toFixed(1)} s; its documentation: ${url}/docs. Try:`,
  );
  process.stdout.write(`\n${exampleCommand(url, standing.keyed)}\n\n${describe(start, standing)}\n\n`);
}

/** From Redis and not from the API, which would want a key. */
async function readStanding({ redisUrl, settings }: Start): Promise<Standing> {
  const redis = connectRedis(redisUrl, 'request', createLogger('silent', 'start'));
  try {
    await untilReady(redis, REDIS_TIMEOUT_MS);
    const workers = await new WorkerRegistry(redis, settings.REDIS_PREFIX).list();
    const proven = workers.flatMap(({ facts }) => (facts === null ? [] : [facts]));
    const facts = proven.find((one) => one.limits_enforced_by === 'sampling') ?? proven[0];
    if (facts === undefined) throw new Refusal('the worker was lost just after it was ready');
    return { facts, keyed: await new KeyStore(redis, settings.REDIS_PREFIX).everMade() };
  } finally {
    redis.disconnect();
  }
}

/** A command for a shell: pasted as it is, it runs the example; `keyed` ones take the key from the variable KEY. */
export function exampleCommand(url: string, keyed: boolean): string {
  const body = JSON.stringify({ script: EXAMPLE });
  const key = keyed ? ' -H "Authorization: Bearer $KEY"' : '';
  return `curl -s ${url}/execute${key} -H 'Content-Type: application/json' -d '${body.replaceAll("'", "'\\''")}'`;
}

/** What stands below the command: what is in force, a line each. */
function describe({ settings, store, dataDir }: Start, { facts, keyed }: Standing): string {
  const { limits, runtime } = facts;
  const names = Object.entries(runtime.packages).map(([name, version]) => `${name} ${version}`);
  const rows = {
    isolation: `${facts.isolation}, a fresh jail for each run; proven with a trial jail at this start`,
    limits: `${mib(limits.memory_bytes)} MiB, ${limits.processes} processes, ${limits.timeout_ms / 1000} s (a request may ask for ${settings.MAX_MEMORY_MB} MiB, ${settings.MAX_TIMEOUT_MS / 1000} s); enforced by ${facts.limits_enforced_by}`,
    python: `${runtime.python} with ${names.join(', ')}`,
    keys: keyed
      ? 'needed (npm run keys -- list)'
      : 'none: whoever reaches the port may call (npm run keys -- create)',
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
