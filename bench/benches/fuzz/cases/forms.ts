import type { Draw } from '../../draw.ts';
import { type CaseMaker, type FuzzCase, type FuzzMaterial, type Owed, type Recording, send } from '../fuzz-case.ts';
import { type RawPart, rawForm, rawRequest } from '../raw-request.ts';

/** Forms that are broken in themselves, or whose fields are: what they upload hardly matters. */
export const formCase: CaseMaker = (draw, material) => draw.pick(MAKERS)(draw, material);

const MAKERS: readonly CaseMaker[] = [
  brokenBoundary,
  truncated,
  flipped,
  wrongField,
  wrongField,
  repeated,
  manyFields,
  strangeParts,
  withoutFile,
  tooLarge,
  leaves,
];

const BOUNDARY = 'flora-asr-fuzz';
/** Not worth decoding: most of these forms are refused before. */
const TINY: RawPart = { name: 'file', fileName: 'a.wav', contentType: 'audio/wav', body: 'RIFF' };

export interface FormRequest {
  readonly what: string;
  readonly body: Uint8Array;
  readonly boundary?: string;
  readonly owed?: Owed;
  /** what the request says, if not the truth */
  readonly length?: number;
}

/** The upload of a form, on a connection of its own. */
export function formUpload({ host }: FuzzMaterial, request: FormRequest): FuzzCase {
  const { what, body, boundary = `; boundary=${BOUNDARY}`, owed = 'answer', length = body.length } = request;
  const headers = [
    ['Host', host],
    ['Connection', 'close'],
    ['Content-Type', `multipart/form-data${boundary}`],
    ['Content-Length', `${length}`],
  ] as const;
  return { what, steps: [send(rawRequest({ method: 'POST', path: '/v1/audio/transcriptions', headers, body }))], owed };
}

/** A form that is right, around this file. */
export function formOf({ bytes, format, contentType, language }: Recording, more: readonly RawPart[] = []): Buffer {
  const file = { name: 'file', fileName: `a.${format}`, contentType, body: bytes };
  return rawForm([{ name: 'language', body: language }, ...more, file], BOUNDARY);
}

function brokenBoundary(draw: Draw, material: FuzzMaterial): FuzzCase {
  const boundary = draw.pick([
    '',
    '; boundary=',
    '; boundary=another',
    '; boundary="',
    `; boundary=${'b'.repeat(500)}`,
    '; boundary=a; boundary=b',
  ]);
  return formUpload(material, { what: 'a wrong boundary', boundary, body: rawForm([TINY], BOUNDARY) });
}

/** Said to be whole, but cut: the form never ends. */
function truncated(draw: Draw, material: FuzzMaterial): FuzzCase {
  const whole = rawForm([{ name: 'language', body: 'es' }, TINY], BOUNDARY);
  return formUpload(material, { what: 'a form without its end', body: whole.subarray(0, draw.whole(0, whole.length - 3)) });
}

function flipped(draw: Draw, material: FuzzMaterial): FuzzCase {
  const body = rawForm([{ name: 'language', body: 'es' }, { name: 'model', body: 'whisper-1' }, TINY], BOUNDARY);
  for (let count = draw.whole(1, 12); count > 0; count -= 1) body[draw.whole(0, body.length - 1)] = draw.whole(0, 255);
  return formUpload(material, { what: 'a form with wrong bytes', body });
}

const FIELDS = [
  'language',
  'model',
  'adapter',
  'response_format',
  'temperature',
  'prompt',
  'timestamp_granularities[]',
  'include[]',
  'stream',
  'chunking_strategy',
  'chunking_strategy[type]',
  'chunking_strategy[threshold]',
  'chunking_strategy[__proto__]',
  'languages[]',
  'keywords[]',
  'channels',
  '__proto__',
  'constructor[prototype][x]',
  'file',
  'no_such_field',
  '',
];
const VALUES = [
  '',
  ' ',
  '\0',
  'es',
  'xx',
  'NaN',
  '-1',
  '1e999',
  'true',
  'null',
  '{}',
  '{"type":"server_vad","threshold":"high"}',
  '{"type":"server_vad","silence_duration_ms":-5}',
  '[',
  'srt',
  'vtt',
  'diarized_json',
  'verbose_json',
  'word',
  'whisper-1',
  'nova-2',
  '../../etc/passwd',
  '$(reboot)',
  '%s%n',
  '\u202eevil',
  '\ud83d\ude00',
];

