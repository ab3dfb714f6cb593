# shellcheck shell=bash
# The layers of scripts/test that need the extension installed: build, regress, isolation, tap, views.
# Servers and their tests run as server_user from a copy of the project in $place/tree, gone at the end.

built=no
strict=$top/build/strict

# ---- build ------------------------------------------------------------------------------------------------

# Objects that stand in the project's folder may have been made while warnings passed. So this build has a copy
# of the sources, kept from run to run; what did not change is not copied and so not compiled again.
copy_sources() {
  local file
  cd "$top"
  mkdir -p "$strict"
  while IFS= read -r file; do
    cmp -s "$file" "$strict/$file" || {
      mkdir -p "$strict/${file%/*}"
      cp "$file" "$strict/$file"
    }
  done < <(source_files .)
  while IFS= read -r file; do [ -e "$top/$file" ] || rm -f "$strict/$file"; done < <(cd "$strict" && source_files .)
}

source_files() {
  find ./Makefile ./CHANGELOG.md ./*.control ./scripts/assemble* ./scripts/embed ./src ./migrations ./test/module ./test/generate -type f \
    ! -name '*.o' ! -name '*.d' ! -name '*.so' ! -name '*.a' ! -name '*.gch*' 2>/dev/null
}

# Warnings are errors here. Should there be any, a plain build in the project's own folder lets the other layers
# speak all the same.
layer_build() {
  local good=0 bad=0 folder name log
  (copy_sources)
  for folder in . test/module; do
    name=extension
    [ "$folder" = . ] || name='test module'
    log=$logs/build-${name// /-}
    if run_step "Building the $name, warnings being errors" "$log.log" build_strictly "$folder"; then
      good=$((good + 1))
      run_step "Installing the $name" "$log-install.log" install_product -C "$strict/$folder" && continue
      show_log "$log-install.log"
      fails build "the $name does not install"
    else
      bad=$((bad + 1))
      show_errors "$log.log"
      fails build "the $name does not build without a warning"
      run_step "Building the $name as it is" "$log-plain.log" make_product all -C "$top/$folder" &&
        run_step "Installing the $name" "$log-install.log" install_product -C "$top/$folder" && continue
    fi
    count build "$good" $((bad > 0 ? bad : 1))
    return
  done
  built=yes
  # The extension is built a folder at a time, so a source could live on what another one before it includes.
  if run_step 'Compiling each source by itself' "$logs/build-apart.log" \
    make_product apart -C "$strict" EXTRA_WARNINGS=-Werror; then
    good=$((good + 1))
  else
    bad=$((bad + 1))
    show_errors "$logs/build-apart.log"
    fails build 'a source does not compile by itself'
  fi
  if make_product check-frozen -C "$strict" >"$logs/build-frozen.log" 2>&1; then
    good=$((good + 1))
  else
    bad=$((bad + 1))
    fails build 'the install script differs from the frozen one of its version'
    show_log "$logs/build-frozen.log" 20
  fi
  if (staged_install && built_elsewhere) >"$logs/build-make.log" 2>&1; then
    good=$((good + 1))
  else
    bad=$((bad + 1))
    fails build 'make install DESTDIR=, make uninstall or a build outside of the sources'
    show_log "$logs/build-make.log" 20
  fi
  count build "$good" "$bad"
}

# `make install` for a package: whole scripts of earlier versions go, those of later ones stay, and `make uninstall` takes
# away all that came.
staged_install() {
  local stage=$top/build/stage scripts
  rm -rf -- "$stage"
  scripts=$stage$("$pg_config" --sharedir)/extension
  mkdir -p "$scripts"
  touch "$scripts"/llm_admin--{0.2,0.2--0.3,9.9,9.10}.sql
  make_product install -C "$strict" DESTDIR="$stage" || return 1
  [ -s "$scripts/llm_admin.control" ] && [ -s "$scripts/llm_admin--0.1.sql" ] || return 1
  [ -s "$stage$("$pg_config" --pkglibdir)/llm_admin.so" ] && [ -e "$scripts/llm_admin--9.10.sql" ] || return 1
  [ ! -e "$scripts/llm_admin--0.2.sql" ] && [ -s "$scripts/llm_admin--0.2--0.3.sql" ] || return 1
  make_product uninstall -C "$strict" DESTDIR="$stage" || return 1
  [ "$(find "$stage" -type f -printf '%f\n' | sort | paste -sd' ')" = 'llm_admin--9.10.sql llm_admin--9.9.sql' ] || {
    say 'left behind:' && find "$stage" -type f
    return 1
  }
  rm -rf -- "$stage"
}

# A build in another folder than the sources': the same scripts, what is generated, and objects.
built_elsewhere() {
  local sources=$top/build/elsewhere/sources made=$top/build/elsewhere/made products product
  rm -rf -- "${made%/*}"
  mkdir -p "$sources" "$made"
  (cd "$strict" && source_files . | tar -cf - --files-from=-) | tar -C "$sources" -xf - || return 1
  # What make makes now; scripts of a version that was frozen since may still lie there.
  mapfile -t products < <(make_product --no-print-directory -s -C "$strict" \
    --eval='products: ; @printf "%s\n" $(DATA_built) $(EMBEDDED)' products)
  make_product -C "$made" -f "$sources/Makefile" "${products[@]}" src/module.o build/units/core/keys.o || return 1
  make_product -C "$made" -f "$sources/Makefile" UNITY=no src/core/keys/redact.o || return 1
  for product in "${products[@]}"; do cmp "$made/$product" "$strict/$product" || return 1; done
  make_product -C "$made" -f "$sources/Makefile" clean || return 1
  [ -z "$(find "$made" -type f)" ] && [ -z "$(find "$sources" -name '*.o' -o -name '*.d')" ] || {
    say 'left behind:' && find "$made" -type f
    return 1
  }
  rm -rf -- "${made%/*}"
}

build_strictly() {
  make_product all -C "$strict/$1" EXTRA_WARNINGS=-Werror
}

# ---- what the server layers share -------------------------------------------------------------------------

# need_tree LAYER: false, with the layer counted, when there is nothing to test with.
need_tree() {
  if [ "$built" = no ]; then
    fails "$1" 'not run: the extension is not built'
    count "$1" 0 1
    return 1
  fi
  [ -z "${place:-}" ] || return 0
  make_place /var/tmp/llm_admin_unused/none
  at_exit drop_tree
  run_as mkdir "$place/tree"
  tar -C "$top" --exclude=./.git --exclude=./build --exclude=./.quickstart --exclude='*.o' \
    --exclude='*.so' --exclude='*.a' -cf - . | run_as tar -C "$place/tree" -xf - --no-same-owner
}

# Servers of tests that were cut short are ended by the pid in their own folder.
drop_tree() {
  local pid_file data
  while IFS= read -r pid_file; do
    data=$(dirname "$pid_file")
    run_as "$pg_bin/pg_ctl" --pgdata="$data" --mode=immediate --silent stop >/dev/null 2>&1
  done < <(find "$place" -name postmaster.pid 2>/dev/null)
  rm -rf -- "$place"
}

need_cluster() {
  [ ! -d "$place/data" ] || return 0
  must_step 'Making a private cluster' "$logs/initdb.log" new_cluster max_prepared_transactions=10 wal_level=logical
  run_step 'Starting it' "$logs/start.log" start_cluster || {
    show_log "$place/log"
    exit 1
  }
}

# in_tree COMMAND...: as the server user, in the copy of the project.
in_tree() { run_as sh -c 'cd "$0" && exec "$@"' "$place/tree" "$@"; }

# keep FILE...: copies results into the logs, if they exist.
keep() {
  local folder=$logs/$1 file
  shift
  mkdir -p "$folder"
  for file in "$@"; do [ ! -e "$file" ] || cp -r --no-preserve=ownership "$file" "$folder/"; done
}

# ---- regress and isolation --------------------------------------------------------------------------------

# run_regress LAYER PROGRAM INPUT_DIR TEST...: pg_regress (15 prints `test NAME ... ok`, later ones TAP). It
# would set the sessions' time zone to PST8PDT; the launcher has the last word.
run_regress() {
  local layer=$1 program=$2 input=$3 log=$logs/$1.log status=0 good bad name
  shift 3
  # Without an expected file the driver gives up on all tests; with an empty one, on that test.
  in_tree mkdir -p "out/$layer" "$input/expected"
  for name in "$@"; do in_tree touch "$input/expected/$name.out"; done
  run_step "Running $# tests" "$log" in_tree "$program" --bindir="$pg_bin" --inputdir="$input" \
    --outputdir="out/$layer" --host="$place/socket" --port=5432 --user=postgres --dbname="contrib_$layer" \
    --launcher='env PGTZ=UTC' --encoding=UTF8 "$@" || status=$?
  good=$(matches '^(test .* \.\.\. ok |ok [0-9]+ )' "$log")
  bad=$(matches '^(test .* \.\.\. FAILED|not ok [0-9]+ )' "$log")
  while IFS= read -r name; do fails "$layer" "$name"; done < <(
    sed -nE 's/^test ([^ ]+) .*FAILED.*/\1/p; s/^not ok [0-9]+ +- ([^ ]+).*/\1/p' "$log")
  if ((status != 0)); then
    keep "$layer" "$place/tree/out/$layer/regression.diffs" "$place/tree/out/$layer/results" "$place/log"
    if ((bad == 0)); then
      bad=1
      fails "$layer" 'the test driver failed'
      show_log "$log"
    else
      show_log "$logs/$layer/regression.diffs" 80
    fi
  fi
  count "$layer" "$good" "$bad"
}

