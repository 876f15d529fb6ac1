// The words of a WAV file, over a WebSocket: node examples/stream.mjs FILE.wav LANGUAGE
import { readFileSync } from 'node:fs';
import wavefile from 'wavefile';
import WebSocket from 'ws';

const [file = 'examples/un-sombrero-azul.wav', language = 'es'] = process.argv.slice(2);
const { FLORA_ASR_URL = 'ws://127.0.0.1:8080/v1/stream', FLORA_ASR_KEY = 'none' } = process.env;
const wav = new wavefile.WaveFile(readFileSync(file));
wav.toBitDepth('16');
const { sampleRate: sample_rate, numChannels: channels } = wav.fmt;

const socket = new WebSocket(FLORA_ASR_URL, { headers: { authorization: `Bearer ${FLORA_ASR_KEY}` } });
socket.onopen = () => {
  socket.send(JSON.stringify({ type: 'start', language, encoding: 'pcm_s16le', sample_rate, channels }));
  for (let at = 0; at < wav.data.samples.length; at += 32_000) socket.send(wav.data.samples.subarray(at, at + 32_000));
  socket.send(JSON.stringify({ type: 'finish' }));
};
socket.onmessage = ({ data }) => {
  const event = JSON.parse(data);
  if (event.type === 'final') console.log(`${event.start.toFixed(2)} to ${event.end.toFixed(2)} s: ${event.text}`);
  if (event.type === 'error') console.error(`${event.code}: ${event.message}`);
};
socket.onerror = ({ message }) => console.error(`${FLORA_ASR_URL}: ${message}`);
