// The programs that advice may name, with the subcommands and flags it may use; anything else fails. The table is kept
// by hand from the programs' manuals: kubectl 1.34, cri-tools 1.34, Docker 28, helm 3, coreutils, util-linux, procps,
// iproute2, systemd 252, audit 3.0, AppArmor 3.0, policycoreutils 3.4. A flag that ends in `=` takes a value.

import type { Check } from '../types.ts';
import { ownCheck } from './toolbox.ts';

const COMMON_KUBECTL = '-n= --namespace= --context= --kubeconfig=';
const PROGRAMS: Readonly<Record<string, string>> = {
  'kubectl get': `${COMMON_KUBECTL} -o= --output= -l= --selector= -A --all-namespaces --field-selector= --show-labels -w --sort-by= --raw=`,
  'kubectl describe': `${COMMON_KUBECTL} -l=`,
  'kubectl logs': `${COMMON_KUBECTL} --all-containers --timestamps --previous -c= --container= --since= --tail= --prefix`,
  'kubectl events': `${COMMON_KUBECTL} --for= -A -o=`,
  'kubectl label': `${COMMON_KUBECTL} --overwrite --dry-run= -l= --all`,
  'kubectl annotate': `${COMMON_KUBECTL} --overwrite`,
  'kubectl apply': `${COMMON_KUBECTL} -f= --dry-run= --server-side`,
  'kubectl diff': `${COMMON_KUBECTL} -f=`,
  'kubectl patch': `${COMMON_KUBECTL} --type= --patch-file= -p= --dry-run=`,
  'kubectl delete': `${COMMON_KUBECTL} -f= --wait= --grace-period= -l=`,
  'kubectl cordon': '--context= -l=',
  'kubectl uncordon': '--context= -l=',
  'kubectl drain': '--context= --ignore-daemonsets --delete-emptydir-data --dry-run=',
  'kubectl rollout': `${COMMON_KUBECTL} --to-revision= --timeout= -l=`,
  'kubectl auth': `${COMMON_KUBECTL} --list --as= --as-group= --subresource= -A --all-namespaces -o=`,
  'kubectl debug': `${COMMON_KUBECTL} -it --image= --profile= --target= -q`,
  'crictl inspect': '-o= --output=',
  'crictl ps': '-a --all -o= --id= --name= --pod=',
  'crictl logs': '--tail= --timestamps -t',
  'crictl checkpoint': '--export=',
  'crictl images': '--digests -o=',
  'docker inspect': '--format= --size -f=',
  'docker logs': '--timestamps --since= --tail=',
  'docker diff': '',
  'docker export': '--output= -o=',
  'docker pause': '',
  'docker unpause': '',
  'docker ps': '-a --no-trunc --filter= --format=',
  'docker rm': '--force',
  'docker build': '--pull -t= --tag= -f= --file=',
  'helm upgrade': '-n= --namespace= --reuse-values --set= -f= --values= --version= --dry-run --atomic',
  'helm rollback': '-n= --namespace=',
  'helm get': '-n= --namespace= -o=',
  'systemctl status': '--no-pager',
  'systemctl cat': '',
  'systemctl show': '-p= --property=',
  'systemctl list-timers': '--all --no-pager',
  'systemctl daemon-reload': '',
  'systemctl restart': '',
  'systemctl disable': '--now',
  'systemctl edit': '--full',
  'bpftool feature': '',
  'bpftool prog': '',
  journalctl: '--since= --until= -u= --no-pager -k -o= _UID=',
  uname: '-r -a',
  test: '-r -e -f -d',
  ls: '-l -la -lan --time-style= -d',
  cat: '',
  cp: '--archive --parents --no-clobber',
  mv: '--no-clobber',
  mkdir: '-p',
  chmod: '',
  chown: '',
  stat: '',
  sha256sum: '',
  tar: '--create --gzip --file= --ignore-failed-read --absolute-names --xattrs',
  find: '-newermt= -xdev -type= -perm= -ls -name= -path= -mmin=',
  ps: '-e -f -o= auxww -ww -p=',
  ss: '-t -a -n -p -tanp -tunap',
  lsmod: '',
  modinfo: '',
  last: '-F -w',
  lastlog: '',
  getent: '',
  id: '',
  crontab: '-l -u=',
  dpkg: '--verify -S=',
  rpm: '-Va -V= -qf=',
  kill: '-STOP -CONT -KILL',
  usermod: '--lock --unlock --expiredate=',
  passwd: '--expire --status',
  sysctl: '--system -n -w -a',
  auditctl: '-l -s',
  ausearch: '-k= -i --start= -x= -ua= -f=',
  augenrules: '--load --check',
  apparmor_parser: '-r -R -C -Q',
  'aa-status': '',
  semodule: '-i= -r= -l',
  semodule_package: '-o= -m=',
  checkmodule: '-M -m -o=',
  visudo: '-c -f=',
  install: '-d -o= -g= -m= -D',
  rm: '-f -i',
  falco: '--version --dry-run -V= -L -c= -o= --list',
  jq: '-c -r -s -f= --arg',
  grep: '-c -F -r -n -E -l -i',
  promtool: '',
  wc: '-l',
  sort: '-u -r -n -k=',
  readlink: '-f',
  lsattr: '',
  chattr: '-i',
};

/** What is wrong: a program, subcommand or flag that is not in the table. */
export function validateCommands(commands: readonly (readonly string[])[]): string[] {
  return commands.flatMap(validateCommand);
}

export function checkCommands(commands: readonly (readonly string[])[]): Check {
  return ownCheck(
    'yarak command table',
    '2026-11',
    'valid',
    'Is each program real, and does it have each subcommand and flag?',
    validateCommands(commands),
    `${commands.length} command${commands.length === 1 ? '' : 's'}: every program, subcommand and flag known`,
  );
}

function validateCommand(words: readonly string[]): string[] {
  if (words[0] === 'sudo') return validateCommand(words.slice(1));
  // kubectl takes its global flags before the subcommand too.
  if (words[0] === 'kubectl' && words[1] === '--namespace')
    return validateCommand(['kubectl', ...words.slice(3)]);
  const [first = '', second = ''] = words;
  const pair = `${first} ${second}`;
  const spec = Object.hasOwn(PROGRAMS, pair)
    ? PROGRAMS[pair]
    : Object.hasOwn(PROGRAMS, first)
      ? PROGRAMS[first]
      : undefined;
  if (spec === undefined) return [`${pair.trim()}: not in the table of known commands`];
  const flags = new Set(spec.split(' '));
  const problems: string[] = [];
  for (let i = Object.hasOwn(PROGRAMS, pair) ? 2 : 1; i < words.length; i++) {
    const word = words[i] as string;
    if (word === '--') break;
    if (!word.startsWith('-') || word === '-') continue;
    const equals = word.indexOf('=');
    const name = equals === -1 ? word : word.slice(0, equals);
    if (flags.has(`${name}=`)) {
      if (equals === -1) i++;
    } else if (!flags.has(name)) problems.push(`${pair.trim()}: no flag ${name}`);
  }
  return problems;
}
