import type { z } from 'zod';
import { describeIssues } from '../body/describe-issues.ts';
import { ApiError } from './api-error.ts';
import type { ApiContext } from './context.ts';

/** The query's parameters as `schema` says: unknown and repeated ones are refused by name. */
export function readQuery<S extends z.ZodType>(c: ApiContext, schema: S): z.output<S> {
  const values: Record<string, unknown> = Object.create(null);
  const { searchParams } = new URL(c.req.url);
  for (const [name, value] of searchParams) {
    if (Object.hasOwn(values, name))
      throw new ApiError('invalid_request', 'A query parameter is given twice.');
    values[name] = value;
  }
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new ApiError('invalid_request', `In the query: ${describeIssues(parsed.error.issues, values)}`);
}
