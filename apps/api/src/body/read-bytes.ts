import type { IncomingMessage } from 'node:http';
import { limits } from '@jobcell/shared/contract';
import { ApiError, CallerGone } from '../http/api-error.ts';

/**
 * The whole body, counted as it arrives: neither a false Content-Length nor chunks get more than the limit into
 * memory. What comes past it is left unread.
 */
export async function readBytes(incoming: IncomingMessage): Promise<Buffer> {
  if (Number(incoming.headers['content-length'] ?? 0) > limits.bodyBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > limits.bodyBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new CallerGone('the body ended early', { cause: error });
  }
  if (size > limits.bodyBytes) throw tooLarge();
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
}

const tooLarge = () => new ApiError('payload_too_large', `A body has at most ${limits.bodyBytes} bytes.`);
