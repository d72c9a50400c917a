export { KEY_CURSOR, type KeyPage, KeyStore, type StoredKey } from './key-store.ts';
export { isSecretOf, type KeyText, parseKey } from './key-text.ts';
