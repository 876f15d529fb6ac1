import { runCommand } from '../../server/commands/run-command.ts';
import { runInterruptibly } from '../benches/run-interruptibly.ts';
import { runTraining } from '../training/run-training.ts';
import { TRAIN_HELP, trainOptions } from '../training/train-options.ts';

/** @returns the process's exit code: 130 if it was interrupted, and can go on */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.length === 0) {
    process.stdout.write(TRAIN_HELP);
    return args.length === 0 ? 2 : 0;
  }
  const run = trainOptions(args);
  const trained = await runInterruptibly('the training', (context) => runTraining(run, context));
  if (trained === null) {
    process.stderr.write(`Stopped; the same command with --resume goes on from ${run.out}/checkpoint\n`);
    return 130;
  }
  for (const { name, folder } of trained) process.stdout.write(`${name}: ${folder}\n`);
  return 0;
}

await runCommand(main);
