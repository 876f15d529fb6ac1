import type { Adapter } from '../../adapters/adapter.ts';
import type { AdaptableModel } from '../../adapters/check-fit.ts';
import type { AdapterId } from '../../adapters/manifest.ts';
import { FloraAsrError } from '../../kernels/errors.ts';
import { defaultThreads } from '../../kernels/session.ts';
import { startWorker, workerEntry } from '../process/start-worker.ts';
import { openCheckpoint } from '../weights/open-checkpoint.ts';
import type { WhisperConfig } from '../whisper/config.ts';
import { languageToken } from '../whisper/prompt.ts';
import { whisperTargets } from '../whisper/targets.ts';
import { readTokenBytes, type TokenBytes } from '../whisper/token-bytes.ts';
import { chosenPolicy, requireUtterance } from './admission.ts';
import { type BatchView, RowLabels } from './batch-view.ts';
import type { EngineEvent, EngineOptions } from './engine-options.ts';
import type { EngineStats } from './engine-stats.ts';
import { type EngineView, labelledView } from './engine-view.ts';
import type { UtteranceJob } from './job.ts';
import { type DetectedLanguage, type DetectionRequest, languageChoices, mostProbable } from './language-detection.ts';
import { languageJob, wordsJob } from './make-job.ts';
import { capacityOf, type ModelPlan, planBank, poolsFor } from './model-plan.ts';
import type { RuntimeDescription } from './open-model.ts';
import { fromPlainError } from './plain-error.ts';
import type { RecognitionRequest, RecognitionResult } from './recognition.ts';
import { ResidentAdapters } from './resident-adapters.ts';
import type { RowId } from './schedule.ts';
import { StreamOrder } from './stream-order.ts';
import { SupervisedWorker } from './supervised-worker.ts';
import type { WorkerReport, WorkerRequest } from './worker-protocol.ts';

interface Reading {
  readonly stats: EngineStats;
  readonly view: BatchView;
}

interface StatsRequest {
  readonly resolve: (reading: Reading) => void;
  readonly reject: (error: FloraAsrError) => void;
}

type RowOutcome = Extract<WorkerReport, { kind: 'result' | 'languages' }>;

interface InFlight {
  readonly job: UtteranceJob;
  readonly stream: string;
  /** what comes of it, by the purpose of its job */
  readonly resolve: (outcome: RowOutcome) => void;
  readonly reject: (error: FloraAsrError) => void;
  /** workers that were lost while they had it */
  crashes: number;
}

const DEFAULT_MAX_ROWS = 256;
const DEFAULT_RESERVED_SLOTS = 8;
/** A row that was there each time is suspected, and not tried again. */
const MOST_CRASHES_OF_A_ROW = 2;

/**
 * Recognises utterances of all languages in one shared batch, each with its own adapter.
 *
 * Invariants: which adapter decodes a row is fixed when it is admitted. An admitted row ends in one result or one
 * error; a lost worker is replaced and gets all rows again.
 */
export class Engine {
  readonly config: WhisperConfig;
  readonly base: AdaptableModel;
  readonly #plan: ModelPlan;
  readonly #adapters: ResidentAdapters;
  readonly #maxRows: number;
  readonly #onEvent: (event: EngineEvent) => void;
  readonly #worker: SupervisedWorker;
  readonly #rows = new Map<RowId, InFlight>();
  readonly #order = new StreamOrder<RowId>();
  readonly #labels = new RowLabels();
  readonly #statsRequests = new Map<number, StatsRequest>();
  #runtime: RuntimeDescription | null = null;
  /** read when it is first asked for */
  #tokenBytes: TokenBytes | null = null;
  #nextId = 1;
  #refusal: FloraAsrError | null = null;

