import {
  executeResponseSchema,
  type Job,
  jobSchema,
  type Problem,
  problemSchema,
} from '@jobcell/shared/contract';
import type { z } from 'zod';

/** An answer of the API: its body as text and parsed, with what was asked. */
export type Answer = { status: number; headers: Headers; text: string; body: unknown };

export type RunRequest = {
  script: string;
  input?: unknown;
  timeout_ms?: number;
  memory_mb?: number;
};
/** What only `POST /jobs` takes. */
export type SubmitRequest = RunRequest & {
  priority?: 'high' | 'normal' | 'low';
  metadata?: Record<string, string>;
};

/** What `POST /execute?include=job` came to: the job object, and the problem when the script failed. */
export type Run = { answer: Answer; job: Job; problem: Problem | null };

/** A caller of the API, with a key where one is needed. */
export class Client {
  readonly url: string;
  readonly #authorization: Record<string, string>;
  constructor(url: string, key?: string) {
    this.url = url;
    this.#authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  }

  async get(path: string, init: RequestInit = {}): Promise<Answer> {
    return await answerOf(await this.open(path, init));
  }

  /** An answer whose body is still to be read. */
  async open(path: string, { headers = {}, ...init }: RequestInit = {}): Promise<Response> {
    const all = { ...this.#authorization, ...(headers as Record<string, string>) };
    return await fetch(this.url + path, { ...init, headers: all });
  }

  async delete(path: string): Promise<Answer> {
    return await this.get(path, { method: 'DELETE' });
  }

  /** Posts `body` as JSON, or as the text that it is. */
  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.#authorization, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return await answerOf(response);
  }

  /** Runs a script through `/execute` and reads its job; whatever the outcome, both keep to the contract. */
  async run(request: RunRequest): Promise<Run> {
    const answer = await this.post('/execute', request);
    const id = answer.headers.get('x-job-id');
    if (id === null) throw new Error(`no job: ${answer.status} ${answer.text}`);
    if (answer.status === 200) parse(executeResponseSchema, answer);
    const problem = answer.status >= 400 ? parse(problemSchema, answer) : null;
    return { answer, job: await this.job(id), problem };
  }

  async job(id: string, waitMs = 0): Promise<Job> {
    return parse(jobSchema, await this.get(`/jobs/${id}?wait_ms=${waitMs}`));
  }

  /** Posts a background job; returns its id. */
  async submit(request: SubmitRequest): Promise<string> {
    const answer = await this.post('/jobs', request);
    if (answer.status !== 202) throw new Error(`not accepted: ${answer.status} ${answer.text}`);
    return parse(jobSchema, answer).id;
  }
}

/** The answer's body, held against the schema that the documentation is made from. */
function parse<T extends z.ZodType>(schema: T, answer: Answer): z.output<T> {
  const parsed = schema.safeParse(answer.body);
  if (parsed.success) return parsed.data;
  throw new Error(`${answer.status} ${answer.text.slice(0, 2000)}`, { cause: parsed.error });
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  };
}
