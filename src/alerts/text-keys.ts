// The keys of Falco's text outputs, of all versions, and the fields that they stand for. Facts from the stock rules'
// outputs since 2018 and from what people post; a site's own keys are left alone.

/** A short value that the key must have; keeps words of a command line from being taken for keys. */
export type Shape = 'any' | 'word' | 'name' | 'number' | 'container' | 'path';

export interface TextKey {
  readonly field: string;
  readonly shape: Shape;
}

const key = (field: string, shape: Shape = 'any'): TextKey => ({ field, shape });

/** Keys of system call rules. */
export const SYSCALL_KEYS: ReadonlyMap<string, TextKey> = new Map(
  Object.entries({
    user: key('user.name'),
    user_uid: key('user.uid', 'number'),
    user_loginuid: key('user.loginuid', 'number'),
    user_loginname: key('user.loginname'),
    loginuid: key('user.loginuid', 'number'),
    uid: key('evt.arg.uid', 'word'),
    cur_uid: key('user.uid', 'number'),
    process: key('proc.name'),
    program: key('proc.name'),
    proc: key('proc.name'),
    process_name: key('proc.name'),
    shell: key('proc.name'),
    child: key('proc.name'),
    exe: key('proc.exepath'),
    proc_exepath: key('proc.exepath'),
    proc_exe: key('proc.exe'),
    proc_cwd: key('proc.cwd'),
    cwd: key('proc.cwd'),
    proc_sname: key('proc.sname'),
    proc_args: key('proc.args'),
    args: key('proc.args'),
    env: key('proc.env'),
    parent: key('proc.pname'),
    parent_process: key('proc.pname'),
    web_server: key('proc.pname'),
    parent_exe: key('proc.pexe'),
    parent_exepath: key('proc.pexepath'),
    gexepath: key('proc.aexepath[2]'),
    gparent: key('proc.aname[2]'),
    ggparent: key('proc.aname[3]'),
    gggparent: key('proc.aname[4]'),
    'aname[4]': key('proc.aname[4]'),
    'aname[5]': key('proc.aname[5]'),
    'aname[6]': key('proc.aname[6]'),
    'aname[7]': key('proc.aname[7]'),
    command: key('proc.cmdline'),
    cmdline: key('proc.cmdline'),
    cmd: key('proc.cmdline'),
    proc_cmdline: key('proc.cmdline'),
    pcmdline: key('proc.pcmdline'),
    proc_pcmdline: key('proc.pcmdline'),
    terminal: key('proc.tty', 'number'),
    pid: key('proc.pid', 'number'),
    ppid: key('proc.ppid', 'number'),
    tid: key('thread.tid', 'number'),
    exe_flags: key('evt.arg.flags'),
    flags: key('evt.arg.flags'),
    evt_type: key('evt.type', 'name'),
    type: key('evt.type', 'name'),
    operation: key('evt.type', 'name'),
    evt_res: key('evt.res', 'word'),
    res: key('evt.res', 'word'),
    evt_args: key('evt.args'),
    socket_info: key('evt.args'),
    bpf_cmd: key('evt.arg.cmd'),
    mode: key('evt.arg.mode'),
    filename: key('evt.arg.filename'),
    name: key('evt.arg.name', 'path'),
    path: key('evt.arg.path', 'path'),
    directory: key('evt.arg.path', 'path'),
    olddirfd: key('evt.arg.olddirfd'),
    newdirfd: key('evt.arg.newdirfd'),
    oldpath: key('evt.arg.oldpath'),
    newpath: key('evt.arg.newpath'),
    target: key('evt.arg.target'),
    linkpath: key('evt.arg.linkpath'),
    file: key('fd.name'),
    fileraw: key('fd.nameraw'),
    device: key('fd.name'),
    connection: key('fd.name'),
    lport: key('fd.lport', 'number'),
    rport: key('fd.rport', 'number'),
    fd_type: key('fd.type', 'name'),
    fd_proto: key('fd.l4proto', 'name'),
    server_ip: key('fd.sip', 'word'),
    server_port: key('fd.sport', 'number'),
    fd_rip_name: key('fd.rip.name'),
    fd_lip_name: key('fd.lip.name'),
    fd_cip_name: key('fd.cip.name'),
    fd_sip_name: key('fd.sip.name'),
    module: key('proc.args'),
    group_gid: key('group.gid', 'number'),
    group_name: key('group.name'),
    cap_effective: key('thread.cap_effective'),
    cap_permitted: key('thread.cap_permitted'),
    proc_exe_ino_ctime: key('proc.exe_ino.ctime', 'number'),
    proc_exe_ino_mtime: key('proc.exe_ino.mtime', 'number'),
    proc_exe_ino_ctime_duration_proc_start: key('proc.exe_ino.ctime_duration_proc_start', 'number'),
    container: key('container.id', 'word'),
    container_id: key('container.id', 'container'),
    id: key('container.id', 'container'),
    container_name: key('container.name', 'word'),
    container_start_ts: key('container.start_ts', 'number'),
    container_image: key('container.image', 'word'),
    image: key('container.image', 'word'),
    container_image_repository: key('container.image.repository', 'word'),
    container_image_tag: key('container.image.tag', 'word'),
    container_image_digest: key('container.image.digest', 'word'),
    mounts: key('container.mounts'),
    k8s_ns_name: key('k8s.ns.name', 'word'),
    k8s_ns: key('k8s.ns.name', 'word'),
    'k8s.ns': key('k8s.ns.name', 'word'),
    k8s_pod_name: key('k8s.pod.name', 'word'),
    k8s_pod: key('k8s.pod.name', 'word'),
    'k8s.pod': key('k8s.pod.name', 'word'),
  }),
);

