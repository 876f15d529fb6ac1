import { type Signal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { SAMPLE_RATE_HZ } from '../audio/audio-feed.ts';
import type { SpeechSpan, Word } from '../captions/transcript.ts';
import { type Lane, SAMPLES_PER_BAR } from '../lanes/lane.ts';
import { isDark } from './theme.ts';

const BAR_PIXELS = 3;
const BARS_PER_SECOND = SAMPLE_RATE_HZ / SAMPLES_PER_BAR;

interface WaveformProps {
  readonly lane: Lane;
  /** the word that is pointed at */
  readonly word: Signal<Word | null>;
}

/** The sound as it comes. Speech, as the service hears it, is coloured; where an utterance has ended, there is a mark. */
export function Waveform({ lane, word }: WaveformProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef(0);
  const redraw = () => {
    if (frame.current !== 0) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      if (canvas.current !== null) draw(canvas.current, lane, word.value);
    });
  };
  useSignalEffect(() => {
    // what is drawn depends on these
    void [lane.version.value, lane.outline.value, lane.language.value, word.value, isDark.value];
    for (const { transcript } of lane.sides.value) void transcript.value;
    redraw();
  });
  useEffect(() => {
    const resizing = new ResizeObserver(redraw);
    if (canvas.current !== null) resizing.observe(canvas.current);
    return () => {
      resizing.disconnect();
      cancelAnimationFrame(frame.current);
    };
  }, []);
  return (
    <div class="waveform" aria-hidden="true">
      <canvas ref={canvas} />
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, lane: Lane, word: Word | null): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const { clientWidth: width, clientHeight: height } = canvas;
  resize(canvas, context);
  const style = getComputedStyle(canvas);
  const quiet = style.getPropertyValue('--wave-quiet');
  const spoken = style.getPropertyValue('--wave-speech');
  const outline = lane.outline.value;
  const speech = lane.sides.value[0]?.transcript.value.speech ?? [];
  const bars = Math.floor(width / BAR_PIXELS);
  const firstBar = Math.max(0, outline.pieces - bars);
  context.clearRect(0, 0, width, height);
  if (word !== null) {
    context.fillStyle = style.getPropertyValue('--wave-word');
    const from = placeOf(word.start, firstBar);
    context.fillRect(from, 0, Math.max(BAR_PIXELS, placeOf(word.end, firstBar) - from), height);
  }
  for (let bar = 0; bar < bars; bar += 1) {
    const index = firstBar + bar;
    const loudness = index < outline.pieces ? heightOf(outline.loudnessOf(index)) : 0;
    const tall = Math.max(1.5, loudness * (height - 4));
    context.fillStyle = index < outline.pieces && isSpeech(index / BARS_PER_SECOND, speech) ? spoken : quiet;
    context.fillRect(bar * BAR_PIXELS, (height - tall) / 2, BAR_PIXELS - 1, tall);
  }
  context.fillStyle = spoken;
  for (const { end } of speech) if (end !== null) context.fillRect(placeOf(end, firstBar) - 1, 0, 1.5, height);
}

function resize(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D): void {
  const { clientWidth, clientHeight } = canvas;
  const ratio = devicePixelRatio;
  const width = Math.round(clientWidth * ratio);
  const height = Math.round(clientHeight * ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
}

/** Speech of a usual level is half as high as there is room. */
function heightOf(loudness: number): number {
  return Math.min(1, 2.2 * loudness ** 0.8);
}

function placeOf(seconds: number, firstBar: number): number {
  return (seconds * BARS_PER_SECOND - firstBar) * BAR_PIXELS;
}

function isSpeech(seconds: number, speech: readonly SpeechSpan[]): boolean {
  // of a long stream only the last stretches are in sight
  return speech.slice(-64).some(({ start, end }) => seconds >= start && (end === null || seconds < end));
}
