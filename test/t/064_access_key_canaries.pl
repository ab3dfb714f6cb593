# Where do tokens of access keys and their hashes go? At the noisiest settings a server has, with roles as
# docs/security.md sets them up: a token is in the answer that shows it and nowhere else, not in any file; a hash is in its
# column, and in no log line, message, statistic or row of the audit log.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Canary;
use LlmAdmin::Noise;
use PostgreSQL::Test::Utils;
use Test::More;

my $noise = LlmAdmin::Noise->start('access_key_canaries', qw(writer reader checker));
my $node = $noise->node;
$node->safe_psql('shop', <<'SQL');
SELECT llm_admin.grant_access('writer', 'operator'), llm_admin.grant_access('reader', 'app'),
  llm_admin.grant_access('checker', 'auditor');
SQL
$noise->make_quiet;

my $work = $noise->round('keys');
my ($writer, $reader, $checker) = map { $work->client($_) } qw(writer reader checker);
my $check = 'SELECT name, state FROM llm_admin.check_access_key($1)';
my %token;
my $id_of = sub { my ($name) = @_; return $work->works("the id of $name", $writer, 'SELECT id FROM llm_admin.access_keys WHERE name = $1', $name) };
my $issue = 'SELECT token FROM llm_admin.issue_access_key($1, $2::jsonb)';
foreach my $name (qw(used rotated graced blocked expired revoked))
{
  $token{$name} = $work->tells("issuing $name", $writer, $issue, $name, '{"tenant_id": "acme"}');
  like($token{$name}, qr/^la_[\w-]{43}$/, "$name has a token");
  is($work->works("using $name", $reader, $check, $token{$name}), $name, "$name is known");
  is($work->works("using the hash of $name", $reader, $check, sha256_hex($token{$name})), $name, 'and by its hash');
}
my %id = map { $_ => $id_of->($_) } keys %token;
my $rotate = 'SELECT token FROM llm_admin.rotate_access_key($1::uuid, $2::int)';
$token{'rotated again'} = $work->tells('rotating', $writer, $rotate, $id{rotated}, 0);
$token{'graced again'} = $work->tells('rotating with a grace', $writer, $rotate, $id{graced}, 3600);
$work->works('the token of before', $reader, $check, $token{graced});
$work->works('blocking', $writer, 'SELECT llm_admin.block_access_key($1::uuid, true)', $id{blocked});
$work->works('expiring', $writer, q{UPDATE llm_admin.access_keys SET expires_at = now() - interval '1 day' WHERE id = $1::uuid}, $id{expired});
$work->works('revoking', $writer, 'SELECT llm_admin.revoke_access_key($1::uuid)', $id{revoked});
foreach my $name (qw(rotated blocked expired revoked))
{
  $work->fails("using $name", 'LA011', $reader, $check, $token{$name});
  $work->fails("the hash of $name", 'LA011', $reader, $check, sha256_hex($token{$name}));
}
(my $changed = $token{used}) =~ s/^(la_.{10})(.)/$1 . ($2 eq 'A' ? 'B' : 'A')/e;
$work->fails('one character changed', 'LA011', $reader, $check, $changed);
$work->fails('a token cut', 'LA011', $reader, $check, substr $token{used}, 0, 40);
$work->fails('a token for an operator', '42501', $writer, $check, $token{used});
$work->fails('a token for a name', '22023', $writer, $issue, $token{used}, '{}');
$work->fails('a token as a tier', '22023', $writer, $issue, 'x', qq({"tier": "$token{used}"}));
$work->fails('a token as a time', '22023', $writer, $issue, 'x', qq({"expires_at": "$token{used}"}));
$work->fails('a token as a member', '22023', $writer, $issue, 'x', qq({"$token{used}": 1}));
$work->fails('a token as a key of a call', '22023', $reader, q{SELECT * FROM llm_admin.check_model_access('free', 'x/y', options => $1::jsonb)},
  qq({"key": "$token{used}"}));
$work->works('listing', $checker, 'SELECT * FROM llm_admin.list_access_keys()');
$work->works('the audit log', $checker, 'SELECT l::text, p::text FROM llm_admin.audit_log l LEFT JOIN llm_admin.audit_payloads p ON p.audit_id = l.id');
$node->safe_psql('shop', q{SELECT llm_admin.record_provider_test('groq', true, 1)});
$work->works('deleting', $writer, q{DELETE FROM llm_admin.access_keys WHERE name = 'blocked'});
my %text = ($work->finish, $noise->places(qr/check_access_key/));
$text{log} = join "\n", $noise->log_lines;
$text{audit} = $node->safe_psql('shop', 'SELECT l::text, p::text FROM llm_admin.audit_log l LEFT JOIN llm_admin.audit_payloads p ON p.audit_id = l.id');
like($text{audit}, qr/access_keys/, 'the audit log was searched');
like($text{log}, qr/check_access_key/, 'the log was searched');

sub seen_in
{
  my ($text, $secret) = @_;
  my %form = LlmAdmin::Canary::forms($secret);
  return join ', ', grep { index($text, $form{$_}) >= 0 } sort keys %form;
}

my %stores_rows = map { $_ => 1 } qw(decoding pg_dump);
foreach my $name (sort keys %token)
{
  is(seen_in($text{$_}, $token{$name}), '', "no token of $name in $_") for sort keys %text;
  is(seen_in($text{$_}, sha256_hex($token{$name})), '', "no hash of $name in $_") for grep { !$stores_rows{$_} } sort keys %text;
}
like($text{pg_dump}, qr/@{[ sha256_hex($token{used}) ]}/, 'the look finds a hash where it is stored');

$node->safe_psql('shop', 'CHECKPOINT');
my ($files, @found) = (0);
my @folders = ($node->data_dir);
while (defined(my $folder = shift @folders))
{
  foreach my $file (glob "$folder/*")
  {
    if (-d $file && !-l $file) { push @folders, $file; next; }
    open my $in, '<:raw', $file or next;    # a file may go meanwhile
    my $bytes = do { local $/; <$in> } // '';
    close $in;
    ++$files;
    foreach my $name (sort keys %token)
    {
      push @found, "$name in $file" if index($bytes, $token{$name}) >= 0;
    }
  }
}
cmp_ok($files, '>', 300, 'files of the data directory were read');
is(join("\n", @found), '', 'no token in any of them');

done_testing();
