import { drawOf } from '../draw.ts';
import { belowHttpCase } from './cases/below-http.ts';
import { formCase } from './cases/forms.ts';
import { frameCase } from './cases/frames.ts';
import { handshakeCase } from './cases/handshakes.ts';
import { jsonCase } from './cases/json.ts';
import { recordingCase } from './cases/recordings.ts';
import { requestCase } from './cases/requests.ts';
import { startCase } from './cases/starts.ts';
import { streamCase } from './cases/streams.ts';
import type { CaseMaker, FuzzCase, FuzzMaterial } from './fuzz-case.ts';

/** Kinds of cases, and how many of a hundred are of each. */
const CLASSES = [
  { name: 'below HTTP', share: 10, make: belowHttpCase },
  { name: 'requests', share: 16, make: requestCase },
  { name: 'JSON', share: 8, make: jsonCase },
  { name: 'forms', share: 16, make: formCase },
  { name: 'recordings', share: 10, make: recordingCase },
  { name: 'handshakes', share: 8, make: handshakeCase },
  { name: 'frames', share: 14, make: frameCase },
  { name: 'starts', share: 10, make: startCase },
  { name: 'streams', share: 8, make: streamCase },
] as const satisfies readonly { name: string; share: number; make: CaseMaker }[];

export type FuzzClass = (typeof CLASSES)[number]['name'];
export const FUZZ_CLASSES: readonly FuzzClass[] = CLASSES.map(({ name }) => name);

export interface ChosenCase extends FuzzCase {
  readonly class: FuzzClass;
  readonly index: number;
}

/** Case number `index` of a seed; it depends on nothing else but what it is made of. */
export function chooseCase(seed: number, index: number, material: FuzzMaterial): ChosenCase {
  const draw = drawOf(seed, index);
  let left = draw.whole(1, 100);
  const chosen = CLASSES.find(({ share }) => {
    left -= share;
    return left <= 0;
  });
  if (chosen === undefined) throw new RangeError('The shares of the classes do not make a hundred.');
  return { class: chosen.name, index, ...chosen.make(draw, material) };
}
