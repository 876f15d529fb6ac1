import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCtranslate2 } from '../../../asr/weights/ctranslate2.ts';
import { finiteTensors } from '../../../asr/weights/finite-tensors.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';
import { type TestModel, writeCtranslate2 } from '../../support/write-ctranslate2.ts';

const makeFolder = temporaryFolders();
const counting = (count: number, from = 0) => Float32Array.from({ length: count }, (_, i) => from + i);
const refused = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });

function write(model: TestModel): string {
  const file = path.join(makeFolder(), 'model.bin');
  writeCtranslate2(file, model);
  return file;
}

const open = (model: TestModel) => openCtranslate2(write(model));

describe('names', () => {
  test('fused projections are taken apart, and k_proj has no bias', () => {
    const source = open({
      variables: [
        { name: 'encoder/layer_3/self_attention/linear_0/weight', shape: [6, 2], values: counting(12) },
        { name: 'encoder/layer_3/self_attention/linear_0/bias', shape: [6], values: counting(6) },
        { name: 'decoder/layer_0/attention/linear_1/weight', shape: [4, 2], values: counting(8) },
        { name: 'decoder/layer_0/attention/linear_1/bias', shape: [4], values: counting(4) },
      ],
    });
    const self = 'model.encoder.layers.3.self_attn';
    expect(source.shape(`${self}.k_proj.weight`)).toEqual([2, 2]);
    expect(source.read(`${self}.q_proj.weight`)).toEqual(counting(4));
    expect(source.read(`${self}.k_proj.weight`)).toEqual(counting(4, 4));
    expect(source.read(`${self}.v_proj.weight`)).toEqual(counting(4, 8));
    expect(source.read(`${self}.q_proj.bias`)).toEqual(counting(2));
    expect(source.read(`${self}.v_proj.bias`)).toEqual(counting(2, 4));
    const cross = 'model.decoder.layers.0.encoder_attn';
    expect(source.read(`${cross}.k_proj.weight`)).toEqual(counting(4));
    expect(source.read(`${cross}.v_proj.bias`)).toEqual(counting(2, 2));
    expect(source.names.filter((name) => name.endsWith('k_proj.bias'))).toEqual([]);
    source.close();
  });

  test('every other variable has its Hugging Face name; settings and aliases have none', () => {
    const one = (name: string) => ({ name, shape: [1], values: counting(1) });
    const source = open({
      variables: [
        ...['encoder/conv1/weight', 'encoder/conv2/bias', 'encoder/layer_norm/gamma', 'decoder/layer_norm/beta'].map(one),
        ...['encoder/position_encodings/encodings', 'decoder/position_encodings/encodings', 'decoder/embeddings/weight'].map(
          one,
        ),
        ...['self_attention', 'attention', 'ffn'].map((module) => one(`decoder/layer_1/${module}/layer_norm/gamma`)),
        ...['self_attention/linear_1', 'attention/linear_0', 'attention/linear_2', 'ffn/linear_0', 'ffn/linear_1'].map(
          (module) => one(`decoder/layer_1/${module}/weight`),
        ),
        { name: 'decoder/pre_norm', shape: [], values: Int8Array.of(1) },
      ],
      aliases: [['decoder/projection/weight', 'decoder/embeddings/weight']],
    });
    expect(source.names).toEqual([
      'model.encoder.conv1.weight',
      'model.encoder.conv2.bias',
      'model.encoder.layer_norm.weight',
      'model.decoder.layer_norm.bias',
      'model.encoder.embed_positions.weight',
      'model.decoder.embed_positions.weight',
      'model.decoder.embed_tokens.weight',
      'model.decoder.layers.1.self_attn_layer_norm.weight',
      'model.decoder.layers.1.encoder_attn_layer_norm.weight',
      'model.decoder.layers.1.final_layer_norm.weight',
      'model.decoder.layers.1.self_attn.out_proj.weight',
      'model.decoder.layers.1.encoder_attn.q_proj.weight',
      'model.decoder.layers.1.encoder_attn.out_proj.weight',
      'model.decoder.layers.1.fc1.weight',
      'model.decoder.layers.1.fc2.weight',
    ]);
    expect(() => source.read('model.encoder.conv1.bias')).toThrow(
      refused('weights_corrupt', /no tensor model.encoder.conv1.bias/),
    );
    source.close();
  });
});

