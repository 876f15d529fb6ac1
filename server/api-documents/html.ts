/** Text that is HTML already. Only `html` makes it. */
export interface Html {
  readonly html: string;
}

type Content = Html | string | number | readonly Content[];

/** Puts values into HTML: HTML as it is, lists one after another, and everything else as text, escaped. */
export function html(texts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return { html: texts.map((text, index) => text + (index < values.length ? rendered(values[index] ?? '') : '')).join('') };
}

function rendered(content: Content): string {
  if (typeof content === 'string' || typeof content === 'number') return escaped(`${content}`);
  if ('html' in content) return content.html;
  return content.map(rendered).join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** Prose with `code` between backticks, and an empty line between paragraphs. */
export function prose(text: string): Html {
  return html`${text.split(/\n{2,}/).map((paragraph) => html`<p>${inline(paragraph)}</p>\n`)}`;
}

/** One piece of prose. */
export function inline(text: string): Html {
  return html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
