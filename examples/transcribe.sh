#!/bin/sh
# Subtitles of a recording, with curl: sh examples/transcribe.sh LANGUAGE FILE
set -eu
curl --silent --show-error --fail-with-body "${FLORA_ASR_URL:-http://127.0.0.1:8080}/v1/audio/transcriptions" \
  --header "authorization: Bearer ${FLORA_ASR_KEY:-none}" \
  --form "language=$1" --form response_format=srt --form "file=@$2"
