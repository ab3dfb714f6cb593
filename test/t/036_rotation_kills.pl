# Rotation, sealing anew and shredding killed with the whole server, at each of their stop points and at random moments:
# after recovery every key opens, and calling again completes the work.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use LlmAdmin::Session qw(new_node new_keyring);

my $tenants = 60;
my $kills = 50;
my $longest = 0.25;    # seconds until a kill at a random moment
my $seed = $ENV{ROTATION_SEED} // time;
diag "ROTATION_SEED=$seed repeats the random moments";
srand $seed;

my %root = map { $_ => join '', map { sprintf '%02x', int rand 256 } 1 .. 32 } 1 .. 2;
my $ring = new_keyring(1, $root{1});
append_to_file($ring, "2:$root{2}\n");
my $node = new_node('rotation_kills', keyring => $ring,
  settings => "restart_after_crash = on\nfsync = off\nlog_min_messages = warning\n");

sub value { return $node->safe_psql('postgres', $_[0]) }

value(<<"SQL");
CREATE EXTENSION llm_admin_test;
SELECT llm_admin.set_provider_key('groq', 'gsk-of-the-platform-0123456789');
SELECT llm_admin.put_llm_config('t' || n, jsonb_build_object('provider', 'openrouter', 'apiKey', 'sk-or-' || n || '-0123456789abcdef'))
FROM generate_series(1, $tenants) AS n;
SQL

# How many of the keys open, and are the right ones; a crash may leave none behind.
my $opening = <<'SQL';
SELECT count(*) + (llm_admin.decrypt_provider_key('groq') = 'gsk-of-the-platform-0123456789')::int
FROM llm_admin.llm_configs
WHERE CASE WHEN api_key_encrypted <> '' THEN llm_admin.decrypt_tenant_key(tenant_id) END
  = 'sk-or-' || substr(tenant_id, 2) || '-0123456789abcdef'
SQL
my $keys = $tenants + 1;

# The backend dies by kill -9, whoever sends it; the server starts anew from its write-ahead log.
sub after_kill
{
  my ($session, $end_of_log) = @_;
  $session->answer;
  $node->wait_for_log(qr/database system is ready to accept connections/, $end_of_log);
  $node->poll_query_until('postgres', 'SELECT true') or die;
  $session->quit;
  return;
}

# Completes whatever was begun, and says what is left of it.
sub complete
{
  my ($new_root) = @_;
  value("SELECT * FROM llm_admin.rotate_root_key($new_root)");
  for (1 .. 50) { last if value('SELECT remaining FROM llm_admin.reseal_keys(20)') eq '0' }
  return value(<<"SQL");
SELECT (SELECT count(*) FROM llm_admin.data_keys WHERE root_id <> $new_root),
  (SELECT string_agg(root_id::text, ',') FROM llm_admin.root_keys WHERE is_active), remaining, unreadable
FROM llm_admin.reseal_keys()
SQL
}

my $rotate_data_keys = q{SELECT count(llm_admin.rotate_data_key(tenant_id)) FROM llm_admin.llm_configs};

# ---- at each stop point ------------------------------------------------------------------------------------

# Work that comes to stop points, by the name of its function.
my %work = (
  rotate_root_key => 'SELECT * FROM llm_admin.rotate_root_key(CASE (SELECT root_id FROM llm_admin.root_keys WHERE is_active) WHEN 1 THEN 2 ELSE 1 END)',
  rotate_data_key => "SELECT llm_admin.rotate_data_key('t1')",
  reseal_keys => 'SELECT * FROM llm_admin.reseal_keys()',
  shred_tenant_keys => "SELECT * FROM llm_admin.shred_tenant_keys('gone')",
  new_installation => 'SELECT count(*) FROM llm_admin.new_installation()');
my $prepare = <<"SQL";
SELECT llm_admin.put_llm_config('gone', '{"provider": "openrouter", "apiKey": "sk-or-gone-0123456789abcdef"}');
$rotate_data_keys;
SQL

