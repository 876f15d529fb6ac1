import { useEffect } from 'preact/hooks';
import { sampledLanguages } from '../audio/samples.ts';
import { addLane, announcement, lanes } from '../lanes/lanes.ts';
import { playSample, recordingPace } from '../lanes/start-lane.ts';
import { adapters, languages, serviceState } from '../service/service.ts';
import { AdapterList } from './adapter-list.tsx';
import { BatchPanel } from './batch-panel.tsx';
import { LaneCard } from './lane-card.tsx';
import { ServiceNotice } from './service-notice.tsx';
import { isDark, toggleTheme } from './theme.ts';

const AT_ONCE = 4;

export function Page() {
  const ready = serviceState.value.kind === 'ready';
  useEffect(() => {
    if (ready && lanes.value.length === 0) addLane(firstLanguage());
  }, [ready]);
  return (
    <>
      <a class="skip" href="#streams">
        To the streams
      </a>
      <Header />
      <ServiceNotice />
      <div class="columns">
        <main id="streams" tabIndex={-1}>
          {lanes.value.map((lane, index) => (
            <LaneCard key={lane.id} lane={lane} number={index + 1} />
          ))}
          {ready && <More />}
        </main>
        <aside aria-label="The service">
          <BatchPanel />
          <AdapterList />
        </aside>
      </div>
      <Announcer />
    </>
  );
}

function Header() {
  const theme = isDark.value ? 'Light theme' : 'Dark theme';
  return (
    <header class="top">
      <div>
        <h1>flora-asr</h1>
        <p>Live captions: each stream in its own language, all of them in one batch.</p>
      </div>
      <nav aria-label="Elsewhere">
        <a href="/docs">API</a>
        <button type="button" class="plain" onClick={toggleTheme}>
          {theme}
        </button>
      </nav>
    </header>
  );
}

/** Another stream, or several at once. */
function More() {
  const together = sampledLanguages(adapters.value.map(({ language }) => language)).slice(0, AT_ONCE);
  return (
    <div class="more">
      <button type="button" onClick={() => addLane(nextLanguage())}>
        Add a stream
      </button>
      {together.length > 1 && (
        <button type="button" class="plain" onClick={() => playTogether(together)}>
          Play {together.length} languages at once
        </button>
      )}
      <label class="fast">
        <input
          type="checkbox"
          checked={recordingPace.value === 'fast'}
          onChange={({ currentTarget }) => {
            recordingPace.value = currentTarget.checked ? 'fast' : 'speech';
          }}
        />
        send recordings as fast as they are recognised
      </label>
    </div>
  );
}

/** Idle streams of the page are used first. */
function playTogether(wanted: readonly string[]): void {
  for (const language of wanted) {
    const idle = lanes.value.find((lane) => !lane.busy.value && lane.language.value === language);
    const lane = idle ?? lanes.value.find((other) => other.sides.value.length === 0) ?? addLane(language);
    lane.language.value = language;
    void playSample(lane, { sound: false });
  }
}

/** What the browser's user speaks, if there is an adapter for it; else what there is one for. */
function firstLanguage(): string {
  const served = adapters.value.flatMap(({ language }) => language ?? []);
  const own = navigator.languages.map((tag) => tag.split('-')[0] ?? tag);
  return (
    own.find((tag) => served.includes(tag)) ??
    sampledLanguages(served)[0] ??
    own.find((tag) => languages.value.includes(tag)) ??
    'en'
  );
}

/** One that is not shown yet. */
function nextLanguage(): string {
  const shown = lanes.value.map((lane) => lane.language.value);
  const served = adapters.value.flatMap(({ language }) => language ?? []);
  return [...sampledLanguages(served), ...served].find((language) => !shown.includes(language)) ?? firstLanguage();
}

/** Finals, for screen readers. Partials would talk over them. */
function Announcer() {
  const { text, language } = announcement.value;
  return (
    <p class="visually-hidden" aria-live="polite" data-testid="announcer" lang={language} dir="auto">
      {text}
    </p>
  );
}
