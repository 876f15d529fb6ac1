/** What it takes to turn a reference into a hypothesis, with the fewest edits. */
export interface EditCounts {
  readonly substitutions: number;
  readonly deletions: number;
  readonly insertions: number;
  /** words, or characters, of the reference */
  readonly referenceLength: number;
}

/** Word edits between two texts; words are what white space separates. Normalise both texts first. */
export function wordErrors(reference: string, hypothesis: string): EditCounts {
  return countEdits(wordsOf(reference), wordsOf(hypothesis));
}

/** Character edits between two texts, by code point, spaces between words included. Normalise both texts first. */
export function characterErrors(reference: string, hypothesis: string): EditCounts {
  return countEdits([...reference.trim()], [...hypothesis.trim()]);
}

export function editDistance(counts: EditCounts): number {
  return counts.substitutions + counts.deletions + counts.insertions;
}

/** Adds up over a corpus: a corpus's error rate is the rate of the sum, not the mean of the rates. */
export function sumEdits(all: Iterable<EditCounts>): EditCounts {
  let [substitutions, deletions, insertions, referenceLength] = [0, 0, 0, 0];
  for (const counts of all) {
    substitutions += counts.substitutions;
    deletions += counts.deletions;
    insertions += counts.insertions;
    referenceLength += counts.referenceLength;
  }
  return { substitutions, deletions, insertions, referenceLength };
}

/**
 * WER or CER in percent; insertions can take it over 100. Of an empty reference: 0 if nothing was inserted,
 * else 100 for each insertion.
 */
export function errorRatePercent(counts: EditCounts): number {
  return (100 * editDistance(counts)) / Math.max(1, counts.referenceLength);
}

/**
 * Levenshtein distance with its edits told apart. Of several equally short alignments it counts one with the fewest
 * substitutions, that is, with the most units right.
 */
export function countEdits<Unit>(reference: readonly Unit[], hypothesis: readonly Unit[]): EditCounts {
  // A cost is edits * weight + substitutions: the least one has the fewest edits, and of those the fewest substitutions.
  const weight = reference.length + hypothesis.length + 1;
  // One row of the table at a time: column j costs the edits from the reference so far to hypothesis[0, j).
  const costs = Float64Array.from({ length: hypothesis.length + 1 }, (_, j) => j * weight);
  for (const [i, expected] of reference.entries()) {
    // The costs at (i, j - 1), and at (i + 1, j - 1) in the row that is being written.
    let diagonal = i * weight;
    let left = (i + 1) * weight;
    costs[0] = left;
    for (const [j, actual] of hypothesis.entries()) {
      const above = costs[j + 1] as number;
      const paired = expected === actual ? diagonal : diagonal + weight + 1;
      left = Math.min(paired, above + weight, left + weight);
      costs[j + 1] = left;
      diagonal = above;
    }
  }
  const cost = costs[hypothesis.length] as number;
  return tellApart(Math.floor(cost / weight), cost % weight, reference.length, hypothesis.length);
}

/** deletions + insertions = distance - substitutions, and deletions - insertions = the difference in length. */
function tellApart(distance: number, substitutions: number, reference: number, hypothesis: number): EditCounts {
  const unpaired = distance - substitutions;
  const deletions = (unpaired + reference - hypothesis) / 2;
  return { substitutions, deletions, insertions: unpaired - deletions, referenceLength: reference };
}

/** What white space separates. */
export function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/u).filter((word) => word !== '');
}
