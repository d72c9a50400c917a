export { AddressRule, isLocalhost, parseCidr, urlProblem } from './addresses.ts';
export { DELIVERY_ERRORS, type DeliveryError, deliveryErrors } from './errors.ts';
