import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
/** A range of addresses: its first one and the length of its prefix. */
export type Cidr = readonly [Address, number];

/** Which addresses webhooks may reach: public unicast, and the ranges (`127.0.0.0/8`) that the operator allows. */
export class AddressRule {
  readonly #allowed: readonly Cidr[];

  /** Throws as `parseCidr` does. */
  constructor(allowed: readonly string[] = []) {
    this.#allowed = allowed.map(parseCidr);
  }

  /** `address` as the kernel prints it, or as a URL's hostname holds it. What is no address is not allowed. */
  isAllowed(address: string): boolean {
    const judged = parseAddress(address.replace(/^\[(.*)\]$/, '$1'));
    if (judged === null) return false;
    return this.#allowed.some((range) => within(judged, range)) || isPublic(judged);
  }
}

/** Throws an `Error` whose message is the rule. What is nearly a range is refused, not corrected. */
export function parseCidr(text: string): Cidr {
  const found = /^([0-9a-f.:]+)\/(0|[1-9][0-9]{0,2})$/i.exec(text);
  const first = parseAddress(found?.[1] ?? '');
  const length = Number(found?.[2]);
  if (first === null || length > (text.includes(':') ? 128 : 32)) {
    throw new Error('must be a range of addresses such as 10.0.0.0/8 or fd00::/8');
  }
  if (first.kind() === 'ipv4' && text.includes(':')) {
    throw new Error('must give a range of IPv4 addresses as such (10.0.0.0/8), not mapped to IPv6');
  }
  if (hasBitsPast(length, first)) {
    throw new Error('must be a range whose address has no bits set past the prefix, such as 10.0.0.0/8');
  }
  return [first, length];
}

/**
 * What is known to be wrong with a webhook's URL before any name is looked up, as a rule that names no part of the
 * URL, since that may hold a secret. `null` for nothing; the addresses of its name are judged at the connection.
 */
export function urlProblem(url: URL, rule: AddressRule): string | null {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must be an http:// or https:// URL';
  if (url.username !== '' || url.password !== '') return 'must not hold a user or a password';
  if (url.port === '0') return 'must not have port 0';
  const address = isLocalhost(url.hostname) ? '127.0.0.1' : url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) !== 0 && !rule.isAllowed(address)) {
    return 'must not point to an address that is not public';
  }
  return null;
}

/** Names that are this machine by RFC 6761, whatever a name server says of them. */
export function isLocalhost(name: string): boolean {
  return /^(.*\.)?localhost\.*$/i.test(name);
}

/** Public-looking, but answered by the cloud's host: Azure's WireServer. */
const REFUSED_IPV4: readonly Cidr[] = [parseCidr('168.63.129.16/32')];
const GLOBAL_IPV6 = parseCidr('2000::/3');
/** The 6bone's, given back; nothing public has it. */
const REFUSED_IPV6: readonly Cidr[] = [parseCidr('3ffe::/16')];

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  if (address instanceof ipaddr.IPv4) return !REFUSED_IPV4.some((range) => within(address, range));
  // ipaddr.js calls `unicast` whatever it has no name for, so also what IANA never gave out, and ::/96.
  if (!within(address, GLOBAL_IPV6) || address.zoneId) return false;
  return !isIsatap(address) && !REFUSED_IPV6.some((range) => within(address, range));
}

/** RFC 5214: an IPv4 address in the last 32 bits, below whatever prefix. */
function isIsatap({ parts }: ipaddr.IPv6): boolean {
  return ((parts[4] ?? 0) & 0xfcff) === 0 && parts[5] === 0x5efe;
}

/** Strict: `127.1` and `0177.0.0.1` are none, since who reads them otherwise would connect elsewhere. */
function parseAddress(text: string): Address | null {
  const family = isIP(text);
  if (family === 0) return null;
  if (family === 4) return ipaddr.IPv4.parse(text);
  const [digits, zone] = text.split('%');
  // In hexadecimal, since ipaddr.js takes `::8.8.8.8` for `::ffff:8.8.8.8`, which is another address.
  const address = ipaddr.IPv6.parse(new URL(`http://[${digits}]`).hostname.slice(1, -1));
  // An IPv4-mapped address is judged as the IPv4 address that the kernel would connect to.
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  if (zone !== undefined) address.zoneId = zone;
  return address;
}

function within(address: Address, [first, length]: Cidr): boolean {
  return address.kind() === first.kind() && address.match(first, length);
}

function hasBitsPast(length: number, address: Address): boolean {
  const bits = address.toByteArray().map((byte) => byte.toString(2).padStart(8, '0'));
  return bits.join('').slice(length).includes('1');
}
