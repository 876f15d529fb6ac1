import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import type { Attribute, Graph, GraphNode, Initializer, Value } from './graph.ts';
import { BYTES_PER_ELEMENT, type ElementType, elementCount, type TensorData } from './tensor-type.ts';

/** ONNX file format 9 with operator set 20, the newest for which onnxruntime 1.30 has all CPU kernels we use. */
const IR_VERSION = 9n;
const OPSET_VERSION = 20n;
const MICROSOFT_OPSET_VERSION = 1n;
/** External tensors begin at multiples of the page size, so that the file can be memory-mapped. */
const ALIGNMENT_BYTES = 4096;

/** Where each external weight lies in the weights file. */
export interface WeightLayout {
  readonly entries: readonly { readonly initializer: Initializer; readonly offset: number; readonly bytes: number }[];
  readonly totalBytes: number;
}

/** Places the external weights one after another. */
export function layOutWeights(graph: Graph): WeightLayout {
  let offset = 0;
  const entries = graph.initializers
    .filter((initializer) => initializer.storage === 'external')
    .map((initializer) => {
      const { element, shape } = initializer.value.type;
      const entry = { initializer, offset, bytes: elementCount(shape) * BYTES_PER_ELEMENT[element] };
      offset += Math.ceil(entry.bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
      return entry;
    });
  return { entries, totalBytes: offset };
}

/** Serialises a graph to an ONNX `ModelProto` whose external weights lie in `weightsFile`, beside it. */
export function encodeOnnxModel(graph: Graph, layout: WeightLayout, weightsFile: string): Uint8Array {
  const external = layout.entries.map(({ initializer, offset, bytes }) => ({
    ...tensorProto(initializer.value),
    dataLocation: DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: weightsFile },
      { key: 'offset', value: String(offset) },
      { key: 'length', value: String(bytes) },
    ].map((entry) => ({ $typeName: 'onnx.StringStringEntryProto' as const, ...entry })),
  }));
  const inline = graph.initializers
    .filter((initializer) => initializer.storage === 'inline')
    .map((initializer) => ({ ...tensorProto(initializer.value), rawData: bytesOf(initializer.load()) }));
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'flora-asr',
    opsetImport: [
      { domain: '', version: OPSET_VERSION },
      { domain: 'com.microsoft', version: MICROSOFT_OPSET_VERSION },
    ],
    graph: {
      name: graph.name,
      node: graph.nodes.map(nodeProto),
      input: graph.inputs.map(valueInfo),
      output: graph.outputs.map(valueInfo),
      initializer: [...external, ...inline],
    },
  });
  return toBinary(ModelProtoSchema, model);
}

/** The little-endian bytes of a tensor, without a copy. */
export function bytesOf(values: TensorData): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}

function nodeProto(node: GraphNode, index: number) {
  return create(NodeProtoSchema, {
    name: node.outputs[0]?.name ?? `node_${index}`,
    opType: node.op,
    domain: node.domain,
    input: node.inputs.map((input) => input?.name ?? ''),
    output: node.outputs.map((output) => output.name),
    attribute: Object.entries(node.attributes).map(([name, attribute]) => attributeProto(name, attribute)),
  });
}

function attributeProto(name: string, attribute: Attribute): AttributeProto {
  switch (attribute.kind) {
    case 'int':
      return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(attribute.value) });
    case 'float':
      return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: attribute.value });
    case 'ints':
      return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: attribute.value.map(BigInt) });
    case 'string':
      return create(AttributeProtoSchema, {
        name,
        type: AttributeType.STRING,
        s: new TextEncoder().encode(attribute.value),
      });
  }
}

function tensorProto(value: Value): TensorProto {
  return create(TensorProtoSchema, {
    name: value.name,
    dataType: DATA_TYPES[value.type.element],
    dims: value.type.shape.map((dim) => BigInt(dim)),
  });
}

function valueInfo(value: Value): ValueInfoProto {
  const dim = value.type.shape.map((length) =>
    typeof length === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(length) } }
      : { value: { case: 'dimParam' as const, value: length } },
  );
  return create(ValueInfoProtoSchema, {
    name: value.name,
    type: { value: { case: 'tensorType', value: { elemType: DATA_TYPES[value.type.element], shape: { dim } } } },
  });
}

const DATA_TYPES: Readonly<Record<ElementType, DataType>> = {
  f32: DataType.FLOAT,
  u8: DataType.UINT8,
  i8: DataType.INT8,
  i32: DataType.INT32,
  i64: DataType.INT64,
  bool: DataType.BOOL,
};
