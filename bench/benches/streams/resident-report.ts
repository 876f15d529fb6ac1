export interface ResidentSample {
  readonly residentBytes: number;
  /** since playing began */
  readonly atSeconds: number;
}

/** The service's resident size, in MiB, while the streams played. */
export interface ResidentReport {
  readonly start: number;
  /** null for runs that end before */
  readonly atFiveMinutes: number | null;
  readonly end: number;
  readonly most: number;
  /** end over 5 minutes; null for runs that end before they have doubled these */
  readonly ratio: number | null;
  readonly samples: readonly { readonly atSeconds: number; readonly mebibytes: number }[];
}

const WARM_SECONDS = 300;

/**
 * @param samples in order, at least one
 * @param playedSeconds until when audio came: what is resident after it does not count
 */
export function residentReport(samples: readonly ResidentSample[], playedSeconds: number): ResidentReport {
  const playing = samples.filter(({ atSeconds }) => atSeconds <= playedSeconds);
  const sizes = playing.map(({ residentBytes, atSeconds }) => ({ atSeconds, mebibytes: residentBytes / 2 ** 20 }));
  const start = sizes[0]?.mebibytes ?? 0;
  const end = sizes.at(-1)?.mebibytes ?? start;
  const atFiveMinutes = sizes.find(({ atSeconds }) => atSeconds >= WARM_SECONDS)?.mebibytes ?? null;
  return {
    start,
    atFiveMinutes,
    end,
    most: Math.max(...sizes.map(({ mebibytes }) => mebibytes)),
    ratio: atFiveMinutes === null || playedSeconds < 2 * WARM_SECONDS ? null : end / atFiveMinutes,
    samples: sizes,
  };
}
