import { type KeyText, parseKey } from '@jobcell/shared/keys';
import { ApiError } from '../http/api-error.ts';

/** What a request says about who sent it: a key, or the error that answers where one is needed. */
export type Credentials = KeyText | ApiError;

/** Reads the values of all `Authorization` headers. No detail shows what was sent. */
export function readBearer(values: readonly string[]): Credentials {
  if (values.length === 0) return unauthorized('The request needs the header Authorization: Bearer <key>.');
  if (values.length > 1) return unauthorized('The header Authorization must stand there once.');
  const [, token] = /^bearer +([!-~]+) *$/i.exec(values[0] ?? '') ?? [];
  if (token === undefined) return unauthorized('The header Authorization must be Bearer <key>.');
  return parseKey(token) ?? unauthorized('This is not the form of a key: jobcell_<id>_<secret>.');
}

export const unauthorized = (detail: string): ApiError => new ApiError('unauthorized', detail);
