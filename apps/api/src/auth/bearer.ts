import { type KeyText, parseKey } from '@jobcell/shared/keys';

/** What a request says about who sent it: a key, or (`refused`) what it is told where one is needed. */
export type Credentials = KeyText | { refused: string };

/** Reads the values of all `Authorization` headers. No detail shows what was sent. */
export function readBearer(values: readonly string[]): Credentials {
  if (values.length === 0) return refused('The request needs the header Authorization: Bearer <key>.');
  if (values.length > 1) return refused('The header Authorization must stand there once.');
  const [, token] = /^bearer +([!-~]+) *$/i.exec(values[0] ?? '') ?? [];
  if (token === undefined) return refused('The header Authorization must be Bearer <key>.');
  return parseKey(token) ?? refused('This is not the form of a key: jobcell_<id>_<secret>.');
}

/** Not yet an error: without keys every request comes here, and an error costs a stack. */
const refused = (detail: string): Credentials => ({ refused: detail });
