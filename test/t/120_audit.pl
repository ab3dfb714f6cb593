# The audit log as another program sees it: every leaf and commitment computed anew by code that shares nothing with the
# library, whatever settings the writing session had; events with their numbers; no key anywhere in it; dumped and
# restored row for row, months and all; and who waits for whom when a month is made.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::AuditLeaf qw(commitment leaf);
use LlmAdmin::Canary qw(canary found_in);
use LlmAdmin::Session qw(new_node new_keyring failure);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my %root = map { $_ => join '', map { sprintf '%02x', int rand 256 } 1 .. 32 } 1 .. 2;
my $ring = new_keyring(1, $root{1});
append_to_file($ring, "2:$root{2}\n");
my $node = new_node('audit', keyring => $ring);
my @key = map { canary($_) } qw(tenant tenant-second provider account column);

# ---- what happens --------------------------------------------------------------------------------------------

my @settings = (
  "SET timezone = 'Asia/Kathmandu'; SET datestyle = 'German, DMY'",
  "SET bytea_output = 'escape'; SET intervalstyle = 'sql_standard'; SET extra_float_digits = -15",
  "SET client_encoding = 'LATIN1'; SET llm_admin.actor = 'J\xfcrgen'; SET llm_admin.user_agent = 'caf\xe9/1'",
  "SET search_path = pg_temp; SET quote_all_identifiers = on; SET xmlbinary = 'hex'",
  "SET lc_messages = 'C'; SET default_transaction_isolation = 'repeatable read'");
