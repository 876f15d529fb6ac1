/** HTML that is safe to put into a page; made by `html`. */
export interface Markup {
  readonly markup: string;
}

type MarkupValue = string | number | Markup | readonly Markup[];

/** Everything that is put in is escaped, unless it is markup itself. */
export function html(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return { markup: parts.reduce((sum, part, index) => sum + markupText(values[index - 1] ?? '') + part) };
}

export const NOTHING: Markup = { markup: '' };

function markupText(value: MarkupValue): string {
  if (typeof value !== 'object') return escapeHtml(`${value}`);
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}

/** For text and for attributes in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
