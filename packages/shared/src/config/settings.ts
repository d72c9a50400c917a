import { isIP } from 'node:net';
import { cpus } from 'node:os';
import { z } from 'zod';
import { parseCidr } from '../webhooks/index.ts';

/** One setting: its environment variable, the rule, and what the operator reads about it. */
type Setting = { schema: z.ZodType<unknown, string | undefined>; help: string; shownDefault?: string };

const flag = z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true');

/** A whole number written in digits only, so that `1e3`, ` 5` and the empty text are refused. */
const whole = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^[0-9]{1,15}$/, `must be a whole number from ${minimum} to ${maximum}`)
    .transform(Number)
    .refine((n) => n >= minimum && n <= maximum, `must be a whole number from ${minimum} to ${maximum}`);

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

const redisUrl = z.string().refine(isRedisUrl, 'must be a redis://, rediss:// or unix:// URL');

function isRedisUrl(text: string): boolean {
  return URL.canParse(text) && ['redis:', 'rediss:', 'unix:'].includes(new URL(text).protocol);
}

const HOUR = 3_600_000;

/** What a worker can do. */
export type WorkerPart = 'jobs' | 'webhooks';
const isWorkerPart = (text: string) => text === 'jobs' || text === 'webhooks';
const isWait = (text: string) => /^[0-9]{1,10}$/.test(text) && Number(text) <= 30 * 24 * HOUR;

function isCidr(text: string): boolean {
  try {
    parseCidr(text);
    return true;
  } catch {
    return false;
  }
}

/** An address, with a port or not. */
function isServer(text: string): boolean {
  const [, address] = /^\[([^\]]+)\](?::[0-9]{1,5})?$/.exec(text) ?? /^([^:]+):[0-9]{1,5}$/.exec(text) ?? [];
  return isIP(address ?? text) !== 0;
}

