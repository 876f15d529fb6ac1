import { z } from 'zod';
import { DEFAULT_ENDPOINTING } from '../../../asr/streaming/endpointing.ts';
import { COMMON_FLAGS, COMMON_HELP, commonSchema, countOption } from '../options.ts';

/** Of all benches that play streams to a service. */
export const playedSchema = commonSchema.extend({
  computeType: z.enum(['auto', 'int8', 'fp32']).default('auto'),
  endpointSilence: countOption(10_000, 100).default(DEFAULT_ENDPOINTING.silenceMs),
  seed: countOption(2 ** 31 - 1, 0).default(1),
});

export const PLAYED_FLAGS = {
  ...COMMON_FLAGS,
  streams: { type: 'string' },
  seconds: { type: 'string' },
  'compute-type': { type: 'string' },
  adapters: { type: 'string' },
  'endpoint-silence': { type: 'string' },
  seed: { type: 'string' },
} as const;

export const PLAYED_HELP = `  --endpoint-silence MS ${DEFAULT_ENDPOINTING.silenceMs} if left out
  --compute-type TYPE   auto, int8 or fp32; auto if left out
  --utterances N        of each language, at equal distances in its test split; 40 if left out
  --seed N              1 if left out; the same seed plays the same recordings
${COMMON_HELP}`;

export const streamsOptionsSchema = playedSchema.extend({
  utterances: countOption(60).default(40),
  streams: countOption(1_000).default(32),
  seconds: countOption(86_400, 5).default(120),
  adapters: z.string().min(1, 'expected random, none or a folder').default('random'),
  pauses: z
    .string()
    .regex(/^\d+-\d+$/, 'expected two numbers of milliseconds, such as 1500-4500')
    .transform((range): [number, number] => range.split('-').map(Number) as [number, number])
    .refine(([least, most]) => least <= most, 'the shortest pause comes first')
    .default([1_500, 4_500]),
});
export type StreamsBenchOptions = z.output<typeof streamsOptionsSchema>;

export const STREAMS_FLAGS = { ...PLAYED_FLAGS, pauses: { type: 'string' } } as const;

export const STREAMS_HELP = `Streams in real time, against a service in a process of its own (/v1/stream, real sockets, this machine only).
Each stream plays recordings of its language with pauses between them, and waits for its finals. Lost,
duplicated and disordered finals are counted; all three have to be 0.

Latency is told twice: from the end of speech, which is when the last sample was sent that the voice
detector takes for speech in the recording alone; and from the endpoint, as the service tells it, which is
without the silence that it has to wait for. Both are of utterances that ended at a pause.

With adapters that were never trained, and without any, every row generates as many tokens as the
references have in its time on average, and nothing is tried again: the work is that of trained ones. Adapters
from a folder decode as they do for users.

The service's resident size is read every 10 s; --seconds 1200 tells whether it grows after 5 minutes.

Options:
  --streams N           at once, languages in turn; 32 if left out
  --seconds S           of audio in each; 120 if left out
  --adapters WHAT       random (one a language, rank 1 at every target, short contexts), none (base model, full
                        context), or a folder with adapters; random if left out
  --pauses MS-MS        between recordings; 1500-4500 if left out
${PLAYED_HELP}
`;
