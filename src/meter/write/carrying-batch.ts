/** A batch of the write queue, for those whose commands it carries. */
export interface CarryingBatch {
  /** Unique among all batches of all gateways. */
  readonly id: string;
}

/** Who has submitted a command, and wants to know which batch carries it. */
export interface Carried {
  carriedBy?(batch: CarryingBatch): void;
}
