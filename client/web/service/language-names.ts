const NAMES = new Intl.DisplayNames(['en'], { type: 'language' });

/** `el` → Greek; a tag that has no name is its own. */
export function languageName(tag: string): string {
  try {
    return NAMES.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/**
 * A hue for each language, in degrees: the golden angle keeps neighbours apart, however many there are.
 * @param order of the languages that are shown most, first
 */
export function hueOf(tag: string, order: readonly string[]): number {
  const primary = tag.split('-')[0] ?? tag;
  const place = order.indexOf(primary);
  return Math.round((165 + 137.508 * (place === -1 ? order.length + codeOf(primary) : place)) % 360);
}

function codeOf(text: string): number {
  return [...text].reduce((sum, character) => (31 * sum + (character.codePointAt(0) ?? 0)) % 997, 7);
}
