# shellcheck shell=bash
# The layers of scripts/test that need no server: unit, lint, fuzz; and what all layers share.
# Each layer calls `count` exactly once and `fails` once for each failure.

# prepare: packages of the layers asked for, and a server to build for where one is needed.
prepare() {
  local packages=('g++=g++' make=make perl=perl libssl-dev=/usr/include/openssl/evp.h)
  if wants unit || wants fuzz; then packages+=(cmake=cmake); fi
  if wants unit; then
    packages+=(libgtest-dev=/usr/include/gtest/gtest.h rapidjson-dev=/usr/include/rapidjson/document.h)
  fi
  if wants lint; then packages+=(clang-format=clang-format shellcheck=shellcheck); fi
  if wants fuzz; then packages+=(clang=clang++); fi
  if wants tap; then packages+=(libipc-run-perl=/usr/share/perl5/IPC/Run.pm curl=curl); fi
  need_packages "$logs/apt-tools.log" "${packages[@]}"
  if wants fuzz; then need_fuzzer_runtime; fi
  if wants tap; then need_clients; fi
  if wants build || needs_server; then
    need_postgres "$logs"
    pick_server_user
    say "  for $("$pg_config" --version)"
  fi
}

# libFuzzer's run-time library is a package of its own in some releases, part of clang in others.
need_fuzzer_runtime() {
  local major
  ! links_fuzzer || return 0
  major=$(clang++ -dumpversion | cut -d. -f1)
  need_packages "$logs/apt-fuzzer.log" "libclang-rt-$major-dev"
  links_fuzzer || die "clang++ cannot link with -fsanitize=fuzzer"
}

links_fuzzer() {
  printf 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }\n' |
    clang++ -x c++ -fsanitize=fuzzer,address,undefined -o /dev/null - >/dev/null 2>&1
}

# matches PATTERN FILE: how many lines match; 0 for a file that is not there.
matches() { grep -cE -e "$1" "$2" 2>/dev/null || true; }

# sum_of SED_PATTERN FILE: the sum of the numbers that the pattern's group \1 finds.
sum_of() { sed -n "s/$1/\\1/p" "$2" | awk '{ sum += $1 } END { print sum + 0 }'; }

# in_parallel FUNCTION ITEM...: as many at a time as there are processors; results go where FUNCTION puts them.
in_parallel() {
  local work=$1 item running=0
  shift
  for item in "$@"; do
    if ((running >= $(nproc))); then
      wait -n || true
      running=$((running - 1))
    fi
    "$work" "$item" &
    running=$((running + 1))
  done
  wait
}

# ---- unit -------------------------------------------------------------------------------------------------

layer_unit() {
  local log=$logs/unit.log bad status=0
  if ! run_step 'Building under ASan and UBSan' "$logs/unit-build.log" build_unit; then
    show_errors "$logs/unit-build.log"
    fails unit 'does not build'
    count unit 0 1
    return
  fi
  run_step 'Running' "$log" ctest --test-dir "$top/build/unit" --verbose --timeout 1200 || status=$?
  bad=$(sum_of '^[0-9]*: \[  FAILED  \] \([0-9][0-9]*\) tests\{0,1\},.*' "$log")
  while IFS= read -r name; do fails unit "$name"; done < <(
    sed -n 's/^[0-9]*: \[  FAILED  \] \([^ ,]*\.[^ ,]*\)\(, where.*\)\{0,1\}$/\1/p' "$log" | sort -u)
  if ((status != 0 && bad == 0)); then
    bad=1
    fails unit 'a test program ended before its time'
  fi
  ((bad == 0)) || show_log "$log"
  count unit "$(sum_of '^[0-9]*: \[  PASSED  \] \([0-9][0-9]*\) tests\{0,1\}\..*' "$log")" "$bad" \
    "$(sum_of '^[0-9]*: \[  SKIPPED \] \([0-9][0-9]*\) tests\{0,1\},.*' "$log")"
}

# prepare_build NAME DEFINITION...: sets up build/NAME. A warm cache of compilations is quicker than a precompiled
# header, and has no use for one.
prepare_build() {
  local disabled=OFF
  case $(readlink -f "$(command -v "${CXX:-g++}")") in
    */ccache) disabled=ON ;;
  esac
  cmake -S "$top" -B "$top/build/$1" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_DISABLE_PRECOMPILE_HEADERS=$disabled "${@:2}"
}

build_unit() {
  prepare_build unit -DLLM_ADMIN_SANITIZE=ON &&
    cmake --build "$top/build/unit" --target unit --parallel "$(nproc)"
}

# ---- lint -------------------------------------------------------------------------------------------------

