"""Words of recordings, with Python's standard library: python3 examples/transcribe.py LANGUAGE FILE...

FLORA_ASR_URL names the service (http://127.0.0.1:8080 if left out), FLORA_ASR_KEY its key. The official `openai`
package does it as well: OpenAI(base_url=f"{URL}/v1", api_key=KEY).audio.transcriptions.create(...).
"""

import json
import os
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path

URL = os.environ.get("FLORA_ASR_URL", "http://127.0.0.1:8080")
KEY = os.environ.get("FLORA_ASR_KEY", "none")


def transcribe(file: Path, **fields: str) -> dict:
    """The answer of the service, as a dictionary."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
    body = b"".join([*parts, head.encode(), file.read_bytes(), f"\r\n--{boundary}--\r\n".encode()])
    request = urllib.request.Request(f"{URL}/v1/audio/transcriptions", body, method="POST")
    request.add_header("content-type", f"multipart/form-data; boundary={boundary}")
    request.add_header("authorization", f"Bearer {KEY}")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


if __name__ == "__main__":
    language, *names = sys.argv[1:]
    for name in names:
        try:
            print(f"{name}: {transcribe(Path(name), language=language)['text']}")
        except urllib.error.HTTPError as refused:
            error = json.load(refused)["error"]
            sys.exit(f"{name}: {error['code']}: {error['message']}")
