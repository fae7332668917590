# setup.sh: what build-aux/run and build-aux/test share; to be sourced.
set -euo pipefail
called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# packages_of SECTION...: the names in these sections of build-aux/packages.
packages_of() {
  local section
  for section in "$@"; do
    sed -n "/^\[$section\]/,/^\[/{/^[a-z0-9]/p}" build-aux/packages
  done
}

# install_packages SECTION...: installs the Debian packages that are missing, through sudo when not root.
install_packages() {
  command -v dpkg-query >/dev/null \
    || fail "this is no Debian system; install what these packages hold: $(packages_of "$@" | xargs)"

  local installed missing as_root=()
  installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | awk '$1 ~ /^.i/ { print $2 }')
  missing=$(packages_of "$@" | grep -vxF -f <(echo "$installed") | xargs) || true
  [ -n "$missing" ] || return 0

  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "not root and no sudo; as root: apt-get install $missing"
    as_root=(sudo)
  fi
  echo "${0##*/}: installing $missing" >&2
  { "${as_root[@]}" apt-get update -q \
    && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -q -y --no-install-recommends $missing; } >&2 \
    || fail "these packages could not be installed; as root: apt-get install $missing"
}

# install_onnxruntime: ONNX Runtime, which runs exported networks in the tests; they skip where it cannot be had. Its
# own install script would fetch a library for graphics cards. Debian's npm is left alone where another node.js has one.
install_onnxruntime() {
  [ ! -e build-node/node_modules/onnxruntime-node ] || return 0
  command -v npm >/dev/null || (install_packages node) || return 0
  npm install --prefix build-node --ignore-scripts --no-audit --no-fund --no-save onnxruntime-node@1.30.0 >&2 \
    || echo "${0##*/}: no ONNX Runtime: tests that need it are skipped" >&2
}

# configure DIR OPTION...: sets up a build directory, or sets its options where it is there already.
configure() {
  local dir=$1
  shift
  if [ -e "$dir/build.ninja" ]; then
    meson configure "$dir" "$@"
  else
    meson setup "$dir" "$@"
  fi
}
