import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { FloraAsrError } from '../../kernels/errors.ts';
import type { ServerConfiguration } from '../configuration/settings.ts';
import type { Access, Client } from './access.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import { keyRing } from './key-ring.ts';

type AccessSettings = Pick<
  ServerConfiguration,
  'apiKeys' | 'ratePerMinute' | 'maxRequests' | 'maxRequestsPerKey' | 'maxStreams' | 'maxStreamsPerKey'
>;

const ANONYMOUS: Client = { name: 'anonymous' };
const WINDOW_SECONDS = 60;

/** Knows the keys, and counts what their clients do; in memory, so for this process alone. */
export function createAccess(settings: AccessSettings): Access {
  const clientOf = keyRing(settings.apiKeys);
  const rates = new RateLimiterMemory({ points: settings.ratePerMinute, duration: WINDOW_SECONDS });
  const requests = new ConcurrencyLimit('too_many_requests', {
    what: 'requests are being answered',
    total: { most: settings.maxRequests, variable: 'MAX_REQUESTS' },
    perClient: { most: settings.maxRequestsPerKey, variable: 'MAX_REQUESTS_PER_KEY' },
  });
  const streams = new ConcurrencyLimit('too_many_streams', {
    what: 'streams are open',
    total: { most: settings.maxStreams, variable: 'MAX_STREAMS' },
    perClient: { most: settings.maxStreamsPerKey, variable: 'MAX_STREAMS_PER_KEY' },
  });
  const countIn = (client: Client) => spend(rates, client, settings.ratePerMinute);
  return {
    identify: (token) => (settings.apiKeys.length === 0 ? ANONYMOUS : requireKey(token, clientOf)),
    async admitRequest(client) {
      await countIn(client);
      return requests.take(client);
    },
    async admitStream(client) {
      await countIn(client);
      return streams.take(client);
    },
  };
}

function requireKey(token: string | null, clientOf: (token: string) => Client | null): Client {
  if (token === null) {
    throw new FloraAsrError('key_missing', 'An API key is needed: send the header "Authorization: Bearer KEY".');
  }
  const client = clientOf(token);
  if (client === null) throw new FloraAsrError('key_unknown', 'The API key is not one of this service.');
  return client;
}

/** @throws FloraAsrError `rate_limited`, with the time until the minute is over */
async function spend(rates: RateLimiterMemory, client: Client, ratePerMinute: number): Promise<void> {
  try {
    await rates.consume(client.name);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const retryAfterMs = refusal.msBeforeNext;
    throw new FloraAsrError(
      'rate_limited',
      `${client.name} has made the ${ratePerMinute} requests and new streams of this minute (RATE_PER_MINUTE); ` +
        `try again in ${Math.ceil(retryAfterMs / 1000)} s.`,
      { retryAfterMs },
    );
  }
}
