# Within a transaction that has entered tenant a nothing of tenant b is read or changed, whatever SQL the
# application's or the operator's role runs there: statements, cursors, prepared plans, parallel plans, views,
# functions, names that stand in the way.
use strict;
use warnings;

use LlmAdmin::Session qw(new_node);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('reach', settings => 'max_prepared_transactions = 4');
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE service LOGIN; CREATE ROLE clerk LOGIN;
SELECT llm_admin.grant_access('service', 'app'), llm_admin.grant_access('clerk', 'operator');
SELECT llm_admin.put_llm_config(t, jsonb_build_object('apiKey', 'KEY-MARK-' || t || '-0123456789', 'provider', 'groq',
  'baseUrl', 'https://mark-' || t || '.example', 'defaultModel', 'MARK-' || t)) FROM unnest('{a,b}'::text[]) AS t;
UPDATE llm_admin.llm_configs SET id = 'MARK-' || tenant_id;
CREATE SCHEMA own;
GRANT CREATE, USAGE ON SCHEMA own TO service, clerk;
ANALYZE;
SQL
my $row_of_b =
  q{SELECT c::text, d::text FROM llm_admin.llm_configs c, llm_admin.data_keys d WHERE c.tenant_id = 'b' AND d.tenant_id = 'b'};
my $before = $node->safe_psql('postgres', $row_of_b);
my $envelope = $node->safe_psql('postgres', q{SELECT api_key_encrypted FROM llm_admin.llm_configs WHERE tenant_id = 'b'});
my $enter = q{SELECT llm_admin.enter_tenant('a')};
my $all = 'SELECT c::text FROM llm_admin.llm_configs c';
my $insert = 'INSERT INTO llm_admin.llm_configs (id, tenant_id, api_key_encrypted)';
my $count = 'SELECT count(*) FROM llm_admin.llm_configs';
my @parallel = map { "SET LOCAL $_ = 0" } qw(parallel_setup_cost parallel_tuple_cost min_parallel_table_scan_size);

sub session
{
  my ($role, @statements) = @_;
  my ($status, $out, $err) = $node->psql(
    'postgres', join('', "\\set VERBOSITY verbose\n", map { "$_;\n" } @statements),
    connstr => $node->connstr('postgres') . " user=$role",
    on_error_stop => 0,
    on_error_die => 0);
  die "the server is gone: $err" if $err =~ /server closed|terminat/;
  return ($out, join(' ', $err =~ /(?:ERROR|FATAL):  (\w{5}):/g), $err);
}

# ---- in a's transaction ------------------------------------------------------------------------------------

