#!/usr/bin/env bash
# The life of the Debian package, in a copy of this machine that is thrown away: built twice to the same bytes, installed,
# started by systemd with real models, upgraded with what she keeps, removed, purged. The copy is an overlay in namespaces
# of its own, in which a systemd of its own runs; the machine itself is left as it is. It needs root, dpkg, systemd and the models
# in the cache.
set -euo pipefail
cd "$(dirname "$0")/.."
result=$PWD/docs/acceptance/issue-${PART_ISSUE:-4}-line-${PART_LINE:-6}-${PART_NAME:-package}.json
address=127.0.0.1:7399

# boot FOLDER: becomes the copy's systemd; the rest of this script looks in from outside.
if [ "${1:-}" = boot ]; then
  work=$2 root=$2/root
  mount --make-rprivate /
  mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/scratch" "$root"
  mount -t proc proc "$root/proc"
  mount -t sysfs sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  for folder in run tmp dev; do mount -t tmpfs tmpfs "$root/$folder"; done
  mkdir "$root"/dev/{shm,pts} "$root/tmp/dist"
  for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  mount --bind "$work/dist" "$root/tmp/dist"
  mkdir -p "$root/mnt"
  cd "$root"
  pivot_root . mnt
  umount -l mnt
  exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system systemd.unit=multi-user.target
fi

[ "$(id -u)" = 0 ] || { echo "$0: this needs root" >&2; exit 1; }
work=$(mktemp -d /var/tmp/twombly-package.XXXXXX)
system=""
cleanup() {
  [ -z "$system" ] || kill -9 "$system" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

scripts/dist.sh
cp -r dist "$work/dist"
scripts/dist.sh >/dev/null
diff -r dist "$work/dist"
echo "built twice, $(wc -l <dist/SHA256SUMS) files, the same bytes"
package=$(basename dist/twombly_*_amd64.deb)

# The version before: the same program under an older number.
mkdir "$work/old"
dpkg-deb -R "dist/$package" "$work/old"
sed -i 's/^Version: .*/Version: 0.0.0~before/' "$work/old/DEBIAN/control"
dpkg-deb --root-owner-group -Zgzip --build "$work/old" "$work/dist/before.deb" >/dev/null
mkdir "$work/upper" "$work/scratch" "$work/root"

unshare --mount --pid --ipc --uts --cgroup --fork --kill-child bash "$0" boot "$work" </dev/null >"$work/boot.log" 2>&1 &
for _ in $(seq 100); do
  system=$(pgrep -n -P $! || true)
  [ -n "$system" ] && nsenter -t "$system" -m -r test -S /run/systemd/private 2>/dev/null && break
  sleep 0.2
done

within() { nsenter -t "$system" -m -p -i -u -C -r -w env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }
hers() { within runuser -u twombly -- env HOME=/var/lib/twombly TWOMBLY_DATA=/var/lib/twombly TWOMBLY_CACHE=/var/cache/twombly "$@"; }
fail() {
  echo "accept_package: $*" >&2
  cat "$work/boot.log" >&2
  within journalctl --no-pager -u twombly -n 40 >&2 || true
  exit 1
}
active() { [ "$(within systemctl is-active twombly)" = active ] || fail "$1: systemd says $(within systemctl is-active twombly)"; }
ready() { curl -sf --retry 30 --retry-delay 1 --retry-all-errors "http://$address/readyz" >/dev/null || fail "$1: she is not ready"; }
answers() { # through the same door as any program
  curl -sf -m 100 "http://$address/v1/chat/completions" -H "Authorization: Bearer $1" -H 'Content-Type: application/json' \
    -d '{"model":"twombly","max_tokens":30,"messages":[{"role":"user","content":"Say hello."}]}' | grep -q '"content":"[^"]'
}

within dpkg -i /tmp/dist/before.deb
within getent passwd twombly | grep -q /var/lib/twombly || fail "the user was not made"
within systemd-analyze verify --man=no --recursive-errors=no twombly.service || fail "systemd does not like the unit"
exposure=$(within systemd-analyze security --offline=true --no-pager twombly.service | sed -n 's/.*: \([0-9.]*\) .*/\1/p' | tail -n 1)
within install -d -o twombly -g twombly /var/cache/twombly
cp -r "${TWOMBLY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/twombly}/." "$work/upper/var/cache/twombly/"
within chown -R twombly: /var/cache/twombly
within sh -c "printf 'TWOMBLY_ACCEPT_LICENCES=true\nTWOMBLY_LISTEN=$address\n' >/etc/default/twombly"

within systemctl enable --now twombly || fail "she did not start" # it returns when she tells that she is ready
active "after the start"
ready "after the start"
token=$(hers twombly token create --name before | tail -n 1)
answers "$token" || fail "she does not answer"
hers timeout 100 twombly talk --text "My sister is called Ilsabeth." || fail "she does not talk"
first=$(within systemctl show -p MainPID --value twombly)
within kill -KILL "$first"
for _ in $(seq 100); do
  now=$(within systemctl show -p MainPID --value twombly)
  [ "$now" != 0 ] && [ "$now" != "$first" ] && break
  sleep 0.2
done
ready "killed, and started again by systemd"

within dpkg -i "/tmp/dist/$package"
active "after the upgrade"
ready "after the upgrade"
answers "$token" || fail "after the upgrade the token is not known any more"
within systemctl stop twombly
[ "$(within systemctl show -p Result --value twombly)" = success ] || fail "she did not end well"
hers twombly journal verify || fail "after the upgrade the journal is damaged"
hers twombly export --out /tmp/exported >/dev/null || fail "after the upgrade nothing can be exported"
within grep -rq Ilsabeth /tmp/exported || fail "after the upgrade her person's words are gone"
! within journalctl --no-pager -u twombly | grep -q Ilsabeth || fail "her person's words are in the journal of systemd"

within systemctl start twombly
within dpkg -r twombly
[ "$(within systemctl is-active twombly)" != active ] || fail "removed, she still runs"
within test ! -e /usr/bin/twombly || fail "removed, the program is still there"
within test -d /var/lib/twombly || fail "removed, what she keeps is gone"
within dpkg -P twombly
left=$(within find / -xdev \( -path /proc -o -path /work -o -path /root -o -path /tmp -o -path /var/tmp -o -path /home \) -prune -o -iname '*twombly*' -print)
[ -z "$left" ] || fail "purged, these are still there: $left"

mkdir -p "$(dirname "$result")"
printf '{\n  "issue": 4,\n  "line": 6,\n  "name": "package",\n  "passed": true,\n  "at": "%s",\n  "commit": "%s",\n  "metrics": {"exposure_of_10": %s, "systemd": "%s"}\n}\n' \
  "$(date -u +%FT%TZ)" "${TWOMBLY_COMMIT:-$(git rev-parse --short=12 HEAD)}" "${exposure:-null}" "$(within systemctl --version | head -n 1)" >"$result"
echo "installed, served, killed, upgraded with what she keeps, removed, purged; exposure by systemd-analyze: ${exposure:-unknown} of 10"
