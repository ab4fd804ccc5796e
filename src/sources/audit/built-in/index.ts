// The sources that are built in.

import type { JsonSource } from '../source.ts';
import { CLOUDTRAIL } from './cloudtrail.ts';
import { GCP_AUDIT } from './gcp-audit.ts';
import { GITHUB } from './github.ts';
import { KUBERNETES_AUDIT } from './kubernetes.ts';
import { OKTA } from './okta.ts';

export { CLOUDTRAIL, GCP_AUDIT, GITHUB, KUBERNETES_AUDIT, OKTA };

export const JSON_SOURCES: readonly JsonSource[] = [KUBERNETES_AUDIT, CLOUDTRAIL, GCP_AUDIT, OKTA, GITHUB];
