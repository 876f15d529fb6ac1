"""The official `deepgram-sdk` package against a service: python deepgram_client.py URL LANGUAGE FILE.wav TEXT

TEXT is what the service says of the file by other means; each way of asking has to say the same words.
"""

import sys
import threading
import time

from deepgram import DeepgramClient
from deepgram.core.api_error import ApiError
from deepgram.core.events import EventType
from deepgram.environment import DeepgramClientEnvironment
from websockets.exceptions import InvalidStatus

from checks import Checks, pcm_of, raises, require, same_words

url, language, path, expected = sys.argv[1:5]
sockets = url.replace("http", "ws", 1)
environment = DeepgramClientEnvironment(base=url, production=sockets, agent=sockets, agent_rest=url)
client = DeepgramClient(api_key="any", environment=environment)
checks = Checks()

PATIENCE_SECONDS = 60


def file(**options):
    with open(path, "rb") as recording:
        request = recording.read()
    return client.listen.v1.media.transcribe_file(request=request, **{"model": "nova-3", "language": language, **options})


def file_words():
    answer = file()
    best = answer.results.channels[0].alternatives[0]
    same_words(best.transcript, expected)
    same_words(" ".join(word.word for word in best.words), expected)
    require(answer.metadata.channels == 1 and answer.metadata.duration > 0, "metadata")


def stream(script, **options):
    """Plays a script to a connection, and gives all messages until it is closed."""
    _, rate = pcm_of(path)
    messages, closed = [], threading.Event()
    settings = {"model": "nova-3", "language": language, "encoding": "linear16", "sample_rate": rate, **options}
    with client.listen.v1.connect(**settings) as connection:
        connection.on(EventType.MESSAGE, messages.append)
        connection.on(EventType.CLOSE, lambda _: closed.set())
        listening = threading.Thread(target=connection.start_listening, daemon=True)
        listening.start()
        script(connection, messages)
        connection.send_close_stream()
        require(closed.wait(PATIENCE_SECONDS), "the connection was not closed")
    return messages


def frames():
    pcm, rate = pcm_of(path)
    frame = rate // 10 * 2
    return [pcm[start : start + frame] for start in range(0, len(pcm), frame)]


def of_kind(messages, kind):
    return [message for message in messages if getattr(message, "type", None) == kind]


def transcript(messages):
    finals = [message for message in of_kind(messages, "Results") if message.is_final]
    return " ".join(message.channel.alternatives[0].transcript for message in finals).strip()


def played(connection, _messages):
    for frame in frames():
        connection.send_media(frame)


def in_real_time(connection, _messages):
    for frame in frames():
        connection.send_media(frame)
        time.sleep(0.1)


def whole():
    messages = stream(played)
    same_words(transcript(messages), expected)
    require(len(of_kind(messages, "Metadata")) == 1, "no metadata at the end")


def interim():
    messages = stream(in_real_time, interim_results="true", vad_events="true")
    require(any(not message.is_final for message in of_kind(messages, "Results")), "no interim results")
    require(len(of_kind(messages, "SpeechStarted")) > 0, "no SpeechStarted")
    require(transcript(messages) != "", "no words")


def finalize():
    def script(connection, messages):
        played(connection, messages)
        connection.send_finalize()
        until = time.monotonic() + PATIENCE_SECONDS
        while not any(message.from_finalize for message in of_kind(messages, "Results")):
            require(time.monotonic() < until, "no answer to Finalize")
            time.sleep(0.05)
        connection.send_finalize()
        connection.send_keep_alive()

    same_words(transcript(stream(script)), expected)


def refused():
    def connect():
        with client.listen.v1.connect(model="nova-3", encoding="linear16", sample_rate=16_000, redact="pci"):
            return "a connection"

    # the SDK makes an ApiError of what older versions of websockets throw, and lets that of newer ones through
    error = raises((ApiError, InvalidStatus), connect)
    status = error.status_code if isinstance(error, ApiError) else error.response.status_code
    require(status == 400, f"status {status}")


checks.run("a file, with words", file_words)
checks.run("a file: an unknown model is ApiError", lambda: raises(ApiError, lambda: file(model="no-such-model")).status_code)
checks.run("a stream, and CloseStream", whole)
checks.run("a stream with interim results", interim)
checks.run("Finalize, twice, and KeepAlive", finalize)
checks.run("redact is refused at the handshake", refused)
checks.tell()
