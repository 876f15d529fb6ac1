import cliProgress from 'cli-progress';

/** What is going on; a new title begins a new bar. */
export interface Progress {
  readonly title: string;
  readonly done: number;
  readonly total: number;
  readonly unit: 'bytes' | 'files' | 'steps';
  /** shown behind the bar, where there is one */
  readonly status?: string;
}

export interface ProgressBar {
  update(progress: Progress): void;
  /** Leaves the bar as it is, so that other lines can follow. */
  end(): void;
}

const BYTES_PER_MB = 1e6;

/** A bar on a terminal; elsewhere one line for each title. */
export function progressBar(stream: NodeJS.WriteStream): ProgressBar {
  let bar: cliProgress.SingleBar | null = null;
  let title: string | null = null;
  const end = () => {
    bar?.stop();
    bar = null;
    title = null;
  };
  const update = (progress: Progress) => {
    const scale = progress.unit === 'bytes' ? BYTES_PER_MB : 1;
    if (progress.title !== title) {
      end();
      title = progress.title;
      if (stream.isTTY) bar = startBar(stream, progress, scale);
      else stream.write(`${title} ...\n`);
    }
    bar?.setTotal(progress.total / scale);
    bar?.update(progress.done / scale, { status: progress.status ?? '' });
  };
  return { update, end };
}

function startBar(stream: NodeJS.WriteStream, { title, total, unit }: Progress, scale: number): cliProgress.SingleBar {
  const bar = new cliProgress.SingleBar({
    format: `${title} [{bar}] {percentage}% {value}/{total} ${unit === 'bytes' ? 'MB' : unit}, {eta_formatted} left {status}`,
    formatValue: (value, _, type) => (type === 'value' || type === 'total' ? value.toFixed(0) : `${value}`),
    formatTime: timeText,
    hideCursor: true,
    stream,
  });
  bar.start(total / scale, 0, { status: '' });
  return bar;
}

/** cli-progress gives words instead of a number while it cannot tell. */
function timeText(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'some time';
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
