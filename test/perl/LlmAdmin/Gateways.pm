# Programs that listen on the loopback address, and HTTP requests to them: the examples of gateways and what stands in for
# vendors, LiteLLM and Envoy.
#
#   my $program = LlmAdmin::Gateways->start('name', {NAME => value}, @command);   # listens; its port stands in its output
#   my $line = $program->line(qr/.../);       # waits for a line of its standard output and returns it
#   $program->feed("text\n");                 # its standard input
#   $program->output;                         # all it has said, standard error too
#   $program->stop; $program->kill;           # TERM or KILL, and its exit status; also signal('TERM') and ends apart
#   my $answer = $program->post('/path', {Header => value}, $body);   # {status, headers, body}
#   my $call = $program->begin('/path', {...}, $body);   # a request whose answer is not awaited
#   $call->until(qr/.../); $call->rest; $call->hang_up;  # reads to a line of the answer; its rest as above; gone without a word
#   my $missing = LlmAdmin::Gateways::missing('node' | 'python');    # why its programs cannot run, or undef
#
# A program ends with the test, however that ends. Its environment is the one given, with nothing of the user's.
package LlmAdmin::Gateways;

use strict;
use warnings;

use IO::Socket::INET;
use IPC::Run ();
use LlmAdmin::Clients;
use PostgreSQL::Test::Utils;

my @running;

sub missing
{
  my ($name) = @_;
  my (undef, $missing) = LlmAdmin::Clients::command($name eq 'node' ? 'openai_proxy' : 'psycopg');
  return $missing;
}

sub start
{
  my ($class, $name, $values, @command) = @_;
  my $self = bless { name => $name, in => '', out => '', err => '', read => 0 }, $class;
  local %ENV = (PATH => $ENV{PATH}, HOME => '/nonexistent', LC_ALL => 'C.UTF-8', PYTHONDONTWRITEBYTECODE => 1, %$values);
  # Also when the test is killed: END blocks are not run then.
  my @with_parent = -x '/usr/bin/setpriv' ? ('/usr/bin/setpriv', '--pdeathsig', 'KILL') : ();
  $self->{timeout} = IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default);
  $self->{run} = IPC::Run::start([ @with_parent, @command ], '<', \$self->{in}, '>', \$self->{out}, '2>', \$self->{err}, $self->{timeout});
  push @running, $self;
  ($self->{port}) = $self->line(qr/^listening on \d+$/) =~ /(\d+)/;
  return $self;
}

sub line
{
  my ($self, $pattern) = @_;
  $self->{timeout}->start;
  while (1)
  {
    while ((my $end = index $self->{out}, "\n", $self->{read}) >= 0)
    {
      my $line = substr $self->{out}, $self->{read}, $end - $self->{read};
      $self->{read} = $end + 1;
      return $line if $line =~ $pattern;
    }
    die "$self->{name} has ended: " . $self->output if !$self->{run}->pumpable;
    $self->{run}->pump;
  }
}

sub feed
{
  my ($self, $text) = @_;
  $self->{in} .= $text;
  $self->{run}->pump while length $self->{in} && $self->{run}->pumpable;
  return;
}

sub output
{
  my ($self) = @_;
  return $self->{out} . $self->{err};
}

sub signal { my ($self, $name) = @_; $self->{run}->signal($name); return }

# Waits for its end; its exit status, as of the shell.
sub ends
{
  my ($self) = @_;
  @running = grep { $_ != $self } @running;
  $self->{timeout}->start;
  $self->{run}->finish;
  return ($self->{run}->full_results)[0];
}

sub stop { my ($self) = @_; $self->signal('TERM'); return $self->ends }

sub kill { my ($self) = @_; $self->signal('KILL'); return $self->ends }

sub post { my ($self, @request) = @_; return $self->begin(@request)->rest; }

sub begin { my ($self, $path, $headers, $body) = @_; return LlmAdmin::Gateways::Call->new($self, defined $body ? 'POST' : 'GET', $path, $headers, $body // ''); }

END { local $?; $_->kill foreach @running; }

package LlmAdmin::Gateways::Call;

sub new
{
  my ($class, $program, $method, $path, $headers, $body) = @_;
  my $self = bless { program => $program }, $class;
  $self->{socket} = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $program->{port}, Proto => 'tcp') or die "$program->{name}: $!";
  my %sent = (Host => "127.0.0.1:$program->{port}", 'Content-Length' => length $body, 'Content-Type' => 'application/json', Connection => 'close', %$headers);
  $self->{socket}->print("$method $path HTTP/1.1\r\n" . join('', map { "$_: $sent{$_}\r\n" } sort keys %sent) . "\r\n$body");
  return $self;
}

# The next line; undef at the end.
sub line
{
  my ($self) = @_;
  $self->{text} //= '';
  1 while $self->{text} !~ /\n/ && $self->_more;
  return $self->{text} =~ s/\A(.*?)\r?\n//s ? $1 : undef;
}

sub until
{
  my ($self, $pattern) = @_;
  while (1)
  {
    my $line = $self->line // die "$self->{program}{name}: the answer has ended: " . $self->{program}->output;
    return $line if $line =~ $pattern;
  }
}

sub _more
{
  my ($self) = @_;
  local $SIG{ALRM} = sub { die "$self->{program}{name} does not answer: " . $self->{program}->output };
  alarm $PostgreSQL::Test::Utils::timeout_default;
  my $read = sysread $self->{socket}, $self->{text}, 65536, length $self->{text};
  alarm 0;
  return $read;
}

sub rest
{
  my ($self) = @_;
  my ($status) = ($self->line // die "$self->{program}{name} hangs up: " . $self->{program}->output) =~ m{^HTTP/1.1 (\d+)};
  my %headers;
  while (defined(my $line = $self->line))
  {
    last if $line eq '';
    my ($name, $value) = split /: */, $line, 2;
    $headers{ lc $name } = $value;
  }
  1 while $self->_more;
  my $body = $self->{text};
  if (($headers{'transfer-encoding'} // '') eq 'chunked')
  {
    my ($whole, $at) = ('', 0);
    while ($body =~ /\G([0-9a-f]+)\r\n/gci)
    {
      my $size = hex $1;
      $whole .= substr $body, pos $body, $size;
      pos($body) += $size + 2 if $size;
      last if !$size;
    }
    $body = $whole;
  }
  return { status => $status, headers => \%headers, body => $body };
}

sub hang_up
{
  my ($self) = @_;
  close $self->{socket};
  return;
}

1;
