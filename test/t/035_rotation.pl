# The life of keys under load: root key and data keys rotated and everything sealed anew while readers read, a root key
# that is missing or another one, and the destruction of a tenant's keys under the eyes of sessions that use them.
# What happens when such work is killed is in 036_rotation_kills.pl.
use strict;
use warnings;

use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use LlmAdmin::Session qw(new_node new_keyring write_file failure);

my $tenants = 1000;
my $readers = 8;
my $batch = 150;

my %root = map { $_ => join '', map { sprintf '%02x', int rand 256 } 1 .. 32 } 1 .. 3;
my $ring = new_keyring(1, $root{1});

# The keyring holds these root keys and no others; the first one is marked active.
sub keyring_holds
{
  my (@ids) = @_;
  write_file($ring, join '', map { "$_:$root{$_}" . ($_ == $ids[0] ? ":active\n" : "\n") } @ids);
  return;
}

my $node = new_node('rotation', keyring => $ring, settings => "max_connections = 40\nlog_min_messages = warning\n");
keyring_holds(1, 2);

sub value { return $node->safe_psql('postgres', $_[0]) }

# The SQLSTATE of a statement in a session of its own, and what it said; '' when it works.
sub failing
{
  my ($sql) = @_;
  my $session = LlmAdmin::Session->new($node);
  my (undef, $stderr) = $session->ask($sql);
  $session->quit;
  return failure($stderr) // { state => '', message => '', detail => '' };
}

sub wait_for_lock
{
  my ($session) = @_;
  $node->poll_query_until('postgres',
    "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = " . $session->pid) or die 'it never waited';
  return;
}

value(<<"SQL");
CREATE EXTENSION llm_admin_test;
CREATE ROLE reader LOGIN;
SELECT llm_admin.grant_access('reader', 'app');
SELECT llm_admin.set_provider_key('groq', 'gsk-of-the-platform-0123456789');
SELECT llm_admin.put_llm_config('t' || n, jsonb_build_object('provider', 'openrouter', 'apiKey', 'sk-or-' || n || '-0123456789abcdef'))
FROM generate_series(1, $tenants) AS n;
CREATE SEQUENCE reads;
GRANT USAGE ON SEQUENCE reads TO reader;
SQL

# Rows as they are but for their envelopes: what rotation and sealing anew must leave alone.
my $rows = <<'SQL';
SELECT md5(string_agg(r, chr(10) ORDER BY r)) FROM (
  SELECT (to_jsonb(c) - 'api_key_encrypted')::text AS r FROM llm_admin.llm_configs c
  UNION ALL SELECT (to_jsonb(p) - 'api_key_encrypted')::text FROM llm_admin.llm_provider_configs p
  UNION ALL SELECT to_jsonb(h)::text FROM llm_admin.llm_provider_config_history h) AS s
SQL
# All of it, and who wrote it.
my $everything = <<'SQL';
SELECT md5(string_agg(r, chr(10) ORDER BY r)) FROM (
  SELECT c.xmin || c::text AS r FROM llm_admin.llm_configs c
  UNION ALL SELECT p.xmin || p::text FROM llm_admin.llm_provider_configs p
  UNION ALL SELECT d.xmin || d::text FROM llm_admin.data_keys d
  UNION ALL SELECT k.xmin || k::text FROM llm_admin.root_keys k) AS s
SQL
my $opening = <<'SQL';
SELECT count(*) FROM llm_admin.llm_configs
WHERE llm_admin.decrypt_tenant_key(tenant_id) = 'sk-or-' || substr(tenant_id, 2) || '-0123456789abcdef'
SQL

# ---- under load --------------------------------------------------------------------------------------------

# A reader that gets another key than the right one divides by zero.
my $key = q{'sk-or-' || :n || '-0123456789abcdef'};
my $folder = PostgreSQL::Test::Utils::tempdir('readers');
append_to_file("$folder/open.sql", <<"SQL");
\\set n random(1, $tenants)
SELECT 1 / (llm_admin.decrypt_tenant_key('t' || :n) = $key)::int, nextval('reads');
SQL
append_to_file("$folder/build.sql", <<"SQL");
\\set n random(1, $tenants)
SELECT 1 / (b.headers ->> 'Authorization' = 'Bearer ' || $key)::int, nextval('reads')
FROM llm_admin.build_tenant_request('t' || :n, '{"messages": [{"role": "user", "content": "hello"}]}', 'byollm', true) AS b;
SQL
append_to_file("$folder/platform.sql", <<'SQL');
SELECT 1 / (llm_admin.decrypt_provider_key('groq') = 'gsk-of-the-platform-0123456789')::int, nextval('reads');
SQL

