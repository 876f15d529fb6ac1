import { expect, test } from 'vitest';
import { html, inline, prose } from '../../../server/api-documents/html.ts';

test('values are text, whatever they hold', () => {
  const { html: text } = html`<p title="${'"><script>'}">${"<b>&amp; 'x'</b>"}${3}</p>`;
  expect(text).toBe('<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;amp; &#39;x&#39;&lt;/b&gt;3</p>');
});

test('HTML in HTML stays what it is, and lists are put one after another', () => {
  expect(html`<ul>${['<', '>'].map((item) => html`<li>${item}</li>`)}</ul>`.html).toBe('<ul><li>&lt;</li><li>&gt;</li></ul>');
  expect(html`${[]}|${''}`.html).toBe('|');
});

test('prose has paragraphs and code, and nothing else of Markdown', () => {
  expect(prose('One `a<b`.\n\nTwo *stars*.').html).toBe('<p>One <code>a&lt;b</code>.</p>\n<p>Two *stars*.</p>\n');
  expect(inline('`x` y').html).toBe('<code>x</code> y');
});
