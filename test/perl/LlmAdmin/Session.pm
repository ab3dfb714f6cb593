# What the tests of crashes, races and keyrings share: a server with a keyring, and sessions that stay open.
#
#   my $node = LlmAdmin::Session::new_node('name');          # started, extension and seeds in `postgres`
#   my $s = LlmAdmin::Session->new($node);
#   my ($out, $err) = $s->ask('SELECT 1');                    # waits for the answer
#   $s->send('SELECT pg_sleep(1000)'); ... $s->answer;        # does not
#   is_deeply(failure($err), {state => ..., message => ..., detail => ..., hint => ...});
#
# Errors come with their SQLSTATE. A session that the server has ended answers with what psql said of it.
package LlmAdmin::Session;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

our @EXPORT_OK = qw(new_node new_keyring write_file failure);

my $keyrings = 0;

# A file of the server's user with mode 0600 (or another), in a folder that nobody else can write to.
sub write_file
{
  my ($path, $content, $mode) = @_;
  open my $file, '>', $path or die "$path: $!";
  print $file $content;
  close $file or die "$path: $!";
  chmod $mode // 0600, $path or die "$path: $!";
  return $path;
}

# Makes a keyring of one root key in a folder of its own; returns its path.
sub new_keyring
{
  my ($id, $hex) = @_;
  my $folder = PostgreSQL::Test::Utils::tempdir('keyring_' . ++$keyrings);
  chmod 0700, $folder or die "$folder: $!";
  $hex //= join '', map { sprintf '%02x', int rand 256 } 1 .. 32;
  return write_file("$folder/keyring", ($id // 1) . ":$hex:active\n");
}

# A server whose keyring is the one given, or a new one; '' for none. Settings are lines of postgresql.conf.
sub new_node
{
  my ($name, %options) = @_;
  my $keyring = $options{keyring} // new_keyring();
  my $node = PostgreSQL::Test::Cluster->new($name);
  $node->init(
    extra => [ '--encoding=UTF8', '--locale=C' ],
    $options{streaming} ? (allows_streaming => 1) : ());
  $node->append_conf('postgresql.conf', "llm_admin.keyring_file = '$keyring'") if $keyring ne '';
  $node->append_conf('postgresql.conf', $options{settings} // '');
  $node->start;
  $node->safe_psql('postgres', 'CREATE EXTENSION llm_admin; SELECT llm_admin.seed();');
  return $node;
}

sub new
{
  my ($class, $node, $database) = @_;
  my $self = bless { in => '', out => '', err => '', count => 0 }, $class;
  local %ENV = $node->_get_env();
  $self->{timeout} = IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default);
  $self->{run} = IPC::Run::start(
    [ $node->installed_command('psql'), '-XAtq', '-d', $node->connstr($database // 'postgres'), '-f', '-' ],
    '<', \$self->{in}, '>', \$self->{out}, '2>', \$self->{err}, $self->{timeout});
  ($self->{pid}) = $self->ask("\\set VERBOSITY verbose\nSELECT pg_backend_pid()");
  return $self;
}

# The process id of its backend.
sub pid
{
  my ($self) = @_;
  return $self->{pid};
}

sub send
{
  my ($self, $sql) = @_;
  my $mark = 'answer ' . ++$self->{count} . ' ends here';
  # An error in its place must not run into the statement before: the mark stands on a line of its own.
  $self->{timeout}->start;    # anew for each statement
  $self->{in} .= "$sql\n;\n\\echo '$mark'\n\\warn '$mark'\n";
  $self->{run}->pump_nb if $self->{run}->pumpable;
  return;
}

# Whether the answer to what was sent last is there, without waiting.
sub has_answered
{
  my ($self) = @_;
  my $mark = qr/answer $self->{count} ends here\n/;
  return 1 unless $self->{run}->pumpable;
  $self->{run}->pump_nb;
  return $self->{out} =~ $mark && $self->{err} =~ $mark;
}

sub answer
{
  my ($self) = @_;
  my $mark = qr/answer $self->{count} ends here\n/;
  while ($self->{out} !~ $mark || $self->{err} !~ $mark)
  {
    last unless $self->{run}->pumpable;
    $self->{run}->pump;
  }
  my ($out, $err) = @$self{qw(out err)};
  s/$mark// for $out, $err;
  $self->{$_} = '' for qw(out err);
  chomp $out;
  return wantarray ? ($out, $err) : $out;
}

sub ask
{
  my ($self, $sql) = @_;
  $self->send($sql);
  return $self->answer;
}

sub quit
{
  my ($self) = @_;
  $self->{in} .= "\\q\n" if $self->{run}->pumpable;
  $self->{run}->finish;
  return;
}

# The last error in what psql wrote to stderr, in its parts; undef when there is none.
sub failure
{
  my ($stderr) = @_;
  my @parts = $stderr =~ /.*(?:ERROR|FATAL):[ ][ ](\w{5}):[ ](.*?)\n
    (?:DETAIL:[ ][ ](.*?)\n)?(?:HINT:[ ][ ](.*?)\n)?(?:[A-Z ]+:[ ][ ]|\z)/sx or return undef;
  my %failure = (state => $parts[0], message => $parts[1]);
  $failure{detail} = $parts[2] if defined $parts[2];
  $failure{hint} = $parts[3] if defined $parts[3];
  return \%failure;
}

1;
