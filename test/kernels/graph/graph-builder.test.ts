import { describe, expect, it } from 'vitest';
import { GraphBuilder, int, intList } from '../../../kernels/graph/graph-builder.ts';
import { f32, i32 } from '../../../kernels/graph/tensor-type.ts';
import { tensor } from '../../../kernels/session.ts';
import { runGraph } from '../../support/run-graph.ts';

describe('GraphBuilder', () => {
  it('builds a graph that onnxruntime loads and that computes what it says', async () => {
    const graph = new GraphBuilder('sum');
    const x = graph.input('x', f32('batch', 3));
    const weight = graph.weight('w', f32(3, 2), () => Float32Array.of(1, 2, 3, 4, 5, 6));
    const y = graph.op('Add', [graph.op('MatMul', [x, weight]), graph.scalar(0.5)]);
    const { y: result } = await runGraph(graph.build({ y }), { x: tensor(Float32Array.of(1, 0, 2, 0, 1, 0), [2, 3]) });
    expect([...(result ?? [])]).toEqual([11.5, 14.5, 3.5, 4.5]);
  });

  it('infers shapes through symbolic axes', () => {
    const graph = new GraphBuilder('shapes');
    const mel = graph.input('mel', f32('batch', 80, 'frames'));
    const kernel = graph.weight('k', f32(16, 80, 3), () => new Float32Array(16 * 80 * 3));
    const convolved = graph.op('Conv', [mel, kernel], { kernel_shape: intList(3), strides: intList(2), pads: intList(1, 1) });
    expect(convolved.type.shape).toEqual(['batch', 16, 'frames/2']);
    const heads = graph.op('Reshape', [
      graph.op('Transpose', [convolved], { perm: intList(0, 2, 1) }),
      graph.ints([0, 0, 4, -1]),
    ]);
    expect(heads.type.shape).toEqual(['batch', 'frames/2', 4, 4]);
    const gathered = graph.op('Gather', [heads, graph.input('rows', i32('n'))], { axis: int(0) });
    expect(gathered.type.shape).toEqual(['n', 'frames/2', 4, 4]);
  });

  it('reports a mismatch where it is made, with graph, scope, operator and both types', () => {
    const graph = new GraphBuilder('wrong');
    const x = graph.input('x', f32('batch', 3));
    const weight = graph.weight('w', f32(4, 2), () => new Float32Array(8));
    const build = () => graph.scoped('layer', () => graph.op('MatMul', [x, weight]));
    expect(build).toThrow('wrong, layer/MatMul: MatMul: f32[batch, 3] × f32[4, 2]: inner dimensions 3 and 4.');
  });

  it('refuses axes of different names, an unknown operator, a taken name, and an output given twice', () => {
    const graph = new GraphBuilder('wrong');
    const x = graph.input('x', f32('batch', 3));
    expect(() => graph.op('Add', [x, graph.input('y', f32('rows', 3))])).toThrow(/do not broadcast: axis 0 is batch and rows/);
    expect(() => graph.op('Fft', [x])).toThrow(/no rule for this operator/);
    expect(() => graph.input('x', f32(1))).toThrow(/"x" is taken/);
    const sum = graph.op('Add', [x, x]);
    expect(() => graph.build({ one: sum, two: sum })).toThrow(/output twice/);
  });
});
