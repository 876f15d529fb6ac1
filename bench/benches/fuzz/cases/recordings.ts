import type { Draw } from '../../draw.ts';
import type { CaseMaker, FuzzMaterial, Recording } from '../fuzz-case.ts';
import { formOf, formUpload } from './forms.ts';

/** Right forms around files that are no recordings, or broken ones. */
export const recordingCase: CaseMaker = (draw, material) => {
  const { what, recording } = draw.pick(MAKERS)(draw, material);
  return formUpload(material, { what: `${recording.format}: ${what}`, body: formOf(recording) });
};

interface Broken {
  readonly what: string;
  readonly recording: Recording;
}
type Breaker = (draw: Draw, material: FuzzMaterial) => Broken;

const MAKERS: readonly Breaker[] = [
  noise,
  truncated,
  flippedBytes,
  flippedHead,
  spliced,
  misnamed,
  tooLong,
  emptied,
  strangeWave,
];

const CLAIMS = [
  ['wav', 'audio/wav'],
  ['ogg', 'audio/ogg'],
  ['flac', 'audio/flac'],
  ['mp3', 'audio/mpeg'],
  ['mp4', 'audio/mp4'],
  ['m4a', 'audio/m4a'],
  ['webm', 'audio/webm'],
  ['mpga', 'application/octet-stream'],
] as const;

/** What begins like a recording is read further than what does not. */
const MAGIC = [
  'RIFF\0\0\0\0WAVEfmt ',
  'OggS\0\x02',
  'fLaC\0\0\0\x22',
  'ID3\x04\0\0',
  '\0\0\0\x18ftypM4A ',
  '\x1a\x45\xdf\xa3',
  '#EXTM3U\n',
  '',
];

function noise(draw: Draw, _material: FuzzMaterial): Broken {
  const [format, contentType] = draw.pick(CLAIMS);
  const bytes = Buffer.concat([Buffer.from(draw.pick(MAGIC), 'latin1'), draw.bytes(draw.whole(0, 4_000))]);
  return { what: 'noise', recording: { format, contentType, language: 'es', bytes } };
}

function truncated(draw: Draw, { recordings }: FuzzMaterial): Broken {
  const recording = draw.pick(recordings);
  const { bytes } = recording;
  return { what: 'cut off', recording: { ...recording, bytes: bytes.subarray(0, draw.whole(0, bytes.length - 1)) } };
}

function flippedBytes(draw: Draw, { recordings }: FuzzMaterial): Broken {
  const recording = draw.pick(recordings);
  return { what: 'wrong bytes', recording: { ...recording, bytes: flip(draw, recording.bytes, recording.bytes.length) } };
}

function flippedHead(draw: Draw, { recordings }: FuzzMaterial): Broken {
  const recording = draw.pick(recordings);
  return { what: 'wrong bytes in its head', recording: { ...recording, bytes: flip(draw, recording.bytes, 64) } };
}

function flip(draw: Draw, bytes: Buffer, within: number): Buffer {
  const flipped = Buffer.from(bytes);
  for (let count = draw.whole(1, 40); count > 0; count -= 1) {
    const at = draw.whole(0, Math.min(within, flipped.length) - 1);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << draw.whole(0, 7));
  }
  return flipped;
}

function spliced(draw: Draw, { recordings }: FuzzMaterial): Broken {
  const [first, second] = [draw.pick(recordings), draw.pick(recordings)];
  const head = first.bytes.subarray(0, draw.whole(1, first.bytes.length));
  const tail = second.bytes.subarray(draw.whole(0, second.bytes.length - 1));
  return { what: `spliced with ${second.format}`, recording: { ...first, bytes: Buffer.concat([head, tail]) } };
}

function misnamed(draw: Draw, { recordings }: FuzzMaterial): Broken {
  const [format, contentType] = draw.pick(CLAIMS);
  const { bytes, language } = draw.pick(recordings);
  // silence of the right form would do as well, but is never refused: cut it, so that it hardly decodes
  return {
    what: 'under another name',
    recording: { format, contentType, language, bytes: bytes.subarray(0, bytes.length >> 2) },
  };
}

/** What the fuzzed service is told to take of a file. */
export const FUZZ_FILE_LIMIT_SECONDS = 60;

/** Small as a file (mu-law at 8 kHz), but longer than the service takes. */
function tooLong(draw: Draw, _material: FuzzMaterial): Broken {
  const samples = Buffer.alloc(8_000 * (FUZZ_FILE_LIMIT_SECONDS + 10), 0xff);
  const bytes = Buffer.concat([wavHead({ format: 7, channels: 1, rateHz: 8_000, bits: 8, bytes: samples.length }), samples]);
  const recording = { format: 'wav', contentType: 'audio/wav', language: draw.pick(['es', 'el']), bytes };
  return { what: 'longer than the limit', recording };
}

function emptied(_draw: Draw, _material: FuzzMaterial): Broken {
  const bytes = wavHead({ format: 1, channels: 1, rateHz: 16_000, bits: 16, bytes: 0 });
  return { what: 'no samples', recording: { format: 'wav', contentType: 'audio/wav', language: 'es', bytes } };
}

function strangeWave(draw: Draw, _material: FuzzMaterial): Broken {
  const head = wavHead({
    format: draw.pick([0, 1, 3, 6, 7, 17, 0xfffe, 0xffff]),
    channels: draw.pick([0, 1, 2, 9, 255, 65_535]),
    rateHz: draw.pick([0, 1, 7_999, 8_000, 16_000, 48_000, 192_000, 0xffffffff]),
    bits: draw.pick([0, 1, 8, 12, 16, 24, 32, 64, 65_535]),
    bytes: draw.pick([0, 3_000, 0xffffffff]),
  });
  const samples = draw.chance(0.3) ? Buffer.alloc(3_000, Buffer.from([0, 0, 0xc0, 0x7f])) : draw.bytes(3_000);
  return {
    what: 'a strange head',
    recording: { format: 'wav', contentType: 'audio/wav', language: 'es', bytes: Buffer.concat([head, samples]) },
  };
}

export interface WavFormat {
  readonly format: number;
  readonly channels: number;
  readonly rateHz: number;
  readonly bits: number;
  /** of samples, as the head says */
  readonly bytes: number;
}

/** The 44 bytes before the samples, whatever they say. */
export function wavHead({ format, channels, rateHz, bits, bytes }: WavFormat): Buffer {
  const head = Buffer.alloc(44);
  const frameBytes = Math.floor((channels * bits) / 8);
  head.write('RIFF', 0);
  head.writeUInt32LE(Math.min(36 + bytes, 0xffffffff), 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(format, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rateHz, 24);
  head.writeUInt32LE((rateHz * frameBytes) % 2 ** 32, 28);
  head.writeUInt16LE(frameBytes % 2 ** 16, 32);
  head.writeUInt16LE(bits, 34);
  head.write('data', 36);
  head.writeUInt32LE(bytes, 40);
  return head;
}
