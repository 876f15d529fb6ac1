/** What whoever uses an adapter should know of the recordings it was trained on. */
export interface CorpusNote {
  readonly about: string;
  /** what it means for other voices; null where nothing is known */
  readonly voices: string | null;
}

const NOTES: Readonly<Record<string, CorpusNote>> = {
  tuxpaint: {
    about:
      'Tux Paint: short descriptions of the stamps of a drawing program, recorded by volunteers (Debian package `tuxpaint-stamps-default`, GPL-2). The split is by picture, so that none is in two.',
    voices: 'The speakers of Tux Paint are few, and the same in training and test: its figures say nothing about other voices.',
  },
  'festvox-ru': {
    about:
      'festvox-ru: one man reads sentences of novels (Debian package `festvox-ru`, BSD-like licence). The split is by sentence.',
    voices: 'The one speaker of festvox-ru is the same in training and test: its figures say nothing about other voices.',
  },
};

/** @param names of corpora, or paths */
export function corporaNotes(names: readonly string[]): readonly CorpusNote[] {
  return names.map(
    (name) => NOTES[name] ?? { about: 'Recordings of whoever trained it, who knows their licence and speakers.', voices: null },
  );
}
