# Access keys in a dump: the database that is restored takes the same tokens and refuses the same ones, without a hand on it.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Session qw(new_node);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('access_key_dumps');

sub verdict
{
  my ($database, $token) = @_;
  my ($stdout, $stderr);
  $node->psql($database, "SELECT name, state FROM llm_admin.check_access_key('$token')", stdout => \$stdout, stderr => \$stderr,
    extra_params => [ '-v', 'VERBOSITY=verbose' ]);
  return $stderr =~ /ERROR:  (\w{5}): (.*)/ ? "$1 $2" : $stdout;
}

my %token;
foreach my $name (qw(active graced cut blocked expired revoked))
{
  $token{$name} = $node->safe_psql('postgres', "SELECT token FROM llm_admin.issue_access_key('$name', '{\"tenant_id\": \"acme\", \"tier\": \"free\"}')");
}
my $id = sub { "(SELECT id FROM llm_admin.access_keys WHERE name = '$_[0]')" };
$token{'graced anew'} = $node->safe_psql('postgres', "SELECT token FROM llm_admin.rotate_access_key(@{[ $id->('graced') ]}, 86400)");
$token{'cut anew'} = $node->safe_psql('postgres', "SELECT token FROM llm_admin.rotate_access_key(@{[ $id->('cut') ]}, 0)");
$node->safe_psql('postgres', "SELECT llm_admin.block_access_key(@{[ $id->('blocked') ]}, true), llm_admin.revoke_access_key(@{[ $id->('revoked') ]})");
$node->safe_psql('postgres', q{UPDATE llm_admin.access_keys SET expires_at = now() - interval '1 day' WHERE name = 'expired'});

my %expected = (
  active => qr/^active\|active$/, graced => qr/^graced\|in grace$/, 'graced anew' => qr/^graced\|active$/,
  cut => qr/^LA011 the access key is not known$/, 'cut anew' => qr/^cut\|active$/, blocked => qr/^LA011 the access key is blocked/,
  expired => qr/^LA011 the access key is expired/, revoked => qr/^LA011 the access key is revoked/);
like(verdict('postgres', $token{$_}), $expected{$_}, "before: $_") for sort keys %expected;

my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, '-d', $node->connstr('postgres') ], 'dumped');
my $text = slurp_file($dump);
is(join(', ', grep { index($text, $token{$_}) >= 0 } sort keys %token), '', 'the dump has no token');
$node->safe_psql('postgres', 'CREATE DATABASE restored TEMPLATE template0');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-f', $dump, '-d', $node->connstr('restored') ], 'restored');
like(verdict('restored', $token{$_}), $expected{$_}, "restored: $_") for sort keys %expected;
my $rows = q{SELECT md5(string_agg((to_jsonb(k) - 'last_used_day')::text, ';' ORDER BY id)) FROM llm_admin.access_keys k};
is($node->safe_psql('restored', $rows), $node->safe_psql('postgres', $rows), 'the rows are the same');
is($node->safe_psql('restored', "SELECT kind, object FROM llm_admin.validate_schema() WHERE verdict = 'error'"), '', 'nothing is wrong with them');

# What is revoked after the dump is revoked in its own database alone; what is revoked where it was restored ends there.
$node->safe_psql('restored', "SELECT llm_admin.revoke_access_key(@{[ $id->('active') ]})");
like(verdict('restored', $token{active}), qr/^LA011 the access key is revoked/, 'revoked where it was restored');
is(verdict('postgres', $token{active}), 'active|active', 'and not where it was dumped');

done_testing();
