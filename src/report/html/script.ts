// The report's only script: copy buttons, the light and dark switch, unfolding for print. Its hash is in the page's
// Content-Security-Policy; without it everything can still be read.

export const SCRIPT = `(() => {
  'use strict';
  const root = document.documentElement;
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      const pre = button.closest('.code').querySelector('pre');
      try {
        await navigator.clipboard.writeText(pre.textContent);
        button.textContent = 'Copied';
      } catch {
        const range = document.createRange();
        range.selectNodeContents(pre);
        const selection = getSelection();
        selection.removeAllRanges();
        selection.addRange(range);
        button.textContent = 'Selected';
      }
      setTimeout(() => { button.textContent = 'Copy'; }, 1600);
    });
  }
  const theme = document.querySelector('[data-theme-switch]');
  const dark = () => root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  const label = () => { theme.textContent = dark() ? 'Light' : 'Dark'; };
  theme.hidden = false;
  label();
  theme.addEventListener('click', () => {
    root.dataset.theme = dark() ? 'light' : 'dark';
    label();
  });
  const folds = document.querySelector('[data-unfold]');
  folds.hidden = false;
  folds.addEventListener('click', () => {
    const all = [...document.querySelectorAll('details')];
    const open = all.some((one) => !one.open);
    for (const one of all) one.open = open;
    folds.textContent = open ? 'Fold' : 'Unfold all';
  });
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('details:not([open])')];
    for (const one of folded) one.open = true;
  });
  addEventListener('afterprint', () => {
    for (const one of folded) one.open = false;
  });
})();`;
