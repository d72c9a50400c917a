import { describe, expect, test } from 'vitest';
import { readArguments, UsageError } from './arguments.ts';

const read = (line: string) => readArguments(line.split(' ').filter(Boolean));

test('every option of create is one of a key', () => {
  const line =
    'create --name n --scopes jobs:write,admin --tenant acme --expires-at 2040-01-01T00:00:00Z --requests-per-second 1 --jobs-at-once 2 --backlog 3 --store-mb 4 --json';
  expect(read(line)).toEqual({
    name: 'create',
    json: true,
    request: {
      ...{ name: 'n', scopes: ['jobs:write', 'admin'], tenant: 'acme', expires_at: '2040-01-01T00:00:00Z' },
      limits: { requests_per_second: 1, jobs_at_once: 2, backlog: 3, store_mb: 4 },
    },
  });
});

test('list and revoke', () => {
  expect(read('list')).toEqual({ name: 'list', json: false });
  expect(read('list --json')).toEqual({ name: 'list', json: true });
  expect(read('revoke abc')).toEqual({ name: 'revoke', id: 'abc' });
});

test.each(['--help', 'help', '-h', 'create --help', 'list -h', 'revoke --help'])('%s asks for help', (line) =>
  expect(read(line)).toEqual({ name: 'help' }),
);

describe('a line that is not understood says what is wrong', () => {
  test.each([
    ['', 'what to do is missing: create, list or revoke'],
    ['make', 'there is no "make": create, list or revoke'],
    ['create --scopes admin', '--name is missing'],
    ['create --name n', '--scopes is missing'],
    ['create --name n --scopes all', '--scopes must be of jobs:write, jobs:read, admin'],
    ['create --name n --scopes admin,admin', '--scopes must name each scope once'],
    ['create --name n --scopes admin more', '"more" belongs to no option'],
    ['create --name n --scopes admin --tenant a:b', '--tenant must be 1 to 64 of A-Z'],
    ['create --name n --scopes admin --backlog 0', '--backlog must be at least 1'],
    ['create --name n --scopes admin --backlog 1e3', '--backlog must be a whole number; it is "1e3"'],
    ['create --name n --scopes admin --store-mb 1048577', '--store-mb must be at most 1048576'],
    [
      'create --name n --scopes admin --expires-at 2020-01-01T00:00:00Z',
      '--expires-at must be in the future',
    ],
    ['create --name n --scopes admin --expires-at soon', '--expires-at must be a time as RFC 3339 writes it'],
    ['create --name n --scopes admin --key k', "Unknown option '--key'"],
    ['create --name', "Option '--name <value>' argument missing"],
    ['revoke', 'the ID of a key is missing'],
    ['revoke a b', '"b" belongs to no option'],
    ['list all', '"all" belongs to no option'],
  ])('%j', (line, message) => {
    expect(() => read(line)).toThrow(UsageError);
    expect(() => read(line)).toThrow(message);
  });
});
