import { randomBytes } from 'node:crypto';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { z } from 'zod';
import { type KeyRequest, keyRequestSchema } from '../../contract/index.ts';

/** A command line, understood. */
export type Command =
  | { name: 'help' }
  | { name: 'create'; request: KeyRequest; json: boolean }
  | { name: 'list'; json: boolean }
  | { name: 'revoke'; id: string };

/** A command line that is not understood; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

const createOptions = {
  ...{ name: text, scopes: text, tenant: text, 'expires-at': text },
  ...{ 'requests-per-second': text, 'jobs-at-once': text, backlog: text, 'store-mb': text },
  'webhook-secret': flag,
  json: flag,
} satisfies ParseArgsOptionsConfig;

/** Throws a `UsageError`. */
export function readArguments([name, ...rest]: readonly string[]): Command {
  if (name === undefined) throw new UsageError('what to do is missing: create, list or revoke');
  if ([name, ...rest].some((word) => word === '--help' || word === '-h') || name === 'help')
    return { name: 'help' };
  switch (name) {
    case 'create':
      return readCreate(rest);
    case 'list': {
      const { values } = parse(rest, { json: flag }, 0);
      return { name, json: values.json ?? false };
    }
    case 'revoke': {
      const { positionals } = parse(rest, {}, 1);
      return { name, id: positionals[0] ?? '' };
    }
    default:
      throw new UsageError(`there is no ${JSON.stringify(name)}: create, list or revoke`);
  }
}

function readCreate(args: string[]): Command {
  const { values } = parse(args, createOptions, 0);
  for (const name of ['name', 'scopes'] as const)
    if (values[name] === undefined) throw new UsageError(`--${name} is missing`);
  const limits = {
    requests_per_second: whole('requests-per-second', values['requests-per-second']),
    jobs_at_once: whole('jobs-at-once', values['jobs-at-once']),
    backlog: whole('backlog', values.backlog),
    store_mb: whole('store-mb', values['store-mb']),
  };
  const { name, tenant, json = false } = values;
  const scopes = values.scopes?.split(',').map((scope) => scope.trim());
  const webhookSecret = values['webhook-secret'] === true ? newWebhookSecret() : undefined;
  const fields = {
    name,
    scopes,
    tenant,
    expires_at: values['expires-at'],
    limits,
    webhook_secret: webhookSecret,
  };
  const parsed = keyRequestSchema.safeParse(fields);
  if (!parsed.success) throw new UsageError(parsed.error.issues.map(describe).join('; '));
  return { name: 'create', request: parsed.data, json };
}

/** Made here, since what stands on a command line can be read by others on the machine. */
const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** Of unknown and wrong options, Node's own words. `count`: how many words stand beside them. */
function parse<T extends ParseArgsOptionsConfig>(args: string[], options: T, count: 0 | 1) {
  try {
    const parsed = parseArgs({ args, options, allowPositionals: true });
    const extra = parsed.positionals[count];
    if (extra !== undefined) throw new Error(`${JSON.stringify(extra)} belongs to no option`);
    if (parsed.positionals.length < count) throw new Error('the ID of a key is missing');
    return parsed;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function whole(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^[0-9]{1,15}$/.test(value)) return Number(value);
  throw new UsageError(`--${option} must be a whole number; it is ${JSON.stringify(value)}`);
}

function describe(issue: z.core.$ZodIssue): string {
  const field = issue.path.findLast((part) => typeof part === 'string') ?? '';
  const rule =
    issue.code === 'invalid_value' ? `must be of ${issue.values.map(String).join(', ')}` : issue.message;
  return `--${field.replaceAll('_', '-')} ${rule}`;
}
