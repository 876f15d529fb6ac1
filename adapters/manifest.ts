import { z } from 'zod';
import { FloraAsrError } from '../kernels/errors.ts';

/** The name all versions of an adapter share, e.g. `greek-stamps`. */
export type AdapterName = string & { readonly __brand: 'AdapterName' };
/** One version of an adapter: `name@version`, e.g. `greek-stamps@1.2.0`. */
export type AdapterId = string & { readonly __brand: 'AdapterId' };

/** Which weights an adapter was trained for. */
export interface BaseModel {
  /** e.g. `whisper-base` */
  readonly name: string;
  /** `sha256:<hex>` of the weight file */
  readonly digest: string;
}

export type AdapterKind = 'flora' | 'lora';

/** Wide enough for every adapter in use, low enough that a typing error cannot exhaust the memory. */
const MAX_RANK = 256;
const MAX_CONTEXT = 1_500; // encoder positions of 20 ms: 30 s
const MAX_UTTERANCE_MS = 30_000;

const SPDX_EXPRESSION = /^\(*[\w.+-]+\)*( (AND|OR|WITH) \(*[\w.+-]+\)*)*$/;

const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected "sha256:" and 64 lower-case hexadecimal digits');

const nameSchema = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case letters and digits, in words joined by "-"')
  .transform((name) => name as AdapterName);

/** Semantic Versioning 2.0.0, without build metadata, which takes no part in the order of versions. */
const versionSchema = z
  .string()
  .max(64)
  .regex(
    /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*)?$/,
    'expected a semantic version without build metadata, e.g. "1.0.0"',
  );

const targetNameSchema = z.string().regex(/^[A-Za-z][\w.]*$/, "expected a layer's name");
const rankSchema = z.strictObject({ rank: z.int().min(1).max(MAX_RANK) }).readonly();

/**
 * The utterance lengths at which an adapter was trained with a short encoder context. Within them a
 * row is encoded at ceil(50 · seconds) + tailPositions positions, outside them at the full context.
 */
const contextPolicySchema = z
  .strictObject({
    tailPositions: z.int().min(0).max(MAX_CONTEXT),
    trainedMinMs: z.number().min(0).max(MAX_UTTERANCE_MS),
    trainedMaxMs: z.number().min(0).max(MAX_UTTERANCE_MS),
  })
  .refine((policy) => policy.trainedMinMs <= policy.trainedMaxMs, 'trainedMinMs must not exceed trainedMaxMs')
  .readonly();
export type ContextPolicy = z.output<typeof contextPolicySchema>;

/** Where an adapter comes from; what is not known is null. */
const trainingSchema = z
  .strictObject({
    data: z.strictObject({ description: z.string(), digest: digestSchema.nullable() }).readonly().nullable(),
    /** settings of the run, as its command takes them */
    recipe: z.record(z.string(), z.json()).nullable(),
    seed: z.int().nullable(),
    /** name to version */
    tools: z.record(z.string(), z.string()),
  })
  .partial()
  .readonly();

const common = {
  formatVersion: z.literal(1, 'this program reads formatVersion 1'),
  name: nameSchema,
  version: versionSchema,
  baseModel: z.strictObject({ name: z.string().min(1), digest: digestSchema }).readonly(),
  /** BCP-47 tag; null where the adapter serves any language */
  language: z.string().refine(isLanguageTag, 'expected a BCP-47 language tag, e.g. "el" or "es-419"').nullable(),
  targets: z
    .record(targetNameSchema, rankSchema)
    .refine((targets) => Object.keys(targets).length > 0, 'expected at least one target')
    .readonly(),
  /** null: always the full context */
  contextPolicy: contextPolicySchema.nullable(),
  training: trainingSchema.nullable(),
  /** SPDX licence expression */
  licence: z.string().regex(SPDX_EXPRESSION, 'expected an SPDX expression, e.g. "Apache-2.0"'),
} as const;

const manifestSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ ...common, kind: z.literal('flora') }).readonly(),
    z
      .strictObject({
        ...common,
        kind: z.literal('lora'),
        /** The product is scaled by alpha / rank; without alpha, by 1. */
        lora: z.strictObject({ alpha: z.number().optional() }).readonly(),
      })
      .readonly(),
  ],
  { error: 'expected "flora" or "lora"' },
);

/** The contents of `adapter.json`. */
export type AdapterManifest = z.output<typeof manifestSchema>;

/**
 * Reads `adapter.json`.
 * @param source what the text is called in errors, e.g. its path
 * @throws FloraAsrError `adapter_invalid`, naming every field that is wrong
 */
export function parseManifest(text: string, source: string): AdapterManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FloraAsrError('adapter_invalid', `${source} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const result = manifestSchema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new FloraAsrError('adapter_invalid', `${source} is not an adapter's manifest. ${problems.join('; ')}.`);
}

export function adapterId(manifest: AdapterManifest): AdapterId {
  return `${manifest.name}@${manifest.version}` as AdapterId;
}

/** An adapter as a person names it: `name`, for its highest version, or `name@version`. */
export interface AdapterReference {
  readonly name: AdapterName;
  readonly version: string | null;
}

/** @throws FloraAsrError `argument_invalid` */
export function parseAdapterReference(text: string): AdapterReference {
  const at = text.indexOf('@');
  const name = nameSchema.safeParse(at === -1 ? text : text.slice(0, at));
  const version = at === -1 ? null : versionSchema.safeParse(text.slice(at + 1));
  if (!name.success || version?.success === false) {
    throw new FloraAsrError(
      'argument_invalid',
      `"${text}" does not name an adapter; expected a name such as "greek-stamps", or "greek-stamps@1.0.0".`,
    );
  }
  return { name: name.data, version: version === null ? null : version.data };
}

function isLanguageTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
