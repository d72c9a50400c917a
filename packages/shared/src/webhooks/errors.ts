/** Why an attempt to deliver a webhook did not succeed, each with what it means. The documentation lists these. */
export const deliveryErrors = [
  {
    code: 'address_forbidden',
    meaning: 'The host is, or its name has, an address that is not public; nothing was connected to',
  },
  { code: 'name_not_resolved', meaning: 'The name servers gave no address for the host' },
  { code: 'connection_refused', meaning: 'Nothing listens on this port of the host' },
  {
    code: 'connection_failed',
    meaning: 'The host cannot be reached, or the connection ended before there was an answer',
  },
  { code: 'tls_failed', meaning: 'No TLS connection came about; most often the certificate is not valid' },
  { code: 'timeout', meaning: 'There was no answer in time, counted from the look-up of the name' },
  { code: 'answer_invalid', meaning: 'What came back is no HTTP answer, or its headers are too long' },
  { code: 'redirect', meaning: 'The answer was a redirect (3xx); none is followed' },
  { code: 'gone', meaning: 'The answer was 410: the receiver wants no more of it, so it is not tried again' },
  { code: 'bad_status', meaning: 'The answer had another status than 2xx' },
] as const;

export type DeliveryError = (typeof deliveryErrors)[number]['code'];

/** The codes alone, for a schema. */
export const DELIVERY_ERRORS: readonly DeliveryError[] = deliveryErrors.map(({ code }) => code);
