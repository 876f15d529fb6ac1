import type { Engine } from '../../../asr/engine/engine.ts';
import { RowGate } from '../../../asr/engine/row-gate.ts';
import { type Final, recogniseSignals } from '../../../asr/files/recognise-signals.ts';
import { DEFAULT_ENDPOINTING } from '../../../asr/streaming/endpointing.ts';
import type { VoiceDetector } from '../../../asr/voice-activity/voice-detector.ts';
import { normaliseText } from '../../metrics/normalise.ts';
import { wordErrors } from '../../metrics/wer.ts';
import { ENGINE_OPTIONS, type FasterWhisperPeer } from '../../peers/faster-whisper.ts';
import type { Recording } from '../streams/recordings.ts';
import type { JoinedRecording } from './join-recordings.ts';
import type { LongFileOutcome } from './long-file-report.ts';
import { onsetErrors } from './word-onsets.ts';

export interface LongFileSystems {
  readonly engine: Engine;
  readonly voice: VoiceDetector;
  readonly peer: FasterWhisperPeer;
}

export interface LongFileTask {
  readonly language: string;
  readonly beam: number;
  readonly rounds: number;
  readonly signal: AbortSignal;
  readonly onRound: () => void;
}

/** Rows of one file in the engine at once, as the service has them. */
const ROWS = 256;

/** Recognises a long recording in rounds, ours and the peer's in turns, and its parts one by one. */
export async function recogniseJoined(
  joined: JoinedRecording,
  systems: LongFileSystems,
  task: LongFileTask,
): Promise<LongFileOutcome> {
  const { samples, parts } = joined;
  const { finals, peerText, ...times } = await playRounds(samples, systems, task);
  const reference = parts.map(({ recording }) => recording.utterance.text).join(' ');
  const editsOf = (text: string) => wordErrors(normaliseText(reference), normaliseText(text));
  const words = finals.flatMap(({ startMs, result }) =>
    (result.words ?? []).map(({ text, startMs: from, endMs: to }) => ({ text, startMs: startMs + from, endMs: startMs + to })),
  );
  return {
    audioSeconds: samples.length / 16_000,
    recordings: parts.length,
    utterances: finals.length,
    words: words.length,
    edits: editsOf(finals.map(({ result }) => result.text).join(' ')),
    editsAlone: editsOf((await textsAlone(joined, systems, task)).join(' ')),
    peerEdits: editsOf(peerText),
    onsetErrorsMs: onsetErrors(parts, words),
    ...times,
  };
}

async function playRounds(samples: Float32Array, systems: LongFileSystems, task: LongFileTask) {
  const { peer } = systems;
  const { language, beam, rounds, onRound } = task;
  const [oursSeconds, peerSeconds]: [number[], number[]] = [[], []];
  let finals: readonly Final[] = [];
  let peerText = '';
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    finals = await recogniseWhole(samples, systems, task);
    oursSeconds.push((performance.now() - begun) / 1000);
    const whole = await peer.transcribeFile({ samples, language }, { options: { ...ENGINE_OPTIONS, beam_size: beam } });
    peerText = whole.transcript.text;
    peerSeconds.push(whole.seconds);
    onRound();
  }
  return { finals, peerText, oursSeconds, peerSeconds };
}

async function recogniseWhole(
  samples: Float32Array,
  { engine, voice }: LongFileSystems,
  { language, beam, signal }: LongFileTask,
): Promise<readonly Final[]> {
  return recogniseSignals(
    [samples],
    { language, endpointing: DEFAULT_ENDPOINTING, words: true, signal },
    { engine, voice, rows: new RowGate(ROWS), beamSizes: { live: beam, file: beam } },
  );
}

/** Of each part; a recording that comes again is heard once. */
async function textsAlone(
  { parts }: JoinedRecording,
  { engine }: LongFileSystems,
  { language, beam, signal }: LongFileTask,
): Promise<readonly string[]> {
  const recordings = [...new Set(parts.map(({ recording }) => recording))];
  const textOf = async ({ samples }: Recording) => {
    const floats = Float32Array.from(samples, (sample) => sample / 32_768);
    return (await engine.recognise({ samples: floats, language, beamSize: beam, signal })).text;
  };
  const texts = new Map(await Promise.all(recordings.map(async (one) => [one, await textOf(one)] as const)));
  return parts.map(({ recording }) => texts.get(recording) ?? '');
}
