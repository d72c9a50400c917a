import { RawJson } from '@jobcell/shared/json';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** A request with many faults gets the first of them, and a name is cut where it would fill the page. */
const MOST_SHOWN = 10;
const LONGEST_NAME = 64;

/**
 * Every field at fault in one text: its name, the first rule that it breaks, and its value where that is a number,
 * else only its kind.
 */
export function describeIssues(issues: Issue[], values: Record<string, unknown>): string {
  const firsts = issues.filter(
    (issue, at) => issues.findIndex(({ path }) => path[0] === issue.path[0]) === at,
  );
  const faults = firsts.flatMap((issue) => describe(issue, values));
  const shown = faults.slice(0, MOST_SHOWN);
  if (faults.length > shown.length) shown.push(`and ${faults.length - shown.length} more`);
  return `${shown.join('; ')}.`;
}

function describe(issue: Issue, values: Record<string, unknown>): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(
      (key) => `${[...issue.path.map(String), shortName(key)].join('.')} is not known here`,
    );
  const field = issue.path.map(nameInPath).join('');
  const value = valueAt(issue.path, values);
  if (value === undefined) return [`${field} is missing`];
  return [`${field} ${ruleOf(issue)}; it is ${show(value)}`];
}

function ruleOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return isNumber(issue.origin) ? `must be at least ${issue.minimum}` : issue.message;
    case 'too_big':
      return isNumber(issue.origin) ? `must be at most ${issue.maximum}` : issue.message;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    default:
      return issue.message;
  }
}

const kinds: Record<string, string> = {
  int: 'a whole number',
  number: 'a whole number',
  string: 'a string',
  boolean: 'true or false',
  object: 'an object',
  array: 'an array',
};

function valueAt(path: Issue['path'], values: Record<string, unknown>): unknown {
  let value: unknown = values;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

/** Below the field itself: `.name`, or `[0]` and `["any text"]`. */
function nameInPath(part: PropertyKey, at: number): string {
  if (at === 0) return String(part);
  if (typeof part === 'number') return `[${part}]`;
  return /^[a-z_]{1,64}$/.test(String(part)) ? `.${String(part)}` : `[${shortName(String(part))}]`;
}

const isNumber = (origin: string): boolean => origin === 'number' || origin === 'int';

/** Numbers are harmless; whatever else stands there is the caller's data and only its kind is said. */
function show(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (value === null) return 'null';
  if (value instanceof RawJson) return `${value.text.length} characters of JSON, ${value.depth} levels deep`;
  if (typeof value === 'string') return `a string of ${value.length} characters`;
  if (typeof value === 'boolean') return 'a boolean';
  return Array.isArray(value) ? 'an array' : 'an object';
}

const shortName = (name: string): string =>
  JSON.stringify(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name);
