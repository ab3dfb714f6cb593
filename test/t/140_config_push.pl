# Config push to gateways: a change is seen by 8 listeners; of 10,000 changes by concurrent writers none is lost and none comes
# out of order, with listeners that are cut off all the while; a prepared transaction, a restore, a standby.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use LlmAdmin::Session qw(new_node failure);

my $node = new_node('push', streaming => 1, settings => "max_prepared_transactions = 4\nmax_connections = 60\n");
$node->safe_psql('postgres', <<'SQL');
CREATE SEQUENCE nth;
CREATE ROLE gateway LOGIN;
SELECT llm_admin.grant_access('gateway', 'app');
INSERT INTO llm_admin.tiers (tier_code, display_name, sort_order) VALUES ('gold', 'Gold', 1);
SQL

# ---- a listener --------------------------------------------------------------------------------------------

# As docs/gateways.md says: first it listens, then it asks for what came since the version it has.
sub connect_listener
{
  my ($self) = @_;
  $self->{session} = LlmAdmin::Session->new($node);
  $self->{session}->ask('SET ROLE gateway; LISTEN llm_admin_config');
  return catch_up($self);
}

sub catch_up
{
  my ($self) = @_;
  my ($out, $stderr) = $self->{session}->ask("SELECT version, kind, id, op FROM llm_admin.config_since($self->{version})");
  return if $stderr ne '';
  my $again = 0;
  foreach (split /\n/, $out)
  {
    # What comes while it is being answered may be of after the answer.
    if (/^Asynchronous/) { $again = 1; next; }
    my ($version, $kind, $id, $op) = split /\|/, $_, -1;
    $self->{wrong}++ if $version < $self->{version};
    $self->{resets}++ if $op eq 'reset';
    %{ $self->{rows} } = () if $op eq 'reset' && $kind eq '';
    $self->{rows}{"$kind $id"} = 1 if $op eq 'put';
    delete $self->{rows}{"$kind $id"} if $op eq 'delete';
    $self->{told}{"$kind $id"}++ if $kind ne '';
    $self->{version} = $version;
  }
  return $again ? catch_up($self) : 1;
}

# What it was notified of since it was asked last; nothing where it is cut off.
sub notified
{
  my ($self) = @_;
  my ($out, $stderr) = $self->{session}->ask('SELECT 1');
  return if $stderr ne '' || $out !~ /^1$/m;
  return [ $out =~ /"llm_admin_config" with payload "(\d+)"/g ];
}

my @listeners = map { { version => 0, rows => {}, told => {}, wrong => 0, resets => 0 } } 1 .. 8;
connect_listener($_) foreach @listeners;
is(join(' ', map { $_->{resets} } @listeners), '1 1 1 1 1 1 1 1', 'each begins with everything');
$node->safe_psql('postgres', q{UPDATE llm_admin.tiers SET display_name = 'Gold plus'});
my $last = $node->safe_psql('postgres', 'SELECT max(version) FROM llm_admin.config_changes');
foreach my $n (0 .. 7)
{
  my $heard;
  for (1 .. 10000)
  {
    $heard = notified($listeners[$n]);
    last if @$heard;
  }
  is("@$heard", $last, "listener $n is told of a change, by its version");
  catch_up($listeners[$n]);
  is($listeners[$n]{version}, $last, 'and reads it');
}
$node->safe_psql('postgres', <<'SQL');
SELECT llm_admin.record_usage('groq', 'm', '{"prompt_tokens": 1}');
SELECT llm_admin.record_provider_test('groq', true, 1);
BEGIN; UPDATE llm_admin.tiers SET display_name = 'x'; ROLLBACK;
SQL
is(join(' ', map { @{ notified($_) } } @listeners), '', 'a call, a test and a rollback are told to nobody');

# ---- 10,000 changes, and cuts ------------------------------------------------------------------------------

my $script = LlmAdmin::Session::write_file(PostgreSQL::Test::Utils::tempdir() . '/changes.sql', <<'SQL');
BEGIN;
INSERT INTO llm_admin.exchange_rates VALUES ('EUR', to_timestamp(nextval('nth')), 1);
INSERT INTO llm_admin.exchange_rates VALUES ('GBP', to_timestamp(nextval('nth')), 1);
COMMIT;
SQL
my $control = LlmAdmin::Session->new($node);
my ($processed, $complaints, $cuts) = (0, '', 0);
foreach my $batch (1 .. 25)
{
  my ($said, $failed) = ('', '');
  local %ENV = $node->_get_env();
  my $writers = IPC::Run::start([ $node->installed_command('pgbench'), '-n', '-c', 8, '-j', 2, '-t', 25, '-f', $script, $node->connstr('postgres') ],
    '>', \$said, '2>', \$failed);
  my $round = 0;
  while ($writers->pumpable)
  {
    $writers->pump_nb;
    my $one = $listeners[ ($batch + $round++) % 8 ];
    # Every other one is cut off, with notifications that it has not read.
    if ($round % 2) { $control->ask('SELECT pg_terminate_backend(' . $one->{session}->pid . ', 5000)'); $cuts++; }
    my $heard = notified($one);
    if (!$heard) { eval { $one->{session}->quit }; connect_listener($one); next; }
    catch_up($one) if @$heard;
  }
  $writers->finish;
  $processed += $1 if $said =~ /number of transactions actually processed: (\d+)/;
  $complaints .= $failed if $failed =~ /error|abort/i;
}
is($complaints, '', 'no writer failed');
is($processed, 5000, '5,000 commits of two changes each');
$last = $node->safe_psql('postgres', 'SELECT max(version) FROM llm_admin.config_changes');
my $expected = $node->safe_psql('postgres', q{SELECT count(*) FROM llm_admin.config_since() WHERE op = 'put' AND kind <> 'permission'});
foreach my $n (0 .. 7)
{
  my $one = $listeners[$n];
  # Whoever has not heard of the last one hears of it now.
  for (1 .. 10000)
  {
    last if $one->{version} == $last;
    my $heard = notified($one);
    if (!$heard) { eval { $one->{session}->quit }; connect_listener($one); next; }
    catch_up($one) if @$heard;
  }
  is($one->{version}, $last, "listener $n has come to the last version");
  is(scalar(grep { /^exchange_rate/ } keys %{ $one->{told} }), 10000, 'of 10,000 changes it was told of each');
  is(scalar(keys %{ $one->{rows} }), $expected, 'it holds what there is');
  is($one->{wrong}, 0, 'none came out of order');
  is($one->{resets}, 1, 'and it never had to begin anew');
}
cmp_ok($cuts, '>', 20, "listeners were cut off: $cuts times");
is($node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT version < lag(version) OVER (ORDER BY number) AS falls FROM llm_admin.config_changes) c WHERE falls}),
  0, 'versions rise with the changes');

