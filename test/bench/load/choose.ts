/** Chooses the customer of the next request. */
import type { LoadOrder } from '../protocol.js';
import { type RequestBytes, writeDigits } from './request-pattern.js';

const CUSTOMER_DIGITS = 7;
const KEY_DIGITS = 10;
const ENTITIES = 10;

/** Fills the slots of a request for the connection with this index. */
export type Choose = (request: RequestBytes, connection: number) => void;

export type ChoiceOptions = Pick<LoadOrder, 'customers' | 'ports' | 'routing' | 'keyStart'>;

/**
 * In the warm-up, one customer after the other, then again with the next entity, so that the gateway has cached all of them as
 * soon as possible; later a random one. If gateways have their own customers, a connection uses those of its gateway.
 */
export function chooser(
  { customers, ports, routing, keyStart }: ChoiceOptions,
  isWarmingUp: () => boolean,
): Choose {
  const gateways = routing === 'OWN' ? ports.length : 1;
  const perGateway = Math.floor(customers.count / gateways);
  let key = keyStart;
  const next = Array.from({ length: gateways }, () => 0);
  return ({ bytes, customerSlots, copies, keySlots, entitySlots }, connection) => {
    const gateway = connection % gateways;
    let entity = Math.floor(Math.random() * ENTITIES);
    for (const slot of customerSlots) {
      let index = Math.floor(Math.random() * perGateway);
      if (isWarmingUp()) {
        const seen = next[gateway] ?? 0;
        next[gateway] = seen + 1;
        index = seen % perGateway;
        entity = Math.floor(seen / perGateway) % ENTITIES;
      }
      const number = (index * gateways + gateway) * customers.stride;
      writeDigits(bytes, slot, CUSTOMER_DIGITS, number);
    }
    for (const { from, to } of copies) bytes.copy(bytes, to, from, from + CUSTOMER_DIGITS);
    for (const slot of entitySlots) writeDigits(bytes, slot, 1, entity);
    for (const slot of keySlots) {
      writeDigits(bytes, slot, KEY_DIGITS, key);
      key += 1;
    }
  };
}