my $params = q('{"messages": [{"role": "user", "content": "Hi"}]}');
my %reads = (
  'a condition' => ["$all WHERE tenant_id = 'b' OR true"],
  'a leaky function' => [
    'CREATE FUNCTION own.tell(text) RETURNS bool LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE WARNING \'%\', $1; RETURN true; END $$',
    "$all WHERE own.tell(c::text)",
    'DROP FUNCTION own.tell(text)' ],
  'a leaky operator' => ["$all WHERE default_model::int = 1"],
  'COPY' => [ 'COPY llm_admin.llm_configs TO STDOUT', "COPY ($all) TO STDOUT" ],
  'COPY FROM' => ['COPY llm_admin.llm_configs FROM STDIN'],
  'a cursor' =>
    [ "DECLARE c SCROLL CURSOR FOR $all", 'FETCH ALL FROM c', 'FETCH BACKWARD ALL FROM c', 'MOVE FIRST FROM c' ],
  'FOR UPDATE' => ["$all FOR UPDATE"],
  'TABLESAMPLE' => ['SELECT c::text FROM llm_admin.llm_configs c TABLESAMPLE SYSTEM (100)'],
  'an address' => ["$all WHERE ctid = ANY ('{\"(0,1)\",\"(0,2)\",\"(0,3)\",\"(0,4)\",\"(0,5)\"}'::tid[])"],
  'a self join' => ['SELECT c::text, d::text FROM llm_admin.llm_configs c FULL JOIN llm_admin.llm_configs d ON true'],
  'a view' =>
    [ "CREATE TEMP VIEW v AS $all", 'TABLE v', "CREATE VIEW own.v WITH (security_barrier = false) AS $all", 'TABLE own.v' ],
  'a copy' => [ 'CREATE TEMP TABLE kept AS TABLE llm_admin.llm_configs', 'TABLE kept' ],
  'a materialized view' => [ "CREATE MATERIALIZED VIEW own.m AS $all", 'TABLE own.m' ],
  'a function' =>
    [ "CREATE FUNCTION own.f() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS \$\$ $all \$\$", 'SELECT own.f()' ],
  'a function as text' => [
    "SELECT query_to_xml('$all', true, true, '')",
    q{SELECT table_to_xml('llm_admin.llm_configs', true, true, '')},
    q{SELECT schema_to_xml('llm_admin', true, true, '')} ],
  'a parallel plan' => [
    @parallel, 'SET LOCAL enable_indexscan = off',
    $all,
    'SELECT count(*), max(default_model), max(base_url) FROM llm_admin.llm_configs',
    q{SELECT llm_admin.get_llm_config('b')} ],
  'plans without indexes' =>
    [ 'SET LOCAL enable_indexscan = off', 'SET LOCAL enable_bitmapscan = off', "$all WHERE tenant_id > ''" ],
  'RETURNING' => [
    q{UPDATE llm_admin.llm_configs SET policy = 'choice' RETURNING llm_configs.*},
    'DELETE FROM llm_admin.llm_configs RETURNING llm_configs.*' ],
  'UPDATE FROM' => [
    q{UPDATE llm_admin.llm_configs c SET default_model = d.base_url FROM llm_admin.llm_configs d WHERE d.tenant_id <> c.tenant_id RETURNING c.*}
  ],
  'ON CONFLICT' => [
    map { (
      "$insert VALUES ('MARK-b', '$_', 'kms:x') ON CONFLICT (id) DO UPDATE SET policy = excluded.policy RETURNING llm_configs.*",
      "$insert VALUES ('MARK-b', '$_', 'kms:x') ON CONFLICT DO NOTHING RETURNING llm_configs.*",
      "$insert VALUES ('n', '$_', 'kms:x') ON CONFLICT (tenant_id) DO UPDATE SET tenant_id = 'b' RETURNING llm_configs.*"
    ) } qw(a b) ],
  'MERGE' => [
    q{MERGE INTO llm_admin.llm_configs c USING (VALUES ('a'), ('b')) v(t) ON c.tenant_id = v.t WHEN MATCHED THEN UPDATE SET default_model = 'taken' WHEN NOT MATCHED THEN INSERT (tenant_id, api_key_encrypted) VALUES (v.t, 'kms:x')}
  ],
  'envelopes' => ["UPDATE llm_admin.llm_configs SET api_key_encrypted = '$envelope'"],
  'the tenant functions' => [
    map { "SELECT llm_admin.$_" } q{get_llm_config('b')},
    q{put_llm_config('b', '{"policy": "byollm_only"}')},
    q{delete_llm_config('b')},
    q{record_llm_test('b', true)},
    q{resolve_llm('b', 'byollm')},
    "build_tenant_request('b', $params, 'byollm', true)",
    q{decrypt_tenant_key('b')},
    q{enter_tenant('b')} ],
  'the tenant functions, the setting gone' => [
    'RESET ALL',
    'SELECT set_config(\'search_path\', \'pg_catalog\', true)',
    map { "SELECT llm_admin.$_" } q{get_llm_config('b')},
    q{put_llm_config('b', '{"policy": "byollm_only"}')},
    q{delete_llm_config('b')},
    "build_tenant_request('b', $params, 'byollm', true)",
    q{decrypt_tenant_key('b')},
    q{enter_tenant('b')} ],
  'functions of all tenants' => [
    map { "SELECT llm_admin.$_" } 'list_llm_configs()', 'verify_llm_configs()',
    q{adopt_pgcrypto_keys('x')}, "key_fingerprint('$envelope')" ],
  'an exception in a block' => [
    q{DO $$ BEGIN BEGIN RESET ALL; PERFORM llm_admin.enter_tenant('b'); EXCEPTION WHEN OTHERS THEN NULL; END; PERFORM llm_admin.enter_tenant('b'); END $$},
    $all,
    q{SELECT llm_admin.get_llm_config('b')} ],
  'roles' => [
    'SET LOCAL ROLE NONE',
    'SET LOCAL SESSION AUTHORIZATION DEFAULT',
    'RESET ROLE', $all,
    'SET ROLE clerk',
    'SET ROLE postgres',
    'SET SESSION AUTHORIZATION clerk', $all ],
  'settings' => [
    'SET LOCAL row_security = off',
    $all,
    'SET LOCAL session_replication_role = replica',
    'SELECT name, setting FROM pg_file_settings',
    q{UPDATE pg_settings SET setting = 'b' WHERE name = 'llm_admin.entered_tenant'},
    'DISCARD ALL',
    'DISCARD PLANS',
    $all ],
  'rules and triggers' => [
    'CREATE RULE r AS ON SELECT TO llm_admin.llm_configs DO INSTEAD SELECT 1',
    'CREATE RULE r AS ON UPDATE TO llm_admin.llm_configs DO ALSO SELECT OLD.*',
    'CREATE TRIGGER t BEFORE UPDATE ON llm_admin.llm_configs FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    'CREATE TABLE own.child () INHERITS (llm_admin.llm_configs)',
    'CREATE TABLE own.ref (t text REFERENCES llm_admin.llm_configs (tenant_id))',
    'CREATE PUBLICATION p FOR TABLE llm_admin.llm_configs',
    'CREATE STATISTICS own.s ON tenant_id, provider FROM llm_admin.llm_configs',
    'CREATE INDEX ON llm_admin.llm_configs (base_url)',
    'LOCK llm_admin.llm_configs IN ACCESS EXCLUSIVE MODE',
    'ALTER TABLE llm_admin.llm_configs OWNER TO clerk',
    'ALTER POLICY tenant_isolation ON llm_admin.llm_configs USING (true)',
    'DROP POLICY tenant_isolation ON llm_admin.llm_configs',
    'CREATE OR REPLACE FUNCTION llm_admin.entered_tenant() RETURNS text LANGUAGE sql AS $$ SELECT \'b\' $$' ],
  'names alike' => [
    'CREATE TEMP TABLE llm_configs (tenant_id text, api_key_encrypted text)',
    'CREATE TEMP TABLE data_keys (tenant_id text)',
    q{CREATE FUNCTION pg_temp.entered_tenant() RETURNS text LANGUAGE sql AS $$ SELECT 'b' $$},
    q{CREATE FUNCTION own.entered_tenant() RETURNS text LANGUAGE sql AS $$ SELECT 'b' $$},
    'SET LOCAL search_path = pg_temp, own, llm_admin',
    $all,
    q{SELECT llm_admin.get_llm_config('b')},
    'DROP FUNCTION own.entered_tenant()' ],
  'statistics' => [
    q{SELECT s::text FROM pg_stats s WHERE tablename = 'llm_configs'},
    'SELECT stavalues1::text FROM pg_statistic',
    "EXPLAIN (ANALYZE, VERBOSE) $all WHERE tenant_id = 'b'" ],
  'large objects and files' => [
    q{SELECT pg_read_file('PG_VERSION')},
    'SELECT pg_ls_waldir()',
    q{SELECT lo_import('/etc/hostname')},
    q{SELECT pg_relation_filepath('llm_admin.llm_configs'), pg_read_binary_file(pg_relation_filepath('llm_admin.llm_configs'))}
  ]);

