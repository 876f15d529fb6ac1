/** Where a tensor of Hugging Face's Whisper lies among CTranslate2's variables. */
export interface VariableRows {
  readonly variable: string;
  /** The tensor is part `part` of `parts` equal ones along the variable's first axis: fused projections. */
  readonly part: number;
  readonly parts: number;
}

/** CTranslate2's linear layers, below a layer, with the projections whose outputs they hold one after another. */
const LINEARS: Readonly<Record<string, readonly string[]>> = {
  'self_attention/linear_0': ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'],
  'self_attention/linear_1': ['self_attn.out_proj'],
  'attention/linear_0': ['encoder_attn.q_proj'],
  'attention/linear_1': ['encoder_attn.k_proj', 'encoder_attn.v_proj'],
  'attention/linear_2': ['encoder_attn.out_proj'],
  'ffn/linear_0': ['fc1'],
  'ffn/linear_1': ['fc2'],
};
const LAYER_NORMS: Readonly<Record<string, string>> = {
  'self_attention/layer_norm': 'self_attn_layer_norm',
  'attention/layer_norm': 'encoder_attn_layer_norm',
  'ffn/layer_norm': 'final_layer_norm',
};
const TABLES: Readonly<Record<string, string>> = {
  'position_encodings/encodings': 'embed_positions.weight',
  'embeddings/weight': 'embed_tokens.weight',
  'conv1/weight': 'conv1.weight',
  'conv1/bias': 'conv1.bias',
  'conv2/weight': 'conv2.weight',
  'conv2/bias': 'conv2.bias',
  'layer_norm/gamma': 'layer_norm.weight',
  'layer_norm/beta': 'layer_norm.bias',
};

/**
 * The tensors that a variable holds, under Hugging Face's names; none for scales, settings and aliases.
 * Whisper's k_proj has no bias. CTranslate2 fills its place with zeros, and leaving it out is exact even
 * if it were not zero: it adds the same to every score of a query, which softmax does not see.
 */
export function tensorsOf(variable: string): readonly (readonly [name: string, rows: VariableRows])[] {
  const whole = { variable, part: 0, parts: 1 };
  const [, stack, rest] = /^(encoder|decoder)\/(.+)$/.exec(variable) ?? [];
  if (stack === undefined || rest === undefined) return [];
  const table = TABLES[rest];
  if (table !== undefined) return [[`model.${stack}.${table}`, whole]];

  const [, layer, module, kind] = /^layer_(\d+)\/(.+)\/(\w+)$/.exec(rest) ?? [];
  if (layer === undefined || module === undefined) return [];
  const prefix = `model.${stack}.layers.${layer}`;
  const norm = LAYER_NORMS[module];
  if (norm !== undefined && kind === 'gamma') return [[`${prefix}.${norm}.weight`, whole]];
  if (norm !== undefined && kind === 'beta') return [[`${prefix}.${norm}.bias`, whole]];
  const projections = LINEARS[module];
  if (projections === undefined || (kind !== 'weight' && kind !== 'bias')) return [];
  return projections.flatMap((projection, part) => {
    if (kind === 'bias' && projection.endsWith('.k_proj')) return [];
    return [[`${prefix}.${projection}.${kind}`, { variable, part, parts: projections.length }] as const];
  });
}
