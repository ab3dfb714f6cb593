# How often each data key has sealed: counted for each by itself, in its row and in place, so that nothing forgets a use:
# no rollback, no kill, no crash, no dump, no promotion, no change of the row beside it. 2^30 a key, and then no more.
use strict;
use warnings;

use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use File::Basename qw(dirname);
use LlmAdmin::Hints;
use LlmAdmin::Catalog qw(born);
use LlmAdmin::Session qw(new_node new_keyring failure);

my $ring = new_keyring();
my $node = new_node('key_uses', keyring => $ring, streaming => 1, settings => "autovacuum = off\nmax_connections = 40\nrestart_after_crash = on\n");
sub value { return $node->safe_psql('postgres', $_[0]) }

my $key = 'sk-or-of-a-tenant-0123456789';
sub put { return qq{SELECT llm_admin.put_llm_config('$_[0]', '{"apiKey": "$key"}') IS NOT NULL} }
sub uses { return value("SELECT uses FROM llm_admin.data_keys WHERE tenant_id IS NOT DISTINCT FROM " . ($_[0] ? "'$_[0]'" : 'NULL') . ' ORDER BY version DESC LIMIT 1') }
my $seal = q{SELECT count(llm_admin.encrypt_key('x' || n)) FROM generate_series(1, %d) AS n};

value('CREATE EXTENSION llm_admin_test');
value(put($_)) for qw(a b);
value($seal =~ s/%d/1/r);

# ---- each key for itself -----------------------------------------------------------------------------------

my %before = map { $_ => uses($_) } 'a', 'b', '';
cmp_ok($before{b}, '<=', 64, 'a session that seals once takes few uses');
value($seal =~ s/%d/5000/r);
cmp_ok(uses('') - $before{''}, '>=', 5000, 'the installation\'s key counts what it seals');
cmp_ok(uses('') - $before{''}, '<=', 5000 + 2048, 'in blocks, and little more');
is(uses($_), $before{$_}, "and that counts for nobody else: $_") for qw(a b);
value(q{SELECT llm_admin.decrypt_tenant_key('a') FROM generate_series(1, 100)}) for 1 .. 3;
is(uses('a'), $before{a}, 'opening counts nothing');
foreach my $n (1 .. 20)
{
  value(put('a'));
}
cmp_ok(uses('a') - $before{a}, '<=', 20 * 16, 'twenty short sessions take a small block each');
cmp_ok(uses('a') - $before{a}, '>=', 20, 'and each takes one');
is(uses('b'), $before{b}, 'of that tenant\'s key alone');
is(value('SELECT is_called FROM llm_admin.key_use_blocks'), 'f', 'the sequence of old is not advanced');
is(value(q{SELECT min(uses) >= 1 FROM llm_admin.data_keys}), 't', 'a key that is made takes its first uses with it');

# ---- rollbacks ---------------------------------------------------------------------------------------------

my $session = LlmAdmin::Session->new($node);
my $was = uses('');
$session->ask('BEGIN');
$session->ask($seal =~ s/%d/3000/r);
cmp_ok(uses('') - $was, '>=', 3000, 'others see the uses before the commit');
$session->ask('ROLLBACK');
cmp_ok(uses('') - $was, '>=', 3000, 'a rollback takes none back');
$was = uses('');
$session->ask('BEGIN; SAVEPOINT s');
$session->ask($seal =~ s/%d/3000/r);
$session->ask('ROLLBACK TO s; COMMIT');
cmp_ok(uses('') - $was, '>=', 3000, 'nor does a savepoint');

# A transaction that has rewritten the row itself: the older version, too, is counted, which a rollback brings back.
foreach my $rewrites ('UPDATE llm_admin.data_keys SET created_at = created_at', 'SELECT llm_admin.rotate_data_key(\'b\'); UPDATE llm_admin.data_keys SET created_at = created_at',
  'SAVEPOINT s; UPDATE llm_admin.data_keys SET created_at = created_at; SAVEPOINT t; UPDATE llm_admin.data_keys SET created_at = created_at; RELEASE t; ROLLBACK TO s')
{
  $was = uses('');
  $session->ask("BEGIN; $rewrites");
  $session->ask($seal =~ s/%d/3000/r);
  $session->ask('ROLLBACK');
  cmp_ok(uses('') - $was, '>=', 3000, "a rollback of $rewrites takes none back");
  $was = uses('');
  $session->ask("BEGIN; $rewrites");
  $session->ask($seal =~ s/%d/3000/r);
  $session->ask('COMMIT');
  cmp_ok(uses('') - $was, '>=', 3000, "nor does its commit");
}

