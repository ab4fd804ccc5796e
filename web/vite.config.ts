import { defineConfig } from 'vite';

// The first screen stays small: the condition parser, the editor and the rule checker are chunks of their
// own, loaded when they are needed.
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // The editor's: CodeMirror and the field catalogue.
    chunkSizeWarningLimit: 700,
  },
});