describe('formats', () => {
  const fc1 = 'encoder/layer_0/ffn/linear_0/weight';
  const tensor = 'model.encoder.layers.0.fc1.weight';

  test('fp16 is widened', () => {
    const source = open({ variables: [{ name: fc1, shape: [2], values: Uint16Array.of(0x3c00, 0xc000) }] });
    expect([...source.read(tensor)]).toEqual([1, -2]);
    source.close();
  });

  test('int8 is divided by the scale of its row, also within fused projections', () => {
    const fused = 'decoder/layer_0/attention/linear_1/weight';
    const source = open({
      variables: [
        { name: fused, shape: [4, 2], values: Int8Array.of(1, 2, 3, 4, 5, 6, -7, 8) },
        { name: `${fused}_scale`, shape: [4], values: Float32Array.of(1, 2, 4, 8) },
      ],
    });
    expect([...source.read('model.decoder.layers.0.encoder_attn.v_proj.weight')]).toEqual([5 / 4, 6 / 4, -7 / 8, 1]);
    source.close();
  });

  test('int8 without scales, int16 and unknown types are refused', () => {
    const bare = open({ variables: [{ name: fc1, shape: [1], values: Int8Array.of(1) }] });
    expect(() => bare.read(tensor)).toThrow(refused('weights_corrupt', /linear_0\/weight is int8 and has no/));
    const short = open({ variables: [{ name: fc1, shape: [1], values: Int16Array.of(1) }] });
    expect(() => short.read(tensor)).toThrow(refused('weights_unsupported', /int16/));
  });

  test('a weight that is infinite or NaN is refused when it is read', () => {
    const values = Float32Array.of(1, Number.NaN);
    const source = finiteTensors(open({ variables: [{ name: fc1, shape: [2], values }] }), 'model.bin');
    expect(() => source.read(tensor)).toThrow(
      refused('weights_corrupt', /model\.bin: tensor .*fc1\.weight holds NaN at index 1/),
    );
    source.close();
  });
});

describe('a file that is no Whisper of CTranslate2 is refused', () => {
  const variables = [
    { name: 'encoder/conv1/bias', shape: [3], values: counting(3) },
    { name: 'encoder/conv2/bias', shape: [3], values: counting(3) },
  ];

  test('cut off anywhere', () => {
    const file = write({ variables });
    const whole = readFileSync(file).length;
    for (let length = 0; length < whole; length += 1) {
      writeCtranslate2(file, { variables });
      truncateSync(file, length);
      expect(() => openCtranslate2(file)).toThrow(refused('weights_corrupt', /model\.bin/));
    }
  });

  test('with bytes after its end', () => {
    const file = write({ variables });
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.of(0)]));
    expect(() => openCtranslate2(file)).toThrow(refused('weights_corrupt', /the file has/));
  });

  test('of another version or model', () => {
    expect(() => open({ variables, version: 7 })).toThrow(refused('weights_unsupported', /version 7/));
    expect(() => open({ variables, specification: 'TransformerSpec' })).toThrow(
      refused('weights_unsupported', /TransformerSpec/),
    );
  });

  test('with a variable twice, or an alias of nothing', () => {
    const [first] = variables;
    expect(() => open({ variables: [...variables, ...(first === undefined ? [] : [first])] })).toThrow(
      /conv1\/bias is there twice/,
    );
    expect(() => open({ variables, aliases: [['a', 'b']] })).toThrow(/a stands for b/);
  });

  test('with a size that disagrees with the shape', () => {
    expect(() => open({ variables: [{ name: 'x', shape: [2], values: counting(3) }] })).toThrow(
      refused('weights_corrupt', /x \(f32 \[2\]\) takes 8 bytes, not 12/),
    );
  });

  test('with another number of heads than Whisper has', () => {
    const heads = { name: 'encoder/num_heads', shape: [], values: Int16Array.of(4) };
    const norm = { name: 'encoder/layer_norm/gamma', shape: [128], values: counting(128) };
    expect(() => open({ variables: [heads, norm] })).toThrow(refused('weights_unsupported', /num_heads is 4.* has 2/));
  });
});
