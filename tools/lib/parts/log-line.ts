import { styleText } from 'node:util';

/** A line that a part wrote: of its JSON log, or plain text (Redis's log, a stack). */
export type LogLine = { level: number; message: string; fields: Record<string, unknown> };

const LEVELS = { trace: 10, debug: 20, info: 30, warning: 40, error: 50, fatal: 60 } as const;
const COLOURS = {
  trace: 'gray',
  debug: 'gray',
  info: 'green',
  warning: 'yellow',
  error: 'red',
  fatal: 'red',
} as const;

export const INFO: number = LEVELS.info;
export const WARNING: number = LEVELS.warning;
export const ERROR: number = LEVELS.error;

/** What every line has, said elsewhere. */
const COMMON = new Set(['level', 'time', 'part', 'msg', 'pid', 'hostname']);

export function parseLogLine(text: string): LogLine {
  const record = text.startsWith('{') ? parseObject(text) : undefined;
  if (typeof record?.level !== 'number') return plainLine(text);
  const fields = Object.entries(record).filter(([name]) => !COMMON.has(name));
  return { level: record.level, message: String(record.msg ?? ''), fields: Object.fromEntries(fields) };
}

/** For people: `worker warning: redis code=ECONNREFUSED`, with colours on a terminal. */
export function showLogLine(part: string, { level, message, fields }: LogLine): string {
  const name = nameOf(level);
  const shown = Object.entries(fields).map(([key, value]) => `${key}=${show(value)}`);
  const head = styleText(COLOURS[name], name, { stream: process.stderr });
  return [`${part} ${head}:`, message, ...shown].join(' ');
}

/** Of plain text only the line that names an error that nobody caught is one. */
function plainLine(text: string): LogLine {
  const isError = /^(Uncaught )?\w*Error\b.*: /.test(text);
  return { level: isError ? LEVELS.error : LEVELS.info, message: text.replace(/^jobcell: /, ''), fields: {} };
}

function nameOf(level: number): keyof typeof LEVELS {
  const names = Object.entries(LEVELS) as [keyof typeof LEVELS, number][];
  return names.findLast(([, least]) => level >= least)?.[0] ?? 'trace';
}

function show(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
