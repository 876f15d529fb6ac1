import type { z } from 'zod';
import type { ErrorBody, LiveBody, ModelBody, modelListSchema, ReadinessBody } from '../protocol/rest-messages.ts';

/** An adapter, as answers tell it. */
export const ADAPTER_EXAMPLE = {
  name: 'spanish-telephone',
  version: '1.2.0',
  digest: 'sha256:8f14e45fceea167a5a36dedd4bea2543c19f4b5b0a0b4c3e6f7a8d9e0b1c2d3e',
};

const BASE_DIGEST = 'sha256:d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9';

export const modelExample: ModelBody = {
  id: 'spanish-telephone@1.2.0',
  object: 'model',
  created: 1_764_000_000,
  owned_by: 'flora-asr',
  kind: 'flora',
  root: 'spanish-telephone',
  parent: 'whisper-base',
  version: '1.2.0',
  digest: ADAPTER_EXAMPLE.digest,
  language: 'es',
  languages: null,
  card: '/v1/models/spanish-telephone%401.2.0/card',
};

export const modelListExample: z.output<typeof modelListSchema> = {
  object: 'list',
  data: [
    {
      ...modelExample,
      id: 'whisper-base',
      kind: 'base',
      root: 'whisper-base',
      parent: null,
      version: null,
      digest: BASE_DIGEST,
      language: null,
      languages: ['en', 'es', 'el'],
      card: null,
    },
    modelExample,
  ],
};

const ROW = { language: 'es', adapter: 'spanish-telephone@1.2.0', context: 182 };

export const liveExample: LiveBody = {
  model: { name: 'whisper-base', provider: 'cpu', compute_type: 'int8', threads: 2 },
  rows: {
    queued: 0,
    in_flight: 3,
    most: 256,
    waiting: 1,
    of: [
      { language: 'es', adapter: 'spanish-telephone@1.2.0', rows: 2 },
      { language: 'el', adapter: null, rows: 1 },
    ],
  },
  pools: [{ context: 384, rows: 2, places: 32 }],
  encoder_runs: [{ number: 41, rows: [ROW, { language: 'el', adapter: null, context: 141 }] }],
  totals: {
    finished_rows: 84,
    failed_rows: 0,
    cancelled_rows: 2,
    encoder_runs: 41,
    encoder_rows: 87,
    encoder_mixed_runs: 18,
    positions_asked: 12_790,
    positions_computed: 13_480,
    decoder_steps: 902,
    decoder_tokens: 1_877,
    decoder_mixed_steps: 402,
    busy_ms: 9_204,
    idle_ms: 61_208,
  },
};

export const readyExample: ReadinessBody = { status: 'ready', waiting_for: null };
export const startingExample: ReadinessBody = {
  status: 'starting',
  waiting_for: 'the weights: 43 % of model.bin downloaded',
};

export const errorExample: ErrorBody = {
  error: {
    message: 'timestamp_granularities needs response_format=verbose_json.',
    type: 'invalid_request_error',
    param: 'timestamp_granularities',
    code: 'request_invalid',
  },
};