# A row that is changed by hand and the counting wait for each other.
$was = uses('');
$session->ask('BEGIN; UPDATE llm_admin.data_keys SET created_at = created_at');
my $sealer = LlmAdmin::Session->new($node);
$sealer->send($seal =~ s/%d/100/r);
$node->poll_query_until('postgres', 'SELECT wait_event_type = \'Lock\' FROM pg_stat_activity WHERE pid = ' . $sealer->pid) or die 'it never waited';
$session->ask('COMMIT');
is(($sealer->answer)[0], '100', 'who seals waits for a change of the row by hand');
cmp_ok(uses('') - $was, '>=', 100, 'and counts in the new row');
$sealer->quit;

# ---- many at once ------------------------------------------------------------------------------------------

# 8 sessions, each a new one for each transaction, seal under one key, while its row is vacuumed, rewritten and wrapped anew.
my $folder = PostgreSQL::Test::Utils::tempdir('sealers');
my ($clients, $transactions, $each) = (8, 25, 20);
append_to_file("$folder/seal.sql", "SELECT count(llm_admin.encrypt_key('x' || n)) FROM generate_series(1, $each) AS n;\n");
sub sealers
{
  my ($what, $options, @beside) = @_;
  my $from = uses('');
  my ($out, $err) = ('', '');
  local %ENV = $node->_get_env();
  my $bench = IPC::Run::start([ $node->installed_command('pgbench'), '-n', @$options, '-c', $clients, '-j', 1, '-t', $transactions,
      '-f', "$folder/seal.sql", 'postgres' ], '<', \'', '>', \$out, '2>', \$err);
  foreach my $sql (@beside)
  {
    value($sql);
  }
  $bench->finish;
  unlike($err, qr/error|ERROR/, "$what: no sealer met an error") or diag $err;
  cmp_ok(uses('') - $from, '>=', $clients * $transactions * $each, "$what: no use is lost");
  return;
}
sealers('short sessions', ['-C']);
sealers('long sessions', []);
sealers('beside VACUUM and rewriting', ['-C'], ('VACUUM llm_admin.data_keys', 'VACUUM FULL llm_admin.data_keys', 'UPDATE llm_admin.data_keys SET created_at = created_at') x 4);
append_to_file($ring, '2:' . ('ab' x 32) . "\n");
sealers('beside a rotation of the root key', ['-C'], (map { "SELECT * FROM llm_admin.rotate_root_key($_)" } 2, 1, 2, 1));

# ---- kill -9 -----------------------------------------------------------------------------------------------

sub after_crash
{
  my ($session) = @_;
  my $end_of_log = -s $node->logfile;
  kill 'KILL', $session->pid;
  $node->wait_for_log(qr/database system is ready to accept connections/, $end_of_log);
  $node->poll_query_until('postgres', 'SELECT true') or die;
  $session->quit;
  return;
}
foreach my $checkpoint (0, 1)
{
  value('CHECKPOINT') if $checkpoint;
  my $victim = LlmAdmin::Session->new($node);
  $was = uses('');
  $victim->ask('SET synchronous_commit = off; BEGIN');
  $victim->ask($seal =~ s/%d/2000/r);
  my $seen = uses('');
  cmp_ok($seen - $was, '>=', 2000, 'uses are counted in a transaction that will not end');
  after_crash($victim);
  cmp_ok(uses(''), '>=', $seen, 'and the server\'s crash takes none back');
}
$session = LlmAdmin::Session->new($node);
$session->ask(q{SELECT llm_admin_test.stop_at('key_uses.taken', 'kill')});
$was = uses('');
my $end_of_log = -s $node->logfile;
$session->ask($seal =~ s/%d/1/r);
$node->wait_for_log(qr/database system is ready to accept connections/, $end_of_log);
$node->poll_query_until('postgres', 'SELECT true') or die;
$session->quit;
cmp_ok(uses(''), '>', $was, 'killed right after a block was taken, before anything else is written: it stays taken');
is(value('SELECT wrong_key, tampered FROM llm_admin.verify_keys()'), '0|0', 'every key opens');

