#!/usr/bin/env bash
# Installs the Debian 12 tools that the integration tests run. Quick when everything is there; safe to run twice.
# Yarak itself needs none of them: a missing tool makes its check `skipped`, by name.
set -euo pipefail

# command or file to look for | Debian package | what it checks
tools=(
  '/usr/sbin/apparmor_parser|apparmor|AppArmor profiles: apparmor_parser -Q'
  '/usr/bin/checkmodule|checkpolicy|SELinux modules: checkmodule -M -m'
  '/usr/bin/semodule_package|semodule-utils|SELinux modules: packed as they would be loaded'
  '/usr/sbin/visudo|sudo|sudoers rules: visudo -c'
  '/usr/bin/systemd-analyze|systemd|systemd units: systemd-analyze verify and security'
  '/usr/bin/scmp_sys_resolver|seccomp|seccomp profiles: system call names'
  '/usr/bin/ausyscall|auditd|auditd rules: system call names'
  '/usr/bin/promtool|prometheus|Prometheus rules: promtool check rules'
  '/usr/bin/amtool|prometheus-alertmanager|Alertmanager routes: amtool check-config'
  '/usr/bin/shellcheck|shellcheck|commands in advice'
  '/usr/bin/jq|jq|jq queries: compiled'
  '/usr/sbin/nft|nftables|nftables rules: nft -c'
  '/usr/bin/chromium|chromium|HTML report and web UI: opened in a real browser'
  '/usr/sbin/rsyslogd|rsyslog|syslog delivery: a real receiver'
  '/usr/lib/*/rsyslog/lmnsd_gtls.so|rsyslog-gnutls|syslog delivery over TLS'
  '/usr/bin/curl|curl|TLS of the service, as Falco speaks it: its http_output is libcurl'
  '/usr/bin/openssl|openssl|certificates for TLS tests'
  '/usr/lib/postgresql/*/bin/postgres|postgresql|store tests on PostgreSQL'
)

missing=()
for entry in "${tools[@]}"; do
  IFS='|' read -r path package reason <<<"$entry"
  if ! compgen -G "$path" >/dev/null; then
    echo "missing: $package ($reason)"
    missing+=("$package")
  fi
done

if [ "${#missing[@]}" -eq 0 ]; then
  echo "all ${#tools[@]} tools are installed"
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "run as root: apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 3
fi

export DEBIAN_FRONTEND=noninteractive
# No daemon may start: the tests run the programs themselves.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq
# One package that cannot be had must not cost the others: its tests are then skipped by name.
if ! apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; then
  for package in "${missing[@]}"; do
    apt-get install -y -qq --no-install-recommends "$package" >/dev/null || echo "could not install $package" >&2
  done
fi
