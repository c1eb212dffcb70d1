/** Signatures of gateways, which a door may demand in addition to a key: an HMAC-SHA256 by a secret that both have. */
import { Buffer } from 'node:buffer';
import { isHmacSha256 } from '../platform/hmac.js';
import { protocolError } from './errors.js';
import type { Incoming } from './incoming.js';
import type { Asked } from './params.js';
import { stableJson } from './stable-json.js';

/** Of the time and the body: `t=1767225600,v1=` and 64 hexadecimal digits. */
export const SIGNATURE_HEADER = 'tollgate-signature';

const HEADER = /^t=(\d{1,11}),v1=([0-9a-f]{64})$/;

/** How far the time of a signature may be from ours: nothing that was recorded before can be sent again. */
export const SIGNATURE_WINDOW_SECONDS = 300;

/** The extension in which Hive Gateway sends its signature. */
export const SIGNATURE_EXTENSION = 'hmac-signature';

export interface GatewaySignaturesOptions {
  /** One, or two while one replaces the other. */
  readonly secrets: readonly string[];
  readonly nowMs: () => number;
}

export class GatewaySignatures {
  readonly #options: GatewaySignaturesOptions;

  constructor(options: GatewaySignaturesOptions) {
    this.#options = options;
  }

  /** Whether the header signs the body; false without one. Throws if it does not, before anything of the body is parsed. */
  hasHeader(incoming: Incoming, text: string): boolean {
    const header = incoming.header(SIGNATURE_HEADER);
    if (header === undefined) return false;
    const [, seconds = '', digits = ''] = HEADER.exec(header) ?? [];
    if (seconds === '') throw protocolError('GATEWAY_SIGNATURE_INVALID');
    const ageSeconds = this.#options.nowMs() / 1_000 - Number(seconds);
    if (Math.abs(ageSeconds) > SIGNATURE_WINDOW_SECONDS) throw expired(seconds, ageSeconds);
    this.#check(digits, 'hex', `${seconds}.${text}`);
    return true;
  }

  /** Throws unless an extension signs the rest of the body. */
  checkExtension(params: Asked): void {
    const { extensions } = params;
    const signature = Object.hasOwn(extensions, SIGNATURE_EXTENSION)
      ? extensions[SIGNATURE_EXTENSION]
      : undefined;
    if (signature === undefined) throw protocolError('GATEWAY_SIGNATURE_MISSING');
    const isFormed = typeof signature === 'string' && BASE64.test(signature);
    const signed = isFormed ? signedByHive(params) : null;
    if (!isFormed || signed === null) throw protocolError('GATEWAY_SIGNATURE_INVALID');
    this.#check(signature, 'base64', signed);
  }

  #check(signature: string, encoding: 'hex' | 'base64', signed: string): void {
    const bytes = Buffer.from(signature, encoding);
    const isBy = (secret: string) => isHmacSha256(bytes, secret, signed);
    if (!this.#options.secrets.some(isBy)) throw protocolError('GATEWAY_SIGNATURE_INVALID');
  }
}

/** 32 bytes. */
const BASE64 = /^[A-Za-z0-9+/]{43}=$/;

/** Hive signs the query and the variables, with their members in order, but no time. Null if it cannot have sent them. */
function signedByHive({ query, variables }: Asked): string | null {
  // What stands in place of the text is not signed.
  if (query === null) return null;
  return stableJson(Object.keys(variables).length === 0 ? { query } : { query, variables });
}

function expired(seconds: string, ageSeconds: number) {
  const direction = ageSeconds > 0 ? 'before' : 'after';
  return protocolError(
    'GATEWAY_SIGNATURE_EXPIRED',
    `The gateway signed the request at ${seconds}, ${Math.round(Math.abs(ageSeconds))} s ${direction} the present time; at most ` +
      `${SIGNATURE_WINDOW_SECONDS} s are allowed. Sign each request when it is sent, and check the clocks.`,
  );
}
