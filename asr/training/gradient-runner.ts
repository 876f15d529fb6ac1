import { type ParameterLayout, viewsAt } from '../../adapters/training/parameter-layout.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { gradientName } from '../../kernels/gradients/adapted-linear.ts';
import { compileGraph } from '../../kernels/graph/compile-graph.ts';
import { factorNames } from '../../kernels/layers/adapted-linear.ts';
import { type Feeds, floats, GraphSession, tensor } from '../../kernels/session.ts';
import type { ModelFiles } from './model-files.ts';
import type { TeacherStates } from './teacher.ts';
import { type BatchFeeds, batchFeeds, type LearnerRow } from './training-batch.ts';
import { trainingGraph } from './training-graph.ts';

/** What one batch says about each learner; `null`, and counts of 0, where it has no row of it. */
export interface BatchGradients {
  /** nats, summed over the learner's target tokens */
  readonly lossSums: readonly number[];
  readonly tokenCounts: readonly number[];
  /** d(mean loss over the learner's tokens) / d(parameters), in the layout's order */
  readonly gradients: readonly (Float32Array | null)[];
}

export interface GradientRunnerOptions extends ModelFiles {
  readonly layout: ParameterLayout;
  readonly labelSmoothing: number;
  /** null: learn from transcripts alone */
  readonly teaching: Teaching | null;
}

/** How much a teacher has to say. */
export interface Teaching {
  /** its share of the target distribution of rows that it taught, 0 to 1 */
  readonly tokenShare: number;
  /** weight of the encoder's hidden states beside the token loss: of their mean over the learner's taught positions */
  readonly hiddenWeight: number;
}

/** A row, and what the teacher made of it where it was asked. */
export interface TaughtRow extends LearnerRow {
  readonly teacher?: TeacherStates;
}

/** Computes a batch's losses and gradients. A run blocks the thread for seconds. */
export class GradientRunner {
  readonly #options: GradientRunnerOptions;
  readonly #session: GraphSession;
  readonly #gradientNames: readonly string[];

