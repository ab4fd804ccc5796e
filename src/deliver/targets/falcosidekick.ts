// On to falcosidekick, for the outputs that it has and Yarak has not: it takes Falco's own object, so what is sent is
// one alert of the finding, with what Yarak knows beside it in custom output fields.

import { post } from '../http.ts';
import { DeliveryError, type Notice, type Target } from '../notice.ts';

/** Falco's object for one finding. `undefined` when the sample is not one. */
export function falcosidekickPayload(notice: Notice): object | undefined {
  let alert: unknown;
  try {
    alert = JSON.parse(notice.sample);
  } catch {
    return undefined;
  }
  if (alert === null || typeof alert !== 'object' || Array.isArray(alert)) return undefined;
  const given =
    'output_fields' in alert && alert.output_fields !== null && typeof alert.output_fields === 'object'
      ? alert.output_fields
      : {};
  return {
    ...alert,
    priority: notice.priority,
    output_fields: {
      ...given,
      'yarak.verdict': notice.verdict,
      'yarak.finding': notice.findingId,
      'yarak.count': notice.count,
      'yarak.title': notice.title,
      ...(notice.url === undefined ? {} : { 'yarak.url': notice.url }),
    },
  };
}

export function falcosidekickTarget(
  name: string,
  options: { readonly url: string; readonly ca?: string },
): Target {
  return {
    name,
    async send(notices) {
      // One object a request is all that falcosidekick takes.
      for (const notice of notices) {
        const payload = falcosidekickPayload(notice);
        if (payload === undefined)
          throw new DeliveryError('The finding has no JSON alert to pass on.', { retryable: false });
        await post({
          ...options,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(payload),
        });
      }
    },
    close: async () => {},
  };
}
