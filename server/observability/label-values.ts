/** What a label says once there are too many values, or where a value is none. */
export const OTHER = 'other';

/**
 * Bounds the values of a label: each is a time series, in this process and in Prometheus, for as long as either lives.
 * The first `most` values stay themselves, later ones are `other`.
 */
export function boundedLabel(most: number): (value: string) => string {
  const seen = new Set<string>();
  return (value) => {
    if (seen.has(value)) return value;
    if (seen.size >= most) return OTHER;
    seen.add(value);
    return value;
  };
}

/** The language of a BCP-47 tag without region and script: `es` of `es-419`. */
export function languageLabel(tag: string): string {
  try {
    return new Intl.Locale(tag).language;
  } catch {
    return OTHER;
  }
}
