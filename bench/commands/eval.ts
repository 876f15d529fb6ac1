import { runCommand } from '../../server/commands/run-command.ts';
import { runInterruptibly } from '../benches/run-interruptibly.ts';
import { evaluate } from '../wer/eval.ts';
import { EVAL_HELP } from '../wer/eval-options.ts';

/** @returns the process's exit code */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(EVAL_HELP);
    return 0;
  }
  const options = args.filter((arg) => arg !== '--json');
  const outcome = await runInterruptibly('the evaluation', (context) => evaluate(options, context));
  process.stdout.write(args.includes('--json') ? `${JSON.stringify(outcome.document, null, 2)}\n` : `${outcome.text}\n`);
  return 0;
}

await runCommand(main);
