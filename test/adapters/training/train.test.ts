import { describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../../adapters/training/checkpoint.ts';
import { factorViews } from '../../../adapters/training/parameter-layout.ts';
import { type TrainedLearner, type TrainingOptions, train } from '../../../adapters/training/train.ts';
import type { TrainingEvent } from '../../../adapters/training/training-events.ts';
import type { TrainingState } from '../../../adapters/training/training-state.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';
import { FC1, type ToyBatch, toyRun } from './toy-run.ts';

const temporaryFolder = temporaryFolders();

async function trained(options: TrainingOptions<ToyBatch>) {
  const outcome = await train(options);
  if (outcome.status === 'stopped') throw new Error('The run was stopped.');
  return outcome;
}

/** The run's events, and its outcome or error. */
async function observed(options: TrainingOptions<ToyBatch>) {
  const events: TrainingEvent[] = [];
  const outcome = await train({ ...options, onEvent: (event) => events.push(event) }).catch((error: unknown) => error);
  return { events, outcome };
}

const eventsOf = <Type extends TrainingEvent['type']>(events: readonly TrainingEvent[], type: Type) =>
  events.filter((event): event is Extract<TrainingEvent, { type: Type }> => event.type === type);

describe('a run', () => {
  it('brings every learner nearer to its optimum, and reports each step and measurement', async () => {
    const { events, outcome } = await observed(toyRun());
    expect(outcome).toMatchObject({ status: 'trained' });
    const steps = eventsOf(events, 'step');
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 18 }, (_, index) => index + 1));
    expect(steps[0]?.learningRate).toBeCloseTo(0.05 / 4, 12);
    expect(steps.at(-1)?.learningRate).toBeLessThan(0.01);
    const measurements = eventsOf(events, 'measurement');
    expect(measurements.map(({ step, epoch }) => [step, epoch])).toEqual([
      [0, 0],
      [5, 1],
      [11, 2],
      [18, 3],
    ]);
    for (const [index, { learner, wer }] of (measurements.at(-1)?.learners ?? []).entries()) {
      expect(wer, learner).toBeLessThan(measurements[0]?.learners[index]?.wer as number);
    }
  });

  it('leaves alone what a batch has no rows of', async () => {
    const { events } = await observed(toyRun());
    const learners = eventsOf(events, 'step').flatMap((event) => event.learners);
    expect(learners.some(({ loss }) => loss === null)).toBe(true);
    expect(learners.filter(({ loss }) => loss === null)).toEqual(
      learners.filter(({ gradientNorm, skipped }) => gradientNorm === null && !skipped),
    );
  });

  it("never moves (IA)³'s b", async () => {
    const options = toyRun({ averageDecay: 0.9 });
    const { learners } = await trained(options);
    const layout = options.learners[1]?.layout as (typeof options.learners)[number]['layout'];
    const { a, b } = factorViews(layout, learners[1]?.parameters as Float32Array, FC1.name);
    expect([...b]).toEqual([1, 1, 1]);
    expect([...a].every((value) => value !== 1)).toBe(true);
  });

  it('gives the best parameters, not the last, and the first if nothing is better', async () => {
    const options = toyRun({ alphas: [1] });
    const rates = [0.5, 0.3, 0.4, 0.6];
    const seen: Float32Array[] = [];
    const { learners } = await trained({
      ...options,
      measureDev: async (parameters, epoch) => {
        if (seen.length < 4) seen.push((parameters[0] as Float32Array).slice());
        return parameters.map((_, index) => (index === 0 ? (rates[epoch] as number) : 0.7));
      },
      measureAlpha: async (parameters) => parameters.map(() => 0.3),
    });
    expect(learners[0]?.best).toMatchObject({ wer: 0.3, step: 5, epoch: 1 });
    expect(learners[0]?.parameters).toEqual(seen[1]);
    expect(learners[1]?.parameters).toEqual(options.learners[1]?.initial);
  });

  it('ends early when no learner gets better for as long as its patience', async () => {
    const { events } = await observed({
      ...toyRun({ epochs: 50, patience: 2 }),
      measureDev: async (parameters, epoch) => parameters.map((_, index) => (index === 2 && epoch === 2 ? 0.1 : 0.2)),
    });
    expect(eventsOf(events, 'measurement').map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3, 4]);
    expect(eventsOf(events, 'patience_ended')).toHaveLength(1);
  });

  it('measures every so many steps if the recipe says so, and once more at the end', async () => {
    const { events } = await observed(toyRun({ measureEverySteps: 7, measureInitial: false }));
    expect(eventsOf(events, 'measurement').map(({ step }) => step)).toEqual([7, 14, 18]);
  });

  it('measures the average where there is one', async () => {
    const measured: Float32Array[] = [];
    const states: TrainingState[] = [];
    const options = toyRun({ averageDecay: 0.9 });
    await trained({
      ...options,
      measureDev: async (parameters, epoch) => {
        measured.push((parameters[0] as Float32Array).slice());
        return options.measureDev(parameters, epoch);
      },
      saveCheckpoint: (state) => void states.push(structuredClone(state)),
    });
    expect(states[3]?.learners[0]?.average).toEqual(measured[3]);
    expect(states[3]?.learners[0]?.parameters).not.toEqual(measured[3]);
  });

  it('refuses rates and gradients that do not fit its learners, and an epoch without batches', async () => {
    const options = toyRun();
    await expect(train({ ...options, measureDev: async () => [0.1] })).rejects.toThrow(/gave \[0.1\], expected .* 3 learners/);
    await expect(train({ ...options, measureDev: async () => [0.1, Number.NaN, 0] })).rejects.toThrow(/NaN/);
    const short = async () => ({ lossSums: [1, 1, 1], tokenCounts: [1, 1, 1], gradients: [new Float32Array(3), null, null] });
    await expect(train({ ...options, computeGradients: short })).rejects.toThrow(/learner 0 has 3 entries/);
    await expect(train({ ...options, epochs: { batches: async () => [] } })).rejects.toThrow(/Epoch 0 has no batches/);
  });
});

