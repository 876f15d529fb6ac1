import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Rollup } from 'vite';
import { describe, expect, it } from 'vitest';

const SDK = fileURLToPath(new URL('../../../client/sdk/', import.meta.url));
const ENTRY = 'virtual:entry';

/** What a page loads that has this script; by file name. */
async function browserBuild(script: string): Promise<ReadonlyMap<string, string>> {
  const output = await build({
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === ENTRY ? id : null),
        load: (id) => (id === ENTRY ? script : null),
      },
    ],
    build: {
      write: false,
      assetsInlineLimit: 0,
      modulePreload: false,
      rollupOptions: { input: ENTRY, output: { entryFileNames: 'page.js', assetFileNames: '[name][extname]' } },
    },
  });
  const files = (output as Rollup.RollupOutput).output;
  return new Map(files.map((file) => [file.fileName, file.type === 'chunk' ? file.code : `${file.source}`]));
}

describe('the SDK in a page', () => {
  it('is small, is one file beside the worklet, and needs no package and nothing of Node', async () => {
    const files = await browserBuild(
      `export * from '${SDK}public.ts'; import * as all from '${SDK}public.ts'; globalThis.all = all;`,
    );
    expect([...files.keys()].sort()).toEqual(['microphone-worklet.js', 'page.js']);
    const page = files.get('page.js') ?? '';
    expect(page).not.toMatch(/\bzod\b|~standard|from\s*["']|\brequire\(|\bnode:|\bprocess\b|\bBuffer\b/);
    expect(gzipSync(page).length).toBeLessThan(9_000);
  });

  it('brings only what is used', async () => {
    const files = await browserBuild(
      `import { transcribeFile } from '${SDK}public.ts'; globalThis.transcribe = transcribeFile;`,
    );
    const page = files.get('page.js') ?? '';
    expect(page).not.toMatch(/WebSocket|getUserMedia|RIFF|worklet/);
    expect(gzipSync(page).length).toBeLessThan(2_500);
  });
});
