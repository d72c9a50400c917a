export { AddressRule, isLocalhost, parseCidr, urlProblem } from './addresses.ts';
