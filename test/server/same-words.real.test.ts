import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mixDown } from '../../asr/audio/channels.ts';
import { readAudio } from '../../asr/audio/read-audio.ts';
import { DEFAULT_BEAM_SIZES } from '../../asr/engine/beam-sizes.ts';
import { recogniseFile, transcriptText } from '../../asr/files/recognise-file.ts';
import { DEFAULT_ENDPOINTING } from '../../asr/streaming/endpointing.ts';
import { StreamClient } from '../../bench/benches/streams/stream-client.ts';
import { loadConfiguration } from '../../server/configuration/load-configuration.ts';
import { createLog } from '../../server/observability/create-log.ts';
import type { Recogniser } from '../../server/recogniser.ts';
import { type RunningService, startService } from '../../server/start-service.ts';

const SPEECH = fileURLToPath(new URL('../fixtures/speech/', import.meta.url));
const FILES = [
  { file: 'es-blue-fedora.ogg', language: 'es' },
  { file: 'es-grannysmith.ogg', language: 'es' },
  { file: 'fr-grave-i.ogg', language: 'fr' },
  { file: 'fr-white-train.ogg', language: 'fr' },
  { file: 'el-indycar.ogg', language: 'el' },
] as const;

describe('the same recording, whichever way it comes', () => {
  let service: RunningService;
  let recogniser: Recogniser;
  /** as `npm run transcribe` prints them */
  let transcripts: ReadonlyMap<string, { readonly whole: string; readonly atPauses: string }>;

  beforeAll(async () => {
    service = await startService({
      // streams search as files do
      configuration: loadConfiguration({ env: { PORT: '0', STREAM_BEAM_SIZE: `${DEFAULT_BEAM_SIZES.file}` } }),
      log: createLog({ level: 'silent', terminal: false }),
      env: process.env,
      onWeights: () => undefined,
      onEngine: () => undefined,
    });
    recogniser = await service.ready;
    const entries = FILES.map(async ({ file, language }) => {
      const read = async (endpointing: typeof DEFAULT_ENDPOINTING | 'off') =>
        transcriptText(
          await recogniseFile(
            { source: { path: SPEECH + file }, channels: 'mix', endpointing, language },
            { ...recogniser, env: process.env },
          ),
        );
      return [file, { whole: await read('off'), atPauses: await read(DEFAULT_ENDPOINTING) }] as const;
    });
    transcripts = new Map(await Promise.all(entries));
  });
  afterAll(async () => {
    await service.stop();
  });

  it('has the words of npm run transcribe over REST, with and without endpointing, all files at once', async () => {
    await Promise.all(
      FILES.map(async ({ file, language }) => {
        for (const [strategy, expected] of [
          ['auto', transcripts.get(file)?.atPauses],
          ['none', transcripts.get(file)?.whole],
        ] as const) {
          const form = new FormData();
          form.set('file', new Blob([new Uint8Array(await readFile(SPEECH + file))]), file);
          form.set('language', language);
          form.set('chunking_strategy', strategy);
          const response = await fetch(`${service.url}/v1/audio/transcriptions`, { method: 'POST', body: form });
          expect(await response.json()).toMatchObject({ text: expected });
        }
      }),
    );
  });

  it('has them from the official OpenAI client, which knows nothing of this service but its address', async () => {
    const openai = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: 'any' });
    for (const { file, language } of FILES) {
      const upload = new File([new Uint8Array(await readFile(path.join(SPEECH, file)))], file);
      const { text } = await openai.audio.transcriptions.create({ file: upload, model: 'whisper-1', language });
      expect(text).toBe(transcripts.get(file)?.atPauses);
    }
  });

  it('has them over a WebSocket, with and without endpointing, all streams at once', async () => {
    await Promise.all(
      FILES.flatMap(({ file, language }) => [
        expect(streamed(file, language)).resolves.toBe(transcripts.get(file)?.atPauses),
        expect(streamed(file, language, false)).resolves.toBe(transcripts.get(file)?.whole),
      ]),
    );
  });

  async function streamed(file: string, language: string, endpointing?: false): Promise<string> {
    const { channels, sampleRateHz } = await readAudio({ path: SPEECH + file }, { env: process.env });
    const samples = mixDown(channels);
    const client = await StreamClient.open({
      url: service.url,
      start: {
        type: 'start',
        language,
        encoding: 'pcm_f32le',
        sample_rate: sampleRateHz,
        ...(endpointing === false && { endpointing }),
      },
      clock: () => performance.now(),
    });
    const bytes = new Uint8Array(samples.slice().buffer);
    for (let at = 0; at < bytes.length; at += 5_120) client.send(bytes.subarray(at, at + 5_120));
    client.finish();
    await client.ended;
    expect(client.record).toMatchObject({ errors: [], closed: { reason: 'finish' } });
    const texts = client.record.finals.map(({ message }) => message.text);
    return texts.filter((text) => text !== '').join(' ');
  }
});
