import { FloraAsrError } from '../../kernels/errors.ts';
import { openSafetensors } from '../../kernels/safetensors.ts';
import type { TensorSource } from '../../kernels/tensor-source.ts';

/**
 * One source over the files of a checkpoint that is split, or the one file of one that is not.
 * @throws FloraAsrError `weights_not_found`, `weights_corrupt`, also if two files hold the same tensor
 */
export function openShards(paths: readonly string[]): TensorSource {
  const shards: TensorSource[] = [];
  const close = () => {
    for (const shard of shards) shard.close();
  };
  const owners = new Map<string, TensorSource>();
  try {
    for (const path of paths) {
      const shard = openSafetensors(path);
      shards.push(shard);
      for (const name of shard.names) {
        if (owners.has(name)) throw new FloraAsrError('weights_corrupt', `${path}: tensor ${name} is in another file too.`);
        owners.set(name, shard);
      }
    }
  } catch (error) {
    close();
    throw error;
  }
  const find = (name: string): TensorSource => {
    const owner = owners.get(name);
    if (owner === undefined) throw new FloraAsrError('weights_corrupt', `There is no tensor ${name} in ${paths.join(', ')}.`);
    return owner;
  };
  return {
    names: [...owners.keys()],
    shape: (name) => find(name).shape(name),
    read: (name) => find(name).read(name),
    close,
  };
}
