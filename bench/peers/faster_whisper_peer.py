"""faster-whisper behind JSON lines: one request a line on stdin, one reply a line on stdout, in order.

A request is {"id", "command", ...}; its reply is {"id", "result"} or {"id", "error": {"type", "message"}}.
Samples are float32, 16 kHz, mono, little-endian, base64. Seconds are those of the call alone: neither reading
the request nor decoding base64 is counted.

load        {modelDir, computeType, cpuThreads}            -> {fasterWhisper, ctranslate2, python, computeType}
transcribe  {samples, language, options}                   -> {transcript, seconds}
batched     {samples: [...], language, batchSize, options} -> {transcripts, seconds}
file        {samples, language, batchSize, options}        -> {transcript, seconds}

`options` are keyword arguments of WhisperModel.transcribe, or of BatchedInferencePipeline.transcribe.
"""

import base64
import json
import os
import platform
import sys
import time

SAMPLE_RATE_HZ = 16_000


def main():
    # Only replies may reach the pipe: whatever a library prints goes to stderr.
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    peer = Peer()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = {"id": request["id"], "result": peer.answer(request)}
        except Exception as error:  # the caller decides what a failed request means
            reply = {"id": request["id"], "error": {"type": type(error).__name__, "message": str(error)}}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


class Peer:
    model = None
    pipeline = None

    def answer(self, request):
        if request["command"] == "load":
            return self.load(request["modelDir"], request["computeType"], request["cpuThreads"])
        if self.model is None:
            raise RuntimeError("no model is loaded")
        if request["command"] == "transcribe":
            return self.transcribe(samples_of(request["samples"]), request["language"], request["options"])
        if request["command"] == "batched":
            all_samples = [samples_of(text) for text in request["samples"]]
            return self.batched(all_samples, request["language"], request["batchSize"], request["options"])
        if request["command"] == "file":
            return self.file(samples_of(request["samples"]), request["language"], request["batchSize"], request["options"])
        raise ValueError("unknown command " + request["command"])

    def load(self, model_dir, compute_type, cpu_threads):
        import ctranslate2
        import faster_whisper

        self.model = faster_whisper.WhisperModel(
            model_dir, device="cpu", compute_type=compute_type, cpu_threads=cpu_threads, local_files_only=True
        )
        self.pipeline = faster_whisper.BatchedInferencePipeline(self.model)
        return {
            "fasterWhisper": faster_whisper.__version__,
            "ctranslate2": ctranslate2.__version__,
            "python": platform.python_version(),
            "computeType": self.model.model.compute_type,
        }

    def transcribe(self, samples, language, options):
        start = time.perf_counter()
        # The segments are a generator: the work is done while they are listed.
        segments = list(self.model.transcribe(samples, language=language, **options)[0])
        seconds = time.perf_counter() - start
        return {"transcript": transcript_of(segments), "seconds": seconds}

    def file(self, samples, language, batch_size, options):
        start = time.perf_counter()
        segments = list(self.pipeline.transcribe(samples, language=language, batch_size=batch_size, **options)[0])
        seconds = time.perf_counter() - start
        return {"transcript": transcript_of(segments), "seconds": seconds}

    def batched(self, all_samples, language, batch_size, options):
        import numpy

        # The pipeline takes one recording and the clips within it: the utterances are laid end to end.
        clips, position = [], 0
        for samples in all_samples:
            # Half a sample more: the pipeline truncates seconds * rate, and a quotient may lie just below.
            clips.append({
                "start": (position + 0.5) / SAMPLE_RATE_HZ,
                "end": (position + len(samples) + 0.5) / SAMPLE_RATE_HZ,
            })
            position += len(samples)
        recording = numpy.concatenate(all_samples)
        start = time.perf_counter()
        segments = list(
            self.pipeline.transcribe(
                recording, language=language, batch_size=batch_size, clip_timestamps=clips, vad_filter=False, **options
            )[0]
        )
        seconds = time.perf_counter() - start
        by_seek = {}
        for segment in segments:
            by_seek.setdefault(segment.seek, []).append(segment)
        # A segment's `seek` is its clip's start in frames, truncated as the pipeline truncates it.
        starts = [int(int(clip["start"] * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ * self.model.frames_per_second) for clip in clips]
        if len(set(starts)) < len(starts):
            raise ValueError("utterances under 10 ms cannot be told apart in a batch")
        return {"transcripts": [transcript_of(by_seek.get(seek, [])) for seek in starts], "seconds": seconds}


def samples_of(text):
    import numpy

    return numpy.frombuffer(base64.b64decode(text), dtype="<f4")


def transcript_of(segments):
    """Segments of one utterance as one: tokens and text joined, the worst ratio, the mean log-probability by token."""
    tokens = [token for segment in segments for token in segment.tokens]
    weights = [len(segment.tokens) for segment in segments]
    logprob = sum(segment.avg_logprob * weight for segment, weight in zip(segments, weights))
    return {
        "text": "".join(segment.text for segment in segments).strip(),
        "tokens": tokens,
        "avgLogprob": logprob / max(1, sum(weights)) if segments else None,
        "compressionRatio": max((segment.compression_ratio for segment in segments), default=None),
        "noSpeechProb": max((segment.no_speech_prob for segment in segments), default=None),
    }


main()
