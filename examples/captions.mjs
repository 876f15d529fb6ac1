// Captions of a WAV file, by the SDK: npm run build, then node examples/captions.mjs [FILE.wav] [LANGUAGE]
import { readFile } from 'node:fs/promises';
import { openStream, readWav } from 'flora-asr/client';

const [file = 'examples/un-sombrero-azul.wav', language = 'es'] = process.argv.slice(2);
const { FLORA_ASR_URL: url = 'http://127.0.0.1:8080', FLORA_ASR_KEY: apiKey } = process.env;
const { settings, audio } = readWav(await readFile(file));

const stream = await openStream({ url, apiKey, language, ...settings });
const sent = stream.send(audio).then(() => stream.finish());
for await (const event of stream) {
  if (event.type === 'final') console.log(`${event.start.toFixed(2)} to ${event.end.toFixed(2)} s: ${event.text}`);
}
await sent;