describe('what is not finite', () => {
  /** Spoils the steps that are listed, of the first learner. */
  const spoiling = (steps: readonly number[], spoil: 'loss' | 'gradient', changes = {}): TrainingOptions<ToyBatch> => {
    const options = toyRun(changes);
    let step = 0;
    return {
      ...options,
      computeGradients: async (batch, parameters) => {
        const result = await options.computeGradients(batch, parameters);
        step += 1;
        if (!steps.includes(step)) return result;
        if (spoil === 'loss') return { ...result, lossSums: result.lossSums.map((sum, i) => (i === 0 ? Number.NaN : sum)) };
        result.gradients[0]?.fill(Number.POSITIVE_INFINITY, 2, 3);
        return result;
      },
    };
  };

  it.each(['loss', 'gradient'] as const)('in a %s leaves that update out, for that learner, and says so', async (spoil) => {
    const { events, outcome } = await observed(spoiling([2, 3, 9], spoil, { maxSkipsInARow: 2 }));
    const skipped = eventsOf(events, 'step').filter(({ learners }) => learners.some((learner) => learner.skipped));
    expect(skipped.map(({ step }) => step)).toEqual([2, 3, 9]);
    expect(skipped.every(({ learners }) => learners.slice(1).every((learner) => !learner.skipped))).toBe(true);
    const { learners, history } = outcome as Awaited<ReturnType<typeof trained>>;
    expect(history.losses[1]?.losses[0]).toBeNull();
    expect(learners[0]?.parameters.every(Number.isFinite)).toBe(true);
  });

  it('too often in a row ends the run, with nothing written', async () => {
    const saved: number[] = [];
    const options = spoiling([7, 8, 9], 'gradient', { maxSkipsInARow: 2, checkpointEverySteps: 1 });
    const { outcome } = await observed({ ...options, saveCheckpoint: ({ step }) => void saved.push(step) });
    expect(outcome).toMatchObject({ code: 'training_diverged', message: expect.stringMatching(/Learner el .* 3 steps/) });
    expect(saved.at(-1)).toBe(8);
  });
});

/** The gradients of a process that does not live to compute its nth. */
function failingFrom(call: number, compute: TrainingOptions<ToyBatch>['computeGradients']): typeof compute {
  let calls = 0;
  return async (batch, parameters) => {
    calls += 1;
    if (calls >= call) throw new Error('killed');
    return compute(batch, parameters);
  };
}

