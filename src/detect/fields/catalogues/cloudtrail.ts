// Fields of Falco's cloudtrail plugin: one AWS CloudTrail record.

import { parseFieldRows } from './rows.ts';

export const CLOUDTRAIL_FIELDS = parseFieldRows(
  'ct',
  `
ct.id str Unique id of the record (eventID)
ct.error str Error code; absent if the call succeeded
ct.errormessage str Error message; absent if the call succeeded
ct.time str Time of the record (eventTime)
ct.src str Service that was called (eventSource)
ct.shortsrc str Service that was called, without .amazonaws.com
ct.name str What was called (eventName)
ct.user str Name of the caller, depending on the kind of identity
ct.user.accountid str Account of the caller
ct.user.identitytype str Kind of identity: Root, IAMUser, AssumedRole, AWSService, …
ct.user.principalid str Unique id of the caller
ct.user.arn str Resource name (ARN) of the caller
ct.region str AWS region
ct.response.subnetid str Subnet in the response
ct.response.reservationid str Reservation in the response
ct.response str Response elements as JSON
ct.request.availabilityzone str Availability zone in the request
ct.request.cluster str Cluster in the request
ct.request.functionname str Function name in the request
ct.request.groupname str Group name in the request
ct.request.host str Host in the request
ct.request.name str Name in the request
ct.request.policy str Policy in the request
ct.request.serialnumber str Serial number in the request
ct.request.servicename str Service name in the request
ct.request.subnetid str Subnet in the request
ct.request.taskdefinition str Task definition in the request
ct.request.username str User name in the request
ct.request str Request parameters as JSON
ct.srcip str Address of the caller
ct.useragent str User agent of the caller
ct.info str One-line summary of the record
ct.managementevent str true for management events
ct.readonly str true if the call changes nothing
ct.requestid str Id of the request
ct.eventtype str Kind of record: AwsApiCall, AwsConsoleSignIn, …
ct.apiversion str API version of the call
ct.resources str Resources that the call accessed, as JSON
ct.recipientaccountid str Account that received the record
ct.serviceeventdetails str What a service says of its own event
ct.sharedeventid str Id that the records of several accounts for one action share
ct.vpcendpointid str VPC endpoint through which the request came
ct.eventcategory str Category: Management, Data, Insight, …
ct.addendum.reason str Why a record was amended
ct.addendum.updatedfields str Fields that the amendment changes
ct.addendum.originalrequestid str Request id of the amended record
ct.addendum.originaleventid str Event id of the amended record
ct.sessioncredentialfromconsole str Whether the session came from the management console
ct.edgedevicedetails str Edge devices that the request was for
ct.tlsdetails.tlsversion str TLS version of the request
ct.tlsdetails.ciphersuite str Cipher suite of the request
ct.tlsdetails.clientprovidedhostheader str Host name that the client asked for
ct.additionaleventdata str Additional data of the record as JSON
s3.uri str URI of the object, s3://bucket/key
s3.bucket str Name of the bucket
s3.key str Key of the object
s3.bytes u64 Bytes downloaded or uploaded
s3.bytes.in u64 Bytes uploaded
s3.bytes.out u64 Bytes downloaded
s3.cnt.get u64 1 for GetObject
s3.cnt.put u64 1 for PutObject
s3.cnt.other u64 1 for GetObject and PutObject, against its name
ec2.name str Name of the instance, from its tags
ec2.imageid str Image of the instance, or the first of several
ec2.imageids str[]?index Images in the request or the response
ecr.repository str Repository in the request
ecr.imagetag str Image tag in the request
iam.role str Role in the request
iam.policy str Policy in the request
`,
);
