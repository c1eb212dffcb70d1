/** The target of a request. */
export interface Target {
  readonly path: string;
  /** Without its question mark. */
  readonly search: string;
}

/** Characters of a host name, of an IPv4 address or of an IPv6 address in brackets; a port may follow. */
const AUTHORITY = /^(?:[\w.~!$&'()*+,;=%-]+|\[[\da-f:.]+\])(?::\d*)?$/i;

const ABSOLUTE = /^https?:\/\/([^/?#]*)([^#]*)/i;

/**
 * The target of a request line with its `Host` (RFC 9112, 3.2); null if the two do not form a valid URL. Whatever
 * reads the address later would throw, each in its own way.
 */
export function targetOf(url: string, host: string | undefined): Target | null {
  if (url.startsWith('/')) return isAuthority(host) ? splitTarget(url) : null;
  const [, authority, rest] = ABSOLUTE.exec(url) ?? [];
  // The address in the request line replaces the Host, which must be valid nevertheless.
  if (!authority || !isAuthority(authority) || !isAuthority(host)) return null;
  return splitTarget(rest?.startsWith('/') ? rest : `/${rest ?? ''}`);
}

/** Whether there is more than one `Host`, of which Node passes on the first; a proxy may have used the other one. */
export function isHostRepeated(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === HOST.length && name.toLowerCase() === HOST) hosts += 1;
  }
  return hosts > 1;
}

const HOST = 'host';

/** Only HTTP/1.0 may omit the header, which Node enforces; some probes leave it empty. */
function isAuthority(host: string | undefined): boolean {
  if (host === undefined || host === '' || host === knownAuthority) return true;
  if (!AUTHORITY.test(host) || !URL.canParse(`http://${host}/`)) return false;
  knownAuthority = host;
  return true;
}

/** The last valid one: a gateway is mostly called by one name, and parsing it takes longer than comparing it. */
let knownAuthority = '';

function splitTarget(url: string): Target {
  const at = url.indexOf('?');
  return at < 0 ? { path: url, search: '' } : { path: url.slice(0, at), search: url.slice(at + 1) };
}
