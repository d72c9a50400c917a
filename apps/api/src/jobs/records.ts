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

  /** `null` when there is no such job, or its retention has passed. */
  async read(id: string): Promise<JobRecord | null> {
    return await this.#gate.run(1, () => this.#store.read(id));
  }
}