# ---- the bound ---------------------------------------------------------------------------------------------

my $tenant = "o'neil";
(my $quoted = $tenant) =~ s/'/''/g;
value(put($quoted));
value("UPDATE llm_admin.data_keys SET uses = 1073741824 - 3 WHERE tenant_id = '$quoted'");
$session = LlmAdmin::Session->new($node);
is(($session->ask(put($quoted)))[0], 't', "the last uses of a key can be made ($_)") for 1 .. 3;
my (undef, $stderr) = $session->ask(put($quoted));
my $failure = failure($stderr);
is("$failure->{state} $failure->{message}", '54000 the data key has sealed as many secrets as one key may', 'after 2^30 it seals no more');
is($failure->{hint}, "SELECT llm_admin.rotate_data_key('$quoted')", 'and the HINT names the tenant');
is(value(q{SELECT uses FROM llm_admin.data_keys WHERE tenant_id = 'o''neil'}), '1073741824', 'exactly then');
is(value(q{SELECT value, verdict, hint FROM llm_admin.key_status() WHERE item = 'uses of the most used tenant data key'}),
  "at most 1073741824 of 1073741824, of tenant $tenant|error|SELECT llm_admin.rotate_data_key('$quoted')", 'key_status says so');
is(($session->ask(put('a')))[0], 't', 'other tenants seal');
$session->ask($failure->{hint});
LlmAdmin::Hints::followed($failure->{hint});
is(($session->ask(put($quoted)))[0], 't', 'the statement of the HINT mends it');
value('UPDATE llm_admin.data_keys SET uses = 1073741824 WHERE tenant_id IS NULL');
(undef, $stderr) = $session->ask($seal =~ s/%d/1/r) for 1 .. 20;    # whatever it had in hand
$session->quit;
$session = LlmAdmin::Session->new($node);
(undef, $stderr) = $session->ask($seal =~ s/%d/1/r);
is(failure($stderr)->{hint}, 'SELECT llm_admin.rotate_data_key()', 'of the installation likewise');
$session->ask(failure($stderr)->{hint});
LlmAdmin::Hints::followed('SELECT llm_admin.rotate_data_key()');
is(($session->ask($seal =~ s/%d/1/r))[0], '1', 'rotated, it seals');
$session->quit;

# ---- dumps, a restore without the sequence, a standby ------------------------------------------------------

my $counts = 'SELECT key_id, uses, first_use_block FROM llm_admin.data_keys ORDER BY key_id';
my $held = value($counts);
my $dump = "$folder/dump";
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('postgres') ], 'a dump');
value('CREATE DATABASE whole');
$node->command_ok([ 'pg_restore', '-d', $node->connstr('whole'), $dump ], 'restored');
is($node->safe_psql('whole', $counts), $held, 'with all uses');

