import { z } from 'zod';

/** The form of every list; `next_cursor` is `null` at the end. */
export const listSchema = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), next_cursor: z.string().nullable() });
