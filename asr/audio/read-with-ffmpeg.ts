import path from 'node:path';
import { FloraAsrError } from '../../kernels/errors.ts';
import { createAuSink } from './au-sink.ts';
import { findFfmpeg } from './ffmpeg-binary.ts';
import { FFMPEG_FORMATS, FFMPEG_RESAMPLING } from './ffmpeg-formats.ts';
import { createFfmpegReport, type FfmpegReport } from './ffmpeg-report.ts';
import type { AudioLimits } from './limits.ts';
import { type PcmAudio, SAMPLE_RATE_HZ } from './pcm.ts';
import { requireFinite } from './require-finite.ts';
import { runFfmpeg } from './run-ffmpeg.ts';

export interface FfmpegSource {
  readonly file: string;
  readonly limits: AudioLimits;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

const INPUT_OPTIONS = [
  '-nostdin',
  '-hide_banner',
  '-nostats',
  '-v',
  'info',
  '-protocol_whitelist',
  'file',
  '-format_whitelist',
  FFMPEG_FORMATS,
];

const STREAM_OPTIONS = ['-map', '0:a:0', '-vn', '-sn', '-dn', '-map_metadata', '-1'];
const OUTPUT_OPTIONS = [...STREAM_OPTIONS, '-af', FFMPEG_RESAMPLING, '-c:a', 'pcm_f32be', '-f', 'au'];

/** A file is complete if it has all but this much of the duration that it states. */
const MISSING_SHARE = 0.01;
/** Encoders' delay and padding: at most some frames. */
const MISSING_MS = 250;

/**
 * Decodes the first audio stream of a file of any format in the list, at 16 kHz.
 * @throws FloraAsrError `audio_unreadable`, `audio_empty`, `audio_truncated`, `audio_too_long`,
 * `audio_not_finite`, `ffmpeg_missing`, `ffmpeg_timeout`, `cancelled`
 */
export async function readWithFfmpeg({ file, limits, env, signal }: FfmpegSource): Promise<PcmAudio> {
  // the prefix keeps ffmpeg from reading a protocol or an option out of the name
  const input = `file:${path.resolve(file)}`;
  const sink = createAuSink(limits.maxDurationMs);
  const { read, report } = createFfmpegReport(input);
  const endedWell = await runFfmpeg({
    ffmpegPath: await findFfmpeg(env),
    input,
    inputOptions: INPUT_OPTIONS,
    outputOptions: OUTPUT_OPTIONS,
    sink: sink.stream,
    onLine: read,
    timeoutMs: limits.timeoutMs,
    signal,
  });
  return checked(sink.takeAudio(), report(), endedWell);
}

function checked(audio: PcmAudio | null, report: FfmpegReport, endedWell: boolean): PcmAudio {
  const { opened, audioStreams, statedDurationMs, streams, complaint } = report;
  const because = complaint === '' ? '' : ` (${complaint})`;
  if (!opened) throw new FloraAsrError('audio_unreadable', `This is not audio in a format that is read here${because}.`);
  if (audioStreams === 0) throw new FloraAsrError('audio_empty', 'The file has no audio stream.');
  const decodedMs = ((audio?.channels[0]?.length ?? 0) / SAMPLE_RATE_HZ) * 1000;
  // the duration is the longest stream's: with several, audio may rightly be shorter
  if (streams === 1 && statedDurationMs !== undefined && decodedMs < statedDurationMs * (1 - MISSING_SHARE) - MISSING_MS) {
    const lengths = `states ${Math.round(statedDurationMs)} ms, but only ${Math.round(decodedMs)} ms can be decoded`;
    throw new FloraAsrError('audio_truncated', `The file ${lengths}${because}.`);
  }
  if (!endedWell && decodedMs > 0) {
    throw new FloraAsrError('audio_truncated', `Only ${Math.round(decodedMs)} ms of the audio can be decoded${because}.`);
  }
  if (!endedWell) throw new FloraAsrError('audio_unreadable', `The audio cannot be decoded${because}.`);
  if (audio === null || decodedMs === 0) throw new FloraAsrError('audio_empty', 'The audio has no samples.');
  for (const channel of audio.channels) requireFinite(channel);
  return audio;
}
