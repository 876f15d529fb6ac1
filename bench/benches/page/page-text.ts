import type { FirstLoad } from './first-load.ts';

export interface PageFigures extends FirstLoad {
  readonly streams: number;
  readonly playedSeconds: number;
  readonly finals: number;
  /** above 50 ms, until the streams were started */
  readonly longTasksOpening: number;
  /** above 50 ms, while they ran */
  readonly longTasks: number;
  /** when they began, from where the streams were started */
  readonly longTasksAtMs: readonly number[];
  readonly longestTaskMs: number;
}

export function pageText(figures: PageFigures): string {
  const { firstLoadBytes, firstLoadFiles, usableMs, streams, playedSeconds, finals, longTasks, longestTaskMs } = figures;
  const longest = longTasks === 0 ? '' : `, the longest ${longestTaskMs.toFixed(0)} ms`;
  return [
    `First load: ${(firstLoadBytes / 1000).toFixed(1)} kB in ${firstLoadFiles} files; can be used after ${usableMs.toFixed(0)} ms.`,
    `${streams} streams for ${playedSeconds.toFixed(0)} s, ${finals} finals: ${longTasks} long tasks (above 50 ms)${longest}; ` +
      `${figures.longTasksOpening} before, while the page opened.`,
  ].join('\n');
}
