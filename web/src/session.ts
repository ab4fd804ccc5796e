// Who is logged in, and what that role may do. The service decides; the pages only leave out what it would refuse.

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Me } from './api.generated.ts';

export type Role = Me['role'];

export const SessionContext = createContext<Pick<Me, 'actor' | 'role'>>({ actor: '', role: 'read' });

export interface SessionView {
  readonly actor: string;
  readonly role: Role;
  /** May set states and owners, write notes and silence. */
  readonly mayRespond: boolean;
  /** May make and revoke tokens. */
  readonly isAdmin: boolean;
}

export function useSession(): SessionView {
  const { actor, role } = useContext(SessionContext);
  return { actor, role, mayRespond: role === 'respond' || role === 'admin', isAdmin: role === 'admin' };
}
