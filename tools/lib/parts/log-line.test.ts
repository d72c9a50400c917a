import { expect, test } from 'vitest';
import { ERROR, INFO, parseLogLine, showLogLine } from './log-line.ts';

test('a line of the JSON log is shown by its level, message and own fields', () => {
  const line = parseLogLine(
    '{"level":40,"time":"2026-01-01T00:00:00Z","part":"worker","code":"ECONNREFUSED","why":"no route","msg":"redis"}',
  );
  expect(showLogLine('worker', line)).toBe('worker warning: redis code=ECONNREFUSED why="no route"');
});

test('plain text is kept as it is', () => {
  expect(parseLogLine('1:M Ready to accept connections')).toEqual({
    level: INFO,
    message: '1:M Ready to accept connections',
    fields: {},
  });
  expect(parseLogLine('{not json').message).toBe('{not json');
});

test('the line of a stack that names the error is an error', () => {
  expect(parseLogLine('TypeError [ERR_X]: wrong').level).toBe(ERROR);
  expect(parseLogLine('    at file:///x.ts:1:1').level).toBe(INFO);
});
