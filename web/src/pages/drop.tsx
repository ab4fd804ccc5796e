// Drop an alerts file or a capture and read its report. Nothing is stored.

import { useState } from 'preact/hooks';
import { ApiError, upload } from '../api.ts';
import { ReportView } from '../parts/report-view.tsx';

interface Answer {
  readonly html: string;
  readonly incidents: number;
  readonly input: { readonly read: number; readonly accepted: number; readonly rejected: number };
}

export function DropPage() {
  const [answer, setAnswer] = useState<(Answer & { readonly name: string }) | undefined>(undefined);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState('');
  const [over, setOver] = useState(false);
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    setBusy(file.name);
    setProblem('');
    try {
      setAnswer({ ...((await upload('/api/v1/reports', file)) as Answer), name: file.name });
    } catch (error) {
      setAnswer(undefined);
      setProblem(error instanceof ApiError ? error.message : String(error));
    }
    setBusy('');
  };
  return (
    <main id="main">
      <h1>Report on a file</h1>
      <label
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
        <strong>
          {busy === '' ? 'Drop a file with Falco alerts or a capture here' : `Reading ${busy} …`}
        </strong>
        <span class="muted">
          JSON, NDJSON, an array, Falco’s text lines, or a .scap; gzip is fine. It is read and forgotten.
        </span>
        <input type="file" onChange={(event) => void read(event.currentTarget.files?.[0])} />
      </label>
      {problem !== '' && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {answer && (
        <>
          <p class="lead">
            {answer.name}: {answer.input.read} records read, {answer.input.accepted} accepted,{' '}
            {answer.input.rejected} rejected.
          </p>
          <ReportView markup={answer.html} />
        </>
      )}
    </main>
  );
}
