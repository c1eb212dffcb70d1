/**
 * Global ids: base64 of a type and what is needed to find an object. What belongs to a customer
 * contains the customer's key, so that it is found where the customer's rows are. They are opaque
 * but not secret: every lookup is made within the caller's project.
 */
import { Buffer } from 'node:buffer';
import { invalidArgument } from './input/invalid-input.js';
import { ID, pattern, SEQ, UUID } from './input/patterns.js';

/** The types that are nodes, and the form of what follows the type. */
const PATTERNS = {
  Customer: pattern(UUID),
  CustomerEntity: pattern(UUID, ID),
  Feature: pattern(ID),
  Balance: pattern(UUID, UUID),
  UsageEvent: pattern(UUID, UUID),
  LedgerEntry: pattern(UUID, UUID, SEQ),
  Project: pattern(UUID),
  ApiKey: pattern(UUID),
} as const;

export type NodeType = keyof typeof PATTERNS;

export function encodeGlobalId(type: string, id: string | number | bigint): string {
  // All of it is ASCII, and a page has hundreds: a Buffer takes more than twice as long.
  return btoa(`${type}:${id}`);
}

/** Longer than any that this server issues. */
const GLOBAL_ID_CHARS_MAX = 1_024;

interface GlobalId {
  readonly typename: NodeType;
  readonly id: string;
}

/** Throws `InvalidInput` for anything that this server cannot have issued. */
export function decodeGlobalId(globalId: string): GlobalId {
  const decoded = readGlobalId(globalId);
  if (decoded !== null) return decoded;
  throw invalidArgument('id', globalId, 'global_id', 'must be an id that this API has returned');
}

/** Null for anything that this server cannot have issued. */
export function readGlobalId(globalId: string): GlobalId | null {
  const bytes = Buffer.from(globalId.slice(0, GLOBAL_ID_CHARS_MAX), 'base64');
  const text = bytes.toString('latin1');
  const colon = text.indexOf(':');
  const typename = text.slice(0, colon);
  const id = text.slice(colon + 1);
  // Base64 is decoded leniently; only the text that this server would write is accepted.
  if (
    !isNodeType(typename) ||
    !PATTERNS[typename].test(id) ||
    bytes.toString('base64') !== globalId
  ) {
    return null;
  }
  return { typename, id };
}

/** The parts of a decoded id, without its type. */
export function partsOf(type: NodeType, id: string): readonly string[] {
  return PATTERNS[type].exec(id)?.slice(1) ?? [];
}

function isNodeType(text: string): text is NodeType {
  return Object.hasOwn(PATTERNS, text);
}
