import type { Command } from '../../src/meter/write/command.js';
import type { createJob, Job } from '../../src/meter/write/job.js';

/** A job for a lane, which looks at nothing but its size. */
export function trackJobOf(create: typeof createJob): Job {
  const command: Command<null> = {
    scope: { projectId: '', customerKey: '' },
    entityId: null,
    idempotency: null,
    turnsAt: null,
    bytes: 100,
    structural: false,
    refuse: () => null,
    decide: () => ({ changes: null, outcome: () => 'null', answer: () => ANSWER }),
    replay: () => ANSWER,
  };
  return create(
    command,
    () => undefined,
    () => undefined,
  );
}

const ANSWER = { ok: true, value: null } as const;
