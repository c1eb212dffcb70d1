/**
 * The signature of a customer token, checked before anything of the token is read. Forgers can send as many as they like: one that
 * is not signed costs a regular expression and two hashes, and what its parts contain reaches no parser.
 */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

/** Three parts in base64url, the last of which has 256 bits. Only the payload of a JWT may be encoded. */
const FORM = /^[\w-]+\.[\w-]+\.[\w-]{43}$/;

export type Signer =
  | { readonly kind: 'SECRET'; readonly secret: KeyObject }
  | { readonly kind: 'MALFORMED' }
  | { readonly kind: 'NONE' };

/** Which of these secrets has signed the token. */
export function signerOf(token: string, secrets: readonly KeyObject[]): Signer {
  if (!FORM.test(token)) return { kind: 'MALFORMED' };
  const end = token.lastIndexOf('.');
  const signed = token.slice(0, end);
  // Compared as text, so that each signature has one spelling: the last digit of another could differ in bits that mean nothing.
  const signature = Buffer.from(token.slice(end + 1));
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(signed).digest('base64url');
    if (timingSafeEqual(Buffer.from(expected), signature)) return { kind: 'SECRET', secret };
  }
  return { kind: 'NONE' };
}
