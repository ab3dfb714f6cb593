# validate_schema(): all that a load takes unchecked is told by one call, each fault with the statement that mends it.
# Each edit of a dump that the load itself does not refuse is made here, told, and mended by running what was told.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Catalog qw(catalog difference);
use File::Basename qw(dirname);
use LlmAdmin::Hints;
use LlmAdmin::Session qw(new_node);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('after');
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE desk LOGIN; CREATE ROLE guard LOGIN; CREATE ROLE reader LOGIN; CREATE ROLE service LOGIN;
SELECT llm_admin.grant_access('desk', 'operator'), llm_admin.grant_access('guard', 'security'),
  llm_admin.grant_access('reader', 'auditor'), llm_admin.grant_access('service', 'app');
SELECT llm_admin.set_provider_key('groq', 'sk-after-groq-0123456789'), llm_admin.set_provider_key('xai', 'sk-after-xai-0123456789');
SELECT llm_admin.create_provider('Own', 'https://own.example.com/v1', 'm', api_key => 'sk-after-own-0123456789');
SELECT llm_admin.put_llm_config('acme', '{"provider": "groq", "apiKey": "sk-after-acme-0123456789"}');
SELECT llm_admin.put_llm_config('it''s "odd" \ é', '{"provider": "groq", "apiKey": "sk-after-odd-0123456789"}');
SELECT llm_admin.record_provider_test('groq', true, 5);
SQL
my $as_installed = catalog($node, 'postgres');

# Runs a script, goes on after errors; returns output, stderr.
sub session
{
  my ($user, $sql) = @_;
  my ($stdout, $stderr);
  $node->psql('postgres', "\\set VERBOSITY verbose\n$sql", stdout => \$stdout, stderr => \$stderr,
    on_error_stop => 0, extra_params => [ '-U', $user ]);
  return ($stdout, $stderr);
}

my $look = "SELECT kind || ' ' || object FROM llm_admin.validate_schema() WHERE verdict = 'error' ORDER BY 1";
is($node->safe_psql('postgres', $look), '', 'nothing is wrong at first');
is($node->safe_psql('postgres', "SELECT kind, object, verdict FROM llm_admin.validate_schema() WHERE verdict NOT IN ('ok', 'error') ORDER BY 1"),
  "history|llm_provider_config_history|not compared\nkey|stored keys|not tried",
  'and what was not looked at is said');
foreach my $user ('desk', 'guard', 'reader')
{
  is((session($user, $look))[0] . (session($user, 'SELECT count(*) FROM llm_admin.validate_schema()'))[0], 26, "$user may call it");
}
like((session('service', $look))[1], qr/ERROR:  42501/, 'an app may not');

