import type { CustomerScope } from '../../../src/meter/store.js';
import { Command, type Decision } from '../../../src/meter/write/command.js';

/** A command for a lane, which only depends on its size. */
export class SizedCommand extends Command<null> {
  readonly scope: CustomerScope;
  readonly bytes: number;

  constructor(bytes = 100, projectId = '') {
    super();
    this.bytes = bytes;
    this.scope = { projectId, customerKey: '' };
  }

  refuse(): null {
    return null;
  }

  decide(): Decision<null> {
    return { changes: null, storedResult: () => 'null', result: () => NOTHING };
  }

  replay() {
    return NOTHING;
  }
}

const NOTHING = { ok: true, value: null } as const;
