# Every HINT that holds a statement is run. The sources are read for them (LlmAdmin::Hints): each has a case here, which
# brings the error about, takes the statement out of its HINT as a reader would, with what stands in <> filled in,
# runs it, and shows that the cause is gone; or LlmAdmin::Hints gives it to another test, which fails unless it does so.
# A hint without either fails.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Hints;
use LlmAdmin::Session qw(new_node new_keyring failure);
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::Bin/../..";
our $path = new_keyring();
our $node = new_node('hints', keyring => $path);
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE op LOGIN; CREATE ROLE "My App" LOGIN; CREATE ROLE member; CREATE ROLE through IN ROLE member;
CREATE EXTENSION pgcrypto;
SELECT llm_admin.grant_access('op', 'operator'), llm_admin.grant_access('"My App"', 'operator');
SELECT llm_admin.put_llm_config('o''hara', '{"apiKey": "sk-or-0123456789abcdefghij"}');
SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij');
SELECT llm_admin.switch_active_provider('groq');
SQL

# ---- tools -------------------------------------------------------------------------------------------------

my %fill = (
  key => 'sk-or-v1-0123456789abcdefgh', provider => 'groq', 'another provider' => 'chatgpt', tenant => 'acme', role => 'op',
  passphrase => 'pass', name => 'some_name');

# The statement in a hint: from its first word of SQL on, without what explains it.
sub statement_in
{
  my ($hint, %with) = @_;
  my ($sql) = $hint =~ /((?:SELECT|INSERT|UPDATE|DELETE|ALTER|LOAD|GRANT|REVOKE|CREATE|SET|RESET|COMMIT|BEGIN|START) .*)/s or return;
  $sql =~ s/(?:; for a plain key| ends it| lists those| grants more|; for stored keys| shows| tells| lists every| adds (?:the|one|a|those) | adds (?:one|those)$| erases | gives them| drops months| after the upgrade| removes | with what else| and store| tells more|; after| after a restore|; it is three|, then |, or |, too$| first(?:;|$)).*//s;
  my %all = (%fill, %with);
  $sql =~ s/<([A-Za-z ]+)>/defined $all{$1} ? $all{$1} : die "nothing for <$1> in $hint"/ge;
  return $sql;
}

our %used;

sub session
{
  my ($user, $database) = @_;
  my $session = LlmAdmin::Session->new($node, $database);
  $session->ask(qq{SET ROLE "$user"}) if defined $user;
  return $session;
}

