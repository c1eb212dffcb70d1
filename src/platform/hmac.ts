import { createHmac, timingSafeEqual } from 'node:crypto';

export function hmacSha256(secret: string, text: string): Buffer {
  return createHmac('sha256', secret).update(text, 'utf8').digest();
}

/** Whether the bytes are the HMAC-SHA256 of the text, compared in constant time. */
export function isHmacSha256(bytes: Buffer, secret: string, text: string): boolean {
  const expected = hmacSha256(secret, text);
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}
