import { decoderRoom } from '../../asr/decoding/token-limit.ts';
import { Engine } from '../../asr/engine/engine.ts';
import type { RuntimeDescription } from '../../asr/engine/open-model.ts';
import type { CheckpointLocation } from '../../asr/weights/checkpoint-location.ts';
import type { Corpus, Utterance } from '../corpora/corpus.ts';
import { PARITY_OPTIONS, type PeerDescription } from '../peers/faster-whisper.ts';
import type { Bench, BenchContext, BenchOutcome } from './bench.ts';
import { describeMachine, ourVersions } from './machine.ts';
import { COMMON_FLAGS, COMMON_HELP, commonSchema, countOption, readOptions } from './options.ts';
import type { Compared, Transcript } from './parity-comparison.ts';
import { parityReport } from './parity-report.ts';
import { parityText } from './parity-text.ts';
import { recogniseAll } from './recognise-all.ts';
import { graphsFolder, obtainTuxpaint, obtainWeights, startPeer, tellEngine } from './set-up.ts';
import { firstTestUtterances } from './utterance-set.ts';

const optionsSchema = commonSchema.extend({ utterances: countOption(60).default(10) });

/** What every measured system is given. */
interface Task {
  readonly location: CheckpointLocation;
  readonly corpus: Corpus;
  readonly utterances: readonly Utterance[];
  readonly threads: number;
  readonly context: BenchContext;
}

interface OurRun {
  readonly transcripts: readonly Transcript[];
  readonly runtime: RuntimeDescription;
  /** text tokens that fit behind the prompt */
  readonly tokenLimit: number;
}

interface PeerRun {
  readonly transcripts: readonly Transcript[];
  readonly description: PeerDescription;
}

export const parity: Bench = {
  name: 'parity',
  summary: 'the same tokens as faster-whisper at the full context; WER of fp32 and int8',
  help: `Whether our base model is Whisper: greedy decoding at the full context of 30 s, without guards, retries
or adapters, in fp32 and int8, against faster-whisper in float32 (beam 1, no timestamps, no thresholds).
All three get the same samples, one system after another. A transcript that compresses more than 2.4 times,
or that only the token limit ends, is a loop: WER is compared where neither side loops.

Options:
  --utterances N        of each language, the first of its test split by path; 10 if left out
${COMMON_HELP}
`,
  run,
};

async function run(args: readonly string[], context: BenchContext): Promise<BenchOutcome> {
  const options = readOptions(args, COMMON_FLAGS, optionsSchema);
  const location = await obtainWeights(options.model, context);
  const corpus = await obtainTuxpaint(context);
  const choice = { languages: options.languages, perLanguage: options.utterances };
  const utterances = firstTestUtterances(corpus, choice);
  const task = { location, corpus, utterances, threads: options.threads, context };

  const fp32 = await runEngine('fp32', task);
  const int8 = await runEngine('int8', task);
  const peer = await runPeer(task);

  const report = parityReport(compared(utterances, { fp32, int8, peer }), fp32.tokenLimit);
  const document = {
    bench: 'parity',
    ...report,
    settings: { ...options, context: 'full', decoding: DECODING, fasterWhisper: PARITY_OPTIONS, tokenLimit: fp32.tokenLimit },
    weights: { name: location.name, digest: location.digest },
    corpus: { name: corpus.name, source: corpus.source },
    runtimes: { fp32: fp32.runtime, int8: int8.runtime, fasterWhisper: peer.description },
    versions: ourVersions(),
    machine: describeMachine(),
  };
  return { document, text: parityText(report) };
}

/** Greedy, and nothing that changes or drops the greedy result. */
const DECODING = { guards: false, retries: false, tokenLimit: 'model' } as const;
const PROMPT_TOKENS = 4;

async function runEngine(computeType: 'fp32' | 'int8', task: Task): Promise<OurRun> {
  const { location, corpus, utterances, threads, context } = task;
  const { progress, signal } = context;
  progress.note(`Starting our engine in ${computeType}`);
  const engine = await Engine.start({
    checkpoint: location,
    cacheDir: graphsFolder(context),
    provider: 'cpu',
    computeType,
    threads,
    reservedSlots: 0,
    maxRows: utterances.length,
    onEvent: (event) => tellEngine(event, progress),
  });
  try {
    const requests = utterances.map((utterance) => ({
      samples: corpus.samples(utterance),
      language: utterance.language,
      adapter: null,
      context: 'full' as const,
      decoding: DECODING,
      signal,
    }));
    const stage = { title: `Transcribing in ${computeType}`, total: utterances.length, unit: 'files' } as const;
    const transcripts = await recogniseAll(engine, requests, (done) => progress.advance({ ...stage, done }));
    const room = decoderRoom({ maxTokens: engine.config.maxTokens, prompt: PROMPT_TOKENS });
    return { transcripts, runtime: engine.runtime, tokenLimit: room };
  } finally {
    await engine.close();
  }
}

async function runPeer({ location, corpus, utterances, threads, context }: Task): Promise<PeerRun> {
  context.progress.note('Starting faster-whisper in float32');
  const peer = await startPeer({ location, computeType: 'float32', cpuThreads: threads }, context);
  try {
    const stage = { title: 'Transcribing with faster-whisper', total: utterances.length, unit: 'files' } as const;
    const transcripts: Transcript[] = [];
    for (const utterance of utterances) {
      const { language } = utterance;
      const { transcript } = await peer.transcribe({ samples: corpus.samples(utterance), language }, PARITY_OPTIONS);
      transcripts.push(transcript);
      context.progress.advance({ ...stage, done: transcripts.length });
    }
    return { transcripts, description: peer.description };
  } finally {
    await peer.close();
  }
}

function compared(
  utterances: readonly Utterance[],
  runs: { readonly fp32: OurRun; readonly int8: OurRun; readonly peer: PeerRun },
): readonly Compared[] {
  return utterances.map(({ id, language, text, spoken }, i) => ({
    id,
    language,
    reference: text,
    spoken,
    transcripts: {
      fp32: plain(runs.fp32.transcripts[i]),
      int8: plain(runs.int8.transcripts[i]),
      fasterWhisper: plain(runs.peer.transcripts[i]),
    },
  }));
}

function plain(transcript: Transcript | undefined): Transcript {
  if (transcript === undefined) throw new RangeError('A system has transcribed fewer utterances than it was given.');
  return { text: transcript.text, tokens: transcript.tokens };
}