  /**
   * Opens the model in a worker thread, with the adapters that are there already.
   * @throws FloraAsrError `adapter_incompatible`, `adapter_ambiguous`, `weights_corrupt`, `provider_unavailable`, …
   */
  static async start(options: EngineOptions): Promise<Engine> {
    const checkpoint = openCheckpoint(options.checkpoint);
    checkpoint.tensors.close();
    const engine = new Engine(options, checkpoint.config);
    try {
      engine.#runtime = await engine.#worker.start();
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  private constructor(options: EngineOptions, config: WhisperConfig) {
    const { adapters = [], reservedSlots = DEFAULT_RESERVED_SLOTS, reservedRanks = { flora: 0, lora: 0 } } = options;
    const targets = whisperTargets(config);
    const allTargets = [...targets.encoder, ...targets.decoder];
    this.config = config;
    this.base = { name: config.name, digest: options.checkpoint.digest, targets: allTargets };
    const bankTargets = planBank(allTargets, adapters, reservedRanks);
    const slots = 1 + adapters.length + reservedSlots;
    this.#adapters = new ResidentAdapters({
      base: this.base,
      capacity: capacityOf(bankTargets),
      slots,
      languageDefaults: options.languageDefaults ?? {},
    });
    for (const adapter of adapters) this.#adapters.add(adapter);
    this.#maxRows = options.maxRows ?? DEFAULT_MAX_ROWS;
    this.#onEvent = options.onEvent ?? (() => undefined);
    this.#plan = {
      config,
      checkpoint: options.checkpoint,
      cacheDir: options.cacheDir,
      provider: options.provider ?? 'auto',
      computeType: options.computeType ?? 'auto',
      threads: options.threads ?? defaultThreads(),
      slots,
      bankTargets,
      pools: poolsFor(config.maxContext),
      limits: options.limits ?? {},
    };
    const entry = workerEntry('engine-worker', import.meta.url);
    this.#worker = new SupervisedWorker({
      startWorker: options.startWorker ?? (() => startWorker(entry)),
      replay: () => this.#replay(),
      onReport: (report) => this.#take(report),
      onCrash: (cause) => this.#crashed(cause),
      onGivenUp: (cause) => this.#giveUp(cause),
    });
  }

  /** What runs, and why. */
  get runtime(): RuntimeDescription {
    if (this.#runtime === null) throw new FloraAsrError('engine_closed', 'The engine has not started.');
    return this.#runtime;
  }

  /** Adapters that rows may be routed to. */
  get adapters(): readonly Adapter[] {
    return this.#adapters.list();
  }

  /** @throws FloraAsrError `weights_corrupt`, if the vocabulary has gone since the start */
  get tokenBytes(): TokenBytes {
    this.#tokenBytes ??= readTokenBytes(this.#plan.checkpoint.tokenizerPath);
    return this.#tokenBytes;
  }

  /** Rows that wait or decode. */
  get rowsInFlight(): number {
    return this.#rows.size;
  }

  /**
   * What an utterance would be decoded with, if it came now; null for the base model.
   * @throws FloraAsrError `language_unknown`, `adapter_not_found`, `argument_invalid` if it is no adapter's name
   */
  describeRoute({ language, adapter }: Pick<RecognitionRequest, 'language' | 'adapter'>): RecognitionResult['adapter'] {
    languageToken(this.config, language);
    return describeAdapter(this.#adapters.route(adapter === undefined ? { language } : { language, adapter }));
  }

  /**
   * Recognises one utterance; the promise settles in the order of the stream's requests.
   * @throws FloraAsrError at once, and nothing is admitted: `queue_full`, `engine_closed`, `language_unknown`,
   *   `adapter_not_found`, `audio_empty`, `audio_too_long`, `audio_not_finite`, `argument_invalid`; later: `cancelled`,
   *   `engine_failed`
   */
  async recognise(request: RecognitionRequest): Promise<RecognitionResult> {
    this.#requireRoom(request.signal);
    requireUtterance(request.samples, this.config.maxContext);
    const { language, adapter: wanted } = request;
    languageToken(this.config, language);
    const adapter = this.#adapters.route(wanted === undefined ? { language } : { language, adapter: wanted });
    const content = wordsJob(request, this.config, chosenPolicy(adapter, request.context));
    const job = { ...content, id: this.#nextId++ as RowId, adapterSlot: this.#adapters.acquire(adapter) };
    this.#labels.remember(job.id, { language, adapter: adapter?.id ?? null });
    const outcome = await this.#admit(job, request);
    if (outcome.kind !== 'result') throw new RangeError(`Row ${job.id} was to be recognised.`);
    return { ...outcome.recognition, adapter: describeAdapter(adapter) };
  }

  /**
   * Which language is spoken in an utterance, by the base model.
   * @throws FloraAsrError as `recognise` does
   */
  async detectLanguage(request: DetectionRequest): Promise<DetectedLanguage> {
    this.#requireRoom(request.signal);
    requireUtterance(request.samples, this.config.maxContext);
    const languages = languageChoices(this.config, request.among);
    const content = languageJob(request, this.config);
    const job = { ...content, id: this.#nextId++ as RowId, adapterSlot: this.#adapters.acquire(null) };
    const outcome = await this.#admit(job, request);
    if (outcome.kind !== 'languages') throw new RangeError(`Row ${job.id} was to tell its language.`);
    return mostProbable(languages, outcome.logProbs);
  }

  /**
   * Rows that are admitted from now on may use the adapter.
   * @throws FloraAsrError `adapter_incompatible`, `adapter_exists`, `adapter_ambiguous`, `adapter_bank_full`
   */
  loadAdapter(adapter: Adapter): void {
    const slot = this.#adapters.add(adapter);
    this.#worker.post({ kind: 'write-slot', slot, adapter });
  }

  /** No new row gets the adapter; rows in flight keep it. @throws FloraAsrError `adapter_not_found` */
  unloadAdapter(id: AdapterId): void {
    this.#adapters.remove(id);
  }

  /** @throws FloraAsrError `engine_closed` */
  async stats(): Promise<EngineStats> {
    return (await this.#read()).stats;
  }

  /** @throws FloraAsrError `engine_closed` */
  async view(): Promise<EngineView> {
    return labelledView(await this.#read(), { labels: this.#labels, inFlight: this.#rows.keys() });
  }

  /** Ends the worker; rows in flight fail with `engine_closed`. */
  async close(): Promise<void> {
    this.#refuseAll(new FloraAsrError('engine_closed', 'The engine was closed.'));
    await this.#worker.close();
  }

  async #read(): Promise<Reading> {
    if (this.#refusal !== null) throw this.#refusal;
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#statsRequests.set(id, { resolve, reject });
      this.#worker.post({ kind: 'stats', id });
    });
  }

  #requireRoom(signal: AbortSignal | undefined): void {
    if (this.#refusal !== null) throw this.#refusal;
    if (signal?.aborted) throw cancelled();
    if (this.#rows.size >= this.#maxRows) {
      throw new FloraAsrError('queue_full', `${this.#maxRows} utterances are waiting already; try again later.`);
    }
  }

  async #admit(job: UtteranceJob, { streamId, signal }: Pick<RecognitionRequest, 'streamId' | 'signal'>): Promise<RowOutcome> {
    const stream = streamId ?? `row ${job.id}`;
    const cancel = () => {
      this.#worker.post({ kind: 'cancel', id: job.id });
      this.#settle(job.id, (row) => row.reject(cancelled()));
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await new Promise<RowOutcome>((resolve, reject) => {
        this.#rows.set(job.id, { job, stream, resolve, reject, crashes: 0 });
        this.#order.enter(stream, job.id);
        this.#worker.post({ kind: 'submit', job });
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** The row has left the batch; its caller hears of it when those before it in its stream have. */
  #settle(id: RowId, tell: (row: InFlight) => void): void {
    const row = this.#rows.get(id);
    if (row === undefined) return; // cancelled, while its result was on the way
    this.#rows.delete(id);
    this.#adapters.release(row.job.adapterSlot);
    this.#order.settle(row.stream, id, () => tell(row));
  }

  #take(report: Exclude<WorkerReport, { kind: 'ready' | 'open-failed' }>): void {
    switch (report.kind) {
      case 'compiling':
        return this.#onEvent(report);
      case 'result':
      case 'languages':
        return this.#settle(report.id, (row) => row.resolve(report));
      case 'failure':
        return this.#settle(report.id, (row) => row.reject(fromPlainError(report.error)));
      case 'stats':
        this.#statsRequests.get(report.id)?.resolve(report);
        this.#statsRequests.delete(report.id);
        return;
    }
  }

  #replay(): readonly WorkerRequest[] {
    return [
      { kind: 'open', plan: this.#plan },
      ...this.#adapters.occupied().map(({ slot, adapter }) => ({ kind: 'write-slot', slot, adapter }) as const),
      ...[...this.#rows.values()].map(({ job }) => ({ kind: 'submit', job }) as const),
      ...[...this.#statsRequests.keys()].map((id) => ({ kind: 'stats', id }) as const),
    ];
  }

  #crashed(cause: FloraAsrError): void {
    for (const [id, row] of this.#rows) {
      row.crashes += 1;
      if (row.crashes < MOST_CRASHES_OF_A_ROW) continue;
      this.#settle(id, ({ reject }) => reject(cause));
    }
    this.#onEvent({ kind: 'worker-restarted', cause, replayedRows: this.#rows.size });
  }

  #giveUp(cause: FloraAsrError): void {
    this.#refuseAll(cause);
    this.#onEvent({ kind: 'given-up', cause });
  }

  #refuseAll(cause: FloraAsrError): void {
    this.#refusal ??= cause;
    for (const id of [...this.#rows.keys()]) this.#settle(id, (row) => row.reject(cause));
    for (const { reject } of this.#statsRequests.values()) reject(cause);
    this.#statsRequests.clear();
  }
}

function describeAdapter(adapter: Adapter | null): RecognitionResult['adapter'] {
  if (adapter === null) return null;
  const { name, version } = adapter.manifest;
  return { name, version, digest: adapter.digest };
}

function cancelled(): FloraAsrError {
  return new FloraAsrError('cancelled', 'The recognition was cancelled.');
}
