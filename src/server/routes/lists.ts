// Findings, incidents and alerts: lists, one, and what people decide about them.

import type { OpenAPIHono } from '@hono/zod-openapi';
import type { z } from 'zod';
import type { AlertQuery, Decision, ListQuery } from '../../store/index.ts';
import type { GuardedEnv } from '../auth/guard.ts';
import type { ServerContext } from '../context.ts';
import { compileFilter } from '../filter.ts';
import { notFound } from '../problem.ts';
import * as S from '../schemas.ts';
import { fromIso, viewAlert, viewFinding, viewIncident, viewNote } from '../views.ts';
import { endpoint } from './endpoint.ts';

/** Keys whose value is `undefined` are left out: the store tells "not asked" by absence. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as never;
}

const us = (time: string | undefined): number | undefined => (time === undefined ? undefined : fromIso(time));

function listQuery({
  since,
  until,
  silenced,
  state,
  verdict,
  filter: _,
  ...rest
}: z.output<typeof S.listQuery>): ListQuery {
  return defined({
    ...rest,
    hideSilenced: silenced === 'hide',
    states: state,
    verdicts: verdict,
    sinceUs: us(since),
    untilUs: us(until),
  });
}

function alertQuery({
  since,
  until,
  finding,
  incident,
  filter: _,
  ...rest
}: z.output<typeof S.alertQuery>): AlertQuery {
  return defined({
    ...rest,
    findingId: finding,
    incidentId: incident,
    sinceUs: us(since),
    untilUs: us(until),
  });
}

export function registerLists(app: OpenAPIHono<GuardedEnv>, context: ServerContext): void {
  const { store } = context;
  const read = { method: 'get', role: 'read' } as const;
  const one = { ...read, params: S.idParam } as const;

  endpoint(
    app,
    context,
    {
      ...read,
      path: '/api/v1/findings',
      summary: 'Findings',
      query: S.listQuery,
      response: S.pageOf(S.finding),
    },
    async ({ query }) => {
      const filter = compileFilter(query.filter);
      const page = await filter.page(
        listQuery(query),
        (q) => store.listFindings(q),
        (row) => filter.matchesFinding(store, row.id),
      );
      return { ...page, items: page.items.map(viewFinding) };
    },
  );
  endpoint(
    app,
    context,
    {
      ...read,
      path: '/api/v1/incidents',
      summary: 'Incidents',
      query: S.listQuery,
      response: S.pageOf(S.incident),
    },
    async ({ query }) => {
      const filter = compileFilter(query.filter);
      const page = await filter.page(
        listQuery(query),
        (q) => store.listIncidents(q),
        (row) => filter.matchesIncident(store, row.id),
      );
      return { ...page, items: page.items.map(viewIncident) };
    },
  );
  endpoint(
    app,
    context,
    { ...read, path: '/api/v1/alerts', summary: 'Alerts', query: S.alertQuery, response: S.pageOf(S.alert) },
    async ({ query }) => {
      const filter = compileFilter(query.filter);
      const page = await filter.page(
        alertQuery(query),
        (q) => store.listAlerts(q),
        async (row) => filter.matches(row),
      );
      return { ...page, items: page.items.map(viewAlert) };
    },
  );

  endpoint(
    app,
    context,
    { ...one, path: '/api/v1/alerts/{id}', summary: 'One alert', response: S.alert },
    async ({ params }) => {
      const row = await store.getAlert(params.id);
      if (row === undefined) throw notFound('such alert');
      return viewAlert(row);
    },
  );
  endpoint(
    app,
    context,
    { ...one, path: '/api/v1/findings/{id}', summary: 'One finding', response: S.finding },
    async ({ params }) => {
      const row = await store.getFinding(params.id);
      if (row === undefined) throw notFound('such finding');
      return viewFinding(row);
    },
  );
  endpoint(
    app,
    context,
    { ...one, path: '/api/v1/incidents/{id}', summary: 'One incident', response: S.incident },
    async ({ params }) => {
      const row = await store.getIncident(params.id);
      if (row === undefined) throw notFound('such incident');
      return viewIncident(row);
    },
  );
  endpoint(
    app,
    context,
    {
      ...one,
      path: '/api/v1/incidents/{id}/findings',
      summary: 'The findings of an incident',
      response: S.finding.array(),
    },
    async ({ params }) => (await store.findingsOf(params.id)).map(viewFinding),
  );

  for (const kind of ['finding', 'incident'] as const) {
    endpoint(
      app,
      context,
      {
        method: 'post',
        role: 'respond',
        path: `/api/v1/${kind}s/{id}/decision`,
        summary: `Set state or owner of a ${kind}, or leave a note; the reason goes into the trail`,
        params: S.idParam,
        body: S.decisionBody,
        response: S.decided,
      },
      async ({ params: { id }, body, caller }) => {
        const decision: Decision = { subject: { kind, id }, actor: caller.actor, ...defined(body) };
        const state = await store.decide(decision);
        if (state === undefined) throw notFound(`such ${kind}`);
        context.events.publish({ kind: 'decided', subject: { kind, id } });
        return { state };
      },
    );
    endpoint(
      app,
      context,
      {
        ...one,
        path: `/api/v1/${kind}s/{id}/notes`,
        summary: `Notes on a ${kind}`,
        response: S.note.array(),
      },
      async ({ params }) => (await store.notes(kind, params.id)).map(viewNote),
    );
  }
}
