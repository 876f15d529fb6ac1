import type { Signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Entry, FinalEvent, PartialEvent, Word } from '../captions/transcript.ts';
import { wordPieces } from '../captions/word-pieces.ts';
import type { Side } from '../lanes/lane.ts';
import { clockTime } from './clock-time.ts';

interface CaptionListProps {
  readonly side: Side;
  /** the word that is pointed at */
  readonly word: Signal<Word | null>;
  /** for screen readers */
  readonly name: string;
}

/** Finals in their order, and what is being said now. It follows its end, unless somebody has scrolled up. */
export function CaptionList({ side, word, name }: CaptionListProps) {
  const list = useRef<HTMLOListElement>(null);
  const atEnd = useRef(true);
  const { entries, partial } = side.transcript.value;
  useLayoutEffect(() => {
    const element = list.current;
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [entries, partial]);
  return (
    <ol
      class="captions"
      ref={list}
      aria-label={name}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and those without a mouse scroll it by keys
      tabIndex={0}
      onScroll={({ currentTarget }) => {
        const { scrollTop, scrollHeight, clientHeight } = currentTarget;
        atEnd.current = scrollTop + clientHeight > scrollHeight - 8;
        currentTarget.classList.toggle('scrolled', scrollTop > 8);
      }}
    >
      {entries.map((entry, index) => (
        <EntryLine key={index} entry={entry} word={word} />
      ))}
      {partial !== null && partial.text !== '' && <PartialLine partial={partial} />}
    </ol>
  );
}

function EntryLine({ entry, word }: { readonly entry: Entry; readonly word: Signal<Word | null> }) {
  if (entry.kind === 'caption') return <FinalLine final={entry.final} word={word} />;
  return (
    <li class="lost">
      <Moment seconds={entry.start} />
      <p>
        Not recognised until {clockTime(entry.end)}: {entry.message}
      </p>
    </li>
  );
}

function FinalLine({ final, word }: { readonly final: FinalEvent; readonly word: Signal<Word | null> }) {
  const { text, language, start, words = [] } = final;
  const pieces = wordPieces(text, words);
  const point = ({ target }: Event) => {
    const index = target instanceof HTMLElement ? target.dataset['piece'] : undefined;
    word.value = index === undefined ? null : (pieces[Number(index)]?.word ?? null);
  };
  const forget = () => {
    word.value = null;
  };
  const firstWord = pieces.findIndex((piece) => piece.word !== null);
  return (
    <li class="final">
      <Moment seconds={start} />
      <p
        lang={language}
        dir="auto"
        onPointerOver={point}
        onPointerLeave={forget}
        onFocusCapture={point}
        onBlurCapture={forget}
        onKeyDown={moveAmongWords}
      >
        {pieces.map((piece, index) =>
          piece.word === null ? (
            piece.text
          ) : (
            // the Tab key gets to the first word, from which arrows go on
            <span key={index} class="word" data-piece={index} tabIndex={index === firstWord ? 0 : -1}>
              {piece.text}
            </span>
          ),
        )}
      </p>
    </li>
  );
}

/** Arrow keys go from word to word of a caption, in the direction in which it is written. */
function moveAmongWords(event: KeyboardEvent): void {
  const { target, key } = event;
  if (!(target instanceof HTMLElement) || (key !== 'ArrowLeft' && key !== 'ArrowRight')) return;
  const words = [...(target.parentElement?.querySelectorAll<HTMLElement>('.word') ?? [])];
  const forwards = (key === 'ArrowRight') === (getComputedStyle(target).direction === 'ltr');
  const next = words[words.indexOf(target) + (forwards ? 1 : -1)];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

/** What will stay is darker than what may still change. */
function PartialLine({ partial }: { readonly partial: PartialEvent }) {
  const { text, stable_length: stable, start, language } = partial;
  return (
    <li class="partial">
      <Moment seconds={start} />
      <p lang={language} dir="auto">
        <span class="stable">{text.slice(0, stable)}</span>
        <span class="open">{text.slice(stable)}</span>
      </p>
    </li>
  );
}

function Moment({ seconds }: { readonly seconds: number }) {
  return <time dateTime={`PT${seconds.toFixed(2)}S`}>{clockTime(seconds)}</time>;
}
