import type { Config } from '../config.js';

/** Where the gateway listens according to its settings, as a browser on this machine reaches it. */
export function originOf({ host, port }: Pick<Config, 'host' | 'port'>): string {
  return reachable(`http://${host.includes(':') ? `[${host}]` : host}:${port}`);
}

/** The address at which a browser on this machine reaches a server that listens on all addresses. */
export function reachable(origin: string): string {
  return origin.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}
