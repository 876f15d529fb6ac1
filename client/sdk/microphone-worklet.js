// Runs in the browser's audio thread: hands what the microphone gives, mixed to one channel, to microphone.ts.
// A file of its own, in plain JavaScript, because pages with a strict Content-Security-Policy load worklets by address.

/** About 40 ms at 48 kHz: the platform gives 128 samples at a time. */
const CHUNK_SAMPLES = 2_048;

class MicrophoneTap extends AudioWorkletProcessor {
  #chunk = new Float32Array(CHUNK_SAMPLES);
  #filled = 0;

  process([channels]) {
    const samples = channels.length < 2 ? channels[0] : mean(channels);
    if (samples === undefined) return true; // not connected yet
    for (const sample of samples) {
      this.#chunk[this.#filled] = sample;
      this.#filled += 1;
      if (this.#filled === CHUNK_SAMPLES) this.#hand();
    }
    return true;
  }

  #hand() {
    this.port.postMessage(this.#chunk, [this.#chunk.buffer]);
    this.#chunk = new Float32Array(CHUNK_SAMPLES);
    this.#filled = 0;
  }
}

function mean(channels) {
  return channels[0].map((_, index) => channels.reduce((sum, channel) => sum + channel[index], 0) / channels.length);
}

registerProcessor('flora-asr-microphone', MicrophoneTap);
