// The source gcp_auditlog as Falco's gcpaudit plugin reads it: one entry of Google Cloud's audit logs.

import { PLUGIN_VERSIONS } from '../../../detect/fields/index.ts';
import { builtInFields, defineJsonSource } from '../define.ts';
import type { JsonRecord } from '../event.ts';
import type { Extraction } from '../extract.ts';
import { follow } from '../pointer.ts';

const payload = (path: string): Extraction => ({ path: `/protoPayload/${path}` });
const label = (name: string): Extraction => ({ path: `/resource/labels/${name}` });

/** The location; where there is only a zone, its region: the zone without `-a`. */
function location(record: JsonRecord): string | undefined {
  const text = (name: string): string | undefined => {
    const value = follow(record, ['resource', 'labels', name]);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const found = text('location') ?? text('region');
  if (found !== undefined) return found;
  const zone = text('zone');
  return zone !== undefined && zone.length > 2 ? zone.slice(0, -2) : zone;
}

export const GCP_AUDIT = defineJsonSource({
  name: 'gcp_auditlog',
  plugin: 'gcpaudit',
  version: PLUGIN_VERSIONS['gcpaudit'] as string,
  description: 'Google Cloud audit logs: what `gcloud logging read --format=json` prints, files of a sink',
  accept: [
    ['/protoPayload/methodName'],
    ['/protoPayload/@type=type.googleapis.com/google.cloud.audit.AuditLog'],
  ],
  lists: ['/entries'],
  time: ['/timestamp', '/receiveTimestamp'],
  fields: builtInFields('gcp_auditlog', {
    'gcp.user': { ...payload('authenticationInfo/principalEmail'), otherwise: '' },
    'gcp.callerIP': { ...payload('requestMetadata/callerIp'), otherwise: '' },
    'gcp.userAgent': payload('requestMetadata/callerSuppliedUserAgent'),
    'gcp.authorizationInfo': payload('authorizationInfo'),
    'gcp.serviceName': payload('serviceName'),
    'gcp.policyDelta': {
      cases: [
        { when: '/resource/type=gcs_bucket', ...payload('serviceData/policyDelta/bindingDeltas') },
        payload('metadata/datasetChange/bindingDeltas'),
      ],
    },
    'gcp.request': payload('request'),
    'gcp.methodName': { ...payload('methodName'), otherwise: '' },
    'gcp.cloudfunctions.function': label('function_name'),
    'gcp.cloudsql.databaseId': label('database_id'),
    'gcp.compute.instanceId': label('instance_id'),
    'gcp.compute.networkId': label('network_id'),
    'gcp.compute.subnetwork': label('subnetwork_name'),
    'gcp.compute.subnetworkId': label('subnetwork_id'),
    'gcp.dns.zone': label('zone_name'),
    'gcp.iam.serviceAccount': label('email_id'),
    'gcp.iam.serviceAccountId': label('unique_id'),
    'gcp.location': location,
    'gcp.logging.sink': { cases: [{ when: '/resource/type=logging_sink', ...label('name') }] },
    'gcp.projectId': label('project_id'),
    'gcp.resourceName': payload('resourceName'),
    'gcp.resourceType': { path: '/resource/type' },
    'gcp.resourceLabels': { path: '/resource/labels' },
    'gcp.storage.bucket': label('bucket_name'),
    'gcp.time': { path: '/timestamp' },
  }),
});
