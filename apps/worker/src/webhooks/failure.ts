import type { DeliveryError } from '@jobcell/shared/contract';

/** Why there is no answer. Its message is its code: the parts of a URL may be secret. */
export class DeliveryFailure extends Error {
  override readonly name = 'DeliveryFailure';
  readonly code: DeliveryError;

  constructor(code: DeliveryError, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/** What an error of a socket or of its HTTP answer means. */
export function failureOf(error: unknown): DeliveryFailure {
  if (error instanceof DeliveryFailure) return error;
  const code = String((error as NodeJS.ErrnoException | null)?.code);
  return new DeliveryFailure(meaningOf(code), { cause: error });
}

function meaningOf(code: string): DeliveryError {
  if (code === 'ECONNREFUSED') return 'connection_refused';
  if (code === 'ETIMEDOUT') return 'timeout';
  if (code.startsWith('HPE_')) return 'answer_invalid';
  // With TLS 1.3 a server can refuse the handshake after the client thinks that it is over.
  if (code.startsWith('ERR_SSL_')) return 'tls_failed';
  return 'connection_failed';
}
