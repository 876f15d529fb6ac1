import { SAMPLE_RATE_HZ } from '../audio/pcm.ts';
import type { LanguageChoice } from './language-choice.ts';
import { type LanguageFinding, type LanguageLock, lockAfter, UNLOCKED } from './language-lock.ts';

/** Which of these languages is spoken; of all that the model knows, if there are none. */
export type FindLanguage = (samples: Float32Array, among: readonly string[]) => Promise<Omit<LanguageFinding, 'audioMs'>>;

/** An utterance's language is found by its beginning. */
export const LISTENED_SAMPLES = 3 * SAMPLE_RATE_HZ;

/**
 * The language of one channel's utterances: as it was told, or found by listening to each until it is certain.
 *
 * Invariant: what is found depends on the utterances and their order, not on how long anything takes.
 */
export class SpokenLanguage {
  readonly #among: readonly string[];
  readonly #find: FindLanguage;
  #lock: LanguageLock;
  #last: Promise<unknown> = Promise.resolve();

  constructor(choice: LanguageChoice, find: FindLanguage) {
    this.#among = typeof choice === 'string' ? [] : choice.among;
    this.#lock = typeof choice === 'string' ? { language: choice, last: null } : UNLOCKED;
    this.#find = find;
  }

  /** Of whatever comes; null while each utterance has to be listened to. */
  get known(): string | null {
    return this.#lock.language;
  }

  /**
   * The language of an utterance; once for each, in their order.
   * @param samples 16 kHz; of more than `LISTENED_SAMPLES` the first are listened to. Read until it is found.
   */
  async of(samples: Float32Array): Promise<string> {
    const found = this.#last.then(async () => this.#lock.language ?? this.#listen(samples.subarray(0, LISTENED_SAMPLES)));
    this.#last = found.catch(() => undefined); // that one has no language says nothing of the next
    return found;
  }

  async #listen(samples: Float32Array): Promise<string> {
    const { language, probability } = await this.#find(samples, this.#among);
    this.#lock = lockAfter(this.#lock, { language, probability, audioMs: (1000 * samples.length) / SAMPLE_RATE_HZ });
    return language;
  }
}
