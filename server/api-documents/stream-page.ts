import type { AsyncapiDocument } from './asyncapi-document.ts';
import type { DocumentedMessage } from './describe-messages.ts';
import { type Html, html, inline, prose } from './html.ts';
import { page } from './page.ts';
import { fieldsOf, type SchemaField } from './schema-fields.ts';

/** The WebSocket interface to read: all that is in the document. */
export function streamPage(document: AsyncapiDocument): string {
  const { info, channels, operations, servers } = document;
  const { stream } = channels;
  const body = html`<nav><a href="/docs">flora-asr ${info.version}</a> · <a href="/docs/asyncapi.json">AsyncAPI document</a></nav>
<main>
<h1><code>${stream.address}</code></h1>
${prose(info.description)}
<ul>
${Object.values(servers).map(({ protocol, host, description }) => html`<li><code>${protocol}://${host}${stream.address}</code>: ${description}</li>\n`)}</ul>
${contents(document)}
${handshakeSection(document)}
${Object.values(operations).map((operation) => messageSection(document, operation))}
${errorSection(document)}
${closeSection(document)}
</main>`;
  return page({ title: `flora-asr: ${stream.address}`, body });
}

interface Operation {
  readonly title: string;
  readonly messages: readonly { readonly $ref: string }[];
}

function messagesOf({ components }: AsyncapiDocument, { messages }: Operation): readonly Omit<DocumentedMessage, 'from'>[] {
  return messages.flatMap(({ $ref }) => components.messages[$ref.slice($ref.lastIndexOf('/') + 1)] ?? []);
}

function contents(document: AsyncapiDocument): Html {
  const links = Object.values(document.operations).map(
    (operation) =>
      html`<li>${operation.title}: ${messagesOf(document, operation).map(({ name }) => html`<a href="#${name}">${name}</a> `)}</li>\n`,
  );
  return html`<ul>
<li><a href="#handshake">Handshake</a></li>
${links}<li><a href="#errors">Error codes</a></li>
<li><a href="#close-codes">Close codes</a></li>
</ul>`;
}

function handshakeSection({ channels, components }: AsyncapiDocument): Html {
  const { headers } = channels.stream.bindings.ws;
  const rows = Object.entries(headers.properties).map(
    ([name, { description }]) => html`<tr><td><code>${name}</code></td><td>${description}</td></tr>\n`,
  );
  const schemes = Object.values(components.securitySchemes).map(({ description }) => html`<p>${inline(description)}</p>\n`);
  return html`<section id="handshake">
<h2>Handshake</h2>
${schemes}${table(['header', ''], rows)}
</section>`;
}

function messageSection(document: AsyncapiDocument, operation: Operation): Html {
  return html`<section>
<h2>${operation.title}</h2>
${messagesOf(document, operation).map(messageArticle)}
</section>`;
}

function messageArticle({ name, title, summary, payload, examples }: Omit<DocumentedMessage, 'from'>): Html {
  const fields = fieldsOf(payload);
  const { description } = payload;
  return html`<article id="${name}">
<h3><code>${title}</code></h3>
<p>${inline(summary)}</p>
${description !== undefined ? html`<p>${inline(description)}</p>\n` : ''}${fields.length > 0 ? table(['field', 'type', 'default', ''], fields.map(fieldRow)) : ''}
${examples.map((example) => html`<figure><figcaption>${example.summary}</figcaption><pre><code>${JSON.stringify(example.payload, null, 2)}</code></pre></figure>\n`)}
</article>
`;
}

function fieldRow({ name, type, required, byDefault, description }: SchemaField): Html {
  const standard = byDefault === null ? (required ? 'required' : '') : html`<code>${byDefault}</code>`;
  return html`<tr><td><code>${name}</code></td><td>${type}</td><td>${standard}</td><td>${inline(description)}</td></tr>\n`;
}

function errorSection({ 'x-error-codes': codes }: AsyncapiDocument): Html {
  const rows = codes.map(
    ({ code, status, retryable, meaning }) =>
      html`<tr id="error-${code}"><td><code>${code}</code></td><td>${status}</td><td>${retryable ? 'yes' : ''}</td><td>${inline(meaning)}</td></tr>\n`,
  );
  return html`<section id="errors">
<h2>Error codes</h2>
<p>Stable: programs may decide by them. The status is that of a refused handshake.</p>
${table(['code', 'status', 'may succeed later', ''], rows)}
</section>`;
}

function closeSection({ 'x-close-codes': codes }: AsyncapiDocument): Html {
  const rows = codes.map(({ code, meaning }) => html`<tr><td><code>${code}</code></td><td>${inline(meaning)}</td></tr>\n`);
  return html`<section id="close-codes">
<h2>Close codes</h2>
${table(['code', ''], rows)}
</section>`;
}

function table(heads: readonly string[], rows: readonly Html[]): Html {
  return html`<div class="table"><table>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>`;
}
