import { isUtf8 } from 'node:buffer';
import { JsonSyntaxError, type RawJson, readMembers } from '@jobcell/shared/json';
import type { z } from 'zod';
import { ApiError, CallerGone } from '../http/api-error.ts';
import type { ApiContext } from '../http/context.ts';
import type { Gate } from '../jobs/gate.ts';
import { describeIssues } from './describe-issues.ts';
import { requireJson } from './media-type.ts';
import { readBytes } from './read-bytes.ts';

/** The field that stays text (law 2). */
const RAW_FIELD = 'input';
/** What a field other than a string may be before it is parsed. */
const PARSED = { depth: 2, length: 64 * 1024 };

/** A body up to this size takes too little time to stand in line. */
const SMALL = 64 * 1024;

/**
 * Gives what `use` makes of the body of a request, read as `schema` says, or throws an error that names every field
 * at fault and its rule. `bytes` is the body as it came. The large bodies of a burst are parsed and used one after the
 * other, as far as `gate` has room.
 */
export async function withBody<S extends z.ZodType, T>(
  c: ApiContext,
  gate: Gate,
  schema: S,
  use: (fields: z.output<S>, bytes: Buffer) => Promise<T>,
): Promise<T> {
  const { incoming } = c.env;
  requireJson(incoming.headers);
  const bytes = await readBytes(incoming);
  if (bytes.length <= SMALL) return await use(parse(bytes, schema), bytes);
  return await gate.run(bytes.length, async () => {
    if (c.req.raw.signal.aborted) throw new CallerGone('the caller hung up in line');
    return await use(parse(bytes, schema), bytes);
  });
}

function parse<S extends z.ZodType>(bytes: Buffer, schema: S): z.output<S> {
  const values = readFields(bytes);
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw invalid(describeIssues(parsed.error.issues, values));
}

/** The fields of the one JSON object that the bytes are, each parsed but the raw one. */
function readFields(bytes: Buffer): Record<string, unknown> {
  const members = membersOf(bytes);
  const values: Record<string, unknown> = Object.create(null);
  for (const [name, raw] of members) values[name] = name === RAW_FIELD ? raw : parseField(raw);
  return values;
}

function membersOf(bytes: Buffer): Map<string, RawJson> {
  if (bytes.length === 0) throw invalid('The body is empty; it must be a JSON object.');
  if (!isUtf8(bytes)) throw invalid('The body is not UTF-8.');
  try {
    const members = readMembers(bytes);
    if (members !== undefined) return members;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw invalid(`The body is not a JSON object that can be read: ${error.message}.`);
  }
  throw invalid('The body must be a JSON object.');
}

/** A value that is too deep or too long for any field stays a `RawJson`, which no schema of such a field takes. */
function parseField(raw: RawJson): unknown {
  const isSmall = raw.depth <= PARSED.depth && raw.text.length <= PARSED.length;
  return isSmall || raw.text.startsWith('"') ? JSON.parse(raw.text) : raw;
}

const invalid = (detail: string) => new ApiError('invalid_request', detail);
