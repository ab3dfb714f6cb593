# shellcheck shell=bash
# Private throw-away clusters. Needs lib.sh and need_postgres before it.
# A cluster lives in one folder, made by make_place: data/, socket/, keyring/, log. It listens on its Unix
# socket only; the folder is its user's alone (0700), and that is the whole access control: `trust` inside.

# pick_server_user: sets server_user. initdb refuses root, so root gives way to `postgres`, or to a user of
# our own making where that one is absent.
pick_server_user() {
  if ! is_root; then
    server_user=$(id -un)
  elif id -u postgres >/dev/null 2>&1; then
    server_user=postgres
  else
    server_user=llm_admin_test
    id -u "$server_user" >/dev/null 2>&1 ||
      useradd --system --user-group --home-dir /nonexistent --shell /usr/sbin/nologin "$server_user"
  fi
}

# run_as COMMAND...: as the server user, from /, with a clean environment; NAME=VALUE words may stand first.
# The command takes the place of the helper process, so a pid seen by the caller is the command's own.
run_as() (
  cd /
  clean=(env -i "PATH=$pg_bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" "HOME=${place:-/nonexistent}"
    LC_ALL=C.UTF-8 TZ=UTC)
  if [ "$(id -un)" = "$server_user" ]; then
    exec "${clean[@]}" "$@"
  elif command -v setpriv >/dev/null; then
    exec setpriv --reuid="$server_user" --regid="$(id -g "$server_user")" --init-groups -- "${clean[@]}" "$@"
  else
    exec runuser -u "$server_user" -- "${clean[@]}" "$@"
  fi
)

# reaches DIR: the server user can enter it.
reaches() { run_as test -x "$1" 2>/dev/null; }

# make_place WANTED: makes the folder for a cluster and sets place. WANTED is taken if the path is short
# (a socket's whole path must stay below 108 bytes), plain, and within the server user's reach; otherwise the
# folder goes under /var/tmp.
make_place() {
  local wanted=$1 parent=${1%/*}
  if ((${#wanted} <= 80)) && [[ $wanted =~ ^[A-Za-z0-9/._+-]+$ ]] && reaches "$parent"; then
    place=$wanted
    mkdir -p "$place"
  else
    place=$(mktemp -d /var/tmp/llm_admin-XXXXXX)
  fi
  ! is_root || chown "$server_user:" "$place"
  chmod 0700 "$place"
}

# give FILE...: copies into the place, readable for the server user whatever the originals' folder.
give() {
  local file
  for file in "$@"; do run_as sh -c 'cat >"$1"' sh "$place/${file##*/}" <"$file"; done
}

# new_cluster [SETTING=VALUE...]: initdb, keyring and settings; does not start it.
# shellcheck disable=SC2120 # settings are for some callers only
new_cluster() {
  run_as "$pg_bin/initdb" --pgdata="$place/data" --username=postgres --auth=trust --encoding=UTF8 \
    --locale=C.UTF-8 --no-sync >/dev/null
  run_as mkdir -m 0700 "$place/socket" "$place/keyring"
  run_as bash -s -- --quiet "$place/keyring/keyring" <"$top/scripts/new-keyring"
  {
    printf "%s\n" "listen_addresses = ''" "unix_socket_directories = '$place/socket'" \
      'unix_socket_permissions = 0700' 'fsync = off' 'full_page_writes = off' "timezone = 'UTC'" \
      "log_timezone = 'UTC'" 'log_parameter_max_length = 0' 'log_parameter_max_length_on_error = 0' \
      "llm_admin.keyring_file = '$place/keyring/keyring'" "session_preload_libraries = 'llm_admin'"
    local setting
    for setting in "$@"; do printf "%s = '%s'\n" "${setting%%=*}" "${setting#*=}"; done
  } | run_as tee -a "$place/data/postgresql.conf" >/dev/null
}

cluster_runs() { run_as "$pg_bin/pg_ctl" --pgdata="$place/data" status >/dev/null 2>&1; }

start_cluster() {
  run_as "$pg_bin/pg_ctl" --pgdata="$place/data" --log="$place/log" --wait --timeout=120 --silent start
}

# stop_cluster: nothing to do when it does not run; pg_ctl goes by the pid in the cluster's own folder.
stop_cluster() {
  ! cluster_runs || run_as "$pg_bin/pg_ctl" --pgdata="$place/data" --mode=fast --wait --silent stop
}

drop_place() {
  [ -d "$place" ] || return 0
  stop_cluster || return 1
  rm -rf -- "$place"
}

# psql_here ARGUMENT...: psql to the cluster at hand, as its superuser, without the user's ~/.psqlrc.
psql_here() { "$pg_bin/psql" -X -h "$place/socket" -U postgres -v ON_ERROR_STOP=1 "$@"; }
