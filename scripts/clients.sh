# shellcheck shell=bash
# What the tests of real clients, of gateways and of the pooler need: programs bundled of test/clients and
# examples/gateways, and pgbouncer. Needs lib.sh and a folder for logs in $logs. All of it is kept in build/ for the next
# run; nothing is started, and what cannot be had is named in NAME.missing, for which its tests are skipped.

clients=$top/build/clients
# The environment of npm and Prisma: no news, no measurements, no engine to download (generating needs none).
quiet_node=(env npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false CHECKPOINT_DISABLE=1
  PRISMA_HIDE_UPDATE_MESSAGE=1 PRISMA_SCHEMA_ENGINE_BINARY=/bin/true)

# need_clients: makes $clients/dist.
need_clients() {
  local dist=$clients/dist
  need_packages "$logs/apt-clients.log" nodejs=node npm=npm python3-psycopg
  rm -rf -- "$dist"
  mkdir -p "$dist"
  if npm_packages; then
    bundle node_postgres.mjs
    bundle openai_proxy.mjs
    if node_at_least 20 19; then
      run_step 'Generating the Prisma client' "$logs/prisma.log" generate_prisma || true
      bundle prisma.ts
    else
      missing prisma "Prisma 7 needs Node.js 20.19 or newer; this is $(node --version)"
    fi
  else
    missing openai_proxy 'its packages could not be installed; see build/test-logs/npm.log'
    missing node_postgres 'its packages could not be installed; see build/test-logs/npm.log'
    missing prisma 'its packages could not be installed; see build/test-logs/npm.log'
  fi
  find_pgbouncer || missing pgbouncer 'the package could not be fetched; see build/test-logs/pgbouncer.log'
}

missing() {
  printf '%s\n' "$2" >"$clients/dist/$1.missing"
  note "  $1: $2"
}

node_at_least() {
  node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
    const [, wantedMajor, wantedMinor] = process.argv.map(Number);
    process.exit(major > wantedMajor || (major === wantedMajor && minor >= wantedMinor) ? 0 : 1);' "$@"
}

# The versions are exact; what was installed for the same list is used again.
npm_packages() {
  local list=$top/test/clients/package.json
  ! cmp -s "$list" "$clients/installed.json" || return 0
  rm -rf -- "$clients/node_modules" "$clients/installed.json"
  cp "$list" "$clients/package.json"
  run_step 'Installing npm packages for the client tests' "$logs/npm.log" "${quiet_node[@]}" \
    npm --prefix "$clients" install --no-package-lock --ignore-scripts --loglevel=http --fetch-retries=1 \
    --fetch-retry-mintimeout=2000 || return 1
  cp "$list" "$clients/installed.json"
}

generate_prisma() {
  rm -rf -- "$clients/generated"
  cp "$top/test/clients/schema.prisma" "$clients/"
  (cd "$clients" && "${quiet_node[@]}" node_modules/.bin/prisma generate --schema schema.prisma)
}

# bundle SOURCE: one file with all it imports, so that the server's user needs nothing but node.
bundle() {
  local name=${1%.*} require='import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
  cp "$top"/test/clients/*.{mjs,ts} "$top"/examples/gateways/*.mjs "$clients/"
  (cd "$clients" && node_modules/.bin/esbuild "$1" --bundle --platform=node --target=node18 --format=esm \
    --outfile="dist/$name.mjs" "--banner:js=$require" --log-level=warning) >"$logs/bundle-$name.log" 2>&1 ||
    missing "$name" "it could not be bundled; see build/test-logs/bundle-$name.log"
}

# Debian's package would also start a pooler on port 6432; the program out of it is all that is wanted.
find_pgbouncer() {
  [ ! -x /usr/sbin/pgbouncer ] || return 0
  local folder=$top/build/pgbouncer
  [ -x "$folder/usr/sbin/pgbouncer" ] ||
    run_step 'Fetching pgbouncer' "$logs/pgbouncer.log" fetch_pgbouncer "$folder" || return 1
  cp "$folder/usr/sbin/pgbouncer" "$clients/dist/"
}

fetch_pgbouncer() {
  local folder=$1 libraries
  command -v apt-get >/dev/null || { say 'this is neither Debian nor Ubuntu'; return 1; }
  rm -rf -- "$folder"
  mkdir -p "$folder"
  cd "$folder" || return 1
  ! may_be_root || as_root apt-get update || true
  apt-get download pgbouncer || return 1
  dpkg-deb --extract pgbouncer_*.deb . || return 1
  # Of what it depends on only these two are not on every machine that has PostgreSQL.
  mapfile -t libraries < <(dpkg-deb --field pgbouncer_*.deb Depends | grep -oE 'lib(c-ares|cares|event)[^ ,|]*')
  ! ldd usr/sbin/pgbouncer | grep 'not found' || apt_install "${libraries[@]}"
}

# give_clients: a copy for the server's user, in $place/clients.
give_clients() { tar -C "$clients/dist" -cf - . | run_as sh -c 'mkdir -p "$1" && tar -C "$1" --no-same-owner -xf -' sh "$place/clients"; }
