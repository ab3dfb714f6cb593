# A server at the noisiest settings there are, and the look at every place where one keeps text: log, activity,
# statistics, heap, WAL, logical decoding, dumps, messages. What the tests of canaries share.
#
#   my $noise = LlmAdmin::Noise->start('name', qw(writer reader));  # database `shop`, roles that may log in
#   my $node = $noise->node;
#   my $round = $noise->round('noisy');          # canaries of this round are named noisy-...
#   my $client = $round->client('writer');
#   my $value = $round->works('what', $client, $sql, $round->key('name'), ...);   # the first value
#   my $secret = $round->tells('what', $client, $sql, ...);   # the same, but the answer is meant to hold a key
#   $round->fails('what', 'LA001', $client, $sql, ...);
#   my %text = $round->finish;                   # answers, messages, pg_stat_activity
#   $noise->none_but_parameters(\%text, 'noisy', 'noisy-set');    # looks everywhere
#   $noise->make_quiet; ... $noise->none_at_all(\%text, 'quiet', qr/seen in the log/);
package LlmAdmin::Noise;

use strict;
use warnings;

use LlmAdmin::Canary qw(canary found_in);
use LlmAdmin::Session qw(new_keyring);
use LlmAdmin::Wire;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

sub start
{
  my ($class, $name, @roles) = @_;
  my $node = PostgreSQL::Test::Cluster->new($name);
  $node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
  my $keyring = new_keyring();
  $node->append_conf('postgresql.conf', <<"CONF");
llm_admin.keyring_file = '$keyring'
wal_level = logical
max_replication_slots = 4
max_wal_senders = 4
wal_keep_size = '1GB'
shared_preload_libraries = 'pg_stat_statements, auto_explain'
pg_stat_statements.track = all
pg_stat_statements.track_utility = on
auto_explain.log_min_duration = 0
auto_explain.log_analyze = on
auto_explain.log_verbose = on
auto_explain.log_settings = on
auto_explain.log_triggers = on
auto_explain.log_nested_statements = on
track_activities = on
track_activity_query_size = '100kB'
log_min_messages = debug2
log_min_error_statement = debug2
log_error_verbosity = verbose
log_statement = all
log_min_duration_statement = 0
log_parameter_max_length = -1
log_parameter_max_length_on_error = -1
log_lock_waits = on
log_temp_files = 0
debug_pretty_print = off
CONF
  $node->start;
  $node->safe_psql('postgres', join ' ', 'CREATE DATABASE shop;', map { "CREATE ROLE $_ LOGIN;" } @roles);
  $node->safe_psql('shop', <<'SQL');
CREATE EXTENSION llm_admin;
CREATE EXTENSION pgcrypto;
CREATE EXTENSION pg_stat_statements;
SELECT * FROM llm_admin.seed();
SELECT pg_create_logical_replication_slot('canaries', 'test_decoding');
SQL
  return bless { node => $node, keyring => $keyring, roles => \@roles, dumps => 0 }, $class;
}

sub node { return $_[0]->{node} }
sub keyring { return $_[0]->{keyring} }

# As docs/security.md says for roles that write keys.
sub make_quiet
{
  my ($self) = @_;
  my @quiet = ('log_parameter_max_length = 0', 'log_parameter_max_length_on_error = 0',
    'plan_cache_mode = force_generic_plan');
  # From 16 on auto_explain shows parameters by a setting of its own.
  push @quiet, 'auto_explain.log_parameter_max_length = 0' if $self->{node}->pg_version >= 16;
  foreach my $role (@{ $self->{roles} })
  {
    $self->{node}->safe_psql('postgres', "ALTER ROLE $role SET $_") for @quiet;
  }
  return;
}

# ---- a round of work ---------------------------------------------------------------------------------------

sub round
{
  my ($self, $name) = @_;
  my $node = $self->{node};
  my $watcher = LlmAdmin::Wire->new($node, 'shop', $node->safe_psql('postgres', 'SELECT current_user'));
  return bless { node => $node, name => $name, clients => [$watcher], watched => '', answers => '' },
    'LlmAdmin::Noise::Round';
}

# ---- where text is kept ------------------------------------------------------------------------------------

# The server's log, its continuation lines joined to the line they belong to.
sub log_lines
{
  my ($self) = @_;
  my $log = slurp_file($self->{node}->logfile);
  $log =~ s/\n\t/ /g;
  return split /\n/, $log;
}

# The database's own: name of the place -> text.
sub places
{
  my ($self, $searched) = @_;
  my $node = $self->{node};
  my $dump = $node->basedir . '/dump_' . ++$self->{dumps} . '.sql';
  $node->command_ok([ 'pg_dump', '-f', $dump, 'shop' ], 'pg_dump');
  $node->safe_psql('shop', 'ANALYZE');
  my $all = sub { return $node->safe_psql('shop', $_[0]) };
  my %text = (
    pg_stat_statements => $all->('SELECT query FROM pg_stat_statements'),
    history => $all->('SELECT h::text FROM llm_admin.llm_provider_config_history h'),
    provider_tests => $all->('SELECT t::text FROM llm_admin.provider_tests t'),
    llm_configs => $all->('SELECT c::text FROM llm_admin.llm_configs c'),
    data_keys => $all->('SELECT k::text FROM llm_admin.data_keys k'),
    pg_stats => $all->('SELECT s::text FROM pg_stats s'),
    decoding => $all->(q{SELECT data FROM pg_logical_slot_peek_changes('canaries', NULL, NULL)}),
    pg_dump => slurp_file($dump));
  like($text{$_}, qr/groq/, "$_ was searched") for qw(decoding pg_dump);
  like($text{pg_stat_statements}, $searched, 'pg_stat_statements was searched');
  return %text;
}

