import { z } from 'zod';
import type { TensorFile } from './tensor-file.ts';
import { FLOAT_BYTES, type FloatFormat } from './widen-floats.ts';

/** Where a tensor lies in the file. */
export interface StoredTensor {
  readonly dtype: string;
  /** null if its values cannot be read as fp32 */
  readonly format: FloatFormat | null;
  readonly shape: readonly number[];
  readonly position: number;
  readonly bytes: number;
}

/** The reference implementation's limit; a longer header is an attack or not a safetensors file. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

const index = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(index),
  data_offsets: z.tuple([index, index]),
});
const metadataSchema = z.record(z.string(), z.string());

const FORMATS: Readonly<Record<string, FloatFormat>> = { F32: 'f32', F16: 'f16', BF16: 'bf16' };

/**
 * Reads and verifies the header: every tensor's bytes agree with its dtype and shape, and the tensors
 * fill the rest of the file without gap or overlap, as the reference implementation demands.
 * @returns tensors by name, in the header's order
 * @throws FloraAsrError `weights_corrupt`
 */
export function readSafetensorsHeader(file: TensorFile): ReadonlyMap<string, StoredTensor> {
  const lengthField = file.read(0, 8, 'the header length');
  const headerBytes = Number(new DataView(lengthField.buffer).getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES) {
    throw file.corrupt(`the header claims ${headerBytes} bytes, more than the limit of ${MAX_HEADER_BYTES}`);
  }
  const start = 8 + headerBytes;
  const entries = parseEntries(file, file.read(8, headerBytes, 'the header'));
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of entries) {
    if (name === METADATA) {
      if (!metadataSchema.safeParse(entry).success) throw file.corrupt(`${METADATA} is not a map of strings`);
    } else {
      tensors.set(name, storedTensor(file, start, [name, entry]));
    }
  }
  checkCoverage(file, start, tensors);
  return tensors;
}

function parseEntries(file: TensorFile, header: Uint8Array): readonly (readonly [string, unknown])[] {
  let parsed: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
    parsed = JSON.parse(text);
  } catch (cause) {
    throw file.corrupt(`the header is not JSON (${(cause as Error).message})`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw file.corrupt('the header is not a JSON object');
  const repeated = firstRepeatedKey(text);
  if (repeated !== undefined) throw file.corrupt(`the header names tensor ${repeated} twice`);
  return Object.entries(parsed);
}

/** JSON.parse keeps the last of two equal keys silently. @param json valid, an object */
function firstRepeatedKey(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1) {
      // every string at this depth is a key: an entry that is a string itself is refused later
      const key = JSON.parse(token) as string;
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}

function storedTensor(file: TensorFile, start: number, [name, entry]: readonly [string, unknown]): StoredTensor {
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw file.corrupt(
      `the header's entry for tensor ${name} is wrong at ${issue?.path.join('.') || 'its top'}: ${issue?.message}`,
    );
  }
  const { dtype, shape, data_offsets: offsets } = parsed.data;
  const [begin, end] = offsets;
  const bytes = end - begin;
  const format = FORMATS[dtype] ?? null;
  const expected = format === null ? bytes : shape.reduce((product, dim) => product * dim, FLOAT_BYTES[format]);
  if (bytes !== expected || bytes < 0) {
    throw file.corrupt(
      `tensor ${name} (${dtype} [${shape.join(', ')}]) takes ${expected} bytes, its offsets [${begin}, ${end}] hold ${bytes}`,
    );
  }
  return { dtype, format, shape, position: start + begin, bytes };
}

function checkCoverage(file: TensorFile, start: number, tensors: ReadonlyMap<string, StoredTensor>): void {
  let end = start;
  // a tensor without values may share its position with the next
  const inFile = [...tensors].sort(([, a], [, b]) => a.position - b.position || a.bytes - b.bytes);
  for (const [name, { position, bytes }] of inFile) {
    if (position !== end) {
      const fault = position < end ? 'overlaps the one before it' : 'leaves a gap before it';
      throw file.corrupt(`tensor ${name} at byte ${position} ${fault}, which ends at byte ${end}`);
    }
    end = position + bytes;
  }
  if (end === file.sizeBytes) return;
  const fault = end > file.sizeBytes ? 'it is cut off' : 'bytes follow its last tensor';
  throw file.corrupt(`the header describes ${end} bytes, the file has ${file.sizeBytes}; ${fault}`);
}
