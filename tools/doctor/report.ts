import { isolationSchema, limitsEnforcedBySchema } from '@jobcell/shared/contract';
import { z } from 'zod';
import { type CauseId, causes } from '../lib/causes.ts';

const causeSchema = z.enum(Object.keys(causes) as [CauseId, ...CauseId[]]);
const driverNameSchema = z.enum(['process', 'docker']);

const findingSchema = z.strictObject({
  cause: causeSchema,
  severity: z
    .enum(['refused', 'weaker'])
    .describe('refused: takes no jobs; weaker: takes jobs, but slower or by sampling'),
  seen: z.string().describe('What was really said'),
  cure: z.string(),
});

const driverReportSchema = z.strictObject({
  works: z.boolean().describe('A slot was made, and its jails were proven'),
  slot: z
    .strictObject({
      start: z.enum(['warm', 'cold']),
      limits_enforced_by: limitsEnforcedBySchema,
      isolation: isolationSchema,
      python: z.string(),
      packages: z.record(z.string(), z.string()),
    })
    .nullable()
    .describe('What the proven slot is; null where there was none'),
  findings: z.array(findingSchema),
});

/** The one object that `npm run doctor -- --json` prints. */
export const reportSchema = z.strictObject({
  works: z.boolean().describe('Whether the driver that SANDBOX_DRIVER names works: the exit code is then 0'),
  drivers: z.strictObject({ process: driverReportSchema, docker: driverReportSchema }),
  npm_start: z.strictObject({ driver: driverNameSchema, works: z.boolean() }),
  docker_compose_up: z.strictObject({
    driver: z.literal('docker'),
    works: z.boolean(),
    builds_image: z.boolean().describe('The image is not there: it is built first, and could not be tried'),
  }),
});

export type Report = z.infer<typeof reportSchema>;
export type DriverReport = z.infer<typeof driverReportSchema>;
export type DriverName = z.infer<typeof driverNameSchema>;
export type Severity = z.infer<typeof findingSchema>['severity'];
