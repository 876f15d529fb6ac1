/** Where two JSON values differ. */
export interface Difference {
  /** e.g. `augmentation.speed[1]` */
  readonly field: string;
  /** undefined where there is no such field */
  readonly left: unknown;
  readonly right: unknown;
}

/** @returns a difference for each leaf that is not the same; the order of keys does not count */
export function recipeDifferences(left: unknown, right: unknown, field = ''): readonly Difference[] {
  if (isContainer(left) && isContainer(right) && Array.isArray(left) === Array.isArray(right)) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...keys].flatMap((key) => recipeDifferences(left[key], right[key], fieldBelow(field, key, Array.isArray(left))));
  }
  return Object.is(left, right) ? [] : [{ field, left, right }];
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function fieldBelow(field: string, key: string, inArray: boolean): string {
  if (inArray) return `${field}[${key}]`;
  return field === '' ? key : `${field}.${key}`;
}
