import { createHash, hash } from 'node:crypto';

/** The SHA-256 of a text, as 64 hex digits. Every call needs two, and this takes a third of the time of `createHash`. */
export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}

/** The SHA-256 of a text, as its 32 bytes. */
export function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
