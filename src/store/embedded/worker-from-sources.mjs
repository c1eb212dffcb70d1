// A worker does not inherit the TypeScript loader of vitest or tsx, so it brings its own. The
// built program starts worker.js and never sees this file.
import { register } from 'tsx/esm/api';

register();
await import('./worker.js');
