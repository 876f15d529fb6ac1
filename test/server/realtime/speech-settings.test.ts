import { describe, expect, it } from 'vitest';
import { initialConfiguration, type SessionConfiguration } from '../../../server/realtime/session-configuration.ts';
import { type ServedSpeech, speechSettings } from '../../../server/realtime/speech-settings.ts';
import { sampleAdapter } from '../../adapters/sample-adapters.ts';
import { testEngine } from '../../support/test-engine.ts';

const adapter = sampleAdapter();
const SERVED: ServedSpeech = {
  engine: testEngine({ adapters: [adapter] }),
  configuration: { modelAliases: ['whisper-1'], detectLanguages: [], languageDefaults: {} },
};

function settingsFor(changes: Partial<SessionConfiguration>) {
  return speechSettings({ ...initialConfiguration(null), ...changes }, SERVED);
}

const transcribing = (transcription: Partial<SessionConfiguration['transcription']>) =>
  settingsFor({ transcription: { delay: 'low', ...transcription } });

describe('the settings of speech', () => {
  it('have the encoding and the rate of the format', () => {
    expect(settingsFor({}).format).toEqual({ encoding: 'pcm_s16le', channels: 1, sampleRateHz: 24_000 });
    expect(settingsFor({ audioType: 'audio/pcmu' }).format).toEqual({ encoding: 'mulaw', channels: 1, sampleRateHz: 8_000 });
    expect(settingsFor({ audioType: 'audio/pcma' }).format).toMatchObject({ encoding: 'alaw', sampleRateHz: 8_000 });
  });

  it('wait for the silence that turn detection asks for, or the longer the less eager it is', () => {
    const vad = { type: 'server_vad', threshold: 0.7, prefixPaddingMs: 100, silenceDurationMs: 700 } as const;
    expect(settingsFor({ turnDetection: vad }).endpointing).toEqual({ threshold: 0.7, prefixMs: 100, silenceMs: 700 });
    expect(settingsFor({ turnDetection: null }).endpointing).toBe('off');
    const silences = (['high', 'auto', 'medium', 'low'] as const).map((eagerness) => {
      const { endpointing } = settingsFor({ turnDetection: { type: 'semantic_vad', eagerness } });
      return endpointing === 'off' ? null : endpointing.silenceMs;
    });
    expect(silences).toEqual([500, 800, 800, 1_500]);
  });

  it('look at open turns the seldomer the more delay there may be', () => {
    const cadences = (['minimal', 'low', 'medium', 'high', 'xhigh'] as const).map(
      (delay) => transcribing({ delay }).partials.cadenceMs,
    );
    expect(cadences).toEqual([200, 400, 800, 1_600, 3_200]);
  });

  it('have the language that is said, or find it among those that are allowed, or that have an adapter', () => {
    expect(transcribing({ language: 'fr-CA' }).language).toEqual({ language: 'fr-CA' });
    expect(transcribing({ languages: ['el', 'fr'] }).language).toEqual({ language: { among: ['el', 'fr'] } });
    expect(transcribing({}).language).toEqual({
      language: { among: expect.arrayContaining(['en', adapter.manifest.language]) },
    });
  });

  it.each(['whisper-1', 'gpt-4o-mini-transcribe-2025-12-15', 'gpt-transcribe', 'gpt-live-transcribe', 'gpt-realtime-whisper'])(
    'let the language decide for %s',
    (model) => expect(transcribing({ model, language: 'es' }).language).toEqual({ language: 'es' }),
  );

  it('have the base without an adapter, or the adapter that the model names', () => {
    expect(transcribing({ model: SERVED.engine.base.name, language: 'es' }).language).toEqual({
      language: 'es',
      adapter: null,
    });
    expect(transcribing({ model: adapter.id, language: 'fr' }).language).toEqual({ language: 'fr', adapter: adapter.id });
    const refused = expect.objectContaining({ code: 'model_not_found', param: 'session.audio.input.transcription.model' });
    expect(() => transcribing({ model: 'gpt-4o-transcribe-diarize' })).toThrow(refused);
  });
});
