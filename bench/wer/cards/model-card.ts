import type { AdapterManifest } from '../../../adapters/manifest.ts';
import type { RunRecipe } from '../../training/run-recipe.ts';
import { changeTexts, NONE, werText } from '../score-texts.ts';
import type { CardResult } from './card-results.ts';
import { corporaNotes } from './corpora-notes.ts';
import { recipeWords } from './recipe-words.ts';

/** What a card is made of; its numbers are all from here. */
export interface CardFacts {
  readonly manifest: AdapterManifest;
  readonly digest: string;
  /** numbers in its factors */
  readonly parameters: number;
  /** of its file */
  readonly bytes: number;
  /** null if the manifest does not say, or says something else than our recipes do */
  readonly recipe: RunRecipe | null;
  /** path of its adapter.json, as it is passed to `--from` */
  readonly manifestPath: string;
  /** languages and corpora in the order in which they are told */
  readonly results: readonly CardResult[];
}

const RESULTS_ABOUT =
  'WER in %, case and punctuation removed, with 95 % intervals over utterances; the base model at the full context of 30 s, ' +
  'the adapter at its own. Change and p: adapter against base, paired. `spoken`: utterances whose text can have been said in ' +
  'the time. Trips: utterances in which a guard tripped; loops: texts that repeat themselves; base → adapter.';

type Pair = readonly [string, string];

