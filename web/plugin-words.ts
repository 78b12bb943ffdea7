import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WebpackPluginInstance } from 'webpack';

/** Adds the files of `folder`, `LANGUAGE/plugin__muster.json`, as `locales/…`, where the console asks for them. */
export function wordsPlugin(folder: string): WebpackPluginInstance {
  return {
    apply: (compiler) => {
      compiler.hooks.thisCompilation.tap('muster words', (compilation) => {
        const { RawSource } = compiler.webpack.sources;
        const stage = compiler.webpack.Compilation.PROCESS_ASSETS_STAGE_ADDITIONAL;
        compilation.hooks.processAssets.tap({ name: 'muster words', stage }, () => {
          for (const file of globSync('*/plugin__*.json', { cwd: folder })) {
            compilation.emitAsset(`locales/${file}`, new RawSource(readFileSync(join(folder, file))));
          }
        });
      });
    },
  };
}
