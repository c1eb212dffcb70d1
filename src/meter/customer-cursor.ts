import { Buffer } from 'node:buffer';
import type { CustomerOrder, Position } from '../domain/customer-order.js';

/** In printable ASCII, as cursors are. */
export function keyOfPosition({ value, id }: Position, by: CustomerOrder): string {
  return `${by === 'NEWEST' ? value : Buffer.from(value).toString('base64url')}:${id}`;
}

export function positionFromKey(key: string, by: CustomerOrder): Position {
  const colon = key.indexOf(':');
  const value = key.slice(0, colon);
  const id = key.slice(colon + 1);
  return { value: by === 'NEWEST' ? value : Buffer.from(value, 'base64url').toString(), id };
}
