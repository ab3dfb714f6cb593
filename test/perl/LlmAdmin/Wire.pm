# A small client of the server's protocol (version 3), for what psql cannot do: bind parameters, and see every
# field of every message. Unix sockets and trust authentication only, as the test clusters have them.
#
#   my $client = LlmAdmin::Wire->new($node, 'database', 'user');
#   my $answer = $client->run('SELECT $1::text', 'value');   # undef binds a null
#   $answer->{rows}      # array of arrays of texts
#   $answer->{error}     # undef, or the fields of ErrorResponse by their letter: C = SQLSTATE, M = message ...
#   $client->messages    # all that arrived in ErrorResponse and NoticeResponse so far, as one text
#
# Dies when the connection breaks. Format: "Message Formats" in the server's documentation.
package LlmAdmin::Wire;

use strict;
use warnings;

use IO::Socket::UNIX;

sub new
{
  my ($class, $node, $database, $user) = @_;
  my $socket = IO::Socket::UNIX->new(Peer => $node->host . '/.s.PGSQL.' . $node->port)
    or die "cannot connect: $!";
  my $self = bless { socket => $socket, messages => '' }, $class;
  my $start = pack('N', 196608) . join("\0", user => $user, database => $database, '', '');
  print $socket pack('N', length($start) + 4) . $start;
  $socket->flush;
  my $answer = $self->_until_ready;
  die "refused: $answer->{error}{M}" if $answer->{error};
  return $self;
}

# Parse, Bind, Describe, Execute and Sync of the unnamed statement; all values travel as text.
sub run
{
  my ($self, $sql, @values) = @_;
  my $bind = join '', map { defined $_ ? pack('N/a*', $_) : pack('N', 0xFFFFFFFF) } @values;
  $self->_send(
    [ 'P', "\0$sql\0" . pack('n', 0) ],
    [ 'B', "\0\0" . pack('nn', 0, scalar @values) . $bind . pack('n', 0) ],
    [ 'D', "P\0" ],
    [ 'E', "\0" . pack('N', 0) ],
    [ 'S', '' ]);
  return $self->_until_ready;
}

# A named statement, kept by the server until the connection ends; run_prepared() binds and executes it.
sub prepare
{
  my ($self, $name, $sql) = @_;
  $self->_send([ 'P', "$name\0$sql\0" . pack('n', 0) ], [ 'S', '' ]);
  return $self->_until_ready;
}

sub messages { return $_[0]->{messages} }

sub finish
{
  my ($self) = @_;
  $self->_send([ 'X', '' ]);
  close $self->{socket};
  return;
}

sub _send
{
  my ($self, @parts) = @_;
  my $socket = $self->{socket};
  print $socket join '', map { $_->[0] . pack('N', length($_->[1]) + 4) . $_->[1] } @parts;
  $socket->flush;
  return;
}

sub _bytes
{
  my ($self, $count) = @_;
  my $bytes = '';
  while (length $bytes < $count)
  {
    my $got = read $self->{socket}, $bytes, $count - length $bytes, length $bytes;
    die 'the connection is gone' unless $got;
  }
  return $bytes;
}

sub _until_ready
{
  my ($self) = @_;
  my %answer = (rows => [], error => undef);
  while (1)
  {
    my ($kind, $length) = unpack 'aN', $self->_bytes(5);
    my $body = $self->_bytes($length - 4);
    return \%answer if $kind eq 'Z';
    if ($kind eq 'D')
    {
      my $count = unpack 'n', $body;
      my ($at, @row) = (2);
      for (1 .. $count)
      {
        my $size = unpack 'N', substr($body, $at, 4);
        push @row, $size == 0xFFFFFFFF ? undef : substr($body, $at + 4, $size);
        $at += 4 + ($size == 0xFFFFFFFF ? 0 : $size);
      }
      push @{ $answer{rows} }, \@row;
    }
    elsif ($kind eq 'E' || $kind eq 'N')
    {
      my %fields = map { substr($_, 0, 1) => substr($_, 1) } grep { length } split /\0/, $body;
      $self->{messages} .= join('', map { "$_: $fields{$_}\n" } sort keys %fields);
      $answer{error} = \%fields if $kind eq 'E';
      die "the server says: $fields{M}" if $kind eq 'E' && $fields{S} =~ /FATAL|PANIC/;
    }
    elsif ($kind eq 'R')
    {
      die 'only trust authentication is known here' if unpack('N', $body) != 0;
    }
  }
}

1;
