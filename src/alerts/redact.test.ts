import { describe, expect, it } from 'vitest';
import type { Alert } from './alert.ts';
import { readAlertText } from './reader.ts';
import { redactAlert, redactText } from './redact.ts';

const A = (n: number, c = 'A'): string => c.repeat(n);

describe('redactText', () => {
  it.each([
    [`aws s3 --key AKIA${A(16)}`, 'aws s3 --key [redacted: aws-access-key]'],
    ['AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG', 'AWS_SECRET_ACCESS_KEY=[redacted: aws-secret-key]'],
    [`curl -H x AIza${A(35, 'b')}`, 'curl -H x [redacted: google-api-key]'],
    [
      `git clone https://ghp_${A(36, 'x')}@github.com/a/b`,
      'git clone https://[redacted: github-token]@github.com/a/b',
    ],
    [
      'git clone https://bob:hunter2@example.com/a',
      'git clone https://bob:[redacted: url-credentials]@example.com/a',
    ],
    ['psql postgres://app:p%40ss@db:5432/x', 'psql postgres://app:[redacted: url-credentials]@db:5432/x'],
    ['xoxb-12345678-abcdefgh', '[redacted: slack-token]'],
    [
      'https://hooks.slack.com/services/T000/B000/XXXXXXXX',
      'https://hooks.slack.com/[redacted: slack-webhook]',
    ],
    ['tok eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'tok [redacted: jwt]'],
    [
      'curl -H "Authorization: Bearer abc.def" x',
      'curl -H "Authorization: Bearer [redacted: authorization]" x',
    ],
    [
      "curl -H 'authorization: Basic Ym9iOmh1bnRlcjI=' x",
      "curl -H 'authorization: Basic [redacted: authorization]' x",
    ],
    ["curl -H 'Cookie: a=b; c=d' x", "curl -H 'Cookie: [redacted: cookie]' x"],
    ["curl -H 'X-Api-Key: abcdef' x", "curl -H 'X-Api-Key: [redacted: named-secret]' x"],
    ['curl -u bob:hunter2 https://x', 'curl -u bob:[redacted: password] https://x'],
    ['curl --user bob https://x', 'curl --user bob https://x'],
    ['mysql -u root -phunter2 db', 'mysql -u root -p[redacted: password] db'],
    ['mysql -u root -p db', 'mysql -u root -p db'],
    [
      '/usr/bin/sshpass -p hunter2 ssh -p 22 x',
      '/usr/bin/sshpass -p [redacted: password] ssh -p [redacted: password] x',
    ],
    ['docker run -p 80:80 nginx', 'docker run -p 80:80 nginx'],
    ['docker login -u bob -p hunter2 registry', 'docker login -u bob -p [redacted: password] registry'],
    ['tool --password hunter2 --x', 'tool --password [redacted: password] --x'],
    ['tool --password=hunter2', 'tool --password=[redacted: password]'],
    ["tool --db-password='a b c' -v", "tool --db-password='[redacted: password]' -v"],
    ['tool --password --verbose', 'tool --password --verbose'],
    [
      'MYSQL_ROOT_PASSWORD=a PGPASSWORD=bc PWD=/root',
      'MYSQL_ROOT_PASSWORD=a PGPASSWORD=[redacted: password] PWD=/root',
    ],
    [
      '{"clientSecret":"abc","password": "d\\"e"}',
      '{"clientSecret":"[redacted: named-secret]","password": "[redacted: password]"e"}',
    ],
    ['echo "root:hunter2" | sudo chpasswd', 'echo "root:[redacted: password]" | sudo chpasswd'],
    [
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----',
      '-----BEGIN OPENSSH PRIVATE KEY-----[redacted: private-key]-----END OPENSSH PRIVATE KEY-----',
    ],
    ['root:$6$abcdefgh$ijklmnopqrst:19000', 'root:[redacted: password-hash]:19000'],
    ['GET /x?sig=abcdefghij&b=1', 'GET /x?sig=[redacted: url-signature]&b=1'],
    ['redis-cli -a hunter2 ping', 'redis-cli -a [redacted: password] ping'],
    ['grep -r BEGIN RSA PRIVATE /', 'grep -r BEGIN RSA PRIVATE /'],
    ['kubectl get secret db -o json', 'kubectl get secret db -o json'],
    ['(user=bob secret=db-credentials ns=prod)', '(user=bob secret=db-credentials ns=prod)'],
    [
      'PASSWORD=$PW TOKEN_FILE=/run/x password=<NA> token=***',
      'PASSWORD=$PW TOKEN_FILE=/run/x password=<NA> token=***',
    ],
    ['cat /etc/shadow user.name=root evt.type=open', 'cat /etc/shadow user.name=root evt.type=open'],
  ])('%s', (text, redacted) => expect(redactText(text).text).toBe(redacted));

  it('is linear on hostile text', () => {
    const hostile = [
      'eyJ',
      'password',
      'mysql ',
      '-----BEGIN ',
      'a://',
      'token=',
      '"',
      'sk-',
      '$6$',
      'LS0tLS1CRUdJTi',
      'a:b ',
    ];
    for (const unit of hostile) {
      const cpu = process.cpuUsage().user;
      redactText(unit.repeat(Math.ceil(1_000_000 / unit.length)));
      expect(process.cpuUsage().user - cpu).toBeLessThan(3_000_000);
    }
  });
});

describe('redactAlert', () => {
  const read = (value: unknown): Alert => readAlertText(JSON.stringify(value)).alerts[0] as Alert;

  it('cleans fields, output and raw, and lists kinds without values', () => {
    const alert = read({
      rule: 'R',
      output: 'x command=mysql -phunter2',
      output_fields: {
        'proc.cmdline': 'mysql -phunter2',
        'proc.args': ['--token', 'hunter2'],
        'proc.env': 'TOKEN="hunter2 x"',
        api_token: 'hunter2',
      },
    });
    const { alert: clean, redactions } = redactAlert(alert);
    expect(JSON.stringify([...clean.fields, ...(clean.custom ?? []), clean.output, clean.raw])).not.toContain(
      'hunter2',
    );
    expect(JSON.parse(clean.raw)).toMatchObject({
      output_fields: { 'proc.cmdline': 'mysql -p[redacted: password]' },
    });
    expect(redactions).toEqual([
      { kind: 'password', field: 'proc.cmdline', count: 1 },
      { kind: 'token', field: 'proc.args', count: 1 },
      { kind: 'token', field: 'proc.env', count: 1 },
      { kind: 'named-secret', field: 'api_token', count: 1 },
      { kind: 'password', field: 'output', count: 1 },
      { kind: 'password', field: 'raw', count: 2 },
      { kind: 'token', field: 'raw', count: 2 },
      { kind: 'named-secret', field: 'raw', count: 1 },
    ]);
  });

  it('leaves a clean alert as it is', () => {
    const alert = read({ rule: 'R', output: 'x', output_fields: { 'proc.name': 'sh' } });
    expect(redactAlert(alert).alert).toBe(alert);
  });
});
