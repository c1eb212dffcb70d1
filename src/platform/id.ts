import { hash, randomBytes } from 'node:crypto';

let sequence = 0;
let pool = Buffer.alloc(0);
let poolOffset = 0;

/** Eight random bytes, drawn from a pool because a system call for each id would be noticeable in a profile. */
function randomTail(): Buffer {
  if (poolOffset + 8 > pool.length) {
    pool = randomBytes(8 * 512);
    poolOffset = 0;
  }
  poolOffset += 8;
  return pool.subarray(poolOffset - 8, poolOffset);
}

/**
 * The last 80 bits of a UUIDv7 (RFC 9562, section 5.7) as 20 hex digits: version, a 12-bit sequence that keeps ids of one
 * millisecond in the order in which they were made, variant, 62 random bits. The first 48 bits are a time that may not be
 * known yet: the database's clock at the commit.
 */
export function uuidTail(): string {
  sequence = (sequence + 1) & 0xfff;
  const random = randomTail();
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
  return `7${sequence.toString(16).padStart(3, '0')}${random.toString('hex')}`;
}

/** 52 random bits, which a double and a bigint represent alike. */
export function randomVersion(): number {
  const random = randomTail();
  return (random.readUInt32LE(0) & 0xfffff) * 2 ** 32 + random.readUInt32LE(4);
}

/** The UUIDv7 of a time, in milliseconds since 1970, and a tail. */
export function uuidOf(timeMs: number, tail: string): string {
  const time = timeMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-${tail.slice(0, 4)}-${tail.slice(4, 8)}-${tail.slice(8)}`;
}

/** The time that a UUIDv7 contains. */
export function timeOfUuid(uuid: string): number {
  return Number.parseInt(`${uuid.slice(0, 8)}${uuid.slice(9, 13)}`, 16);
}

/** What a UUIDv7 consists of besides its time. */
export function tailOfUuid(uuid: string): string {
  return uuid.slice(13).replaceAll('-', '');
}

/** A new UUIDv7, by this machine's clock. */
export function uuidV7(): string {
  return uuidOf(Date.now(), uuidTail());
}

/**
 * A new UUIDv7 for what has to be distinguished only where it is read by people, such as requests. Of two processes, the random
 * part differs; within one, time and sequence do. Cheaper, because every request gets one.
 */
export function quickId(): string {
  const now = Date.now();
  if (now !== quickTime) {
    quickTime = now;
    const time = now.toString(16).padStart(12, '0');
    quickPrefix = `${time.slice(0, 8)}-${time.slice(8)}-7`;
  }
  quickSequence = (quickSequence + 1) & 0xfff;
  return quickPrefix + (SEQUENCES[quickSequence] ?? '000') + quickSuffix;
}

const SEQUENCES = Array.from({ length: 0x1000 }, (_, n) => n.toString(16).padStart(3, '0'));
const quickSuffix = uuidOf(0, uuidTail()).slice(18);
let quickTime = 0;
let quickPrefix = '';
let quickSequence = 0;

/** Texts that are unique among all processes, each with a number: for what a process makes one after the other. */
export function createNumbering(): () => string {
  const start = randomTail().toString('hex', 0, 5);
  let number = 0;
  return () => {
    number += 1;
    return `${start}-${number}`;
  };
}

/** The UUIDv5 of a name in a namespace (RFC 9562, section 5.5): always the same for the same two. */
export function uuidV5(namespace: string, name: string): string {
  const hex = hash('sha1', Buffer.concat([bytesOf(namespace), Buffer.from(name, 'utf8')]), 'hex');
  const variant = VARIANTS[Number.parseInt(hex.charAt(16), 16) & 0b11];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The digit whose upper bits mark the UUID as one of RFC 9562, indexed by its lower two bits. */
const VARIANTS = '89ab';

/** The state of the last namespace is kept: a gateway mostly serves one project. */
function bytesOf(namespace: string): Buffer {
  if (namespace !== lastNamespace) {
    lastBytes = Buffer.from(namespace.replaceAll('-', ''), 'hex');
    lastNamespace = namespace;
  }
  return lastBytes;
}

let lastNamespace = '';
let lastBytes = Buffer.alloc(0);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Ids of ours come from clients: one in another form identifies nothing, and PostgreSQL would refuse it. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
