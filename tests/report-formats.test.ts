// Every data format of the report against its schema, and the promises that all formats keep.

import { describe, expect, it } from 'vitest';
import {
  renderHtml,
  renderJson,
  renderMarkdown,
  renderOcsf,
  renderSarif,
  renderStix,
  renderTerminal,
} from './support/renderers.ts';
import { fixtureReport } from './support/report-fixture.ts';
import { validateOcsf, validateReport, validateSarif, validateStix } from './support/schema.ts';

const empty = () => ({ ...fixtureReport(), incidents: [], health: [], diagnostics: [] });

describe('schemas', () => {
  const cases = [
    ['JSON', renderJson, validateReport],
    ['OCSF', renderOcsf, validateOcsf],
    ['STIX', renderStix, validateStix],
    ['SARIF', renderSarif, validateSarif],
  ] as const;
  it.each(cases)('%s is valid', (_name, render, validate) => {
    expect(validate(render(fixtureReport()))).toEqual([]);
    expect(validate(render(empty()))).toEqual([]);
  });

  it('a misspelt key would be found', () => {
    expect(
      validateReport(renderJson(fixtureReport()).replace('"whatHappened"', '"whatHappend"')),
    ).not.toEqual([]);
    expect(validateOcsf(renderOcsf(fixtureReport()).replace('"class_uid"', '"class_id"'))).not.toEqual([]);
    expect(validateStix(renderStix(fixtureReport()).replace('"object_refs"', '"object_ref"'))).not.toEqual(
      [],
    );
    expect(validateSarif(renderSarif(fixtureReport()).replace('"results"', '"result"'))).not.toEqual([]);
  });
});

describe('all formats', () => {
  const renderers = {
    html: renderHtml,
    json: renderJson,
    markdown: renderMarkdown,
    ocsf: renderOcsf,
    sarif: renderSarif,
    stix: renderStix,
    terminal: (report: ReturnType<typeof fixtureReport>) =>
      renderTerminal(report, { width: 80, color: false, full: true }),
  };

  it.each(Object.entries(renderers))('%s: the same report gives the same bytes', (_name, render) => {
    expect(render(fixtureReport())).toBe(render(fixtureReport()));
  });

  it.each(Object.entries(renderers))('%s: renders a report without incidents', (_name, render) => {
    expect(render(empty()).length).toBeGreaterThan(2);
  });

  it.each(['html', 'markdown', 'terminal'] as const)(
    '%s: verdict, title and the one thing to do come first',
    (name) => {
      const text = renderers[name](fixtureReport()).replace(/<style>[\s\S]*<\/style>/, '');
      const at = (needle: string) => text.indexOf(needle);
      const places = [
        'undetermined, leaning benign',
        'kernel module',
        'Find out which image',
        'The command is the one',
      ].map(at);
      expect(places).not.toContain(-1);
      expect(places).toEqual([...places].sort((a, b) => a - b));
    },
  );

  it('integers beyond 2^53 stay exact in JSON', () => {
    expect(renderJson(fixtureReport())).toContain('"evt.time.iso8601": 1795490300461273900');
  });

  it('addresses are defanged for people and raw for machines', () => {
    for (const name of ['html', 'markdown', 'terminal'] as const) {
      expect(renderers[name](fixtureReport())).toContain('203[.]0[.]113[.]9');
    }
    expect(renderJson(fixtureReport())).toContain('"203.0.113.9"');
  });
});

describe('STIX', () => {
  const objects = (json: string) =>
    (JSON.parse(json) as { objects: { id: string; type: string; [key: string]: unknown }[] }).objects;

  it('refers only to objects of the bundle', () => {
    const all = objects(renderStix(fixtureReport()));
    const ids = new Set(all.map((object) => object.id));
    expect(ids.size).toBe(all.length);
    const refs = all.flatMap((object) =>
      Object.entries(object).flatMap(([key, value]) =>
        key.endsWith('_ref') ? [value] : key.endsWith('_refs') ? (value as string[]) : [],
      ),
    );
    expect(refs.filter((ref) => !ids.has(ref as string))).toEqual([]);
  });

  it('offers indicators only where the verdict is malicious', () => {
    const types = (word: 'undetermined' | 'malicious') => {
      const report = fixtureReport();
      const [incident] = report.incidents;
      const triage = { ...incident!.triage, verdict: { ...incident!.triage.verdict, word } };
      return objects(renderStix({ ...report, incidents: [{ ...incident!, triage }] })).map(
        (object) => object.type,
      );
    };
    expect(types('undetermined')).not.toContain('indicator');
    expect(types('malicious')).toContain('indicator');
  });
});
