import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { languageName } from '../service/language-names.ts';
import { type AdapterInfo, adapters, serviceState } from '../service/service.ts';
import { hueFor } from './language-hue.ts';
import { MarkdownView } from './markdown-view.tsx';

/** What is served, and how much better it hears than the base model. */
export function AdapterList() {
  const shown = useSignal<AdapterInfo | null>(null);
  if (serviceState.value.kind !== 'ready') return null;
  return (
    <section class="adapters" aria-labelledby="adapters">
      <h2 id="adapters">Adapters</h2>
      {adapters.value.length === 0 ? (
        <p class="quiet">None is loaded: all languages are heard by the base model.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Language</th>
              <th scope="col">
                <abbr title="word error rate, on the corpus that the card names">WER</abbr> without → with
              </th>
              <th scope="col">
                <span class="visually-hidden">Model card</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {adapters.value.map((adapter) => (
              <AdapterRow key={adapter.id} adapter={adapter} onShow={() => (shown.value = adapter)} />
            ))}
          </tbody>
        </table>
      )}
      {shown.value !== null && <CardDialog adapter={shown.value} onClosed={() => (shown.value = null)} />}
    </section>
  );
}

function AdapterRow({ adapter, onShow }: { readonly adapter: AdapterInfo; readonly onShow: () => void }) {
  const { id, language, result, card } = adapter;
  const name = language === null ? 'Any' : languageName(language);
  return (
    <tr style={{ '--hue': hueFor(language ?? '') }}>
      <th scope="row">
        {name}
        <small>{id}</small>
      </th>
      <td>{result === null ? '–' : <Bars base={result.base} adapter={result.adapter} />}</td>
      <td>
        {card !== null && (
          <button type="button" class="plain" aria-label={`Model card of ${id}`} onClick={onShow}>
            Card
          </button>
        )}
      </td>
    </tr>
  );
}

/** Rates above 100 % are loops; their bars end there. */
function Bars({ base, adapter }: { readonly base: number; readonly adapter: number }) {
  return (
    <div class="bars">
      <span>
        {base.toFixed(0)} → <strong>{adapter.toFixed(0)} %</strong>
      </span>
      <span class="bar" aria-hidden="true" style={{ '--share': Math.min(1, base / 100) }} />
      <span class="bar with" aria-hidden="true" style={{ '--share': Math.min(1, adapter / 100) }} />
    </div>
  );
}

function CardDialog({ adapter, onClosed }: { readonly adapter: AdapterInfo; readonly onClosed: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="card" aria-label={`Model card of ${adapter.id}`} onClose={onClosed}>
      <form method="dialog">
        <button type="submit" class="plain">
          Close
        </button>
      </form>
      <MarkdownView blocks={adapter.card ?? []} />
    </dialog>
  );
}
