import type { Caller } from '@jobcell/shared/contract';
import type { JobRecord, JobStore } from '@jobcell/shared/store';
import { Gate } from './gate.ts';

/** Records may have megabytes of output, and thousands of callers may wake up together. */
const READS_AT_ONCE = 16;

/** Reads job records, a bounded number at once. */
export class Records {
  readonly #store: Pick<JobStore, 'read' | 'readFacts'>;
  readonly #gate = new Gate(READS_AT_ONCE);

  constructor(store: Pick<JobStore, 'read' | 'readFacts'>) {
    this.#store = store;
  }

  /** `null` when there is no such job, or its retention has passed. For what is not shown to a caller. */
  async read(id: string): Promise<JobRecord | null> {
    return await this.#gate.run(1, () => this.#store.read(id));
  }

  /** As `read`, but `null` for a job of another tenant too. */
  async readOf(caller: Caller, id: string): Promise<JobRecord | null> {
    return shownTo(caller, await this.read(id));
  }

  /** As `readOf`, without output and result. */
  async readFactsOf(caller: Caller, id: string): Promise<JobRecord | null> {
    return shownTo(caller, await this.#store.readFacts(id));
  }
}

const shownTo = ({ tenant }: Caller, record: JobRecord | null): JobRecord | null =>
  record?.tenant === tenant ? record : null;
