import { createHash } from 'node:crypto';
import type { FileSegment, FileTranscript } from '../../asr/files/recognise-file.ts';
import type { ServedEngine } from '../recogniser.ts';
import type { FileAnswer } from './file-messages.ts';
import type { FileQuery } from './listen-query.ts';
import { modelOf } from './model-info.ts';
import { paragraphsOf } from './paragraphs.ts';
import { cutWords, pauseMs, type SpacedWord, spacedWords, textOf } from './spaced-words.ts';
import { confidenceOf, meanConfidence, toSeconds, transcriptOf } from './transcript.ts';

export interface AnsweredFile {
  readonly requestId: string;
  readonly created: Date;
  /** as it was received */
  readonly body: Uint8Array;
  /** that were recognised */
  readonly channels: number;
  readonly transcript: FileTranscript;
  readonly base: ServedEngine['base'];
  readonly query: FileQuery;
  /** names an utterance */
  readonly newId: () => string;
}

type Channel = FileAnswer['results']['channels'][number];
type Utterance = NonNullable<FileAnswer['results']['utterances']>[number];

export function fileAnswer(file: AnsweredFile): FileAnswer {
  const { channels: count, query, transcript } = file;
  const channels = Array.from({ length: count }, (_, channel) =>
    transcript.segments.filter((segment) => segment.channel === channel),
  );
  return {
    metadata: metadataOf(file),
    results: {
      channels: channels.map((segments) => channelOf(segments, query)),
      ...(query.utterances && { utterances: utterancesOf(channels, file) }),
    },
  };
}

function metadataOf({ requestId, created, body, channels, transcript, base, query }: AnsweredFile): FileAnswer['metadata'] {
  const models = new Map(
    transcript.segments.map(({ result }) => {
      const { uuid, info } = modelOf(base, result.adapter);
      return [uuid, info] as const;
    }),
  );
  const { tags, extra } = query;
  return {
    transaction_key: 'deprecated',
    request_id: requestId,
    sha256: createHash('sha256').update(body).digest('hex'),
    created: created.toISOString(),
    duration: toSeconds(transcript.durationMs),
    channels,
    models: [...models.keys()],
    model_info: Object.fromEntries(models),
    ...(tags.length > 0 && { tags: [...tags] }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

function channelOf(segments: readonly FileSegment[], { punctuate, paragraphs, language }: FileQuery): Channel {
  const words = spacedWords(segments);
  const text = segments.map(({ result }) => result.text).join('');
  const tokenLogProbs = segments.flatMap(({ result }) => result.tokenLogProbs);
  const found = typeof language === 'string' ? null : mostSpoken(segments);
  return {
    alternatives: [
      {
        transcript: segments
          .map(({ result, language: own }) => transcriptOf(result.text, { language: own, punctuate }))
          .filter((part) => part !== '')
          .join(' '),
        confidence: confidenceOf({ text, tokenLogProbs }),
        words: words.map(({ word }) => word),
        ...(paragraphs && { paragraphs: paragraphsOf(words, punctuate) }),
      },
    ],
    ...(found !== null && { detected_language: found }),
  };
}

/** By time; null if nothing is spoken. */
function mostSpoken(segments: readonly FileSegment[]): string | null {
  const spoken = new Map<string, number>();
  for (const { language, startMs, endMs } of segments) spoken.set(language, (spoken.get(language) ?? 0) + endMs - startMs);
  return [...spoken].sort(([, one], [, other]) => other - one)[0]?.[0] ?? null;
}

function utterancesOf(
  channels: readonly (readonly FileSegment[])[],
  { query: { splitMs, punctuate }, newId }: AnsweredFile,
): Utterance[] {
  const utterances = channels.flatMap((segments, channel) =>
    cutWords(spacedWords(segments), (last, next) => pauseMs(last, next) > splitMs).map((words) =>
      utteranceOf(words, { channel, punctuate, id: newId() }),
    ),
  );
  return utterances.sort((one, other) => one.start - other.start);
}

function utteranceOf(
  words: readonly SpacedWord[],
  { channel, punctuate, id }: { channel: number; punctuate: boolean; id: string },
): Utterance {
  const own = words.map(({ word }) => word);
  return {
    id,
    start: own[0]?.start ?? 0,
    end: own.at(-1)?.end ?? 0,
    confidence: meanConfidence(own),
    channel,
    transcript: textOf(words, punctuate),
    words: own,
  };
}