# Files of the data directory that hold one of the canaries, heap, WAL and temporary files alike. The log and
# the configuration are not in there.
sub files_with
{
  my ($self, $names) = @_;
  my $node = $self->{node};
  $node->safe_psql('shop', 'CHECKPOINT');
  my @found;
  my ($heap, $wal) = (0, 0);
  my @folders = ($node->data_dir);
  while (defined(my $folder = shift @folders))
  {
    opendir my $entries, $folder or next;
    foreach my $entry (grep { !/^\.\.?$/ } readdir $entries)
    {
      my $file = "$folder/$entry";
      if (-d $file && !-l $file) { push @folders, $file; next; }
      open my $in, '<:raw', $file or next;    # a file may go meanwhile
      my $bytes = do { local $/; <$in> };
      close $in;
      next unless defined $bytes;
      $heap++ if $folder =~ m{/base/};
      $wal++ if $folder =~ m{/pg_wal$};
      my $found = found_in($bytes, $names);
      push @found, "$file: $found" if $found;
    }
    closedir $entries;
  }
  cmp_ok($heap, '>', 300, 'heap files were read');
  cmp_ok($wal, '>', 0, 'WAL was read');
  return join "\n", @found;
}

# Lines by which the server logs what was bound: after a statement, at an error, in a plan.
my $parameters = qr/(?:DETAIL|CONTEXT):  .*\bparameters: |Query Parameters: /i;
# auto_explain with log_verbose shows plans, and a plan made for bound values has these in it.
my $plans = qr/LOG:  00000: duration: [0-9.]+ ms  plan:/;

sub in_places
{
  my ($self, $round, $name, $searched) = @_;
  my %text = (%$round, $self->places($searched));
  # An error that names the portal quotes its parameters to the client as well.
  $text{messages} =~ s/^.*\bportal with parameters: .*$//mg;
  is(found_in($text{$_}, qr/^$name/), '', "$name: none in $_") for sort keys %text;
  return;
}

# At the noisiest settings: `seen` is a canary that parameters and plans in the log do show, so that the look at it
# is worth something.
sub none_but_parameters
{
  my ($self, $round, $name, $seen, $searched) = @_;
  $self->in_places($round, $name, $searched);
  my @log = $self->log_lines;
  is(found_in(join("\n", grep { $_ !~ $parameters && $_ !~ $plans } @log), qr/^$name/),
    '', "$name: none in the log but where the server logs parameters");
  like(found_in(join("\n", grep { $_ =~ $parameters } @log), qr/^$name/), qr/$seen \(raw\)/, "$name: and there it does");
  like(found_in(join("\n", grep { $_ =~ $plans } @log), qr/^$name/),
    qr/$seen \(raw\)/, "$name: auto_explain shows bound values of plans made for them, which is why the role plans without");
  is($self->files_with(qr/^$name/), '', "$name: none in any file of the data directory");
  return;
}

sub none_at_all
{
  my ($self, $round, $name, $searched) = @_;
  $self->in_places($round, $name, $searched);
  my @log = $self->log_lines;
  is(found_in(join("\n", @log), qr/^$name/), '', "$name: none in the log at all");
  cmp_ok(scalar(grep { $_ =~ $searched } @log), '>', 1, "$name: though the round is in it");
  is($self->files_with(qr/./), '', 'none in any file of the data directory');
  return;
}

package LlmAdmin::Noise::Round;

use Test::More;

sub client
{
  my ($self, $role) = @_;
  my $client = LlmAdmin::Wire->new($self->{node}, 'shop', $role);
  push @{ $self->{clients} }, $client;
  return $client;
}

# A new key, named after the round.
sub key { return LlmAdmin::Canary::canary("$_[0]{name}-$_[1]") }

sub watch
{
  my ($self) = @_;
  my $rows = $self->{clients}[0]->run('SELECT query FROM pg_stat_activity')->{rows};
  $self->{watched} .= join "\n", map { $_->[0] } @$rows;
  return;
}

sub answered
{
  my ($self, $what, $client, $sql, @values) = @_;
  my $answer = $client->run($sql, @values);
  is($answer->{error} && "$answer->{error}{C} $answer->{error}{M}", undef, "$self->{name}: $what works");
  $self->watch;
  return $answer->{rows};
}

sub tells
{
  my ($self, @call) = @_;
  my $rows = $self->answered(@call);
  return $rows->[0] ? $rows->[0][0] : undef;
}

sub works
{
  my ($self, @call) = @_;
  my $rows = $self->answered(@call);
  $self->{answers} .= join(' ', map { $_ // '' } map { @$_ } @$rows) . "\n";
  return $rows->[0] ? $rows->[0][0] : undef;
}

sub fails
{
  my ($self, $what, $state, $client, $sql, @values) = @_;
  my $answer = $client->run($sql, @values);
  is($answer->{error} && $answer->{error}{C}, $state, "$self->{name}: $what fails");
  $self->watch;
  return;
}

sub finish
{
  my ($self) = @_;
  my $messages = join '', map { $_->messages } @{ $self->{clients} };
  $_->finish for @{ $self->{clients} };
  return (answers => $self->{answers}, messages => $messages, pg_stat_activity => $self->{watched});
}

1;
