// Silences: what is hidden now, until when, and why; and the form for another one.

import { visible } from '../../../src/base/escape/visible.ts';
import type { Silence } from '../api.generated.ts';
import { call, messageOf } from '../api.ts';
import { exactTime } from '../format.ts';
import { linkTo, useLocation } from '../location.ts';
import { Empty, ErrorBox, Skeleton, Time } from '../parts/basics.tsx';
import { Page } from '../parts/page.tsx';
import { SilenceForm } from '../parts/silence.tsx';
import { tell } from '../parts/toast.tsx';
import { useSession } from '../session.ts';
import { useData } from '../use-data.ts';

export function SilencesPage() {
  const { query } = useLocation();
  const { mayRespond } = useSession();
  const silences = useData('silences', (signal) => call('GET /api/v1/silences', {}, signal));
  const end = async ({ id, condition, reason, expires }: Silence): Promise<void> => {
    try {
      await call('DELETE /api/v1/silences/{id}', { params: { id }, query: {} });
      tell('The silence has ended.', async () => {
        await call('POST /api/v1/silences', { body: { condition, reason, expires } });
        silences.reload();
      });
    } catch (error) {
      tell(messageOf(error));
    }
    silences.reload();
  };
  return (
    <Page title="Silences">
      <p class="lead">
        A silence hides findings from the list and from delivery until it expires. Their alerts are still
        stored and counted.
      </p>
      {silences.error && <ErrorBox error={silences.error} retry={silences.reload} />}
      {silences.value === undefined && silences.loading && <Skeleton rows={3} />}
      {silences.value?.length === 0 && <Empty title="Nothing is silenced" />}
      {silences.value && silences.value.length > 0 && (
        <table class="plain cards">
          <caption class="visually-hidden">Active silences</caption>
          <thead>
            <tr>
              <th scope="col">Hides what satisfies</th>
              <th scope="col">Reason</th>
              <th scope="col">By</th>
              <th scope="col">Until</th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {silences.value.map((silence) => (
              <tr key={silence.id}>
                <th scope="row">
                  <a
                    class="mono"
                    href={linkTo(['findings'], { filter: silence.condition, silenced: 'show' })}
                  >
                    <bdi>{visible(silence.condition)}</bdi>
                  </a>
                </th>
                <td data-name="reason">
                  <bdi>{visible(silence.reason)}</bdi>
                </td>
                <td data-name="by">
                  <bdi>{visible(silence.author)}</bdi>
                </td>
                <td data-name="until">
                  {exactTime(silence.expires)}{' '}
                  <span class="muted">
                    (<Time iso={silence.expires} />)
                  </span>
                </td>
                <td>
                  {mayRespond && (
                    <button type="button" class="small" onClick={() => void end(silence)}>
                      End now
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {mayRespond && (
        <section class="panel">
          <h2>Silence something</h2>
          <SilenceForm condition={query.get('condition') ?? ''} onDone={silences.reload} />
        </section>
      )}
    </Page>
  );
}
