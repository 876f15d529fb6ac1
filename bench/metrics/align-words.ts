/** A place of an alignment: what was said there, and what was heard. */
export type AlignedWord =
  | { readonly kind: 'right'; readonly reference: string; readonly hypothesis: string }
  | { readonly kind: 'substitution'; readonly reference: string; readonly hypothesis: string }
  | { readonly kind: 'deletion'; readonly reference: string; readonly hypothesis: null }
  | { readonly kind: 'insertion'; readonly reference: null; readonly hypothesis: string };

/**
 * Word by word, with the fewest edits, and of those the fewest substitutions: its edits are those that `countEdits`
 * counts. Memory is the product of the lengths, which is for utterances, not for books.
 */
export function alignWords(reference: readonly string[], hypothesis: readonly string[]): readonly AlignedWord[] {
  const costs = costTable(reference, hypothesis);
  const width = hypothesis.length + 1;
  const weight = weightOf(reference, hypothesis);
  const aligned: AlignedWord[] = [];
  let [i, j] = [reference.length, hypothesis.length];
  // From the end: which step led here? Where several did, words stay paired.
  while (i > 0 || j > 0) {
    const here = costs[i * width + j] as number;
    const [said, heard] = [reference[i - 1] as string, hypothesis[j - 1] as string];
    const paired = said === heard ? 0 : weight + 1;
    if (i > 0 && j > 0 && here === (costs[(i - 1) * width + j - 1] as number) + paired) {
      aligned.push({ kind: said === heard ? 'right' : 'substitution', reference: said, hypothesis: heard });
      i -= 1;
      j -= 1;
    } else if (i > 0 && here === (costs[(i - 1) * width + j] as number) + weight) {
      aligned.push({ kind: 'deletion', reference: said, hypothesis: null });
      i -= 1;
    } else {
      aligned.push({ kind: 'insertion', reference: null, hypothesis: heard });
      j -= 1;
    }
  }
  return aligned.reverse();
}

/** Costs from the beginnings up to each pair of places: edits · weight + substitutions. [reference + 1, hypothesis + 1] */
function costTable(reference: readonly string[], hypothesis: readonly string[]): Float64Array {
  const weight = weightOf(reference, hypothesis);
  const width = hypothesis.length + 1;
  const costs = new Float64Array((reference.length + 1) * width);
  for (let i = 0; i <= reference.length; i += 1) {
    for (let j = 0; j <= hypothesis.length; j += 1) {
      if (i === 0 || j === 0) {
        costs[i * width + j] = (i + j) * weight;
        continue;
      }
      const paired = reference[i - 1] === hypothesis[j - 1] ? 0 : weight + 1;
      costs[i * width + j] = Math.min(
        (costs[(i - 1) * width + j - 1] as number) + paired,
        (costs[(i - 1) * width + j] as number) + weight,
        (costs[i * width + j - 1] as number) + weight,
      );
    }
  }
  return costs;
}

/** An edit outweighs all substitutions that there can be. */
function weightOf(reference: readonly string[], hypothesis: readonly string[]): number {
  return reference.length + hypothesis.length + 1;
}