my $changes = <<'SQL';
INSERT INTO llm_admin.model_permissions (model_id, access_type, access_value) VALUES ('openai/gpt-4o', 'user', 'acme/u%1$d');
UPDATE llm_admin.model_permissions SET allowed = false WHERE access_value = 'acme/u%1$d';
INSERT INTO llm_admin.exchange_rates VALUES ('EUR', '2026-01-0%1$d 10:00:00.000001+00', 1.0%1$d0);
UPDATE llm_admin.exchange_rates SET usd = usd * 1.1 WHERE valid_from = '2026-01-0%1$d 10:00:00.000001+00';
INSERT INTO llm_admin.model_servers (name, type, host, port, metadata)
VALUES ('s%1$d', 'ollama', 'h%1$d', 11434, '{"b": [1.50, -1e-7, {"zz": null, "a": true}], "aa": "x\ty\u0001\"", "": {}, "ä": "ö𝛼"}');
UPDATE llm_admin.model_servers SET host = 'other%1$d', health_status = 'online' WHERE name = 's%1$d';
INSERT INTO llm_admin.user_tiers (tenant_id, user_id, tier_code) VALUES ('acme', 'u%1$d', 'free');
DELETE FROM llm_admin.user_tiers WHERE user_id = 'u%1$d';
UPDATE llm_admin.llm_provider_configs SET description = 'no. %1$d' WHERE provider_name = 'groq';
SQL
foreach my $n (0 .. $#settings)
{
  my $utf8 = $settings[$n] =~ /LATIN1/ ? "; SET client_encoding = 'UTF8'" : '';
  $node->safe_psql('postgres', "$settings[$n]$utf8;\n" . sprintf($changes, $n + 1));
}
my $log = sub { return $node->safe_psql('postgres', $_[0]) };
my $before = $log->('SELECT max(id) FROM llm_admin.audit_log');
$node->safe_psql('postgres', <<"SQL");
SET llm_admin.actor = 'officer';
SELECT llm_admin.set_provider_key('groq', '$key[2]');
SELECT llm_admin.put_llm_config('acme', '{"provider": "openrouter", "apiKey": "$key[0]"}');
SELECT llm_admin.put_llm_config('acme', '{"apiKey": "$key[1]"}');
INSERT INTO llm_admin.llm_providers (name, type, api_key_encrypted) VALUES ('main', 'groq', llm_admin.encrypt_key('$key[3]'));
INSERT INTO llm_admin.llm_configs (tenant_id, api_key_encrypted, updated_at) VALUES ('column', 'kms:v1:$key[4]', now());
SELECT llm_admin.rotate_data_key('acme'), llm_admin.rotate_data_key();
SELECT llm_admin.reseal_keys();
SELECT llm_admin.rotate_root_key(2);
SELECT llm_admin.shred_tenant_keys('acme');
SELECT llm_admin.new_installation();
CREATE ROLE watcher; SELECT llm_admin.grant_access('watcher', 'auditor');
SELECT llm_admin.refresh_access(); SELECT llm_admin.revoke_access('watcher', 'auditor');
SQL

# ---- events --------------------------------------------------------------------------------------------------

is($log->(<<"SQL"), <<'EVENTS' =~ s/\n\z//r, 'what has no row of its own is told, with numbers, in the order in which it happened');
SELECT concat_ws(' ', action_type, resource_type, nullif(CASE WHEN resource_type = 'data_key' THEN '' ELSE resource_id END, ''), nullif(tenant_id, ''), details)
FROM llm_admin.audit_log WHERE id > $before AND resource_type IN ('root_key', 'data_key', 'stored_key', 'installation', 'role') ORDER BY id
SQL
created root_key 1 {}
created data_key {"version": 1, "root_key": 1}
created data_key acme {"version": 1, "root_key": 1}
created data_key acme {"version": 2, "root_key": 1}
rotated data_key acme {"version": 2}
created data_key {"version": 2, "root_key": 1}
rotated data_key {"version": 2}
resealed stored_key {"resealed": 3, "remaining": 0, "unreadable": 0}
created root_key 2 {}
rotated root_key 2 {"damaged": 0, "data_keys": 4}
shredded data_key acme {"data_keys": 2, "stored_keys": 1, "stored_keys_left": 0}
renewed installation {"tenant_keys": 0, "provider_keys": 1, "data_keys_made": 1, "data_keys_deleted": 2}
granted role watcher {"level": "auditor"}
refreshed role {"levels": 1, "by_name": 0}
revoked role watcher {"level": "auditor"}
EVENTS
is($log->("SELECT count(*) FROM llm_admin.audit_log WHERE id > $before AND user_id <> 'officer'"), 0, 'all of it by whom the session said');

# ---- no key --------------------------------------------------------------------------------------------------

my $everything = $log->('SELECT l::text FROM llm_admin.audit_log l UNION ALL SELECT p::text FROM llm_admin.audit_payloads p');
is(found_in($everything, qr/./) // '', '', 'no key stands in it, raw or encoded');
unlike($everything, qr/lma1\./, 'and no envelope');
my $told = $log->("SELECT count(*) FROM llm_admin.audit_payloads WHERE new -> 'api_key_encrypted' = '{\"changed\": true}'");
cmp_ok($told, '>=', 4, 'but that keys were set is told');

# ---- leaves --------------------------------------------------------------------------------------------------

# Texts in hexadecimal, so that nothing of psql's or of the settings stands between; '' for NULL, '-' in front of others.
sub hex_of { return "coalesce('-' || encode(convert_to($_[0]::text, 'UTF8'), 'hex'), '')" }
sub from_hex { my ($text) = @_; return length $text ? pack 'H*', substr $text, 1 : undef }
my @fields = qw(tenant_id user_id session_user_name action_type resource_type resource_id details ip_address user_agent);

sub check_leaves
{
  my ($what, $on, $database) = @_;
  my $rows = $on->safe_psql($database, 'SELECT l.id, (extract(epoch FROM l.timestamp) * 1000000)::bigint, encode(l.leaf, $$hex$$), '
      . 'coalesce(encode(l.commitment, $$hex$$), $$$$), coalesce(encode(p.salt, $$hex$$), $$$$), ' . hex_of('p.old') . ', ' . hex_of('p.new') . ', '
      . join(', ', map { hex_of("l.$_") } @fields)
      . ' FROM llm_admin.audit_log l LEFT JOIN llm_admin.audit_payloads p ON p.audit_id = l.id AND p.audit_time = l.timestamp WHERE l.id < 100000');
  my ($count, $payloads, @wrong) = (0, 0);
  foreach my $line (split /\n/, $rows)
  {
    my ($id, $microseconds, $leaf, $commitment, $salt, $old, $new, @values) = split /\|/, $line, -1;
    my %row = (id => $id, microseconds => $microseconds, commitment => $commitment eq '' ? undef : pack 'H*', $commitment);
    @row{@fields} = map { from_hex($_) } @values;
    $count++;
    push @wrong, "leaf of $id" if unpack('H*', leaf(\%row)) ne $leaf;
    next if $salt eq '';
    $payloads++;
    push @wrong, "commitment of $id" if unpack('H*', commitment(pack('H*', $salt), from_hex($old), from_hex($new))) ne $commitment;
  }
  is_deeply(\@wrong, [], "$what: $count leaves and $payloads commitments are what another program makes of the rows");
  return ($count, $payloads);
}
my ($count, $payloads) = check_leaves('written under all settings', $node, 'postgres');
cmp_ok($count, '>', 100, 'many rows');
cmp_ok($payloads, '>', 80, 'many payloads');
my $history = $log->('SELECT l.audit_id, (extract(epoch FROM h.changed_at) * 1000000)::bigint, encode(l.leaf, $$hex$$), '
    . join(', ', map { hex_of($_) } 'h.changed_by', 'h.session_user_name', 'h.action', 'h.provider_name',
    'jsonb_build_object($$id$$, h.id, $$provider_id$$, h.provider_id, $$config_version$$, h.config_version, $$current_user_name$$, h.current_user_name, $$config_snapshot$$, h.config_snapshot)')
    . ' FROM llm_admin.provider_history_leaves l RIGHT JOIN llm_admin.llm_provider_config_history h ON h.id = l.history_id');
my @wrong = grep {
  my ($id, $microseconds, $leaf, @values) = split /\|/, $_, -1;
  my %row = (id => $id, microseconds => $microseconds, tenant_id => '', resource_type => 'llm_provider_configs');
  @row{qw(user_id session_user_name action_type resource_id details)} = map { from_hex($_) } @values;
  $id eq '' || unpack('H*', leaf(\%row)) ne $leaf
} split /\n/, $history;
is_deeply(\@wrong, [], 'so are those of the history of providers: ' . (() = $history =~ /^/mg) . ' of them');
is($log->('SELECT count(*) FROM llm_admin.audit_log l JOIN llm_admin.provider_history_leaves h ON h.audit_id = l.id'), 0, 'no id stands in both');

# ---- months, dumps -------------------------------------------------------------------------------------------

# A month that is a member of the extension, as maintain_partitions() makes one, with rows of its own, copies under other
# ids. Tables with foreign keys are empty: a parallel restore does not keep the order of theirs.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE llm_admin.audit_log_2020_01 (LIKE llm_admin.audit_log INCLUDING DEFAULTS);
CREATE TABLE llm_admin.audit_payloads_2020_01 (LIKE llm_admin.audit_payloads INCLUDING DEFAULTS);
ALTER TABLE llm_admin.audit_log ATTACH PARTITION llm_admin.audit_log_2020_01 FOR VALUES FROM ('2020-01-01 00:00:00+00') TO ('2020-02-01 00:00:00+00');
ALTER TABLE llm_admin.audit_payloads ATTACH PARTITION llm_admin.audit_payloads_2020_01 FOR VALUES FROM ('2020-01-01 00:00:00+00') TO ('2020-02-01 00:00:00+00');
ALTER EXTENSION llm_admin ADD TABLE llm_admin.audit_log_2020_01;
ALTER EXTENSION llm_admin ADD TABLE llm_admin.audit_payloads_2020_01;
DELETE FROM llm_admin.tier_model_rules;
INSERT INTO llm_admin.audit_log SELECT 100000 + id, '2020-01-05', user_id, action_type, resource_type, resource_id, details, '10.1.0.0/16',
  user_agent, tenant_id, session_user_name, xid, commitment, leaf FROM llm_admin.audit_log WHERE id < 20;
INSERT INTO llm_admin.audit_payloads SELECT 100000 + audit_id, '2020-01-05', salt, old, new FROM llm_admin.audit_payloads WHERE audit_id < 20;
SQL
is($log->('SELECT count(*) > 0 FROM llm_admin.audit_log_2020_01'), 't', 'a month holds rows');
my $digest = <<'SQL';
SELECT (SELECT concat(count(*), ' ', md5(string_agg(l::text, E'\n' ORDER BY id))) FROM llm_admin.audit_log l),
  (SELECT concat(count(*), ' ', md5(string_agg(p::text, E'\n' ORDER BY audit_id))) FROM llm_admin.audit_payloads p),
  (SELECT concat(count(*), ' ', md5(string_agg(v::text, E'\n' ORDER BY audit_id))) FROM llm_admin.provider_history_leaves v),
  (SELECT concat(last_value, is_called) FROM llm_admin.audit_log_id_seq)
SQL
my $digest_before = $log->($digest);
my $folder = PostgreSQL::Test::Utils::tempdir('dumps');
my %way = (
  plain => [ [ '-Fp' ], 'psql' ],
  inserts => [ [ '-Fp', '--inserts' ], 'psql' ],
  custom => [ [ '-Fc' ], 'restore', '-j2' ],
  directory => [ [ '-Fd', '-j2' ], 'restore', '-j2' ]);
foreach my $way (sort keys %way)
{
  my ($options, $by, @more) = @{ $way{$way} };
  my $file = "$folder/$way";
  my $dumped = run_log([ 'pg_dump', @$options, '-f', $file, $node->connstr('postgres') ], '2>', \my $dump_said);
  ok($dumped && $dump_said eq '', "$way: dumped without a word") or diag $dump_said;
  $node->safe_psql('template1', "CREATE DATABASE $way TEMPLATE template0");
  my @command = $by eq 'psql' ? ('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($way), '-f', $file)
    : ('pg_restore', '-d', $node->connstr($way), @more, $file);
  my $restored = run_log(\@command, '>', \my $out, '2>', \my $said);
  ok($restored && $said eq '', "$way: restored without a word") or diag $said;
  is($node->safe_psql($way, $digest), $digest_before, "$way: equal row for row, the sequence too");
  is($node->safe_psql($way, 'SELECT count(*) FROM llm_admin.audit_log_default'), $log->('SELECT count(*) FROM llm_admin.audit_log'), "$way: all of it in the default partition");
}
check_leaves('restored', $node, 'plain');
is($node->safe_psql('plain', <<'SQL'), 't|created', 'and the log goes on after the last id');
INSERT INTO llm_admin.exchange_rates VALUES ('JPY', '2026-01-01', 0.0065);
SELECT id > (SELECT count(*) FROM llm_admin.audit_log WHERE id < 100000) - 1, action_type FROM llm_admin.audit_log ORDER BY timestamp DESC, id DESC LIMIT 1
SQL

# ---- a month is made beside a writer -------------------------------------------------------------------------

# In a database where none is made yet.
$node->safe_psql('template1', 'CREATE DATABASE months TEMPLATE template0');
$node->safe_psql('months', 'CREATE EXTENSION llm_admin');
my ($maker, $writer) = map { LlmAdmin::Session->new($node, 'months') } 1 .. 2;
my ($from, $until) = split /\|/, $log->(q{SELECT date_trunc('month', now(), 'UTC'), date_trunc('month', now(), 'UTC') + interval '1 month 1 day'});
$maker->ask(<<"SQL");
BEGIN;
LOCK TABLE llm_admin.audit_payloads_default IN ACCESS EXCLUSIVE MODE;
CREATE TABLE llm_admin.audit_payloads_now (LIKE llm_admin.audit_payloads);
SET LOCAL session_replication_role = replica;
ALTER TABLE llm_admin.audit_payloads DETACH PARTITION llm_admin.audit_payloads_default;
ALTER TABLE llm_admin.audit_payloads ATTACH PARTITION llm_admin.audit_payloads_now FOR VALUES FROM ('$from') TO ('$until')
SQL
$writer->send(q{INSERT INTO llm_admin.exchange_rates VALUES ('SEK', '2026-01-01', 0.09)});
$node->poll_query_until('postgres', "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = " . $writer->pid) or die 'the writer does not wait';
$maker->ask('COMMIT');
is(($writer->answer)[1], '', 'a writer waits for the month and goes on');
is($node->safe_psql('months', q{SELECT new ->> 'currency' FROM llm_admin.audit_payloads_now}), 'SEK', 'its payload stands in the month that was made meanwhile');
$_->quit foreach $maker, $writer;

# ---- where nothing can be written ----------------------------------------------------------------------------

my (undef, undef, $refused) = $node->psql('plain', "\\set VERBOSITY verbose\nSET default_transaction_read_only = on;\nSELECT * FROM llm_admin.erase_audit_payload('{1}', 'x', 'y')");
is((failure($refused) // {})->{state}, '25006', 'nothing is erased in a read-only transaction');
is($node->safe_psql('plain', q{SELECT outcome FROM llm_admin.erase_audit_payload(ARRAY(SELECT min(audit_id) FROM llm_admin.audit_payloads), 'request', 'law')}), 'erased', 'elsewhere it is');
check_leaves('after an erasure', $node, 'plain');
done_testing();
