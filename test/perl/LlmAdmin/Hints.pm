# The hints of the sources that hold a statement, as they are written there.
#
#   my @hints = LlmAdmin::Hints::of($top);   # { file => 'src/...', line => N, text => '...' }
#
#   LlmAdmin::Hints::followed($hint);        # a test has run the statement of this hint, as it was printed
#   LlmAdmin::Hints::proves('013_name');     # at the test's end: every hint that %of_tests gives to it was
#
# Which test runs which hints is said in %of_tests and nowhere else: the test named there fails for one that it has not
# followed, and 062_hints has a case for each that is not in it.
#
# A folder of core that nothing uses yet has no hints: its errors cannot come about. With the room that uses it they need cases.
# A hint is what stands in a message and not in a statement of our own: adjacent literals of C++ are joined, what is
# put between them by code is '...'. SQL that a pg::statement or a call of execute() holds is none.
package LlmAdmin::Hints;

use strict;
use warnings;

use File::Find;
use Test::More ();

my $literal = qr/"(?:[^"\\]|\\.)*"/;
my $statement = qr/\b(?:SELECT\s+(?:\*|llm_admin\.|pg_|[a-z_]+[ ,])|ALTER\s+(?:SYSTEM|ROLE|DATABASE|DEFAULT|EXTENSION|SCHEMA|TABLE)
  |UPDATE\s+llm_admin|CREATE\s+(?:EXTENSION|ROLE)|DROP\s+(?:SCHEMA|EXTENSION|OWNED)|REVOKE\s|GRANT\s|SET\s+(?:ROLE|llm_admin)
  |INSERT\s+INTO\s+llm_admin|DELETE\s+FROM\s+llm_admin|REASSIGN\s|LOAD\s|COMMIT\s|BEGIN\s|START\s+TRANSACTION|REINDEX\s|VACUUM\s)/x;

# Test => the hints that it runs: a pattern of their files and one of their texts.
our %of_tests = (
  '013_missing_objects' => [ [ qr{store/(?:damage|own_tables)\.cpp}, qr/./ ] ],
  '020_install' => [ [ qr{ledger/check_schema\.cpp}, qr/./ ] ],
  '031_keyring' => [ [ qr{core/crypto/keyring_file\.cpp}, qr/./ ], [ qr{store/keyring\.cpp}, qr/make one/ ] ],
  '032_standby' => [ [ qr{pg/role\.cpp}, qr/on the primary/ ] ],
  '038_damaged_keys' => [ [ qr{keys/status_data_keys\.cpp}, qr/./ ], [ qr{keys/status_roots\.cpp}, qr/\.\.\./ ],
    [ qr{keys/rotate\.cpp}, qr/restore their rows|shred_tenant_keys\($/ ],
    [ qr{store/root_keys\.cpp}, qr/./ ], [ qr{store/keyring\.cpp}, qr/put root key/ ] ],
  '038_key_uses' => [ [ qr{keys/status_uses\.cpp}, qr/./ ], [ qr{store/key_uses\.cpp}, qr/./ ] ],
  '043_partial_restore' => [ [ qr{store/provider\.cpp}, qr/seed_provider_aliases/ ], [ qr{keys/status_stored_keys\.cpp}, qr/were shredded/ ] ],
  '044_schema_check' => [ [ qr{core/schema/}, qr/./ ], [ qr{ledger/record_migration\.cpp}, qr/repair_schema/ ],
    [ qr{keys/status_schema\.cpp}, qr/./ ], [ qr{ledger/check_grants\.cpp}, qr/ALTER DEFAULT PRIVILEGES/ ] ],
  '044_months' => [ [ qr{ledger/check_(?:months|prices)\.cpp}, qr/./ ], [ qr{ledger/migration_status\.cpp}, qr/maintain_partitions/ ] ],
  '052_versions' => [ [ qr{ledger/drop_(?:functions|tables)\.cpp}, qr/allow_data_loss/ ], [ qr{ledger/drop_columns\.cpp}, qr/allow_data_loss/ ], [ qr{ledger/record_migration\.cpp}, qr/refresh_access/ ] ],
  '055_after_load' => [ [ qr{ledger/check_(?:levels|models|providers|tenants)\.cpp}, qr/^(?!.*adopt_pgcrypto)/ ] ],
  '057_scripts' => [ [ qr{ledger/check_requirements\.cpp}, qr/REASSIGN/ ], [ qr{ledger/foreign_grants\.cpp}, qr/./ ] ],
  '121_audit_attacks' => [ [ qr{roles/access\.cpp}, qr/ASCII letters/ ] ],
  '063_keyring_reach' => [ [ qr{keys/status_preload\.cpp}, qr/./ ] ]);

my @followed;

sub followed { push @followed, @_; return }

# Whether a printed hint is one that the text of the sources gives: what stands between its gaps, in order.
sub is_one_of
{
  my ($printed, $text) = @_;
  my $pattern = join '.*?', map { quotemeta } split /\.\.\.(?!\.)|%s|<[A-Za-z ]+>/, $text, -1;
  return $printed =~ /$pattern/s || $printed =~ s/''/'/gr =~ /$pattern/s;
}

sub _belongs
{
  my ($hint, $claims) = @_;
  return scalar grep { $hint->{file} =~ $_->[0] && $hint->{text} =~ $_->[1] } @$claims;
}

# The test that runs the hint; undef for none.
sub test_of
{
  my ($hint) = @_;
  my ($test) = grep { _belongs($hint, $of_tests{$_}) } sort keys %of_tests;
  return $test;
}

sub proves
{
  my ($test, $top) = @_;
  my @missing;
  foreach my $hint (of($top))
  {
    next unless _belongs($hint, $of_tests{$test});
    my $text = $hint->{text};
    push @missing, "$hint->{file}:$hint->{line}: $text" unless grep { is_one_of($_, $text) } @followed;
  }
  Test::More::is(join("\n", @missing), '', "$test: every hint that is said to be run here was");
  return;
}

sub _unescaped
{
  my ($text) = @_;
  $text =~ s/\\n/\n/g;
  $text =~ s/\\(.)/$1/g;
  return $text;
}

# The folders of core that something outside of them includes. What stands in another one, nobody can meet yet.
sub _used_cores
{
  my ($top) = @_;
  my %used;
  find({ no_chdir => 1, wanted => sub {
    return unless /\.[ch]pp$/;
    my ($own) = m{/src/core/(\w+)/};
    open my $in, '<', $_ or die "$_: $!";
    foreach my $core (map { m{^#include "core/(\w+)/} ? $1 : () } <$in>) { $used{$core} = 1 if $core ne ($own // '') }
    close $in;
  } }, "$top/src");
  return \%used;
}

sub of
{
  my ($top) = @_;
  my (@files, @found);
  my $used = _used_cores($top);
  find({ no_chdir => 1, wanted => sub { push @files, $_ if /\.cpp$/ && (!m{/src/core/(\w+)/} || $used->{$1}) } }, "$top/src");
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