value('CREATE DATABASE part');
value('SELECT setval(\'llm_admin.key_use_blocks\', 500000)');
value(q{SELECT llm_admin.rotate_data_key()});
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dump.part", $node->connstr('postgres') ], 'a dump of keys that the sequence was far on for');
$node->safe_psql('part', 'CREATE EXTENSION llm_admin');
$node->command_ok([ 'pg_restore', '-a', '-d', $node->connstr('part'), (map { ('-t', $_) } qw(llm_provider_configs llm_configs data_keys root_keys)), "$dump.part" ], 'restored table by table');
my $of = sub { return $node->safe_psql('part', "SELECT value, verdict, hint FROM llm_admin.key_status() WHERE item = '$_[0]'") };
like($of->('uses of the current data key'), qr/^at most \d+ of 1073741824\|ok\|$/, 'without the sequence the bound is not below zero');
like($of->('sequence of key uses'), qr/^behind the data keys: it was not restored with them\|error\|SELECT pg_catalog\.setval\('llm_admin\.key_use_blocks', 500001\)$/, 'key_status says that it is behind');
$node->safe_psql('part', $seal =~ s/%d/1/r);
my ($forward) = (split /\|/, $of->('sequence of key uses'))[2];
$node->safe_psql('part', $forward);
LlmAdmin::Hints::followed($forward);
is($of->('sequence of key uses'), '', 'the statement of the HINT mends it');
like($of->('uses of the current data key'), qr/^at most \d+ of 1073741824\|ok\|$/, 'and the key is as good as before');
$node->safe_psql('part', 'UPDATE llm_admin.data_keys SET first_use_block = 999999999999');
$node->safe_psql('part', 'UPDATE llm_admin.data_keys SET uses = 1073741824 WHERE tenant_id IS NULL');
$node->psql('part', $seal =~ s/%d/1/r, stderr => \$stderr);
like($stderr, qr/has sealed as many secrets/, 'a first_use_block of another world does not take the bound away');

