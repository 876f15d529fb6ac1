import type { LimitFunction } from 'p-limit';
import type { ChannelMode } from '../audio/channels.ts';
import type { AudioLimits } from '../audio/limits.ts';
import { SAMPLE_RATE_HZ } from '../audio/pcm.ts';
import { type AudioSource, readAudio } from '../audio/read-audio.ts';
import { speechSignals } from '../audio/speech-signals.ts';
import { splitAtQuiet } from '../audio/split-at-quiet.ts';
import type { Engine } from '../engine/engine.ts';
import type { RecognitionRequest, RecognitionResult } from '../engine/recognition.ts';

/** A whole recording to recognise; the fields of RecognitionRequest hold for all of it. */
export interface FileRequest extends Pick<RecognitionRequest, 'language' | 'adapter' | 'context' | 'signal'> {
  readonly source: AudioSource;
  readonly channels: ChannelMode;
  readonly limits?: AudioLimits;
}

export interface FileTranscript {
  readonly durationMs: number;
  /** by channel, then by time */
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

export interface FileRecognition {
  readonly engine: Pick<Engine, 'recognise'>;
  /** shared by all files: keeps the utterances in flight below the engine's queue */
  readonly inFlight: LimitFunction;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Recognises a recording of any length and format: it is cut into utterances of at most 30 s at quiet places, and
 * these go through the shared batch side by side.
 * @throws FloraAsrError as `readAudio` and `Engine.recognise`
 */
export async function recogniseFile(request: FileRequest, { engine, inFlight, env }: FileRecognition): Promise<FileTranscript> {
  const { source, channels, limits, signal, language, adapter, context } = request;
  const audio = await readAudio(source, { env, signal, ...(limits && { limits }) });
  const signals = await speechSignals(audio, channels, signal);
  const pieces = signals.flatMap((samples, channel) => splitAtQuiet(samples).map((piece) => ({ channel, ...piece })));
  const segments = await Promise.all(
    pieces.map(async ({ channel, startSample, samples }): Promise<FileSegment> => {
      const result = await inFlight(() =>
        engine.recognise({
          samples,
          language,
          ...(adapter !== undefined && { adapter }),
          ...(context && { context }),
          ...(signal && { signal }),
        }),
      );
      return { channel, startMs: toMs(startSample), endMs: toMs(startSample + samples.length), result };
    }),
  );
  return { durationMs: toMs(Math.max(...signals.map((samples) => samples.length))), segments };
}

/** The words of a transcript: a line for each channel that was kept apart. */
export function transcriptText({ segments }: FileTranscript): string {
  const channels = [...new Set(segments.map((segment) => segment.channel))];
  const lines = channels.map((channel) =>
    segments
      .filter((segment) => segment.channel === channel && segment.result.text !== '')
      .map((segment) => segment.result.text)
      .join(' '),
  );
  return lines.join('\n');
}

function toMs(samples: number): number {
  return Math.round((1000 * samples) / SAMPLE_RATE_HZ);
}
