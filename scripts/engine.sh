# shellcheck shell=bash
# A Docker engine on this machine: is there one, and starting it. To be sourced; say() tells the user.

readonly engine_socket=/var/run/docker.sock
readonly engine_pidfile=/run/unified_test_runner-dockerd.pid
readonly engine_log=/var/log/unified_test_runner-dockerd.log
readonly engine_seconds=30

# Whether the user chose an engine: then it is theirs to start.
engine_is_chosen() {
  local settings=${DOCKER_CONFIG:-${HOME-}/.docker}/config.json
  [[ -n ${DOCKER_HOST-} || -n ${DOCKER_CONTEXT-} ]] ||
    { [[ -r $settings ]] && grep -oE '"currentContext"[[:space:]]*:[[:space:]]*"[^"]+"' "$settings" |
      grep -qv '"default"$'; }
}

# Whether there is Docker of any make, here or elsewhere.
engine_is_provided() {
  command -v dockerd >/dev/null || engine_is_chosen || [[ -S $engine_socket ]]
}

# Whether somebody listens on the default socket. One that listens and stays silent is there, too: it is not
# ours to replace, and the runner reports it.
engine_listens() {
  local status=0
  [[ -S $engine_socket ]] || return 1
  curl -s -o /dev/null --max-time 2 --unix-socket "$engine_socket" http://localhost/_ping || status=$?
  ((status != 7))
}

# A pid file that outlived its process (a machine that was switched off) makes dockerd wait for a stranger who
# was given the number since.
engine_forget_stale() {
  local file=/run/docker/containerd/containerd.pid pid
  rm -f "$engine_pidfile"
  [[ -r $file ]] || return 0
  pid=$(<"$file")
  [[ $(cat "/proc/$pid/comm" 2>/dev/null) == containerd ]] || rm -f "$file"
}

engine_launch() {
  if [[ -d /run/systemd/system ]]; then
    say "no Docker engine answers: systemctl start docker"
    systemctl start docker >&2
    return
  fi
  say "no Docker engine answers: starting dockerd (log: $engine_log)"
  engine_forget_stale
  # Not a child of this process, which is about to become the runner. The lock is not for it to inherit.
  engine_process=$(setsid dockerd --pidfile "$engine_pidfile" >"$engine_log" 2>&1 </dev/null 9>&- & echo $!)
}

# Until the engine answers, its process ends, or the time is over.
engine_wait() {
  local until=$((SECONDS + engine_seconds))
  while ((SECONDS < until)); do
    if [[ -S $engine_socket ]] &&
      curl -sf -o /dev/null --max-time 2 --unix-socket "$engine_socket" http://localhost/_ping; then
      return 0
    fi
    [[ -z ${engine_process-} ]] || kill -0 "$engine_process" 2>/dev/null || break
    sleep 0.1
  done
  say "the engine does not come up; the last lines of its log:"
  [[ ! -r $engine_log ]] || tail -n 10 "$engine_log" >&2
  return 1
}

# engine_ensure: 0 an engine answers, or the user chose one; 1 there is none, and none can be started here
engine_ensure() {
  if engine_is_chosen || engine_listens; then
    return 0
  fi
  ((EUID == 0)) && { command -v dockerd >/dev/null || [[ -d /run/systemd/system ]]; } || return 1
  # One at a time.
  exec 9>/run/unified_test_runner-engine.lock
  flock 9
  if engine_listens; then
    exec 9>&-
    return 0
  fi
  local status=0
  { engine_launch && engine_wait; } || status=1
  exec 9>&-
  return "$status"
}
