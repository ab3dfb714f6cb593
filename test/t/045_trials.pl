# The trials of test/trials, each a kind of fault that was reported of some gateway or client, or of a vendor's answers
# as they were recorded: what goes out and what is read is right, through SQL, on the providers that seed() adds.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use LlmAdmin::Session qw(new_node);
use LlmAdmin::Trials qw(run_trial holds);

my $tree = $ENV{LLM_ADMIN_TREE} // '.';
my $node = new_node('trials');

# A key that some other service keeps is enough to enable a row; nothing is ever sent.
$node->safe_psql('postgres', <<'SQL');
UPDATE llm_admin.llm_provider_configs SET is_enabled = true, api_key_encrypted = 'kms:example'
WHERE auth_scheme <> 'none';
UPDATE llm_admin.llm_provider_configs SET is_enabled = true;
SQL

# The judge itself can say no.
ok(!holds($_->[0], $_->[1]), "a judge says no: $_->[2]")
  foreach [{ body => { a => [undef, 1] } }, { body => { a => [7, 2] } }, 'a part'],
  [{ absent => ['/a/0'] }, { a => ['x'] }, 'absent'], [{ not_null => ['/a'] }, {}, 'not null'],
  [{ match => { '/a' => '^b$' } }, { a => 'ab' }, 'a pattern'], [{ equal => ['/a', '/b'] }, { a => 1 }, 'equal'],
  [{ no_error => 1 }, { sql_error => 'ERROR' }, 'an error'], [{ result => {} }, { sql_error => 'ERROR' }, 'no result'],
  [{ order => { '/a' => ['x', 'y'] } }, { a => [{ type => 'y' }, { type => 'x' }] }, 'an order'],
  [{ either => [{ contains => 'q' }, { count => { '/a' => 2 } }] }, { a => [1] }, 'either'];

my @files = sort glob "$tree/test/trials/*.json";
cmp_ok(scalar @files, '>=', 70, 'the trials are there');
foreach my $path (@files)
{
  my ($name) = $path =~ m{([^/]+)\.json$};
  my $text = slurp_file($path);
  utf8::decode($text);
  my $trial = JSON::PP->new->decode($text);
  my $got = run_trial($node, $trial);
  ok(holds($trial->{want}, $got), $name) or diag("$trial->{why}\n" . substr(JSON::PP->new->canonical->encode($got), 0, 2000));
}

$node->stop;
done_testing();
