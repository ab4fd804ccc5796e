// What secrets look like: token formats that their issuers document, names of keys and flags, programs with a password
// flag. Every pattern starts only where a word starts, so that a long text is read once.

export interface TokenPattern {
  readonly kind: string;
  /** Global. Group 1, if there is one, is the secret; else the whole match is. */
  readonly pattern: RegExp;
}

const WORD_START = '(?<![A-Za-z0-9_-])';
const token = (kind: string, body: string): TokenPattern => ({
  kind,
  pattern: new RegExp(`${WORD_START}${body}`, 'g'),
});

/** Tokens that are recognised wherever they stand. */
export const TOKENS: readonly TokenPattern[] = [
  token('aws-access-key', '(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?![0-9A-Za-z])'),
  token('google-api-key', 'AIza[0-9A-Za-z_-]{35}'),
  token('google-oauth-token', 'ya29\\.[0-9A-Za-z_-]{20,2048}'),
  token('google-oauth-secret', 'GOCSPX-[0-9A-Za-z_-]{20,64}'),
  token('github-token', '(?:gh[pousr]_[0-9A-Za-z]{20,255}|github_pat_[0-9A-Za-z_]{20,255})'),
  token('gitlab-token', 'gl(?:pat|dt|rt|ptt|cbt|oas|soat|agent)-[0-9A-Za-z_-]{16,255}'),
  token('slack-token', 'xox[abceoprs]-[0-9A-Za-z-]{8,250}|xapp-[0-9A-Za-z-]{8,250}'),
  token('slack-webhook', 'https://hooks\\.slack\\.com/(services/[0-9A-Za-z/_-]{10,200})'),
  token('discord-webhook', 'https://discord(?:app)?\\.com/api/webhooks/([0-9A-Za-z/_-]{10,200})'),
  token('telegram-bot-token', '(?:bot)?\\d{8,10}:[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])'),
  token('jwt', 'eyJ[0-9A-Za-z_-]{6,4096}\\.[0-9A-Za-z_-]{6,8192}\\.[0-9A-Za-z_-]{0,2048}'),
  token('stripe-key', '(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{16,255}|whsec_[0-9A-Za-z]{16,255}'),
  token('ai-service-key', 'sk-(?:ant-|proj-|svcacct-)?[0-9A-Za-z_-]{20,255}'),
  token('npm-token', 'npm_[0-9A-Za-z]{36}'),
  token('pypi-token', 'pypi-[0-9A-Za-z_-]{50,512}'),
  token('huggingface-token', 'hf_[0-9A-Za-z]{30,64}'),
  token('docker-token', 'dckr_(?:pat|oat)_[0-9A-Za-z_-]{20,64}'),
  token('vault-token', 'hv[sbr]\\.[0-9A-Za-z_-]{20,255}'),
  token('digitalocean-token', 'do[opr]_v1_[0-9a-f]{64}'),
  token('sendgrid-key', 'SG\\.[0-9A-Za-z_-]{16,32}\\.[0-9A-Za-z_-]{16,64}'),
  token('grafana-token', 'gl(?:sa|c)_[0-9A-Za-z_+/=-]{20,255}'),
  token('bootstrap-token', '[a-z0-9]{6}\\.[a-z0-9]{16}(?![0-9A-Za-z_.-])'),
  token('age-secret-key', 'AGE-SECRET-KEY-1[0-9A-Z]{58}'),
  { kind: 'password-hash', pattern: /(?<![\w$])\$(?:1|2[abxy]|5|6|7|y|gy)\$[./A-Za-z0-9$,=]{12,256}/g },
  {
    kind: 'url-credentials',
    pattern: /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,15}:\/\/[^\s:/?#@'"]{0,128}:([^\s/?#@'"]{1,256})@/gi,
  },
  {
    kind: 'url-signature',
    pattern: /[?&](?:sig|X-Amz-Signature|X-Amz-Security-Token|X-Goog-Signature)=([^\s&'"]{8,4096})/gi,
  },
];

/** Words that make a key's value a secret, wherever in the name they stand. */
const ANYWHERE =
  /passw(?:or)?d|passwort|passphrase|secret_?key|api_?key|private_?key|access_?key|account_?key|client_?secret/;
/** Words that do so as a part of their own between `_`, `-` or `.`. */
const AS_PART =
  /(?:^|_)(?:pass|pw|pwd|secret|token|apitoken|authtoken|credential|credentials|cred|creds|cookie|sas|authorization)(?:$|_)/;
/** Names of things, not of secrets. */
const NOT_SECRET =
  /(?:_|^)(?:file|path|dir|name|names|type|id|url|uri|ref|ttl|expiry|expires|expiration|length|policy|hash_type|ns|namespace)$/;

/** Whether a key (`MYSQL_ROOT_PASSWORD`, `clientSecret`, `x-api-key`) names a secret. Keys over 128 characters never do. */
export function isSecretKey(name: string): boolean {
  if (name.length > 128) return false;
  const snake = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[-.]+/g, '_')
    .replace(/^_+/, '')
    .toLowerCase();
  // A Kubernetes audit rule prints `secret=NAME`; a shell has PWD and OLDPWD.
  if (snake === 'secret' || snake === 'pwd' || snake === 'oldpwd')
    return name.startsWith('--') || name === 'Pwd';
  if (NOT_SECRET.test(snake)) return false;
  return ANYWHERE.test(snake) || AS_PART.test(snake);
}

/** How a program takes a secret. */
export interface SecretFlags {
  /** Flags whose value is the next word. */
  readonly next?: readonly string[];
  /** Flags whose value follows without a blank. */
  readonly attached?: readonly string[];
  /** The value is `USER:PASSWORD` or `USER%PASSWORD`: only what follows the separator is secret. */
  readonly after?: ':' | '%';
  /** Only once this word was seen. */
  readonly once?: string;
}

const mysql: SecretFlags = { attached: ['-p'] };
const sevenZip: SecretFlags = { attached: ['-p'] };
const mongo: SecretFlags = { next: ['-p'] };
const ldap: SecretFlags = { next: ['-w'], attached: ['-w'] };
const login: SecretFlags = { next: ['-p'], once: 'login' };

/** Programs by file name. Long flags such as `--password` need no entry. */
export const PROGRAMS: ReadonlyMap<string, SecretFlags> = new Map([
  ['mysql', mysql],
  ['mysqldump', mysql],
  ['mysqladmin', mysql],
  ['mysqlimport', mysql],
  ['mariadb', mysql],
  ['mariadb-dump', mysql],
  ['7z', sevenZip],
  ['7za', sevenZip],
  ['rar', sevenZip],
  ['unrar', sevenZip],
  ['zip', { next: ['-P'] }],
  ['unzip', { next: ['-P'] }],
  ['sshpass', { next: ['-p'], attached: ['-p'] }],
  ['redis-cli', { next: ['-a'] }],
  ['mongo', mongo],
  ['mongosh', mongo],
  ['mongodump', mongo],
  ['ldapsearch', ldap],
  ['ldapadd', ldap],
  ['ldapmodify', ldap],
  ['ldapwhoami', ldap],
  ['docker', login],
  ['podman', login],
  ['nerdctl', login],
  ['helm', login],
  ['az', login],
  ['useradd', { next: ['-p'] }],
  ['usermod', { next: ['-p'] }],
  ['sqlcmd', { next: ['-P'] }],
  ['xfreerdp', { attached: ['/p:'] }],
  ['openssl', { next: ['-k', '-K'], attached: ['pass:'] }],
  ['curl', { next: ['-u', '--user', '-U', '--proxy-user'], attached: ['-u', '--user='], after: ':' }],
  ['smbclient', { next: ['-U', '--user'], attached: ['-U'], after: '%' }],
  ['rpcclient', { next: ['-U', '--user'], attached: ['-U'], after: '%' }],
]);
