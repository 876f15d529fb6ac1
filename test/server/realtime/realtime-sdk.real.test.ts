import { readFileSync } from 'node:fs';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import type { RealtimeServerEvent, RealtimeTranscriptionSessionCreateRequest } from 'openai/resources/realtime/realtime';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import wavefile from 'wavefile';
import { createResampler } from '../../../asr/audio/resample.ts';
import { loadConfiguration } from '../../../server/configuration/load-configuration.ts';
import { createLog } from '../../../server/observability/create-log.ts';
import { type RunningService, startService } from '../../../server/start-service.ts';
import { type SpeechPiece, speechFixtures } from '../../support/real-engine.ts';

type EventOf<Type extends RealtimeServerEvent['type']> = Extract<RealtimeServerEvent, { type: Type }>;
type AudioInput = NonNullable<NonNullable<RealtimeTranscriptionSessionCreateRequest['audio']>['input']>;

const KEY = 'a-key-for-captions';
const CERT = 'test/fixtures/tls/localhost.cert.pem';
const CERT_KEY = 'test/fixtures/tls/localhost.key.pem';
const PCM_RATE_HZ = 24_000;
/** 100 ms of PCM */
const PIECE_BYTES = 4_800;

describe("OpenAI's official SDK", () => {
  let service: RunningService;
  let fixtures: readonly SpeechPiece[];
  beforeAll(async () => {
    service = await startService({
      configuration: loadConfiguration({
        env: { PORT: '0', HOST: '127.0.0.1', TLS_CERT: CERT, TLS_KEY: CERT_KEY, API_KEYS: `captions:${KEY}` },
      }),
      log: createLog({ level: 'silent', terminal: false }),
      env: process.env,
      onWeights: () => undefined,
      onEngine: () => undefined,
    });
    [fixtures] = await Promise.all([speechFixtures(), service.ready]);
  });
  afterAll(async () => {
    await service.stop();
  });

  function connect({ model = 'gpt-4o-transcribe', apiKey = KEY } = {}): Session {
    const client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey });
    // the certificate signs itself; a client in use has one that is known, or NODE_EXTRA_CA_CERTS
    const session = new Session(new OpenAIRealtimeWS({ model, options: { ca: readFileSync(CERT) } }, client));
    onTestFinished(() => session.sdk.close());
    return session;
  }

  function spoken(language: string, index: number): Float32Array {
    const samples = fixtures.filter((fixture) => fixture.language === language)[index]?.samples ?? new Float32Array(0);
    // half as loud, as some of the recordings go beyond full scale
    return samples.map((sample) => sample / 2);
  }

  it('has turns by voice: when somebody speaks, words while they do, and the transcript', async () => {
    const session = connect();
    const configured = await session.configure({
      transcription: { language: 'es' },
      turn_detection: { type: 'server_vad', silence_duration_ms: 600 },
    });
    expect(configured).toMatchObject({
      type: 'transcription',
      audio: {
        input: {
          format: { type: 'audio/pcm', rate: PCM_RATE_HZ },
          transcription: { model: 'gpt-4o-transcribe', language: 'es' },
          turn_detection: { type: 'server_vad', threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 600 },
        },
      },
    });
    for (const index of [1, 2]) {
      session.append(pcm(spoken('es', index)));
      session.append(pcm(new Float32Array(16_000)));
    }
    await session.completed(2);
    const committed = session.all('input_audio_buffer.committed');
    expect(session.all('input_audio_buffer.speech_started').map(({ item_id: id }) => id)).toEqual(
      committed.map(({ item_id: id }) => id),
    );
    expect(session.all('input_audio_buffer.speech_stopped')).toHaveLength(committed.length);
    expect(committed.map(({ previous_item_id: previous }) => previous)).toEqual([
      null,
      ...committed.slice(0, -1).map(({ item_id: id }) => id),
    ]);
    expect(session.transcript).toMatch(/sombrero/i);
    for (const { item_id: id, transcript, usage } of session.all('conversation.item.input_audio_transcription.completed')) {
      expect(session.deltasOf(id)).toBe(transcript);
      expect(usage).toEqual({ type: 'duration', seconds: expect.any(Number) });
    }
    expect(session.errors).toEqual([]);
  });

  it('tells words before the turn has ended', async () => {
    const session = connect();
    await session.configure({ transcription: { language: 'es', delay: 'minimal' }, turn_detection: null });
    session.append(pcm(spoken('es', 1)));
    // it is heard again and again as it grows, and no faster than it can be
    const growing = setInterval(() => session.append(pcm(new Float32Array(3_200))), 200);
    await session.until(() => session.all('conversation.item.input_audio_transcription.delta').length > 0);
    clearInterval(growing);
    expect(session.all('input_audio_buffer.committed')).toEqual([]);
    session.sdk.send({ type: 'input_audio_buffer.commit' });
    await session.completed(1);
    const [{ item_id: id } = { item_id: '' }] = session.all('input_audio_buffer.committed');
    expect(session.deltasOf(id)).toBe(session.transcript);
  });

  it('commits by itself, in µ-law, with log-probabilities', async () => {
    const session = connect({ model: 'gpt-realtime' });
    await session.configure(
      { format: { type: 'audio/pcmu' }, transcription: { model: 'whisper-1', language: 'es' }, turn_detection: null },
      { include: ['item.input_audio_transcription.logprobs'] },
    );
    session.sdk.send({ type: 'input_audio_buffer.commit', event_id: 'nothing yet' });
    await session.until(() => session.errors.length === 1);
    expect(session.errors[0]?.error).toMatchObject({ code: 'input_audio_buffer_commit_empty', event_id: 'nothing yet' });
    for (const index of [1, 0]) {
      session.append(muLaw(spoken('es', index)));
      session.sdk.send({ type: 'input_audio_buffer.commit' });
    }
    await session.completed(2);
    const [first, second] = session.all('conversation.item.input_audio_transcription.completed');
    expect(first?.transcript).toMatch(/azul/i);
    expect(second?.transcript).not.toBe('');
    const logProbs = first?.logprobs ?? [];
    expect(
      Buffer.from(logProbs.flatMap(({ bytes }) => bytes))
        .toString()
        .trim(),
    ).toBe(first?.transcript);
    for (const { logprob } of logProbs) expect(logprob).toBeLessThanOrEqual(0);
    expect(session.all('input_audio_buffer.speech_started')).toEqual([]);
  });

  it('hears two languages in two sessions at once, each by itself', async () => {
    const spanish = connect();
    const greek = connect();
    await Promise.all([
      spanish.configure({ transcription: { language: 'es' }, turn_detection: null }),
      greek.configure({ transcription: { language: 'el' }, turn_detection: null }),
    ]);
    const audio = [pcm(spoken('es', 1)), pcm(spoken('el', 1))] as const;
    spanish.append(audio[0]);
    greek.append(audio[1]);
    for (const session of [spanish, greek]) session.sdk.send({ type: 'input_audio_buffer.commit' });
    await Promise.all([spanish.completed(1), greek.completed(1)]);
    expect(spanish.transcript).toMatch(/sombrero/i);
    expect(greek.transcript).toMatch(/\p{Script=Greek}/u);
    expect(greek.transcript).not.toMatch(/\p{Script=Latin}/u);
  });

  it('finds the language, where none is said', async () => {
    const session = connect();
    await session.configure({ turn_detection: null });
    session.append(pcm(spoken('fr', 0)));
    session.append(pcm(spoken('fr', 1)));
    session.sdk.send({ type: 'input_audio_buffer.commit' });
    await session.completed(1);
    expect(session.all('conversation.item.input_audio_transcription.completed')[0]).toMatchObject({
      languages: [{ code: 'fr' }],
      adapters: [expect.objectContaining({ name: expect.any(String), digest: expect.any(String) })],
    });
  });

  it('hears what is wrong as its own errors, and goes on', async () => {
    const session = connect();
    await session.configure({ transcription: { language: 'es' }, turn_detection: null });
    session.sdk.send({ type: 'response.create', event_id: 'mine' });
    session.sdk.send({ type: 'session.update', event_id: 'talk', session: { type: 'realtime', instructions: 'Be kind.' } });
    await session.until(() => session.errors.length === 2);
    expect(session.errors.map(({ error }) => [error?.type, error?.code, error?.param, error?.event_id])).toEqual([
      ['invalid_request_error', 'message_invalid', 'type', 'mine'],
      ['invalid_request_error', 'parameter_unsupported', 'session.type', 'talk'],
    ]);
    session.append(pcm(spoken('es', 1)));
    session.sdk.send({ type: 'input_audio_buffer.commit' });
    await session.completed(1);
    const failures = [connect({ apiKey: 'wrong' }), connect({ model: 'gpt-6' })];
    await Promise.all(failures.map((refused) => refused.until(() => refused.failure !== null)));
    expect(failures.map(({ failure }) => failure)).toEqual([
      expect.stringContaining('Unexpected server response: 401'),
      expect.stringContaining('Unexpected server response: 404'),
    ]);
  });
});