/** Every setting of Jobcell, in the order in which the documentation lists them. */
export const settings = {
  PORT: { schema: whole(0, 65_535).default(8080), help: 'Port of the API; 0 takes a free one' },
  HOST: { schema: z.string().min(1).default('127.0.0.1'), help: 'Address that the API listens on' },
  ALLOW_UNAUTHENTICATED: {
    schema: flag.default(false),
    help: 'Lets a HOST that is not loopback start without API keys; whoever reaches the port can run scripts',
  },
  CORS_ORIGINS: {
    schema: list.default([]),
    help: 'Origins, separated by commas, that browsers may call from',
    shownDefault: 'none',
  },
  REDIS_URL: {
    schema: redisUrl.optional(),
    help: 'An external Redis or Valkey; `npm start` runs its own without it',
    shownDefault: 'none',
  },
  REDIS_PREFIX: {
    schema: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/, 'must be 1 to 40 of a-z, 0-9 and "-"')
      .default('jobcell'),
    help: 'Prefix of every Redis key, so that several Jobcells can share a Redis',
  },
  DATA_DIR: {
    schema: z.string().min(1).default('.jobcell'),
    help: "What `npm start` keeps: Redis's files, the sandbox's Python",
  },
  SANDBOX_DRIVER: {
    schema: z.enum(['process', 'docker'], 'must be process or docker').default('process'),
    help: 'How slots are made: as process trees, or as containers of a Docker engine (the default in the worker image)',
  },
  SANDBOX_SLOTS: {
    schema: whole(1, 256).default(Math.max(4, cpus().length * 2)),
    help: 'Jobs at once in this worker',
    shownDefault: 'twice the number of cores, at least 4',
  },
  SANDBOX_START: {
    schema: z.enum(['warm', 'cold'], 'must be warm or cold').default('warm'),
    help: 'Whether jails are made ahead, with numpy and pandas imported, or each when its job is there',
  },
  SANDBOX_ISOLATION: {
    schema: z.enum(['nsjail', 'landlock'], 'must be nsjail or landlock').default('nsjail'),
    help: 'The weakest isolation that this operator accepts; `landlock` is for the single container, one job at a time',
  },
  SANDBOX_REQUIRE_CGROUP: {
    schema: flag.default(false),
    help: 'Refuses to start where memory and CPU can only be enforced by sampling',
  },
  SANDBOX_IMAGE: { schema: z.string().min(1).default('jobcell-sandbox'), help: 'Image of the docker driver' },
  EXECUTE_WAIT_MS: {
    schema: whole(0, HOUR).default(35_000),
    help: 'How long POST /execute waits before it answers 202',
  },
  RETENTION_MS: {
    schema: whole(0, 30 * 24 * HOUR).default(HOUR),
    help: 'How long a job is kept after its end',
  },
  SHUTDOWN_GRACE_MS: {
    schema: whole(0, HOUR).default(35_000),
    help: 'How long running jobs and requests may go on after SIGTERM',
  },
  MAX_TIMEOUT_MS: { schema: whole(100, HOUR).default(30_000), help: 'Most that `timeout_ms` may ask for' },
  MAX_MEMORY_MB: { schema: whole(32, 65_536).default(1024), help: 'Most that `memory_mb` may ask for' },
  MAX_QUEUED: {
    schema: whole(1, 10_000_000).default(10_000),
    help: 'Jobs that may wait; past it new ones get queue_full',
  },
  MAX_STORE_MB: {
    schema: whole(1, 1_048_576).default(1024),
    help: 'Bytes of live records; past 80% of it new jobs get queue_full, the rest is kept for outcomes',
  },
  TENANT_REQUESTS_PER_SECOND: {
    schema: whole(1, 1_000_000).default(1_000),
    help: 'Requests a second of one tenant, over all API processes, unless its key says otherwise',
  },
  TENANT_JOBS_AT_ONCE: {
    schema: whole(1, 100_000).optional(),
    help: 'Jobs of one tenant that run at once, unless its key says otherwise',
    shownDefault: 'half of all slots that live',
  },
  TENANT_BACKLOG: {
    schema: whole(1, 10_000_000).optional(),
    help: 'Jobs of one tenant that may wait, unless its key says otherwise',
    shownDefault: 'half of `MAX_QUEUED`',
  },
  TENANT_STORE_MB: {
    schema: whole(1, 1_048_576).optional(),
    help: 'Bytes of live records of one tenant, unless its key says otherwise',
    shownDefault: 'half of `MAX_STORE_MB`',
  },
  WORKER_PARTS: {
    schema: list
      .refine((parts) => parts.length > 0 && parts.every(isWorkerPart), 'must be jobs, webhooks or both')
      .transform((parts) => parts as WorkerPart[])
      .default(['jobs', 'webhooks']),
    help: 'What this worker does: runs jobs, sends webhooks (which needs no sandbox), or both',
    shownDefault: '`jobs,webhooks`',
  },
  WEBHOOK_ALLOW_CIDRS: {
    schema: list
      .refine((ranges) => ranges.every(isCidr), 'must be ranges such as 10.0.0.0/8 or fd00::/8')
      .default([]),
    help: 'Ranges that webhooks may reach beside public addresses',
    shownDefault: 'none',
  },
  WEBHOOK_RETRY_MS: {
    schema: list
      .refine(
        (waits) => waits.length <= 20 && waits.every(isWait),
        'must be at most 20 waits in ms, each up to 30 days',
      )
      .transform((waits) => waits.map(Number))
      .default([5_000, 30_000, 120_000, 600_000, HOUR]),
    help: 'Waits before each retry of a webhook',
    shownDefault: '`5000,30000,120000,600000,3600000`',
  },
  WEBHOOK_TIMEOUT_MS: {
    schema: whole(100, 120_000).default(15_000),
    help: 'How long one attempt at a webhook may take in all',
  },
  WEBHOOK_RETENTION_MS: {
    schema: whole(0, 30 * 24 * HOUR).default(24 * HOUR),
    help: 'How long a webhook that could not be delivered is kept, with the outcome that it tells',
  },
  WEBHOOK_DNS_SERVERS: {
    schema: list
      .refine(
        (servers) => servers.every(isServer),
        'must be addresses such as 1.1.1.1 or [2606:4700::1111]:53',
      )
      .default([]),
    help: 'Name servers that webhooks use',
    shownDefault: "the system's",
  },
  LOG_LEVEL: {
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    help: 'Least severe log line that is written',
  },
} as const satisfies Record<string, Setting>;

export type Settings = { [Name in keyof typeof settings]: z.output<(typeof settings)[Name]['schema']> };
