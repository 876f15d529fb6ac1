import { FloraAsrError } from '../errors.ts';
import type { Graph, GraphNode, Value } from './graph.ts';
import { inferOutputTypes } from './op-rules.ts';
import { describeType, sameType } from './tensor-type.ts';

/**
 * Checks any graph, however it was made: every name is defined once and before it is used, every
 * use agrees with the definition's type, every node's outputs have the types that its operator
 * gives, and every output of the graph exists.
 * @throws FloraAsrError `graph_invalid` that names graph, node and tensor.
 */
export function verifyGraph(graph: Graph): void {
  const defined = new Map<string, Value>();
  const define = (value: Value, where: string) => {
    if (value.name === '') throw invalid(graph, where, 'a tensor has no name');
    if (defined.has(value.name)) throw invalid(graph, where, `"${value.name}" is defined twice`);
    defined.set(value.name, value);
  };

  for (const input of graph.inputs) define(input, 'inputs');
  for (const { value } of graph.initializers) define(value, 'initializers');
  graph.nodes.forEach((node, index) => {
    const where = `node ${index} (${node.op})`;
    for (const input of node.inputs) if (input !== null) requireDefined(graph, where, defined, input);
    requireInferred(graph, where, node);
    for (const output of node.outputs) define(output, where);
  });
  for (const output of graph.outputs) requireDefined(graph, 'outputs', defined, output);
}

function requireDefined(graph: Graph, where: string, defined: ReadonlyMap<string, Value>, use: Value): void {
  const definition = defined.get(use.name);
  if (definition === undefined) throw invalid(graph, where, `"${use.name}" is used before it is defined`);
  if (!sameType(definition.type, use.type)) {
    const types = `${describeType(definition.type)}, used as ${describeType(use.type)}`;
    throw invalid(graph, where, `"${use.name}" is ${types}`);
  }
}

function requireInferred(graph: Graph, where: string, node: GraphNode): void {
  const inferred = inferOutputTypes({ ...node, outputCount: node.outputs.length });
  if (node.outputs.length > inferred.length) {
    throw invalid(graph, where, `has ${node.outputs.length} outputs; the operator gives ${inferred.length}`);
  }
  node.outputs.forEach((output, index) => {
    const expected = inferred[index];
    if (expected !== undefined && !sameType(expected, output.type)) {
      throw invalid(graph, where, `"${output.name}" is ${describeType(output.type)}, should be ${describeType(expected)}`);
    }
  });
}

function invalid(graph: Graph, where: string, what: string): FloraAsrError {
  return new FloraAsrError('graph_invalid', `${graph.name}, ${where}: ${what}.`);
}
