import { signal } from '@preact/signals';
import { cancelLane, createLane, type Lane } from './lane.ts';

/** Of the page, in their order. */
export const lanes = signal<readonly Lane[]>([]);

/** What a screen reader reads: the last final, of whichever lane. */
export const announcement = signal<{ readonly text: string; readonly language: string }>({ text: '', language: 'en' });

export function addLane(language: string): Lane {
  const lane = createLane(language);
  lanes.value = [...lanes.value, lane];
  return lane;
}

export function removeLane(lane: Lane): void {
  cancelLane(lane);
  lanes.value = lanes.value.filter((other) => other !== lane);
}