# What an operator is shown by name: its own list names entered tenants only.
my $shown = qr/MARK-b|mark-b|\Q$envelope\E/;
my $row_of_a = q{DELETE FROM llm_admin.llm_configs WHERE tenant_id = 'a';
  SELECT llm_admin.put_llm_config('a', '{"apiKey": "KEY-MARK-a-0123456789", "provider": "groq"}')};
foreach my $role ('service', 'clerk')
{
  foreach my $what (sort keys %reads)
  {
    $node->safe_psql('postgres', $row_of_a);

    # Errors end a statement, not the attempt: psql rolls back to where it was.
    my ($out, $states, $err) =
      session($role, '\\set ON_ERROR_ROLLBACK on', 'BEGIN', $enter, @{ $reads{$what} }, 'ROLLBACK');
    unlike($out, $shown, "$role, $what: shows nothing of b");
    (my $messages = $err) =~ s/^(?:LINE \d+|STATEMENT|CONTEXT|\s+).*$//mg;
    unlike($messages, $shown, "$role, $what: neither does a message");
    session($role, '\\set ON_ERROR_ROLLBACK on', 'BEGIN', $enter, @{ $reads{$what} }, 'COMMIT')
      if $what =~ /RETURNING|CONFLICT|MERGE|UPDATE|functions|envelopes/;
    is($node->safe_psql('postgres', $row_of_b), $before, "$role, $what: leaves b alone");
  }
  $node->safe_psql('postgres', $row_of_a);
  my ($out, $states) = session(
    $role, 'BEGIN', $enter, @parallel,
    $all, "EXPLAIN (COSTS OFF) $all", $count, "EXPLAIN (COSTS OFF) $count",
    'ROLLBACK');
  is($states, '', "$role: the policy holds in parallel workers");
  like($out, qr/Gather/, "$role: which there are");
  like($out, qr/^1$/m, "$role: and they count one row");
}

