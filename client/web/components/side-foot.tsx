import type { Signal } from '@preact/signals';
import { srtOf, vttOf } from '../captions/subtitles.ts';
import { finalsOf, median, type Transcript, textOf, type Word } from '../captions/transcript.ts';
import type { Lane, Side } from '../lanes/lane.ts';

interface SideFootProps {
  readonly side: Side;
  readonly lane: Lane;
  /** the word that is pointed at */
  readonly word: Signal<Word | null>;
}

/** How soon words came, what decoded them, and the ways to take them along. */
export function SideFoot({ side, lane, word }: SideFootProps) {
  const transcript = side.transcript.value;
  const finals = finalsOf(transcript.entries);
  const pointed = word.value;
  const own = pointed !== null && finals.some(({ words }) => words?.includes(pointed)) ? pointed : null;
  return (
    <div class="side-foot">
      <p class="read-out">{own === null ? readOut(transcript, lane) : wordText(own)}</p>
      {finals.length > 0 && (
        <fieldset class="downloads">
          <legend class="visually-hidden">Download</legend>
          {FORMATS.map(({ ending, type, write }) => (
            <button
              key={ending}
              type="button"
              class="plain"
              onClick={() => save(`${fileName(lane)}.${ending}`, new Blob([write(transcript)], { type }))}
            >
              {ending.toUpperCase()}
            </button>
          ))}
        </fieldset>
      )}
    </div>
  );
}

interface Format {
  readonly ending: string;
  readonly type: string;
  readonly write: (transcript: Transcript) => string;
}

const FORMATS: readonly Format[] = [
  { ending: 'srt', type: 'application/x-subrip', write: ({ entries }) => srtOf(finalsOf(entries)) },
  { ending: 'vtt', type: 'text/vtt', write: ({ entries }) => vttOf(finalsOf(entries)) },
  { ending: 'txt', type: 'text/plain', write: (transcript) => `${textOf(transcript)}\n` },
  {
    ending: 'json',
    type: 'application/json',
    write: ({ ready, entries }) => `${JSON.stringify({ stream: ready, finals: finalsOf(entries) }, null, 2)}\n`,
  },
];

function readOut({ ready, latency, entries }: Transcript, { live }: Lane): string {
  if (ready === null) return '';
  const parts = [ready.adapter === null ? 'base model' : `${ready.adapter.name} ${ready.adapter.version}`];
  const first = median(latency.firstWords);
  const last = median(latency.finals);
  if (first !== null) parts.push(`first words after ${seconds(first)}`);
  if (last !== null) parts.push(`final ${seconds(last)} after the last sound`);
  const served = median(finalsOf(entries).map(({ timings }) => timings.total_ms));
  if (!live.value && served !== null) parts.push(`${seconds(served)} from the end of an utterance to its words`);
  return parts.join(' · ');
}

function wordText({ text, start, end, confidence }: Word): string {
  return `“${text.trim()}” · ${start.toFixed(2)} to ${end.toFixed(2)} s · ${Math.round(100 * confidence)} % sure`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function fileName(lane: Lane): string {
  const title = lane.title.value.replace(/\.[^.]*$/, '').replace(/[^\p{Letter}\p{Number}]+/gu, '-');
  return `${title.toLowerCase()}.${lane.language.value}`;
}

function save(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // the browser has begun to read it by then
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
