# What would damage the audit log from outside: texts that are none, in settings given at connecting and in names of roles of
# another encoding; keys in columns that are for no keys; sessions that load, roll back or prepare; a log that was renamed,
# ids that come twice, partitions of partitions. After all of it the log is dumped and restored row for row.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Hints;
use LlmAdmin::Session qw(new_node failure);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('attacked', settings => "max_prepared_transactions = 2\n");
my $value = sub { return $node->safe_psql('postgres', $_[0]) };
my $last = 0;
# Runs SQL and returns what the log got by it.
my $written = sub {
  my ($sql) = @_;
  $value->($sql) if defined $sql;
  my $rows = $value->("SELECT concat_ws(' ', action_type, resource_type, nullif(CASE WHEN resource_type = 'data_key' THEN '' ELSE resource_id END, ''), nullif(details, '{}')) FROM llm_admin.audit_log WHERE id > $last ORDER BY id");
  $last = $value->('SELECT max(id) FROM llm_admin.audit_log');
  return $rows;
};
my $refusal = sub {
  my ($sql) = @_;
  my ($out, $err);
  $node->psql('postgres', "\\set VERBOSITY verbose\n$sql", stdout => \$out, stderr => \$err, on_error_stop => 1);
  return failure($err) // { state => '', message => $out };
};
$written->();

# ---- texts that are none -------------------------------------------------------------------------------------

foreach my $case ([ "\xff\xfe" => 'bytes of no character' ], [ "caf\xe9" => 'Latin-1' ], [ "\xed\xa0\x80" => 'half of a pair' ], [ "\xc0\xaf" => 'a long form' ], [ "\xf0\x9f" => 'a character cut short' ])
{
  my ($bytes, $what) = @$case;
  my ($out, $err);
  {
    local $ENV{PGOPTIONS} = "-c llm_admin.actor=$bytes -c llm_admin.user_agent=$bytes";
    $node->psql('postgres', <<'SQL', stdout => \$out, stderr => \$err);
INSERT INTO llm_admin.exchange_rates VALUES ('EUR', '2026-01-01', 1.09); DELETE FROM llm_admin.exchange_rates;
UPDATE llm_admin.llm_provider_configs SET description = coalesce(description, '') || '.' WHERE provider_name = 'groq';
SELECT llm_admin.set_model_price('a/b', '{"input": 0.001}') IS NOT NULL;
SQL
  }
  like($err, qr/invalid value for parameter "llm_admin\.actor"/, "$what: refused as the actor");
  like($err, qr/invalid value for parameter "llm_admin\.user_agent"/, "$what: and as the user agent");
}
is($value->(q{SELECT count(*), count(*) FILTER (WHERE user_id = session_user_name) FROM llm_admin.audit_log WHERE resource_type = 'exchange_rates'}), '10|10', 'what was written is by the role');

