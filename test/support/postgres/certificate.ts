/** TLS certificates for tests, created without external programs: X.509 in DER, by hand. */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface Identity {
  /** In PEM. */
  readonly certificate: string;
  readonly key: string;
}

interface Issuer {
  readonly name: string;
  readonly key: KeyObject;
}

export interface Order {
  readonly name: string;
  /** The IPv4 address that it is valid for. */
  readonly address: string;
  /** Expired a year ago instead of expiring in ten years. */
  readonly isExpired?: boolean;
}

/** A self-signed certificate. */
export function selfSigned(order: Order): Identity {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return identity(order, privateKey, { name: order.name, key: privateKey });
}

/** A certificate signed by an authority, with the authority's own certificate. */
export function certified(order: Order): Identity & { readonly authority: string } {
  const { privateKey: authorityKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name: 'Test authority', key: authorityKey };
  const authority = identity({ name: issuer.name, address: '0.0.0.0' }, authorityKey, issuer);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...identity(order, privateKey, issuer), authority: authority.certificate };
}

function identity(order: Order, key: KeyObject, issuer: Issuer): Identity {
  return {
    certificate: pem('CERTIFICATE', certificateOf(order, key, issuer)),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const DAY_MS = 86_400_000;

function certificateOf({ name, address, isExpired }: Order, key: KeyObject, issuer: Issuer) {
  const publicKey = publicOf(key);
  const until = new Date(Date.now() + (isExpired ? -365 : 3_650) * DAY_MS);
  const from = new Date(Date.now() - 730 * DAY_MS);
  const isAuthority = key === issuer.key;
  const extensions = [
    // basicConstraints, subjectAltName.
    sequence(oid([85, 29, 19]), octets(sequence(...(isAuthority ? [TRUE] : [])))),
    sequence(
      oid([85, 29, 17]),
      octets(sequence(der(0x87, Buffer.from(address.split('.').map(Number))))),
    ),
  ];
  const body = sequence(
    der(0xa0, integer(2)),
    integer(1 + Math.floor(Math.random() * 0x7fff_ffff)),
    ECDSA_WITH_SHA256,
    nameOf(issuer.name),
    sequence(utcTime(from), utcTime(until)),
    nameOf(name),
    publicKey,
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer.key);
  return sequence(body, ECDSA_WITH_SHA256, der(0x03, Buffer.concat([Buffer.of(0), signature])));
}

function publicOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, Buffer.concat(parts));
const octets = (content: Buffer) => der(0x04, content);
const oid = (bytes: readonly number[]) => der(0x06, Buffer.from(bytes));
const utcTime = (date: Date) =>
  der(0x17, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`));
const TRUE = Buffer.of(0x01, 0x01, 0xff);
const ECDSA_WITH_SHA256 = sequence(oid([42, 134, 72, 206, 61, 4, 3, 2]));

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  const first = bytes.findIndex((byte) => byte !== 0);
  return der(0x02, bytes.subarray(first === -1 ? 3 : first));
}

function nameOf(name: string): Buffer {
  const commonName = sequence(oid([85, 4, 3]), der(0x0c, Buffer.from(name)));
  return sequence(der(0x31, commonName));
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
