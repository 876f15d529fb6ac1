/*
 * The package's face: what `import … from 'flora-asr/client'` gives. Within this repository modules import each other
 * where they lie.
 */
export type { AudioSamples } from './audio-bytes.ts';
export { type ClientCode, FloraAsrClientError } from './client-error.ts';
export type { ClientStream, ClosedMessage, LanguageChange, ReadyMessage } from './client-stream.ts';
export { type Microphone, type MicrophoneOptions, openMicrophone } from './microphone.ts';
export { openStream } from './open-stream.ts';
export type { ReconnectSettings } from './reconnecting.ts';
export type { ReconnectingEvent, StreamEvent } from './stream-event.ts';
export type { ConnectionSettings, StartSettings, StreamOptions } from './stream-options.ts';
export { type FileOptions, transcribeFile } from './transcribe-file.ts';
export { readWav, readWavHeader, type WavAudio, type WavHeader, type WavSettings } from './wav.ts';
