import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { FloraAsrError } from '../../kernels/errors.ts';
import { AuReader } from './au-reader.ts';
import { findFfmpeg } from './ffmpeg-binary.ts';
import { FFMPEG_FORMATS, FFMPEG_RESAMPLING } from './ffmpeg-formats.ts';

export interface StreamDecoderOptions {
  /** names the ffmpeg to run: see `findFfmpeg` */
  readonly env: NodeJS.ProcessEnv;
  /** 16 kHz, all channels that there are. Must not throw. */
  readonly onSamples: (channels: readonly Float32Array[]) => void;
  /** It takes more again. */
  readonly onRoom: () => void;
  /** Comes once at most; nothing follows. */
  readonly onFailed: (error: FloraAsrError) => void;
}

/** Compressed audio that waits in front of ffmpeg until no more should come: some seconds of it. */
const MOST_WAITING_BYTES = 256 * 1024;
/** What has not even a beginning after so much is no audio: ffmpeg itself would go on looking for it. */
const MOST_BYTES_BEFORE_AUDIO = 2 ** 21;
/** ffmpeg's own words, for people. */
const KEPT_COMPLAINT_CHARACTERS = 300;

const INPUT = [
  ...['-nostdin', '-hide_banner', '-nostats', '-v', 'error'],
  // what comes is decoded at once, and not when there is enough of it to tell its bit rate
  ...['-probesize', '32768', '-analyzeduration', '0'],
  ...['-protocol_whitelist', 'pipe', '-format_whitelist', FFMPEG_FORMATS, '-i', 'pipe:0'],
];
const STREAM = ['-map', '0:a:0', '-vn', '-sn', '-dn', '-map_metadata', '-1', '-af', FFMPEG_RESAMPLING];
const OUTPUT = ['-c:a', 'pcm_f32be', '-f', 'au', '-flush_packets', '1', 'pipe:1'];

/**
 * Decodes compressed audio while it comes, by an ffmpeg of its own. A container tells what it is by its beginning; one
 * that says at its end where things are (as MP4 may) cannot be decoded this way.
 */
export class StreamDecoder {
  readonly #options: StreamDecoderOptions;
  readonly #started: Promise<ChildProcessWithoutNullStreams | null>;
  /** before ffmpeg is there */
  #early: Buffer[] = [];
  #process: ChildProcessWithoutNullStreams | null = null;
  #state: 'open' | 'ending' | 'closed' = 'open';
  #ended: Promise<void> | null = null;
  #finished: () => void = () => undefined;
  #complaint = '';
  readonly #samples = new AuReader();
  #receivedBytes = 0;
  #full = false;
  #held = false;
  /** Node reads the rest of a pipe when its process has gone, paused or not: what came while it was held, and then its end */
  #behind: (() => void)[] = [];

  constructor(options: StreamDecoderOptions) {
    this.#options = options;
    this.#started = this.#start();
  }

  /** Whether it would rather not get more, until `onRoom`. */
  get full(): boolean {
    return this.#full;
  }

  /** @param bytes kept until they are read */
  push(bytes: Buffer): void {
    if (this.#state !== 'open' || bytes.length === 0) return;
    this.#receivedBytes += bytes.length;
    if (this.#process === null) this.#early.push(bytes);
    else this.#process.stdin.write(bytes);
    this.#full = this.#waitingBytes() > MOST_WAITING_BYTES;
    // a turn later: the beginning may lie in the pipe already
    if (this.#isLate()) setImmediate(() => this.#isLate() && this.#fail(this.#unreadable()));
  }

  /** Nothing is told until `release`; then ffmpeg waits, and what comes waits in front of it. */
  hold(): void {
    this.#held = true;
    this.#process?.stdout.pause();
  }

  release(): void {
    this.#held = false;
    while (!this.#held) {
      const next = this.#behind.shift();
      if (next === undefined) break;
      next();
    }
    if (!this.#held) this.#process?.stdout.resume();
  }

  /** No more comes. Resolves when all samples were told, or it has failed. */
  async end(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#ended ??= new Promise<void>((resolve) => {
      this.#finished = resolve;
      this.#state = 'ending';
      void this.#started.then((process) => process?.stdin.end());
    });
    await this.#ended;
  }

  /** Nothing more is told. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    [this.#early, this.#behind] = [[], []];
    this.#process?.kill('SIGKILL');
    this.#finished();
  }

  async #start(): Promise<ChildProcessWithoutNullStreams | null> {
    try {
      const program = await findFfmpeg(this.#options.env);
      if (this.#state === 'closed') return null;
      const child = spawn(program, [...INPUT, ...STREAM, ...OUTPUT], { env: {} });
      this.#listen(child);
      this.#process = child;
      for (const bytes of this.#early.splice(0)) child.stdin.write(bytes);
      return child;
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  #listen(child: ChildProcessWithoutNullStreams): void {
    child.on('error', (cause) =>
      this.#fail(new FloraAsrError('ffmpeg_missing', `ffmpeg does not run: ${cause.message}`, { cause })),
    );
    child.stdin.on('error', () => undefined); // it has gone, and `close` says why
    child.stdin.on('drain', () => {
      if (!this.#full) return;
      this.#full = false;
      this.#options.onRoom();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = `${this.#complaint}${text}`.slice(-KEPT_COMPLAINT_CHARACTERS);
    });
    child.stdout.on('data', (bytes: Buffer) => this.#unlessHeld(() => this.#tell(bytes)));
    if (this.#held) child.stdout.pause();
    child.on('close', (code) => this.#unlessHeld(() => this.#gone(code)));
  }

  #unlessHeld(run: () => void): void {
    if (this.#held || this.#behind.length > 0) this.#behind.push(run);
    else run();
  }

  #tell(bytes: Buffer): void {
    if (this.#state === 'closed') return;
    try {
      const channels = this.#samples.push(bytes);
      if (channels !== null) this.#options.onSamples(channels);
    } catch (error) {
      this.#fail(error);
    }
  }

  #gone(code: number | null): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'ending' && (code === 0 || this.#samples.begun)) {
      // whoever stops in the midst of a page or packet has sent all the same what came before
      this.#state = 'closed';
      this.#finished();
      return;
    }
    this.#fail(this.#unreadable());
  }

  #unreadable(): FloraAsrError {
    const because = this.#complaint.trim() === '' ? '' : ` (${this.#complaint.trim().split('\n').at(-1)})`;
    const what = this.#samples.begun
      ? 'The audio cannot be decoded further'
      : 'What came is not audio in a format that is read here';
    return new FloraAsrError('audio_unreadable', `${what}${because}.`);
  }

  #isLate(): boolean {
    if (this.#samples.begun || this.#held) return false;
    return this.#receivedBytes - this.#waitingBytes() > MOST_BYTES_BEFORE_AUDIO;
  }

  #fail(error: unknown): void {
    if (this.#state === 'closed') return;
    this.close();
    const ours = error instanceof FloraAsrError;
    this.#options.onFailed(ours ? error : new FloraAsrError('internal', 'The audio could not be decoded.', { cause: error }));
  }

  #waitingBytes(): number {
    if (this.#process !== null) return this.#process.stdin.writableLength;
    return this.#early.reduce((sum, { length }) => sum + length, 0);
  }
}
