// Builds the plugin of the OpenShift console into dist/plugin: `node web/build-plugin.ts`.
import { promisify } from 'node:util';

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
