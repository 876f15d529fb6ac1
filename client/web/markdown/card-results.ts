import { type Block, plainText } from './parse-markdown.ts';

/** Word error rates in percent, of the base model and of the adapter, on one corpus. */
export interface CardResult {
  readonly corpus: string;
  readonly base: number;
  readonly adapter: number;
}

/** What the table of results of a card says, as `npm run eval -- --cards` writes it. */
export function resultsOf(blocks: readonly Block[]): readonly CardResult[] {
  for (const block of blocks) {
    if (block.kind !== 'table') continue;
    const names = block.head.map((cell) => plainText(cell).toLowerCase());
    const columns = { corpus: names.indexOf('corpus'), base: names.indexOf('base'), adapter: names.indexOf('adapter') };
    if (Object.values(columns).includes(-1)) continue;
    return block.rows.flatMap((row) => {
      const cell = (column: number) => plainText(row[column] ?? []);
      const base = Number.parseFloat(cell(columns.base));
      const adapter = Number.parseFloat(cell(columns.adapter));
      return Number.isFinite(base) && Number.isFinite(adapter) ? [{ corpus: cell(columns.corpus), base, adapter }] : [];
    });
  }
  return [];
}

/** The one to show where there is room for one: of utterances that can have been said in their time, if there is one. */
export function mainResult(results: readonly CardResult[]): CardResult | null {
  return results.find(({ corpus }) => corpus.includes('spoken')) ?? results[0] ?? null;
}
