import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { describeConfiguration } from '../../../server/configuration/describe-configuration.ts';
import { loadConfiguration } from '../../../server/configuration/load-configuration.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const KEY = '0123456789abcdef';
const OTHER_KEY = 'fedcba9876543210';
const CERT = 'test/fixtures/tls/localhost.cert.pem';
const CERT_KEY = 'test/fixtures/tls/localhost.key.pem';

const folder = temporaryFolders();

function written(content: unknown): string {
  const file = path.join(folder(), 'flora-asr.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** The lines that say what is wrong. */
function problems(env: NodeJS.ProcessEnv, file?: string): readonly string[] {
  try {
    loadConfiguration({ env, ...(file !== undefined && { file }) });
  } catch (error) {
    if (!(error instanceof FloraAsrError) || error.code !== 'configuration_invalid') throw error;
    const [first = '', ...lines] = error.message.split('\n');
    return lines.length === 0 ? [first] : lines.map((line) => line.trim());
  }
  return [];
}

describe('where settings come from', () => {
  it('has defaults that serve this machine alone', () => {
    expect(loadConfiguration({ env: {} })).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      tls: null,
      apiKeys: [],
      requireKeys: false,
      model: 'whisper-base',
      languageDefaults: {},
      maxUploadBytes: 26_214_400,
      threads: undefined,
    });
  });

  it('reads all kinds of values from the environment', () => {
    const env = {
      PORT: '0',
      REQUIRE_KEYS: 'yes',
      API_KEYS: `captions:${KEY}`,
      ADAPTERS: ' a , b,',
      LANGUAGE_DEFAULTS: 'el=greek, *=all',
      PROVIDER: 'cpu',
      PING_SECONDS: '2.5',
      ALLOWED_ORIGINS: 'https://captions.example,http://localhost:3000',
    };
    expect(loadConfiguration({ env })).toMatchObject({
      port: 0,
      requireKeys: true,
      adapters: ['a', 'b'],
      languageDefaults: { el: 'greek', '*': 'all' },
      provider: 'cpu',
      pingSeconds: 2.5,
      allowedOrigins: ['https://captions.example', 'http://localhost:3000'],
    });
  });

  it('reads the same from the file that FLORA_ASR_CONFIG names', () => {
    const file = written({
      port: 9000,
      requireKeys: true,
      apiKeys: [`captions:${KEY}`],
      adapters: ['a', 'b'],
      languageDefaults: { el: 'greek' },
      maxStreams: '7',
    });
    expect(loadConfiguration({ env: { FLORA_ASR_CONFIG: file } })).toMatchObject({
      port: 9000,
      requireKeys: true,
      apiKeys: [{ name: 'captions', key: KEY }],
      adapters: ['a', 'b'],
      languageDefaults: { el: 'greek' },
      maxStreams: 7,
    });
  });

  it('lets the environment go before the file, unless the variable is empty', () => {
    const file = written({ port: 9000, model: 'whisper-small', logLevel: 'warn' });
    const env = { PORT: '9001', MODEL: '', FLORA_ASR_CONFIG: '' };
    expect(loadConfiguration({ env, file })).toMatchObject({ port: 9001, model: 'whisper-small', logLevel: 'warn' });
  });
});

describe('what is wrong', () => {
  it('is said all at once, a line each, with what it was and what would be right', () => {
    const env = {
      PORT: 'abc',
      MAX_STREAMS: '1.5',
      LOG_LEVEL: 'loud',
      LANGUAGE_DEFAULTS: 'el',
      API_KEYS: 'short',
      TLS_KEY: 'x',
    };
    expect(problems(env)).toEqual([
      expect.stringMatching(/^PORT is "abc"; it must be a whole number from 0 to 65535\.$/),
      expect.stringMatching(/^LANGUAGE_DEFAULTS is "el"; it must be LANGUAGE=ADAPTER/),
      expect.stringMatching(/^MAX_STREAMS is "1\.5"; it must be a whole number/),
      expect.stringMatching(/^LOG_LEVEL is "loud"; it must be one of trace, debug/),
      expect.stringMatching(/^API_KEYS, entry 1: the key has 5 characters .* openssl rand -hex 24/),
      expect.stringMatching(/^TLS_KEY is set and TLS_CERT is not/),
    ]);
  });

  it.each([
    { PORT: ' ' },
    { PORT: '0x50' },
    { PORT: '65536' },
    { MAX_REQUESTS: '0' },
    { PING_SECONDS: 'Infinity' },
    { REQUIRE_KEYS: 'maybe' },
    { PROVIDER: 'tpu' },
    { ALLOWED_ORIGINS: 'captions.example' },
    { ALLOWED_ORIGINS: 'https://captions.example/app' },
    { MODEL_ALIASES: 'n*va' },
    { LANGUAGE_DEFAULTS: 'el=' },
    { LANGUAGE_DEFAULTS: 'el=a,el=b' },
    { MODEL: '  ' },
  ])('includes %j', (env) => {
    const [variable] = Object.keys(env);
    expect(problems(env)).toEqual([expect.stringMatching(`^${variable} is ".*"; it must be `)]);
  });

  it('includes values of the wrong kind in the file, named by their key', () => {
    const file = written({ port: true, adapters: 'a,b', maxRows: null, languageDefaults: ['el'] });
    expect(problems({}, file)).toEqual([
      `port in ${file} is true; it must be a whole number from 0 to 65535.`,
      expect.stringContaining(`maxRows in ${file} is null; it must be `),
      expect.stringContaining(`languageDefaults in ${file} is ["el"]; it must be `),
    ]);
  });

  it('includes unknown keys of the file, with the one that was probably meant', () => {
    const file = written({ maxStream: 3, MAX_ROWS: 5, colour: 'green' });
    expect(problems({}, file)).toEqual([
      expect.stringMatching(/"maxStream", which is no setting; did you mean "maxStreams"\?$/),
      expect.stringMatching(/"MAX_ROWS", which is no setting; did you mean "maxRows"\?$/),
      expect.stringMatching(/"colour", which is no setting; npm start -- --help lists them\.$/),
    ]);
  });

  it('includes a file that is not there, is no JSON, or holds no object', () => {
    expect(problems({ FLORA_ASR_CONFIG: path.join(folder(), 'none.json') })).toEqual([expect.stringContaining('ENOENT')]);
    expect(problems({}, written(`{"apiKeys": "${KEY}"`))).toEqual([
      expect.stringMatching(new RegExp(`^(?!.*${KEY}).*is no JSON`)),
    ]);
    expect(problems({}, written([1]))).toEqual([expect.stringContaining('one JSON object')]);
  });
});

