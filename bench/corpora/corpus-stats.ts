import { SPLITS, type Split } from './corpus.ts';
import { LEFT_OUT_REASONS, type LeftOutCounts, type LeftOutReason, type PackedCorpus } from './packed-corpus.ts';

export interface CorpusStats {
  readonly name: string;
  readonly source: string;
  /** for each language and split, those without utterances too */
  readonly rows: readonly {
    readonly language: string;
    readonly split: Split;
    readonly utterances: number;
    /** of these, how many have a text that can have been said in their time */
    readonly spoken: number;
    /** that are named */
    readonly speakers: number;
    readonly minutes: number;
  }[];
  /** by language */
  readonly leftOut: Readonly<Record<string, LeftOutCounts>>;
}

export function corpusStats(corpus: PackedCorpus): CorpusStats {
  const rows = corpus.languages.flatMap((language) =>
    SPLITS.map((split) => {
      const utterances = corpus.utterances({ languages: [language], split });
      const seconds = utterances.reduce((sum, utterance) => sum + utterance.durationSeconds, 0);
      const spoken = utterances.filter((utterance) => utterance.spoken).length;
      const speakers = new Set(utterances.flatMap(({ speaker }) => speaker ?? [])).size;
      const minutes = Number((seconds / 60).toFixed(1));
      return { language, split, utterances: utterances.length, spoken, speakers, minutes };
    }),
  );
  return { name: corpus.name, source: corpus.source, rows, leftOut: corpus.leftOut };
}

const COLUMNS = ['language', 'split', 'utterances', 'spoken', 'speakers', 'minutes'] as const;

/** A table of what there is, and a line for each language of what was left out. */
export function corpusStatsText({ name, source, rows, leftOut }: CorpusStats): string {
  const table = rows.filter(({ utterances }) => utterances > 0).map((row) => COLUMNS.map((column) => row[column]));
  const told = Object.entries(leftOut).map(([language, counts]) => `  ${language}  ${leftOutText(counts)}`);
  return [
    `${name}, from ${source}`,
    ...[COLUMNS, ...table].map((cells) =>
      cells
        .map((cell) => `${cell}`.padEnd(12))
        .join('')
        .trimEnd(),
    ),
    'left out:',
    ...(told.length === 0 ? ['  none'] : told),
    '',
  ].join('\n');
}

const LEFT_OUT: Readonly<Record<LeftOutReason, string>> = {
  noText: 'without text',
  notSpeech: 'not speech',
  notSentence: 'letters, numbers, names',
  undecodable: 'unreadable',
  tooShort: 'too short',
  tooLong: 'too long',
  missing: 'without audio',
  languageUnknown: 'of unknown language',
  malformed: 'malformed',
  repeated: 'repeated',
};

function leftOutText(counts: LeftOutCounts): string {
  const told = LEFT_OUT_REASONS.filter((reason) => (counts[reason] ?? 0) > 0);
  return told.length === 0 ? 'none' : told.map((reason) => `${counts[reason]} ${LEFT_OUT[reason]}`).join(', ');
}
