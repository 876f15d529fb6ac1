import { describe, it } from 'vitest';
import { seededRandom } from '../../../bench/benches/draw.ts';
import { tracedAttention } from '../../../kernels/gradients/attention.ts';
import { f32 } from '../../../kernels/graph/tensor-type.ts';
import { tensor } from '../../../kernels/session.ts';
import { expectGradients, type NaiveInputs } from '../../support/check-gradient.ts';
import { noise } from '../../support/tiny-weights.ts';

const [BATCH, HEADS, HEAD_DIM] = [2, 2, 4];
const DIM = HEADS * HEAD_DIM;
const UNSEEN = -1e30;

interface Case {
  readonly tokens: number;
  readonly positions: number;
  /** whether a query at `token` of a row sees a key at `position` */
  readonly sees: (row: number, token: number, position: number) => boolean;
  readonly mask: { readonly shape: readonly [number, number, number, number]; readonly values: Float32Array };
}

/** softmax(q kᵀ / √headDim) v over the keys that are seen. */
function naive(inputs: NaiveInputs, { tokens, positions, sees }: Case): readonly number[] {
  const y: number[] = [];
  for (let row = 0; row < BATCH; row += 1) {
    for (let token = 0; token < tokens; token += 1) {
      for (let head = 0; head < HEADS; head += 1) {
        const at = (name: string, length: number, position: number, i: number) =>
          inputs[name]?.[(row * length + position) * DIM + head * HEAD_DIM + i] ?? 0;
        const axis = Array.from({ length: HEAD_DIM }, (_, i) => i);
        const seen = Array.from({ length: positions }, (_, position) => position).filter((key) => sees(row, token, key));
        const shares = seen.map((key) =>
          Math.exp(
            axis.reduce((sum, i) => sum + at('query', tokens, token, i) * at('key', positions, key, i), 0) /
              Math.sqrt(HEAD_DIM),
          ),
        );
        const total = shares.reduce((sum, share) => sum + share, 0);
        for (const i of axis) {
          y.push(seen.reduce((sum, key, k) => sum + ((shares[k] ?? 0) / total) * at('value', positions, key, i), 0));
        }
      }
    }
  }
  return y;
}

async function expectRule(form: Case): Promise<void> {
  const random = seededRandom(4);
  const input = (length: number) => ({ shape: [BATCH, length, DIM], values: noise(random, BATCH * length * DIM) });
  const [query, key, value] = [input(form.tokens), input(form.positions), input(form.positions)];
  await expectGradients({
    inputs: { query, key, value },
    fixed: { mask: tensor(form.mask.values, form.mask.shape) },
    outputShape: query.shape,
    build: (context, upstream) => {
      const { graph } = context;
      const inputs = {
        query: graph.input('query', f32(...query.shape)),
        key: graph.input('key', f32(...key.shape)),
        value: graph.input('value', f32(...value.shape)),
      };
      const mask = graph.input('mask', f32(...form.mask.shape));
      const attended = tracedAttention(context, inputs, { heads: HEADS, headDim: HEAD_DIM, mask });
      return { value: attended.value, gradients: { ...attended.pull(upstream) } };
    },
    naive: (inputs) => naive(inputs, form),
  });
}

describe('Attention', () => {
  it('over keys that each row has its own number of has slopes there, and none beyond', async () => {
    const [tokens, positions] = [3, 5];
    const lengths = [5, 2];
    const sees: Case['sees'] = (row, _, position) => position < (lengths[row] ?? 0);
    const values = Float32Array.from({ length: BATCH * positions }, (_, i) =>
      sees(Math.floor(i / positions), 0, i % positions) ? 0 : UNSEEN,
    );
    await expectRule({ tokens, positions, sees, mask: { shape: [BATCH, 1, 1, positions], values } });
  });

  it('that sees what came before has slopes there, and none after', async () => {
    const tokens = 4;
    const sees: Case['sees'] = (_, token, position) => position <= token;
    const values = Float32Array.from({ length: tokens * tokens }, (_, i) =>
      sees(0, Math.floor(i / tokens), i % tokens) ? 0 : UNSEEN,
    );
    await expectRule({ tokens, positions: tokens, sees, mask: { shape: [1, 1, tokens, tokens], values } });
  });
});
