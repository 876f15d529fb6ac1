"""What the scripts beside this one have in common: named checks, told as JSON on standard output."""

import json
import sys
import traceback
import unicodedata


class Checks:
    """Runs checks one after the other; one that fails does not keep the next ones from running."""

    def __init__(self):
        self._results = []

    def run(self, name, check):
        try:
            detail = check()
            self._results.append({"name": name, "passed": True, "detail": None if detail is None else str(detail)})
        except Exception as error:  # whatever an SDK throws
            where = traceback.extract_tb(error.__traceback__)[-1]
            detail = f"{type(error).__name__}: {error} (line {where.lineno} of {where.filename.rsplit('/', 1)[-1]})"
            self._results.append({"name": name, "passed": False, "detail": detail})
        print(f"{'ok ' if self._results[-1]['passed'] else 'BAD'} {name}", file=sys.stderr, flush=True)

    def tell(self):
        json.dump(self._results, sys.stdout)


def words(text):
    """Lower case, without punctuation: what two forms of a transcript must agree on."""
    kept = [c if unicodedata.category(c)[0] in "LMN" else " " for c in unicodedata.normalize("NFC", text).lower()]
    return "".join(kept).split()


def require(condition, otherwise):
    if not condition:
        raise AssertionError(otherwise)


def same_words(left, right):
    require(words(left) == words(right), f"{left!r} and {right!r} are not the same words")


def raises(kind, call):
    """The SDK's own exception, or a failed check."""
    try:
        result = call()
    except kind as error:
        return error
    raise AssertionError(f"no error, but {result!r}")


def pcm_of(path):
    """Samples of a 16-bit mono WAV file, and its rate."""
    import wave

    with wave.open(path) as recording:
        require(recording.getsampwidth() == 2 and recording.getnchannels() == 1, f"{path} is not 16-bit mono")
        return recording.readframes(recording.getnframes()), recording.getframerate()
