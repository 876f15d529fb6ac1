// Who said what in a call whose sides are the channels of a WAV file, in the order in which it was said:
// npm run build, then node examples/stereo-call.mjs CALL.wav LANGUAGE
import { readFile } from 'node:fs/promises';
import { openStream, readWav } from 'flora-asr/client';

const [file, language = 'es'] = process.argv.slice(2);
const { FLORA_ASR_URL: url = 'http://127.0.0.1:8080', FLORA_ASR_KEY: apiKey } = process.env;
const { settings, audio } = readWav(await readFile(file));
const SIDES = ['caller', 'agent'];

const stream = await openStream({ url, apiKey, language, ...settings });
const sent = stream.send(audio).then(() => stream.finish());
const said = [];
for await (const event of stream) if (event.type === 'final' && event.text !== '') said.push(event);
await sent;

// each channel's finals come in their order; those of both are sorted here
said.sort((one, other) => one.start - other.start);
for (const { channel, start, text } of said) {
  console.log(`${start.toFixed(1).padStart(7)} s  ${SIDES[channel] ?? `channel ${channel}`}: ${text}`);
}
