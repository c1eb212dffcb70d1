import type { Plugin } from 'graphql-yoga';
import type { Incoming } from './incoming.js';

export interface ServerContext {
  /** The exchange in which the request was admitted: it lasts until the answer has been sent. */
  readonly exchange: Pick<Incoming, 'onEnd' | 'requestId'>;
}

export type ShellPlugin = Plugin<object, ServerContext>;
