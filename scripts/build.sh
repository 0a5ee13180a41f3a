# shellcheck shell=bash
# The Debian packages that a list names: what is missing, and getting it; and what a failed build said. To be
# sourced together with engine.sh; say() tells the user.

# packages_missing FILE...: the names of the lists that are not installed, on one line
packages_missing() {
  local name state
  # Any other make of these does as well as Debian's, and must not be replaced by it.
  local -A provided=()
  ! engine_is_provided || provided[docker.io]=1
  ! command -v node >/dev/null || provided[nodejs]=1
  ! command -v npm >/dev/null || provided[npm]=1
  local -a wanted missing=()
  local -A installed=()
  mapfile -t wanted < <(cat "$@")
  while read -r name state; do
    [[ $state != ii ]] || installed[$name]=1
  done < <(dpkg-query -W -f='${Package} ${db:Status-Abbrev}\n' "${wanted[@]}" 2>/dev/null)
  for name in "${wanted[@]}"; do
    [[ -n ${installed[$name]-}${provided[$name]-} ]] || missing+=("$name")
  done
  printf '%s\n' "${missing[*]}"
}

# as_root COMMAND...: fails where this user may not
as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo -n -- "$@"
  fi
}

may_be_root() {
  ((EUID == 0)) || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

# packages_apt LOG NAME...
packages_apt() {
  local log=$1
  shift
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >"$log" 2>&1 </dev/null &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 \
      install -y --no-install-recommends "$@" >>"$log" 2>&1 </dev/null
}

# packages_ensure FILE...: installs what is missing. 1: it cannot be done, and the user was told what to do.
packages_ensure() {
  local missing log
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    # Not Debian: the build shows whether all is there; packages_list says what was needed.
    return 0
  fi
  missing=$(packages_missing "$@")
  [[ -n $missing ]] || return 0
  # shellcheck disable=SC2086 # names, one word each
  set -- $missing
  if ! may_be_root; then
    say "these packages are missing; install them with"
    printf '    sudo apt-get update && sudo apt-get install -y --no-install-recommends %s\n' "$missing" >&2
    return 1
  fi
  say "installing $# packages: $missing"
  log=$(mktemp)
  if ! packages_apt "$log" "$@"; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    say "apt-get failed (above); to see it alone:"
    printf '    apt-get update && apt-get install -y --no-install-recommends %s\n' "$missing" >&2
    return 1
  fi
  rm -f "$log"
}

# packages_list FILE...: for other distributions, whose names differ
packages_list() {
  command -v apt-get >/dev/null && return
  say "this system has no apt-get; the build needs what Debian calls"
  printf '    %s\n' "$(cat "$@" | paste -sd ' ')" >&2
}

# build_failure LOG: what the compiler said, or CMake where it did not come to that
build_failure() {
  sed -n '/^FAILED:/,$p' "$1" | grep . || cat "$1"
}
