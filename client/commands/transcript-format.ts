import { type FileTranscript, transcriptText } from '../../asr/files/recognise-file.ts';
import type { LanguageChoice } from '../../asr/streaming/language-choice.ts';
import { transcriptionBody, verboseTranscriptionBody } from '../../server/http/transcription-answer.ts';
import { cutCues } from '../../server/subtitles/cut-cues.ts';
import { writeSrt, writeVtt } from '../../server/subtitles/write-subtitles.ts';
import type { OutputFormat } from './transcribe-arguments.ts';

/** Of a file in this format. */
export const FORMAT_ENDINGS: Readonly<Record<OutputFormat, string>> = {
  text: '.txt',
  srt: '.srt',
  vtt: '.vtt',
  json: '.json',
  verbose_json: '.json',
};

/** Subtitles end where words do. */
export function needsWords(format: OutputFormat): boolean {
  return format === 'srt' || format === 'vtt' || format === 'verbose_json';
}

/** As the service answers, with a line's end. */
export function formatTranscript(transcript: FileTranscript, format: OutputFormat, language: LanguageChoice): string {
  switch (format) {
    case 'text':
      return `${transcriptText(transcript)}\n`;
    case 'srt':
      return writeSrt(cutCues(transcript.segments));
    case 'vtt':
      return writeVtt(cutCues(transcript.segments));
    case 'json':
      return jsonText(transcriptionBody(transcript, { language }));
    case 'verbose_json':
      return jsonText(
        verboseTranscriptionBody(transcript, { task: 'transcribe', language, times: { words: true, segments: true } }),
      );
  }
}

export function jsonText(body: object): string {
  return `${JSON.stringify(body, null, 2)}\n`;
}
