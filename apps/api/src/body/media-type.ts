import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from '../http/api-error.ts';

/** JSON is UTF-8 by its own definition (RFC 8259), so `charset` may say that and nothing else. */
const JSON_TYPE = /^application\/json[\t ]*(?:;[\t ]*charset=(?:utf-8|"utf-8")[\t ]*)?$/i;

/** Refuses a body that is not plain JSON. A browser can send this type to another site only after it asked there. */
export function requireJson(headers: IncomingHttpHeaders): void {
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) {
    throw new ApiError(
      'unsupported_media_type',
      'The body must have the Content-Type application/json, in UTF-8.',
    );
  }
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity') {
    throw new ApiError('unsupported_media_type', 'The body must not be compressed (Content-Encoding).');
  }
}
