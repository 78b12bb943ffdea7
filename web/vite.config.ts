import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

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

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
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
