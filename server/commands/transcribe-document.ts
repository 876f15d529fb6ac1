import type { Engine } from '../../asr/engine/engine.ts';
import { type FileSegment, type FileTranscript, transcriptText } from '../../asr/files/recognise-file.ts';
import type { FloraAsrError } from '../../kernels/errors.ts';
import type { FileArgument } from './transcribe-arguments.ts';

/** What became of one file. */
export type FileOutcome =
  | { readonly file: FileArgument; readonly transcript: FileTranscript }
  | { readonly file: FileArgument; readonly error: FloraAsrError };

/** What `transcribe --json` prints. Seconds as in OpenAI's API; everything else with its unit in its name. */
export function transcribeDocument(engine: Engine, outcomes: readonly FileOutcome[]) {
  const { runtime, base } = engine;
  return {
    model: { name: base.name, digest: base.digest },
    runtime: {
      provider: runtime.provider,
      providerReason: runtime.providerReason,
      computeType: runtime.computeType.precision,
      computeTypeReason: runtime.computeType.reason,
      threads: runtime.threads,
    },
    files: outcomes.map((outcome) => {
      const { path: file, language } = outcome.file;
      if ('error' in outcome) return { file, language, error: { code: outcome.error.code, message: outcome.error.message } };
      const { durationMs, speechMs, segments } = outcome.transcript;
      return {
        file,
        language,
        duration: durationMs / 1000,
        speech: speechMs / 1000,
        text: transcriptText(outcome.transcript),
        segments: segments.map(segmentEntry),
      };
    }),
  };
}

function segmentEntry({ channel, startMs, endMs, result }: FileSegment) {
  const { text, tokens, tokenLogProbs, noSpeechProb, adapter, context, attempts, trips, timings } = result;
  return {
    channel,
    start: startMs / 1000,
    end: endMs / 1000,
    text,
    adapter,
    tokens,
    tokenLogProbs,
    noSpeechProb,
    contextPositions: context,
    attempts,
    guardTrips: trips,
    timings,
  };
}
