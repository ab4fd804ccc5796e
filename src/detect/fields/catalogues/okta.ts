// Fields of Falco's okta plugin: one entry of the system log.

import { parseFieldRows } from './rows.ts';

export const OKTA_FIELDS = parseFieldRows(
  'okta',
  `
okta.app str Application in the request URI
okta.behaviors str How the sign-in differs from earlier ones
okta.org str Organization that the plugin is set up for
okta.evt.type str Kind of event: user.session.start, …
okta.evt.legacytype str Older name of the kind of event
okta.severity str Severity: DEBUG, INFO, WARN or ERROR
okta.message str Message that is shown for the event
okta.published str Time of the event
okta.logonlysecuritydata str Risk and behaviours that were evaluated, as Okta logs them
okta.actor.id str Id of the actor
okta.actor.Type str Kind of actor
okta.actor.alternateid str Alternate id of the actor, usually an e-mail address
okta.actor.name str Display name of the actor
okta.client.zone str Network zone of the client
okta.client.ip str Address of the client
okta.client.device str Kind of device of the client
okta.client.id str Id of the OAuth client
okta.client.geo.city str City of the client
okta.client.geo.state str State of the client
okta.client.geo.country str Country of the client
okta.client.geo.postalcode str Postal code of the client
okta.client.geo.lat str Latitude of the client
okta.client.geo.lon str Longitude of the client
okta.useragent.os str Operating system in the user agent
okta.useragent.browser str Browser in the user agent
okta.useragent.raw str User agent as sent
okta.result str Outcome: SUCCESS, FAILURE, DENY, …
okta.reason str Reason of the outcome
okta.transaction.id str Id of the transaction
okta.transaction.type str Kind of transaction
okta.requesturi str Request URI
okta.principal.id str Id of the original principal
okta.principal.alternateid str Alternate id of the original principal
okta.principal.type str Kind of original principal
okta.principal.name str Display name of the original principal
okta.authentication.step str Step of the authentication
okta.authentication.sessionid str Id of the external session
okta.authentication.provider str What authenticated: OKTA_AUTHENTICATION_PROVIDER, FEDERATION, …
okta.authentication.credentialprovider str Who issued the credential
okta.security.asnumber u64 Number of the client's autonomous system
okta.security.asorg str Organization of the client's autonomous system
okta.security.isp str Internet provider of the client
okta.security.domain str Domain of the client
okta.security.isproxy str Whether the client came through a proxy
okta.target.user.id str Id of the user that is acted on
okta.target.user.alternateid str Alternate id of the user that is acted on
okta.target.user.name str Display name of the user that is acted on
okta.target.group.id str Id of the group that is acted on
okta.target.group.alternateid str Alternate id of the group that is acted on
okta.target.group.name str Display name of the group that is acted on
okta.target.app.alternateid str Alternate id of the application that is acted on
okta.targets.displayName str?index Display names of all that is acted on, as (a,b), or of one
okta.mfa.failure.countlast u64!index Failed second factors of the actor in the last N seconds
okta.mfa.deny.countlast u64!index Denied second factors of the actor in the last N seconds
`,
);
