import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a caller sends: `jobcell_<id>_<secret>`, both in hex. The id stands in lists and logs, the secret nowhere. */
export type KeyText = { id: string; secret: string };

const ID_BYTES = 16;
const SECRET_BYTES = 24;
const FORM = new RegExp(`^jobcell_([0-9a-f]{${ID_BYTES * 2}})_([0-9a-f]{${SECRET_BYTES * 2}})$`);

/** A new key: 128 random bits of id, 192 of secret. */
export const newKeyText = (): KeyText => ({
  id: randomBytes(ID_BYTES).toString('hex'),
  secret: randomBytes(SECRET_BYTES).toString('hex'),
});

export const formatKey = ({ id, secret }: KeyText): string => `jobcell_${id}_${secret}`;

/** `null` where the text cannot be a key. */
export function parseKey(text: string): KeyText | null {
  const [, id, secret] = FORM.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}

/**
 * What is stored of a secret. One round of SHA-256 is right for 192 random bits: nobody can try them all, so a slow
 * hash would only slow every request down. It would be wrong for a password.
 */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Takes the same time however much of the two is equal. */
export const isSecretOf = (secret: string, hash: Buffer): boolean => timingSafeEqual(hashOf(secret), hash);
