// Builds the plugin of the OpenShift console into dist/plugin: `node web/build-plugin.ts`.
import { promisify } from 'node:util';
import { keepPackages } from '../scripts/bundled-packages.ts';

// The SDK's webpack plugin reads package.json and names its entry by these.
process.chdir(import.meta.dirname);
process.env.NODE_ENV = 'production';

const { default: webpack } = await import('webpack');
const { default: config } = await import('./webpack.config.ts');
const compiler = webpack(config);
const stats = await promisify(compiler.run.bind(compiler))();
await promisify(compiler.close.bind(compiler))();
if (stats === undefined) throw new Error('webpack told nothing');
if (stats.hasErrors() || stats.hasWarnings())
  console.error(stats.toString({ preset: 'errors-warnings', colors: false }));
if (stats.hasErrors()) process.exitCode = 1;
else keepPackages('plugin', filesOf(stats.compilation.modules));

/** The files in the plugin; several that webpack made one of stand in it. */
function filesOf(modules: Iterable<unknown>): string[] {
  return [...modules].flatMap((module) => {
    if (module instanceof webpack.NormalModule) return [module.resource];
    if (hasModules(module)) return filesOf(module.modules);
    return [];
  });
}

function hasModules(module: unknown): module is { readonly modules: Iterable<unknown> } {
  return typeof module === 'object' && module !== null && 'modules' in module;
}