my ($bench, $stderr) = (undef, '');

sub start_readers
{
  local %ENV = $node->_get_env();
  return IPC::Run::start(
    [ $node->installed_command('pgbench'), '-n', '-M', 'prepared', '-c', $readers, '-j', 1, '-T', 600, '-U', 'reader',
      (map { ('-f', "$folder/$_") } 'open.sql@4', 'build.sql@4', 'platform.sql@1'), 'postgres' ],
    '<', \'', '>', \my $stdout, '2>', \$stderr);
}

# Once each reader has surely read since now.
sub readers_go_on
{
  my ($what) = @_;
  $bench->pump_nb;
  my $goal = value("SELECT last_value + $readers * 20 FROM reads");
  ok($node->poll_query_until('postgres', "SELECT last_value >= $goal FROM reads"), "$what: readers read") or die $stderr;
  return;
}

my $before = value($rows);
$bench = start_readers();
readers_go_on('before');
my $keys = $tenants + 1;
is(value('SELECT * FROM llm_admin.rotate_root_key(2)'), "2|$keys", 'rotate_root_key wraps every data key anew');
is(value('SELECT * FROM llm_admin.rotate_root_key(2)'), '2|0', 'and has nothing left to do');
readers_go_on('under a new root key');
value("SELECT format('SELECT llm_admin.rotate_data_key(%L);', tenant_id) FROM llm_admin.llm_configs ORDER BY tenant_id \\gexec");
is(value('SELECT llm_admin.rotate_data_key()'), '2', 'each tenant and the installation has a second data key');
is(value('SELECT count(*), min(version), max(version) FROM llm_admin.data_keys'), 2 * $keys . '|1|2', 'beside the first');
readers_go_on('with new data keys');
my ($batches, $resealed, $last) = (0, 0, '');
while ($batches < 100)
{
  $last = value("SELECT * FROM llm_admin.reseal_keys($batch)");
  my ($now, $remaining) = split /\|/, $last;
  $batches++;
  $resealed += $now;
  last if $remaining == 0;
}
is($last =~ s/^\d+//r, '|0|0', 'reseal_keys: nothing remains, nothing was unreadable');
is($resealed, $keys, 'each key was sealed anew once');
is($batches, int(($keys + $batch - 1) / $batch), 'in as many batches as it takes');
readers_go_on('sealed anew');
$bench->signal('TERM');    # INT is ignored where the tests run in the background
$bench->finish;
unlike($stderr, qr/error|abort|ERROR/i, 'no reader met an error') or diag $stderr;

is(value($rows), $before, 'updated_at, config_version, history and all else is as it was');
keyring_holds(2);
is(value($opening), $tenants, 'without the old root key every key opens');
is(value('SELECT * FROM llm_admin.verify_keys()'), "$keys|0|0|0", 'as verify_keys says');
value("DELETE FROM llm_admin.data_keys WHERE version = 1 AND tenant_id IS NOT NULL");
is(value($opening), $tenants, 'even without the old data keys');

# ---- a root key that is missing, or another one ------------------------------------------------------------

my @uses = (
  "SELECT llm_admin.decrypt_tenant_key('t1')",
  "SELECT llm_admin.decrypt_provider_key('groq')",
  "SELECT llm_admin.set_provider_key('groq', 'gsk-another-0123456789')",
  "SELECT llm_admin.put_llm_config('t1', '{\"apiKey\": \"sk-or-another-0123456789\"}')",
  "SELECT llm_admin.put_llm_config('new', '{\"apiKey\": \"sk-or-another-0123456789\"}')",
  "SELECT llm_admin.rotate_data_key('t1')",
  'SELECT * FROM llm_admin.rotate_root_key(3)');
my $held = value($everything);
keyring_holds(3);
foreach my $use (@uses)
{
  my $failure = failing($use);
  is("$failure->{state} $failure->{message}", 'LA030 the keyring does not hold root key 2', "root key 2 is gone: $use");
}
write_file($ring, "2:$root{1}:active\n3:$root{3}\n");
foreach my $use (@uses)
{
  my $failure = failing($use);
  is("$failure->{state} $failure->{message}", 'LA030 root key 2 of the keyring is not the one this database uses',
    "root key 2 is another: $use");
}
is(value($everything), $held, 'nothing was overwritten');
keyring_holds(2, 3);
my $absent = failing('SELECT * FROM llm_admin.rotate_root_key(9)');
is($absent->{state}, 'LA030', 'a root key that is not in the keyring cannot become the active one');
like($absent->{message}, qr/root key 9/, 'and is named');
is(value($everything), $held, 'and nothing has changed');
is(value($opening), $tenants, 'with the keyring back all is as before');

# ---- shredding ---------------------------------------------------------------------------------------------

my $decrypt = sub { return "SELECT llm_admin.decrypt_tenant_key('$_[0]')" };
my $shredder = LlmAdmin::Session->new($node);
my $user = LlmAdmin::Session->new($node);

my $tenant = 10;
# A newer snapshot sees that there is no key any more; an older one still sees the envelope, which opens nowhere.
my %refusal = ('READ COMMITTED' => '55000', 'REPEATABLE READ' => 'LA031');
foreach my $level (sort keys %refusal)
{
  $tenant++;
  my $name = "t$tenant";
  my $envelope = value("SELECT api_key_encrypted FROM llm_admin.llm_configs WHERE tenant_id = '$name'");
  $user->ask("BEGIN ISOLATION LEVEL $level");
  is($user->ask($decrypt->($name)), "sk-or-$tenant-0123456789abcdef", "$level: the key opens, and is kept");
  $shredder->ask('BEGIN');
  is($shredder->ask("SELECT * FROM llm_admin.shred_tenant_keys('$name')"), '1|1', "$level: shredded");
  is($user->ask($decrypt->($name)), "sk-or-$tenant-0123456789abcdef", "$level: until the commit it opens");
  $shredder->ask('COMMIT');
  my (undef, $said) = $user->ask("SAVEPOINT s; " . $decrypt->($name));
  is((failure($said) // {})->{state}, $refusal{$level}, "$level: right after it does not, in the middle of a transaction");
  $user->ask('ROLLBACK TO s');
  is($user->ask($decrypt->('t1')), 'sk-or-1-0123456789abcdef', "$level: others do");
  $user->ask('ROLLBACK');
  is(failing("UPDATE llm_admin.llm_configs SET api_key_encrypted = '$envelope' WHERE tenant_id = '$name'")->{state},
    'LA031', "$level: the envelope put back is refused");
  is(failing("SELECT llm_admin.put_llm_config('$name', '{\"apiKey\": \"sk-or-$tenant-0123456789abcdef\"}')")->{state},
    '', "$level: the tenant may bring a key again");
  is($user->ask($decrypt->($name)), "sk-or-$tenant-0123456789abcdef", "$level: which opens");
}

# Passing over the rows that an old snapshot does not see would leave keys behind, and say nothing.
sub with_old_snapshot
{
  my ($what, $meanwhile, $sql, $left) = @_;
  $user->ask('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM llm_admin.llm_configs LIMIT 1');
  value($meanwhile);
  my (undef, $said) = $user->ask($sql);
  my $state = (failure($said) // { state => 'done' })->{state};
  is($state, '40001', "$what: a snapshot from before a data key was made is too old");
  $user->ask('COMMIT');
  is(value($left), '1', "$what: and nothing is done");
  return;
}

# ---- two at once -------------------------------------------------------------------------------------------

my $put = sub { return "SELECT llm_admin.put_llm_config('$_[0]', '{\"apiKey\": \"sk-or-brought-0123456789\"}')" };
with_old_snapshot('shredding', $put->('late'), q{SELECT * FROM llm_admin.shred_tenant_keys('late')},
  q{SELECT count(*) FROM llm_admin.data_keys WHERE tenant_id = 'late'});
with_old_snapshot('rotating the root key', $put->('later'), 'SELECT * FROM llm_admin.rotate_root_key(3)',
  q{SELECT count(*) FROM llm_admin.data_keys WHERE tenant_id = 'later' AND root_id = 2});

with_old_snapshot('a put', $put->('latest'), q{SELECT llm_admin.put_llm_config('latest', '{"policy": "byollm_only"}')},
  q{SELECT count(*) FROM llm_admin.llm_configs WHERE tenant_id = 'latest' AND policy = 'choice'});
with_old_snapshot('a test recorded', $put->('newest'), q{SELECT llm_admin.record_llm_test('newest', true, 3)},
  q{SELECT count(*) FROM llm_admin.llm_configs WHERE tenant_id = 'newest' AND last_tested_at IS NULL});

# Each first takes the lock that the other needs: none gets past a change of keys, and nobody deadlocks.
sub stopped
{
  my ($stop, $long, $short) = @_;
  my $holder = LlmAdmin::Session->new($node);
  $holder->ask('SELECT pg_advisory_lock(35)');
  $shredder->ask("SELECT llm_admin_test.stop_at('$stop', 'wait')");
  $shredder->send($long);
  wait_for_lock($shredder);
  $user->send($short);
  wait_for_lock($user);
  $holder->quit;
  return ([ $shredder->answer ], [ $user->answer ]);
}

my ($long, $short) = stopped('shred_tenant_keys.deleted', q{SELECT * FROM llm_admin.shred_tenant_keys('t21')}, $put->('t21'));
is($long->[0], '1|1', 'shredding while a key waits to be sealed');
is($short->[1], '', 'which then is');
is(value($decrypt->('t21')), 'sk-or-brought-0123456789', 'under a new data key: it opens');
$user->ask('BEGIN');
$user->ask($put->('t22'));
$shredder->send("SELECT * FROM llm_admin.shred_tenant_keys('t22')");
wait_for_lock($shredder);
$user->ask('COMMIT');
is($shredder->answer, '1|1', 'shredding waits for a key that is being sealed');
is(value(q{SELECT api_key_encrypted FROM llm_admin.llm_configs WHERE tenant_id = 't22'}), '', 'and takes it along');

# A row replaced: the lock comes before the row's also where the first statement seals nothing.
value($put->('t24'));
$user->ask(q{BEGIN; DELETE FROM llm_admin.llm_configs WHERE tenant_id = 't24'});
$shredder->send(q{SELECT * FROM llm_admin.shred_tenant_keys('t24')});
wait_for_lock($shredder);
my (undef, $replaced) = $user->ask(q{INSERT INTO llm_admin.llm_configs (tenant_id, api_key_encrypted)
  VALUES ('t24', llm_admin.encrypt_key('sk-or-brought-0123456789')); COMMIT});
is($replaced, '', 'a row is replaced while its tenant is being shredded');
is($shredder->answer, '1|1', 'which comes after it');

# A key read just before it is shredded is used once more at most: it is not kept for an envelope put back later.
value($put->('t23'));
my $kept = value(q{SELECT api_key_encrypted FROM llm_admin.llm_configs WHERE tenant_id = 't23'});
my $cold = LlmAdmin::Session->new($node);
my $holder = LlmAdmin::Session->new($node);
$holder->ask('SELECT pg_advisory_lock(35)');
$cold->ask(q{SELECT llm_admin.decrypt_tenant_key('t22')});    # whatever else a first call reads
$cold->ask(q{SELECT llm_admin_test.stop_at('data_key.opened', 'wait')});
$cold->send($decrypt->('t23'));
wait_for_lock($cold);
is(value(q{SELECT data_keys FROM llm_admin.shred_tenant_keys('t23')}), '1', 'shredding while another session opens the key');
$holder->quit;
$cold->answer;
my (undef, $said) = $cold->ask("UPDATE llm_admin.llm_configs SET api_key_encrypted = '$kept' WHERE tenant_id = 't23'");
is((failure($said) // { state => 'stored' })->{state}, 'LA031', 'to that session, too, an envelope put back is dead');
$cold->quit;

my $from = value('SELECT root_id FROM llm_admin.root_keys WHERE is_active');
my $to = 5 - $from;    # 2 or 3
($long, $short) = stopped('rotate_root_key.half', "SELECT root_id FROM llm_admin.rotate_root_key($to)", $put->('first'));
is($long->[0], $to, 'the root key is rotated while a new tenant brings a key');
is($short->[1], '', 'which is sealed');
is(value(q{SELECT root_id FROM llm_admin.data_keys WHERE tenant_id = 'first'}), $to, 'by a data key under the new root key');
$user->ask('BEGIN');
$user->ask($put->('second'));
$shredder->send("SELECT root_id FROM llm_admin.rotate_root_key($from)");
wait_for_lock($shredder);
$user->ask('COMMIT');
is($shredder->answer, $from, 'and waits for one that a new tenant is making');
is(value("SELECT count(*) FROM llm_admin.data_keys WHERE root_id <> $from"), '0', 'which does not escape it');
is(value('SELECT wrong_key, tampered FROM llm_admin.verify_keys()'), '0|0', 'no dead envelope is left');

$_->quit for $shredder, $user;
$node->stop;
unlike(slurp_file($node->logfile), qr/deadlock detected|PANIC|terminated by signal/, 'no deadlock, no crash');

done_testing();
