import type { Duplex } from 'node:stream';
import type { Logger } from '@jobcell/shared/log';
import { Diagnostics } from '../diagnostics.ts';
import type { Sandbox, SandboxDriver } from '../port.ts';
import { openSlot } from '../slot.ts';
import type { Transport } from '../transport.ts';
import { containerOptions, labels } from './container.ts';
import { demultiplexer } from './demultiplex.ts';
import { type Engine, EngineError } from './engine.ts';
import { startTidying, type Tidying } from './tidy.ts';

export type DockerDriverOptions = {
  engine: Engine;
  image: string;
  /** nsjail/seccomp/container.json as text: over the API a profile is passed as what it says, not by its path. */
  seccomp: string;
  start: 'warm' | 'cold';
  worker: string;
  installation: string;
  /** Ids of the workers with a heartbeat in the last 30 s. */
  liveWorkers: () => Promise<string[]>;
  log: Logger;
};

/** Uids that no account of an ordinary system has, nor a slot of the process driver (70,000 and up). */
const FIRST_UID = 80_000;
const UIDS = 10_000;
/** Beside a job's own: the supervisor, template and nsjail, the next jail, and what they start for a moment. */
const OWN_PROCESSES = 16;

/** Slots as containers of a Docker engine, spoken to over one attached stream each. */
export function createDockerDriver(options: DockerDriverOptions): SandboxDriver {
  return new DockerDriver(options);
}

class DockerDriver implements SandboxDriver {
  readonly #options: DockerDriverOptions;
  readonly #live = new Set<string>();
  readonly #tidying: Tidying;
  #appArmor: boolean | undefined;
  #making = 0;
  #generation = 0;
  #nextUid = 0;

  constructor(options: DockerDriverOptions) {
    this.#options = options;
    this.#tidying = startTidying({ ...options, isLive: (id) => this.#making > 0 || this.#live.has(id) });
  }

  async make(signal: AbortSignal): Promise<Sandbox> {
    this.#making += 1;
    try {
      const id = await this.#create();
      this.#live.add(id);
      return await this.#open(id, signal);
    } finally {
      this.#making -= 1;
    }
  }

  async close(): Promise<void> {
    await this.#tidying.stop();
  }

  async #open(id: string, signal: AbortSignal): Promise<Sandbox> {
    const { engine, log } = this.#options;
    try {
      const stream = await engine.attach(id);
      const transport = containerTransport({ id, stream, engine, log, onGone: () => this.#live.delete(id) });
      await engine.start(id);
      return await openSlot(transport, signal);
    } catch (error) {
      this.#live.delete(id);
      await engine.remove(id).catch(() => undefined); // what is left, tidying removes
      throw error;
    }
  }

  /** Goes on to the next uid while the name of one is taken. */
  async #create(): Promise<string> {
    const { engine, image, seccomp, start, worker, installation } = this.#options;
    this.#appArmor ??= await engine.hasAppArmor();
    const appArmor = this.#appArmor;
    this.#generation += 1;
    const own = {
      [labels.installation]: installation,
      [labels.worker]: worker,
      [labels.generation]: String(this.#generation),
    };
    for (let tries = 0; tries < UIDS; tries += 1) {
      const uid = FIRST_UID + (this.#nextUid++ % UIDS);
      try {
        return await engine.create(containerOptions({ image, uid, seccomp, start, appArmor, labels: own }));
      } catch (error) {
        if (!(error instanceof EngineError) || error.kind !== 'conflict') throw explain(error, image);
      }
    }
    throw new Error(`all ${UIDS} names jobcell-slot-<uid> are taken on this Docker engine`);
  }
}

const explain = (error: unknown, image: string): unknown =>
  error instanceof EngineError && error.kind === 'image_missing'
    ? new Error(
        `the image ${image} is not on this Docker engine: build it (docker compose build) or set SANDBOX_IMAGE`,
      )
    : error;

type Attached = { id: string; stream: Duplex; engine: Engine; log: Logger; onGone: () => void };

function containerTransport({ id, stream, engine, log, onGone }: Attached): Transport {
  const slot = id.slice(0, 12);
  const diagnostics = new Diagnostics(log.child({ slot }));
  const ended = new Promise<string>((resolve) => {
    const say = () => resolve(`the container's stream ended${lastWords(diagnostics)}`);
    stream.once('end', say).once('close', say).on('error', say);
  });
  return {
    id,
    ended,
    onOutput: (listener) => {
      stream.on('data', demultiplexer({ stdout: listener, stderr: (chunk) => diagnostics.push(chunk) }));
    },
    send: (pieces) => void stream.write(Buffer.concat(pieces)),
    allow: async (memoryBytes, processes) => {
      await engine.update(id, { memoryBytes, processes: processes + OWN_PROCESSES });
    },
    kill: async () => {
      stream.destroy();
      // The engine may be away: then tidying removes the container when it is back.
      await engine
        .remove(id)
        .catch((error: Error) => log.warn({ slot, error: error.message }, 'container not removed'));
      onGone();
    },
  };
}

function lastWords(diagnostics: Diagnostics): string {
  const words = diagnostics.lastWords();
  return words === '' ? '' : `: ${words}`;
}
