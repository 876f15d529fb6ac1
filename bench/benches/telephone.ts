import { z } from 'zod';
import { loadConfiguration } from '../../server/configuration/load-configuration.ts';
import { createLog } from '../../server/observability/create-log.ts';
import { type RunningService, startService } from '../../server/start-service.ts';
import type { Corpus, Utterance } from '../corpora/corpus.ts';
import type { Bench, BenchContext, BenchOutcome } from './bench.ts';
import { describeMachine, ourVersions } from './machine.ts';
import { COMMON_FLAGS, COMMON_HELP, commonSchema, countOption, readOptions } from './options.ts';
import { obtainTuxpaint, tellEngine } from './set-up.ts';
import { StreamClient } from './streams/stream-client.ts';
import { attributeFinals, disordered, type HeardFinal } from './telephone/attribute-finals.ts';
import { asTelephone, asWideband, makeCall, type SentCall } from './telephone/call.ts';
import { type HeardTurn, telephoneReport, telephoneText } from './telephone/telephone-report.ts';

const HELP = `Calls of two sides, made of recordings that take turns: over /v1/stream as 16 kHz samples, and as an
8 kHz stereo µ-law call, with the same settings. The test utterances that are spoken in full, and what the
telephone costs in words.

Options:
  --adapters DIR        adapters in DIR's sub-folders; none if left out
  --compute-type TYPE   auto, int8 or fp32; auto if left out
  --utterances N        the first N of each language; all if left out
${COMMON_HELP.replace('all if left out', 'es,fr if left out')}
`;

const optionsSchema = commonSchema.extend({
  languages: commonSchema.shape.languages.default(['es', 'fr']),
  utterances: countOption(10_000).optional(),
  adapters: z.string().min(1).optional(),
  computeType: z.enum(['auto', 'int8', 'fp32']).default('auto'),
});
type TelephoneOptions = z.output<typeof optionsSchema>;

export const telephone: Bench = {
  name: 'telephone',
  summary: 'what an 8 kHz µ-law call costs in words',
  help: HELP,
  run,
};

/** Of a call, in one message. */
const MESSAGE_SECONDS = 1;

async function run(args: readonly string[], context: BenchContext): Promise<BenchOutcome> {
  const flags = { ...COMMON_FLAGS, adapters: { type: 'string' }, 'compute-type': { type: 'string' } } as const;
  const options = readOptions(args, flags, optionsSchema);
  const corpus = await obtainTuxpaint(context);
  const service = await startQuietService(options, context);
  try {
    const { engine } = await service.ready;
    const heard: HeardLanguage[] = [];
    for (const language of options.languages) {
      context.signal.throwIfAborted();
      context.progress.note(`Calling in ${language}`);
      heard.push(await hearLanguage(corpus, { language, most: options.utterances, url: service.url }));
    }
    const report = telephoneReport(heard.flatMap(({ turns }) => turns));
    const document = {
      bench: 'telephone',
      ...report,
      disordered: heard.reduce((sum, one) => sum + one.disordered, 0),
      settings: options,
      adapters: engine.adapters.map(({ id }) => id),
      weights: { name: engine.base.name, digest: engine.base.digest },
      corpus: { name: corpus.name, source: corpus.source },
      runtime: engine.runtime,
      versions: ourVersions(),
      machine: describeMachine(),
    };
    return { document, text: telephoneText(report) };
  } finally {
    await service.stop();
  }
}

async function startQuietService(options: TelephoneOptions, { env, progress }: BenchContext): Promise<RunningService> {
  const { model, adapters, computeType, threads } = options;
  const settings = { PORT: '0', MODEL: model, ADAPTERS: adapters, COMPUTE_TYPE: computeType, THREADS: `${threads}` };
  return startService({
    configuration: loadConfiguration({ env: settings }),
    log: createLog({ level: 'silent', terminal: false }),
    env,
    onWeights: progress.onWeights,
    onEngine: (event) => tellEngine(event, progress),
  });
}

interface HeardLanguage {
  readonly turns: readonly HeardTurn[];
  readonly disordered: number;
}

interface LanguageChoice {
  readonly language: string;
  readonly most: number | undefined;
  readonly url: string;
}

async function hearLanguage(corpus: Corpus, { language, most, url }: LanguageChoice): Promise<HeardLanguage> {
  const utterances = corpus.utterances({ languages: [language], split: 'test' }).filter(({ spoken }) => spoken);
  const chosen = utterances.slice(0, most);
  const call = makeCall(chosen.map((said: Utterance) => ({ said, samples: corpus.samples(said) })));
  const wide = await hear(asWideband(call), { language, url });
  const narrow = await hear(asTelephone(call), { language, url });
  const [wideTexts, narrowTexts] = [wide, narrow].map((finals) => attributeFinals(call.turns, finals));
  const turns = call.turns.map(({ said }, index) => ({
    language,
    reference: said.text,
    wideband: wideTexts?.[index] ?? '',
    telephone: narrowTexts?.[index] ?? '',
  }));
  return { turns, disordered: disordered(wide).length + disordered(narrow).length };
}

/** Sent as fast as the service takes it. */
async function hear(call: SentCall, { language, url }: { language: string; url: string }): Promise<readonly HeardFinal[]> {
  const { encoding, sampleRateHz: sample_rate, bytes, bytesPerSecond } = call;
  const start = { type: 'start', language, encoding, sample_rate, channels: 2 } as const;
  const client = await StreamClient.open({ url, start, clock: () => performance.now() });
  const step = bytesPerSecond * MESSAGE_SECONDS;
  for (let at = 0; at < bytes.length; at += step) client.send(bytes.subarray(at, at + step));
  client.finish();
  await client.ended;
  const { finals, errors, closed } = client.record;
  if (closed?.reason !== 'finish') throw new Error(`The call was cut off: ${errors[0]?.message ?? 'without a word'}`);
  return finals.map(({ message: { channel, start: startSeconds, end, text } }) => ({
    channel,
    startMs: 1000 * startSeconds,
    endMs: 1000 * end,
    text,
  }));
}
