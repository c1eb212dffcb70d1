/** The program as it is built: what runs in production is what is measured, not what tsx makes of the sources. */

/** The module below dist/ that was compiled from the source of type `T`: it has the same exports. */
export async function built<T>(path: string): Promise<T> {
  return (await import(new URL(`../../dist/${path}`, import.meta.url).href)) as T;
}
