import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { LiveBody } from '../../../server/protocol/rest-messages.ts';
import { type BatchRates, ratesBetween } from '../service/batch-rates.ts';
import { languageName } from '../service/language-names.ts';
import { readLive, serviceState } from '../service/service.ts';
import { hueFor } from './language-hue.ts';

type Labelled = LiveBody['encoder_runs'][number]['rows'][number];

const EVERY_MS = 500;
/** Rates are of so many looks. */
const LOOKS = 20;
const RUNS_SHOWN = 20;
const TALLEST = 6;

/** What the shared batch is doing. */
export function BatchPanel() {
  const looks = useSignal<readonly LiveBody[]>([]);
  const ready = serviceState.value.kind === 'ready';
  useEffect(() => {
    if (!ready) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    const look = async (): Promise<void> => {
      // nobody looks on in a tab that is not shown
      if (!document.hidden) {
        const live = await readLive().catch(() => null);
        if (live !== null) looks.value = [...looks.value, live].slice(-LOOKS);
      }
      if (!ended) timer = setTimeout(() => void look(), EVERY_MS);
    };
    void look();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [ready]);
  const now = looks.value.at(-1);
  const before = looks.value[0];
  if (now === undefined || before === undefined) return null;
  return (
    <section class="batch" aria-labelledby="batch">
      <h2 id="batch">The batch</h2>
      <Runs runs={now.encoder_runs.slice(-RUNS_SHOWN)} />
      <Present live={now} />
      <Figures rates={ratesBetween(before.totals, now.totals)} live={now} />
    </section>
  );
}

/** The encoder's last runs, a column each: who shared them. */
function Runs({ runs }: { readonly runs: LiveBody['encoder_runs'] }) {
  const last = runs.at(-1);
  const says =
    last === undefined ? 'The encoder has not run yet.' : `The last run of the encoder: ${last.rows.map(rowText).join('; ')}.`;
  const seen = [...new Set(runs.flatMap(({ rows }) => rows.map(({ language }) => language)))];
  return (
    <figure>
      <div class="runs" role="img" aria-label={says}>
        {runs.map(({ number, rows }) => (
          <div class="run" key={number} title={rows.map(rowText).join('\n')}>
            {rows.slice(0, TALLEST).map((row, index) => (
              <span
                key={index}
                class={row.adapter === null ? 'cell plain-row' : 'cell'}
                style={{ '--hue': hueFor(row.language) }}
              />
            ))}
            {rows.length > TALLEST && <small>+{rows.length - TALLEST}</small>}
          </div>
        ))}
      </div>
      <figcaption>
        {seen.length === 0
          ? 'Each run of the encoder will be a column here, a square an utterance.'
          : 'Runs of the encoder, a square an utterance; hollow, without adapter.'}
        <ul class="legend">
          {seen.map((language) => (
            <li key={language} style={{ '--hue': hueFor(language) }}>
              <span class="cell" aria-hidden="true" />
              {languageName(language)}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

function rowText({ language, adapter }: Labelled): string {
  return `${languageName(language)}, ${adapter ?? 'base model'}`;
}

/** Who is in it now. */
function Present({ live: { rows } }: { readonly live: LiveBody }) {
  return (
    <ul class="present" aria-label="In the batch now">
      {rows.of.map(({ language, adapter, rows: count }) => (
        <li key={`${language} ${adapter}`} style={{ '--hue': hueFor(language) }}>
          <span class={adapter === null ? 'cell plain-row' : 'cell'} aria-hidden="true" />
          {languageName(language)} · {adapter ?? 'base model'} · {count}
        </li>
      ))}
    </ul>
  );
}

function Figures({ rates, live }: { readonly rates: BatchRates; readonly live: LiveBody }) {
  const { rows, pools, model } = live;
  const decoding = pools.reduce((sum, pool) => sum + pool.rows, 0);
  const places = pools.reduce((sum, pool) => sum + pool.places, 0);
  const share = (value: number | null) => (value === null ? '–' : `${Math.round(100 * value)} %`);
  const mean = (value: number | null) => (value === null ? '–' : value.toFixed(1));
  return (
    <>
      <dl class="figures">
        <Figure name="waiting" value={`${rows.queued + rows.waiting}`} />
        <Figure name={`decoding, of ${places}`} value={`${decoding}`} />
        <Figure name="busy" value={share(rates.busyShare)} />
        <Figure name="rows a run" value={mean(rates.rowsPerRun)} />
        <Figure name="rows a step" value={mean(rates.rowsPerStep)} />
        <Figure name="mixed steps" value={share(rates.mixedShare)} />
      </dl>
      <p class="quiet">
        {model.name}, {model.compute_type}, {model.provider}, {model.threads} threads; {share(rates.paddingShare)} padding; of
        the last ten seconds
      </p>
    </>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
