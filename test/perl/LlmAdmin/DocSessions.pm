# The psql sessions in the documentation, run again and written with what came out; and the figures in README.md.
#
# A session is a fenced block marked `psql`. Lines that begin with a prompt (`demo=# `, `demo-# `) are what is typed;
# all others are output. Each statement runs in a psql of its own, after the SETs and \set lines of the document so
# far, so that its errors and its result cannot mix with another's; those from a BEGIN to its COMMIT or ROLLBACK run in
# one together (`demo=*# `). Blanks at the ends of lines do not count.
package LlmAdmin::DocSessions;
use strict;
use warnings;

# replay($text, @psql): the text with every session's output replaced by what @psql, a command reading statements
# from its standard input, prints now. Returns the text and the number of statements.
sub replay
{
  my ($text, @psql) = @_;
  my ($settings, $count) = ('', 0);
  $text =~ s{^```psql\n(.*?)^```$}{ "```psql\n" . _block($1, \$settings, \$count, @psql) . '```' }gemsx;
  return ($text, $count);
}

# console($text, $port_of, %environment): the same for the blocks marked `console`, where `$ ` begins what is typed. One shell
# runs all of them, so that a variable lasts. $port_of has the ports that stand for those of the page. Returns the text and
# the number of commands.
sub console
{
  my ($text, $port_of, %environment) = @_;
  require IPC::Run;
  my ($end, $count, $out) = ('end of this output', 0, '');
  my @typed = map { /^\$ (.*)/ ? $1 : () } split /\n/, join '', $text =~ /^```console\n(.*?)^```$/gms;
  my ($ports, %page_of) = (join('|', keys %$port_of), reverse %$port_of);
  my $script = join '', map { "$_\necho '$end'\n" } map { s/(127\.0\.0\.1):($ports)\b/$1:$port_of->{$2}/gr } @typed;
  local %ENV = (%ENV, %environment);
  IPC::Run::run([ 'sh', '-c', $script ], '<', \undef, '>&', \$out);
  my $real = join '|', keys %page_of;
  $out =~ s/(127\.0\.0\.1):($real)\b/$1:$page_of{$2}/g;
  $out =~ s/[ \t\r]+$//mg;
  my @outputs = split /^\Q$end\E\n/m, $out, -1;
  $text =~ s{^```console\n(.*?)^```$}{
    my $block = join '', map { "\$ $_\n" . ($outputs[ $count++ ] // '') } map { /^\$ (.*)/ ? $1 : () } split /\n/, $1;
    "```console\n" . ($block =~ s/\n+\z/\n/r) . '```' }gemsx;
  return ($text, $count);
}

# costs($text, $measured): the text with the figures of its tables' rows taken from the rows of $measured that begin
# with the same two cells. Returns the text and the number of rows found.
sub costs
{
  my ($text, $measured) = @_;
  my %cells_of;
  foreach my $line (split /\n/, $measured)
  {
    my (undef, @cells) = split / *\| */, $line;
    $cells_of{"$cells[0]|$cells[1]"} = \@cells if @cells > 5;
  }
  my $count = 0;
  my $row = sub {
    my ($line) = @_;
    my (undef, @cells) = split / *\| */, $line, -1;
    my $found = @cells > 5 ? $cells_of{"$cells[0]|$cells[1]"} : undef;
    return $line if !$found || $cells[0] eq 'work' || $cells[0] =~ /^-+$/;
    $count++;
    return '| ' . join(' | ', @$found[ 0 .. 4 ]) . ' |';
  };
  $text =~ s/^(\|.*\|)$/$row->($1)/gem;
  return ($text, $count);
}

sub _block
{
  my ($block, $settings, $count, @psql) = @_;
  my $out = '';
  my (@statements, @group);
  foreach my $line (split /\n/, $block)
  {
    if ($line =~ /^\w+=[*!]?[#>] (.*)$/) { push @statements, { typed => "$line\n", sql => "$1\n" } }
    elsif (@statements && $line =~ /^\w+[-('"\$][*!]?[#>] ?(.*)$/)
    {
      $statements[-1]{typed} .= "$line\n";
      $statements[-1]{sql} .= "$1\n";
    }
  }
  foreach my $statement (@statements)
  {
    push @group, $statement;
    next if $group[0]{sql} =~ /^BEGIN\b/ && $statement->{sql} !~ /^(?:COMMIT|ROLLBACK);/;
    my @outputs = _run($$settings, [ map { $_->{sql} } @group ], @psql);
    $out .= $_->{typed} . shift @outputs foreach @group;
    $$settings .= $statement->{sql} if @group == 1 && $statement->{sql} =~ /^(?:SET\b|\\set\b|\\pset\b)/;
    $$count += @group;
    @group = ();
  }
  die "a BEGIN without its COMMIT or ROLLBACK\n" if @group;
  $out =~ s/\n+\z/\n/;
  return $out;
}

# The output of each statement. Notices come before the result, as in a terminal; an error has no result.
sub _run
{
  my ($settings, $statements, @psql) = @_;
  require IPC::Run;
  my $end = 'end of this output';
  my ($stdout, $stderr) = ('', '');
  my $script = "\\set QUIET on\n\\o /dev/null\n$settings\\o\n\\set QUIET off\n"
    . join('', map { "$_\\echo '$end'\n\\warn '$end'\n" } @$statements);
  IPC::Run::run(\@psql, '<', \$script, '>', \$stdout, '2>', \$stderr);
  my @said = split /^\Q$end\E\n/m, $stderr, -1;
  my @result = split /^\Q$end\E\n/m, $stdout, -1;
  my @outputs;
  foreach my $n (0 .. $#$statements)
  {
    my $output = ($said[$n] // '') . ($result[$n] // '');
    $output =~ s/^psql:<stdin>:\d+: //mg;
    $output =~ s/[ \t]+$//mg;
    push @outputs, $output;
  }
  return @outputs;
}

1;
