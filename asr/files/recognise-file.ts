import type { ChannelMode } from '../audio/channels.ts';
import type { AudioLimits } from '../audio/limits.ts';
import { SAMPLE_RATE_HZ } from '../audio/pcm.ts';
import { type AudioSource, readAudio } from '../audio/read-audio.ts';
import { speechSignals } from '../audio/speech-signals.ts';
import type { Engine } from '../engine/engine.ts';
import type { RecognitionRequest, RecognitionResult } from '../engine/recognition.ts';
import type { Endpointing } from '../streaming/endpointing.ts';
import type { SpeechLanguage, SpeechRecognition } from '../streaming/speech-stream.ts';
import { type Final, recogniseSignals } from './recognise-signals.ts';

/** A whole recording to recognise; the fields of RecognitionRequest hold for all of it. */
export interface FileRequest
  extends SpeechLanguage,
    Pick<RecognitionRequest, 'context' | 'signal' | 'task' | 'prompt' | 'hotWords' | 'temperature' | 'words'> {
  readonly source: AudioSource;
  readonly channels: ChannelMode;
  readonly endpointing: Endpointing;
  readonly limits?: AudioLimits;
  /** called before anything is recognised; what it throws, `recogniseFile` throws */
  readonly onDecoded?: (audio: DecodedAudio) => void;
  /** called for each utterance, by time and not by channel, as soon as it is there and none before it is missing */
  readonly onSegment?: (segment: FileSegment) => void;
}

/** What the file has in it. */
export interface DecodedAudio {
  /** that are recognised: 1 where they are mixed */
  readonly channels: number;
  /** of them, those that are not the same as one before: mono is often stored as stereo */
  readonly distinctChannels: number;
  readonly durationMs: number;
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
  /** that it was decoded in: the request's, or the one that was found */
  readonly language: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly result: RecognitionResult;
}

export interface FileRecognition extends Omit<SpeechRecognition, 'clock' | 'engine'> {
  readonly engine: SpeechRecognition['engine'] & Pick<Engine, 'describeRoute'>;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Recognises a recording of any length and format. It is cut into utterances as a stream is, and these go through the
 * shared batch side by side.
 * @throws FloraAsrError as `readAudio` and `Engine.recognise`; `engine_failed` if the voice detector failed
 */
export async function recogniseFile(request: FileRequest, { env, ...recognition }: FileRecognition): Promise<FileTranscript> {
  const { source, channels, limits, onDecoded, onSegment, ...speech } = request;
  const { signal } = speech;
  requireRoute(speech, recognition.engine); // a recording without speech never gets to the engine, and is refused as well
  const audio = await readAudio(source, { env, signal, ...(limits && { limits }) });
  const signals = await speechSignals(audio, channels, signal);
  const durationMs = Math.round((1000 * Math.max(...signals.map((samples) => samples.length))) / SAMPLE_RATE_HZ);
  onDecoded?.({ channels: signals.length, distinctChannels: countDistinct(signals), durationMs });
  const onFinal = onSegment && ((final: Final) => onSegment(segmentOf(final)));
  const finals = await recogniseSignals(signals, { ...speech, ...(onFinal && { onFinal }) }, recognition);
  const segments = finals.map(segmentOf);
  const speechMs = segments.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  return { durationMs, speechMs, segments };
}

function countDistinct(signals: readonly Float32Array[]): number {
  const isNew = (signal: Float32Array, index: number) => !signals.slice(0, index).some((before) => isSame(signal, before));
  return signals.filter(isNew).length;
}

function isSame(one: Float32Array, other: Float32Array): boolean {
  return one.every((sample, index) => sample === other[index]);
}

function segmentOf({ channel, language, startMs, endMs, result }: Final): FileSegment {
  return { channel, language, startMs, endMs, result };
}

/** @throws FloraAsrError as `Engine.describeRoute`, for each of the languages that may be found */
function requireRoute({ language, adapter }: SpeechLanguage, engine: FileRecognition['engine']): void {
  for (const tag of typeof language === 'string' ? [language] : language.among) {
    engine.describeRoute({ language: tag, ...(adapter !== undefined && { adapter }) });
  }
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