# Makes one fault in a load, looks, runs the statements given for it, looks again; all in a transaction that is taken
# back. `fill` puts what a person has to supply into the places for it.
sub told
{
  my ($what, $sql, $expected, %options) = @_;
  my $edit = "SET LOCAL llm_admin.restoring = on;\n$sql\nSET LOCAL llm_admin.restoring = off;";
  my ($out, $stderr) = session('postgres', "BEGIN;\n$edit\nSELECT kind || ' ' || object || '|' || coalesce(statement, '') FROM llm_admin.validate_schema() WHERE verdict = '"
      . ($options{verdict} // 'error') . "' ORDER BY kind || ' ' || object;\nROLLBACK;");
  is($stderr, '', "$what: can be loaded and looked at");
  my @found = map { [ split /\|/, $_, 2 ] } grep { /\|/ } split /\n/, $out;
  is(join(', ', map { $_->[0] } @found), $expected, "$what: told");
  return if $options{no_statement};
  my %given;  # one statement may mend several faults
  my @statements = grep { !$given{$_}++ } map { $_->[1] } @found;
  s/<key>/sk-after-new-0123456789/g, s/<provider>/groq/g, s{<url>}{https://own.example.com/v1}g foreach @statements;
  my $statements = join '', map { "$_;\n" } grep { $_ ne '' } @statements;
  ($out, $stderr) = session('postgres', "BEGIN;\n$edit\n\\o /dev/null\n$statements\\o\n$look;\nROLLBACK;");
  is("$out$stderr", $options{left} // '', "$what: mended by what was told");
  LlmAdmin::Hints::followed(map { $_->[1] } @found);
  return;
}

is((session('reader', "BEGIN READ ONLY; $look; SELECT count(*) FROM llm_admin.validate_schema(); COMMIT;"))[0], 26, 'also in a read-only transaction');

# A message that hides its context leaves that of later ones alone.
my (undef, $contexts) = session('postgres', <<'SQL');
DO $$ BEGIN
  BEGIN UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = 'sk-raw-0123' WHERE provider_name = 'groq';
  EXCEPTION WHEN SQLSTATE 'LA001' THEN NULL; END;
  PERFORM 1 / 0;
END $$;
SQL
like($contexts, qr/ERROR:  22012.*^CONTEXT:  .*PL\/pgSQL function inline_code_block line 4/ms, 'an error after one about a raw key has its context');

# ---- rows --------------------------------------------------------------------------------------------------

my $configs = 'llm_admin.llm_provider_configs';
told('mapping of a version to come', "UPDATE $configs SET request_builder_config = '{\"version\": \"99\"}' WHERE provider_name = 'groq';", 'provider groq');
told('answer mapping that is none', "UPDATE $configs SET response_extractor_config = '[]' WHERE provider_name = 'own';", 'provider own');
told('base_url javascript', "UPDATE $configs SET base_url = 'javascript:alert(1)' WHERE provider_name = 'xai';", 'provider xai');
told('base_url of plain http', "UPDATE $configs SET base_url = 'http://own.example.com' WHERE provider_name = 'own';", 'provider own');
told('endpoint with a key', "UPDATE $configs SET endpoint_path_template = '/x?k={api_key}' WHERE provider_name = 'xai';", 'provider xai');
told('auth template that is none', "UPDATE $configs SET auth_header_template = 'no colon' WHERE provider_name = 'xai';", 'provider xai');
told('header Host', "UPDATE $configs SET additional_headers = '{\"Host\": \"evil.example\"}' WHERE provider_name = 'groq';", 'provider groq');
told('header with a line end', "UPDATE $configs SET additional_headers = jsonb_build_object('X-A', E'a\\r\\nb') WHERE provider_name = 'own';", 'provider own');
told('none active', "UPDATE $configs SET is_active = false;", 'active provider llm_provider_configs');
told('none active, which the history knows', "RESET llm_admin.restoring; UPDATE $configs SET is_active = false;", 'active provider llm_provider_configs', verdict => 'yours', no_statement => 1);
told('none active, and no history', "UPDATE $configs SET is_active = false; ALTER TABLE llm_admin.llm_provider_config_history DISABLE TRIGGER USER; TRUNCATE llm_admin.llm_provider_config_history;
  ALTER TABLE llm_admin.llm_provider_config_history ENABLE ALWAYS TRIGGER trg_refuse_history_change, ENABLE ALWAYS TRIGGER trg_refuse_history_truncate, ENABLE ALWAYS TRIGGER trg_config_changed, ENABLE TRIGGER trg_check_row;",
  'active provider llm_provider_configs, history llm_provider_config_history', left => 'history llm_provider_config_history');
told('a history that was left out', "ALTER TABLE llm_admin.llm_provider_config_history DISABLE TRIGGER USER; DELETE FROM llm_admin.llm_provider_config_history WHERE provider_name = 'xai';
  ALTER TABLE llm_admin.llm_provider_config_history ENABLE ALWAYS TRIGGER trg_refuse_history_change, ENABLE ALWAYS TRIGGER trg_refuse_history_truncate, ENABLE ALWAYS TRIGGER trg_config_changed, ENABLE TRIGGER trg_check_row;",
  'history llm_provider_config_history', no_statement => 1);
told('a damaged count of uses', "UPDATE llm_admin.data_keys SET uses = -1 WHERE tenant_id = 'acme';", 'data key tenant acme');
told('two active', "DROP INDEX llm_admin.llm_provider_configs_one_active; UPDATE $configs SET is_active = true, is_enabled = true WHERE provider_name IN ('groq', 'xai');",
  'active provider llm_provider_configs, index llm_provider_configs_one_active on llm_admin.llm_provider_configs');
told('unknown provider of a tenant', "INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted) VALUES ('Z', 'nonesuch', 'kms:x');", 'tenant Z');
told('base_url of a tenant', "UPDATE llm_admin.llm_configs SET base_url = 'javascript:1' WHERE tenant_id = 'acme';", 'tenant acme');
told('base_url of a tenant, host of a hole', "UPDATE llm_admin.llm_configs SET base_url = 'https://{host}.example.com' WHERE tenant_id LIKE 'it%';", q{tenant it's "odd" \ é});
told('tenant without a name', "INSERT INTO llm_admin.llm_configs (id, tenant_id, provider, api_key_encrypted) VALUES ('a''b', '', 'groq', '');", 'tenant ');
told('tenant of a name too long', "INSERT INTO llm_admin.llm_configs (id, tenant_id, provider, api_key_encrypted) VALUES ('long', repeat('n', 300), 'groq', '');",
  'tenant ' . 'n' x 200);
told('alias to nowhere', "INSERT INTO llm_admin.provider_aliases VALUES ('it''s', 'nonesuch');", "alias it's");
told('provider of an alias that ships', "ALTER TABLE $configs DISABLE TRIGGER USER; DELETE FROM $configs WHERE provider_name = 'xai'; ALTER TABLE $configs ENABLE TRIGGER USER;", 'alias grok');
told('tenant of an alias that ships', "DELETE FROM llm_admin.provider_aliases WHERE alias = 'claude'; INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted) VALUES ('Z', 'Claude', 'kms:x');", 'tenant Z');
told('tenant of a provider that ships', "ALTER TABLE $configs DISABLE TRIGGER USER; DELETE FROM $configs WHERE provider_name = 'cohere'; ALTER TABLE $configs ENABLE TRIGGER USER;
  INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted) VALUES ('Z', 'cohere', 'kms:x');", 'tenant Z');
told('root keys not loaded', 'DELETE FROM llm_admin.root_keys;', 'data key root key 1');
told('test of a provider that is gone', "INSERT INTO llm_admin.provider_tests VALUES ('nonesuch', now(), 'error: boo');", 'provider test nonesuch');

# ---- accounts, models, tiers -------------------------------------------------------------------------------

my $accounts = 'llm_admin.llm_providers';
my $account = sub { "INSERT INTO $accounts (id, name, type, base_url, api_key_encrypted) VALUES ('00000000-0000-4000-8000-000000000001', 'a''b', $_[0]);" };
told('type of an account', $account->("'nonesuch', NULL, 'kms:x'"), q{account a'b (nonesuch)});
told('type of an account that ships', "ALTER TABLE $configs DISABLE TRIGGER USER; DELETE FROM $configs WHERE provider_name = 'cohere'; ALTER TABLE $configs ENABLE TRIGGER USER; "
  . $account->("'cohere', NULL, 'kms:x'"), q{account a'b (cohere)});
told('base_url of an account', $account->("'groq', 'javascript:1', NULL"), q{account a'b (groq)});
told('plain http of an account', $account->("'groq', 'http://own.example.com', NULL"), q{account a'b (groq)});
told('raw key of an account', "ALTER TABLE $accounts DISABLE TRIGGER USER; " . $account->("'groq', NULL, 'sk-RAW-0123456789'")
  . " ALTER TABLE $accounts ENABLE TRIGGER USER, ENABLE ALWAYS TRIGGER trg_cache_changed, ENABLE ALWAYS TRIGGER trg_config_changed, ENABLE ALWAYS TRIGGER trg_config_emptied, ENABLE REPLICA TRIGGER trg_cache_replicated;",
  q{account a'b (groq)});
told('models without servers', q{INSERT INTO llm_admin.installed_models (server_id, model_name) VALUES (gen_random_uuid(), 'm'), (gen_random_uuid(), 'n');}, 'reference installed_models');
told('a deployment elsewhere', q{INSERT INTO llm_admin.model_servers (name, type, host, port) VALUES ('s1', 'vllm', 'h', 1), ('s2', 'vllm', 'h', 2);
  INSERT INTO llm_admin.installed_models (server_id, model_name) SELECT id, 'm' FROM llm_admin.model_servers WHERE name = 's1';
  INSERT INTO llm_admin.model_deployments (server_id, model_id, alias) SELECT s.id, m.id, 'd' FROM llm_admin.model_servers s, llm_admin.installed_models m WHERE s.name = 's2';}, 'reference model_deployments');
told('tiers left out', q{INSERT INTO llm_admin.tier_model_rules (tier_code, model_pattern) VALUES ('gold', '*'); INSERT INTO llm_admin.user_tiers (user_id, tier_code) VALUES ('u', 'gold');
  INSERT INTO llm_admin.access_keys (key_hash, name, tier_code) VALUES (sha256('x'), 'x', 'gold');},
  'reference access_keys, reference tier_model_rules, reference user_tiers');

# ---- keys --------------------------------------------------------------------------------------------------

# A raw key is refused by every load; with triggers off it can come in all the same.
my $off = "ALTER TABLE $configs DISABLE TRIGGER USER; ALTER TABLE llm_admin.llm_configs DISABLE TRIGGER USER;";
my $on = "ALTER TABLE $configs ENABLE TRIGGER USER; ALTER TABLE llm_admin.llm_configs ENABLE TRIGGER USER, ENABLE ALWAYS TRIGGER trg_config_changed, ENABLE ALWAYS TRIGGER trg_config_emptied;";
told('raw key', "$off UPDATE $configs SET api_key_encrypted = 'sk-RAW-0123456789' WHERE provider_name = 'xai'; $on", 'provider xai');
told('raw key of a tenant', "$off UPDATE llm_admin.llm_configs SET api_key_encrypted = 'sk-RAW-0123456789' WHERE tenant_id LIKE 'it%'; $on", q{tenant it's "odd" \ é});
told('envelope cut short', "$off UPDATE $configs SET api_key_encrypted = left(api_key_encrypted, 40) WHERE provider_name = 'xai'; $on", 'provider xai');
told('unbound envelope', "UPDATE $configs SET api_key_encrypted = llm_admin.encrypt_key('x') WHERE provider_name = 'groq';", 'provider groq');
told('stub', "UPDATE $configs SET api_key_encrypted = 'kms-stub:x' WHERE provider_name = 'groq';", 'provider groq');
told('scheme that is not listed', "UPDATE $configs SET api_key_encrypted = 'vault:llm#1' WHERE provider_name = 'groq';", 'provider groq', no_statement => 1);
told('pgcrypto value', "UPDATE $configs SET api_key_encrypted = '\\xc30d04070302111111111111111160d20101' WHERE provider_name = 'groq';", 'provider groq', verdict => 'yours', no_statement => 1);
my ($schemes) = session('postgres', <<"SQL");
SET llm_admin.restoring = on;
UPDATE $configs SET api_key_encrypted = 'vault:llm#1' WHERE provider_name = 'own';
SELECT statement FROM llm_admin.validate_schema() WHERE verdict = 'error';
SELECT statement FROM llm_admin.validate_schema() WHERE verdict = 'error' \\gexec
\\c
$look;
SELECT current_setting('llm_admin.foreign_schemes');
ALTER DATABASE postgres RESET llm_admin.foreign_schemes;
SELECT llm_admin.set_provider_key('own', 'sk-after-own-0123456789');
SQL
LlmAdmin::Hints::followed($schemes =~ /^(ALTER DATABASE .*)/m);
like($schemes, qr/\n?kms,vault\n/, 'the statement for an unlisted scheme lists it');
told('data keys left out', "DELETE FROM llm_admin.data_keys;", q{provider groq, provider own, provider xai, tenant acme, tenant it's "odd" \ é}, no_statement => 1);
told('root keys left out', "DELETE FROM llm_admin.root_keys;", 'data key root key 1', no_statement => 1);
told("the installation's data key left out", "DELETE FROM llm_admin.data_keys WHERE tenant_id IS NULL;",
  'data key installation, provider groq, provider own, provider xai', no_statement => 1);
my ($shown) = session('postgres', "BEGIN; $off UPDATE $configs SET api_key_encrypted = 'sk-RAW-0123456789'; UPDATE llm_admin.llm_configs SET api_key_encrypted = 'sk-RAW-0123456789'; $on\nSELECT * FROM llm_admin.validate_schema(); ROLLBACK;");
like($shown, qr/what stands for its key is no encrypted key/, 'raw keys are told');
unlike($shown, qr/RAW/, 'and not shown');

# ---- sequences, levels, ledger -----------------------------------------------------------------------------

told('sequence behind its rows', "SELECT setval('llm_admin.llm_provider_configs_id_seq', 3) \\g /dev/null\n", 'sequence llm_provider_configs_id_seq');
told('uses of keys behind', "SELECT setval('llm_admin.key_use_blocks', 1) \\g /dev/null\nUPDATE llm_admin.data_keys SET first_use_block = 77 WHERE tenant_id IS NULL;", 'sequence key_use_blocks');
# 0.3 counted by that sequence; a data key that is made since begins after what it handed out, which is no fault.
$node->safe_psql('postgres', q{SELECT nextval('llm_admin.key_use_blocks'); SELECT llm_admin.put_llm_config('late', '{"provider": "groq", "apiKey": "sk-after-late-0123456789"}')});
is($node->safe_psql('postgres', $look), '', 'a data key made after the sequence was used: nothing is wrong');
told('levels of nobody', "INSERT INTO llm_admin.access_grants (role_name, level, granted_by) VALUES ('public', 'app', 'x'), ('pg_database_owner', 'app', 'x'), ('no''body', 'security', 'x');",
  q{level no'body security, level pg_database_owner app, level public app});
told('a level of another OID, as after a restore', "UPDATE llm_admin.access_grants SET role_oid = 1 WHERE role_name = 'desk';", 'level desk operator');
told('a level of 0.3 whose rights were not restored', "CREATE ROLE of03; INSERT INTO llm_admin.access_grants (role_name, level, granted_by) VALUES ('of03', 'app', 'x');", 'access of03 app');
told('a level whose rights are gone', "REVOKE USAGE ON SCHEMA llm_admin FROM reader;", 'access reader auditor');
told('a level of a role that was renamed', "ALTER ROLE desk RENAME TO office;", 'level desk operator');
told('ledger of another world', "INSERT INTO llm_admin.schema_migrations (id, version, name, direction, checksum, execution_time_ms, applied_by, fingerprint)
  SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, v, f, d, 'x', 1, 'root', 'x' FROM (VALUES (1, '9.9', 'llm_admin--9.9.sql', 'install'),
    (2, '0.2', 'llm_admin--0.2--0.1.sql', 'up'), (3, '0.2', '../etc', 'up')) AS r (n, v, f, d);",
  'migration ../etc, migration llm_admin--0.2--0.1.sql, migration llm_admin--9.9.sql');

# ---- triggers ----------------------------------------------------------------------------------------------

told('triggers off and on', join('', map { "ALTER TABLE $_ DISABLE TRIGGER ALL; ALTER TABLE $_ ENABLE TRIGGER ALL;" }
    'llm_admin.data_keys', 'llm_admin.llm_provider_config_history', $configs),
  'trigger trg_config_changed on llm_admin.llm_provider_config_history, trigger trg_data_key_replicated on llm_admin.data_keys, trigger trg_data_keys_changed on llm_admin.data_keys, trigger trg_lock_data_keys on llm_admin.data_keys, trigger trg_refuse_history_change on llm_admin.llm_provider_config_history, trigger trg_refuse_history_truncate on llm_admin.llm_provider_config_history');
told('a trigger off', "ALTER TABLE $configs DISABLE TRIGGER trg_log_provider_config_change;", 'trigger trg_log_provider_config_change on llm_admin.llm_provider_configs');
told('a trigger for replicas only', "ALTER TABLE llm_admin.llm_configs ENABLE REPLICA TRIGGER trg_validate_llm_config;", 'trigger trg_validate_llm_config on llm_admin.llm_configs');
told('a trigger that calls another function', "DROP TRIGGER trg_validate_llm_config ON llm_admin.llm_configs; CREATE TRIGGER trg_validate_llm_config BEFORE INSERT OR UPDATE ON llm_admin.llm_configs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.lock_llm_configs();", 'trigger trg_validate_llm_config on llm_admin.llm_configs');
# Those of a partition go and come with those of the whole. Months are made at run time: the reference knows none.
my @triggers = split /\n/, $node->safe_psql('postgres', q{SELECT concat(c.relname, '|', t.tgname, '|', t.tgparentid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE c.relnamespace = 'llm_admin'::regnamespace AND NOT tgisinternal AND c.relname !~ '_\d{4}_\d\d$' ORDER BY concat(c.relname, '|', t.tgname) COLLATE "C"});
my $dropped = join '', map { my ($table, $name, $parent) = split /\|/; $parent ? () : "DROP TRIGGER $name ON llm_admin.$table;" } @triggers;
told('every trigger dropped', $dropped, join ', ', sort map { my ($table, $name) = split /\|/; "trigger $name on llm_admin.$table" } @triggers);
# What the statements make is what the install made.
session('postgres', "$dropped\nSELECT statement FROM llm_admin.validate_schema() WHERE kind = 'trigger' AND verdict = 'error' \\gexec");
is(difference($as_installed, catalog($node, 'postgres')), '', 'triggers made again are those of the install');
$node->safe_psql('postgres', 'CREATE FUNCTION public.quiet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$');
told('a trigger of the user', 'CREATE TRIGGER mine BEFORE INSERT ON llm_admin.llm_configs FOR EACH ROW EXECUTE FUNCTION public.quiet();',
  'trigger mine on llm_admin.llm_configs', verdict => 'yours', no_statement => 1);
told('a table moved away', 'ALTER TABLE llm_admin.llm_configs SET SCHEMA public;', 'row security llm_configs, table llm_admin.llm_configs, tenant llm_configs');
told('a table renamed', 'ALTER TABLE llm_admin.llm_provider_config_history RENAME TO history;', 'history llm_provider_config_history, sequence sequences, table llm_admin.llm_provider_config_history');

# ---- what is missing ---------------------------------------------------------------------------------------

# Nothing that is gone keeps it from looking at the rest.
foreach my $gone ([ 'TABLE llm_admin.provider_tests', 'provider test provider_tests' ], [ 'TABLE llm_admin.root_keys', 'data key data_keys' ],
  [ 'TABLE llm_admin.access_grants', 'level access_grants' ], [ 'SEQUENCE llm_admin.key_use_blocks', 'sequence sequences' ])
{
  my ($what, $expected) = @$gone;
  my ($out, $stderr) = session('postgres', "BEGIN; ALTER EXTENSION llm_admin DROP $what; DROP $what CASCADE;\n$look;\nROLLBACK;");
  unlike($stderr, qr/ERROR/, "$what gone: it does not raise");
  like($out, qr/^\Q$expected\E$/m, "$what gone: told");
}
my ($out, $stderr) = session('postgres', "BEGIN; ALTER TABLE llm_admin.llm_configs RENAME COLUMN base_url TO url;\n$look;\nROLLBACK;");
like($out, qr/^tenant llm_configs$/m, 'a renamed column: told');
($out, $stderr) = session('desk', "BEGIN; SELECT llm_admin.enter_tenant('acme');\nSELECT object FROM llm_admin.validate_schema() WHERE kind = 'tenant'; ROLLBACK;");
is($out, "acme\nother tenants\nllm_configs", 'inside a tenant nothing is told of others');
is($node->safe_psql('postgres', $look), '', 'and all is well in the end');

$node->stop;
LlmAdmin::Hints::proves('055_after_load', dirname(__FILE__) . '/../..');
done_testing();
