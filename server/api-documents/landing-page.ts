import { ownVersion } from '../observability/own-version.ts';
import { html } from './html.ts';
import { page } from './page.ts';

/** Where to begin. */
export function landingPage(): string {
  const body = html`<main>
<h1>flora-asr ${ownVersion()}</h1>
<p>Multilingual speech recognition: every utterance of a shared batch with its own language’s adapter.</p>
<dl class="doors">
<dt><a href="/docs/stream/">Streams</a></dt>
<dd>Live audio over a WebSocket, <code>/v1/stream</code>: every message with its fields, examples and codes.
<a href="/docs/asyncapi.json">As AsyncAPI 3.0</a></dd>
<dt><a href="/docs/rest/">Files</a></dt>
<dd>Recordings over REST, <code>POST /v1/audio/transcriptions</code>, as OpenAI’s SDKs send them; to read and to try.
<a href="/docs/openapi.json">As OpenAPI 3.1</a></dd>
</dl>
<h2>A first transcript</h2>
<pre><code>curl http://127.0.0.1:8080/v1/audio/transcriptions -H 'authorization: Bearer KEY' \\
  -F file=@recording.ogg -F language=es</code></pre>
<p>Without API keys, any key will do, and none.</p>
<h2>For operators</h2>
<ul>
<li><a href="/health/live"><code>/health/live</code></a>: whether the process runs</li>
<li><a href="/health/ready"><code>/health/ready</code></a>: whether it recognises, or what it waits for</li>
<li><code>/metrics</code>: for Prometheus; wants a key where there are keys</li>
</ul>
</main>`;
  return page({ title: 'flora-asr', body });
}
