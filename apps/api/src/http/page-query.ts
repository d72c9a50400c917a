import { z } from '@hono/zod-openapi';
import { limits } from '@jobcell/shared/contract';
import { wholeNumber } from './whole-number.ts';

/** What every list takes; `isCursor` tells what can be a `next_cursor` of it. */
export const pageQuery = (isCursor: RegExp) => ({
  limit: wholeNumber('Most items of the page', limits.page),
  cursor: z
    .string()
    .regex(isCursor, 'must be a next_cursor of this list')
    .optional()
    .describe('The `next_cursor` of the page before'),
});

/** The cursor of lists that are in the order of a number. */
export const NUMBER_CURSOR = /^[0-9]{1,16}$/;
