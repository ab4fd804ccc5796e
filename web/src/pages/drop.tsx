// Drop an alerts file or a capture, and read its report. Nothing is stored.

import { useEffect, useState } from 'preact/hooks';
import { visible } from '../../../src/base/escape/visible.ts';
import { ApiError, messageOf, type ProblemDiagnostic, upload } from '../api.ts';
import { count, plural } from '../format.ts';
import { Page } from '../parts/page.tsx';
import { ReportView } from '../parts/report-view.tsx';

interface Answer {
  readonly html: string;
  readonly incidents: number;
  readonly input: { readonly read: number; readonly accepted: number; readonly rejected: number };
  /** Of a capture: what was played. */
  readonly capture?: { readonly events: number; readonly alerts: number; readonly rules: number };
  readonly diagnostics?: readonly ProblemDiagnostic[];
}

/** The service shows no more. */
const SHOWN = 20;

let handed: File | undefined;
let take: (() => void) | undefined;

/** A file that was dropped on another page. */
export function handOver(file: File): void {
  handed = file;
  take?.();
}

function summary({ input, incidents, capture }: Answer): string {
  const found = `${plural(incidents, 'incident')}${incidents > SHOWN ? `, of which the worst ${SHOWN} are shown` : ''}`;
  if (capture !== undefined)
    return `${plural(capture.events, 'event')} played against ${plural(capture.rules, 'rule')}: ${plural(capture.alerts, 'alert')}, ${found}.`;
  return `${plural(input.read, 'record')} read, ${count(input.accepted)} accepted, ${count(input.rejected)} rejected: ${found}.`;
}

function Diagnostics({ items }: { readonly items: readonly ProblemDiagnostic[] }) {
  return (
    <ul class="diagnostics">
      {items.map((item, i) => (
        <li key={`${item.code} ${i}`}>
          {item.at !== undefined && (
            <span class="mono">
              {item.at.line}:{item.at.column}{' '}
            </span>
          )}
          {visible(item.message)} {item.help !== undefined && <span class="muted">{visible(item.help)}</span>}
        </li>
      ))}
    </ul>
  );
}

export function DropPage() {
  const [answer, setAnswer] = useState<(Answer & { readonly name: string }) | undefined>(undefined);
  const [problem, setProblem] = useState<
    { readonly text: string; readonly diagnostics: readonly ProblemDiagnostic[] } | undefined
  >(undefined);
  const [busy, setBusy] = useState('');
  const [over, setOver] = useState(false);
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    setBusy(file.name);
    setProblem(undefined);
    setAnswer(undefined);
    try {
      setAnswer({ ...((await upload('/api/v1/reports', file)) as Answer), name: file.name });
    } catch (error) {
      const diagnostics = error instanceof ApiError ? (error.problem.diagnostics ?? []) : [];
      setProblem({ text: messageOf(error), diagnostics });
    }
    setBusy('');
  };
  useEffect(() => {
    take = () => {
      void read(handed);
      handed = undefined;
    };
    if (handed !== undefined) take();
    return () => {
      take = undefined;
    };
  }, []);
  return (
    <Page title="Report on a file">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is another way to what the file button inside does */}
      <div
        class={`drop ${over ? 'over' : ''}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void read(event.dataTransfer?.files[0]);
        }}
      >
        <p>
          <strong>Drop a file here</strong>, or choose one:
        </p>
        <label>
          <span class="visually-hidden">File with alerts, or a capture</span>
          <input type="file" onChange={(event) => void read(event.currentTarget.files?.[0])} />
        </label>
        <p class="muted">
          Falco’s alerts as JSON, NDJSON, an array or text lines; or a <code>.scap</code> capture, which is
          played against the service’s rules. gzip is fine. It is read and forgotten.
        </p>
      </div>
      <p role="status" class="lead">
        {busy !== '' && `Reading ${visible(busy)} …`}
        {answer !== undefined && `${visible(answer.name)}: ${summary(answer)}`}
      </p>
      {problem !== undefined && (
        <div class="state error" role="alert">
          <p>{problem.text}</p>
          <Diagnostics items={problem.diagnostics} />
        </div>
      )}
      {answer?.diagnostics !== undefined && answer.diagnostics.length > 0 && (
        <section class="panel">
          <h2>About the file</h2>
          <Diagnostics items={answer.diagnostics} />
        </section>
      )}
      {answer && <ReportView markup={answer.html} under={2} />}
    </Page>
  );
}
