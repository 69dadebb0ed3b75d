#!/bin/sh
# Installs the engine beside this file as a service of this machine, or a newer one in its place:
#
#   ./install.sh             installs, and starts the service anew
#   ./install.sh --no-start  installs
#   ./install.sh --remove    removes the engine; data and settings stay
#
# DESTDIR=DIR puts everything below DIR and starts nothing. Installing twice changes nothing.
set -eu

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

root=${DESTDIR:-}
here=$(cd "$(dirname "$0")" && pwd -P)
release=$(basename "$here")
starts=yes
removes=no
for argument in "$@"; do
  case $argument in
    --no-start) starts=no ;;
    --remove) removes=yes ;;
    *) fail "$argument is not known; known are --no-start and --remove" ;;
  esac
done
if [ -n "$root" ]; then
  starts=no
elif [ "$(id -u)" -ne 0 ]; then
  fail "it writes to /opt, /etc and /usr/local: run it as root"
fi

if [ "$removes" = yes ]; then
  if [ -z "$root" ] && [ -d /run/systemd/system ]; then
    systemctl disable --now hunt.service 2>/dev/null || true
  fi
  rm -f "$root/etc/systemd/system/hunt.service" "$root/usr/local/bin/hunt"
  rm -rf "$root/opt/hunt" "$root"/opt/hunt-[0-9]*
  echo "removed; data are in /var/lib/hunt, settings in /etc/hunt"
  exit 0
fi

"$here/bin/node" --version >/dev/null || fail "$here/bin/node does not run here: take the file for this platform"

mkdir -p "$root/opt" "$root/etc/hunt" "$root/etc/systemd/system" "$root/usr/local/bin"
target=$root/opt/$release
if [ "$here" != "$target" ]; then
  # Whole under its name, or not at all.
  rm -rf "$target.new"
  cp -R "$here" "$target.new"
  rm -rf "$target"
  mv "$target.new" "$target"
fi
ln -sfn "$release" "$root/opt/hunt.new"
mv -T "$root/opt/hunt.new" "$root/opt/hunt"
ln -sf /opt/hunt/bin/hunt "$root/usr/local/bin/hunt"
install -m 0644 "$here/machine/hunt.service" "$root/etc/systemd/system/hunt.service"
for file in environment settings.yaml; do
  if [ ! -e "$root/etc/hunt/$file" ]; then
    install -m 0644 "$here/machine/$file" "$root/etc/hunt/$file"
  fi
done

if [ "$starts" = yes ]; then
  [ -d /run/systemd/system ] || fail "installed, but systemd does not run here: start /opt/hunt/bin/hunt serve by other means"
  systemctl daemon-reload
  systemctl enable hunt.service
  systemctl restart hunt.service
  echo "started; journalctl -u hunt says how it goes, /var/lib/hunt/organiser.key is the first organiser key"
else
  echo "installed $release; systemctl enable --now hunt starts it"
fi
