import type { FileSegment, FileTranscript } from '../../asr/files/recognise-file.ts';
import type { DiarizedSegment, DiarizedTranscriptionBody } from '../protocol/audio-answers.ts';
import { inSeconds, sharedAdapter, usageOf } from './transcription-answer.ts';

/** `response_format=diarized_json`: who says what, by time; what has no words is left out. */
export function diarizedBody(transcript: FileTranscript): DiarizedTranscriptionBody {
  const said = transcript.segments.filter(({ result }) => result.text !== '').sort(byTime);
  const segments = said.map(diarizedSegment);
  return {
    task: 'transcribe',
    duration: inSeconds(transcript.durationMs),
    text: segments.map(speakerLine).join('\n'),
    segments,
    usage: usageOf(transcript),
    ...sharedAdapter(transcript.segments),
  };
}

export function diarizedSegment({ channel, startMs, endMs, result }: FileSegment, index: number): DiarizedSegment {
  return {
    type: 'transcript.text.segment',
    id: `seg_${index}`,
    start: inSeconds(startMs),
    end: inSeconds(endMs),
    text: result.text,
    speaker: speakerOf(channel),
  };
}

/** `A: Good morning.` */
export function speakerLine({ speaker, text }: DiarizedSegment): string {
  return `${speaker}: ${text}`;
}

const LETTERS = 26;

/** A to Z, then AA, AB … */
function speakerOf(channel: number): string {
  const last = String.fromCharCode(65 + (channel % LETTERS));
  return channel < LETTERS ? last : speakerOf(Math.floor(channel / LETTERS) - 1) + last;
}

/** As `FileRequest.onSegment` has them. */
function byTime(one: FileSegment, other: FileSegment): number {
  return one.startMs - other.startMs || one.channel - other.channel;
}
