"""jiwer's numbers for pairs of texts: JSON lines in, JSON out. A line is [reference, hypothesis]."""

import json
import sys

import jiwer

references, hypotheses, pairs = [], [], []
for line in open(sys.argv[1], encoding="utf-8"):
    reference, hypothesis = json.loads(line)
    references.append(reference)
    hypotheses.append(hypothesis)
    words = jiwer.process_words(reference, hypothesis)
    characters = jiwer.process_characters(reference, hypothesis)
    pairs.append(
        {
            "words": words.substitutions + words.deletions + words.insertions,
            "right": words.hits,
            "characters": characters.substitutions + characters.deletions + characters.insertions,
        }
    )
json.dump({"pairs": pairs, "wer": jiwer.wer(references, hypotheses), "cer": jiwer.cer(references, hypotheses)}, sys.stdout)