function wrongField(draw: Draw, material: FuzzMaterial): FuzzCase {
  const name = draw.pick(FIELDS);
  const body = draw.chance(0.1) ? 'x'.repeat(draw.whole(1_000, 70_000)) : draw.pick(VALUES);
  const parts = [{ name: 'language', body: 'es' }, { name, body }, TINY];
  return formUpload(material, {
    what: `a wrong value of ${name}`,
    body: rawForm(draw.chance(0.5) ? parts : parts.reverse(), BOUNDARY),
  });
}

function repeated(draw: Draw, material: FuzzMaterial): FuzzCase {
  const name = draw.pick(FIELDS);
  const fields = Array.from({ length: draw.whole(2, 30) }, () => ({ name, body: draw.pick(VALUES) }));
  const files = draw.chance(0.5) ? [TINY] : [TINY, TINY];
  return formUpload(material, { what: `repeated ${name}`, body: rawForm([...fields, ...files], BOUNDARY) });
}

function manyFields(draw: Draw, material: FuzzMaterial): FuzzCase {
  const fields = Array.from({ length: draw.whole(200, 4_000) }, (_, index) => ({ name: `f${index}`, body: '1' }));
  return formUpload(material, { what: 'very many fields', body: rawForm([...fields, TINY], BOUNDARY), owed: 'end' });
}

function strangeParts(draw: Draw, material: FuzzMaterial): FuzzCase {
  const headers = draw.pick([
    '',
    'Content-Disposition: attachment; name="file"',
    'Content-Disposition: form-data',
    'Content-Disposition: form-data; name="file"; filename="../../../etc/cron.d/x"',
    'Content-Disposition: form-data; name="file"; filename="\0.wav"',
    'Content-Disposition: form-data; name="file"; filename*=UTF-8\'\'%ff%00',
    'Content-Disposition: form-data; name="file"; filename=""',
    'Content-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Transfer-Encoding: base64',
    `Content-Disposition: form-data; name="${'n'.repeat(draw.whole(100, 20_000))}"`,
    `Content-Disposition: form-data; name="file"; filename="a"\r\n${'X-Filler: v\r\n'.repeat(draw.whole(100, 3_000))}X: v`,
    'Content-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: multipart/mixed; boundary=inner',
  ]);
  const body = rawForm(
    [
      { name: 'language', body: 'es' },
      { headers, body: draw.bytes(50) },
    ],
    BOUNDARY,
  );
  return formUpload(material, { what: 'a strange part', body });
}

function withoutFile(draw: Draw, material: FuzzMaterial): FuzzCase {
  const fields = Array.from({ length: draw.whole(0, 3) }, () => ({ name: draw.pick(FIELDS), body: draw.pick(VALUES) }));
  return formUpload(material, { what: 'a form without a file', body: rawForm(fields, BOUNDARY) });
}

/** More than the service takes. It may hang up before all is sent, and the reset may overtake the answer. */
function tooLarge(draw: Draw, material: FuzzMaterial): FuzzCase {
  const file = { name: 'file', fileName: 'a.wav', body: Buffer.alloc(FUZZ_UPLOAD_LIMIT_BYTES + draw.whole(1, 200_000)) };
  return formUpload(material, { what: 'an upload that is too large', body: rawForm([file], BOUNDARY), owed: 'end' });
}

/** What the fuzzed service is told to take of an upload. */
export const FUZZ_UPLOAD_LIMIT_BYTES = 1_000_000;

function leaves(draw: Draw, material: FuzzMaterial): FuzzCase {
  const recording = draw.pick(material.recordings);
  const body = formOf(recording);
  const sent = body.subarray(0, draw.whole(0, body.length));
  const { steps } = formUpload(material, { what: '', body: sent, length: body.length });
  const after = [{ kind: 'pause', ms: draw.whole(0, 200) }, { kind: draw.pick(['vanish', 'half-close'] as const) }] as const;
  return { what: 'a client that leaves during an upload', steps: [...steps, ...after], owed: 'nothing' };
}
