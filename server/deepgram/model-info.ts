import type { RecognitionResult } from '../../asr/engine/recognition.ts';
import type { ServedEngine } from '../recogniser.ts';
import type { ModelInfo } from './messages.ts';

/** What decoded something, as Deepgram's metadata name it. */
export interface NamedModel {
  readonly uuid: string;
  readonly info: ModelInfo;
}

/** @param adapter null: the base without one */
export function modelOf(base: ServedEngine['base'], adapter: RecognitionResult['adapter']): NamedModel {
  const { name, version, digest } = adapter ?? {
    name: base.name,
    version: hexOf(base.digest).slice(0, 12),
    digest: base.digest,
  };
  return { uuid: uuidOf(digest), info: { name, version, arch: 'whisper', digest } };
}

/** The same at every start and on every machine: clients compare them. */
function uuidOf(digest: string): string {
  const hex = hexOf(digest).padEnd(32, '0');
  // version 8 (RFC 9562): a name of one's own making
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

/** `sha256:cdcd…` without what it is. */
function hexOf(digest: string): string {
  return digest.replace(/^\w+:/, '');
}
