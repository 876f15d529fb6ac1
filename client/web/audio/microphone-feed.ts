import { openMicrophone } from '../../sdk/microphone.ts';
import type { AudioFeed } from './audio-feed.ts';

/** What the microphone hears. @throws FloraAsrClientError `microphone_unavailable` */
export async function microphoneFeed(): Promise<AudioFeed> {
  const microphone = await openMicrophone();
  return { live: true, pieces: microphone, stop: () => microphone.close() };
}
