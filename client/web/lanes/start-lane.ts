import { signal } from '@preact/signals';
import type { AudioFeed } from '../audio/audio-feed.ts';
import { microphoneFeed } from '../audio/microphone-feed.ts';
import { decodeRecording, type RecordingPace, recordingFeed } from '../audio/recording-feed.ts';
import { sampleAddress } from '../audio/samples.ts';
import { languageName } from '../service/language-names.ts';
import { apiKey } from '../service/service.ts';
import { type Lane, runLane } from './lane.ts';
import { announcement } from './lanes.ts';

/** How recordings are sent: as if they were spoken now, or as fast as the service takes them. */
export const recordingPace = signal<RecordingPace>('speech');

export async function listenToMicrophone(lane: Lane): Promise<void> {
  await run(lane, 'Microphone', microphoneFeed);
}

export interface PlayOptions {
  /** heard while it is sent */
  readonly sound: boolean;
}

export async function playFile(lane: Lane, file: File, options: PlayOptions): Promise<void> {
  await run(lane, file.name, async () => feedOf(file, file.name, options));
}

/** The recording of the lane's language that comes with the page. */
export async function playSample(lane: Lane, options: PlayOptions): Promise<void> {
  const language = lane.language.value;
  const address = sampleAddress(language);
  if (address === null) return;
  await run(lane, `Sample, ${languageName(language)}`, async () => {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`The sample cannot be had: the service answered ${answer.status}.`);
    return feedOf(await answer.blob(), address, options);
  });
}

async function feedOf(recording: Blob, name: string, { sound }: PlayOptions): Promise<AudioFeed> {
  const samples = await decodeRecording(await recording.arrayBuffer(), name);
  return recordingFeed(samples, { sound: sound ? recording : null, pace: recordingPace.value });
}

async function run(lane: Lane, title: string, openFeed: () => Promise<AudioFeed>): Promise<void> {
  if (lane.busy.value) return;
  const onFinal = (text: string, language: string) => {
    announcement.value = { text, language };
  };
  await runLane(lane, { title, apiKey: apiKey.value, openFeed, onFinal });
}
