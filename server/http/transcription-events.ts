import type { FileSegment, FileTranscript } from '../../asr/files/recognise-file.ts';
import type { TokenBytes } from '../../asr/whisper/token-bytes.ts';
import type { LogProb, TranscriptionEvent } from '../protocol/audio-answers.ts';
import type { AudioRequest } from './audio-request.ts';
import { diarizedSegment, speakerLine } from './diarized-answer.ts';
import { logProbsOf } from './log-probs.ts';
import { languagesFound, sharedAdapter, usageOf } from './transcription-answer.ts';

/** The events of one recording, as its utterances come by time. */
export interface TranscriptionEvents {
  /** of an utterance; none if it has no words */
  take(segment: FileSegment): readonly TranscriptionEvent[];
  /** the last, when all utterances were taken */
  done(transcript: FileTranscript): TranscriptionEvent;
}

/** @param tokenBytes null: without log-probabilities */
export function transcriptionEvents(
  { format, language }: Pick<AudioRequest, 'format' | 'language'>,
  tokenBytes: TokenBytes | null,
): TranscriptionEvents {
  let text = '';
  let spoken = 0;
  let lastChannel = 0;
  const logProbs: LogProb[] = [];
  return {
    take(segment) {
      if (segment.result.text === '') return [];
      const diarized = format === 'diarized_json' ? diarizedSegment(segment, spoken) : null;
      const ofSegment = tokenBytes && logProbsOf(segment.result, tokenBytes);
      const line = diarized !== null || segment.channel !== lastChannel; // each time that somebody else speaks
      const before = spoken === 0 ? '' : line ? '\n' : ' ';
      const delta = before + (diarized ? speakerLine(diarized) : segment.result.text);
      text += delta;
      spoken += 1;
      lastChannel = segment.channel;
      logProbs.push(...(ofSegment ?? []));
      return [
        {
          type: 'transcript.text.delta',
          delta,
          ...(ofSegment && { logprobs: ofSegment }),
          ...(diarized && { segment_id: diarized.id }),
        },
        ...(diarized ? [diarized] : []),
      ];
    },
    done: (transcript) => ({
      type: 'transcript.text.done',
      text,
      ...languagesFound(transcript.segments, language),
      ...(tokenBytes && { logprobs: logProbs }),
      usage: usageOf(transcript),
      ...sharedAdapter(transcript.segments),
    }),
  };
}