/** A model card in Markdown, with the front matter that model hubs read. */
export function cardOf(facts: CardFacts): string {
  const { manifest, results } = facts;
  const sections = [
    frontMatter(facts),
    `# ${manifest.name} ${manifest.version}`,
    'An adapter for speech recognition with Whisper, for flora-asr. It changes the base model for the rows that use it, and nothing for others.',
    pairTable(identity(facts)),
    '## What it was trained on',
    ...trainedOn(facts),
    '## How it was trained',
    ...howTrained(facts),
    '## Results',
    `${RESULTS_ABOUT}${computedIn(results)}`,
    resultTable(results),
    '## Limits',
    limits(facts)
      .map((limit) => `- ${limit}`)
      .join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** Hubs know few licences by name; this one is named as the manifest does. */
function frontMatter({ manifest: { licence }, results, manifest }: CardFacts): string {
  const languages = manifest.language === null ? languagesOf(results) : [manifest.language];
  return [
    '---',
    'language:',
    ...languages.map((language) => `- ${language}`),
    'license: other',
    `license_name: ${licence}`,
    'pipeline_tag: automatic-speech-recognition',
    '---',
  ].join('\n');
}

function identity({ manifest, digest, parameters, bytes, recipe }: CardFacts): readonly Pair[] {
  const { language, baseModel, kind, targets, licence } = manifest;
  const ranks = [...new Set(Object.values(targets).map(({ rank }) => rank))].sort((one, other) => one - other);
  return [
    ['language', language === null ? 'any' : languageName(language)],
    ['base model', `${baseModel.name}, \`${baseModel.digest}\``],
    ['kind', recipe?.kind === 'ia3' ? '(IA)³, as FLoRA of rank 1' : kind === 'flora' ? 'FLoRA' : 'LoRA'],
    ['rank', `${ranks.join(', ')}, at ${Object.keys(targets).length} linear layers`],
    ['size', `${parameters.toLocaleString('en')} numbers, ${Math.round(bytes / 1000).toLocaleString('en')} kB`],
    ['context', contextText(manifest)],
    ['licence', licence],
    ['digest', `\`${digest}\``],
  ];
}

function contextText({ contextPolicy }: AdapterManifest): string {
  if (contextPolicy === null) return 'always 30 s';
  const { tailPositions, trainedMinMs, trainedMaxMs } = contextPolicy;
  const from = trainedMinMs === 0 ? 'up to' : `of ${trainedMinMs / 1000} to`;
  return `utterances ${from} ${trainedMaxMs / 1000} s: their own length and ${tailPositions} positions of 20 ms; others: 30 s`;
}

function trainedOn({ manifest: { training }, recipe }: CardFacts): readonly string[] {
  const data = training?.data ?? null;
  if (data === null) return ['The adapter does not say.'];
  const digest = data.digest === null ? '' : ` Digest of ids, texts and samples: \`${data.digest}\`.`;
  return [`${data.description}.${digest}`, ...corporaNotes(recipe?.data ?? []).map(({ about }) => about)];
}

function howTrained({ recipe, manifestPath, manifest }: CardFacts): readonly string[] {
  if (recipe === null) return ['The adapter does not say, or not in a way that could be done again.'];
  const init = recipe.initial === null ? '' : ' --init ADAPTERS';
  const tools = Object.entries(manifest.training?.tools ?? {}).map(([name, version]) => `${name} ${version}`);
  return [
    recipeWords(recipe)
      .map((words) => `- ${words}`)
      .join('\n'),
    'All of it is in `adapter.json`. To do it again, with the adapters of all languages that were trained together:',
    `    npm run train -- --from ${manifestPath}${init} --version ${manifest.version} --licence ${manifest.licence} --out AGAIN`,
    ...(tools.length === 0 ? [] : [`Trained with ${tools.join(', ')}.`]),
  ];
}

function resultTable(results: readonly CardResult[]): string {
  const arrow = (base: number | null, adapter: number | null) => `${base ?? NONE} → ${adapter ?? NONE}`;
  const rows = results.map(({ language, set, base, adapter, relative, pValue, ...where }) => [
    `${testName(where)}, \`${set}\``,
    language,
    `${adapter.utterances}`,
    werText(base),
    werText(adapter),
    ...changeTexts({ relative, pValue }),
    arrow(base.guardTrips, adapter.guardTrips),
    arrow(base.loops, adapter.loops),
  ]);
  const header = ['corpus', 'language', 'utterances', 'base', 'adapter', 'change', 'p', 'trips', 'loops'];
  return [header, header.map((_, column) => (column < 2 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function computedIn(results: readonly CardResult[]): string {
  const told = (kind: 'precision' | 'beam') => [...new Set(results.flatMap((result) => result[kind] ?? []))].join(' and ');
  const [precisions, beams] = [told('precision'), told('beam')];
  const searched = beams === '' ? '' : `, hypotheses side by side: ${beams}`;
  return precisions === '' ? '' : ` Computed in ${precisions}${searched}.`;
}

function limits({ manifest, recipe, results }: CardFacts): readonly string[] {
  const tested = [...new Set(results.map(testName))];
  const notes = corporaNotes(recipe?.data ?? []);
  const voices = notes.flatMap(({ voices: known }) => known ?? []);
  const { contextPolicy, language, baseModel } = manifest;
  return [
    `It was tested on ${tested.join(' and ')}, and on nothing else. Other recordings, spontaneous speech, conversation, dialects, children, noise and distant microphones may be recognised better or worse than the base model does: measure on your own (\`npm run eval\`).`,
    ...voices,
    ...(language === null
      ? []
      : [`It is for ${languageName(language)}. The service gives it no utterances in other languages.`]),
    ...(contextPolicy === null
      ? []
      : [
          `Utterances longer than ${contextPolicy.trainedMaxMs / 1000} s are encoded at 30 s, and cost what they cost without it.`,
        ]),
    `It fits ${baseModel.name} with the digest above, and no other weights.`,
  ];
}

function testName({ corpus, split, telephone }: Pick<CardResult, 'corpus' | 'split' | 'telephone'>): string {
  return `${corpus} ${split}${telephone ? ' over a telephone' : ''}`;
}

function languagesOf(results: readonly CardResult[]): readonly string[] {
  return [...new Set(results.map(({ language }) => language))];
}

function languageName(tag: string): string {
  const name = new Intl.DisplayNames(['en'], { type: 'language' }).of(tag);
  return name === undefined || name === tag ? `\`${tag}\`` : `${name} (\`${tag}\`)`;
}

function pairTable(pairs: readonly Pair[]): string {
  return ['| | |', '|---|---|', ...pairs.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');
}