# ---- from one transaction to the next ----------------------------------------------------------------------

my $enter_b = q{SELECT llm_admin.enter_tenant('b')};
my ($out, $states) = session(
  'service', 'SET plan_cache_mode = force_generic_plan',
  "PREPARE p AS $all", 'BEGIN',
  $enter_b, 'EXECUTE p',
  'COMMIT', '\\echo --',
  'BEGIN', $enter,
  'EXECUTE p', 'COMMIT',
  'EXECUTE p', "PREPARE q(text) AS SELECT llm_admin.get_llm_config(\$1)",
  'BEGIN', $enter_b,
  q{EXECUTE q('b')}, 'COMMIT',
  '\\echo --', 'BEGIN',
  $enter, q{EXECUTE q('b')},
  'ROLLBACK');
my @parts = split /^--$/m, $out;
like($parts[0], qr/MARK-b/, 'a plan made in b\'s transaction shows b there');
unlike($parts[1] =~ s/\{.*//r, qr/MARK-b/, 'and a in a\'s');
unlike($parts[2], qr/MARK-b/, 'a prepared call of a function, too');
is($states, '42501', 'which is refused');
($out, $states) = session(
  'service',
  q{CREATE FUNCTION own.rows() RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT c::text FROM llm_admin.llm_configs c; END $$},
  map({ ('BEGIN', $enter_b, 'SELECT own.rows()', 'COMMIT') } 1 .. 8),
  '\\echo --',
  'BEGIN',
  $enter,
  'SELECT own.rows()',
  'COMMIT',
  'SELECT own.rows()');
is(scalar(() = (split /^--$/m, $out)[0] =~ /MARK-b\b.*$/mg), 8, 'plans of a function show b in b\'s transactions');
unlike((split /^--$/m, $out)[1], qr/MARK-b/, 'and not in a\'s, nor in none\'s');
($out, $states) = session(
  'service', 'BEGIN', $enter_b,
  "UPDATE llm_admin.llm_configs SET policy = 'choice'",
  q{PREPARE TRANSACTION 'kept'},
  $all, 'BEGIN', $enter, $all, 'COMMIT', q{COMMIT PREPARED 'kept'}, $all);
unlike($out, qr/MARK-b/, 'a prepared transaction keeps its tenant to itself');
is($states, '', 'and commits');
$before = $node->safe_psql('postgres', $row_of_b);

# The server's own ways of keeping rows past a transaction keep them; whoever pools sessions discards them.
($out) = session('service', 'BEGIN', $enter_b, "DECLARE c CURSOR WITH HOLD FOR $all",
  'COMMIT', 'DISCARD ALL', 'BEGIN', $enter, 'FETCH ALL FROM c', 'ROLLBACK');
unlike($out, qr/MARK-b/, 'DISCARD ALL closes cursors that were held');
($out) = session('service', "DECLARE c CURSOR WITH HOLD FOR $all", 'BEGIN', $enter, 'FETCH ALL FROM c', 'ROLLBACK');
unlike($out, qr/MARK-/, 'one held from before shows what its own transaction saw: nothing');

# ---- what goes through all tenants -------------------------------------------------------------------------

$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION pgcrypto;
INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted)
SELECT 'waits', 'groq', pgp_sym_encrypt('KEY-waits-0123456789', 'passphrase')::text;
SQL
my $adopt = q{SELECT item, outcome FROM llm_admin.adopt_pgcrypto_keys('passphrase')};
my $fingerprint = "SELECT length(llm_admin.key_fingerprint('$envelope')) > 20";
($out, $states) = session('clerk', 'BEGIN', $enter, $adopt, 'COMMIT', 'BEGIN', $enter, $fingerprint, 'COMMIT');
is($out, "a\na", "the operator within a adopts no other tenant's key");
is($states, 'LA031', 'and has no fingerprint of it');
($out, $states) = session('clerk', $adopt, $fingerprint);
is($out, "tenant waits|adopted\nt", 'without a tenant entered, of all');
$node->stop;
done_testing();