  private constructor(options: GradientRunnerOptions, session: GraphSession) {
    this.#options = options;
    this.#session = session;
    this.#gradientNames = options.layout.targets.flatMap(({ name }) =>
      Object.values(factorInputs(options.layout, name)).map(gradientName),
    );
  }

  /** Compiles the graph if it is not in the cache, and opens it. @throws FloraAsrError */
  static async open(options: GradientRunnerOptions): Promise<GradientRunner> {
    const { config, weights, layout, labelSmoothing, teaching, cacheDir, weightsDigest, onProgress } = options;
    const rankOf = new Map(layout.targets.map(({ name, rank }) => [name, rank]));
    const family = layout.kind === 'lora' ? 'lora' : 'flora';
    const ranks = (target: string) => ({ flora: 0, lora: 0, [family]: rankOf.get(target) ?? 0 });
    const graph = trainingGraph(config, { weights, ranks }, { labelSmoothing, distils: teaching !== null });
    const path = await compileGraph(graph, { cacheDir, weightsDigest, ...(onProgress && { onProgress }) });
    return new GradientRunner(options, await GraphSession.open(path, { provider: 'cpu', threads: options.threads }));
  }

  /**
   * @param parameters one flat array for each learner, in the layout's order
   * @throws FloraAsrError `argument_invalid`, `shape_mismatch`
   */
  async compute(rows: readonly TaughtRow[], parameters: readonly Float32Array[]): Promise<BatchGradients> {
    const unknown = rows.find(({ learner }) => parameters[learner] === undefined);
    if (unknown !== undefined) {
      throw new FloraAsrError('argument_invalid', `A row trains learner ${unknown.learner} of ${parameters.length}.`);
    }
    const batch = batchFeeds(this.#options.config, rows);
    const fetched = await this.#session.run(
      { ...batch.feeds, ...this.#bankFeeds(parameters), ...this.#teacherFeeds(rows, batch) },
      ['losses', ...this.#gradientNames],
    );
    const losses = floats(fetched['losses'] as NonNullable<(typeof fetched)[string]>);
    const lossSums = parameters.map(() => 0);
    const tokenCounts = parameters.map(() => 0);
    for (const [index, { batchIndex }] of batch.targets.entries()) {
      const { learner } = rows[batchIndex] as TaughtRow;
      lossSums[learner] = (lossSums[learner] ?? 0) + (losses[index] ?? 0);
      tokenCounts[learner] = (tokenCounts[learner] ?? 0) + 1;
    }
    const ofFactor = (name: string) => floats(fetched[name] as NonNullable<(typeof fetched)[string]>);
    return { lossSums, tokenCounts, gradients: this.#sumOverRows(rows, parameters.length, ofFactor) };
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  /** The learners' parameters as a bank without an identity slot: learner i lies in slot i. */
  #bankFeeds(parameters: readonly Float32Array[]): Feeds {
    const { layout } = this.#options;
    return Object.fromEntries(
      layout.targets.flatMap((spans) => {
        const { rank, inDim, outDim } = spans;
        const inputs = factorInputs(layout, spans.name);
        const views = parameters.map((values) => viewsAt(values, spans));
        const shapes =
          layout.kind === 'lora' ? { a: [inDim, rank], b: [rank, outDim] } : { a: [rank, outDim], b: [rank, inDim] };
        return (['a', 'b'] as const).map((factor) => {
          const values = joined(views.map((view) => view[factor]));
          return [inputs[factor], tensor(values, [parameters.length, ...shapes[factor]])] as const;
        });
      }),
    );
  }

  #teacherFeeds(rows: readonly TaughtRow[], { targets, contexts, paddedContext }: BatchFeeds): Feeds {
    const { teaching, config } = this.#options;
    if (teaching === null) return {};
    const { dim } = config;
    const hidden = new Float32Array(targets.length * dim);
    const share = new Float32Array(targets.length);
    const encoder = new Float32Array(rows.length * paddedContext * dim);
    const encoderWeights = new Float32Array(rows.length * paddedContext);
    const taught = rows.map(({ teacher }, index) => Math.min(teacher?.encodedPositions ?? 0, contexts[index] ?? 0));
    const perLearner = new Map<number, number>();
    for (const [index, { learner }] of rows.entries())
      perLearner.set(learner, (perLearner.get(learner) ?? 0) + (taught[index] ?? 0));
    const seen = new Map<number, number>();
    for (const [index, { batchIndex }] of targets.entries()) {
      const nth = seen.get(batchIndex) ?? 0;
      seen.set(batchIndex, nth + 1);
      const teacher = rows[batchIndex]?.teacher;
      if (teacher === undefined) continue;
      hidden.set(teacher.hidden.subarray(nth * dim, (nth + 1) * dim), index * dim);
      share[index] = teaching.tokenShare;
    }
    for (const [index, { teacher, learner }] of rows.entries()) {
      if (teacher === undefined) continue;
      const positions = taught[index] ?? 0;
      encoder.set(teacher.encoder.subarray(0, positions * dim), index * paddedContext * dim);
      // as with tokens: each learner's is the mean over its own positions, whoever shares the batch
      const weight = teaching.hiddenWeight / (perLearner.get(learner) ?? 1);
      encoderWeights.fill(weight, index * paddedContext, index * paddedContext + positions);
    }
    return {
      teacher_hidden: tensor(hidden, [targets.length, dim]),
      teacher_share: tensor(share, [targets.length, 1]),
      teacher_encoder: tensor(encoder, [rows.length, paddedContext, dim]),
      encoder_weights: tensor(encoderWeights, [rows.length, paddedContext, 1]),
    };
  }

  #sumOverRows(
    rows: readonly TaughtRow[],
    learners: number,
    ofFactor: (name: string) => Float32Array,
  ): readonly (Float32Array | null)[] {
    const { layout } = this.#options;
    const sums = Array.from({ length: learners }, (_, learner) =>
      rows.some((row) => row.learner === learner) ? new Float32Array(layout.length) : null,
    );
    for (const spans of layout.targets) {
      const inputs = factorInputs(layout, spans.name);
      for (const factor of ['a', 'b'] as const) {
        const values = ofFactor(gradientName(inputs[factor])); // [batch, ...factor]
        const { start, end } = spans[factor];
        for (const [index, { learner }] of rows.entries()) {
          const sum = sums[learner] as Float32Array;
          const offset = index * (end - start) - start;
          for (let i = start; i < end; i += 1) sum[i] = (sum[i] as number) + (values[offset + i] as number);
        }
      }
    }
    return sums;
  }
}

function factorInputs(layout: ParameterLayout, target: string): { readonly a: string; readonly b: string } {
  const names = factorNames(target);
  return layout.kind === 'lora' ? { a: names.loraA, b: names.loraB } : { a: names.floraA, b: names.floraB };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
