// Captions of telephone calls: takes Twilio's media streams (WebSocket, JSON frames with base64 µ-law) and has them
// recognised. npm run build, then node examples/telephone-bridge.mjs
//
// In the call's TwiML: <Start><Stream url="wss://bridge.example.org/" track="both_tracks">
//   <Parameter name="language" value="es"/></Stream></Start>
//
// Each final is a line of JSON on standard output. PORT is where it listens (8081), FLORA_ASR_URL and FLORA_ASR_KEY name
// the service, LANGUAGE is what is spoken where the call does not say. Twilio speaks wss only: a proxy with a certificate
// stands before it, and should check Twilio's signature (X-Twilio-Signature).
import { openStream } from 'flora-asr/client';
import { WebSocketServer } from 'ws';

const { PORT = '8081', FLORA_ASR_URL: url = 'http://127.0.0.1:8080', FLORA_ASR_KEY: apiKey, LANGUAGE = 'en' } = process.env;
const BYTES_PER_MS = 8;
/** 0 in µ-law */
const SILENCE = 0xff;
/** shorter ones are the clocks' */
const SHORTEST_GAP_MS = 100;

const server = new WebSocketServer({ port: Number(PORT), host: '127.0.0.1', maxPayload: 2 ** 16 });
server.on('listening', () => console.error(`listening on ws://127.0.0.1:${server.address().port}`));
server.on('connection', (socket) => {
  let call = null;
  let tracks = new Map();
  const end = () => {
    for (const track of tracks.values()) track.end();
    tracks = new Map();
  };
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.event === 'start') {
      call = message.start;
      // one stream for each side: they are two people, and may speak two languages
      for (const name of call.tracks) tracks.set(name, openTrack(name, call));
    }
    if (message.event === 'media') tracks.get(message.media.track)?.hear(message.media);
    if (message.event === 'stop') end();
  });
  socket.on('close', end);
  socket.on('error', ({ message }) => report(call, message));
});

/** One side of a call. */
function openTrack(name, call) {
  const { language = LANGUAGE } = call.customParameters ?? {};
  const settings = { encoding: 'mulaw', sample_rate: 8_000, endpointing: { silence_ms: 700 } };
  const opened = openStream({ url, apiKey, language, ...settings });
  opened
    .then((stream) => printFinals(stream, { call: call.callSid, track: name }))
    .catch(({ message }) => report(call, message));
  let last = opened;
  let heardBytes = 0;
  const then = (step) => {
    last = last.then(async (stream) => {
      await step(stream);
      return stream;
    });
    last.catch(() => {}); // it is reported above
  };
  return {
    hear({ payload, timestamp }) {
      const audio = Buffer.from(payload, 'base64');
      // a side that said nothing sends nothing: its time goes by all the same
      const gap = Number(timestamp) * BYTES_PER_MS - heardBytes;
      const missing = gap < SHORTEST_GAP_MS * BYTES_PER_MS ? 0 : gap;
      heardBytes += missing + audio.length;
      then((stream) => stream.send(Buffer.concat([Buffer.alloc(missing, SILENCE), audio])));
    },
    end: () => then((stream) => stream.finish()),
  };
}

async function printFinals(stream, names) {
  for await (const event of stream) {
    if (event.type !== 'final' || event.text === '') continue;
    const { start, end, text, language } = event;
    console.log(JSON.stringify({ ...names, start, end, language, text }));
  }
}

function report(call, message) {
  console.error(`${call?.callSid ?? 'a call'}: ${message}`);
}

process.once('SIGTERM', () => server.close(() => process.exit(0)));
