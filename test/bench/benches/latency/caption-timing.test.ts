import { describe, expect, it } from 'vitest';
import { type Display, timeCaptions } from '../../../../bench/benches/latency/caption-timing.ts';

function shown(atMs: number, text: string): Display {
  return { atMs, words: text.split(' ').filter((word) => word !== '') };
}

describe('the timing of captions', () => {
  it('is told from the start of speech to the first word that is shown', () => {
    const partials = [shown(600, ''), shown(900, 'un'), shown(1_300, 'un gato')];
    const timing = timeCaptions({ speechStartMs: 100, partials, final: shown(2_000, 'Un gato.'), wordEndMs: [400, 1_000] });
    expect(timing).toMatchObject({ firstWordMs: 800, hadPartial: true });
  });

  it('is that of the final where no partial came', () => {
    const timing = timeCaptions({ speechStartMs: 100, partials: [], final: shown(2_000, 'Un gato.'), wordEndMs: [400, 900] });
    expect(timing).toMatchObject({ firstWordMs: 1_900, hadPartial: false, wordLagsMs: [1_600, 1_100], shownWords: 0 });
  });

  it('has a lag for each word, from its end to when it is first shown where it stays', () => {
    const partials = [shown(900, 'un pato'), shown(1_300, 'un gato')];
    const final = shown(2_000, 'un gato negro');
    const timing = timeCaptions({ speechStartMs: 0, partials, final, wordEndMs: [400, 800, 1_500] });
    expect(timing.wordLagsMs).toEqual([500, 500, 500]);
  });

  it('begins a lag anew for a word that has gone and come again', () => {
    const partials = [shown(900, 'un gato'), shown(1_300, 'un'), shown(1_700, 'un gato')];
    const timing = timeCaptions({ speechStartMs: 0, partials, final: shown(2_000, 'un gato'), wordEndMs: [400, 800] });
    expect(timing.wordLagsMs).toEqual([500, 900]);
  });

  it('counts words that change, and apart from them those that are only written otherwise', () => {
    const partials = [shown(900, 'un pato'), shown(1_300, 'un gato')];
    const timing = timeCaptions({ speechStartMs: 0, partials, final: shown(2_000, 'Un gato.'), wordEndMs: [400, 800] });
    expect(timing).toMatchObject({ shownWords: 3, changedWords: 1, rewrittenWords: 3 });
  });

  it('says nothing of an utterance without words', () => {
    const timing = timeCaptions({ speechStartMs: 0, partials: [], final: shown(2_000, ''), wordEndMs: [] });
    expect(timing).toEqual({
      firstWordMs: null,
      hadPartial: false,
      wordLagsMs: [],
      shownWords: 0,
      changedWords: 0,
      rewrittenWords: 0,
    });
  });
});