/** A session of the SDK, and what it was told. */
class Session {
  readonly sdk: OpenAIRealtimeWS;
  readonly #events: RealtimeServerEvent[] = [];
  readonly #watchers = new Set<() => void>();
  readonly errors: { readonly error?: EventOf<'error'>['error'] | undefined }[] = [];
  /** that it could not connect */
  failure: string | null = null;

  constructor(sdk: OpenAIRealtimeWS) {
    this.sdk = sdk;
    sdk.on('event', (event) => {
      this.#events.push(event);
      this.#look();
    });
    sdk.on('error', (error) => {
      if (error.error === undefined) this.failure = error.message;
      else this.errors.push(error);
      this.#look();
    });
  }

  all<Type extends RealtimeServerEvent['type']>(type: Type): readonly EventOf<Type>[] {
    return this.#events.filter((event): event is EventOf<Type> => event.type === type);
  }

  get transcript(): string {
    return this.all('conversation.item.input_audio_transcription.completed')
      .map(({ transcript }) => transcript)
      .join(' ');
  }

  deltasOf(itemId: string): string {
    return this.all('conversation.item.input_audio_transcription.delta')
      .filter(({ item_id: id }) => id === itemId)
      .map(({ delta }) => delta)
      .join('');
  }

  async configure(
    input: AudioInput,
    others: Omit<RealtimeTranscriptionSessionCreateRequest, 'type' | 'audio'> = {},
  ): Promise<EventOf<'session.updated'>['session'] | undefined> {
    await this.until(() => this.all('session.created').length > 0);
    this.sdk.send({ type: 'session.update', session: { type: 'transcription', audio: { input }, ...others } });
    await this.until(() => this.all('session.updated').length > 0);
    return this.all('session.updated').at(-1)?.session;
  }

