# The hints of the sources that hold a statement, as they are written there.
#
#   my @hints = LlmAdmin::Hints::of($top);   # { file => 'src/...', line => N, text => '...' }
#
# A hint is what stands in a message and not in a statement of our own: adjacent literals of C++ are joined, what is
# put between them by code is '...'. SQL that a pg::statement or a call of execute() holds is none.
package LlmAdmin::Hints;

use strict;
use warnings;

use File::Find;

my $literal = qr/"(?:[^"\\]|\\.)*"/;
my $statement = qr/\b(?:SELECT\s+(?:\*|llm_admin\.|pg_|[a-z_]+[ ,])|ALTER\s+(?:SYSTEM|ROLE|DATABASE|DEFAULT|EXTENSION|SCHEMA|TABLE)
  |UPDATE\s+llm_admin|CREATE\s+(?:EXTENSION|ROLE)|DROP\s+(?:SCHEMA|EXTENSION|OWNED)|REVOKE\s|GRANT\s|SET\s+(?:ROLE|llm_admin)
  |REASSIGN\s|LOAD\s|COMMIT\s|BEGIN\s|START\s+TRANSACTION|REINDEX\s|VACUUM\s)/x;

sub _unescaped
{
  my ($text) = @_;
  $text =~ s/\\n/\n/g;
  $text =~ s/\\(.)/$1/g;
  return $text;
}

sub of
{
  my ($top) = @_;
  my (@files, @found);
  find({ no_chdir => 1, wanted => sub { push @files, $_ if /\.cpp$/ } }, "$top/src");
  foreach my $file (sort @files)
  {
    open my $in, '<', $file or die "$file: $!";
    my $source = do { local $/; <$in> };
    close $in;
    $source =~ s{^\s*//.*$}{}mg;
    # Own statements, kept in their place by their line breaks.
    $source =~ s/(\bstatement\s+\w+\s*\{(?:[^;"]|$literal)*;|\bexecute\((?:[^;"]|$literal)*;|^#define(?:.*\\\n)*.*$)/$1 =~ tr{\n}{}cdr/gem;
    while ($source =~ /((?:$literal)(?:\s*(?:$literal|\+\s*[^;"]{0,120}?\+\s*$literal))*)/g)
    {
      my ($whole, $at) = ($1, $-[1]);
      my $text = '';
      my $end = 0;
      while ($whole =~ /($literal)/g)
      {
        my ($piece, $from, $to) = ($1, $-[1], $+[1]);
        $text .= '...' if $text ne '' && substr($whole, $end, $from - $end) =~ /\S/;
        $text .= _unescaped(substr $piece, 1, -1);
        $end = $to;
      }
      next unless $text =~ $statement;
      my $line = 1 + (substr($source, 0, $at) =~ tr/\n//);
      (my $name = $file) =~ s{^\Q$top\E/}{};
      push @found, { file => $name, line => $line, text => $text };
    }
  }
  return @found;
}

1;
