// What makes two alerts the same finding: rule, source, workload, process identity, and the shapes of command line and
// file. Never the time. The parts are kept readable, so that a person can see why two alerts are one finding.

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Alert } from './alert.ts';
import { fieldText } from './fields.ts';
import { shapeOf } from './shape.ts';

export interface FingerprintPart {
  readonly name: string;
  readonly value: string;
}

/** Where an alert comes from, as far as it stays the same when the pod is made anew. */
export interface StableWorkload {
  readonly kind: string;
  readonly image?: string;
  readonly namespace?: string;
  readonly owner?: string;
}

const AUDIT_FIELDS = [
  'ka.user.name',
  'ka.verb',
  'ka.target.resource',
  'ka.target.subresource',
  'ka.target.namespace',
  'ka.response.code',
] as const;
const CLOUD_FIELD =
  /^(?:ct|gcp|okta|github)\.(?:name|src|shortsrc|user|methodName|serviceName|evt\.type|actor\.name|type|action|org)$/;

/** The parts in a fixed order; a part that the alert does not show is left out. */
export function fingerprintParts(alert: Alert, workload: StableWorkload): FingerprintPart[] {
  const parts: FingerprintPart[] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') parts.push({ name, value });
  };
  add('rule', alert.rule);
  add('source', alert.source);
  add('workload', workload.kind);
  add('image', workload.image);
  add('namespace', workload.namespace);
  add('owner', workload.owner);
  const text = (field: string): string | undefined => fieldText(alert, field);
  const shape = (field: string): string | undefined => {
    const value = text(field);
    return value === undefined ? undefined : shapeOf(value);
  };
  const before = parts.length;
  add('process', shape('proc.exepath') ?? shape('proc.name'));
  add('parent', shape('proc.pname'));
  add('command', shape('proc.cmdline'));
  add('file', shape('fd.name') ?? shape('fs.path.name') ?? shape('evt.arg.name') ?? shape('evt.arg.path'));
  for (const field of AUDIT_FIELDS) add(field, text(field));
  add('target', shape('ka.target.name'));
  for (const field of alert.fields.keys()) if (CLOUD_FIELD.test(field)) add(field, shape(field));
  // Nothing but the message to go by: its shape, without the time in front.
  if (parts.length === before) add('message', shapeOf(alert.output.replace(/^\S+: \w+ /, '')));
  return parts;
}

/** One text for the parts; different parts never give the same, whatever characters their values hold. */
export function fingerprintKey(parts: readonly FingerprintPart[]): string {
  let key = '';
  for (const { name, value } of parts) key += `${name}=${value.length}:${value};`;
  return key;
}

/** 16 hex digits of the SHA-256 over names and values. */
export function fingerprintId(parts: readonly FingerprintPart[]): string {
  return bytesToHex(sha256(utf8ToBytes(fingerprintKey(parts)))).slice(0, 16);
}
