import { fsyncSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type ModuleOptions = Parameters<NodeFS['init']>[1];

interface Stream {
  nfd: number;
  node: { parent: { name: string } };
}

/** The part of Emscripten's Node file system that is changed here; PGlite leaves it untyped. */
interface NodeFiles {
  tryFSOperation(operation: () => void): void;
  stream_ops: {
    fsync?: (stream: Stream) => number;
    write: (
      stream: Stream,
      buffer: Uint8Array,
      offset: number,
      length: number,
      position: number,
    ) => number;
  };
}

/**
 * PGlite's folder on disk, with an fsync that reaches the disk. Emscripten's file system has
 * none, and PostgreSQL takes its absence for success: as shipped, a power cut loses everything
 * that the operating system had not yet written by itself.
 */
export class DurableFiles extends NodeFS {
  /** Bytes written to the write-ahead log since this was last set to 0. */
  walBytes = 0;

  override async init(pg: PGlite, options: ModuleOptions) {
    const { emscriptenOpts } = await super.init(pg, options);
    const change = (module: { NODEFS: NodeFiles }) => this.#change(module.NODEFS);
    return {
      emscriptenOpts: {
        ...emscriptenOpts,
        preRun: [...(emscriptenOpts.preRun ?? []), change],
        instantiateWasm: withoutTimers(emscriptenOpts['instantiateWasm']),
      },
    };
  }

  #change(files: NodeFiles): void {
    const { stream_ops: operations } = files;
    operations.fsync = (stream) => {
      // Turns a failure into an errno, which makes PostgreSQL panic instead of acknowledging.
      files.tryFSOperation(() => fsyncSync(stream.nfd));
      return 0;
    };
    const { write } = operations;
    operations.write = (stream, buffer, offset, length, position) => {
      if (stream.node.parent.name === 'pg_wal') this.walBytes += length;
      return write(stream, buffer, offset, length, position);
    };
  }
}

type Instantiate = (imports: { env: Record<string, unknown> }, done: unknown) => unknown;

/**
 * PostgreSQL's timers cannot interrupt a statement here, because they wait for the event loop. What
 * they can do is end an idle session, for example by `idle_in_transaction_session_timeout`, and
 * with its only session the engine ends. (Handled here, because these options pass nowhere else.)
 */
function withoutTimers(instantiate: Instantiate): Instantiate {
  return (imports, done) => {
    imports.env['_setitimer_js'] = () => 0;
    return instantiate(imports, done);
  };
}
