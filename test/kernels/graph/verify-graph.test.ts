import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../kernels/graph/graph.ts';
import { GraphBuilder } from '../../../kernels/graph/graph-builder.ts';
import { f32 } from '../../../kernels/graph/tensor-type.ts';
import { verifyGraph } from '../../../kernels/graph/verify-graph.ts';

function smallGraph(): Graph {
  const graph = new GraphBuilder('small');
  const x = graph.input('x', f32('batch', 3));
  return graph.build({ y: graph.op('Mul', [graph.op('Add', [x, graph.scalar(1)]), x]) });
}

describe('verifyGraph', () => {
  it('accepts what the builder makes', () => {
    expect(() => verifyGraph(smallGraph())).not.toThrow();
  });

  it('refuses a use before the definition', () => {
    const graph = smallGraph();
    expect(() => verifyGraph({ ...graph, nodes: graph.nodes.toReversed() })).toThrow(/used before it is defined/);
  });

  it('refuses a second definition', () => {
    const graph = smallGraph();
    const first = graph.nodes[0];
    if (first === undefined) throw new Error('no node');
    expect(() => verifyGraph({ ...graph, nodes: [first, ...graph.nodes] })).toThrow(/is defined twice/);
  });

  it('refuses an output type that the operator does not give', () => {
    const graph = smallGraph();
    const nodes = graph.nodes.map((node) => ({
      ...node,
      outputs: node.outputs.map((output) => ({ ...output, type: f32('batch', 4) })),
    }));
    expect(() => verifyGraph({ ...graph, nodes })).toThrow(/is f32\[batch, 4\], should be f32\[batch, 3\]/);
  });

  it('refuses a use whose type differs from the definition', () => {
    const graph = smallGraph();
    expect(() => verifyGraph({ ...graph, inputs: [{ name: 'x', type: f32('batch', 5) }] })).toThrow(
      /"x" is f32\[batch, 5\], used as f32\[batch, 3\]/,
    );
  });

  it('refuses an output that nothing computes', () => {
    const graph = smallGraph();
    expect(() => verifyGraph({ ...graph, outputs: [{ name: 'z', type: f32(1) }] })).toThrow(/outputs: "z" is used before/);
  });
});
