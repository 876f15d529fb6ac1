import { useSignal } from '@preact/signals';
import type { Word } from '../captions/transcript.ts';
import { cancelLane, type Lane, type LaneState, stopLane } from '../lanes/lane.ts';
import { lanes, removeLane } from '../lanes/lanes.ts';
import { playFile } from '../lanes/start-lane.ts';
import { languageName } from '../service/language-names.ts';
import { CaptionList } from './caption-list.tsx';
import { LaneSettings } from './lane-settings.tsx';
import { LaneSources } from './lane-sources.tsx';
import { hueFor } from './language-hue.ts';
import { SideFoot } from './side-foot.tsx';
import { Waveform } from './waveform.tsx';

/** One stream: its settings, its sound, its words. */
export function LaneCard({ lane, number }: { readonly lane: Lane; readonly number: number }) {
  const dropping = useSignal(false);
  const word = useSignal<Word | null>(null);
  const heading = `lane-${lane.id}`;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    dropping.value = false;
    const file = event.dataTransfer?.files[0];
    if (file !== undefined) void playFile(lane, file, { sound: true });
  };
  return (
    <section
      class={dropping.value ? 'lane dropping' : 'lane'}
      aria-labelledby={heading}
      style={{ '--hue': hueFor(lane.language.value) }}
      onDragOver={(event) => {
        event.preventDefault();
        dropping.value = true;
      }}
      onDragLeave={() => {
        dropping.value = false;
      }}
      onDrop={drop}
    >
      <h2 id={heading} class="visually-hidden">
        Stream {number}, {lane.language.value === 'auto' ? 'any language' : languageName(lane.language.value)}
      </h2>
      <div class="lane-head">
        <LaneSettings lane={lane} />
        <LaneSources lane={lane} />
        {lanes.value.length > 1 && (
          <button type="button" class="plain remove" aria-label={`Remove stream ${number}`} onClick={() => removeLane(lane)}>
            <span aria-hidden="true">×</span>
          </button>
        )}
      </div>
      <Waveform lane={lane} word={word} />
      <Progress lane={lane} />
      <div class={lane.sides.value.length > 1 ? 'sides two' : 'sides'}>
        {lane.sides.value.map((side, index) => (
          <div class="side" key={index}>
            {lane.sides.value.length > 1 && <h3>{index === 0 ? 'With the adapter' : 'Base model'}</h3>}
            <CaptionList side={side} word={word} name={`Captions of stream ${number}${index === 0 ? '' : ', base model'}`} />
            <SideFoot side={side} lane={lane} word={word} />
          </div>
        ))}
      </div>
    </section>
  );
}

/** What is going on, in words; beside it the way to end it. */
function Progress({ lane }: { readonly lane: Lane }) {
  const state = lane.state.value;
  const reconnecting = lane.sides.value.some(({ transcript }) => transcript.value.connection === 'reconnecting');
  const says = reconnecting
    ? 'The connection was lost. It is being resumed; nothing is lost meanwhile.'
    : inWords(state, lane.title.value);
  return (
    <div class="progress" data-state={state.kind} role={state.kind === 'failed' ? 'alert' : undefined}>
      <p>{says}</p>
      {state.kind === 'listening' && (
        <button type="button" class="stop" onClick={() => stopLane(lane)}>
          Stop
        </button>
      )}
      {(state.kind === 'opening' || state.kind === 'finishing') && (
        <button type="button" class="plain" onClick={() => cancelLane(lane)}>
          Cancel
        </button>
      )}
    </div>
  );
}

function inWords(state: LaneState, title: string): string {
  switch (state.kind) {
    case 'idle':
      return 'Speak, or drop a recording here.';
    case 'opening':
      return 'Opening…';
    case 'listening':
    case 'done':
      return title;
    case 'finishing':
      return 'The last words…';
    case 'failed':
      return state.message;
  }
}
