import type { AudioType, LegacyFormat } from './client-events.ts';

/** The formats' older names. */
export const LEGACY_FORMAT_OF: Readonly<Record<AudioType, LegacyFormat>> = {
  'audio/pcm': 'pcm16',
  'audio/pcmu': 'g711_ulaw',
  'audio/pcma': 'g711_alaw',
};

export const AUDIO_TYPE_OF: Readonly<Record<LegacyFormat, AudioType>> = {
  pcm16: 'audio/pcm',
  g711_ulaw: 'audio/pcmu',
  g711_alaw: 'audio/pcma',
};
