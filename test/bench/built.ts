/** The built program: what is measured is what runs in production, not the sources run by tsx. */

/** The module in dist/ that was compiled from the source of type `T`, with the same exports. */
export async function built<T>(path: string): Promise<T> {
  return (await import(new URL(`../../dist/${path}`, import.meta.url).href)) as T;
}
