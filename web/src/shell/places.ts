// Where one can go: the navigation, the keys and the command palette read this one list.

import type { Role } from '../session.ts';

export interface Place {
  readonly path: string;
  readonly name: string;
  readonly keys: string;
  /** Only for this role. */
  readonly role?: Role;
}

export const PLACES: readonly Place[] = [
  { path: 'incidents', name: 'Incidents', keys: 'g i' },
  { path: 'findings', name: 'Findings', keys: 'g f' },
  { path: 'noise', name: 'Noise', keys: 'g n' },
  { path: 'rules', name: 'Rules', keys: 'g r' },
  { path: 'silences', name: 'Silences', keys: 'g s' },
  { path: 'activity', name: 'Activity', keys: 'g a' },
  { path: 'drop', name: 'Report on a file', keys: 'g d' },
  { path: 'tokens', name: 'Tokens', keys: 'g t', role: 'admin' },
];

export const placesFor = (role: Role): readonly Place[] =>
  PLACES.filter((place) => place.role === undefined || place.role === role);
