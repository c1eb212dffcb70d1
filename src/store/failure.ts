/** No connection could be had, so nothing was sent. */
export class NoConnectionError extends Error {
  override readonly name = 'NoConnectionError';

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

export function failureOf(_error: unknown): 'UNREACHABLE' | 'CONNECTION_LOST' | 'SERIALIZATION' | 'TIMEOUT' | 'DATA' | 'OTHER' {
  return 'OTHER';
}
