// What a path is for, on Linux and in containers. The first entry that fits names the kind; the order is part of the
// meaning. Paths are attacker text: only anchored, linear patterns.

/** Kinds of files that behaviours speak of. `docs/knowledge.md` lists them. */
const KINDS: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['preload', /^\/etc\/ld\.so\.preload$/],
  ['ssh-authorized-keys', /\/\.ssh\/authorized_keys2?$|^\/etc\/ssh\/authorized_keys/],
  ['ssh-private-key', /\/(?:id_rsa|id_dsa|id_ecdsa|id_ed25519)$|^\/etc\/ssh\/ssh_host_\w+_key$/],
  ['ssh-directory', /\/\.ssh(?:\/|$)/],
  [
    'password-hashes',
    /^(?:\/(?:host|rootfs|hostfs|mnt)[^/]*)?\/etc\/(?:shadow|gshadow|master\.passwd|security\/opasswd)-?$/,
  ],
  ['sudoers', /^\/etc\/(?:sudoers(?:$|\.d(?:\/|$))|doas\.conf$)/],
  ['pam', /^\/etc\/pam\.(?:d(?:\/|$)|conf$)|\/pam_[a-z0-9_]+\.so$/],
  ['accounts', /^\/etc\/(?:passwd|group|subuid|subgid|login\.defs)-?$/],
  [
    'service-account-token',
    /^(?:\/var)?\/run\/secrets\/kubernetes\.io\/|^\/var\/run\/secrets\/eks\.amazonaws\.com\//,
  ],
  [
    'kube-credentials',
    /\/\.kube\/config$|^\/etc\/kubernetes\/(?:admin|super-admin|controller-manager|scheduler|kubelet)\.conf$|^\/etc\/kubernetes\/pki\/.*\.key$|^\/var\/lib\/kubelet\/(?:kubeconfig|pki\/)/,
  ],
  [
    'cloud-credentials',
    /\/\.aws\/credentials$|\/\.azure\/|\/\.config\/gcloud\/|\/application_default_credentials\.json$|\/\.boto$/,
  ],
  [
    'registry-credentials',
    /\/\.docker\/config\.json$|\/\.dockercfg$|\/\.netrc$|\/\.git-credentials$|\/\.npmrc$|\/\.pypirc$|\/\.pgpass$|\/\.my\.cnf$/,
  ],
  ['private-key', /\.(?:key|p12|pfx|jks|keystore)$|\/private\/[^/]+\.pem$|privkey\d*\.pem$/],
  ['process-environment', /^\/proc\/(?:\d+|self|thread-self)\/environ$/],
  [
    'process-memory',
    /^\/proc\/(?:\d+|self)\/(?:mem|maps|root(?:\/|$))|^\/dev\/(?:mem|kmem)$|^\/proc\/kcore$/,
  ],
  [
    'kernel-interface',
    /\/release_agent$|^\/proc\/sys\/kernel\/(?:core_pattern|modprobe)$|^\/proc\/sysrq-trigger$|^\/sys\/kernel\/uevent_helper$|^\/sys\/kernel\/security\//,
  ],
  ['runtime-socket', /\/(?:docker|containerd|crio|podman|cri-dockerd|dockershim)\.sock$/],
  ['kernel-module', /\.ko(?:\.(?:gz|xz|zst))?$|^\/etc\/(?:modules|modules-load\.d|modprobe\.d)(?:\/|$)/],
  [
    'cron',
    /^\/etc\/(?:cron|anacrontab|at\.(?:allow|deny))|^\/var\/spool\/(?:cron|at)(?:\/|$)|^(?:\/[^/]+)*\/etc\/crontabs(?:\/|$)|\/etc\/crontab$/,
  ],
  [
    'systemd-unit',
    /^(?:\/etc|\/usr\/lib|\/lib|\/run)\/systemd\/(?:system|user)(?:\/|$)|\/\.config\/systemd\/user(?:\/|$)|^\/etc\/(?:init\.d|rc\.local|rc\d\.d|inittab|init)(?:\/|$)/,
  ],
  [
    'shell-history',
    /\/\.(?:bash_history|zsh_history|zhistory|history|ash_history|sh_history|local\/share\/fish\/fish_history|python_history|mysql_history|psql_history|lesshst)$/,
  ],
  [
    'shell-startup',
    /\/\.(?:bashrc|bash_profile|bash_login|bash_logout|profile|zshrc|zprofile|zshenv|zlogin|zlogout|cshrc|tcshrc|kshrc|login|logout|inputrc|config\/fish\/config\.fish)$|^\/etc\/(?:profile(?:$|\.d\/)|bash\.bashrc|bashrc|environment|zsh\/|csh\.|skel\/)/,
  ],
  ['login-records', /^\/var\/(?:log|run)\/(?:wtmp|btmp|utmp|lastlog|faillog|tallylog)$|^\/run\/utmp$/],
  ['log', /^\/var\/log(?:\/|$)|^\/dev\/log$|\/access\.log$|\/error\.log$/],
  [
    'package-database',
    /^\/var\/lib\/(?:dpkg|rpm|apk|pacman)(?:\/|$)|^\/lib\/apk\/db(?:\/|$)|^\/usr\/lib\/sysimage\/rpm\//,
  ],
  [
    'package-sources',
    /^\/etc\/(?:apt\/sources\.list|apt\/trusted|yum\.repos\.d|zypp\/repos\.d|apk\/repositories|pacman\.)/,
  ],
  ['dns', /^\/etc\/(?:hosts|resolv\.conf|nsswitch\.conf)$/],
  ['temporary', /^(?:\/tmp|\/var\/tmp|\/dev\/shm|\/run\/user|\/run\/shm)(?:\/|$)/],
  ['device', /^\/dev\//],
  ['program', /^(?:\/usr)?(?:\/local)?\/s?bin(?:\/|$)|^\/usr\/libexec\//],
  ['library', /^(?:\/usr)?(?:\/local)?\/lib(?:32|64)?(?:\/|$)|\.so(?:\.\d+)*$/],
  ['web-root', /^\/var\/www(?:\/|$)|^\/usr\/share\/nginx\/html(?:\/|$)|\/(?:public_html|htdocs|webapps)\//],
  ['configuration', /^\/etc(?:\/|$)/],
  ['root-home', /^\/root(?:\/|$)/],
  ['home', /^\/home\//],
  ['boot', /^\/boot(?:\/|$)/],
];

/** The kind of a path; `other` when no entry fits, `undefined` for what is no absolute path. */
export function pathKind(path: string): string | undefined {
  if (!path.startsWith('/') || path.length > 4_096) return undefined;
  for (const [kind, pattern] of KINDS) if (pattern.test(path)) return kind;
  return 'other';
}

/** All kinds, in order, for the documentation and for checking packs. */
export const PATH_KINDS: readonly string[] = [...KINDS.map(([kind]) => kind), 'other'];

/** Where an executable lies: `system` and `optional` are installed, `temporary`, `memory`, `home` are not. */
export function executablePlace(path: string): string | undefined {
  if (path === '') return undefined;
  if (/^(?:\/)?memfd:|^\/proc\/(?:self|\d+)\/fd\/|^\/dev\/fd\//.test(path)) return 'memory';
  if (!path.startsWith('/')) return 'relative';
  if (/^(?:\/tmp|\/var\/tmp|\/dev\/shm|\/run\/user|\/run\/shm|\/dev\/mqueue)\//.test(path))
    return 'temporary';
  if (/^\/(?:home\/|root\/)/.test(path)) return 'home';
  if (/^(?:\/usr)?(?:\/local)?\/(?:s?bin|lib(?:exec|32|64)?|share|games)\//.test(path)) return 'system';
  if (/^\/(?:opt|snap|nix\/store|usr|app|apps|srv|k8s|host\/usr|home\/linuxbrew)\//.test(path))
    return 'optional';
  return 'other';
}
