import type { SpeechEvent } from '../../asr/streaming/speech-event.ts';

/** Nobody has spoken for long enough after a word. */
export interface UtteranceEnd {
  readonly channel: number;
  readonly lastWordEndMs: number;
}

interface ChannelState {
  /** of the last word that was told as final, since the last end; null: none */
  lastWordEndMs: number | null;
  speechStartedMs: number;
  answeredMs: number;
  /** the utterance was cut, and its speaker goes on */
  goesOn: boolean;
}

/**
 * Tells when so much silence has followed the last word of a channel. It goes by the stream's own time: whoever sends
 * no audio while nobody speaks gets none.
 */
export class UtteranceEnds {
  readonly #silenceMs: number;
  readonly #channels: readonly ChannelState[];

  constructor({ silenceMs, channels }: { silenceMs: number; channels: number }) {
    this.#silenceMs = silenceMs;
    this.#channels = Array.from({ length: channels }, () => ({
      lastWordEndMs: null,
      speechStartedMs: -1,
      answeredMs: 0,
      goesOn: false,
    }));
  }

  observe(event: SpeechEvent): void {
    const state = this.#channels[event.channel];
    if (state === undefined || event.kind === 'partial') return;
    if (event.kind === 'speech-started') {
      state.speechStartedMs = event.startMs;
      return;
    }
    state.answeredMs = event.endMs;
    state.goesOn = event.kind === 'final' && (event.endedBy === 'length' || event.endedBy === 'language');
    if (event.kind === 'failed' || event.result.text === '') return;
    const lastWord = event.result.words?.at(-1);
    state.lastWordEndMs = lastWord === undefined ? event.endMs : event.startMs + lastWord.endMs;
  }

  /**
   * Those that are due now; each is told once.
   * @param heardMs audio of which it is known whether somebody speaks
   */
  due(heardMs: number): readonly UtteranceEnd[] {
    return this.#channels.flatMap((state, channel) => {
      const { lastWordEndMs, speechStartedMs, answeredMs, goesOn } = state;
      const speaks = goesOn || speechStartedMs >= answeredMs;
      if (lastWordEndMs === null || speaks || heardMs < lastWordEndMs + this.#silenceMs) return [];
      state.lastWordEndMs = null;
      return [{ channel, lastWordEndMs }];
    });
  }
}
