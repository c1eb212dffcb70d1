/** How many of something each project has at present. */
export class ProjectCounts {
  readonly #counts = new Map<string, number>();

  of(projectId: string): number {
    return this.#counts.get(projectId) ?? 0;
  }

  add(projectId: string): void {
    this.#counts.set(projectId, this.of(projectId) + 1);
  }

  remove(projectId: string): void {
    const left = this.of(projectId) - 1;
    if (left === 0) this.#counts.delete(projectId);
    else this.#counts.set(projectId, left);
  }
}
