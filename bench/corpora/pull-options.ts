export type PullStage = 'download' | 'decode';

export interface PullOptions {
  readonly cacheDir: string;
  readonly ffmpegPath: string;
  /** `.deb` files or what they hold; absent: fetched by apt */
  readonly from?: string;
  readonly signal?: AbortSignal;
  /** bytes while downloading, files while decoding */
  readonly onProgress?: (stage: PullStage, done: number, total: number) => void;
}
