import { z } from 'zod';
import { RawJson } from '../json/index.ts';

type StringsRule = {
  description: string;
  /** Of all of it, as JSON text. */
  mostBytes: number;
  /** What is wrong with one of them; `null` when nothing is. */
  problemOf?: (name: string, text: string) => string | null;
};

/** An object of strings. (`z.record` would drop the name `__proto__` without a word.) */
export const stringsSchema = ({ description, mostBytes, problemOf = () => null }: StringsRule) =>
  z
    .unknown()
    .superRefine((value, { addIssue }) => {
      const custom = (message: string, path: string[] = []) => addIssue({ code: 'custom', message, path });
      if (value === null || typeof value !== 'object' || Array.isArray(value) || value instanceof RawJson)
        return custom('must be an object of strings');
      for (const [name, text] of Object.entries(value)) {
        const problem = typeof text === 'string' ? problemOf(name, text) : 'must be a string';
        if (problem !== null) custom(problem, [name]);
      }
      if (Buffer.byteLength(JSON.stringify(value)) > mostBytes)
        custom(`must be at most ${mostBytes} bytes of JSON`);
    })
    .transform((value) => value as Record<string, string>)
    .meta({ description, type: 'object', additionalProperties: { type: 'string' } });
