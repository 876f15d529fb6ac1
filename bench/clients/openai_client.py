"""The official `openai` package against a service: python openai_client.py URL LANGUAGE FILE.wav TEXT

TEXT is what the service says of the file by other means; each way of asking has to say the same words.
"""

import base64
import sys
import threading

import openai

from checks import Checks, pcm_of, raises, require, same_words

url, language, path, expected = sys.argv[1:5]
client = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0)
transcriptions = client.audio.transcriptions
checks = Checks()


def create(**options):
    with open(path, "rb") as recording:
        return transcriptions.create(**{"file": recording, "model": "whisper-1", "language": language, **options})


def verbose():
    answer = create(response_format="verbose_json", timestamp_granularities=["word", "segment"])
    same_words(answer.text, expected)
    same_words(" ".join(word.word for word in answer.words), expected)
    require(len(answer.segments) > 0, "no segments")
    ends = [word.end for word in answer.words]
    require(ends == sorted(ends) and ends[-1] <= answer.duration + 0.01, f"ends of words: {ends}")


def logprobs():
    answer = create(response_format="json", include=["logprobs"])
    same_words("".join(one.token for one in answer.logprobs), expected)
    require(all(one.logprob <= 0 for one in answer.logprobs), "a log-probability above 0")


def streamed():
    deltas, done = [], None
    for event in create(stream=True):
        if event.type == "transcript.text.delta":
            deltas.append(event.delta)
        if event.type == "transcript.text.done":
            done = event.text
    require(done is not None, "no done event")
    same_words(done, expected)
    same_words("".join(deltas), expected)


def subtitles(kind, mark):
    text = create(response_format=kind)
    require("-->" in text and mark in text, f"no {kind}: {text[:80]!r}")


def translated():
    with open(path, "rb") as recording:
        answer = client.audio.translations.create(file=recording, model="whisper-1")
    require(isinstance(answer.text, str), "no text")


def models():
    names = [model.id for model in client.models.list()]
    require("whisper-base" in names, f"models: {names}")
    require(client.models.retrieve("whisper-base").id == "whisper-base", "retrieve")
    raises(openai.NotFoundError, lambda: client.models.retrieve("no-such-model"))


def realtime(turn_detection):
    pcm, rate = pcm_of(path)
    require(rate == 24_000, "realtime takes 24 kHz")
    silence = bytes(2 * rate * 2)
    with client.realtime.connect(extra_query={"intent": "transcription"}) as connection:
        connection.session.update(
            session={
                "type": "transcription",
                "audio": {
                    "input": {
                        "format": {"type": "audio/pcm", "rate": 24_000},
                        "transcription": {"model": "whisper-1", "language": language},
                        "turn_detection": turn_detection,
                    }
                },
            }
        )
        timer = threading.Timer(60, connection.close)
        timer.start()
        try:
            return heard(connection, pcm + silence, manual=turn_detection is None)
        finally:
            timer.cancel()


def heard(connection, pcm, manual):
    deltas, completed, pending = [], [], 0
    for event in connection:
        if event.type == "session.updated":
            for start in range(0, len(pcm), 9_600):
                connection.input_audio_buffer.append(audio=base64.b64encode(pcm[start : start + 9_600]).decode())
            if manual:
                connection.input_audio_buffer.commit()
        elif event.type == "input_audio_buffer.committed":
            pending += 1
        elif event.type == "conversation.item.input_audio_transcription.delta":
            deltas.append(event.delta)
        elif event.type == "conversation.item.input_audio_transcription.completed":
            completed.append(event.transcript)
            pending -= 1
            if pending == 0:
                break
        elif event.type == "error":
            raise AssertionError(event.error.message)
    same_words(" ".join(completed), expected)
    require("".join(deltas).split() == " ".join(completed).split(), f"deltas {deltas} are not {completed}")


def realtime_error():
    with client.realtime.connect(extra_query={"intent": "transcription"}) as connection:
        connection.session.update(
            session={"type": "transcription", "audio": {"input": {"transcription": {"model": "no-such-model"}}}}
        )
        for event in connection:
            if event.type == "error":
                return event.error.code
            require(event.type == "session.created", event.type)


checks.run("json", lambda: same_words(create().text, expected))
checks.run("text", lambda: same_words(create(response_format="text"), expected))
checks.run("verbose_json with words", verbose)
checks.run("srt", lambda: subtitles("srt", "1\n00:00:"))
checks.run("vtt", lambda: subtitles("vtt", "WEBVTT"))
checks.run("logprobs", logprobs)
checks.run("server-sent events", streamed)
checks.run("prompt and temperature", lambda: create(prompt="Tux Paint.", temperature=0.2) and None)
checks.run("translations", translated)
checks.run("models", models)
checks.run("an unknown model is NotFoundError", lambda: raises(openai.NotFoundError, lambda: create(model="no-such")).code)
checks.run("an unknown language is BadRequestError", lambda: raises(openai.BadRequestError, lambda: create(language="tlh")).code)
checks.run(
    "realtime, server_vad",
    lambda: realtime({"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 500}),
)
checks.run("realtime, manual commit", lambda: realtime(None))
checks.run("realtime: an error is told and named", realtime_error)
checks.tell()
