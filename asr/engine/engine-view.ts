import type { BatchView, PoolView, RowLabel, RowLabels } from './batch-view.ts';
import type { EngineStats } from './engine-stats.ts';
import type { RowId } from './schedule.ts';

/** The batch at one moment, and what has been done until then. */
export interface EngineView {
  readonly stats: EngineStats;
  /** rows that wait or decode */
  readonly rows: readonly RowLabel[];
  /** of them, those that wait for the encoder */
  readonly waitingRows: number;
  readonly pools: readonly PoolView[];
  /** the last runs of the encoder, in their order; rows of long ago have no label any more, and are left out */
  readonly encoded: readonly { readonly number: number; readonly rows: readonly (RowLabel & { readonly context: number })[] }[];
}

/** The worker's view, with what rows are for those who look at it. @param inFlight rows that wait or decode */
export function labelledView(
  { stats, view }: { readonly stats: EngineStats; readonly view: BatchView },
  { labels, inFlight }: { readonly labels: RowLabels; readonly inFlight: Iterable<RowId> },
): EngineView {
  const rows = [...inFlight].flatMap((id) => labels.of(id) ?? []);
  const encoded = view.encoded.map(({ number, rows: batch }) => {
    const labelled = batch.flatMap(({ id, context }) => {
      const label = labels.of(id);
      return label === null ? [] : [{ ...label, context }];
    });
    return { number, rows: labelled };
  });
  return { ...view, stats, rows, encoded };
}
