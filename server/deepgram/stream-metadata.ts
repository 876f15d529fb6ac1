import { createHash } from 'node:crypto';
import type { Metadata, ModelInfo } from './messages.ts';
import type { NamedModel } from './model-info.ts';
import { toSeconds } from './transcript.ts';

export interface StreamFacts {
  readonly requestId: string;
  readonly created: Date;
  readonly channels: number;
  readonly extra: Readonly<Record<string, string>>;
}

/** What a stream's last message says of it. */
export class StreamMetadata {
  readonly #facts: StreamFacts;
  readonly #digest = createHash('sha256');
  /** what has decoded something, by their ids */
  readonly #models = new Map<string, ModelInfo>();

  constructor(facts: StreamFacts) {
    this.#facts = facts;
  }

  /** Bytes as they were received. */
  received(bytes: Uint8Array): void {
    this.#digest.update(bytes);
  }

  decodedBy({ uuid, info }: NamedModel): void {
    this.#models.set(uuid, info);
  }

  message(receivedMs: number): Metadata {
    const { requestId, created, channels, extra } = this.#facts;
    return {
      type: 'Metadata',
      transaction_key: 'deprecated',
      request_id: requestId,
      sha256: this.#digest.copy().digest('hex'),
      created: created.toISOString(),
      duration: toSeconds(receivedMs),
      channels,
      models: [...this.#models.keys()],
      model_info: Object.fromEntries(this.#models),
      ...(Object.keys(extra).length > 0 && { extra }),
    };
  }
}
