import { SAMPLE_RATE_HZ } from '../../../asr/audio/pcm.ts';
import type { Draw } from '../draw.ts';
import type { Recording } from '../streams/recordings.ts';

/** A recording within a longer one. */
export interface JoinedPart {
  readonly recording: Recording;
  readonly startMs: number;
  readonly endMs: number;
  /** where somebody begins to speak in it */
  readonly onsetMs: number;
}

export interface JoinedRecording {
  /** 16 kHz */
  readonly samples: Float32Array;
  /** in order, apart from each other */
  readonly parts: readonly JoinedPart[];
}

export interface JoinOptions {
  readonly seconds: number;
  /** shortest and longest silence between two */
  readonly pausesMs: readonly [number, number];
  readonly draw: Draw;
}

/** Recordings one after the other, from the first again where there are too few, until it is so long. */
export function joinRecordings(
  recordings: readonly Recording[],
  { seconds, pausesMs: [least, most], draw }: JoinOptions,
): JoinedRecording {
  if (recordings.length === 0) throw new RangeError('There are no recordings to join.');
  const samples = new Float32Array(seconds * SAMPLE_RATE_HZ);
  const parts: JoinedPart[] = [];
  const pause = () => Math.round((draw.whole(least, most) * SAMPLE_RATE_HZ) / 1000);
  let at = pause();
  for (let turn = 0; ; turn += 1) {
    const recording = recordings[turn % recordings.length] as Recording;
    const end = at + recording.samples.length;
    if (end > samples.length) return { samples, parts };
    samples.set(
      Float32Array.from(recording.samples, (sample) => sample / 32_768),
      at,
    );
    const onset = at + (recording.speech[0]?.startSample ?? 0);
    parts.push({ recording, startMs: toMs(at), endMs: toMs(end), onsetMs: toMs(onset) });
    at = end + pause();
  }
}

function toMs(samples: number): number {
  return (1000 * samples) / SAMPLE_RATE_HZ;
}