layer_lint() {
  local check good=0 bad=0 skips=0 log status
  for check in formatted shell_is_clean no_plpgsql files_are_short house_rules rules_are_told; do
    log=$logs/lint-$check.log
    status=0
    (cd "$top" && "lint_$check") >"$log" 2>&1 || status=$?
    case $status in
      0) good=$((good + 1)) ;;
      77) skips=$((skips + 1)) ;;
      *)
        bad=$((bad + 1))
        fails lint "${check//_/ }"
        show_log "$log" 20
        ;;
    esac
  done
  count lint "$good" "$bad" "$skips"
}

sources() { find src test -name '*.cpp' -o -name '*.hpp' -o -name '*.c' -o -name '*.h' | sort; }

# Other versions of clang-format break lines in other places.
lint_formatted() {
  clang-format --version | grep -q 'version 14\.' || return 77
  local files
  files=$(sources | xargs -d '\n' clang-format --dry-run -Werror 2>&1 | sed -n 's/^\([^ :]*\):[0-9].*/\1/p' | sort -u)
  [ -z "$files" ] || {
    say "clang-format lays these out in another way: $files"
    return 1
  }
}

lint_shell_is_clean() {
  local script status=0
  for script in .ci/run scripts/* bench/*; do
    head -n 1 "$script" | grep -q '^#!.*bash' || continue
    shellcheck --external-sources --check-sourced --severity=warning "$script" || status=1
  done
  return "$status"
}

# none PATTERN GREP_ARGUMENT...: the pattern occurs nowhere.
none() { ! grep -rnE -e "$@"; }

lint_no_plpgsql() { none '[Ll][Aa][Nn][Gg][Uu][Aa][Gg][Ee] +.?plpgsql' --include='*.sql' src migrations; }
lint_house_rules() { test/lint/run; }
lint_rules_are_told() { test/lint/planted; }
lint_files_are_short() {
  sources | xargs -d '\n' wc -l |
    awk '$2 != "total" && $1 > 500 { print $2 ": " $1 " lines"; long = 1 } END { exit long }'
}

# ---- fuzz -------------------------------------------------------------------------------------------------

layer_fuzz() {
  local names=() file name good=0 bad=0 seconds=${FUZZ_SECONDS:-60} units
  for file in "$top"/test/fuzz/*_fuzz.cpp; do
    [ ! -e "$file" ] || names+=("$(basename "$file" .cpp)")
  done
  mkdir -p "$logs/fuzz"
  if ((${#names[@]} > 0)); then
    if ! run_step 'Building the fuzzers' "$logs/fuzz-build.log" build_fuzzers; then
      show_errors "$logs/fuzz-build.log"
      fails fuzz 'does not build'
      count fuzz 0 1
      return
    fi
    run_step "Running ${#names[@]} fuzzers, ${seconds}s each" "$logs/fuzz.log" \
      in_parallel fuzz_one "${names[@]}" || true
  fi
  for name in ${names[@]+"${names[@]}"}; do
    units=$(sum_of '^stat::number_of_executed_units: *\([0-9]*\)$' "$logs/fuzz/$name.log")
    if [ "$(cat "$logs/fuzz/$name.status" 2>/dev/null)" = 0 ] && ((units > 0)); then
      good=$((good + 1))
      say "  $name: $units inputs"
    else
      bad=$((bad + 1))
      fails fuzz "$name"
      show_log "$logs/fuzz/$name.log"
    fi
  done
  count fuzz "$good" "$bad"
}

build_fuzzers() {
  prepare_build fuzz -DLLM_ADMIN_FUZZ=ON -DCMAKE_CXX_COMPILER=clang++ &&
    cmake --build "$top/build/fuzz" --target fuzzers --parallel "$(nproc)"
}

# What a fuzzer finds worth keeping stays in build/fuzz-corpus for the next run; seeds and words, if any, are read
# from test/fuzz/seeds/NAME and test/fuzz/NAME.dict.
fuzz_one() {
  local name=$1 status=0 words=() corpus=("$top/build/fuzz-corpus/$1")
  mkdir -p "${corpus[0]}"
  [ ! -d "$top/test/fuzz/seeds/$name" ] || corpus+=("$top/test/fuzz/seeds/$name")
  [ ! -e "$top/test/fuzz/$name.dict" ] || words=("-dict=$top/test/fuzz/$name.dict")
  "$top/build/fuzz/$name" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=20 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$logs/fuzz/$name-" ${words[@]+"${words[@]}"} "${corpus[@]}" >"$logs/fuzz/$name.log" 2>&1 || status=$?
  printf '%s\n' "$status" >"$logs/fuzz/$name.status"
  say "$name: status $status"
}
