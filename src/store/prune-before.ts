import type { InPlace } from './context.js';

export interface PruneOptions {
  /** Measured from the database's clock at the beginning. */
  readonly olderThanDays: number;
  /** Null for all. */
  readonly projectId: string | null;
  /** Whether to count only. */
  readonly dryRun: boolean;
}

/** So long ago by the clock of the place's server. */
export async function instantBefore(
  inPlace: InPlace,
  olderThanDays: number,
): Promise<string | null> {
  const [clock] = await inPlace(({ prisma, read, clockOffsetMs }) =>
    read(
      () => prisma.$queryRaw<{ before: string }[]>`SELECT (clock_timestamp()
        + ${clockOffsetMs()}::float8 * interval '1 millisecond'
        - ${olderThanDays}::float8 * interval '24 hours')::text AS before`,
    ),
  );
  return clock?.before ?? null;
}