describe('a run that was stopped and goes on from its checkpoint', () => {
  const recipe = { averageDecay: 0.9, checkpointEverySteps: 3, measureEverySteps: 4 };
  const bitsOf = (learners: readonly TrainedLearner[]) =>
    learners.map(({ name, parameters, alpha, wer, best }) => ({
      ...{ name, alpha, wer, best: [best.wer, best.step, best.epoch] },
      bits: [parameters, best.parameters].map((values) => [...new Uint32Array(values.buffer)]),
    }));

  /** Stops at each of the moments, and goes on each time in a fresh run, from the disk. */
  async function broken(changes: object, moments: readonly ((event: TrainingEvent) => boolean)[]) {
    const folder = temporaryFolder();
    let stops = 0;
    for (const moment of [...moments, () => false]) {
      const controller = new AbortController();
      const options = toyRun({ ...recipe, ...changes });
      const outcome = await train({
        ...options,
        resumeFrom: readCheckpoint(folder, options.recipe),
        saveCheckpoint: (state) => writeCheckpoint(folder, state, options.recipe),
        signal: controller.signal,
        onEvent: (event) => {
          if (moment(event)) controller.abort();
        },
      });
      if (outcome.status === 'trained') return { ...outcome, stops };
      stops += 1;
    }
    throw new Error('The run did not end.');
  }

  const afterStep = (step: number) => (event: TrainingEvent) => event.type === 'step' && event.step === step;
  const places: readonly (readonly [string, object, readonly ((event: TrainingEvent) => boolean)[]])[] = [
    ['within an epoch', {}, [afterStep(3)]],
    ['between a checkpoint and the next', {}, [afterStep(7)]],
    ['before a measurement that is due', {}, [afterStep(8)]],
    ['after a measurement', {}, [(event) => event.type === 'measurement' && event.step === 8]],
    ['at the end of an epoch', { measureEverySteps: null }, [afterStep(5)]],
    ['after the last step', {}, [afterStep(18)]],
    ['while strengths are tried', {}, [(event) => event.type === 'alpha_measured' && event.alpha === 0.8]],
    ['before its first measurement', {}, [(event) => event.type === 'measurement' && event.step === 0]],
    ['after each step', {}, Array.from({ length: 18 }, (_, index) => afterStep(index + 1))],
    ['twice, without an average', { averageDecay: null }, [afterStep(2), afterStep(12)]],
  ];
  it.each(places)('equals one without a break, bit for bit: stopped %s', async (_, changes, moments) => {
    const unbroken = await trained(toyRun({ ...recipe, ...changes }));
    const resumed = await broken(changes, moments);
    expect(resumed.stops).toBe(moments.length);
    expect(bitsOf(resumed.learners)).toEqual(bitsOf(unbroken.learners));
    expect(resumed.history).toEqual(unbroken.history);
  });

  for (const which of ['measureDev', 'measureAlpha'] as const) {
    it(`equals one without a break where the interrupt broke a measurement: ${which}`, async () => {
      const folder = temporaryFolder();
      const options = toyRun(recipe);
      const saveCheckpoint = (state: TrainingState) => writeCheckpoint(folder, state, options.recipe);
      const controller = new AbortController();
      let calls = 0;
      const breaking: TrainingOptions<ToyBatch>['measureDev'] = async (parameters, epoch) => {
        calls += 1;
        if (calls < 3) return options.measureDev(parameters, epoch);
        controller.abort();
        throw new Error('interrupted');
      };
      const stopped = await train({ ...options, saveCheckpoint, signal: controller.signal, [which]: breaking });
      expect(stopped.status).toBe('stopped');
      const resumed = await trained({ ...options, saveCheckpoint, resumeFrom: readCheckpoint(folder, options.recipe) });
      const unbroken = await trained(toyRun(recipe));
      expect(bitsOf(resumed.learners)).toEqual(bitsOf(unbroken.learners));
      expect(resumed.history).toEqual(unbroken.history);
    });
  }

  it('fails where a measurement fails, and no interrupt is to blame', async () => {
    const measureDev = async () => Promise.reject(new Error('the engine is lost'));
    await expect(train({ ...toyRun(recipe), measureDev })).rejects.toThrow('the engine is lost');
  });

  it('equals one without a break after it was killed between two checkpoints', async () => {
    const folder = temporaryFolder();
    const options = toyRun(recipe);
    const saveCheckpoint = (state: TrainingState) => writeCheckpoint(folder, state, options.recipe);
    const killed = { ...options, saveCheckpoint, computeGradients: failingFrom(11, options.computeGradients) };
    await expect(train(killed)).rejects.toThrow('killed');
    const resumeFrom = readCheckpoint(folder, options.recipe);
    expect(resumeFrom?.step).toBe(9);
    const resumed = await trained({ ...options, saveCheckpoint, resumeFrom });
    expect(bitsOf(resumed.learners)).toEqual(bitsOf((await trained(toyRun(recipe))).learners));
  });

  it('writes a checkpoint even if it is stopped before its first step', async () => {
    const states: TrainingState[] = [];
    const outcome = await train({
      ...toyRun(),
      signal: AbortSignal.abort(),
      saveCheckpoint: (state) => void states.push(state),
    });
    expect(outcome).toMatchObject({ status: 'stopped' });
    expect(states.map(({ step, measuredStep }) => [step, measuredStep])).toEqual([[0, null]]);
  });

  it('refuses a state of other learners, and an epoch that has become shorter', async () => {
    const states: TrainingState[] = [];
    const options = toyRun({ checkpointEverySteps: 1 });
    await train({ ...options, saveCheckpoint: (state) => void states.push(state) });
    const resumeFrom = states.find(({ step }) => step === 4) as TrainingState;
    await expect(train({ ...options, resumeFrom, learners: options.learners.slice(1) })).rejects.toMatchObject({
      code: 'checkpoint_incompatible',
      message: expect.stringMatching(/trains el with .* cannot go on with ca/),
    });
    const batches = async () => [{ noise: 0, rows: [true, true, true] }];
    await expect(train({ ...options, resumeFrom, epochs: { batches } })).rejects.toThrow(
      /after batch 4 of an epoch that has 1/,
    );
  });
});
