// first, so that it runs before onnxruntime is loaded
import './no-telemetry.ts';
import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { FloraAsrError } from './errors.ts';
import type { TensorData } from './graph/tensor-type.ts';

/** Where graphs run: `cpu`, or a GPU through the provider of that name. */
export type ExecutionProvider = 'cpu' | 'cuda' | 'webgpu';

export interface SessionOptions {
  readonly provider: ExecutionProvider;
  /** threads inside one operator */
  readonly threads: number;
  /** Prepacking copies the weights into a faster layout; graphs that run rarely do without. */
  readonly prepacking?: boolean;
}

/** A tensor at a graph's boundary. The data is not copied on the way in: leave it alone while a run is on. */
export type BoundaryTensor = Tensor;
export type Feeds = Readonly<Record<string, BoundaryTensor>>;

/**
 * A graph loaded into onnxruntime. A run blocks the thread that calls it, so sessions live in worker
 * threads. Sessions are few and long-lived: making and releasing them leaks memory.
 */
export class GraphSession {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** @throws FloraAsrError `engine_failed` if onnxruntime refuses the graph */
  static async open(modelPath: string, options: SessionOptions): Promise<GraphSession> {
    try {
      const session = await InferenceSession.create(modelPath, {
        executionProviders: [options.provider],
        graphOptimizationLevel: 'all',
        intraOpNumThreads: options.threads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        // shapes change from run to run, so a memory plan made for one shape does not serve the next
        enableMemPattern: false,
        logSeverityLevel: 3,
        extra: {
          session: {
            ...(options.prepacking === false ? { disable_prepacking: '1' } : {}),
            // sessions have threads of their own: those that have nothing to do leave the cores to the others at once
            force_spinning_stop: '1',
          },
        },
      });
      return new GraphSession(session);
    } catch (cause) {
      throw new FloraAsrError('engine_failed', `onnxruntime cannot load ${modelPath}: ${String(cause)}`, { cause });
    }
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  /** Computes and returns only the outputs that are named. Their data is the caller's. */
  async run<Name extends string>(feeds: Feeds, fetches: readonly Name[]): Promise<Record<Name, BoundaryTensor>> {
    return (await this.#session.run(feeds, [...fetches])) as Record<Name, BoundaryTensor>;
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

/** Wraps values without a copy. @throws TypeError if the sizes disagree */
export function tensor(values: TensorData, shape: readonly number[]): BoundaryTensor {
  if (values instanceof Float32Array) return new Tensor('float32', values, shape);
  if (values instanceof Int32Array) return new Tensor('int32', values, shape);
  if (values instanceof BigInt64Array) return new Tensor('int64', values, shape);
  if (values instanceof Int8Array) return new Tensor('int8', values, shape);
  return new Tensor('uint8', values, shape);
}

/** The fp32 values of a fetched tensor. */
export function floats(fetched: BoundaryTensor): Float32Array {
  if (!(fetched.data instanceof Float32Array)) {
    throw new FloraAsrError('shape_mismatch', `Expected an fp32 tensor, found ${fetched.type}.`);
  }
  return fetched.data;
}

/** The values of a fetched tensor of 64-bit integers, which have to be small ones. */
export function integers(fetched: BoundaryTensor): Int32Array {
  if (!(fetched.data instanceof BigInt64Array)) {
    throw new FloraAsrError('shape_mismatch', `Expected a tensor of 64-bit integers, found ${fetched.type}.`);
  }
  return Int32Array.from(fetched.data, Number);
}

/** One thread a core; more only contend. */
export function defaultThreads(): number {
  return availableParallelism();
}
