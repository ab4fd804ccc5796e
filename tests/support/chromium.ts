// A real Chromium for tests that look at pages; where none is installed the tests are skipped by name.

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = [
  process.env['YARAK_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The browser's path, or `undefined` where there is none (`scripts/setup-tools.sh` installs it). */
export const chromiumPath: string | undefined = PATHS.find((path) => path !== undefined && existsSync(path));

/** Starts it, quiet and without services that call home. */
export function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('Chromium is not installed');
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
