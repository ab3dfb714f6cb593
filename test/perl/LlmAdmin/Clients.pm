# The programs of test/clients and the small provider they call.
#
#   LlmAdmin::Clients::names()                       # prisma, node_postgres, psycopg
#   my ($command, $missing) = LlmAdmin::Clients::command($name);   # array to run, or why it cannot be
#   my ($report, $stderr) = LlmAdmin::Clients::run($node, $role, {NAME => value}, @command);   # its JSON, decoded
#   my $endpoint = LlmAdmin::Clients::Endpoint->start($key);  $endpoint->url;  $endpoint->stop;
#
# JavaScript is bundled by scripts/clients.sh; LLM_ADMIN_CLIENTS names the folder. Where a bundle could not be made
# NAME.missing says why. The environment of a program is the one given: no proxy, no PG* variable of the user's.
package LlmAdmin::Clients;

use strict;
use warnings;

use IPC::Run ();
use JSON::PP ();
use PostgreSQL::Test::Utils;

my $python = '/usr/bin/python3';    # Debian's, for which its psycopg is

sub names { return qw(prisma node_postgres psycopg) }

sub command
{
  my ($name) = @_;
  if ($name eq 'psycopg')
  {
    return (undef, 'python3-psycopg is not installed') if system("$python -c 'import psycopg' 2>/dev/null") != 0;
    return [ $python, "$ENV{LLM_ADMIN_TREE}/test/clients/psycopg_client.py" ];
  }
  my $folder = $ENV{LLM_ADMIN_CLIENTS} // '';
  my $bundle = "$folder/$name.mjs";
  return [ 'node', $bundle ] if -e $bundle;
  return (undef, -e "$folder/$name.missing" ? first_line("$folder/$name.missing") : 'not bundled; scripts/test tap does it');
}

sub run
{
  my ($node, $role, $values, @command) = @_;
  local %ENV = (PATH => $ENV{PATH}, HOME => $ENV{HOME} // '/nonexistent', LC_ALL => 'C.UTF-8', TZ => 'Europe/Berlin',
    PGHOST => $node->host, PGPORT => $node->port, PGUSER => $role, PGDATABASE => 'postgres', %$values);
  my ($out, $err) = ('', '');
  IPC::Run::run(\@command, '<', \undef, '>', \$out, '2>', \$err,
    IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
  return (eval { JSON::PP->new->utf8->decode($out) }, $err);
}

sub first_line
{
  my ($path) = @_;
  return (split /\n/, slurp_file($path))[0];
}

package LlmAdmin::Clients::Endpoint;

use PostgreSQL::Test::Utils;
use LlmAdmin::Session qw(write_file);

sub start
{
  my ($class, $key) = @_;
  my $folder = PostgreSQL::Test::Utils::tempdir('endpoint');
  write_file("$folder/key", "$key\n");
  my $self = bless {}, $class;
  $self->{run} = IPC::Run::start(
    [ $^X, "$ENV{LLM_ADMIN_TREE}/test/endpoint/provider_endpoint.pl", '--port-file', "$folder/port", '--key-file', "$folder/key",
      '--parent', $$ ], '<', \undef, '>&', "$folder/log");
  for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
  {
    last if -s "$folder/port" || !$self->{run}->pumpable;
    select undef, undef, undef, 0.1;
  }
  die 'the local provider does not start: ' . slurp_file("$folder/log") if !-s "$folder/port";
  $self->{port} = LlmAdmin::Clients::first_line("$folder/port");
  return $self;
}

sub url { return "http://127.0.0.1:$_[0]->{port}" }

sub stop
{
  my ($self) = @_;
  $self->{run}->kill_kill;
  return;
}

1;