my @points;
my $session = LlmAdmin::Session->new($node);
$session->ask($prepare);
foreach my $name (sort keys %work)
{
  $session->ask(q{SELECT llm_admin_test.stop_at('none', 'note')});
  my (undef, $stderr) = $session->ask($work{$name});
  is($stderr, '', "$name works");
  my @here = grep { /^$name\./ } split /\n/, $session->ask('SELECT name FROM llm_admin_test.stop_points()');
  cmp_ok(scalar(@here), '>', 0, "$name has stop points: @here");
  push @points, map { [ $name, $_ ] } @here;
}
$session->quit;
value("DELETE FROM llm_admin.llm_configs WHERE tenant_id = 'gone'");

foreach my $point (@points)
{
  my ($name, $stop) = @$point;
  value($prepare);
  my $end_of_log = -s $node->logfile;
  $session = LlmAdmin::Session->new($node);
  $session->ask("SELECT llm_admin_test.stop_at('$stop', 'error')");
  my (undef, $stderr) = $session->ask($work{$name});
  like($stderr, qr/ERROR:  P0001: stopped at $stop$/m, "an error at $stop");
  is($session->ask($opening), $keys, "$stop: in the same session every key opens");
  $session->ask("SELECT llm_admin_test.stop_at('$stop', 'kill')");
  $session->send($work{$name});
  after_kill($session, $end_of_log);
  is(value($opening), $keys, "killed at $stop: every key opens");
  is(value(q{SELECT llm_admin.decrypt_tenant_key('gone')}), 'sk-or-gone-0123456789abcdef', "$stop: what was not done is not done");
  value($work{$name});
  is(value($opening), $keys, "$stop: called again it completes");
  value("DELETE FROM llm_admin.llm_configs WHERE tenant_id = 'gone'");
}
is(complete(1), '0|1|0|0', 'all is under one root key, and sealed by the newest data keys');
value("SELECT llm_admin.shred_tenant_keys('gone')");

# ---- at random moments -------------------------------------------------------------------------------------

my $round_of_work = <<"SQL";
SELECT * FROM llm_admin.rotate_root_key(2);
SELECT format('SELECT llm_admin.rotate_data_key(%L);', tenant_id) FROM llm_admin.llm_configs \\gexec
SELECT llm_admin.rotate_data_key();
SELECT format('SELECT * FROM llm_admin.reseal_keys(10) /* %s */;', n) FROM generate_series(1, 8) AS n \\gexec
SELECT count(*) FROM llm_admin.new_installation();
SELECT * FROM llm_admin.rotate_root_key(1);
SQL
my (@left, %met);
for my $n (1 .. $kills)
{
  my $end_of_log = -s $node->logfile;
  $session = LlmAdmin::Session->new($node);
  $session->send($round_of_work x 20);
  usleep(1e6 * rand $longest);
  kill 'KILL', $session->pid or die 'it has ended before';
  after_kill($session, $end_of_log);
  my $open = value($opening);
  push @left, "kill $n: $open of $keys keys open" if $open != $keys;
  $met{ value('SELECT count(DISTINCT root_id) = 1, count(DISTINCT version) FROM llm_admin.data_keys') }++;
  next if $n % 10;
  is(complete(2), '0|2|0|0', "after $n kills: called again, the work completes");
  is(value($opening), $keys, "after $n kills: every key opens");
}
is_deeply(\@left, [], 'after each kill every key opens');
ok((grep { !/^t/ } keys %met) == 0, 'a rotation of the root key is done or not done, never half');
cmp_ok(scalar(keys %met), '>', 1, 'the kills met the work at different points');
is(value('SELECT wrong_key, tampered FROM llm_admin.verify_keys()'), '0|0', 'and so says verify_keys');
is(value("SELECT count(*) FROM llm_admin.llm_configs WHERE updated_at <> created_at"), '0', 'no updated_at has moved');

$node->stop;
my $log = slurp_file($node->logfile);
is(scalar(() = $log =~ /was terminated by signal 9/g), $kills + @points, 'no process died but those that were killed');
unlike($log, qr/PANIC|signal 11|signal 6/, 'and none for a fault of its own');

done_testing();
