import { expect, it } from 'vitest';
import { addressOf } from '../../../client/sdk/service-address.ts';

it.each([
  ['http://127.0.0.1:8080', 'ws://127.0.0.1:8080/v1/stream'],
  ['https://asr.example.org/', 'wss://asr.example.org/v1/stream'],
  ['wss://asr.example.org/v1/stream', 'wss://asr.example.org/v1/stream'],
  ['http://localhost:8080/v1', 'ws://localhost:8080/v1/stream'],
  ['https://example.org/speech/?key=1', 'wss://example.org/speech/v1/stream'],
])('a service at %s has its streams at %s', (service, address) => {
  expect(addressOf(service, '/v1/stream', 'ws').href).toBe(address);
  expect(addressOf(new URL(service), '/v1/stream', 'ws').href).toBe(address);
});

it('files are at the same place by http', () => {
  expect(addressOf('wss://a.example/b', '/v1/audio/transcriptions', 'http').href).toBe(
    'https://a.example/b/v1/audio/transcriptions',
  );
});

it.each(['127.0.0.1:8080', 'ftp://example.org', ''])('%j is no address', (service) => {
  expect(() => addressOf(service, '/v1/stream', 'ws')).toThrow(
    expect.objectContaining({
      code: 'argument_invalid',
      message: `url is an address such as http://127.0.0.1:8080, not "${service}"`,
    }),
  );
});
