import { limits } from '@jobcell/shared/contract';

/** Of an answer's body, how much a person gets to read. */
export const EXCERPT_BYTES = limits.webhook.excerptBytes;

/** What would move, hide or split text where it is shown: controls, line ends, directions, things without a shape. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * The beginning of a body as text that is safe to show: UTF-8, with U+FFFD for what is none, and `\uXXXX` for each
 * character that cannot be seen. `null` for a body without bytes. Up to six characters a byte.
 */
export function excerptOf(body: Uint8Array): string | null {
  if (body.length === 0) return null;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  // A character that the cut splits is left out, not replaced.
  const text = decoder.decode(body.subarray(0, EXCERPT_BYTES), { stream: body.length >= EXCERPT_BYTES });
  return text.replace(UNSEEN, escaped);
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
