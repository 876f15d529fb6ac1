import type {
  DiarizedTranscriptionBody,
  TranscriptionBody,
  TranscriptionEvent,
  VerboseTranscriptionBody,
} from '../protocol/audio-answers.ts';
import { ADAPTER_EXAMPLE } from './rest-examples.ts';

const TEXT = 'Un sombrero azul.';
const DURATION = 1.8;

export const transcriptionExample: TranscriptionBody = {
  text: TEXT,
  usage: { type: 'duration', seconds: DURATION },
  adapter: ADAPTER_EXAMPLE,
};

const SEGMENT = {
  id: 0,
  seek: 20,
  start: 0.2,
  end: 1.62,
  text: TEXT,
  tokens: [1156, 46_725, 2382, 46_300, 13],
  temperature: 0,
  avg_logprob: -0.21,
  compression_ratio: 0.68,
  no_speech_prob: 0.01,
  language: 'es',
  channel: 0,
  adapter: ADAPTER_EXAMPLE,
};

export const verboseTranscriptionExample: VerboseTranscriptionBody = {
  task: 'transcribe',
  language: 'spanish',
  duration: DURATION,
  ...transcriptionExample,
  segments: [SEGMENT],
  words: [
    { word: 'Un', start: 0.38, end: 0.52 },
    { word: 'sombrero', start: 0.52, end: 0.98 },
    { word: 'azul.', start: 0.98, end: 1.36 },
  ],
};

export const diarizedTranscriptionExample: DiarizedTranscriptionBody = {
  task: 'transcribe',
  duration: 3.1,
  text: 'A: ¿Qué llevas?\nB: Un sombrero azul.',
  segments: [
    { type: 'transcript.text.segment', id: 'seg_0', start: 0.1, end: 0.9, text: '¿Qué llevas?', speaker: 'A' },
    { type: 'transcript.text.segment', id: 'seg_1', start: 1.3, end: 2.7, text: TEXT, speaker: 'B' },
  ],
  usage: { type: 'duration', seconds: 3.1 },
  adapter: ADAPTER_EXAMPLE,
};

export const translationExample: TranscriptionBody = {
  text: 'A blue hat.',
  usage: { type: 'duration', seconds: DURATION },
  adapter: null,
};

export const verboseTranslationExample: VerboseTranscriptionBody = {
  task: 'translate',
  language: 'english',
  duration: DURATION,
  ...translationExample,
  segments: [{ ...SEGMENT, text: 'A blue hat.', tokens: [32, 3344, 2385, 13], adapter: null }],
};

export const eventExamples: readonly TranscriptionEvent[] = [
  { type: 'transcript.text.delta', delta: 'Un sombrero azul.' },
  { type: 'transcript.text.delta', delta: ' Muy bonito.' },
  { type: 'transcript.text.done', text: 'Un sombrero azul. Muy bonito.', usage: { type: 'duration', seconds: 3.9 } },
];

export const srtExample = `1\n00:00:00,380 --> 00:00:01,380\n${TEXT}\n\n`;
export const vttExample = `WEBVTT\n\n00:00:00.380 --> 00:00:01.380\n${TEXT}\n\n`;
