import { compressionRatio } from '../../asr/decoding/guards.ts';
import type { RecognitionResult } from '../../asr/engine/recognition.ts';
import { type FileSegment, type FileTranscript, transcriptText } from '../../asr/files/recognise-file.ts';
import type { TranscriptionBody, VerboseTranscriptionBody } from '../protocol/rest-messages.ts';

/** `response_format=json` */
export function transcriptionBody(transcript: FileTranscript): TranscriptionBody {
  return {
    text: transcriptText(transcript),
    usage: { type: 'duration', seconds: inSeconds(transcript.durationMs) },
    ...sharedAdapter(transcript),
  };
}

/**
 * `response_format=verbose_json`
 * @param language BCP-47
 */
export function verboseTranscriptionBody(transcript: FileTranscript, language: string): VerboseTranscriptionBody {
  return {
    task: 'transcribe',
    language: languageName(language),
    duration: inSeconds(transcript.durationMs),
    ...transcriptionBody(transcript),
    segments: transcript.segments.map(segmentBody),
  };
}

function segmentBody(
  { channel, startMs, endMs, result }: FileSegment,
  id: number,
): VerboseTranscriptionBody['segments'][number] {
  const { text, tokens, tokenLogProbs, noSpeechProb, adapter } = result;
  return {
    id,
    seek: Math.floor(startMs / 10),
    start: inSeconds(startMs),
    end: inSeconds(endMs),
    text,
    tokens: [...tokens],
    temperature: 0,
    avg_logprob: tokenLogProbs.reduce((sum, logProb) => sum + logProb, 0) / Math.max(1, tokenLogProbs.length),
    compression_ratio: compressionRatio(text),
    no_speech_prob: noSpeechProb,
    channel,
    adapter,
  };
}

/** Nothing, where segments differ, or there are none. */
function sharedAdapter({ segments }: FileTranscript): { readonly adapter?: RecognitionResult['adapter'] } {
  const [first, ...others] = segments.map(({ result }) => result.adapter);
  if (first === undefined || others.some((adapter) => adapter?.digest !== first?.digest)) return {};
  return { adapter: first };
}

/** `greek`, as OpenAI's API writes it; region and script play no part. */
function languageName(tag: string): string {
  const { language } = new Intl.Locale(tag);
  return (new Intl.DisplayNames(['en'], { type: 'language' }).of(language) ?? language).toLowerCase();
}

function inSeconds(ms: number): number {
  return ms / 1000;
}
