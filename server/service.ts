import type { Logger } from 'pino';
import type { Access } from './access/access.ts';
import type { ServerConfiguration } from './configuration/settings.ts';
import type { Metrics } from './observability/metrics.ts';
import type { Recogniser } from './recogniser.ts';

/** What the service is doing, as `/health/ready` tells it. */
export type ServiceState =
  /** `waitingFor` is a sentence for people: `weights: 43 % of 145 MB` */
  | { readonly kind: 'starting'; readonly waitingFor: string }
  | { readonly kind: 'ready'; readonly recogniser: Recogniser }
  | { readonly kind: 'draining'; readonly recogniser: Recogniser | null }
  | { readonly kind: 'failed'; readonly reason: string };

/** What routes and streams are given. */
export interface Service {
  readonly configuration: ServerConfiguration;
  readonly access: Access;
  readonly metrics: Metrics;
  readonly log: Logger;
  state(): ServiceState;
  /** @throws FloraAsrError `starting`, `draining` for new work, `engine_closed` if it has failed */
  recogniser(): Recogniser;
}