  append(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const audio = bytes.subarray(at, at + PIECE_BYTES).toString('base64');
      this.sdk.send({ type: 'input_audio_buffer.append', audio });
    }
  }

  async completed(count: number): Promise<void> {
    await this.until(() => this.all('conversation.item.input_audio_transcription.completed').length >= count);
  }

  /** Resolves when it is so; it is looked at with every event. */
  async until(isIt: () => boolean): Promise<void> {
    if (isIt()) return;
    await new Promise<void>((resolve) => {
      const watch = () => {
        if (!isIt()) return;
        this.#watchers.delete(watch);
        resolve();
      };
      this.#watchers.add(watch);
    });
  }

  #look(): void {
    for (const watch of [...this.#watchers]) watch();
  }
}

/** 16-bit, 24 kHz. */
function pcm(samples: Float32Array): Buffer {
  return Buffer.from(sixteenBits(resampled(samples, PCM_RATE_HZ)).buffer);
}

/** As a telephone network carries it: 8 kHz, µ-law. */
function muLaw(samples: Float32Array): Buffer {
  const file = new wavefile.WaveFile();
  file.fromScratch(1, 8_000, '16', sixteenBits(resampled(samples, 8_000)));
  file.toMuLaw();
  return Buffer.from(file.getSamples(false) as unknown as ArrayLike<number>);
}

function resampled(samples: Float32Array, rateHz: number): readonly number[] {
  const resampler = createResampler(16_000, rateHz);
  return [...resampler.push(samples), ...resampler.end()];
}

function sixteenBits(samples: ArrayLike<number>): Int16Array {
  return Int16Array.from(samples, (sample) => Math.round(32_000 * Math.max(-1, Math.min(1, sample))));
}
