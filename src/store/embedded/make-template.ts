/**
 * A build step: creates an empty database once, so that the first start of the built program
 * unpacks it (about 2 s) instead of running initdb in WebAssembly (about 6 s).
 */
import { writeFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { TEMPLATE_PATH } from './cluster.js';

const pg = await PGlite.create();
await pg.exec('CHECKPOINT');
const dump = await pg.dumpDataDir('gzip');
writeFileSync(TEMPLATE_PATH, new Uint8Array(await dump.arrayBuffer()));
await pg.close();