# chosen: of the names on its input those that ONLY, a pattern, lets pass.
chosen() { grep -E -e "${ONLY:-}" | sort; }

layer_regress() {
  need_tree regress || return 0
  local tests=()
  mapfile -t tests < <(cd "$top" && find sql -maxdepth 1 -name '*.sql' -printf '%f\n' | sed 's/\.sql$//' | chosen)
  ((${#tests[@]} > 0)) || { count regress 0 0; return; }
  need_cluster
  run_regress regress "${pg_pgxs%/makefiles/pgxs.mk}/test/regress/pg_regress" . "${tests[@]}"
}

layer_isolation() {
  need_tree isolation || return 0
  local tests=()
  mapfile -t tests < <(cd "$top" && find test/isolation -path '*/specs/*.spec' -printf '%f\n' |
    sed 's/\.spec$//' | chosen)
  ((${#tests[@]} > 0)) || { count isolation 0 0; return; }
  need_cluster
  run_regress isolation "${pg_pgxs%/makefiles/pgxs.mk}/test/isolation/pg_isolation_regress" test/isolation \
    "${tests[@]}"
}

# ---- tap --------------------------------------------------------------------------------------------------

layer_tap() {
  need_tree tap || return 0
  local tests=() test log good=0 bad=0 skips=0 ok not_ok skip status
  mapfile -t tests < <(cd "$top" && find test/t -maxdepth 1 -name '*.pl' -printf '%f\n' | chosen)
  ((${#tests[@]} > 0)) || { count tap 0 0; return; }
  mkdir -p "$logs/tap"
  run_as mkdir -p "$place/tmp"
  give_clients
  run_step "Running ${#tests[@]} files" "$logs/tap.log" in_parallel tap_one "${tests[@]}" || true
  for test in "${tests[@]}"; do
    log=$logs/tap/${test%.pl}.log
    status=$(cat "$log.status" 2>/dev/null || echo none)
    skip=$(matches '^ok [0-9]+ .*# skip' "$log")
    ok=$(($(matches '^(ok [0-9]+|not ok [0-9]+ .*# TODO)' "$log") - skip))
    not_ok=$(($(matches '^not ok [0-9]+' "$log") - $(matches '^not ok [0-9]+ .*# TODO' "$log")))
    [ "$status" = 0 ] || ((not_ok > 0)) || not_ok=1
    # A file that proves nothing is no success.
    ((ok + not_ok + skip > 0)) || not_ok=1
    say "  ${test%.pl}: $ok passed, $not_ok failed"
    if ((not_ok > 0)); then
      fails tap "${test%.pl}"
      { grep -E -A 12 '^(not ok|#   Failed|Bail out|# Looks like)' "$log" || tail -n 30 "$log"; } |
        head -n 60 | sed 's/^/    /'
      keep tap "$place/tree/tap/${test%.pl}/tmp_check/log" "$place/tree/tap/${test%.pl}/log"
    fi
    good=$((good + ok)) bad=$((bad + not_ok)) skips=$((skips + skip))
  done
  count tap "$good" "$bad" "$skips"
}

# The server's own Perl harness; TESTDIR is what 15 reads, the other two what 16 and later read.
tap_one() {
  local test=$1 log=$logs/tap/${1%.pl}.log dir=$place/tree/tap/${1%.pl} status=0
  local tests_of_server=${pg_pgxs%/makefiles/pgxs.mk}/test
  run_as mkdir -p "$dir"
  in_tree env PERL5LIB="$tests_of_server/perl:$place/tree/test/perl" \
    PG_REGRESS="$tests_of_server/regress/pg_regress" \
    TESTDIR="$dir" TESTDATADIR="$dir/tmp_check" TESTLOGDIR="$dir/log" TMPDIR="$place/tmp" \
    PG_TEST_PORT_DIR="$place/tmp/ports" LLM_ADMIN_TREE="$place/tree" \
    LLM_ADMIN_CLIENTS="$place/clients" with_openssl=yes \
    prove --verbose --norc "test/t/$test" >"$log" 2>&1 </dev/null || status=$?
  printf '%s\n' "$status" >"$log.status"
  say "$test: status $status"
}

# ---- views ------------------------------------------------------------------------------------------------

# Two backends at a time, each with seeds of its own; what they find names the seed to repeat it with.
layer_views() {
  need_tree views || return 0
  local seconds=${VIEWS_SECONDS:-150} seed=${VIEWS_SEED:-$(date +%s)} good=0 bad=0 one rows
  need_cluster
  mkdir -p "$logs/views"
  must_step 'Making a database' "$logs/views/database.log" views_database
  run_step "Comparing trees with jsonb, 2 x ${seconds}s of CPU time, seed $seed" "$logs/views.log" \
    in_parallel views_one "${seed}0000000" "${seed}5000000" || true
  for one in "${seed}0000000" "${seed}5000000"; do
    rows=$logs/views/$one.rows
    if [ "$(cat "$logs/views/$one.status" 2>/dev/null)" = 0 ] && grep -q '^findings|0|$' "$rows"; then
      good=$((good + 1))
      say "  $one: $(sed -n 's/^cases|\([0-9]*\)|$/\1/p' "$rows") cases"
    else
      bad=$((bad + 1))
      fails views "seed $one"
      show_log "$rows"
      continue
    fi
    # Each word of the language counts only if it has been reached; rare ones take some thousand cases.
    if grep -q '|0|$' <(grep -v '^findings|' "$rows") && ((seconds >= 10)); then
      bad=$((bad + 1))
      fails views "seed $one: never reached: $(grep -v '^findings|' "$rows" | sed -n 's/|0|$//p' | paste -sd,)"
    else
      good=$((good + 1))
    fi
  done
  count views "$good" "$bad"
}

views_database() {
  psql_here -d postgres -c 'CREATE DATABASE views'
  psql_here -d views -c 'CREATE EXTENSION llm_admin_test'
}

views_one() {
  local status=0
  psql_here -At -d views -c "SELECT * FROM llm_admin_test.compare_views($1, ${VIEWS_SECONDS:-150})" \
    >"$logs/views/$1.rows" 2>&1 || status=$?
  printf '%s\n' "$status" >"$logs/views/$1.status"
  say "$1: status $status"
}
