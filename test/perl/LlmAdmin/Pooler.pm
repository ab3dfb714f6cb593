# pgbouncer in transaction mode with one connection to the server for each user and database, and clients of it.
#
#   my $pooler = LlmAdmin::Pooler->start($node, 'service', ...);   # the users it lets in; undef without pgbouncer
#   my $client = $pooler->client('postgres', 'service');           # a LlmAdmin::Wire with what follows
#   my $rows = $client->rows($sql, @values);                       # array of rows, values joined by |; dies on an error
#   $client->state($sql, @values);                                 # the SQLSTATE, '' when it works
#   $client->ask($sql, @values) ... $client->answered ... $client->answer;   # without waiting in between
#   $client->execute('name', @values);                             # a statement that prepare() has named
#   $client->hang_up;                                              # gone without a word
#   $pooler->stop;
#
# It listens on a Unix socket in a folder of its own and lets in whoever reaches that. It ends with the test, however
# that ends.
package LlmAdmin::Pooler;

use strict;
use warnings;

use IPC::Run ();
use LlmAdmin::Session qw(write_file);
use PostgreSQL::Test::Utils;

our $port = 6432;
my @running;

# The program: the one named by the environment, else Debian's, else whatever is on the path.
sub program
{
  my @places = ($ENV{LLM_ADMIN_CLIENTS} // '', '/usr/sbin', split /:/, $ENV{PATH});
  my ($found) = grep { -x } map { "$_/pgbouncer" } grep { length } @places;
  return $found;
}

sub start
{
  my ($class, $node, @users) = @_;
  my $program = program() or return;
  my $folder = PostgreSQL::Test::Utils::tempdir_short();
  my ($version) = `$program --version` =~ /PgBouncer (\d+\.\d+)/i;
  my ($major, $minor) = split /\./, $version;
  # Statements named by clients: from 1.21 on kept apart for each of them, before that passed on as they are.
  my $named = $minor >= 21 || $major > 1 ? 'max_prepared_statements = 10' : '';
  my $server = join ' ', 'host=' . $node->host, 'port=' . $node->port, 'pool_size=1';
  write_file("$folder/users", join '', map { qq("$_" ""\n) } @users);
  write_file("$folder/ini", <<"INI");
[databases]
* = $server
[pgbouncer]
listen_port = $port
unix_socket_dir = $folder
pool_mode = transaction
auth_type = trust
auth_file = $folder/users
$named
INI
  my $self = bless { folder => $folder, version => $version, log => '' }, $class;
  # Also when the test is killed: END blocks are not run then.
  my @with_parent = -x '/usr/bin/setpriv' ? ('/usr/bin/setpriv', '--pdeathsig', 'TERM') : ();
  $self->{run} = IPC::Run::start([ @with_parent, $program, "$folder/ini" ], '<', \undef, '>&', "$folder/log");
  push @running, $self;
  for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
  {
    return $self if -S "$folder/.s.PGSQL.$port";
    last unless $self->{run}->pumpable;
    select undef, undef, undef, 0.1;
  }
  die 'pgbouncer does not start: ' . slurp_file("$folder/log");
}

sub version { return $_[0]->{version} }

sub host { return $_[0]->{folder} }

sub port { return $port }

sub client
{
  my ($self, $database, $user) = @_;
  return LlmAdmin::Pooler::Client->new($self, $database, $user);
}

sub stop
{
  my ($self) = @_;
  @running = grep { $_ != $self } @running;
  $self->{run}->kill_kill;
  return;
}

END
{
  my $status = $?;
  $_->{run}->kill_kill foreach @running;
  $? = $status;
}

package LlmAdmin::Pooler::Client;

use parent 'LlmAdmin::Wire';
use IO::Select;

sub rows
{
  my ($self, $sql, @values) = @_;
  my $answer = $self->run($sql, @values);
  die "$sql: $answer->{error}{C} $answer->{error}{M}" if $answer->{error};
  return [ map { join '|', map { $_ // '' } @$_ } @{ $answer->{rows} } ];
}

sub state
{
  my ($self, $sql, @values) = @_;
  my $answer = $self->run($sql, @values);
  return $answer->{error} ? $answer->{error}{C} : '';
}

# Bind, Execute and Sync of a statement by its name.
sub execute
{
  my ($self, $name, @values) = @_;
  $self->_bound($name, @values);
  $self->_send([ 'S', '' ]);
  return $self->_until_ready;
}

sub ask
{
  my ($self, $sql, @values) = @_;
  $self->_send([ 'P', "\0$sql\0" . pack('n', 0) ]);
  $self->_bound('', @values);
  $self->_send([ 'S', '' ]);
  return;
}

sub _bound
{
  my ($self, $name, @values) = @_;
  my $values = join '', map { defined $_ ? pack('N/a*', $_) : pack('N', 0xFFFFFFFF) } @values;
  $self->_send([ 'B', "\0$name\0" . pack('nn', 0, scalar @values) . $values . pack('n', 0) ], [ 'E', "\0" . pack('N', 0) ]);
  return;
}

# Something has come back already.
sub answered { return IO::Select->new($_[0]->{socket})->can_read(0) ? 1 : 0 }

sub answer { return $_[0]->_until_ready }

sub hang_up
{
  my ($self) = @_;
  close $self->{socket};
  return;
}

1;
