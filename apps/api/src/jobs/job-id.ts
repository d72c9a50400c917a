import { ApiError } from '../http/api-error.ts';
import type { ApiContext } from '../http/context.ts';

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const isId = (text: string): boolean => ID.test(text);

/** The id in the path, which this request is then about. What is no id of a job is told like one that is not there. */
export function jobIdOf(c: ApiContext): string {
  const id = c.req.param('id') ?? '';
  if (!isId(id)) throw noSuchJob();
  c.set('jobId', id);
  return id;
}

/** Another tenant's job is answered so, too. */
export const noSuchJob = () =>
  new ApiError('not_found', 'There is no job with this id, or its retention is over.');