# Brings an error about in a session of $user, follows its hint (as a superuser where `as` says so), and asks again:
# what failed works, or the hint's statement gives what it promises (`gives`).
sub mends
{
  my ($what, $sql, %with) = @_;
  my $session = session($with{user}, $with{db});
  $session->ask($_) foreach @{ $with{before} // [] };
  my (undef, $stderr) = $session->ask($sql);
  my $failure = failure($stderr);
  my ($hint) = $failure ? $failure->{hint} : $stderr =~ /HINT:\s+(.*)/;
  ok(defined $hint, "$what: there is a hint") or do { diag($stderr); $session->quit; return };
  $used{$hint} = $what;
  my ($picked) = $with{pick} ? $hint =~ $with{pick} : $hint;
  my $statement = statement_in($picked // '', %{ $with{fill} // {} });
  if (!ok(defined $statement, "$what: with a statement: $hint")) { $session->quit; return }
  unlike($statement, qr/<(?!key)/, "$what: nothing is left to guess but a key");
  my $reader = $with{superuser} ? session() : $session;
  $reader->ask('ROLLBACK') if $with{rollback};
  $reader->ask("ROLLBACK TO SAVEPOINT $with{back}") if $with{back};
  my ($out, $error) = $reader->ask($statement);
  is(failure($error), undef, "$what: the statement runs: $statement") or diag($error);
  like($out, $with{gives}, "$what: and gives what it promises") if $with{gives};
  if (!$with{gives})
  {
    my (undef, $again) = $session->ask($with{then} // $sql);
    is(failure($again), undef, "$what: then it works") or diag($again);
  }
  $session->ask($_) foreach @{ $with{after} // [] };
  $reader->quit if $reader != $session;
  $session->quit;
  return;
}

# The same for rows of key_status().
sub status_mends
{
  my ($what, $item, %with) = @_;
  $node->safe_psql('postgres', $with{before}) if $with{before};
  my $hint = $node->safe_psql('postgres', "SELECT hint FROM llm_admin.key_status() WHERE item = '$item'");
  $used{$hint} = $what;
  my $statement = statement_in($hint, %{ $with{fill} // {} });
  ok(defined $statement, "$what: $hint") or return;
  my ($out, $err);
  is($node->psql('postgres', $statement, stdout => \$out, stderr => \$err, on_error_stop => 1), 0,
    "$what: the statement runs: $statement") or diag($err);
  $node->reload;
  my $value = $with{left} // 'ok';
  $node->poll_query_until('postgres', "SELECT verdict = '$value' FROM llm_admin.key_status() WHERE item = '$item'")
    or fail("$what: the verdict is not $value");
  pass("$what: then it is $value");
  $node->safe_psql('postgres', $with{after}) if $with{after};
  return;
}

# ---- providers ---------------------------------------------------------------------------------------------

$node->safe_psql('postgres', 'CREATE DATABASE empty');
$node->safe_psql('empty', 'CREATE EXTENSION llm_admin');
{
  my $session = LlmAdmin::Session->new($node, 'empty');
  my (undef, $err) = $session->ask("SELECT llm_admin.get_provider('chatgpt')");
  my $hint = failure($err)->{hint};
  $used{$hint} = 1;
  $session->ask(statement_in($hint));
  like($session->ask("SELECT llm_admin.get_provider('chatgpt')"), qr/chatgpt/, 'no providers: the hint adds them');
  $session->quit;
}
my $request = q{SELECT length((llm_admin.build_request('{"messages": [{"role": "user", "content": "x"}]}', %s)).url)};
mends('a name that is near', "SELECT llm_admin.get_provider('chatgtp')", gives => qr/^chatgpt$/m);
mends('a name that is not', "SELECT llm_admin.get_provider('nobody')", gives => qr/^chatgpt$/m);
mends('settings of nobody', q{SELECT llm_admin.import_admin_settings('{"provider": "nobody", "key": "x"}')},
  gives => qr/^/);
mends('no active provider', sprintf($request, 'NULL'),
  before => ['UPDATE llm_admin.llm_provider_configs SET is_active = false WHERE is_active']);
mends('settings without one', q{SELECT llm_admin.import_admin_settings('{"key": "gsk-0123456789abcdefghij"}')},
  before => ['UPDATE llm_admin.llm_provider_configs SET is_active = false WHERE is_active']);
mends('no key', "SELECT llm_admin.decrypt_provider_key('mistral')");
mends('a raw key',
  q{UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = 'raw-key-0123456789abcdef' WHERE provider_name = 'xai'},
  then => q{SELECT llm_admin.decrypt_provider_key('xai')});
mends('enabling without a key',
  q{UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'deepseek'},
  before => [q{UPDATE llm_admin.llm_provider_configs SET is_enabled = false WHERE provider_name = 'deepseek'}]);
mends('a disabled provider', sprintf($request, "'mistral'"),
  before => [q{UPDATE llm_admin.llm_provider_configs SET is_enabled = false WHERE provider_name = 'mistral'}]);
mends('switching to a disabled one', "SELECT llm_admin.switch_active_provider('mistral')",
  before => [q{UPDATE llm_admin.llm_provider_configs SET is_enabled = false WHERE provider_name = 'mistral'}],
  after => ["SELECT llm_admin.switch_active_provider('groq')"]);
mends('switching to one without a key', "SELECT llm_admin.switch_active_provider('mistral')",
  before => [q{UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = NULL WHERE provider_name = 'mistral'}],
  then => "SELECT llm_admin.decrypt_provider_key('mistral')", after => ["SELECT llm_admin.switch_active_provider('groq')"]);
mends('disabling the active one',
  "UPDATE llm_admin.llm_provider_configs SET is_enabled = false WHERE provider_name = 'groq'",
  after => ["UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'groq'"],
  fill => { 'another provider' => 'mistral' });
$node->safe_psql('postgres', "SELECT llm_admin.switch_active_provider('groq')");
mends('deleting the active one', "DELETE FROM llm_admin.llm_provider_configs WHERE provider_name = 'groq'",
  before => ['BEGIN; SAVEPOINT s'], fill => { 'another provider' => 'mistral' }, rollback => 1, after => ['ROLLBACK'],
  then => "BEGIN; DELETE FROM llm_admin.llm_provider_configs WHERE provider_name = 'groq'; ROLLBACK");
$node->safe_psql('postgres', "SELECT llm_admin.switch_active_provider('groq')");
mends('truncating', 'TRUNCATE llm_admin.llm_provider_configs', before => ['BEGIN; SAVEPOINT s'], rollback => 1,
  then => 'BEGIN; TRUNCATE llm_admin.llm_provider_configs; ROLLBACK');
mends('several at once',
  q{UPDATE llm_admin.llm_provider_configs SET is_active = true WHERE provider_name IN ('mistral', 'xai')},
  before => [q{UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'xai'}],
  then => 'SELECT 1', after => ["SELECT llm_admin.switch_active_provider('groq')"]);
mends('the history', 'DELETE FROM llm_admin.llm_provider_config_history', before => ['BEGIN; SAVEPOINT s'],
  rollback => 1, gives => qr/^/);
$node->safe_psql('postgres', 'SELECT * FROM llm_admin.seed()');
mends('an operation that is none', "SELECT llm_admin.build_operation('fly_away_now', 'groq', '{}')", gives => qr/list_models/);
mends('an invalid config', q{SELECT llm_admin.validate_config('{"version": "1.0"}', '{"version": "1.0"}')},
  fill => { 'request config' => '{"version": "1.0"}', 'response config' => '{}' }, gives => qr/payload_structure/);
mends('a stored one that is invalid', sprintf($request, "'cohere'"), before => [
  'SET session_replication_role = replica',
  'ALTER TABLE llm_admin.llm_provider_configs DISABLE TRIGGER USER',
  q{UPDATE llm_admin.llm_provider_configs SET request_builder_config = '{"version": "1.0"}', is_enabled = true WHERE provider_name = 'cohere'},
  'ALTER TABLE llm_admin.llm_provider_configs ENABLE ALWAYS TRIGGER USER',
  'RESET session_replication_role' ], gives => qr/payload_structure/)
  if $node->safe_psql('postgres', q{SELECT count(*) FROM llm_admin.llm_provider_configs WHERE provider_name = 'cohere'}) eq '1';
mends('what no parameter is', q{SELECT llm_admin.build_request('{}', 'groq')}, gives => qr/payload_structure/);

# ---- tenants -----------------------------------------------------------------------------------------------

mends('a tenant without a configuration', "SELECT llm_admin.decrypt_tenant_key('acme')");
mends("one that is asked for by an id of any kind", "SELECT llm_admin.decrypt_tenant_key('some id of a tenant')",
  fill => { tenant => 'some id of a tenant' });
mends('the first configuration without a key', q{SELECT llm_admin.put_llm_config('beta', '{"policy": "choice"}')});
mends('a row without a key', q{INSERT INTO llm_admin.llm_configs (tenant_id, provider) VALUES ('gamma', 'groq')},
  then => "SELECT llm_admin.decrypt_tenant_key('gamma')");
mends('a raw key of a tenant', q{UPDATE llm_admin.llm_configs SET api_key_encrypted = 'raw-0123456789abcdefg' WHERE tenant_id = 'o''hara'},
  then => q{SELECT llm_admin.decrypt_tenant_key('o''hara')});
mends('a configuration that is none', q{SELECT llm_admin.put_llm_config('acme', '[]')}, then => 'SELECT 1');
mends('a policy that is none', q{UPDATE llm_admin.llm_configs SET policy = 'mine' WHERE tenant_id = 'o''hara'},
  then => q{SELECT llm_admin.get_llm_config('o''hara')});
mends('another provider', q{UPDATE llm_admin.llm_configs SET provider = 'groq' WHERE tenant_id = 'o''hara'},
  then => q{SELECT llm_admin.decrypt_tenant_key('o''hara')});
mends('a word that is none', q{SELECT llm_admin.resolve_llm('o''hara', 'mine')}, gives => qr/byollm/);
mends('moving a key without the right', q{SELECT llm_admin.put_llm_config('o''hara', '{"baseUrl": "https://x.example.com", "keepKey": true}')},
  user => 'op', then => 'SELECT 1');
mends('a second tenant', "SELECT llm_admin.enter_tenant('beta')",
  before => [ 'BEGIN', "SELECT llm_admin.enter_tenant('acme')", 'SAVEPOINT s' ], rollback => 1,
  fill => {}, gives => qr/^/);
mends('no transaction', "SELECT llm_admin.enter_tenant('beta')", gives => qr/^/, after => ['ROLLBACK']);

# ---- rights, standbys, arguments ---------------------------------------------------------------------------

my $with_key = q{SELECT (llm_admin.build_request('{"messages": [{"role": "user", "content": "x"}]}', 'groq', true)).headers};
mends('a request with its key', $with_key, user => 'My App', superuser => 1);
mends("a tenant's request with its key",
  q{SELECT (llm_admin.build_tenant_request('o''hara', '{"messages": [{"role": "user", "content": "x"}]}', 'byollm', true)).headers},
  user => 'op', superuser => 1, after => [ 'RESET ROLE', "SELECT llm_admin.revoke_access('op', 'app')" ]);
mends('read only', "SELECT llm_admin.encrypt_key('x')", before => ['START TRANSACTION READ ONLY'], rollback => 1,
  after => ['ROLLBACK']);
mends('a level that was not granted', "SELECT llm_admin.revoke_access('op', 'auditor')", gives => qr/op/);
mends('no envelope', "SELECT llm_admin.key_fingerprint('groq')", gives => qr/^[0-9a-f]{8,}$/);
mends('a batch of none', 'SELECT llm_admin.reseal_keys(0)', gives => qr/^\d/);
mends('a sample of none', 'SELECT llm_admin.verify_keys(0)', gives => qr/^\d/);
mends('root key 0', 'SELECT llm_admin.rotate_root_key(0)', gives => qr/root key 1/);
mends('not by the owner', "SELECT llm_admin.grant_access('op', 'app')", user => 'op', before => [
  'RESET ROLE', 'GRANT USAGE ON SCHEMA llm_admin TO op',
  'GRANT EXECUTE ON FUNCTION llm_admin.grant_access(regrole, text) TO op', 'SET ROLE op' ],
  then => "SELECT llm_admin.grant_access('op', 'auditor')");
mends('pgcrypto without the right', "SELECT llm_admin.import_pgcrypto_key(pgp_sym_encrypt('sk-or-0123456789abcdefghij', 'pass')::text, 'pass')",
  user => 'op', superuser => 1, before => [ 'RESET ROLE', 'REVOKE EXECUTE ON FUNCTION pgp_sym_decrypt(bytea, text) FROM PUBLIC', 'SET ROLE op' ]);
mends('no value of pgcrypto', "SELECT llm_admin.import_pgcrypto_key('x', 'pass')", then => 'SELECT 1');
mends('no key in it', "SELECT llm_admin.import_pgcrypto_key(pgp_sym_encrypt(E'a\\nb', 'pass')::text, 'pass')",
  fill => { 'the key alone' => 'x' }, then => 'SELECT 1');
mends('a wrong passphrase', "SELECT llm_admin.import_pgcrypto_key(pgp_sym_encrypt('x', 'pass')::text, 'other')",
  fill => { ciphertext => $node->safe_psql('postgres', "SELECT pgp_sym_encrypt('x', 'pass')::text"), 'the passphrase it was made with' => 'pass' },
  then => 'SELECT 1');
mends('a value of pgcrypto', "SELECT llm_admin.decrypt_provider_key('xai')", before => [
  q{UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = pgp_sym_encrypt('sk-or-0123456789abcdefghij', 'pass')::text WHERE provider_name = 'xai'} ]);

# ---- limits ------------------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{INSERT INTO llm_admin.limits (id, scope, subject, what, amount, period) VALUES
  ('77777777-0000-4000-8000-000000000001', 'user', 'limited', 'requests', 1, 'total')});
mends('a grant that is changed', 'UPDATE llm_admin.limit_overrides SET extra = 2', gives => qr/^/, before => [
  q{INSERT INTO llm_admin.limit_overrides (limit_id, extra) VALUES ('77777777-0000-4000-8000-000000000001', 1)} ],
  fill => { limit => '77777777-0000-4000-8000-000000000001', extra => 1, time => '2100-01-01', reason => 'more' });
mends('a grant of no limit', q{INSERT INTO llm_admin.limit_overrides (limit_id, extra) VALUES ('77777777-0000-4000-8000-000000000009', 1)},
  gives => qr/^77777777-0000-4000-8000-000000000001/m);
mends('proposed limits', q{SELECT count(*) FROM llm_admin.simulate_limits('{"scope": "user"}', now())}, gives => qr/^/);
mends('too many subjects', q{SELECT count(*) > 2000 FROM llm_admin.simulate_limits('[{"scope": "user", "what": "requests", "amount": 1, "period": "day"},
  {"scope": "user", "what": "tokens", "amount": 1, "period": "day"}]', 'yesterday')}, fill => { size => '8MB' }, before => [
  q{SELECT count(*) FROM llm_admin.record_usage_batch((SELECT jsonb_agg(jsonb_build_object('provider', 'p', 'model', 'm', 'user_id', 'many ' || n)) FROM generate_series(1, 1500) n))},
  "SET llm_admin.max_output_bytes = '1kB'" ]);
mends('tickets of none', 'SELECT llm_admin.expire_quota_tickets(0)', gives => qr/^0$/m);
mends('limits by a snapshot', q{SELECT * FROM llm_admin.acquire_quota('limited', NULL, 'm')},
  before => ['START TRANSACTION ISOLATION LEVEL REPEATABLE READ'], rollback => 1, after => ['ROLLBACK']);
mends('a damaged ticket', 'SELECT llm_admin.expire_quota_tickets()', before => [
  q{INSERT INTO llm_admin.quota_tickets VALUES ('77777777-0000-4000-8000-000000000002', '', 'quota', '2020-01-01', '2020-01-02', '[1]')} ]);
mends('a damaged limit', q{SELECT * FROM llm_admin.acquire_quota('limited', NULL, 'm')}, before => [
  'SET session_replication_role = replica',
  q{INSERT INTO llm_admin.limits (id, scope, subject, model, what, amount, period) VALUES
    ('77777777-0000-4000-8000-000000000003', 'user', 'limited', '', 'requests', 1, 'total')},
  'RESET session_replication_role' ], after => [ q{DELETE FROM llm_admin.limits WHERE subject = 'limited'} ]);
mends('a damaged counter', q{SELECT * FROM llm_admin.acquire_quota('endless', NULL, 'm')}, before => [
  q{INSERT INTO llm_admin.limits (id, scope, subject, what, amount, period) VALUES
    ('77777777-0000-4000-8000-000000000004', 'user', 'endless', 'requests', 1, 'total')},
  q{INSERT INTO llm_admin.limit_counters VALUES ('77777777-0000-4000-8000-000000000004', '', 'endless', 0, '-infinity', 1e70)} ],
  after => [ q{DELETE FROM llm_admin.limits WHERE subject = 'endless'} ]);

# ---- key_status --------------------------------------------------------------------------------------------

foreach my $setting (
  [ 'log_statement', 'all' ], [ 'log_min_duration_statement', '0' ], [ 'log_min_duration_sample', '0' ],
  [ 'log_transaction_sample_rate', '1' ], [ 'debug_print_parse', 'on' ], [ 'debug_print_rewritten', 'on' ],
  [ 'debug_print_plan', 'on' ], [ 'log_parameter_max_length', '-1' ], [ 'log_parameter_max_length_on_error', '-1' ])
{
  my ($name, $value) = @$setting;
  $node->safe_psql('postgres', "ALTER SYSTEM SET $name = '$value'; ");
  $node->reload;
  $node->poll_query_until('postgres', "SELECT hint IS NOT NULL FROM llm_admin.key_status() WHERE item = '$name'") or die;
  status_mends($name, $name);
}
foreach my $reach ([ 'read', 'pg_read_server_files' ], [ 'write', 'pg_write_server_files' ])
{
  my ($how, $role) = @$reach;
  status_mends("roles that $how files", "roles that $how the server''s files", before => "GRANT $role TO member");
}
status_mends('roles that run programs', "roles that run the server''s programs", before => 'GRANT pg_execute_server_program TO member');
status_mends('roles that import', "roles that import the server''s files",
  before => 'GRANT EXECUTE ON FUNCTION pg_catalog.lo_import(text) TO member, op');
status_mends('the preload', 'library in every session');
status_mends('keys by an older data key', 'keys sealed by an older data key', before => 'SELECT llm_admin.rotate_data_key()');

# ---- others ------------------------------------------------------------------------------------------------

require "$FindBin::Bin/../perl/hint_cases/$_.pl" foreach qw(keys access models usage access_keys calls);

# ---- none is forgotten -------------------------------------------------------------------------------------

# Those that nobody can run here, and why.
push our @nobody, (
  [ 'keys/status_server.cpp', qr/pgaudit/, 'a module that is not of the server' ],
  [ 'core/keys/openpgp.cpp', qr/BEGIN PGP/, 'no hint' ],
  [ 'core/mapping/stream/stream.cpp', qr/"stream"/, 'the value is an outline' ],
  [ 'ledger/migration_status.cpp', qr/UPDATE/, 'a version later than the newest' ],
  [ 'ledger/check_requirements.cpp', qr/createdb/, 'a command of the shell and the name of a database to come' ],
  [ 'ledger/drop_columns.cpp', qr/DROP COLUMN/, 'no hint' ],
  [ 'ledger/drop_tables.cpp', qr/^SELECT pg_catalog\.count/, 'no hint' ],
  [ 'pg/settings.cpp', qr/./, 'no hint' ],
  [ 'usage/retention.cpp', qr/count\(\*\) FROM ONLY/, 'no hint' ],
  [ 'roles/access.cpp', qr/after the upgrade/, "said within an extension's script" ],
  [ 'ledger/check_grants.cpp', qr/GRANT OPTION/, 'a part of a statement that 044_schema_check runs' ],
  [ 'ledger/repair_schema.cpp', qr/after the upgrade/, 'likewise' ],
  [ 'calls/explain.cpp', qr/./, 'no hint' ]);

sub shown
{
  my ($text) = @_;
  return scalar grep { LlmAdmin::Hints::is_one_of($_, $text) } keys %used;
}
foreach my $test (sort keys %LlmAdmin::Hints::of_tests)
{
  like(slurp_file("$FindBin::Bin/$test.pl"), qr/LlmAdmin::Hints::proves\('$test'/, "$test proves that it runs the hints that are said to be its own");
}
my @forgotten;
my $count = 0;
foreach my $hint (LlmAdmin::Hints::of($top))
{
  $count++;
  next if shown($hint->{text});
  next if LlmAdmin::Hints::test_of($hint);
  next if grep { index($hint->{file}, $_->[0]) >= 0 && $hint->{text} =~ $_->[1] } @nobody;
  push @forgotten, "$hint->{file}:$hint->{line}: $hint->{text}";
}
cmp_ok($count, '>', 60, "the sources have hints with statements: $count");
is(join("\n", @forgotten), '', 'each has a case here, or a test that runs it');

$node->stop;
done_testing();
