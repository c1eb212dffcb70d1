/**
 * Automatic persisted queries: texts that clients have registered under their SHA-256. Each process has its own, in memory: a client
 * whose query is not found registers it again, which is part of the protocol. Projects do not see each other's.
 */

export interface RegisteredQueriesBounds {
  readonly projectEntriesMax: number;
  readonly projectCharsMax: number;
  /** Of all projects. */
  readonly charsMax: number;
}

/** A character takes one or two bytes. */
export const REGISTERED_BOUNDS: RegisteredQueriesBounds = {
  projectEntriesMax: 2_000,
  projectCharsMax: 2 * 1024 * 1024,
  charsMax: 16 * 1024 * 1024,
};

/** Each entry counts as that many characters besides its text: its hash, and its places in the maps. */
const ENTRY_CHARS = 256;

export class RegisteredQueries {
  readonly #bounds: RegisteredQueriesBounds;
  readonly #projects = new Map<string, ProjectQueries>();
  #chars = 0;

  constructor(bounds = REGISTERED_BOUNDS) {
    this.#bounds = bounds;
  }

  get(projectId: string, hash: string): string | undefined {
    return this.#projects.get(projectId)?.get(hash);
  }

  /** If there is no room, the query that its own project has not used for longest is dropped, or else one of the project that has most. */
  set(projectId: string, hash: string, text: string): void {
    const { projectEntriesMax, projectCharsMax, charsMax } = this.#bounds;
    if (text.length + ENTRY_CHARS > projectCharsMax) return;
    const own = this.#projects.get(projectId) ?? new ProjectQueries();
    this.#projects.set(projectId, own);
    this.#chars += own.set(hash, text);
    while (own.size > projectEntriesMax || own.chars > projectCharsMax)
      this.#dropFrom(projectId, own);
    while (this.#chars > charsMax) this.#dropFrom(...this.#largest(projectId, own));
  }

  #dropFrom(projectId: string, queries: ProjectQueries): void {
    this.#chars -= queries.dropOldest();
    if (queries.size === 0) this.#projects.delete(projectId);
  }

  #largest(projectId: string, own: ProjectQueries): [string, ProjectQueries] {
    let largest: [string, ProjectQueries] = [projectId, own];
    for (const entry of this.#projects) if (entry[1].chars > largest[1].chars) largest = entry;
    return largest;
  }
}

/** The least recently used ones come first. */
class ProjectQueries {
  readonly #texts = new Map<string, string>();
  chars = 0;

  get size(): number {
    return this.#texts.size;
  }

  get(hash: string): string | undefined {
    const text = this.#texts.get(hash);
    if (text === undefined) return undefined;
    this.#texts.delete(hash);
    this.#texts.set(hash, text);
    return text;
  }

  /** Returns by how much it has grown. */
  set(hash: string, text: string): number {
    // The text of a hash does not change.
    if (this.get(hash) !== undefined) return 0;
    this.#texts.set(hash, text);
    const chars = text.length + ENTRY_CHARS;
    this.chars += chars;
    return chars;
  }

  /** Returns by how much it has shrunk. */
  dropOldest(): number {
    for (const [hash, text] of this.#texts) {
      this.#texts.delete(hash);
      const chars = text.length + ENTRY_CHARS;
      this.chars -= chars;
      return chars;
    }
    return 0;
  }
}
