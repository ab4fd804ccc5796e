// Fields of Falco's gcpaudit plugin: one Google Cloud audit log entry.

import { parseFieldRows } from './rows.ts';

export const GCP_AUDIT_FIELDS = parseFieldRows(
  'gcp',
  `
gcp.user str E-mail address of the principal
gcp.callerIP str Address of the caller
gcp.userAgent str User agent of the caller
gcp.authorizationInfo str Permissions that were checked, as JSON
gcp.serviceName str API service that was called
gcp.policyDelta str Changes of access bindings, as JSON
gcp.request str Request as JSON
gcp.methodName str API method that was called
gcp.cloudfunctions.function str Name of the cloud function
gcp.cloudsql.databaseId str Id of the SQL database
gcp.compute.instanceId str Id of the compute instance
gcp.compute.networkId str Id of the network
gcp.compute.subnetwork str Name of the subnetwork
gcp.compute.subnetworkId str Id of the subnetwork
gcp.dns.zone str Name of the DNS zone
gcp.iam.serviceAccount str E-mail address of the service account
gcp.iam.serviceAccountId str Unique id of the service account
gcp.location str Region or zone
gcp.logging.sink str Name of the logging sink
gcp.projectId str Id of the project
gcp.resourceName str Name of the resource
gcp.resourceType str Type of the resource
gcp.resourceLabels str Labels of the resource, as JSON
gcp.storage.bucket str Name of the bucket
gcp.time str Time of the entry
`,
);