# A role that a database in Latin-1 made: its name is in every database, and no text in one in UTF-8.
$value->("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
$node->safe_psql('latin', q{SET client_encoding = 'UTF8'; CREATE ROLE "jürgen" SUPERUSER LOGIN});
my $oid = $value->(q{SELECT oid FROM pg_roles WHERE rolname::bytea = '\x6afc7267656e'});
like($oid, qr/^\d+$/, 'there is such a role');
my ($out, $err);
$node->psql('postgres', <<'SQL', stdout => \$out, stderr => \$err, extra_params => [ '-U', "j\xfcrgen" ]);
INSERT INTO llm_admin.exchange_rates VALUES ('GBP', '2026-01-01', 1.25);
UPDATE llm_admin.llm_provider_configs SET description = 'seen' WHERE provider_name = 'groq';
SELECT llm_admin.set_model_price('a/c', '{"input": 0.002}') IS NOT NULL;
SQL
is($err, '', 'it works here');
is($value->("SELECT string_agg(DISTINCT session_user_name || ' ' || user_id, ', ') FROM llm_admin.audit_log WHERE resource_id LIKE 'GBP/%'"), "j\x{ef}\x{bf}\x{bd}rgen j\x{ef}\x{bf}\x{bd}rgen", 'the log has its name as a text');
my $refused = $refusal->("SELECT llm_admin.grant_access(${oid}::oid::regrole, 'auditor')");
is("$refused->{state} $refused->{message}", "22023 the role's name is no text in this database", 'it gets no level');
LlmAdmin::Hints::followed($refused->{hint});
my ($statement) = $refused->{hint} =~ /^(ALTER ROLE .* ASCII letters>), in that database$/ or die $refused->{hint};
$statement =~ s/<role>/"jürgen"/;
$statement =~ s/<a name of ASCII letters>/juergen/;
$node->safe_psql('latin', "SET client_encoding = 'UTF8'; $statement");
is($value->("SELECT llm_admin.grant_access('juergen', 'auditor')"), 'auditor granted to juergen', 'under another name it does');
$written->();

# ---- keys in columns that are for none -----------------------------------------------------------------------

my @key = map { "sk-or-v1-$_-" . join '', map { ('a' .. 'z', 0 .. 9)[ int rand 36 ] } 1 .. 40 } 1 .. 9;
my $envelope = $value->("SELECT llm_admin.encrypt_key('$key[0]')");
$value->(<<"SQL");
INSERT INTO llm_admin.model_servers (name, type, host, port, metadata)
VALUES ('s', 'ollama', 'h', 11434, '{"note": "$key[1]", "nested": [{"api_key": "plain words, no form of a key", "X-Api-Key": {"of": "any kind"}}, ["$key[2]"]], "max_tokens": 5}');
UPDATE llm_admin.model_servers SET metadata = metadata || '{"note": "$key[3]"}', location = 'remote';
INSERT INTO llm_admin.llm_providers (name, type, api_key_encrypted, metadata) VALUES ('$key[4]', 'groq', llm_admin.encrypt_key('$key[5]'), '{"kept": "$envelope", "password": ""}');
INSERT INTO llm_admin.provider_aliases (alias, provider_name) VALUES ('$key[6]', 'groq');
DELETE FROM llm_admin.provider_aliases WHERE alias = '$key[6]';
SELECT llm_admin.grant_model('user', '$key[7]', 'openai/gpt-4o');
DELETE FROM llm_admin.model_permissions WHERE access_value = '$key[7]';
INSERT INTO llm_admin.model_aliases (pattern, canonical, provider) VALUES ('fast', '$key[8]', 'groq');
SQL
my $everything = $value->('SELECT l::text FROM llm_admin.audit_log l UNION ALL SELECT p::text FROM llm_admin.audit_payloads p');
is(join(',', grep { index($everything, $key[$_]) >= 0 } 0 .. $#key), '', 'no key stands in the log');
unlike($everything, qr/lma1\./, 'nor an envelope');
unlike($everything, qr/no form of a key|any kind/, 'nor what is named as one');
is($value->(q{SELECT new -> 'metadata' FROM llm_admin.audit_trail WHERE resource_type = 'model_servers' AND action_type = 'created'}),
  '{"note": "***", "nested": [{"api_key": "***", "X-Api-Key": "***"}, ["***"]], "max_tokens": 5}', 'each is said to be one, and the rest is there');
is($value->(q{SELECT old -> 'metadata' ->> 'note', new -> 'metadata' ->> 'note', new ->> 'location' FROM llm_admin.audit_trail WHERE resource_type = 'model_servers' AND action_type = 'updated'}),
  '***|***|remote', 'a change is told');
is($value->(q{SELECT new -> 'metadata' FROM llm_admin.audit_trail WHERE resource_type = 'llm_providers' AND action_type = 'created' AND new -> 'metadata' ? 'kept'}), '{"kept": "***", "password": ""}', 'what is empty is no secret');
is($value->(q{SELECT string_agg(action_type || ' ' || resource_id, ', ' ORDER BY id::bigint) FROM llm_admin.audit_trail WHERE resource_type = 'provider_aliases' AND resource_id LIKE '*%'}), 'created ***, deleted ***', 'nor is one in an id');
$written->();

# ---- loads ---------------------------------------------------------------------------------------------------

my $rates = "COPY llm_admin.exchange_rates FROM stdin;\nSEK\t2026-01-01 00:00:00+00\t0.09\n\\.\n";
my $aliases = "COPY llm_admin.provider_aliases FROM stdin;\nloaded\tgroq\t\\N\n\\.\n";
my $told = sub { return "loaded $_[0] {\"by\": \"" . ($_[1] // 'COPY of all columns') . '"}' };
is($written->("BEGIN;\n$rates${aliases}COMMIT;"), join("\n", $told->('exchange_rates'), $told->('provider_aliases')), 'each table that is loaded is told');
is($written->(q{DELETE FROM llm_admin.provider_aliases WHERE alias = 'loaded'; DELETE FROM llm_admin.exchange_rates WHERE currency = 'SEK'}) =~ s/ \{.*//gr,
  "deleted provider_aliases loaded\ndeleted exchange_rates SEK/2026-01-01T00:00:00.000000Z", 'what is no load is told row by row');
is($written->("BEGIN;\nSAVEPOINT s;\n${rates}ROLLBACK TO s;\n${rates}COMMIT;"), $told->('exchange_rates'), 'a load after one that was rolled back is told');
is($written->("SET llm_admin.restoring = on; INSERT INTO llm_admin.exchange_rates VALUES ('NOK', '2026-01-01', 0.1), ('DKK', '2026-01-01', 0.15); UPDATE llm_admin.exchange_rates SET usd = 2;"),
  join("\n", ($told->('exchange_rates', 'llm_admin.restoring')) x 2), 'so are rows written as loaded ones, once a transaction');

# Events are told in any session: an erasure without one would be a finding.
my $marks = q{SET search_path = ''; SET check_function_bodies = off; SET client_min_messages = warning;};
foreach my $session ('SET llm_admin.restoring = on;', $marks)
{
  my $payload = $value->('SELECT max(audit_id) FROM llm_admin.audit_payloads');
  is($written->("$session SELECT * FROM llm_admin.erase_audit_payload(ARRAY[$payload], 'request', 'law'); SELECT llm_admin.rotate_data_key();") =~ s/ \{.*//gr,
    "erased audit_payloads\ncreated data_key\nrotated data_key", "events of a session with $session");
}

# ---- transactions --------------------------------------------------------------------------------------------

is($written->("BEGIN; INSERT INTO llm_admin.exchange_rates VALUES ('CHF', '2026-01-01', 1.1); PREPARE TRANSACTION 'later'"), '', 'prepared: not there');
is($written->("COMMIT PREPARED 'later'"), 'created exchange_rates CHF/2026-01-01T00:00:00.000000Z {"key": {"currency": "CHF", "valid_from": "2026-01-01T00:00:00.000000Z"}}', 'committed: there');
is($written->("BEGIN; DELETE FROM llm_admin.exchange_rates; PREPARE TRANSACTION 'never'"), '', 'prepared once more');
is($written->("ROLLBACK PREPARED 'never'"), '', 'rolled back: never there');

# ---- damage by the owner -------------------------------------------------------------------------------------

foreach my $case (
  [ 'ALTER TABLE llm_admin.audit_log RENAME TO other', q{INSERT INTO llm_admin.exchange_rates VALUES ('PLN', '2026-01-01', 0.2)}, 'audit_log' ],
  [ 'ALTER TABLE llm_admin.audit_log SET SCHEMA public', 'SELECT llm_admin.rotate_data_key()', 'audit_log' ],
  [ 'ALTER TABLE llm_admin.audit_payloads RENAME TO other', q{INSERT INTO llm_admin.exchange_rates VALUES ('PLN', '2026-01-01', 0.2)}, 'audit_payloads' ],
  [ 'ALTER TABLE llm_admin.provider_history_leaves RENAME TO other', q{UPDATE llm_admin.llm_provider_configs SET description = 'unseen' WHERE provider_name = 'groq'}, 'provider_history_leaves' ])
{
  my ($damage, $sql, $table) = @$case;
  my $said = $refusal->("BEGIN; $damage; $sql;");
  is("$said->{state} $said->{message}", "42704 relation llm_admin.$table is missing", "$damage: nothing goes on unrecorded");
}

# Ids that come twice, as after a restore without the sequence: all of one id are erased.
my $twice = $value->('SELECT max(audit_id) FROM llm_admin.audit_payloads');
$value->(<<"SQL");
INSERT INTO llm_admin.audit_log SELECT id, "timestamp" - interval '1 day', user_id, action_type, resource_type, resource_id, details, ip_address, user_agent, tenant_id, session_user_name, xid, commitment, leaf
FROM llm_admin.audit_log WHERE id = $twice;
INSERT INTO llm_admin.audit_payloads SELECT audit_id, audit_time - interval '1 day', salt, old, new FROM llm_admin.audit_payloads WHERE audit_id = $twice;
SQL
is($value->("SELECT string_agg(outcome, ',') FROM llm_admin.erase_audit_payload(ARRAY[$twice], 'request', 'law')"), 'erased,erased', 'both are erased');
is($value->("SELECT count(*) FROM llm_admin.audit_payloads WHERE audit_id = $twice"), 0, 'and none is left');

# A month that is partitioned itself.
$value->(<<'SQL');
CREATE TABLE public.sub (LIKE llm_admin.audit_log INCLUDING DEFAULTS) PARTITION BY RANGE (id);
CREATE TABLE public.sub_1 PARTITION OF public.sub DEFAULT;
ALTER TABLE llm_admin.audit_log ATTACH PARTITION public.sub FOR VALUES FROM ('2019-01-01') TO ('2019-02-01');
INSERT INTO llm_admin.audit_log SELECT id, '2019-01-05', user_id, action_type, resource_type, resource_id, details, ip_address, user_agent, tenant_id, session_user_name, xid, commitment, leaf
FROM llm_admin.audit_log ORDER BY id LIMIT 1;
SQL
is($refusal->("SET session_replication_role = replica; $_")->{state}, 'LA020', $_)
  foreach 'UPDATE public.sub_1 SET leaf = NULL', 'DELETE FROM public.sub_1', 'DELETE FROM llm_admin.audit_log WHERE "timestamp" < $$2020-01-01$$';
$value->('ALTER TABLE llm_admin.audit_log DETACH PARTITION public.sub; DROP TABLE public.sub');

# ---- a dump of all that ---------------------------------------------------------------------------------------

my $sum = join ' UNION ALL ', map { "SELECT '$_ ' || count(*) || ' ' || md5(string_agg(t::text, chr(10) ORDER BY t::text COLLATE \"C\")) FROM llm_admin.$_ t" }
  qw(audit_log audit_payloads provider_history_leaves llm_provider_config_history model_price_history);
my $before = $value->($sum);
my $folder = PostgreSQL::Test::Utils::tempdir('attacked');
command_ok([ 'pg_dump', '-Fp', '-f', "$folder/dump", $node->connstr('postgres') ], 'dumped');
$value->('CREATE DATABASE back TEMPLATE template0');
my $restored = run_log([ 'psql', '-Xq', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('back'), '-f', "$folder/dump" ], '2>', \my $said);
ok($restored && $said eq '', 'restored without a word') or diag $said;
is($node->safe_psql('back', $sum), $before, 'row for row');

LlmAdmin::Hints::proves('121_audit_attacks', "$FindBin::Bin/../..");
done_testing();
