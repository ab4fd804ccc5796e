// The incident's report, live; reports on files that somebody drops on the page; the loaded rules; what sensors say of
// themselves; the example alerts.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { readAlertText } from '../../alerts/index.ts';
import { FORMATS, isFormat, type Report, renderIncidentFragment, renderReport } from '../../report/index.ts';
import type { GuardedEnv } from '../auth/guard.ts';
import { gunzip, joined, readBody } from '../body.ts';
import type { ServerContext } from '../context.ts';
import { isCapture, playCapture } from '../dropped-capture.ts';
import { prepareAlert } from '../prepare.ts';
import { badRequest, HttpProblem, notFound } from '../problem.ts';
import * as S from '../schemas.ts';
import { incidentAlerts } from '../triage-changed.ts';
import { iso } from '../views.ts';
import { endpoint, rawEndpoint } from './endpoint.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));
const FORMAT_NAMES = Object.keys(FORMATS) as (keyof typeof FORMATS)[];
const KEPT_REPORTS = 50;
const MAX_INCIDENTS_SHOWN = 20;
const MAX_DIAGNOSTICS_SHOWN = 20;

/** Reports by incident and version: made again only when the incident got new alerts. */
class ReportCache {
  readonly #reports = new Map<string, Promise<Report>>();

  get(key: string, make: () => Promise<Report>): Promise<Report> {
    const known = this.#reports.get(key);
    if (known !== undefined) return known;
    if (this.#reports.size >= KEPT_REPORTS) this.#reports.delete(this.#reports.keys().next().value as string);
    const made = make();
    this.#reports.set(key, made);
    made.catch(() => this.#reports.delete(key));
    return made;
  }
}

export function registerReports(app: OpenAPIHono<GuardedEnv>, context: ServerContext): void {
  const { store } = context;
  const cache = new ReportCache();

  async function incidentReport(id: string): Promise<Report> {
    const row = await store.getIncident(id);
    if (row === undefined) throw notFound('such incident');
    return cache.get(`${id}/${row.lastSeq}`, async () => {
      const alerts = await incidentAlerts(context, id);
      return context.reporter().report({
        names: [`incident ${id}`],
        alerts,
        counts: { read: row.alertCount, accepted: row.alertCount, rejected: 0 },
      });
    });
  }
  const fragment = (report: Report): string =>
    report.incidents.slice(0, MAX_INCIDENTS_SHOWN).map(renderIncidentFragment).join('');
  /** A dropped file's report, for the page. */
  const shown = (report: Report) => ({
    html: fragment(report),
    incidents: report.incidents.length,
    input: report.input,
    diagnostics: report.diagnostics.slice(0, MAX_DIAGNOSTICS_SHOWN),
  });

  endpoint(
    app,
    context,
    {
      method: 'get',
      role: 'read',
      path: '/api/v1/incidents/{id}/report',
      summary:
        'The report of an incident: as JSON (the schema of `yarak report --format json`) and as escaped markup for the page',
      params: S.idParam,
      response: z.object({ html: z.string(), report: z.unknown() }),
    },
    async ({ params }) => {
      const report = await incidentReport(params.id);
      return { html: fragment(report), report: JSON.parse(await renderReport(report, 'json')) as unknown };
    },
  );
  const page = {
    method: 'get',
    role: 'read',
    path: '/api/v1/incidents/{id}/report.html',
    summary: 'The report of an incident as a page of its own',
    type: 'text/html',
  } as const;
  rawEndpoint(app, context, page, async (c) => {
    const html = await renderReport(await incidentReport(c.req.param('id') ?? ''), 'html');
    // Beside the page's own policy: no frame around it, and an origin of its own, so that nothing in it is the user's.
    c.header('Content-Security-Policy', "frame-ancestors 'none'; sandbox allow-scripts allow-popups");
    return c.html(html);
  });
  const download = {
    method: 'get',
    role: 'read',
    path: '/api/v1/incidents/{id}/report/{format}',
    summary: 'The report of an incident as a file, in a format of `yarak report`',
    params: S.idParam.extend({ format: z.enum(FORMAT_NAMES) }),
    type: [...new Set(FORMAT_NAMES.map((name) => FORMATS[name].mediaType))],
  } as const;
  rawEndpoint(app, context, download, async (c) => {
    const { id = '', format = '' } = c.req.param() as Record<string, string>;
    // A browser that showed the file all the same would show it without scripts, and as nobody's.
    c.header('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; sandbox");
    if (!isFormat(format))
      throw badRequest(`There is no format ${JSON.stringify(format)}; there are ${FORMAT_NAMES.join(', ')}.`);
    const text = await renderReport(await incidentReport(id), format);
    const { file, mediaType } = FORMATS[format];
    // The id is one of the store's, which are hexadecimal.
    c.header('Content-Disposition', `attachment; filename="${file.replace('report', `incident-${id}`)}"`);
    return c.body(text, 200, { 'Content-Type': mediaType });
  });

  const dropped = {
    method: 'post',
    role: 'read',
    path: '/api/v1/reports',
    summary: 'A report on a file of alerts or a capture, which is not stored',
    body: ['application/json', 'application/x-ndjson', 'application/octet-stream'],
    type: 'application/json',
    response: z.looseObject({ html: z.string(), incidents: z.int(), input: z.unknown() }),
  } as const;
  rawEndpoint(app, context, dropped, async (c) => {
    const body = joined(await readBody(c, context.config.ingest.maxBodyBytes));
    if (body.length === 0) throw badRequest('The file is empty.');
    const bytes =
      body[0] === 0x1f && body[1] === 0x8b
        ? joined(await gunzip(Readable.from([body]), context.config.ingest.maxBodyBytes))
        : body;
    if (isCapture(bytes)) {
      const played = await playCapture(bytes, context.reporter().templates);
      const { alerts, diagnostics, events, raised, rules } = played;
      const counts = { read: alerts.length, accepted: alerts.length, rejected: 0 };
      const report = await context.reporter().report({ names: ['capture'], alerts, diagnostics, counts });
      return c.json({ ...shown(report), capture: { events, alerts: raised, rules } });
    }
    const read = readAlertText(new TextDecoder().decode(bytes), {
      file: 'file',
      rules: context.reporter().templates,
    });
    if (read.alerts.length === 0 && read.health.length === 0)
      throw badRequest('The file holds no Falco alert.', read.diagnostics.slice(0, 20));
    const report = await context.reporter().report({
      names: ['file'],
      alerts: read.alerts,
      health: read.health,
      diagnostics: read.diagnostics,
      counts: {
        read: read.counts.records,
        accepted: read.counts.alerts + read.counts.health,
        rejected: read.counts.rejected,
      },
    });
    return c.json(shown(report));
  });

  endpoint(
    app,
    context,
    {
      method: 'get',
      role: 'read',
      path: '/api/v1/rules',
      summary: 'The rule files that the service loaded',
      response: z.object({ files: z.array(z.object({ name: z.string(), content: z.string() })) }),
    },
    async () => ({
      files: context.config.rules.map((name) => ({ name, content: readFileSync(name, 'utf8') })),
    }),
  );
  endpoint(
    app,
    context,
    {
      method: 'get',
      role: 'read',
      path: '/api/v1/sensors',
      summary: 'What Falco reported about itself since the start: drops, metrics',
      response: z.array(
        z.object({ at: S.time, hostname: z.string(), kind: z.string(), summary: z.string() }),
      ),
    },
    async () => context.sensors.reports.map(({ atMs, ...report }) => ({ at: iso(atMs * 1000), ...report })),
  );
  endpoint(
    app,
    context,
    {
      method: 'post',
      role: 'respond',
      path: '/api/v1/examples',
      summary: 'Store the example alerts',
      response: z.object({ stored: z.int(), duplicates: z.int() }),
    },
    async () => {
      const files = readdirSync(EXAMPLES).filter((name) => /\.jsonl?$/.test(name));
      const alerts = files.flatMap(
        (name) => readAlertText(readFileSync(join(EXAMPLES, name), 'utf8'), { file: name }).alerts,
      );
      if (alerts.length === 0)
        throw new HttpProblem({
          status: 404,
          title: 'No examples',
          detail: 'This installation has no example alerts.',
        });
      const { stored, duplicates, newFindings, incidents } = await store.ingest(
        alerts.map((alert) => prepareAlert(alert, context.nowMs() * 1000)),
      );
      context.events.publish({ kind: 'alerts', stored, findings: newFindings, incidents });
      return { stored, duplicates };
    },
  );
}
