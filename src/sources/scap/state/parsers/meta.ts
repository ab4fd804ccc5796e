// Events that are not system calls: users and groups that came and went, containers and what their runtimes say of
// them. Follows libs userspace/libsinsp/parsers.cpp and the container plugin's container_info_json.cpp.

import type { ScapEvent } from '../../event.ts';
import type { State } from '../state.ts';
import type { ContainerInfo, ContainerMount } from '../types.ts';

export function userEvent(event: ScapEvent, state: State, isAdded: boolean): void {
  const uid = event.u32(0);
  const container = event.text(5);
  if (!isAdded) {
    state.users.deleteUser(container, uid);
    return;
  }
  state.users.setUser(container, {
    uid,
    gid: event.u32(1),
    name: event.text(2),
    home: event.text(3),
    shell: event.text(4),
  });
}

export function groupEvent(event: ScapEvent, state: State, isAdded: boolean): void {
  const gid = event.u32(0);
  const container = event.text(2);
  if (isAdded) state.users.setGroup(container, { gid, name: event.text(1) });
  else state.users.deleteGroup(container, gid);
}

/** `container` and `container_removed` of the container plugin; other asynchronous events change nothing. */
export function asyncEvent(event: ScapEvent, state: State): void {
  const name = event.text(1);
  if (name !== 'container' && name !== 'container_removed') return;
  const info = containerOf(event.text(2));
  if (info === undefined) return;
  if (name === 'container') state.addContainer(info, event.num, event.size(2));
  else state.removeContainer(info, event.num);
}

/** The container event that drivers' user space wrote before there was a plugin. */
export function containerEvent(event: ScapEvent, state: State): void {
  const info = containerOf(event.text(0));
  if (info !== undefined) state.addContainer(info, event.num, event.size(0));
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads what the runtime said; undefined when it is no JSON or tells of no container. */
export function containerOf(text: string): ContainerInfo | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const container = isObject(json) ? json['container'] : undefined;
  if (!isObject(container)) return undefined;
  const id = string(container, 'id');
  if (id === '') return undefined;
  return {
    id,
    fullId: string(container, 'full_id'),
    name: string(container, 'name'),
    image: string(container, 'image'),
    imageId: string(container, 'imageid'),
    imageRepository: string(container, 'imagerepo'),
    imageTag: string(container, 'imagetag'),
    imageDigest: string(container, 'imagedigest'),
    type: typeof container['type'] === 'number' ? container['type'] : UNKNOWN_TYPE,
    privileged: boolean(container, 'privileged'),
    mounts: array(container, 'Mounts').filter(isObject).map(mountOf),
    labels: labels(container, 'labels'),
    env: array(container, 'env').filter((entry) => typeof entry === 'string'),
    ip: string(container, 'ip'),
    isPodSandbox: boolean(container, 'is_pod_sandbox'),
    podSandboxId: string(container, 'pod_sandbox_id'),
    podSandboxLabels: labels(container, 'pod_sandbox_labels'),
    cniJson: string(container, 'cni_json'),
    hostPid: boolean(container, 'host_pid'),
    hostNetwork: boolean(container, 'host_network'),
    hostIpc: boolean(container, 'host_ipc'),
    createdTime: typeof container['created_time'] === 'number' ? container['created_time'] : 0,
  };
}

/** What the plugin gives to a container of a runtime that it cannot tell. */
const UNKNOWN_TYPE = 0xffff;

function mountOf(mount: Json): ContainerMount {
  return {
    source: string(mount, 'Source'),
    destination: string(mount, 'Destination'),
    mode: string(mount, 'Mode'),
    rdwr: boolean(mount, 'RW'),
    propagation: string(mount, 'Propagation'),
  };
}

function string(json: Json, key: string): string {
  const value = json[key];
  return typeof value === 'string' ? value : '';
}

function boolean(json: Json, key: string): boolean {
  return json[key] === true;
}

function array(json: Json, key: string): readonly unknown[] {
  const value = json[key];
  return Array.isArray(value) ? value : [];
}

function labels(json: Json, key: string): ReadonlyMap<string, string> {
  const value = json[key];
  if (!isObject(value)) return new Map();
  return new Map(
    Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
  );
}
