import type {
  RealtimeClientEvent,
  RealtimeServerEvent,
  RealtimeTranscriptionSessionCreateRequest,
  TranscriptionSessionUpdate,
} from 'openai/resources/realtime/realtime';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import {
  type appendSchema,
  type clearSchema,
  type commitSchema,
  legacyUpdateSchema,
  sessionUpdateSchema,
} from '../../../server/realtime/client-events.ts';
import type { ServerEvent, ServerEventType } from '../../../server/realtime/server-events.ts';
import { describeSession, initialConfiguration } from '../../../server/realtime/session-configuration.ts';

type TranscriptionAudio = NonNullable<NonNullable<RealtimeTranscriptionSessionCreateRequest['audio']>['input']>;
type Told<Type extends ServerEventType> = Extract<ServerEvent, { type: Type }> & { readonly event_id: string };
/** But for what is told otherwise than the types of the SDK have it. */
type LikeSdk = Told<Exclude<ServerEventType, 'session.created' | 'session.updated' | 'transcription_session.updated'>>;

describe('the events of the official SDK', () => {
  it('are understood, as far as they are about transcription', () => {
    type Known = Extract<RealtimeClientEvent, { type: 'session.update' | `input_audio_buffer.${string}` }>['type'];
    expectTypeOf<Known>().toEqualTypeOf<
      (
        | z.output<typeof sessionUpdateSchema>
        | z.output<typeof appendSchema>
        | z.output<typeof commitSchema>
        | z.output<typeof clearSchema>
      )['type']
    >();
    expect(sessionUpdateSchema.shape.type.value).toBe('session.update');
  });

  it('may have each field of a transcription session', () => {
    const input = {
      format: { type: 'audio/pcm', rate: 24_000 },
      noise_reduction: { type: 'near_field' },
      transcription: { model: 'whisper-1', language: 'el', prompt: 'τρία', delay: 'minimal' },
      turn_detection: {
        type: 'server_vad',
        threshold: 0.5,
        prefix_padding_ms: 300,
        silence_duration_ms: 500,
        create_response: true,
        interrupt_response: true,
        idle_timeout_ms: null,
      },
    } as const satisfies Required<TranscriptionAudio>;
    const session = {
      type: 'transcription',
      audio: { input },
      include: ['item.input_audio_transcription.logprobs'],
    } satisfies Required<RealtimeTranscriptionSessionCreateRequest>;
    expect(sessionUpdateSchema.parse({ type: 'session.update', event_id: 'mine', session }).session).toEqual(session);
  });

  it('may be in the older form', () => {
    const session: Required<TranscriptionSessionUpdate['session']> = {
      include: ['item.input_audio_transcription.logprobs'],
      input_audio_format: 'g711_ulaw',
      input_audio_noise_reduction: { type: 'far_field' },
      input_audio_transcription: { language: 'fr' },
      turn_detection: { type: 'server_vad' },
    };
    const event: TranscriptionSessionUpdate = { type: 'transcription_session.update', session };
    expect(legacyUpdateSchema.parse(event)).toEqual(event);
  });

  it('are what a client is told', () => {
    const asSdk = (event: LikeSdk): RealtimeServerEvent => event;
    const event: LikeSdk = { type: 'input_audio_buffer.cleared', event_id: 'event_1' };
    expect(asSdk(event)).toBe(event);
  });

  it('have a session as its types do, but for null, which OpenAI sends too', () => {
    const asSdk = ({ audio: { input }, ...session }: Told<'session.updated'>['session']) => {
      const { noise_reduction, ...others } = input;
      const typed: RealtimeTranscriptionSessionCreateRequest = { ...session, audio: { input: others } };
      return { typed, noise_reduction };
    };
    const session = describeSession('sess_1', initialConfiguration('whisper-1'));
    expect(asSdk(session).typed).toMatchObject({ type: 'transcription' });
    expect(asSdk(session).noise_reduction).toBeNull();
  });
});
