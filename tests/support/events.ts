import type { Client } from './http.ts';

/** A server-sent event as it was read. */
export type ReadEvent = { id: string; event: string; data: Record<string, unknown> };

/** Reads a job's events from after `lastId` on, until they end or `signal` aborts. */
export async function* readEvents(
  client: Client,
  jobId: string,
  { lastId, signal }: { lastId?: string | undefined; signal?: AbortSignal } = {},
): AsyncGenerator<ReadEvent> {
  const headers: Record<string, string> = lastId === undefined ? {} : { 'last-event-id': lastId };
  const response = await client.open(`/jobs/${jobId}/events`, { headers, signal: signal ?? null });
  if (response.status === 204) return;
  if (response.status !== 200 || response.body === null) throw new Error(`no events: ${response.status}`);
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = readBlock(block);
      if (event !== null) yield event;
    }
  }
}

/** `null` for a comment, or what only sets the reader up. */
function readBlock(block: string): ReadEvent | null {
  const fields = new Map(
    block.split('\n').map((line) => [line.split(': ')[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
  );
  const [id, event, data] = [fields.get('id'), fields.get('event'), fields.get('data')];
  return id === undefined || event === undefined ? null : { id, event, data: JSON.parse(data ?? 'null') };
}

/** What a listener has heard: its output since the last attempt began, and the job at the end. */
export class Heard {
  readonly events: ReadEvent[] = [];
  stdout = '';
  stderr = '';
  job: Record<string, unknown> | undefined;
  #attempt: string | undefined;

  get lastId(): string | undefined {
    return this.events.at(-1)?.id;
  }

  take(event: ReadEvent): void {
    this.events.push(event);
    const [attempt] = event.id.split('-');
    if (attempt !== this.#attempt) {
      this.#attempt = attempt;
      this.stdout = '';
      this.stderr = '';
    }
    if (event.event === 'stdout') this.stdout += event.data.text;
    if (event.event === 'stderr') this.stderr += event.data.text;
    if (event.event === 'done') this.job = event.data;
  }
}

/** Follows the job until it has printed that: it may have been started a moment ago. */
export async function untilPrinted(client: Client, id: string, text: string): Promise<void> {
  const heard = new Heard();
  for await (const event of readEvents(client, id)) {
    heard.take(event);
    if (heard.stdout.includes(text)) return;
  }
}
