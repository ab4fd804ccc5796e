import { describe, expect, it } from 'vitest';
import { HOSTILE, UNSEEN } from '../../../tests/support/hostile.ts';
import { renderHtml, renderJson, renderMarkdown, renderTerminal } from '../../../tests/support/renderers.ts';
import { fixtureReport } from '../../../tests/support/report-fixture.ts';
import { validateReport } from '../../../tests/support/schema.ts';
import type { CaptureStory } from '../../triage/index.ts';
import type { IncidentReport, Report } from '../model.ts';
import { captureGaps, captureReport } from './capture.ts';

const NS = 1_795_490_140_000_000_000n;

/** A story in which everything that an attacker chooses is `text`. */
function story(text: string): CaptureStory {
  const place = { capture: text, event: 7, timeNs: NS };
  return {
    captures: [{ name: text, hostname: text, events: 9, firstNs: NS, lastNs: NS + 5n, damage: text }],
    located: [{ findingId: 'f', ref: { file: text, line: 1 }, capture: text, event: 7 }],
    missing: [
      { findingId: 'f', ref: { file: text, line: 2 }, why: 'no event of {0} is its', values: [text] },
    ],
    processes: [],
    processesLeftOut: 3,
    timeline: [],
    timelineLeftOut: 4,
    files: [
      {
        path: text,
        acts: [{ act: 'written', process: text, event: 7 }],
        sensitive: 'cron',
        count: 1,
        ...place,
      },
    ],
    filesLeftOut: 2,
    connections: [
      {
        role: 'connected',
        name: text,
        protocol: 'tcp',
        result: 'SUCCESS',
        bytesOut: 1,
        bytesIn: undefined,
        process: text,
        count: 2,
        ...place,
      },
    ],
    connectionsLeftOut: 0,
    users: [{ uid: 0, name: text, login: text, processes: 2, ...place }],
    facts: [],
    containers: [],
  };
}

function withStory(text: string): Report {
  const report = fixtureReport();
  const [first, ...rest] = report.incidents;
  const base = first as IncidentReport;
  const triage: IncidentReport['triage'] = {
    ...base.triage,
    capture: story(text),
    processes: [
      {
        id: 'p1',
        name: text,
        pid: 1,
        cmdline: text,
        user: text,
        children: [],
        findingIds: [],
        seenOnlyAsAncestor: false,
        startNs: NS,
        endNs: NS,
        signal: 'SIGKILL',
        event: 7,
      },
    ],
    timeline: [
      {
        timeNs: NS,
        kind: 'file',
        text: '{0} opened {1}',
        values: [text, text],
        count: 1,
        capture: { file: text, event: 7, notable: true },
      },
    ],
  };
  const capture = captureReport(triage);
  const incident: IncidentReport = {
    ...base,
    triage,
    gaps: captureGaps(triage),
    ...(capture === undefined ? {} : { capture: { ...capture, several: true } }),
  };
  return { ...report, incidents: [incident, ...rest] };
}

describe('a hostile capture', () => {
  it.each(Object.entries(HOSTILE))('%s', (_name, text) => {
    const report = withStory(text);
    const html = renderHtml(report);
    expect(html).not.toMatch(/<(?:img|svg\/onload|iframe|base|link rel=stylesheet href=http)/i);
    expect(html.match(/<script/g)).toHaveLength(1);
    for (const shown of [
      renderMarkdown(report),
      renderTerminal(report, { width: 80, color: false, full: true }),
    ])
      expect(shown.replaceAll('\n', '').replaceAll('\t', '')).not.toMatch(UNSEEN);
    expect(validateReport(renderJson(report))).toEqual([]);
  });
});

describe('what a capture adds', () => {
  it('names every place, counts what is alike, and says what is not shown', () => {
    const shown = renderTerminal(withStory('x.scap'), { width: 200, color: false, full: true });
    const text = shown.replace(/\s+/g, ' ');
    expect(text).toContain('x.scap (cron): opened for writing by x.scap event 7 of x.scap');
    expect(text).toContain(
      'x.scap connected to x.scap (tcp), and 1 more time, 1 byte out and 0 bytes in as far as recorded',
    );
    expect(text).toContain('1 of the 2 records below is in it.');
    expect(text).toContain('is not in the capture: no event of x.scap is its.');
    expect(text).toContain('The capture holds 3 processes and 4 events more of this than is shown here.');
  });
});
