/** Customer tokens as a project's server signs them, and as forgers would. */
import { createHmac } from 'node:crypto';

export interface TokenParts {
  readonly header?: object;
  readonly claims: object;
  readonly secret: string;
  readonly hash?: string;
}

export function signToken({ header, claims, secret, hash = 'sha256' }: TokenParts): string {
  const signed = [{ alg: 'HS256', typ: 'JWT', ...header }, claims].map(encoded).join('.');
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
