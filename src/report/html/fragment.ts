// One incident as a piece of HTML for a page that already has the stylesheets: what the service's web UI shows.

import type { IncidentReport } from '../model.ts';
import { incidentSection } from './incident.ts';

/** Escaped markup without scripts, styles or event handlers; safe to put into a page as it is. */
export function renderIncidentFragment(incident: IncidentReport): string {
  return String(incidentSection(incident, true));
}
