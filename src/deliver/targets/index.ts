// From configuration to a target that sends.

import { readFileSync } from 'node:fs';
import { assertNever } from '../../base/assert.ts';
import type { Secret, TargetConfig } from '../config.ts';
import type { Target } from '../notice.ts';
import { alertmanagerTarget } from './alertmanager.ts';
import { falcosidekickTarget } from './falcosidekick.ts';
import { slackTarget } from './slack.ts';
import { smtpTarget } from './smtp.ts';
import { syslogTarget } from './syslog.ts';
import { webhookTarget } from './webhook.ts';

/** Throws when a named environment variable or CA file is missing: found at start and by `yarak config check`. */
export function createTarget(
  name: string,
  config: TargetConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Target {
  const reveal = (secret: Secret): string => {
    if (typeof secret === 'string') return secret;
    const value = environment[secret.env];
    if (value === undefined || value === '')
      throw new Error(`Target ${name}: the environment variable ${secret.env} is not set.`);
    return value;
  };
  const trust = config.ca === undefined ? {} : { ca: readFileSync(config.ca, 'utf8') };
  switch (config.kind) {
    case 'slack':
      return slackTarget(name, { url: reveal(config.url), ...trust });
    case 'webhook':
      return webhookTarget(name, { url: config.url, secret: reveal(config.secret), ...trust });
    case 'alertmanager':
      return alertmanagerTarget(name, {
        url: config.url,
        ...trust,
        ...(config.token === undefined ? {} : { token: reveal(config.token) }),
      });
    case 'falcosidekick':
      return falcosidekickTarget(name, { url: config.url, ...trust });
    case 'smtp':
      return smtpTarget(name, {
        url: reveal(config.url),
        from: config.from,
        to: config.to,
        requireTls: config.requireTls,
        ...trust,
      });
    case 'syslog':
      return syslogTarget(name, { url: config.url, facility: config.facility, ...trust });
    default:
      return assertNever(config, 'target');
  }
}
