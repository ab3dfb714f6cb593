# shellcheck shell=bash
# The tour of scripts/quickstart: every SQL statement is shown as typed, then run, then its result.
# Needs lib.sh and cluster.sh, a running cluster in $place and a database named $database.
# Keys reach psql through its environment and curl through a private file, never through arguments.

# show TEXT: statements as they would stand in psql.
show() {
  local line prompt='='
  while IFS= read -r line; do
    printf '%s\n' "$bold$database$prompt> $line$plain"
    case $line in *\;) prompt='=' ;; *) prompt=- ;; esac
  done <<<"$1"
}

# sql STATEMENTS: with their terminators (; or a backslash command of psql).
sql() {
  printf '\n'
  show "$1"
  (
    cd "$work"
    {
      printf '%s\n' '\set QUIET on' '\pset pager off' '\pset null -' '\pset footer off' \
        '\getenv key DEMO_KEY' '\set answer `cat answer.json 2>/dev/null`' '\set status `cat status 2>/dev/null`' \
        '\set QUIET off'
      printf '%s\n' "$1"
    } | DEMO_KEY=${demo_key:-} psql_here -d "$database" -f - 2>&1 |
      sed '/^$/d; s/^psql:<stdin>:[0-9]*: //; /^-\[ RECORD/s/^\(.\{100\}\).*/\1/; s/^/  /'
  ) || die 'This statement should have worked; the tour ends here.'
}

# sql_with_key STATEMENT: $1 in it is the key, as a bound parameter where psql has them (16 and later).
sql_with_key() {
  # shellcheck disable=SC2016 # the $1 is SQL's
  local mark='$1'
  if ((pg_major >= 16)); then
    sql "$1 \\bind :key \\g"
  else
    sql "${1//"$mark"/":'key'"};"
  fi
}

quietly() { psql_here -d "$database" -Atqc "$1"; }

new_demo_key() { printf 'sk-or-v1-demo%s' "$(od -An -v -tx1 -N16 /dev/urandom | tr -d ' \n')"; }

# start_endpoint: the local provider; sets port. It ends with this script.
start_endpoint() {
  local i
  give "$top/test/endpoint/provider_endpoint.pl"
  run_as rm -f "$place/port"
  printf '%s\n' "$endpoint_key" | run_as sh -c 'umask 077; cat >"$1"' sh "$place/endpoint_key"
  set -m
  run_as perl "$place/provider_endpoint.pl" --port-file "$place/port" --key-file "$place/endpoint_key" \
    --parent "$$" </dev/null >"$logs/endpoint.log" 2>&1 9>&- &
  set +m
  at_exit end_process "$!"
  for ((i = 0; i < 100; i++)); do
    [ ! -s "$place/port" ] || break
    sleep 0.1
  done
  port=$(cat "$place/port" 2>/dev/null) || { show_log "$logs/endpoint.log"; die 'The local provider does not start.'; }
}

# send: what request.curl says; the answer goes to answer.json and its HTTP status to `status`.
send() {
  printf '\n%s$ curl --config request.curl --output answer.json%s\n' "$bold" "$plain"
  (
    cd "$work"
    rm -f answer.json
    curl --silent --show-error --noproxy 127.0.0.1 --max-time 30 --config request.curl --output answer.json \
      --write-out '%{http_code}' >status
    rm -f request.curl
    printf '  HTTP %s\n' "$(<status)"
    fold -s -w 108 answer.json | sed 's/^/  /; s/ *$//'
    printf '\n'
  )
}

expect_status() { [ "$(<"$work/status")" = "$1" ] || die "The local provider should have answered $1."; }

# build_for_curl [PARAMETERS [CALL]]: one statement makes the whole request a config file for curl. CALL has a %s for the
# parameters.
build_for_curl() {
  local call=${2:-"build_request(%s,
         'local_demo', with_key => true)"}
  sql "SELECT concat_ws(E'\\n', format('request = %s', to_json(method)), format('url = %s', to_json(url)),
         (SELECT string_agg(format('header = %s', to_json(key || ': ' || value)), E'\\n')
            FROM jsonb_each_text(headers)),
         format('data = %s', to_json(body::text)))
  FROM llm_admin.${call/\%s/"'{\"messages\": [{\"role\": \"user\", \"content\": \"Good morning, PostgreSQL\"}]${1:-}}'"} \\g (format=unaligned tuples_only=on) request.curl"
  [ -s "$work/request.curl" ] || die 'No request was built.'
}

