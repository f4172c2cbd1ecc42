#!/usr/bin/env bash
# Builds what is given out: for linux/amd64 and linux/arm64 a .deb, a tar.gz and a bill of materials (CycloneDX), in dist/.
# The same commit gives the same bytes on any machine with the same Go and Node: times come from the commit, owners are root,
# and names are in order.
set -euo pipefail
cd "$(dirname "$0")/.."

export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)} CGO_ENABLED=0 LC_ALL=C TZ=UTC
umask 022
# 1.2.3, or 0.0.0+20261124.abcdef0 between versions: what Debian can order.
described=$(git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null || true)
version=${described#v}
[[ $version =~ ^[0-9]+(\.[0-9]+)*$ ]] ||
  version="0.0.0+$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d.%H%M%S).$(git rev-parse --short=12 HEAD)$(git diff --quiet HEAD || echo .dirty)"

make --no-print-directory ui
rm -rf dist
mkdir -p dist
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

# tree ARCHITECTURE: everything that is installed, under $stage/ARCHITECTURE.
tree() {
  local arch=$1 root=$stage/$1
  mkdir -p "$root"/usr/{bin,lib/systemd/system,lib/sysusers.d} "$root"/usr/share/{doc/twombly,bash-completion/completions,zsh/vendor-completions,fish/vendor_completions.d}
  GOOS=linux GOARCH=$arch go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.version=$version" -o "$root/usr/bin/twombly" ./cmd/twombly
  "$stage/native" service unit >"$root/usr/lib/systemd/system/twombly.service"
  "$stage/native" service unit --users >"$root/usr/lib/sysusers.d/twombly.conf"
  "$stage/native" completion bash >"$root/usr/share/bash-completion/completions/twombly"
  "$stage/native" completion zsh >"$root/usr/share/zsh/vendor-completions/_twombly"
  "$stage/native" completion fish >"$root/usr/share/fish/vendor_completions.d/twombly.fish"
  cp LICENSE "$root/usr/share/doc/twombly/copyright"
  cp NOTICE README.md "$root/usr/share/doc/twombly/"
  go run ./scripts/materials "$root/usr/bin/twombly" ui/package-lock.json "$version" >"dist/twombly_${version}_$arch.cdx.json"
  cp "dist/twombly_${version}_$arch.cdx.json" "$root/usr/share/doc/twombly/materials.cdx.json"
  find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# archive ARCHITECTURE: the tree as tar.gz.
archive() {
  tar --sort=name --format=gnu --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --transform "s,^\.,twombly-$version," -C "$stage/$1" -c . | gzip -9n >"dist/twombly_${version}_linux_$1.tar.gz"
}

# debian ARCHITECTURE: the tree as a package. Scripts only tell systemd; what she keeps outlives the package, and is
# removed by "purge" alone.
debian() {
  local root=$stage/$1
  mkdir -p "$root/DEBIAN"
  cat >"$root/DEBIAN/control" <<CONTROL
Package: twombly
Version: $version
Architecture: $1
Maintainer: The founders of Twombly <twombly@localhost>
Installed-Size: $(du -k -s --apparent-size "$root/usr" | cut -f1)
Recommends: libopus0, libffi8
Suggests: systemd
Section: sound
Priority: optional
Description: private companion with a voice
 She talks like a person, remembers what was said, and runs on your own
 machine. The first start fetches her models, after asking.
CONTROL
  cp packaging/debian/{postinst,prerm,postrm} "$root/DEBIAN/"
  chmod 755 "$root"/DEBIAN/{postinst,prerm,postrm}
  (cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
  find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group -Zxz --build "$root" "dist/twombly_${version}_$1.deb" >/dev/null
}

go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.version=$version" -o "$stage/native" ./cmd/twombly
for arch in amd64 arm64; do
  tree "$arch"
  archive "$arch"
  debian "$arch"
done
(cd dist && sha256sum -- * >SHA256SUMS)
cat dist/SHA256SUMS
