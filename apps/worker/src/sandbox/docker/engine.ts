import type { Duplex } from 'node:stream';
import Docker, { type ContainerCreateOptions } from 'dockerode';

/** What Jobcell asks of a Docker engine, and no more. Every call rejects with an `EngineError`. */
export interface Engine {
  /** Whether containers get AppArmor's profile unless told otherwise. */
  hasAppArmor(): Promise<boolean>;
  /** Returns the container's id. */
  create(options: ContainerCreateOptions): Promise<string>;
  /** The container's stdin, and its stdout and stderr with 8-byte headers; before the start, so nothing is lost. */
  attach(id: string): Promise<Duplex>;
  start(id: string): Promise<void>;
  update(id: string, limits: { memoryBytes: number; processes: number }): Promise<void>;
  /** Kills and removes; resolves when the container is gone, also when it had been before. */
  remove(id: string): Promise<void>;
  /** Containers in any state that carry all of these labels. */
  list(labels: Record<string, string>): Promise<{ id: string; labels: Record<string, string> }[]>;
}

/** `gone`: no such container. `image_missing`: no such image. `conflict`: the name is taken, or it is being removed. */
type EngineErrorKind = 'unreachable' | 'image_missing' | 'gone' | 'conflict' | 'other';

/** The engine refused or did not answer. The message says what to do where that is known. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly kind: EngineErrorKind;
  constructor(kind: EngineErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

const CALL_MS = 30_000;

/** dockerode's `info`, whose types do not know that it can be aborted. */
type InfoWithSignal = {
  info(options: { abortSignal: AbortSignal }): Promise<{ SecurityOptions?: string[] }>;
};

/** The engine that `address` or else `DOCKER_HOST` names, or the one of this host. A call has `callMs`. */
export function connectEngine(address?: { socketPath: string }, callMs = CALL_MS): Engine {
  const docker = new Docker(address);
  const call = <T>(work: (abortSignal: AbortSignal) => Promise<T>) => within(callMs, work);
  const on = (id: string) => docker.getContainer(id);
  return {
    hasAppArmor: async () => {
      const { info } = docker as unknown as InfoWithSignal;
      const { SecurityOptions } = await call((abortSignal) => info.call(docker, { abortSignal }));
      return SecurityOptions?.some((option) => option.startsWith('name=apparmor')) ?? false;
    },
    create: async (options) =>
      (await call((abortSignal) => docker.createContainer({ ...options, abortSignal }))).id,
    attach: async (id) =>
      (await call((abortSignal) => on(id).attach({ ...attachment, abortSignal }))) as Duplex,
    start: async (id) => void (await call((abortSignal) => on(id).start({ abortSignal }))),
    update: async (id, { memoryBytes, processes }) => {
      const limits = { Memory: memoryBytes, MemorySwap: memoryBytes, PidsLimit: processes };
      await call((abortSignal) => on(id).update({ ...limits, abortSignal }));
    },
    remove: async (id) => await remove(docker.getContainer(id), call),
    list: async (labels) => {
      const filters = { label: Object.entries(labels).map(([name, value]) => `${name}=${value}`) };
      const found = await call((abortSignal) => docker.listContainers({ all: true, filters, abortSignal }));
      return found.map((container) => ({ id: container.Id, labels: container.Labels }));
    },
  };
}

const attachment = { stream: true, hijack: true, stdin: true, stdout: true, stderr: true } as const;

type Call = <T>(work: (abortSignal: AbortSignal) => Promise<T>) => Promise<T>;

async function remove(container: Docker.Container, call: Call): Promise<void> {
  const kindOf = async (work: Promise<unknown>) => {
    try {
      await work;
      return 'gone';
    } catch (error) {
      return error instanceof EngineError && ['gone', 'conflict'].includes(error.kind)
        ? error.kind
        : Promise.reject(error);
    }
  };
  const first = await kindOf(call((abortSignal) => container.remove({ force: true, v: true, abortSignal })));
  // `AutoRemove` is at it already: wait until it is done.
  if (first === 'conflict')
    await kindOf(call((abortSignal) => container.wait({ condition: 'removed', abortSignal })));
}

/** One call with a time limit. The signal is not left to fire later: on an attached stream it would cut it. */
async function within<T>(ms: number, work: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  try {
    return await work(controller.signal);
  } catch (cause) {
    if (!controller.signal.aborted) throw toEngineError(cause);
    throw new EngineError('unreachable', `the Docker engine does not answer within ${ms} ms`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

function toEngineError(cause: unknown): EngineError {
  const { statusCode, code, message } = cause as { statusCode?: number; code?: string; message?: string };
  const text = message?.trim() ?? 'unknown';
  if (statusCode === undefined) {
    return new EngineError('unreachable', `the Docker engine does not answer (${code ?? text})`, { cause });
  }
  if (statusCode === 404)
    return new EngineError(/no such image/i.test(text) ? 'image_missing' : 'gone', text, { cause });
  return new EngineError(statusCode === 409 ? 'conflict' : 'other', text, { cause });
}