$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('key_uses_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$session = LlmAdmin::Session->new($node);
$session->ask('BEGIN');
$session->ask($seal =~ s/%d/2000/r);
my $now = value($counts);
$node->wait_for_catchup($standby, 'replay', $node->lsn('flush'));
is($standby->safe_psql('postgres', $counts), $now, 'a standby has the uses of a transaction that has not ended');
$node->stop('immediate');
$session->quit;
$standby->promote;
is($standby->safe_psql('postgres', $counts), $now, 'and promoted it goes on from there');
is($standby->safe_psql('postgres', $seal =~ s/%d/1/r), '1', 'sealing');
cmp_ok($standby->safe_psql('postgres', 'SELECT sum(uses) FROM llm_admin.data_keys'), '>', $standby->safe_psql('postgres', "SELECT sum(u) FROM (VALUES " . join(',', map { '(' . (split /\|/)[1] . ')' } split /\n/, $now) . ') AS v (u)'), 'with uses of its own');
$standby->stop;
$node->start;

# ---- rows that somebody edited -----------------------------------------------------------------------------

# What cannot have been counted gives no more uses, and is told; a new data key mends it.
my $edited = q{SELECT value, verdict, hint FROM llm_admin.key_status() WHERE item = 'uses of the current data key'};
my $refused = 'the count in its row is damaged: nothing more is sealed by it|error|SELECT llm_admin.rotate_data_key()';
my $full = 'at most 1073741824 of 1073741824|error|SELECT llm_admin.rotate_data_key()';
my $schema = q{SELECT object, detail, statement FROM llm_admin.validate_schema() WHERE kind = 'data key'};
value('ALTER TABLE llm_admin.data_keys ALTER first_use_block DROP NOT NULL');
foreach my $case (
  [ 'uses = -1', $refused ], [ 'uses = -9223372036854775808', $refused ], [ 'uses = 9223372036854775807', $full ],
  [ 'uses = 0, first_use_block = -9223372036854775808', $refused ], [ 'uses = 0, first_use_block = NULL', $refused ])
{
  my ($set, $told) = @$case;
  value("UPDATE llm_admin.data_keys SET $set WHERE (tenant_id IS NULL) AND version = (SELECT max(version) FROM llm_admin.data_keys WHERE tenant_id IS NULL)");
  my ($out, $err);
  $node->psql('postgres', "\\set VERBOSITY verbose\n" . $seal =~ s/%d/1/r, stdout => \$out, stderr => \$err);
  like($err, qr/54000/, "$set: nothing is sealed");
  is(value($edited), $told, "$set: key_status tells it");
  is(value($schema), 'installation|the count of its uses is damaged: nothing more is sealed by it|SELECT llm_admin.rotate_data_key()', "$set: validate_schema, too") if $told eq $refused;
  value('SELECT llm_admin.rotate_data_key()');
  is(value($seal =~ s/%d/1/r), '1', "$set: a new data key seals");
  value('UPDATE llm_admin.data_keys SET uses = 0, first_use_block = 1 WHERE uses < 0 OR first_use_block IS NULL OR first_use_block < -9');
}
value('ALTER TABLE llm_admin.data_keys ALTER first_use_block SET NOT NULL');
value(q{CREATE DATABASE retyped});
$node->safe_psql('retyped', $_) for q{CREATE EXTENSION llm_admin; SELECT llm_admin.encrypt_key('x')}, 'ALTER TABLE llm_admin.data_keys ALTER uses TYPE numeric';
my ($nothing, $retyped);
$node->psql('retyped', q{SELECT llm_admin.encrypt_key('x')}, stdout => \$nothing, stderr => \$retyped);
like($retyped, qr/column llm_admin.data_keys.uses is of type numeric, not bigint.*ALTER TABLE llm_admin.data_keys ALTER COLUMN uses TYPE bigint/s, 'a count of another type is not passed over');

# ---- an installation of 0.3 --------------------------------------------------------------------------------

value('CREATE DATABASE older');
my $old = sub { return $node->safe_psql('older', $_[0]) };
$old->(born('0.3') . 'SELECT count(*) FROM llm_admin.seed()');
$old->($_) for put('a'), put('b'), $seal =~ s/%d/1500/r;
is($old->(q{SELECT last_value FROM llm_admin.key_use_blocks}), '4', 'SQL of 0.3 counts by the sequence');
my $rows = $old->('SELECT xmin, ctid, key_id, first_use_block FROM llm_admin.data_keys ORDER BY key_id');
$old->(q{ALTER EXTENSION llm_admin UPDATE TO '0.4'});
is($old->('SELECT xmin, ctid, key_id, first_use_block FROM llm_admin.data_keys ORDER BY key_id'), $rows, 'the step up touches no row');
my $made = q{SELECT uses + 1024 * greatest(0, last_value - first_use_block + 1) FROM llm_admin.data_keys, llm_admin.key_use_blocks WHERE tenant_id IS NOT DISTINCT FROM };
is($old->($made . q{'a'}), '4096', 'what the sequence counted still counts');
$old->(put('a')) for 1 .. 3;
cmp_ok($old->($made . q{'a'}), '>', 4096, 'a row that has no room for a count of its own counts on');
is($old->(q{SELECT last_value FROM llm_admin.key_use_blocks}), '4', 'without the sequence');
is($old->($made . q{'b'}), '3072', 'which others do not notice');
is($old->('SELECT xmin, ctid, key_id FROM llm_admin.data_keys ORDER BY key_id'), $rows =~ s/\|-?\d+$//gmr, 'and without a new version of the row');
$old->('SELECT * FROM llm_admin.rotate_root_key(2)');
my $counted = $old->($made . q{'a'});
$old->(put('a'));
cmp_ok($old->($made . q{'a'}) - $counted, '<=', 16, 'once the row is rewritten, in small blocks');
$old->($seal =~ s/%d/5000/r);
my %at = map { $_ => $old->($made . ($_ ? "'$_'" : 'NULL')) } 'a', 'b', '';
$old->(q{ALTER EXTENSION llm_admin UPDATE TO '0.3'});
$made =~ s/uses \+ //;
cmp_ok($old->($made . ($_ ? "'$_'" : 'NULL')) - $at{$_}, '>=', 0, "the step down forgets no use: '$_'") for 'a', 'b', '';
cmp_ok($old->($made . ($_ ? "'$_'" : 'NULL')) - $at{$_}, '<', 1024, "and adds no more than rounding does: '$_'") for 'a', 'b', '';
is($old->(put('b')), 't', 'and 0.3 goes on');
$old->(q{ALTER EXTENSION llm_admin UPDATE TO '0.4'});
$old->($_) for put('a'), $seal =~ s/%d/1/r;
is($old->('SELECT wrong_key, tampered FROM llm_admin.verify_keys()'), '0|0', 'up again every key opens');

$node->stop;
unlike(slurp_file($node->logfile) . slurp_file($standby->logfile), qr/PANIC|signal 11|signal 6|XX000/, 'no crash but those that were made');

LlmAdmin::Hints::proves('038_key_uses', dirname(__FILE__) . '/../..');
done_testing();
