import { seededRandom } from '../../bench/benches/draw.ts';
import { pinkNoise, whiteNoise } from '../../bench/training/noise.ts';

const RATE_HZ = 16_000;

/** Sounds in which nobody speaks, at 16 kHz. */
export const SOUNDS_WITHOUT_SPEECH = ['silence', 'white noise', 'pink noise', 'hum', 'music'] as const;
export type SoundWithoutSpeech = (typeof SOUNDS_WITHOUT_SPEECH)[number];

/** The same seed gives the same sound. */
export function soundWithoutSpeech(kind: SoundWithoutSpeech, seconds: number, seed: number): Float32Array {
  const [length, random] = [seconds * RATE_HZ, seededRandom(seed)];
  switch (kind) {
    case 'silence':
      return new Float32Array(length);
    case 'white noise':
      return whiteNoise(length, random).map((sample) => 0.1 * sample);
    case 'pink noise':
      return pinkNoise(length, random).map((sample) => 0.05 * sample);
    case 'hum':
      return mainsHum(length);
    case 'music':
      return music(length, random);
  }
}

/** 50 Hz and its harmonics, as a bad cable gives them. */
function mainsHum(length: number): Float32Array {
  const harmonics = [1, 0.5, 0.6, 0.2, 0.3, 0.1, 0.15];
  return Float32Array.from({ length }, (_, sample) =>
    harmonics.reduce(
      (sum, level, index) => sum + 0.1 * level * Math.sin(2 * Math.PI * 50 * (index + 1) * (sample / RATE_HZ)),
      0,
    ),
  );
}

const BEAT_SECONDS = 0.5;
/** Of the chords in turn, in semitones above A: C, a, F, G. */
const CHORDS = [
  [3, 7, 10],
  [0, 3, 7],
  [-4, 0, 3],
  [-2, 2, 5],
] as const;
/** of a plucked string, say */
const OVERTONES = [1, 0.6, 0.35, 0.25, 0.12, 0.08] as const;

/** Chords, a bass and a tune that wanders among their tones, with a drum on each beat. */
function music(length: number, random: () => number): Float32Array {
  const sound = new Float32Array(length);
  const beats = Math.ceil(length / (BEAT_SECONDS * RATE_HZ));
  for (let beat = 0; beat < beats; beat += 1) {
    const chord = CHORDS[Math.floor(beat / 4) % CHORDS.length] as (typeof CHORDS)[number];
    const tone = (index: number) => chord[index % chord.length] as number;
    const at = Math.round(beat * BEAT_SECONDS * RATE_HZ);
    if (beat % 4 === 0) for (const semitones of chord) pluck(sound, { at, semitones, seconds: 2, level: 0.05 });
    pluck(sound, { at, semitones: tone(0) - 24, seconds: 0.5, level: 0.1 });
    pluck(sound, { at, semitones: tone(Math.floor(3 * random())) + 12, seconds: 0.45, level: 0.08 });
    drum(sound, at, random);
  }
  return sound;
}

interface Note {
  readonly at: number;
  /** above A of 220 Hz */
  readonly semitones: number;
  readonly seconds: number;
  readonly level: number;
}

function pluck(sound: Float32Array, { at, semitones, seconds, level }: Note): void {
  const hz = 220 * 2 ** (semitones / 12);
  const samples = Math.min(Math.round(seconds * RATE_HZ), sound.length - at);
  for (let index = 0; index < samples; index += 1) {
    const time = index / RATE_HZ;
    const envelope = level * Math.exp((-4 * time) / seconds) * Math.min(1, time / 0.005);
    const wave = OVERTONES.reduce((sum, share, place) => sum + share * Math.sin(2 * Math.PI * hz * (place + 1) * time), 0);
    sound[at + index] = (sound[at + index] as number) + envelope * wave;
  }
}

function drum(sound: Float32Array, at: number, random: () => number): void {
  const samples = Math.min(Math.round(0.08 * RATE_HZ), sound.length - at);
  for (let index = 0; index < samples; index += 1) {
    const envelope = 0.08 * Math.exp((-50 * index) / RATE_HZ);
    sound[at + index] = (sound[at + index] as number) + envelope * (2 * random() - 1);
  }
}
