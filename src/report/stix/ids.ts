// Deterministic STIX identifiers: UUIDv5 (RFC 9562), so that the same report gives the same bundle.

import { createHash } from 'node:crypto';

/** The namespace that STIX 2.1 (section 2.9) fixes for the ids of cyber-observable objects. */
const SCO_NAMESPACE = '00abedb4-aa42-466c-9c01-fed23315a9b7';
/** Ours, for everything else: UUIDv5 of the project's name in the URL namespace. */
const OWN_NAMESPACE = uuidV5('6ba7b811-9dad-11d1-80b4-00c04fd430c8', 'urn:yarak');

/** UUIDv5 of `name` in `namespace`. */
export function uuidV5(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest();
  hash[6] = ((hash[6] as number) & 0x0f) | 0x50;
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** Id of an observable from its id-contributing properties; keys are given in canonical (sorted) order. */
export function observableId(type: string, contributing: Readonly<Record<string, unknown>>): string {
  return `${type}--${uuidV5(SCO_NAMESPACE, JSON.stringify(contributing))}`;
}

/** Id of any other object from a name that is stable over runs. */
export function objectId(type: string, ...name: readonly string[]): string {
  return `${type}--${uuidV5(OWN_NAMESPACE, JSON.stringify([type, ...name]))}`;
}
