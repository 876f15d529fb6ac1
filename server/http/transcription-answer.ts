import { compressionRatio } from '../../asr/decoding/guards.ts';
import type { RecognitionResult } from '../../asr/engine/recognition.ts';
import { type FileSegment, type FileTranscript, transcriptText } from '../../asr/files/recognise-file.ts';
import type { TokenBytes } from '../../asr/whisper/token-bytes.ts';
import type { TranscriptionBody, VerboseTranscriptionBody } from '../protocol/audio-answers.ts';
import type { AudioRequest } from './audio-request.ts';
import { languageName, NO_LANGUAGE } from './language-name.ts';
import { logProbsOf } from './log-probs.ts';

/**
 * `response_format=json`
 * @param tokenBytes null: without log-probabilities
 */
export function transcriptionBody(
  transcript: FileTranscript,
  { language }: Pick<AudioRequest, 'language'>,
  tokenBytes: TokenBytes | null = null,
): TranscriptionBody {
  return {
    text: transcriptText(transcript),
    ...languagesFound(transcript.segments, language),
    ...(tokenBytes && { logprobs: transcript.segments.flatMap(({ result }) => logProbsOf(result, tokenBytes)) }),
    usage: usageOf(transcript),
    ...sharedAdapter(transcript.segments),
  };
}

/** `response_format=verbose_json` */
export function verboseTranscriptionBody(
  transcript: FileTranscript,
  { task, language, times }: Pick<AudioRequest, 'task' | 'language' | 'times'>,
): VerboseTranscriptionBody {
  const spoken = typeof language === 'string' ? language : spokenLanguages(transcript.segments)[0];
  const name = spoken === undefined ? NO_LANGUAGE : languageName(spoken);
  return {
    task,
    language: task === 'translate' ? 'english' : name,
    duration: inSeconds(transcript.durationMs),
    text: transcriptText(transcript),
    ...(times.segments && { segments: transcript.segments.map(segmentBody) }),
    ...(times.words && { words: transcript.segments.flatMap(wordBodies) }),
    usage: usageOf(transcript),
    ...sharedAdapter(transcript.segments),
  };
}

export function usageOf({ durationMs }: Pick<FileTranscript, 'durationMs'>): TranscriptionBody['usage'] {
  return { type: 'duration', seconds: inSeconds(durationMs) };
}

/** Nothing, where the request says what is spoken. */
export function languagesFound(
  segments: readonly FileSegment[],
  asked: AudioRequest['language'],
): Pick<TranscriptionBody, 'languages'> {
  return typeof asked === 'string' ? {} : { languages: spokenLanguages(segments).map((code) => ({ code })) };
}

/** Nothing, where segments differ, or there are none. */
export function sharedAdapter(segments: readonly FileSegment[]): { readonly adapter?: RecognitionResult['adapter'] } {
  const [first, ...others] = segments.map(({ result }) => result.adapter);
  if (first === undefined || others.some((adapter) => adapter?.digest !== first?.digest)) return {};
  return { adapter: first };
}

export function inSeconds(ms: number): number {
  return ms / 1000;
}

function segmentBody(
  { channel, language, startMs, endMs, result }: FileSegment,
  id: number,
): NonNullable<VerboseTranscriptionBody['segments']>[number] {
  const { text, tokens, tokenLogProbs, temperature, noSpeechProb, adapter } = result;
  return {
    id,
    seek: Math.floor(startMs / 10),
    start: inSeconds(startMs),
    end: inSeconds(endMs),
    text,
    tokens: [...tokens],
    temperature,
    avg_logprob: tokenLogProbs.reduce((sum, logProb) => sum + logProb, 0) / Math.max(1, tokenLogProbs.length),
    compression_ratio: compressionRatio(text),
    no_speech_prob: noSpeechProb,
    language,
    channel,
    adapter,
  };
}

function wordBodies({ startMs, result }: FileSegment): NonNullable<VerboseTranscriptionBody['words']> {
  return (result.words ?? []).map((word) => ({
    word: word.text.trim(),
    start: inSeconds(Math.round(startMs + word.startMs)),
    end: inSeconds(Math.round(startMs + word.endMs)),
  }));
}

/** The languages that audio was decoded in, that of most audio first. */
function spokenLanguages(segments: readonly FileSegment[]): readonly string[] {
  const spokenMs = new Map<string, number>();
  for (const { language, startMs, endMs } of segments) {
    spokenMs.set(language, (spokenMs.get(language) ?? 0) + endMs - startMs);
  }
  return [...spokenMs].sort(([, one], [, other]) => other - one).map(([language]) => language);
}
