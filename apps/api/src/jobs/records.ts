import type { Caller } from '@jobcell/shared/contract';
import type { JobRecord, JobStore } from '@jobcell/shared/store';
import { Gate } from './gate.ts';

/** Records may have megabytes of output, and thousands of callers may wake up together. */
const READS_AT_ONCE = 16;

/** Reads job records, a bounded number at once. */
export class Records {
  readonly #store: Pick<JobStore, 'read'>;
  readonly #gate = new Gate(READS_AT_ONCE);

  constructor(store: Pick<JobStore, 'read'>) {
    this.#store = store;
  }

  /** `null` when there is no such job, or its retention has passed. For what is not shown to a caller. */
  async read(id: string): Promise<JobRecord | null> {
    return await this.#gate.run(1, () => this.#store.read(id));
  }

  /** As `read`, but `null` for a job of another tenant too. */
  async readOf({ tenant }: Caller, id: string): Promise<JobRecord | null> {
    const record = await this.read(id);
    return record?.tenant === tenant ? record : null;
  }
}
