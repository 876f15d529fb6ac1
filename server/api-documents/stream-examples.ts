import type { ClientMessageInput, ServerMessage } from '../protocol/stream-messages.ts';

export interface MessageExample<Message> {
  readonly name: string;
  readonly summary: string;
  readonly payload: Message;
}

type ExamplesOf<Message extends { readonly type: string }> = {
  readonly [Type in Message['type']]: readonly MessageExample<Extract<Message, { readonly type: Type }>>[];
};

const ADAPTER = {
  name: 'spanish-telephone',
  version: '1.2.0',
  digest: 'sha256:8f14e45fceea167a5a36dedd4bea2543c19f4b5b0a0b4c3e6f7a8d9e0b1c2d3e',
};

const SESSION = 'mW3kq0yZ8pPq1H4s7tFv2bXc9dNe6gRa';

export const clientExamples: ExamplesOf<ClientMessageInput> = {
  start: [
    {
      name: 'microphone',
      summary: 'A microphone, the language’s adapter, utterances that end at pauses',
      payload: { type: 'start', language: 'es', encoding: 'pcm_s16le', sample_rate: 16_000 },
    },
    {
      name: 'telephone',
      summary: 'Both sides of a telephone call, with an adapter and a pause of one’s own choice',
      payload: {
        type: 'start',
        language: 'es-419',
        encoding: 'mulaw',
        sample_rate: 8_000,
        channels: 2,
        adapter: 'spanish-telephone@1.2.0',
        endpointing: { silence_ms: 300 },
      },
    },
    {
      name: 'push-to-talk',
      summary: 'Push to talk: the base model, and utterances that end when they are flushed',
      payload: {
        type: 'start',
        language: 'el',
        encoding: 'pcm_f32le',
        sample_rate: 48_000,
        adapter: null,
        endpointing: false,
      },
    },
    {
      name: 'captions',
      summary: 'Captions: words while they are spoken, in one of two languages, over a network that may fail',
      payload: {
        type: 'start',
        language: 'auto',
        languages: ['el', 'es'],
        encoding: 'pcm_s16le',
        sample_rate: 16_000,
        words: true,
        partials: true,
        resumable: true,
      },
    },
  ],
  language: [
    {
      name: 'greek',
      summary: 'From here on somebody speaks Greek',
      payload: { type: 'language', language: 'el' },
    },
  ],
  resume: [
    {
      name: 'resume',
      summary: 'The connection was lost after the final with sequence 1',
      payload: { type: 'resume', session: SESSION, received: 2 },
    },
  ],
  flush: [{ name: 'flush', summary: 'The button was released', payload: { type: 'flush' } }],
  finish: [{ name: 'finish', summary: 'The microphone is off', payload: { type: 'finish' } }],
};

export const serverExamples: ExamplesOf<ServerMessage> = {
  ready: [
    {
      name: 'ready',
      summary: 'Answers the first start',
      payload: {
        type: 'ready',
        stream_id: 'b6f0c1de-6f0e-4a55-9d3f-0d6a3f1c2b7e',
        model: 'whisper-base',
        language: 'es',
        languages: null,
        encoding: 'pcm_s16le',
        sample_rate: 16_000,
        channels: 1,
        adapter: ADAPTER,
        task: 'transcribe',
        words: false,
        partials: false,
        endpointing: { silence_ms: 500, prefix_ms: 300, threshold: 0.5 },
        session: null,
        resume_window: null,
      },
    },
    {
      name: 'ready-for-more',
      summary: 'The language is found, words come while they are spoken, and the stream can be resumed',
      payload: {
        type: 'ready',
        stream_id: '0b9a4a2e-3c1f-4c1b-8a53-6e7d1b2c3d4e',
        model: 'whisper-base',
        language: 'auto',
        languages: ['el', 'es'],
        encoding: 'pcm_s16le',
        sample_rate: 16_000,
        channels: 1,
        adapter: null,
        task: 'transcribe',
        words: true,
        partials: { cadence_ms: 200 },
        endpointing: { silence_ms: 500, prefix_ms: 300, threshold: 0.5 },
        session: SESSION,
        resume_window: 60,
      },
    },
  ],
  speech_started: [
    { name: 'speech', summary: 'After 2.3 s of silence', payload: { type: 'speech_started', channel: 0, start: 2.3 } },
  ],
  partial: [
    {
      name: 'partial',
      summary: 'After 1.1 s of the utterance; “Un” will not change any more',
      payload: {
        type: 'partial',
        channel: 0,
        text: 'Un sombrero',
        stable_length: 2,
        start: 2.3,
        end: 3.4,
        language: 'es',
        words: [
          { text: 'Un', start: 2.42, end: 2.56, confidence: 0.97 },
          { text: 'sombrero', start: 2.56, end: 3.18, confidence: 0.91 },
        ],
      },
    },
  ],
  language: [
    {
      name: 'greek',
      summary: 'What was sent until then has ended; the rest is Greek',
      payload: { type: 'language', language: 'el', languages: null, adapter: null, start: 12.48 },
    },
  ],
  accepted: [
    {
      name: 'accepted',
      summary: 'Of a resumable stream: 5.4 s of audio',
      payload: { type: 'accepted', samples: 86_400, messages: 0 },
    },
  ],
  resumed: [
    {
      name: 'resumed',
      summary: 'Audio is to be sent on from 5.4 s; two outcomes are told again, if the client lacks them',
      payload: {
        type: 'resumed',
        session: SESSION,
        stream_id: '0b9a4a2e-3c1f-4c1b-8a53-6e7d1b2c3d4e',
        samples: 86_400,
        messages: 0,
        language: 'auto',
        languages: ['el', 'es'],
        adapter: null,
        resume_window: 60,
      },
    },
  ],
  final: [
    {
      name: 'words',
      summary: 'The first utterance',
      payload: {
        type: 'final',
        sequence: 0,
        channel: 0,
        text: 'Un sombrero azul.',
        start: 2.3,
        end: 3.9,
        language: 'es',
        confidence: 0.93,
        adapter: ADAPTER,
        ended_by: 'pause',
        timings: { wait_ms: 41, encode_ms: 58, decode_ms: 61, total_ms: 160 },
      },
    },
    {
      name: 'no-words',
      summary: 'Something sounded like speech, and was none',
      payload: {
        type: 'final',
        sequence: 1,
        channel: 0,
        text: '',
        start: 7.1,
        end: 8.2,
        language: 'es',
        confidence: null,
        adapter: ADAPTER,
        ended_by: 'finish',
        timings: { wait_ms: 12, encode_ms: 40, decode_ms: 20, total_ms: 72 },
      },
    },
  ],
  error: [
    {
      name: 'fatal',
      summary: 'The first message had a field that is wrong; the connection is closed',
      payload: {
        type: 'error',
        sequence: null,
        code: 'message_invalid',
        message: 'start.sample_rate must be at least 8000.',
        param: 'sample_rate',
        retryable: false,
        fatal: true,
        channel: null,
        start: null,
        end: null,
      },
    },
    {
      name: 'lost-utterance',
      summary: 'One utterance was lost; the stream goes on',
      payload: {
        type: 'error',
        sequence: 2,
        code: 'engine_failed',
        message: 'The worker was lost twice while it had this utterance.',
        param: null,
        retryable: true,
        fatal: false,
        channel: 0,
        start: 12.4,
        end: 15.1,
      },
    },
  ],
  closed: [
    { name: 'finished', summary: 'Answers finish', payload: { type: 'closed', reason: 'finish', audio: 9.5, finals: 2 } },
  ],
};
