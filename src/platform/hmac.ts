import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether the bytes are the HMAC-SHA256 of the text, compared in constant time. */
export function isHmacSha256(bytes: Buffer, secret: string, text: string): boolean {
  const expected = createHmac('sha256', secret).update(text, 'utf8').digest();
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}