tour() {
  umask 077
  work=$(mktemp -d)
  at_exit rm -rf -- "$work"
  local endpoint_key
  endpoint_key=$(new_demo_key)
  start_endpoint

  heading '1. The extension and its first providers'
  if [ "$(quietly "SELECT count(*) FROM pg_extension WHERE extname = 'llm_admin'")" = 0 ]; then
    sql 'CREATE EXTENSION llm_admin;'
  else
    note 'It is there from an earlier run.'
    [ "$(quietly "SELECT installed_version = default_version FROM pg_available_extensions WHERE name = 'llm_admin'")" = t ] ||
      sql 'ALTER EXTENSION llm_admin UPDATE;'
  fi
  sql 'SELECT * FROM llm_admin.seed();'
  sql 'SELECT provider_name, is_active, is_enabled, has_key, default_model, config_status
  FROM llm_admin.list_providers();'

  heading '2. A key for OpenRouter, and the switch to it'
  note 'Only a masked form comes back. Stored is an envelope, sealed with a key from the keyring file.'
  ((pg_major >= 16)) ||
    note "psql $pg_major cannot bind parameters, so the key goes as a literal here; an application binds it."
  demo_key=$(new_demo_key)
  # shellcheck disable=SC2016 # the $1 is SQL's
  sql_with_key "SELECT llm_admin.set_provider_key('openrouter', \$1, 'quickstart')"
  sql "UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'openrouter';"
  sql "SELECT llm_admin.switch_active_provider('openrouter', 'quickstart');"
  sql 'SELECT provider_name, is_active, is_enabled, has_key, key_hint, config_status
  FROM llm_admin.list_providers();'

  heading '3. A complete HTTP request for the active provider'
  sql "SELECT method, url, headers, body
  FROM llm_admin.build_request('{\"messages\": [{\"role\": \"user\", \"content\": \"Good morning\"}],
                                \"temperature\": 0.2}') \\gx"

  heading '4. A provider of your own, here a small local one'
  note 'It answers as OpenAI documents it and refuses a wrong key.'
  if [ "$(quietly "SELECT count(*) FROM llm_admin.llm_provider_configs WHERE provider_name = 'local_demo'")" = 1 ]; then
    note 'The one of an earlier run goes first; its history stays.'
    sql "SELECT * FROM llm_admin.purge_provider('local_demo');"
  fi
  demo_key=$endpoint_key
  sql_with_key "SELECT provider_name, is_enabled, has_key, key_hint, config_status
  FROM llm_admin.create_provider('Local demo', 'http://127.0.0.1:$port/v1', 'demo-model',
         provider_name => 'local_demo', api_key => \$1)"

  heading '5. Build, send, read the answer'
  note 'With its key the request goes into a private file for curl, not onto the screen.'
  build_for_curl
  send
  expect_status 200
  sql "SELECT r ->> 'text' AS text, r ->> 'finish_reason' AS finish_reason, r -> 'usage' AS usage
  FROM llm_admin.extract_response(:'answer', 'local_demo', http_status => :status) AS r \\gx"

  heading '6. The same as a stream'
  note 'The events put the document together that comes without streaming; the same rules read it.'
  build_for_curl ', "stream": true'
  send
  expect_status 200
  sql "SELECT r ->> 'text' AS text, r ->> 'finish_reason' AS finish_reason, r -> 'usage' AS usage
  FROM llm_admin.extract_stream(:'answer', 'local_demo', http_status => :status) AS r \\gx"

  heading '7. Other vendors: the same parameters, their own shapes'
  sql "SELECT jsonb_pretty(body) AS body
  FROM llm_admin.build_operation('count_tokens', 'anthropic', '{\"messages\": [
         {\"role\": \"system\", \"content\": \"Be brief.\"}, {\"role\": \"user\", \"content\": \"Good morning\"}]}');"
  sql "SELECT pointer, rule_pointer, value
  FROM llm_admin.explain_request('{\"messages\": [
         {\"role\": \"system\", \"content\": \"Be brief.\"}, {\"role\": \"user\", \"content\": \"Good morning\"}]}', 'google_ai');"

  heading '8. The first request with a wrong key'
  demo_key=$(new_demo_key)
  sql_with_key "SELECT llm_admin.set_provider_key('local_demo', \$1, 'quickstart')"
  build_for_curl
  send
  expect_status 401
  sql "SELECT r -> 'error' AS error
  FROM llm_admin.extract_response(:'answer', 'local_demo', http_status => :status) AS r;"

  heading '9. A tenant brings its own key'
  note 'By its policy it may be used when a call asks for it. The provider knows this one; that of the platform is wrong now.'
  demo_key=$endpoint_key
  # shellcheck disable=SC2016
  sql_with_key "SELECT key, value FROM jsonb_each(llm_admin.put_llm_config('acme',
         jsonb_build_object('provider', 'local_demo', 'apiKey', \$1::text)))"
  sql "SELECT * FROM llm_admin.resolve_llm('acme', 'byollm');"
  build_for_curl '' "build_tenant_request('acme',
         %s, 'byollm', with_key => true)"
  send
  expect_status 200
  sql "SELECT r ->> 'text' AS text, r -> 'usage' AS usage
  FROM llm_admin.extract_response(:'answer', 'local_demo', http_status => :status) AS r \\gx"
  sql "SELECT llm_admin.record_llm_test('acme', true, 12) ->> 'lastTestResult' AS \"lastTestResult\";"

  heading '10. One transaction, one tenant'
  note 'Another tenant is there, too, with a key that its application sealed itself.'
  sql "INSERT INTO llm_admin.llm_configs (tenant_id, api_key_encrypted)
  VALUES ('globex', 'kms:sealed-elsewhere') ON CONFLICT (tenant_id) DO NOTHING;"
  [ "$(quietly "SELECT count(*) FROM pg_roles WHERE rolname = 'demo_app'")" = 1 ] || sql 'CREATE ROLE demo_app;'
  sql "SELECT llm_admin.grant_access('demo_app', 'app');"
  sql "SET ROLE demo_app;
SELECT count(*) FROM llm_admin.llm_configs;
BEGIN;
SELECT llm_admin.enter_tenant('acme');
SELECT tenant_id, provider, policy, last_test_result FROM llm_admin.llm_configs;
COMMIT;"

  heading '11. A new key for its key'
  sql "SELECT llm_admin.rotate_data_key('acme') AS version;"
  sql 'SELECT * FROM llm_admin.reseal_keys();'
  sql 'SELECT * FROM llm_admin.verify_keys();'

  heading '12. Who did what'
  sql "SELECT provider_name, action, changed_by, config_version
  FROM llm_admin.provider_history() ORDER BY changed_at DESC LIMIT 12;"
}
