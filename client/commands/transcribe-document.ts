import type { Engine } from '../../asr/engine/engine.ts';
import { type FileSegment, type FileTranscript, transcriptText } from '../../asr/files/recognise-file.ts';
import type { FileOutcome } from './file-outcome.ts';

/** What `transcribe --json` prints. Seconds as in OpenAI's API; everything else with its unit in its name. */
export function transcribeDocument(engine: Engine, outcomes: readonly FileOutcome<FileTranscript>[]) {
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
      const { durationMs, speechMs, segments } = outcome.done;
      return {
        file,
        language,
        duration: durationMs / 1000,
        speech: speechMs / 1000,
        text: transcriptText(outcome.done),
        segments: segments.map(segmentEntry),
      };
    }),
  };
}

function segmentEntry({ channel, language, startMs, endMs, result }: FileSegment) {
  const { text, tokens, tokenLogProbs, noSpeechProb, adapter, context, attempts, trips, timings } = result;
  return {
    channel,
    language,
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
