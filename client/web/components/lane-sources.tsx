import { sampleAddress } from '../audio/samples.ts';
import type { Lane } from '../lanes/lane.ts';
import { listenToMicrophone, playFile, playSample } from '../lanes/start-lane.ts';

/** Where a stream's sound comes from. */
export function LaneSources({ lane }: { readonly lane: Lane }) {
  const busy = lane.busy.value;
  const choose = (input: HTMLInputElement) => {
    const file = input.files?.[0];
    input.value = ''; // the same file may be chosen again
    if (file !== undefined) void playFile(lane, file, { sound: true });
  };
  return (
    <fieldset class="sources">
      <legend class="visually-hidden">Sound from</legend>
      <button type="button" class="microphone" disabled={busy} onClick={() => void listenToMicrophone(lane)}>
        Microphone
      </button>
      <label class={busy ? 'button disabled' : 'button'}>
        File
        <input
          type="file"
          class="visually-hidden"
          accept="audio/*,video/*"
          disabled={busy}
          onChange={({ currentTarget }) => choose(currentTarget)}
        />
      </label>
      {sampleAddress(lane.language.value) !== null && (
        <button type="button" disabled={busy} onClick={() => void playSample(lane, { sound: true })}>
          Sample
        </button>
      )}
    </fieldset>
  );
}