describe('API keys', () => {
  it('come from the variable and from a file, and have names', () => {
    const file = path.join(folder(), 'keys');
    writeFileSync(file, `# of the archive\narchive:${OTHER_KEY}  # since May\r\n\n`);
    const { apiKeys, host } = loadConfiguration({ env: { API_KEYS: KEY, API_KEYS_FILE: file } });
    expect(apiKeys).toEqual([
      { name: 'key-1', key: KEY },
      { name: 'archive', key: OTHER_KEY },
    ]);
    expect(host).toBe('0.0.0.0');
  });

  it.each([
    [`${KEY},${KEY}`, /^API_KEYS, entry 2 has the same key as API_KEYS, entry 1/],
    [`a:${KEY},a:${OTHER_KEY}`, /^API_KEYS, entry 2 has the same name as API_KEYS, entry 1/],
    [`a:${KEY.slice(1)}`, /^API_KEYS, entry 1: the key has 15 characters and must have at least 16/],
    [`a:${KEY} ${KEY}`, /^API_KEYS, entry 1: the key must be of letters, digits/],
    [`a b:${KEY}`, /^API_KEYS, entry 1: the name before the colon/],
  ])('are refused where "%s" would be one, without repeating them', (API_KEYS, message) => {
    const [problem = '', ...more] = problems({ API_KEYS });
    expect(more).toEqual([]);
    expect(problem).toMatch(message);
    expect(problem).not.toContain(KEY.slice(1));
  });

  it('are named by their line where a file has them, and are not shown where they are of the wrong kind', () => {
    const keys = path.join(folder(), 'keys');
    writeFileSync(keys, '\n# nothing yet\nshort\n');
    expect(problems({ API_KEYS_FILE: keys })).toEqual([expect.stringContaining(`${keys}, line 3: the key has 5 characters`)]);
    const file = written({ apiKeys: { archive: KEY } });
    expect(problems({}, file)).toEqual([
      expect.stringMatching(new RegExp(`^(?!.*${KEY})apiKeys in .* must be NAME:KEY or KEY`)),
    ]);
  });

  it('must be there where others can reach the service, and where they are required', () => {
    expect(problems({ HOST: '0.0.0.0' })).toEqual([
      expect.stringMatching(/^HOST is "0\.0\.0\.0".*API_KEYS.*openssl rand -hex 24/),
    ]);
    expect(problems({ HOST: '127.0.0.1.example' })).toHaveLength(1);
    expect(problems({ REQUIRE_KEYS: 'true' })).toEqual([
      expect.stringMatching(/^REQUIRE_KEYS is set, and there are no API keys/),
    ]);
    expect(problems({ HOST: '0.0.0.0', REQUIRE_KEYS: 'true', API_KEYS: KEY })).toEqual([]);
    for (const HOST of ['localhost', '127.0.0.1', '127.1.2.3', '::1']) expect(problems({ HOST })).toEqual([]);
  });
});

describe('TLS', () => {
  it('needs certificate and key that belong together', () => {
    expect(loadConfiguration({ env: { TLS_CERT: CERT, TLS_KEY: CERT_KEY } }).tls).toEqual({
      certPath: CERT,
      keyPath: CERT_KEY,
    });
    expect(problems({ TLS_CERT: CERT })).toEqual([expect.stringMatching(/^TLS_CERT is set and TLS_KEY is not/)]);
    expect(problems({ TLS_CERT: CERT, TLS_KEY: CERT })).toEqual([expect.stringContaining('cannot be used together')]);
    expect(problems({ TLS_CERT: 'nowhere.pem', TLS_KEY: CERT_KEY })).toEqual([
      expect.stringMatching(/^TLS_CERT is "nowhere\.pem", which cannot be read: ENOENT/),
    ]);
  });
});

describe('describeConfiguration', () => {
  it('names the keys and does not tell them', () => {
    const described = describeConfiguration(loadConfiguration({ env: { API_KEYS: `captions:${KEY}`, PORT: '81' } }));
    expect(described).toMatchObject({ port: 81, apiKeys: ['captions'] });
    expect(JSON.stringify(described)).not.toContain(KEY);
  });
});
