export { JsonSyntaxError, RawJson, readMembers, scanJson } from './scan.ts';
