import { compileGraph } from '../../kernels/graph/compile-graph.ts';
import { floats, GraphSession } from '../../kernels/session.ts';
import type { ModelFiles } from './model-files.ts';
import { batchFeeds } from './training-batch.ts';
import { teacherGraph } from './training-graph.ts';
import type { TrainingRow } from './training-row.ts';

/** What the base model knows of an utterance at full context. */
export interface TeacherStates {
  /** [targets, dim]: the decoder's last hidden states at the row's targets, in their order */
  readonly hidden: Float32Array;
  /** [encodedPositions, dim]: the encoder's, over the utterance's own length */
  readonly encoder: Float32Array;
  readonly encodedPositions: number;
}

/** The base model at full context, told what to say. */
export class Teacher {
  readonly #options: ModelFiles;
  readonly #session: GraphSession;

  private constructor(options: ModelFiles, session: GraphSession) {
    this.#options = options;
    this.#session = session;
  }

  static async open(options: ModelFiles): Promise<Teacher> {
    const { config, weights, weightsDigest, cacheDir, onProgress } = options;
    const graph = teacherGraph(config, { weights });
    const path = await compileGraph(graph, { cacheDir, weightsDigest, ...(onProgress && { onProgress }) });
    return new Teacher(options, await GraphSession.open(path, { provider: 'cpu', threads: options.threads }));
  }

  /**
   * @param row the utterance at full context, with the tokens that are to be taught
   * @param encodedPositions of the utterance itself: beyond them the teacher has heard silence, which it does not teach
   */
  async statesOf(row: TrainingRow, encodedPositions: number): Promise<TeacherStates> {
    const { config } = this.#options;
    const { feeds } = batchFeeds(config, [{ learner: 0, row }]);
    const { hidden, encoder } = await this.#session.run(
      Object.fromEntries(this.#session.inputNames.map((name) => [name, feeds[name] as NonNullable<(typeof feeds)[string]>])),
      ['hidden', 'encoder'] as const,
    );
    return {
      hidden: floats(hidden),
      encoder: floats(encoder).slice(0, encodedPositions * config.dim),
      encodedPositions,
    };
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}
