/** What a key says itself that it is, by its first characters. Its hash is of all of it, so no row turns one kind into another. */
import { NARROWED_SCOPES, PUBLISHABLE_SCOPES, SCOPES, type Scope } from './scopes.js';

/** What secrets begin with. */
export const SECRET_STARTS = {
  SECRET: 'tg_sk_',
  PUBLISHABLE: 'tg_pk_',
  CUSTOMER: 'tg_ck_',
  ADMIN: 'tg_ak_',
} as const;

/** Of the keys of a project. The order is that of messages. */
export const KEY_KINDS = ['SECRET', 'PUBLISHABLE', 'CUSTOMER'] as const;

export type KeyKind = (typeof KEY_KINDS)[number];

/** What keys of each kind can have; more is taken from them at every call, whatever their row says. */
export const KIND_SCOPES: Readonly<Record<KeyKind, readonly Scope[]>> = {
  SECRET: SCOPES,
  PUBLISHABLE: PUBLISHABLE_SCOPES,
  CUSTOMER: NARROWED_SCOPES,
};

/** Of a secret or of its prefix, which is of a project's key. */
export function kindOf(secret: string): KeyKind {
  return KEY_KINDS.find((kind) => secret.startsWith(SECRET_STARTS[kind])) ?? 'SECRET';
}

/** Whether each call needs a customer token: one that comes without is refused. */
export function needsToken(kind: KeyKind): boolean {
  return kind !== 'SECRET';
}
