// What a NetworkPolicy lets through: the selected pod's flows, evaluated by Kubernetes' rules (a policy type without
// rules lets nothing through; ipBlock with except).

import ipaddr from 'ipaddr.js';
import type { Check } from '../types.ts';
import { isJson, type Json, listAt, objectAt } from './pod-spec.ts';
import { ownCheck } from './toolbox.ts';

/** Whether the policy lets its pods connect to an address and port. Peers by label never match an outside address. */
export function allowsEgress(policy: Json, address: string, port?: number): boolean {
  const spec = objectAt(policy, 'spec');
  const types = Array.isArray(spec['policyTypes']) ? spec['policyTypes'] : ['Ingress'];
  if (!types.includes('Egress')) return true;
  return listAt(spec, 'egress').some((rule) => {
    const to = rule['to'];
    const peers = Array.isArray(to) ? to.filter(isJson) : [];
    const ports = listAt(rule, 'ports');
    const portMatches = ports.length === 0 || port === undefined || ports.some((p) => p['port'] === port);
    return (
      portMatches &&
      (peers.length === 0 || peers.some((peer) => blockHolds(objectAt(peer, 'ipBlock'), address)))
    );
  });
}

/** Passes when no observed peer can be reached any more. Proves `simulated` where there was a flow to test. */
export function checkNetworkPolicy(policy: Json, peers: readonly string[]): Check {
  const outside = peers.filter((peer) => ipaddr.isValid(peer));
  const reached = outside.filter((peer) => allowsEgress(policy, peer));
  const tried = outside.length > 0 ? outside : ['198.51.100.1'];
  return ownCheck(
    'yarak network policy evaluator',
    'networking.k8s.io/v1',
    'simulated',
    outside.length > 0 ? 'Is the observed connection refused?' : 'Is a connection to any other host refused?',
    reached.map((peer) => `${peer} can still be reached`),
    `${tried.join(', ')}: refused`,
  );
}

function blockHolds(block: Json, address: string): boolean {
  const cidr = block['cidr'];
  if (typeof cidr !== 'string' || !ipaddr.isValidCIDR(cidr) || !inside(address, cidr)) return false;
  const except = block['except'];
  return !(
    Array.isArray(except) &&
    except.some((one) => typeof one === 'string' && ipaddr.isValidCIDR(one) && inside(address, one))
  );
}

function inside(address: string, cidr: string): boolean {
  const parsed = ipaddr.parse(address);
  const [network, bits] = ipaddr.parseCIDR(cidr);
  return parsed.kind() === network.kind() && parsed.match(network, bits);
}
