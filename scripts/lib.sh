# shellcheck shell=bash
# Shared by the scripts of this folder: output, progress, packages, PostgreSQL's own tools.
# Source it first thing in a bash script under `set -euo pipefail`. It sets `top` (the project's folder) and
# forgets the caller's PG* variables, which would lead psql to a server of the user's.
# Files made by any of the scripts are private to their owner unless said otherwise.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export LC_ALL=C.UTF-8
wanted_pg_config=${PG_CONFIG:-}
for name in "${!PG@}"; do unset "$name"; done
unset name

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
  bold='' dim='' red='' green='' plain=''
fi

heading() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
say() { printf '%s\n' "$*"; }
note() { printf '%s%s%s\n' "$dim" "$*" "$plain"; }
in_green() { printf '%s%s%s' "$green" "$*" "$plain"; }
in_red() { printf '%s%s%s' "$red" "$*" "$plain"; }
warn() { printf '%s%s%s\n' "$red" "$*" "$plain" >&2; }
die() {
  warn "$*"
  exit 1
}

# ---- what has to be undone at the end ---------------------------------------------------------------------

cleanups=()
step_pid=''

# at_exit COMMAND...: run when the script ends, latest first.
at_exit() { cleanups+=("$(printf '%q ' "$@")"); }

finish() {
  local status=$? i
  trap - EXIT
  trap '' INT TERM
  set +e
  [ -z "$step_pid" ] || {
    end_process "$step_pid"
    [ ! -t 1 ] || printf '\n'
  }
  for ((i = ${#cleanups[@]} - 1; i >= 0; i--)); do eval "${cleanups[i]}"; done
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# end_process PID: TERM, and waits until it is gone. Only for children of this shell. A step runs in a process
# group of its own, so its children get the signal as well.
end_process() {
  kill -TERM -- "-$1" 2>/dev/null || kill -TERM "$1" 2>/dev/null || return 0
  wait "$1" 2>/dev/null || true
}

# ---- long steps -------------------------------------------------------------------------------------------

# run_step TITLE LOG COMMAND...: the command's output goes to LOG and one line says how it went. While it
# lasts, a terminal shows the seconds and anything else gets a line every 20 seconds. Returns the command's
# status; show_log tells the reader why.
run_step() {
  local title=$1 log=$2 began=$SECONDS status=0 spent told=0
  shift 2
  mkdir -p "$(dirname "$log")"
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  step_pid=$!
  set +m
  [ -t 1 ] || printf '  %s ...\n' "$title"
  while kill -0 "$step_pid" 2>/dev/null; do
    spent=$((SECONDS - began))
    if [ -t 1 ]; then
      printf '\r  %s %s%ss%s ' "$title" "$dim" "$spent" "$plain"
    elif ((spent >= told + 20)); then
      told=$spent
      printf '  %s ... %ss%s\n' "$title" "$spent" "$(last_words "$log")"
    fi
    sleep 0.2
  done
  wait "$step_pid" || status=$?
  step_pid=''
  spent=$((SECONDS - began))
  [ ! -t 1 ] || printf '\r\e[K'
  if ((status == 0)); then
    if [ -t 1 ]; then printf '  %s%s%s\n' "$title" "$dim" " (${spent}s)$plain"
    elif ((spent >= 5)); then printf '  %s: done in %ss\n' "$title" "$spent"; fi
  else
    printf '  %s%s: failed%s after %ss\n' "$red" "$title" "$plain" "$spent"
  fi
  return "$status"
}

# A sign of life from a log: the last file a compiler was to make, else the start of the last line.
last_words() {
  local line
  line=$(tail -c 2000 "$1" 2>/dev/null | tr -d '\r\0' | grep -v '^ *$' | tail -n 1 |
    sed 's/.* -o \([^ ]*\) .*/\1/' | cut -c 1-70) || return 0
  [ -z "$line" ] || printf '  (%s)' "$line"
}

show_log() {
  say "  last lines of $1:"
  tail -n "${2:-40}" "$1" | sed 's/^/    /'
}

# show_errors LOG: what a compiler complained about, else the end of the log.
show_errors() {
  local found
  found=$(grep -nE -A 3 '(error|warning):|\*\*\*' "$1" | head -n 30) || found=''
  if [ -z "$found" ]; then show_log "$1"; else
    say "  from $1:"
    printf '%s\n' "$found" | sed 's/^/    /'
  fi
}

# must_step: run_step for a step without which nothing goes on.
must_step() {
  run_step "$@" && return 0
  show_errors "$2"
  exit 1
}

# ---- rights and packages ----------------------------------------------------------------------------------

is_root() { [ "$(id -u)" -eq 0 ]; }

# as_root COMMAND...: for packages and `make install` only. The password, if any, is asked for beforehand.
as_root() {
  if is_root; then "$@"; else
    command -v sudo >/dev/null || die "This needs root, and there is no sudo: $*"
    sudo -- "$@"
  fi
}

may_be_root() {
  is_root && return 0
  command -v sudo >/dev/null || return 1
  sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }
}

# What need_packages is given: PACKAGE, or PACKAGE=COMMAND or PACKAGE=/FILE where the thing itself may have come
# by another way.
is_there() {
  case $1 in
    *=/*) [ -e "${1#*=}" ] ;;
    *=*) command -v "${1#*=}" >/dev/null ;;
    *) has_package "$1" ;;
  esac
}

has_package() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# need_packages LOG PACKAGE...: installs those that are missing (Debian, Ubuntu); silent when none is.
need_packages() {
  local log=$1 missing=() package
  shift
  for package in "$@"; do is_there "$package" || missing+=("${package%%=*}"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null ||
    die "Not Debian or Ubuntu: install the counterparts of these packages by hand: ${missing[*]}"
  may_be_root || die "Missing packages, and neither root nor sudo to install them: ${missing[*]}"
  must_step "Installing ${missing[*]}" "$log" apt_install "${missing[@]}"
}

# A source list of the user's that cannot be reached must not stop the install: `update` may fail.
apt_install() {
  local options=(-y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2)
  as_root apt-get update || true
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "$@"
}

# ---- PostgreSQL's tools -----------------------------------------------------------------------------------

# usable_pg_config FILE: it belongs to a server with its development files, not to a lone libpq-dev.
usable_pg_config() {
  local bin pgxs
  bin=$("$1" --bindir 2>/dev/null) && pgxs=$("$1" --pgxs 2>/dev/null) || return 1
  [ -x "$bin/initdb" ] && [ -f "$pgxs" ] && [ -f "$("$1" --includedir-server)/postgres.h" ]
}

# find_pg_config: sets pg_config. $PG_CONFIG decides, else the one on the PATH, else the newest of Debian's.
find_pg_config() {
  local candidate
  pg_config=''
  if [ -n "$wanted_pg_config" ]; then
    usable_pg_config "$wanted_pg_config" ||
      die "PG_CONFIG=$wanted_pg_config has no server or no development files beside it"
    pg_config=$wanted_pg_config
    return 0
  fi
  while IFS= read -r candidate; do
    if [ -n "$candidate" ] && usable_pg_config "$candidate"; then
      pg_config=$candidate
      return 0
    fi
  done < <(command -v pg_config; printf '%s\n' /usr/lib/postgresql/*/bin/pg_config | sort -rV)
  return 1
}

# The newest major version that a server of Debian's is installed for, else the one that apt would install.
debian_major() {
  local major
  major=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb |
    sed -n 's,.*/postgresql/\([0-9]*\)/bin/initdb$,\1,p' | sort -n | tail -n 1)
  [ -n "$major" ] || major=$(apt-cache depends postgresql 2>/dev/null |
    sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)
  printf '%s' "$major"
}

# need_postgres LOGDIR: a server with its development files; sets pg_config, pg_bin, pg_pgxs and pg_major.
# Debian's package would also make and start a cluster on port 5432; nobody asked for one here, so it is told not to.
need_postgres() {
  local logs=$1 major hold=/etc/postgresql-common/createcluster.d/llm_admin.conf
  if ! find_pg_config; then
    major=$(debian_major)
    if [ -z "$major" ]; then
      may_be_root || die "PostgreSQL is missing, and neither root nor sudo to install it"
      must_step "Reading package lists" "$logs/apt-update.log" as_root apt-get update
      major=$(debian_major)
    fi
    [ -n "$major" ] || die "No PostgreSQL found and no package of it either"
    may_be_root || die "postgresql-server-dev-$major is missing, and neither root nor sudo to install it"
    if ! has_package "postgresql-$major"; then
      need_packages "$logs/apt-common.log" postgresql-common
      as_root mkdir -p "${hold%/*}"
      printf 'create_main_cluster = false\n' | as_root tee "$hold" >/dev/null
      at_exit as_root rm -f "$hold"
    fi
    need_packages "$logs/apt-postgresql.log" "postgresql-$major" "postgresql-server-dev-$major"
    if [ -f "$hold" ]; then
      as_root rm -f "$hold"
      note "  Debian's own cluster on port 5432 was left out; to have it: pg_createcluster $major main --start"
    fi
    find_pg_config || die "No usable pg_config even after installing postgresql-server-dev-$major"
  fi
  pg_bin=$("$pg_config" --bindir)
  # shellcheck disable=SC2034 # read by those who source this
  pg_pgxs=$("$pg_config" --pgxs)
  pg_major=$("$pg_config" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
  ((pg_major >= 15)) || die "PostgreSQL 15 or newer is needed; $pg_config is of version $pg_major"
}

# make_product ARGUMENT...: make for exactly that server, in the project's folder (a later -C, relative or not,
# leads elsewhere).
make_product() { make -C "$top" -j"$(nproc)" PG_CONFIG="$pg_config" "$@"; }

writes_into_server() { [ -w "$("$pg_config" --pkglibdir)" ] && [ -w "$("$pg_config" --sharedir)/extension" ]; }

# install_product [-C FOLDER]: the one step besides packages that needs root; not asked for where the server's
# folders are ours.
install_product() {
  if writes_into_server; then
    make_product install "$@"
  else
    export -f make_product
    as_root env top="$top" pg_config="$pg_config" bash -c 'make_product install "$@"' bash "$@"
  fi
}
