import { isUtf8 } from 'node:buffer';
import { type JobError, limits, type SandboxFacts } from '@jobcell/shared/contract';
import { JsonSyntaxError, scanJson } from '@jobcell/shared/json';
import type { Outcome } from '@jobcell/shared/store';
import { FrameError } from './frames.ts';
import type { OutcomeMessage } from './messages.ts';

/**
 * The outcome that the supervisor told. A job chooses its result's bytes (it can forge its own frame), so they are
 * strict JSON within the bounds, or the outcome is a failure. Throws a `FrameError` when the result is missing.
 */
export function toOutcome(message: OutcomeMessage, parts: Map<string, Buffer>, facts: SandboxFacts): Outcome {
  const evidence = {
    stdout: decode(parts.get('stdout')),
    stderr: decode(parts.get('stderr')),
    stdoutTruncated: message.stdout_truncated,
    stderrTruncated: message.stderr_truncated,
    runMs: message.run_ms,
    cpuMs: message.cpu_ms,
    peakMemoryBytes: message.peak_memory_bytes,
    warm: message.warm,
    runtime: facts.runtime,
    isolation: facts.isolation,
    limitsEnforcedBy: facts.limits_enforced_by,
  };
  if (message.status === 'failed')
    return { status: 'failed', result: null, error: bounded(message.error), ...evidence };
  if (message.status === 'cancelled')
    return { status: 'cancelled', result: null, error: message.error, ...evidence };
  const bytes = parts.get('result');
  if (bytes === undefined) throw new FrameError('an outcome has no result');
  const read = readResult(bytes);
  return 'text' in read
    ? { status: 'succeeded', result: read.text, error: null, ...evidence }
    : { status: 'failed', result: null, error: read.error, ...evidence };
}

const MESSAGE_BYTES = 4 * 1024;
const TRACEBACK_BYTES = 16 * 1024;

/** Bytes that a job wrote, as UTF-8 with U+FFFD where they are not. */
const decode = (bytes: Buffer | undefined): string => bytes?.toString('utf8') ?? '';

function readResult(bytes: Buffer): { text: string } | { error: JobError } {
  if (bytes.length > limits.jsonBytes) {
    return refuse('result_too_large', `The result is larger than ${limits.jsonBytes} bytes of JSON`);
  }
  if (!isUtf8(bytes)) return refuse('result_not_json', 'The result is not JSON in UTF-8');
  try {
    const { text, depth } = scanJson(bytes);
    if (depth <= limits.jsonDepth) return { text };
    return refuse('result_not_json', `The result nests deeper than ${limits.jsonDepth} arrays and objects`);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return refuse('result_not_json', `The result is not JSON: ${error.message}`);
  }
}

const refuse = (code: JobError['code'], message: string): { error: JobError } => ({
  error: { code, message },
});

/** The contract's bounds on what a script's own exception may say, and no lone surrogate. */
function bounded(error: JobError): JobError {
  const traceback =
    error.traceback === undefined ? {} : { traceback: clip(error.traceback, TRACEBACK_BYTES) };
  return { ...error, message: clip(error.message, MESSAGE_BYTES), ...traceback };
}

function clip(text: string, bytes: number): string {
  const whole = text.toWellFormed();
  if (Buffer.byteLength(whole) <= bytes) return whole;
  // A character that the cut would split is left out: a decoder in stream mode keeps it for later.
  return new TextDecoder().decode(Buffer.from(whole).subarray(0, bytes), { stream: true });
}