# ---- a prepared transaction --------------------------------------------------------------------------------

my ($first, $second) = map { LlmAdmin::Session->new($node) } 1 .. 2;
my ($out, $stderr) = $first->ask(<<'SQL');
BEGIN;
INSERT INTO llm_admin.exchange_rates VALUES ('SEK', '2026-01-01', 0.09);
PREPARE TRANSACTION 'rates'
SQL
is($stderr, '', 'a transaction that changes the configuration can be prepared');
$second->ask(q{BEGIN; INSERT INTO llm_admin.exchange_rates VALUES ('NOK', '2026-01-01', 0.1)});
$second->send('COMMIT');
my $waits = 'SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = ' . $second->pid;
ok($node->poll_query_until('postgres', $waits, '1'), 'the next commit waits for it');
my $since = "SELECT left(id, 3) FROM llm_admin.config_since($last)";
is($node->safe_psql('postgres', $since), '', 'nobody sees the later one before');
$first->ask(q{COMMIT PREPARED 'rates'});
($out, $stderr) = $second->answer;
is($stderr, '', 'it goes on afterwards');
is($node->safe_psql('postgres', $since), "SEK\nNOK", 'both are told in the order of their commits');
$first->ask(q{BEGIN; DELETE FROM llm_admin.exchange_rates WHERE currency = 'SEK'; PREPARE TRANSACTION 'rates'});
$first->ask(q{ROLLBACK PREPARED 'rates'});
is($node->safe_psql('postgres', $since), "SEK\nNOK", 'one that is rolled back is told to nobody');

# ---- a restore ---------------------------------------------------------------------------------------------

my $folder = PostgreSQL::Test::Utils::tempdir();
foreach my $format ([], ['--inserts'])
{
  my $name = @$format ? 'inserted' : 'copied';
  command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-f', "$folder/$name.sql", '-e', 'llm_admin', @$format ], "a dump, $name");
  $node->safe_psql('postgres', "CREATE DATABASE $name");
  my $listener = LlmAdmin::Session->new($node, $name);
  $listener->ask('LISTEN llm_admin_config');
  command_ok([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($name), '-f', "$folder/$name.sql" ], 'it is restored');
  unlike(scalar($listener->ask('SELECT 1')), qr/notification/, 'and tells nobody');
  $listener->quit;
  is($node->safe_psql($name, 'SELECT count(*) FROM llm_admin.config_changes'), 0, 'no change is recorded');
  is($node->safe_psql($name, "SELECT op || kind FROM llm_admin.config_since($last) LIMIT 1"), 'reset', 'whoever comes from the other database begins anew');
  $node->safe_psql($name, q{UPDATE llm_admin.tiers SET display_name = 'Silver'});
  is($node->safe_psql($name, "SELECT op || kind FROM llm_admin.config_since($last) LIMIT 1"), 'reset', 'also after the first change');
}
# Into a database that lives, rows of a dump are a change: of the whole kind.
$last = $node->safe_psql('postgres', 'SELECT max(version) FROM llm_admin.config_changes');
$node->safe_psql('postgres', qq{COPY llm_admin.exchange_rates TO '$folder/rates'; DELETE FROM llm_admin.exchange_rates});
$node->safe_psql('postgres', "COPY llm_admin.exchange_rates FROM '$folder/rates'");
is($node->safe_psql('postgres', "SELECT kind, op, count(*) FROM llm_admin.config_since($last) GROUP BY 1, 2 ORDER BY 2"), "exchange_rate|put|10002\nexchange_rate|reset|1",
  'a load is told as a kind to be read anew');

# ---- a standby ---------------------------------------------------------------------------------------------

$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('follower');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$last = $node->safe_psql('postgres', 'SELECT max(version) FROM llm_admin.config_changes');
$node->safe_psql('postgres', q{UPDATE llm_admin.tiers SET display_name = 'Gold'; DELETE FROM llm_admin.exchange_rates});
$node->wait_for_catchup($standby, 'replay', $node->lsn('write'));
my $all = "SELECT * FROM llm_admin.config_since($last)";
is($standby->safe_psql('postgres', $all), $node->safe_psql('postgres', $all), 'a standby tells the same');
like($standby->safe_psql('postgres', $all), qr/\|tier\|.*\|put\|/, 'which is something');

done_testing();