/** Keys of Kubernetes audit rules, where some words mean something else. */
export const AUDIT_KEYS: ReadonlyMap<string, TextKey> = new Map(
  Object.entries({
    user: key('ka.user.name'),
    groups: key('ka.user.groups'),
    verb: key('ka.verb', 'word'),
    uri: key('ka.uri'),
    resp: key('ka.response.code', 'word'),
    decision: key('ka.auth.decision', 'word'),
    reason: key('ka.auth.reason'),
    ns: key('ka.target.namespace', 'word'),
    'target.namespace': key('ka.target.namespace', 'word'),
    resource: key('ka.target.resource'),
    target: key('ka.target.name'),
    action: key('ka.target.subresource', 'word'),
    command: key('ka.uri.param[command]'),
    pod: key('ka.target.name', 'word'),
    service: key('ka.target.name', 'word'),
    serviceaccount: key('ka.target.name', 'word'),
    secret: key('ka.target.name', 'word'),
    configmap: key('ka.target.name', 'word'),
    deployment: key('ka.target.name', 'word'),
    node: key('ka.target.name', 'word'),
    namespace: key('ka.target.name', 'word'),
    ingress: key('ka.target.name', 'word'),
    role: key('ka.target.name'),
    binding: key('ka.target.name'),
    subjects: key('ka.req.binding.subjects'),
    subject: key('ka.req.binding.subjects'),
    rules: key('ka.req.role.rules'),
    image: key('ka.req.pod.containers.image'),
    images: key('ka.req.pod.containers.image'),
    config: key('ka.req.configmap.obj'),
    ports: key('ka.req.service.ports'),
  }),
);

/** Keys that only audit rules print, and keys that only system call rules print. */
const AUDIT_ONLY = new Set(['verb', 'resp', 'decision', 'ns', 'uri', 'serviceaccount', 'target.namespace']);
const SYSCALL_ONLY = new Set([
  'user_loginuid',
  'user_uid',
  'process',
  'program',
  'parent',
  'proc_exepath',
  'container',
  'container_id',
  'evt_type',
  'k8s.pod',
  'k8s_pod_name',
]);

/** Whether a line's keys are those of an audit rule. */
export function looksLikeAudit(keys: Iterable<string>): boolean {
  let audit = false;
  for (const name of keys) {
    if (SYSCALL_ONLY.has(name)) return false;
    if (AUDIT_ONLY.has(name)) audit = true;
  }
  return audit;
}

/** The field of a key that is a field's own name, or a field's name with `_` for its dots (`suggested_output` writes those). */
export function fieldOfKey(name: string): TextKey | undefined {
  if (/^(?:proc|thread|user|group|evt|fd|fs|container|k8s|ka|jevt|ct)\.[a-z]/.test(name)) return key(name);
  const match = /^(proc|thread|user|group|evt|fd|container|k8s)_([a-z].*)$/.exec(name);
  if (match === null) return undefined;
  const rest = (match[2] as string).replace(
    /^(image|pod|ns|arg|exe_ino|rc|svc|deployment)_/,
    (part) => `${part.slice(0, -1)}.`,
  );
  return key(`${match[1]}.${rest}`);
}

/** Fields whose text anyone can fill with blanks and `key=`: a later key may be part of them. */
export function isFreeText(field: string): boolean {
  return (
    /^(?:proc|fd|fs|evt|thread|ka|jevt|ct)\./.test(field) &&
    !/^(?:evt\.type|evt\.res|proc\.tty|fd\.[lrcs]port)$/.test(field)
  );
}

const NUMERIC = new Set([
  'user.uid',
  'user.loginuid',
  'group.gid',
  'proc.tty',
  'proc.pid',
  'proc.ppid',
  'proc.vpid',
  'proc.sid',
  'thread.tid',
  'fd.lport',
  'fd.rport',
  'fd.cport',
  'fd.sport',
  'fd.num',
  'evt.num',
  'container.start_ts',
  'proc.exe_ino.ctime',
  'proc.exe_ino.mtime',
  'proc.exe_ino.ctime_duration_proc_start',
]);

/** A text value in the type that Falco's JSON gives the field. */
export function typedValue(field: string, text: string): string | number | bigint | null {
  if (text === '<NA>') return null;
  if (!NUMERIC.has(field) || !/^-?\d{1,20}$/.test(text)) return text;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** Whether the value's first word can be this key's. */
export function hasShape(shape: Shape, value: string): boolean {
  const word = /^[^\s,)]*/.exec(value)?.[0] ?? '';
  if (word === '' || word === '<NA>' || word.startsWith('%')) return true;
  if (shape === 'number') return /^-?\d+$/.test(word);
  if (shape === 'container') return /^(?:[0-9a-f]{12,64}|host)$/.test(word);
  if (shape === 'path') return word.startsWith('/') || word.startsWith('.');
  if (shape === 'name') return /^[a-z_][a-z0-9_]*$/.test(word);
  if (shape === 'word') return /^(?:<NA>|[\w./:@+-])+$/.test(word);
  return true;
}
