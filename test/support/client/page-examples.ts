/** The blocks of a page of the documentation that can be run, compiled or compared. */
import { readFile } from 'node:fs/promises';

export interface Block {
  readonly language: string;
  /** What follows the language: the file that the block is to be saved as. */
  readonly file: string | null;
  readonly text: string;
  /** The output that the page shows after it, as text or JSON; null if it shows none. */
  readonly output: string | null;
}

const BLOCK = /^```(\w+)(?: (\S+))?\n(.*?)^```$/gms;
const OUTPUTS: ReadonlySet<string> = new Set(['text', 'json']);

export async function blocksOf(page: string): Promise<Block[]> {
  const text = await readFile(new URL(`../../../docs/${page}`, import.meta.url), 'utf8');
  const all = [...text.matchAll(BLOCK)].map(([, language = '', file = null, code = '']) => ({
    language,
    file,
    text: code,
  }));
  return all
    .map((block, index) => {
      const next = all[index + 1];
      const output = next !== undefined && OUTPUTS.has(next.language) ? next.text : null;
      return { ...block, output };
    })
    .filter(({ language }) => !OUTPUTS.has(language));
}
