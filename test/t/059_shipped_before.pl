# src/shipped/older.tsv: by which rows of 0.1 to 0.3 that nobody edited are known. It is what those versions' own scripts
# ship, part by part, and what their seed() stores.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Catalog qw(born);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $tree = $ENV{LLM_ADMIN_TREE} // '.';
my $node = PostgreSQL::Test::Cluster->new('before');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->start;

my @versions = qw(0.1 0.2 0.3);
my $parts = q{LATERAL (VALUES ('request', s.request_builder_config), ('response', s.response_extractor_config)%s) AS part (name, value)};
my $of_provider = sprintf $parts, q{, ('capabilities', s.model_capabilities)};
my $of_dialect = sprintf $parts, '';
my $digest = q{encode(sha256(convert_to(part.value::text, 'UTF8')), 'hex')};

# Lines `kind name part digest`, and the same of seeded rows.
my %versions_of;
foreach my $version (@versions)
{
  (my $database = "at_$version") =~ tr/./_/;
  $node->safe_psql('postgres', "CREATE DATABASE $database");
  $node->safe_psql($database, born($version));
  is($node->safe_psql($database, q{SELECT extversion FROM pg_extension WHERE extname = 'llm_admin'}), $version, "$version is there");
  my $shipped = $node->safe_psql($database, qq{
    SELECT concat_ws(E'\\t', 'provider', s.provider_name, part.name, $digest) AS line
    FROM llm_admin.shipped_providers() s, $of_provider WHERE part.value IS NOT NULL
    UNION SELECT concat_ws(E'\\t', 'dialect', s.dialect, part.name, $digest) FROM llm_admin.shipped_dialects() s, $of_dialect
    WHERE part.value IS NOT NULL ORDER BY line});
  $node->safe_psql($database, 'SELECT count(*) FROM llm_admin.seed()');
  my $seeded = $node->safe_psql($database, qq{
    SELECT concat_ws(E'\\t', 'provider', s.provider_name, part.name, $digest) AS line
    FROM llm_admin.llm_provider_configs s, $of_provider WHERE part.value IS NOT NULL ORDER BY line});
  cmp_ok(scalar(split /\n/, $seeded), '>', 3, "$version seeds something");
  is($seeded, join("\n", grep { /^provider\t/ } split /\n/, $shipped), "$version stores what it ships");
  push @{ $versions_of{$_} }, $version foreach split /\n/, $shipped;
}

my @kept = grep { !/^#/ } split /\n/, slurp_file("$tree/src/shipped/older.tsv");
my @are = map { "$_\t" . join ' ', @{ $versions_of{$_} } } keys %versions_of;
is_deeply([ sort @kept ], [ sort @are ], 'src/shipped/older.tsv holds the digest of all that was shipped, and nothing else');
cmp_ok(scalar(grep { /\t(?:0\.1|0\.1 .*)$/ } @kept), '>', 5, 'of the first version, too');

$node->stop;
done_testing();
