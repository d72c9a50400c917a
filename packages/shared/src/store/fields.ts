import { createHash } from 'node:crypto';
import type { Job, JobStatus } from '../contract/index.ts';
import type { JobKind, JobRecord, Lane, NewJob, NewWebhook, Outcome, Waits } from './record.ts';

/** The schema of a record's fields; a Redis whose records have another one is refused at the start. */
export const SCHEMA_VERSION = '2';

/** What a list shows of a job: nothing that may be large. */
export const listFields = [
  ...['tenant', 'kind', 'lane', 'status', 'attempts', 'starts', 'metadata'],
  ...['created_at', 'started_at', 'finished_at', 'retained_until'],
  ...['error', 'stdout_truncated', 'stderr_truncated', 'queue_us', 'slot_ms', 'jail_ms'],
  ...['run_ms', 'cpu_ms', 'peak_memory_bytes', 'warm', 'runtime', 'isolation', 'limits_enforced_by'],
] as const;

/** What `JobStore.read` asks for: all but the script and the input, which only a worker needs. */
export const readFields = [...listFields, 'result', 'stdout', 'stderr'] as const;
type Fields = Record<string, string | null | undefined>;

/** A new job as the fields of its record, and how many bytes of the caller's they hold. */
export function newJobFields(job: NewJob): { fields: string[]; bytes: number } {
  const texts = {
    script: job.script,
    ...(job.input === null ? {} : { input: job.input }),
    ...(job.metadata === null ? {} : { metadata: job.metadata }),
    ...webhookTexts(job),
  };
  const facts = {
    kind: job.kind,
    lane: job.lane,
    line: job.lane === 'execute' ? 'execute' : job.priority,
    timeout_ms: `${job.timeoutMs}`,
    memory_mb: `${job.memoryMb}`,
    retention_ms: `${job.retentionMs}`,
    ...(job.replyTo === null ? {} : { reply_to: job.replyTo }),
    ...(job.webhook === null
      ? {}
      : { delivery: job.webhook.delivery, receiver: receiverOf(job, job.webhook) }),
  };
  return { fields: Object.entries({ ...facts, ...texts }).flat(), bytes: sizeOf(texts) };
}

function webhookTexts({ webhook }: NewJob): Record<string, string> {
  if (webhook === null) return {};
  const { url, secret, headers } = webhook;
  return { webhook_url: url, webhook_secret: secret, webhook_headers: JSON.stringify(headers) };
}

/** Whose deliveries stand in one line: those of one tenant to one server. A name that keys of Redis may hold. */
function receiverOf({ tenant }: NewJob, { url }: NewWebhook): string {
  return createHash('sha256')
    .update(`${tenant} ${new URL(url).origin}`)
    .digest('hex')
    .slice(0, 32);
}

/** An outcome as fields of the record, and how many bytes of the script's they hold. */
export function outcomeFields(outcome: Outcome, waits: Waits): { fields: string[]; bytes: number } {
  const texts = { stdout: outcome.stdout, stderr: outcome.stderr, ...endFields(outcome) };
  const facts = {
    stdout_truncated: flag(outcome.stdoutTruncated),
    stderr_truncated: flag(outcome.stderrTruncated),
    slot_ms: `${waits.slotMs}`,
    jail_ms: `${waits.jailMs}`,
    run_ms: `${outcome.runMs}`,
    cpu_ms: `${outcome.cpuMs}`,
    peak_memory_bytes: `${outcome.peakMemoryBytes}`,
    warm: flag(outcome.warm),
    runtime: JSON.stringify(outcome.runtime),
    isolation: outcome.isolation,
    limits_enforced_by: outcome.limitsEnforcedBy,
  };
  return { fields: Object.entries({ ...texts, ...facts }).flat(), bytes: sizeOf(texts) };
}

const sizeOf = (texts: Record<string, string>): number =>
  Object.values(texts).reduce((sum, text) => sum + Buffer.byteLength(text), 0);

function endFields(outcome: Outcome): Record<string, string> {
  return outcome.status === 'succeeded'
    ? { result: outcome.result }
    : { error: JSON.stringify(outcome.error) };
}

/** The record out of the values of `readFields` or `listFields`; `null` when there is none, or at `now` its retention has passed. */
export function recordOf(id: string, values: (string | null)[], now = Date.now()): JobRecord | null {
  return recordOfFields(
    id,
    Object.fromEntries(readFields.map((name, at) => [name, values[at] ?? null])),
    now,
  );
}

/** The same out of the fields by name. */
export function recordOfFields(id: string, fields: Fields, now = Date.now()): JobRecord | null {
  if (fields.status === null || (fields.retained_until !== null && Number(fields.retained_until) <= now))
    return null;
  return {
    tenant: fields.tenant ?? '',
    kind: fields.kind as JobKind,
    lane: fields.lane as Lane,
    starts: Number(fields.starts ?? 0),
    result: fields.result ?? null,
    phases: phasesOf(fields),
    job: {
      id,
      status: fields.status as JobStatus,
      stdout: fields.stdout ?? null,
      stderr: fields.stderr ?? null,
      stdout_truncated: unflag(fields.stdout_truncated),
      stderr_truncated: unflag(fields.stderr_truncated),
      error: parse<Job['error']>(fields.error),
      timing: timingOf(fields),
      usage: { cpu_ms: number(fields.cpu_ms), peak_memory_bytes: number(fields.peak_memory_bytes) },
      isolation: fields.isolation as Job['isolation'],
      limits_enforced_by: fields.limits_enforced_by as Job['limits_enforced_by'],
      warm: unflag(fields.warm),
      attempts: Number(fields.attempts),
      runtime: parse<Job['runtime']>(fields.runtime),
      metadata: parse<Job['metadata']>(fields.metadata),
      created_at: new Date(Number(fields.created_at)).toISOString(),
      started_at: time(fields.started_at),
      finished_at: time(fields.finished_at),
      retained_until: time(fields.retained_until),
    },
  };
}

/** `null` before the end. The wait for a slot lies within the time until the start, that for the jail after it. */
function phasesOf(fields: Fields): JobRecord['phases'] {
  const [slotMs, jailMs] = [number(fields.slot_ms), number(fields.jail_ms)];
  if (slotMs === null || jailMs === null) return null;
  const queueMs = Math.max(0, Number(fields.queue_us) / 1000 - slotMs);
  return { queueMs, leaseMs: slotMs + jailMs };
}

/** Differences of Redis's own clock, but for `run_ms`, which the supervisor measured. */
function timingOf(fields: Fields): Job['timing'] {
  const since = (later: number | null) =>
    later === null ? null : Math.max(0, later - Number(fields.created_at));
  return {
    queue_ms: since(number(fields.started_at)),
    run_ms: number(fields.run_ms),
    total_ms: since(number(fields.finished_at)),
  };
}

const flag = (value: boolean) => (value ? '1' : '0');
const unflag = (text: string | null | undefined) => (text == null ? null : text === '1');
const number = (text: string | null | undefined) => (text == null ? null : Number(text));
const time = (text: string | null | undefined) =>
  text == null ? null : new Date(Number(text)).toISOString();
const parse = <T>(text: string | null | undefined): T | null =>
  text == null ? null : (JSON.parse(text) as T);
