import { globSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { ConsoleRemotePlugin } from '@openshift-console/dynamic-plugin-sdk-webpack';
import type { Configuration } from 'webpack';
import { exposedModules, extensions } from './console-extensions.ts';
import manifest from './package.json' with { type: 'json' };
import { wordsPlugin } from './plugin-words.ts';

const root = join(import.meta.dirname, '..');

/** The console has PatternFly's styles on its page; a second copy would fight with them. */
const withoutPatternFlyStyles = Object.fromEntries(
  globSync('node_modules/@patternfly/{react-styles,react-core}/**/*.css', { cwd: root }).map((file) => [
    realpathSync(join(root, file)),
    false as const,
  ]),
);

/** The plugin of the OpenShift console; `node web/build-plugin.ts` runs it in this folder, as the SDK's plugin wants it. */
const config: Configuration = {
  mode: 'production',
  context: import.meta.dirname,
  // The SDK's plugin makes the entries, and where it stands in the console.
  entry: {},
  output: {
    path: join(root, 'dist', 'plugin'),
    filename: '[name]-bundle-[contenthash].min.js',
    chunkFilename: '[name]-chunk-[contenthash].min.js',
    clean: true,
  },
  resolve: { extensions: ['.ts', '.tsx', '.js'], alias: withoutPatternFlyStyles },
  module: {
    rules: [
      {
        test: /[\\/]node_modules[\\/](@patternfly|@tanstack)[\\/]/,
        resolve: { alias: { 'react-dom$': join(import.meta.dirname, 'src/console/without-react-dom.ts') } },
      },
      {
        test: /\.tsx?$/,
        loader: 'ts-loader',
        // `npm run lint` checks types.
        options: {
          transpileOnly: true,
          configFile: join(import.meta.dirname, 'tsconfig.json'),
          compilerOptions: { noEmit: false, allowImportingTsExtensions: false },
        },
      },
    ],
  },
  experiments: { css: true },
  optimization: { chunkIds: 'deterministic' },
  plugins: [
    new ConsoleRemotePlugin({
      pluginMetadata: {
        name: 'muster',
        version: manifest.version,
        displayName: 'Muster',
        description: 'Diagnostic reports of the cluster: must-gather as a service.',
        exposedModules: { ...exposedModules },
        dependencies: { '@console/pluginAPI': '>=4.22.0-0' },
      },
      extensions: [...extensions],
      sharedDynamicModuleSettings: { modulePaths: [join(root, 'node_modules')] },
    }),
    wordsPlugin(join(import.meta.dirname, 'locales')),
  ],
};

export default config;
