/** What a command and the process that has a data folder open tell each other: a line of JSON each. */
import { Buffer } from 'node:buffer';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { hmacSha256, isHmacSha256 } from '../../platform/hmac.js';
import { randomText } from '../../platform/secret.js';

export type Side = 'command' | 'holder';

/** The first line of each side: that it can read the file in the data folder, which no other user can. */
const proofSchema = z.object({ proof: z.string() });

export const requestSchema = z.enum(['begin', 'end', 'confirm']);

export const replySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('begun') }),
  z.object({
    kind: z.literal('ended'),
    end: z.object({ label: z.string(), lastSegment: z.string() }),
  }),
  z.object({ kind: z.literal('confirmed') }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
]);

const LINE_CHARS_MAX = 4_096;

/** Lines as JSON, until the other side ends; a line that is too long, or no JSON, ends the connection. */
export async function* linesFrom(socket: Socket): AsyncGenerator<unknown> {
  let text = '';
  socket.setEncoding('utf8');
  try {
    for await (const chunk of socket) {
      text += String(chunk);
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
        yield JSON.parse(text.slice(0, end));
        text = text.slice(end + 1);
      }
      if (text.length > LINE_CHARS_MAX) return;
    }
  } catch {
    // Broken off, or nonsense: either way, nothing more can be said.
    return;
  } finally {
    socket.destroy();
  }
}

export function tell(socket: Socket, line: unknown): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(line)}\n`);
}

export function proofOf(token: string, side: Side): z.infer<typeof proofSchema> {
  return { proof: hmacSha256(token, side).toString('base64url') };
}

export function isProof(line: unknown, token: string, side: Side): boolean {
  const { success, data } = proofSchema.safeParse(line);
  return success && isHmacSha256(Buffer.from(data.proof, 'base64url'), token, side);
}

const tokenPath = (folder: string): string => join(folder, 'control.token');

const TOKEN_BYTES = 32;

/** A new one for each process that opens the folder; null if it cannot be written, as on a full disk. */
export function writeToken(folder: string): string | null {
  const token = randomText(TOKEN_BYTES);
  try {
    rmSync(tokenPath(folder), { force: true });
    writeFileSync(tokenPath(folder), token, { mode: 0o600, flag: 'wx' });
    return token;
  } catch {
    return null;
  }
}

export function readToken(folder: string): string | null {
  try {
    return readFileSync(tokenPath(folder), 'utf8');
  } catch {
    return null;
  }
}

/** Unless it is another process's, which has opened another database in the same folder. */
export function removeToken(folder: string, token: string): void {
  if (readToken(folder) === token) rmSync(tokenPath(folder), { force: true });
}
