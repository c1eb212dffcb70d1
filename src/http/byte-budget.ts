/** What part of it a project may always have, whatever others have taken. */
const ALWAYS = 1 / 64;

/** Memory that requests may take together, and those of one project half of it. */
export class ByteBudget {
  readonly #bytesMax: number;
  readonly #bytesOf = new Map<string, number>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  hasRoom(projectId: string, bytes: number): boolean {
    const ofProject = (this.#bytesOf.get(projectId) ?? 0) + bytes;
    if (ofProject <= this.#bytesMax * ALWAYS) return true;
    return this.#bytes + bytes <= this.#bytesMax && ofProject <= this.#bytesMax / 2;
  }

  /** Counts bytes that are taken, whether there is room or not. */
  take(projectId: string, bytes: number): void {
    this.#count(projectId, bytes);
  }

  free(projectId: string, bytes: number): void {
    this.#count(projectId, -bytes);
  }

  #count(projectId: string, bytes: number): void {
    if (bytes === 0) return;
    this.#bytes += bytes;
    const ofProject = (this.#bytesOf.get(projectId) ?? 0) + bytes;
    if (ofProject === 0) this.#bytesOf.delete(projectId);
    else this.#bytesOf.set(projectId, ofProject);
  }
}
