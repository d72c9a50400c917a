import { z } from '@hono/zod-openapi';

type Bounds = { minimum: number; maximum: number; default: number };

/**
 * The schema of a whole number in a query, as the text that it is there: digits only, no more of them than the maximum
 * has. Its rule is said with both bounds, and the documentation shows a number.
 */
export function wholeNumber(description: string, { minimum, maximum, default: usual }: Bounds) {
  const rule = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(new RegExp(`^[0-9]{1,${String(maximum).length}}$`), rule)
    .refine((text) => Number(text) >= minimum && Number(text) <= maximum, rule)
    .default(`${usual}`)
    .meta({ description, ...{ type: 'integer', minimum, maximum, default: usual } });
}
