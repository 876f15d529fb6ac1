import type { ChannelMode } from '../audio/channels.ts';
import type { AudioLimits } from '../audio/limits.ts';
import { SAMPLE_RATE_HZ } from '../audio/pcm.ts';
import { type AudioSource, readAudio } from '../audio/read-audio.ts';
import { speechSignals } from '../audio/speech-signals.ts';
import type { Engine } from '../engine/engine.ts';
import type { RecognitionRequest, RecognitionResult } from '../engine/recognition.ts';
import type { Endpointing } from '../streaming/endpointing.ts';
import type { SpeechRecognition } from '../streaming/speech-stream.ts';
import { recogniseSignals } from './recognise-signals.ts';

/** A whole recording to recognise; the fields of RecognitionRequest hold for all of it. */
export interface FileRequest extends Pick<RecognitionRequest, 'language' | 'adapter' | 'context' | 'signal'> {
  readonly source: AudioSource;
  readonly channels: ChannelMode;
  readonly endpointing: Endpointing;
  readonly limits?: AudioLimits;
}

export interface FileTranscript {
  readonly durationMs: number;
  /** audio in utterances, that is, without pauses and silence; channels that were kept apart add up */
  readonly speechMs: number;
  /** by channel, then by time; none where nobody speaks */
  readonly segments: readonly FileSegment[];
}

/** One utterance of a recording. */
export interface FileSegment {
  /** 0 where the channels were mixed */
  readonly channel: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly result: RecognitionResult;
}

export interface FileRecognition extends Omit<SpeechRecognition, 'clock' | 'engine'> {
  readonly engine: Pick<Engine, 'recognise' | 'describeRoute'>;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Recognises a recording of any length and format. It is cut into utterances as a stream is, and these go through the
 * shared batch side by side.
 * @throws FloraAsrError as `readAudio` and `Engine.recognise`; `engine_failed` if the voice detector failed
 */
export async function recogniseFile(request: FileRequest, { env, ...recognition }: FileRecognition): Promise<FileTranscript> {
  const { source, channels, limits, ...speech } = request;
  const { signal } = speech;
  recognition.engine.describeRoute(speech); // a recording without speech never gets to the engine, and is refused as well
  const audio = await readAudio(source, { env, signal, ...(limits && { limits }) });
  const signals = await speechSignals(audio, channels, signal);
  const finals = await recogniseSignals(signals, speech, recognition);
  const segments = finals.map(({ channel, startMs, endMs, result }) => ({ channel, startMs, endMs, result }));
  const durationMs = Math.round((1000 * Math.max(...signals.map((samples) => samples.length))) / SAMPLE_RATE_HZ);
  const speechMs = segments.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  return { durationMs, speechMs, segments };
}

/** The words of a transcript: a line for each channel that was kept apart. */
export function transcriptText({ segments }: Pick<FileTranscript, 'segments'>): string {
  const channels = [...new Set(segments.map((segment) => segment.channel))];
  const lines = channels.map((channel) =>
    segments
      .filter((segment) => segment.channel === channel && segment.result.text !== '')
      .map((segment) => segment.result.text)
      .join(' '),
  );
  return lines.join('\n');
}
