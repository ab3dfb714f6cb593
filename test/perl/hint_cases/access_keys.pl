# Cases of test/t/062_hints.pl: access keys.
use strict;
use warnings;

our ($node, %used);

my $key = sub {
  my ($set) = @_;
  my $id = $node->safe_psql('postgres', "SELECT id FROM llm_admin.issue_access_key('of a hint')");
  $node->safe_psql('postgres', "UPDATE llm_admin.access_keys SET $set WHERE id = '$id'") if $set;
  return $id;
};
my $hash = sub { my ($id) = @_; return "SELECT llm_admin.check_access_key(encode(k.key_hash, 'hex')) FROM llm_admin.access_keys k WHERE k.id = '$id'" };
my $id = $key->();

mends('a token that no key has', "SELECT llm_admin.check_access_key('sk-nobody')", gives => qr/of a hint/);
mends('a key that is blocked', $hash->($key->('blocked = true')));
mends('a key that expired', $hash->($key->(q{expires_at = now() - interval '1 day'})), fill => { time => '2999-01-01' });
my $revoked = $key->('revoke_at = now()');
my $issued = { name => 'anew' };
mends('a key that was revoked', $hash->($revoked), fill => $issued, gives => qr/^la_/);
mends('rotating a revoked key', "SELECT llm_admin.rotate_access_key('$revoked', 0)", fill => $issued, gives => qr/^la_/);
mends('unblocking a revoked key', "SELECT llm_admin.block_access_key('$revoked', false)", fill => $issued, gives => qr/^la_/);
my $replaced = $key->();
$node->safe_psql('postgres', "SELECT llm_admin.rotate_access_key('$replaced', 60)");
$node->safe_psql('postgres', "UPDATE llm_admin.access_keys SET previous_until = now() - interval '1 day' WHERE id = '$replaced'");
mends('the token of before', "SELECT llm_admin.check_access_key(encode(k.previous_hash, 'hex')) FROM llm_admin.access_keys k WHERE k.id = '$replaced'",
  gives => qr/^la_/);
mends('a grace that is none', "SELECT llm_admin.rotate_access_key('$id', -1)", gives => qr/^la_/);
mends('a key that is not there', q{SELECT llm_admin.revoke_access_key('00000000-0000-4000-8000-000000000000')}, gives => qr/of a hint/);
mends('no id', 'SELECT llm_admin.revoke_access_key(NULL)', gives => qr/of a hint/);
mends('a model asked for a token', q{SELECT llm_admin.check_model_access('free', 'openai/x', options => '{"key": "la_x"}')}, gives => qr/of a hint/);
mends('options that are none', q{SELECT llm_admin.issue_access_key('x', '{"colour": 1}')}, fill => { name => 'x', tenant => 'acme' }, gives => qr/^la_/);
mends('an end that is no time', q{SELECT llm_admin.issue_access_key('x', '{"expires_at": "soon"}')}, fill => { name => 'x' }, gives => qr/^la_/);
mends('an end that has passed', q{SELECT llm_admin.issue_access_key('x', '{"expires_at": "2001-01-01"}')}, fill => { name => 'x' }, gives => qr/^la_/);
mends('a list of what is no state', q{SELECT llm_admin.list_access_keys('{"state": "gone"}')}, fill => { tenant => 'acme' }, gives => qr/^(?:.*\n?)*$/);
mends('a trigger that is off', q{SELECT llm_admin.rotate_access_key('} . $id . q{', 0)},
  before => ['ALTER TABLE llm_admin.access_keys DISABLE TRIGGER trg_bind_access_key']);

1;
