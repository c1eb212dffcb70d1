import { randomBytes } from 'node:crypto';

/** So many random bytes, in letters, digits, `-` and `_`. */
export function randomText(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
