import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { keepPackages } from '../scripts/bundled-packages.ts';

// A service to develop against: `npm start` in another terminal, then `npm run pages:dev`.
const service = process.env.MUSTER_URL ?? 'http://127.0.0.1:8080';
const routes = ['must-gather', 'events', 'components', 'overview', 'session', 'login', 'logout', 'whoami'];

const answersOfService = Object.fromEntries(
  routes.map((route) => [
    `/${route}`,
    {
      target: service,
      // `/login` is a page as well.
      bypass: (request: { headers: { accept?: string | undefined } }) =>
        request.headers.accept?.includes('text/html') === true ? '/index.html' : undefined,
    },
  ]),
);

/** For the list of what the image is made of (scripts/sbom.ts). */
const packagesOfPages: Plugin = {
  name: 'packages-of-pages',
  apply: 'build',
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle);
    keepPackages(
      'pages',
      chunks.flatMap((piece) => (piece.type === 'chunk' ? piece.moduleIds : [])),
    );
  },
};

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), packagesOfPages],
  server: { host: '127.0.0.1', proxy: answersOfService },
  build: {
    outDir: '../dist/pages',
    emptyOutDir: true,
    // The Content-Security-Policy has no `data:` for scripts and styles, and no inline ones.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The floor is on the compressed size (scripts/pages-size.ts).
    chunkSizeWarningLimit: 1500,
  },
});
