export { RawJson, readMembers, scanJson } from './scan.ts';
export { JsonSyntaxError } from './tokens.ts';
