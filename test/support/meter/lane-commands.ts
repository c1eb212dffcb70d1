import { Command, type Decision } from '../../../src/meter/write/command.js';

/** A command for a lane, which only depends on its size. */
export class SizedCommand extends Command<null> {
  readonly scope = { projectId: '', customerKey: '' };
  readonly bytes: number;

  constructor(bytes = 100) {
    super();
    this.bytes = bytes;
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
