import { randomBytes } from 'node:crypto';

/** The given number of random bytes, written in letters, digits, `-` and `_`. */
export function randomText(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
