import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forbiddenAddresses, loopbackHosts, publicAddresses } from '../testing/forbidden-addresses.ts';
import { AddressRule, parseCidr, urlProblem } from './addresses.ts';

const publicOnly = new AddressRule();
const NOT_PUBLIC = 'must not point to an address that is not public';
const inUrl = (address: string) => (address.includes(':') ? `[${address}]` : address);

describe('an address', () => {
  it.each(forbiddenAddresses)('is refused: %s, %s', (_what, address) => {
    expect(publicOnly.isAllowed(address)).toBe(false);
    expect(publicOnly.isAllowed(`[${address}]`)).toBe(false);
  });

  it.each(publicAddresses)('is not refused where it is public: %s', (address) => {
    expect(publicOnly.isAllowed(address)).toBe(true);
    expect(urlProblem(new URL(`https://${inUrl(address)}/hook`), publicOnly)).toBeNull();
  });

  it.each(['fe80::1%eth0', 'fe80::1%1', '2a00:1450::1%eth0', '::1%lo'])(
    'is refused with a zone: %s',
    (address) => {
      expect(publicOnly.isAllowed(address)).toBe(false);
    },
  );

  it.each(['', '127.1', '8.8', '010.8.8.8', '0x8.8.8.8', '134744072', ' 8.8.8.8', '8.8.8.8.', 'example.com'])(
    'is refused where it is not written as the kernel prints it: %j',
    (text) => expect(new AddressRule(['0.0.0.0/0', '::/0']).isAllowed(text)).toBe(false),
  );

  it('is judged alike as IPv4 and mapped to IPv6', () => {
    const allowsLoopback = new AddressRule(['127.0.0.0/8']);
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        for (const rule of [publicOnly, allowsLoopback]) {
          expect(rule.isAllowed(`::ffff:${address}`)).toBe(rule.isAllowed(address));
        }
      }),
    );
  });

  it('is judged alike in whatever way an IPv6 address is written', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const { hostname } = new URL(`http://[${address}]/`);
        expect(publicOnly.isAllowed(address)).toBe(publicOnly.isAllowed(hostname));
      }),
    );
  });

  it('of IPv6 is never allowed outside 2000::/3', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const allowed = publicOnly.isAllowed(address);
        const mapped = new AddressRule(['0.0.0.0/0']).isAllowed(address);
        if (allowed && !mapped) expect(address).toMatch(/^[23][0-9a-f]{3}:/i);
      }),
    );
  });
});

describe('an allowed range', () => {
  it('lets its own addresses through, also mapped to IPv6, and no others', () => {
    const rule = new AddressRule(['127.0.0.0/8', 'fd00::/8', '169.254.169.254/32']);
    for (const address of [
      '127.0.0.1',
      '127.9.9.9',
      '::ffff:127.0.0.1',
      'fd00:ec2::254',
      '169.254.169.254',
    ]) {
      expect(rule.isAllowed(address)).toBe(true);
    }
    for (const address of ['126.0.0.0/8', '10.0.0.1', '::1', '::127.0.0.1', 'fc00::1', '169.254.169.253']) {
      expect(rule.isAllowed(address)).toBe(false);
    }
    expect(rule.isAllowed('8.8.8.8')).toBe(true);
  });

  it('of IPv6 does not let IPv4 through', () => {
    expect(new AddressRule(['::/0']).isAllowed('127.0.0.1')).toBe(false);
    expect(new AddressRule(['::/0']).isAllowed('::ffff:127.0.0.1')).toBe(false);
  });

  it('may be a link with its zone', () => {
    expect(new AddressRule(['fe80::/10']).isAllowed('fe80::1%eth0')).toBe(true);
  });
});

describe('a range of addresses', () => {
  it.each(['127.0.0.0/8', '10.1.2.3/32', '0.0.0.0/0', 'fd00::/8', '::1/128', '::/0', 'FD00::/8'])(
    'is read: %s',
    (text) => expect(() => parseCidr(text)).not.toThrow(),
  );

  it.each([
    '',
    '/',
    '127.0.0.1',
    '127.0.0.0/',
    '127.0.0.0/33',
    '127.0.0.0/08',
    '127.0.0.0/-1',
    '127.0.0.0/8 ',
    '127/8',
    '127.0/8',
    '0x7f.0.0.0/8',
    '0177.0.0.0/8',
    '2130706432/8',
    '127.0.0.0/255.0.0.0',
    'fd00::/129',
    'fd00::',
    '[fd00::]/8',
    'fe80::%eth0/10',
    'localhost/8',
  ])('is refused where it is written wrongly: %j', (text) => {
    expect(() => parseCidr(text)).toThrow('must be a range of addresses such as 10.0.0.0/8 or fd00::/8');
  });

  it.each(['10.0.0.1/8', '127.0.0.1/8', 'fd00::1/8', '172.16.0.0/11'])(
    'is refused where bits are set past its prefix: %s',
    (text) => expect(() => parseCidr(text)).toThrow('must be a range whose address has no bits set past'),
  );

  it('is refused where it is IPv4 mapped to IPv6', () => {
    expect(() => parseCidr('::ffff:127.0.0.0/104')).toThrow('not mapped to IPv6');
    expect(() => new AddressRule(['127.0.0.0/8', 'nothing'])).toThrow('must be a range of addresses');
  });
});

describe('a URL', () => {
  it.each(loopbackHosts)('is refused where its host is loopback: %s, %s', (_form, host) => {
    for (const scheme of ['http', 'https']) {
      expect(urlProblem(new URL(`${scheme}://${host}:8080/hook`), publicOnly)).toBe(NOT_PUBLIC);
    }
  });

  it.each(forbiddenAddresses)('is refused where its host is %s, %s', (_what, address) => {
    expect(urlProblem(new URL(`http://${inUrl(address)}/`), publicOnly)).toBe(NOT_PUBLIC);
  });

  it.each(loopbackHosts)('is not refused where the operator allows its host: %s, %s', (_form, host) => {
    const rule = new AddressRule(['127.0.0.0/8', '0.0.0.0/8', '::/127']);
    expect(urlProblem(new URL(`http://${host}/`), rule)).toBeNull();
  });

  it.each([
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://example.com/',
    'data:,x',
    'unix:/run/x.sock',
  ])('is refused with another scheme: %s', (text) =>
    expect(urlProblem(new URL(text), publicOnly)).toBe('must be an http:// or https:// URL'),
  );

  it.each(['https://u@example.com/', 'https://:secret@example.com/', 'https://u:secret@example.com/'])(
    'is refused with a user or a password: %s',
    (text) => expect(urlProblem(new URL(text), publicOnly)).toBe('must not hold a user or a password'),
  );

  it('is refused with port 0', () => {
    expect(urlProblem(new URL('http://example.com:0/'), publicOnly)).toBe('must not have port 0');
  });

  it.each([
    'http://example.com/',
    'https://example.com:8443/a?b=c#d',
    'https://localhost.example.com/',
    'https://notlocalhost/',
    'https://127.0.0.1.example.com/',
    'https://[2a00:1450:4001:82a::200e]:8443/',
  ])('is not refused for a name that is not localhost, or a public address: %s', (text) => {
    expect(urlProblem(new URL(text), publicOnly)).toBeNull();
  });
});
