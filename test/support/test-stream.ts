import { setImmediate as otherWork } from 'node:timers/promises';
import { RowGate } from '../../asr/engine/row-gate.ts';
import type { SpeechEvent } from '../../asr/streaming/speech-event.ts';
import { type SpeechRecognition, SpeechStream, type SpeechStreamOptions } from '../../asr/streaming/speech-stream.ts';
import { levelDetector } from './level-detector.ts';
import { type TestEngineOptions, testEngine } from './test-engine.ts';

/** 10 windows of silence end an utterance, 5 are kept on either side. */
const SETTINGS = { silenceMs: 320, prefixMs: 160, threshold: 0.5 };

export interface TestStreamOptions extends Partial<SpeechStreamOptions> {
  readonly engine?: SpeechRecognition['engine'];
  readonly rows?: RowGate;
  readonly clock?: () => number;
}

/** A stream of Spanish at 16 kHz that takes loudness for speech, and what it has told. */
export function openStream({
  engine = testEngine(),
  rows = new RowGate(8),
  clock = () => 0,
  ...options
}: TestStreamOptions = {}) {
  const voice = levelDetector();
  const events: SpeechEvent[] = [];
  const stream = new SpeechStream({
    recognition: { engine, voice, rows, clock },
    language: 'es',
    sampleRateHz: 16_000,
    channels: 1,
    endpointing: SETTINGS,
    urgency: 'live',
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { stream, events, voice };
}

/** An engine whose rows wait until the test answers them, by the order of their admission. */
export function patientEngine(options: Omit<TestEngineOptions, 'hear'> = {}) {
  const answers: ((words: string | Error) => void)[] = [];
  const hear = async () =>
    new Promise<string>((resolve, reject) => {
      answers.push((words) => (typeof words === 'string' ? resolve(words) : reject(words)));
    });
  return { engine: testEngine({ ...options, hear }), answers };
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await otherWork();
}

/** Long enough for all that needs no answer from the test. */
export async function idle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await otherWork();
}

/** Events in short; what of a partial is stable stands before a bar. */
export function told(events: readonly SpeechEvent[]): string[] {
  return events.map((event) => {
    if (event.kind === 'speech-started') return `started ${event.startMs}`;
    const times = `${event.startMs}-${event.endMs}`;
    if (event.kind === 'failed') return `${event.error.code} ${times}`;
    if (event.kind === 'final') return `${event.endedBy} ${times}: ${event.result.text}`;
    const { text, stableLength } = event;
    return `partial ${times}: ${text.slice(0, stableLength)}|${text.slice(stableLength)}`;
  });
}
