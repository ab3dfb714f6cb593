# A tenant's envelope opens in its own row, for its own place, whole and unaltered, and nowhere else: every bit and
# every length of it, its row, its tenant, its provider and place, its data key and that one's wrap. Rows are forged
# as the server's superuser can, with the triggers out of the way. Whatever was done, the refusal is the same text.
use strict;
use warnings;

use LlmAdmin::Session qw(new_node new_keyring failure write_file);
use LlmAdmin::Wire;
use MIME::Base64 qw(decode_base64url encode_base64url);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $keyring = new_keyring();
my $hex = join '', map { sprintf '%02x', int rand 256 } 1 .. 32;
write_file($keyring, slurp_file($keyring) . "2:$hex\n");
my $node = new_node('tenant_envelopes', keyring => $keyring);
$node->safe_psql('postgres', <<'SQL');
SELECT llm_admin.set_provider_key('groq', 'KEY-groq-0123456789');
SELECT llm_admin.create_provider('Same', 'https://api.groq.com/openai/v1', 'm', 'same_place', api_key => 'KEY-same-0123456789');
SELECT llm_admin.put_llm_config(t, jsonb_build_object('apiKey', 'KEY-' || t || '-0123456789', 'provider', 'groq'))
FROM unnest('{a,b}'::text[]) AS t;
SELECT llm_admin.rotate_data_key('a');
SELECT llm_admin.put_llm_config('a', '{"apiKey": "KEY-a-second-0123456789"}');
CREATE SCHEMA kept;
CREATE TABLE kept.configs AS TABLE llm_admin.llm_configs;
CREATE TABLE kept.providers AS TABLE llm_admin.llm_provider_configs;
CREATE TABLE kept.data_keys AS TABLE llm_admin.data_keys;
SQL
my $client = LlmAdmin::Wire->new($node, 'postgres', $node->safe_psql('postgres', 'SELECT current_user'));

sub run
{
  my ($sql, @values) = @_;
  my $answer = $client->run($sql, @values);
  die "$sql: $answer->{error}{M}" if $answer->{error};
  return $answer->{rows}[0] ? $answer->{rows}[0][0] : undef;
}

# Without triggers and constraints in the way. Data keys always tell of their changes.
sub forge
{
  my ($sql, @values) = @_;
  run('SET session_replication_role = replica');
  run($sql, @values);
  run('RESET session_replication_role');
  return;
}

sub restore
{
  forge("DELETE FROM llm_admin.$_->[0]"), forge("INSERT INTO llm_admin.$_->[0] SELECT * FROM kept.$_->[1]")
    for [ 'llm_configs', 'configs' ], [ 'llm_provider_configs', 'providers' ], [ 'data_keys', 'data_keys' ];
  return;
}

sub text_of
{
  my ($e) = @_;
  return $e ? join('|', map { $e->{$_} // '' } qw(C M D H)) : 'opened';
}
my $open_a = q{SELECT llm_admin.decrypt_tenant_key('a')};
is(run($open_a), 'KEY-a-second-0123456789', 'it opens');
my $envelope = run(q{SELECT api_key_encrypted FROM llm_admin.llm_configs WHERE tenant_id = 'a'});
forge(q{UPDATE llm_admin.llm_configs SET api_key_encrypted = $1 WHERE tenant_id = 'b'}, $envelope);
my $refusal = text_of($client->run(q{SELECT llm_admin.decrypt_tenant_key('b')})->{error});
like($refusal, qr/^LA031\|/, 'in the row of b it does not');
unlike($refusal, qr/KEY|lma1|groq|\b[ab]\b/, 'and the refusal names nothing');
restore();
# Which data key sealed it stands in the envelope in the clear: of one that is not here that is said, and no more.
my $unknown = $refusal =~ s/\|wrong key.*//sr . '|the data key that it names is not in this database: llm_admin.data_keys was not '
  . 'restored with it, or the data key was destroyed|restore llm_admin.data_keys and llm_admin.root_keys from the same dump before '
  . 'anything else is sealed here, else ' . ($refusal =~ /(store the key again: .*)/s)[0];

# A call that opens a key of that owner, and what it must say.
my %opens = (
  tenant => 'SELECT llm_admin.decrypt_tenant_key($1)',
  provider => 'SELECT llm_admin.decrypt_provider_key($1)',
  request =>
    q{SELECT llm_admin.build_tenant_request($1, '{"messages": [{"role": "user", "content": "Hi"}]}', 'byollm', true)});

sub rejected
{
  my ($what, $kind, $name) = @_;
  my $text = $what =~ /another id|no row/ ? $unknown : $refusal;
  is(text_of($client->run($opens{$kind}, $name)->{error}), $text, "$what: rejected");
  if ($kind eq 'tenant')
  {
    like(run('SELECT llm_admin.get_llm_config($1)', $name), qr/"maskedKey": "\*{3}"/, "$what: masked entirely");
    is(run('SELECT reason FROM llm_admin.resolve_llm($1, \'byollm\')', $name), 'key_unreadable', "$what: not used");
    forge('UPDATE llm_admin.llm_configs SET policy = \'byollm_only\' WHERE tenant_id = $1', $name);
    is(text_of($client->run($opens{request}, $name)->{error}), $text, "$what: nor where it is the only one");
  }
  return;
}

# ---- altered -----------------------------------------------------------------------------------------------

run(<<'SQL');
CREATE FUNCTION kept.try(t text, stored text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE message text; detail text; hint text;
BEGIN
  UPDATE llm_admin.llm_configs SET api_key_encrypted = stored WHERE tenant_id = t;
  RETURN 'opened: ' || llm_admin.decrypt_tenant_key(t);
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat_ws('|', SQLSTATE, message, detail, hint);
END $$
SQL
my @digits = ('A' .. 'Z', 'a' .. 'z', '0' .. '9', '-', '_');
my %value = map { $digits[$_] => $_ } 0 .. 63;

# Whether an altered text is an envelope all the same and names a data key other than the first one's: well-formed
# base64url of the suite, one of the two kinds, and the id, as src/core/crypto/envelope.hpp lays them out.
sub names_another_key
{
  my ($text) = @_;
  my ($bytes, $own) = map { decode_base64url(substr $_, 5) } $text, $envelope;
  return
       encode_base64url($bytes) eq substr($text, 5)
    && $bytes =~ /^\x01[\x01\x02]/s
    && substr($bytes, 2, 16) ne substr($own, 2, 16);
}

# How often which answer comes, by a row forged and by a row written as anybody would.
sub outcomes
{
  my (@texts) = @_;
  my %count;
  foreach my $role ('replica', 'origin')
  {
    run("SET session_replication_role = $role");
    my $answer = $client->run(
      q{SELECT o, count(*) FROM unnest($1::text[]) AS u(e), kept.try('a', e) AS o GROUP BY o},
      '{' . join(',', map { s/(["\\])/\\$1/gr =~ s/.*/"$&"/sr } @texts) . '}');
    die $answer->{error}{M} if $answer->{error};
    $count{ $_->[0] } += $_->[1] for @{ $answer->{rows} };
  }
  run('RESET session_replication_role');
  return \%count;
}
is_deeply(outcomes($envelope), { 'opened: KEY-a-second-0123456789' => 2 }, 'unaltered it opens, forged or stored');

my @flipped;
foreach my $at (length('lma1.') .. length($envelope) - 1)
{
  foreach my $bit (0 .. 5)
  {
    push @flipped, $envelope;
    substr($flipped[-1], $at, 1) = $digits[ $value{ substr $envelope, $at, 1 } ^ 1 << $bit ];
  }
}
cmp_ok(scalar @flipped, '>', 400, 'every bit, the last character\'s included');
is_deeply(outcomes(@flipped), { $refusal => 2 * @flipped - 2 * 128, $unknown => 2 * 128 },
  'any bit changed: rejected, those of the data key\'s id as of one that is not here');
my @cut = map { substr $envelope, 0, $_ } length('lma1.') .. length($envelope) - 1;
is_deeply(outcomes(@cut), { $refusal => 2 * @cut }, 'cut at any length: rejected');
my @longer = map { $envelope . $_ } 'A', '=', '==', '.', ' ', "\n", 'AAAA', substr($envelope, 5), $envelope;
is_deeply(outcomes(@longer), { $refusal => 2 * @longer }, 'with anything after it: rejected');
# A text one character shorter can be well-formed base64url (its last bits decide) and then names a data key that
# is not here, unless the character went from behind the id.
my @missing = map { my $e = $envelope; substr($e, $_, 1) = ''; $e } 5 .. length($envelope) - 1;
my %shorter;
$shorter{ names_another_key($_) ? $unknown : $refusal } += 2 foreach @missing;
is_deeply(outcomes(@missing), \%shorter, 'without any one character: rejected');
restore();

# ---- moved -------------------------------------------------------------------------------------------------

my $of_tenant = 'UPDATE llm_admin.llm_configs SET api_key_encrypted = $1 WHERE tenant_id = $2';
my $of_provider = 'UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = $1 WHERE provider_name = $2';
my $providers_own = run(q{SELECT api_key_encrypted FROM llm_admin.llm_provider_configs WHERE provider_name = 'groq'});
my $of_b = run(q{SELECT api_key_encrypted FROM llm_admin.llm_configs WHERE tenant_id = 'b'});

foreach my $case (
  [ "b's in a's row", $of_tenant, $of_b, 'tenant', 'a' ],
  [ "a's in its provider's row", $of_provider, $envelope, 'provider', 'groq' ],
  [ "a's in the row of a provider of that place", $of_provider, $envelope, 'provider', 'same_place' ],
  [ "the provider's in a's row", $of_tenant, $providers_own, 'tenant', 'a' ],
  [ "the provider's in another's of that place", $of_provider, $providers_own, 'provider', 'same_place' ])
{
  my ($what, $sql, $moved, $kind, $name) = @$case;
  my $stored = $client->run($sql, $moved, $name);
  is(text_of($stored->{error}), $refusal, "$what: cannot be stored");
  forge($sql, $moved, $name);
  rejected($what, $kind, $name);
  restore();
}
forge("UPDATE llm_admin.llm_configs SET tenant_id = '$_->[1]' WHERE tenant_id = '$_->[0]'")
  for [ 'a', 'x' ], [ 'b', 'a' ], [ 'x', 'b' ];
rejected("names of tenants swapped: $_", 'tenant', $_) for qw(a b);
restore();
forge(q{UPDATE llm_admin.llm_configs SET tenant_id = 'a ' WHERE tenant_id = 'a'});
rejected('a tenant of almost the name', 'tenant', 'a ');
restore();

# ---- its place changed -------------------------------------------------------------------------------------

my %changes = (
  llm_configs => [
    map { "$_ WHERE tenant_id = 'a'" } q{base_url = 'https://api.groq.com:8443'},
    q{base_url = 'http://api.groq.com'},
    q{base_url = 'https://groq.com'},
    q{provider = 'openai'},
    q{provider = 'anthropic'},
    q{provider = 'gemini'} ],
  llm_provider_configs => [
    map { "$_ WHERE provider_name = 'groq'" } q{base_url = 'https://evil.example/v1'},
    q{base_url = 'https://api.groq.com:444/openai/v1'},
    q{auth_scheme = 'api_key_header'},
    q{auth_scheme = 'query_param'},
    q{auth_header_template = 'X-Key: {api_key}'},
    q{auth_header_template = 'Authorization: bearer {api_key}'} ]);
foreach my $table (sort keys %changes)
{
  foreach my $change (@{ $changes{$table} })
  {
    forge("UPDATE llm_admin.$table SET $change");
    rejected($change, 'tenant', 'a');
    restore();
    is(run($open_a), 'KEY-a-second-0123456789', "$change: and back, it opens");
  }
}
forge(q{UPDATE llm_admin.llm_configs SET provider = 'same_place' WHERE tenant_id = 'a'});
is(run($open_a), 'KEY-a-second-0123456789', 'limit: a provider of the same place is the same place');
restore();

# ---- its data key ------------------------------------------------------------------------------------------

my $keys = 'UPDATE llm_admin.data_keys';
my $a1 = q{tenant_id = 'a' AND version = 1};
my $a2 = q{tenant_id = 'a' AND version = 2};
run('SELECT llm_admin.rotate_data_key()');
forge('INSERT INTO llm_admin.root_keys (root_id, check_value) SELECT 2, check_value FROM llm_admin.root_keys');
run('DROP TABLE kept.data_keys');
run('CREATE TABLE kept.data_keys AS TABLE llm_admin.data_keys');

# Values of two rows exchanged.
sub exchanged
{
  my ($columns, $one, $other) = @_;
  my $take = join ', ', map { "$_ = o.$_" } split /, /, $columns;
  my $as = sub { $_[0] =~ s/\b(tenant_id|version)\b/$_[1].$1/gr };
  return
      "$keys k SET $take FROM kept.data_keys o WHERE ("
    . $as->($one, 'k') . ' AND '
    . $as->($other, 'o')
    . ') OR ('
    . $as->($other, 'k') . ' AND '
    . $as->($one, 'o') . ')';
}
my $b1 = q{tenant_id = 'b'};
my $first = 'tenant_id IS NULL AND version = 1';
foreach my $case (
  [ "a bit of the wrap", "$keys SET wrapped_key = set_bit(wrapped_key, 7, 1 - get_bit(wrapped_key, 7)) WHERE $a2" ],
  [ "the last bit of the wrap",
    "$keys SET wrapped_key = set_bit(wrapped_key, 8 * length(wrapped_key) - 1, 1 - get_bit(wrapped_key, 8 * length(wrapped_key) - 1)) WHERE $a2"
  ],
  [ 'the wrap cut', "$keys SET wrapped_key = substr(wrapped_key, 1, length(wrapped_key) - 1) WHERE $a2" ],
  [ 'the wrap longer', "$keys SET wrapped_key = wrapped_key || '\\x00' WHERE $a2" ],
  [ 'no wrap', "$keys SET wrapped_key = '' WHERE $a2" ],
  [ "wraps of two versions exchanged", exchanged('wrapped_key', $a1, $a2) ],
  [ "wraps and check values of two tenants", exchanged('wrapped_key, check_value', $a2, $b1) ],
  [ 'ids of two tenants\' rows',
    "$keys SET key_id = gen_random_uuid() WHERE $b1",
    "$keys SET key_id = (SELECT key_id FROM kept.data_keys WHERE $b1) WHERE $a2",
    "$keys SET key_id = (SELECT key_id FROM kept.data_keys WHERE $a2) WHERE $b1" ],
  [ "the installation's wrap",
    "$keys SET wrapped_key = (SELECT wrapped_key FROM kept.data_keys WHERE tenant_id IS NULL AND version = 2) WHERE $a2" ],
  [ 'another version', "$keys SET version = 3 WHERE $a2" ],
  [ 'another tenant', "$keys SET tenant_id = 'c' WHERE $a2" ],
  [ 'no tenant', "$keys SET tenant_id = NULL, version = 3 WHERE $a2" ],
  [ 'another id', "$keys SET key_id = gen_random_uuid() WHERE $a2" ],
  [ 'no row', "DELETE FROM llm_admin.data_keys WHERE $a2" ],
  [ 'another installation',
    "$keys SET version = version + 5 WHERE tenant_id IS NULL",
    q{INSERT INTO llm_admin.data_keys SELECT gen_random_uuid(), NULL, 1, root_id, wrapped_key, check_value, first_use_block FROM kept.data_keys LIMIT 1}
  ])
{
  my ($what, @sql) = @$case;
  is(run($open_a), 'KEY-a-second-0123456789', "$what: before, in this session");
  forge($_) for @sql;
  rejected("its data key, $what", 'tenant', 'a');
  restore();
}
is(run($open_a), 'KEY-a-second-0123456789', 'all is as it was');
is(run(q{SELECT llm_admin.decrypt_tenant_key('b')}), 'KEY-b-0123456789', 'b\'s, too');

# Under another root key it is the keyring that is wrong, which is said: that does not depend on the envelope.
forge("$keys SET root_id = 2 WHERE $a2");
like(text_of($client->run($open_a)->{error}), qr/^LA03[01]\|/, 'its data key, another root: rejected');
restore();

# An older envelope of the same row and place opens: what binding cannot tell, as docs/security.md says.
my $older = run(q{SELECT llm_admin.put_llm_config('a', '{"apiKey": "KEY-a-third-0123456789"}')});
is(run($open_a), 'KEY-a-third-0123456789', 'a new key');
run($of_tenant, $envelope, 'a');
is(run($open_a), 'KEY-a-second-0123456789', 'limit: an older envelope, put back, opens');
run(q{SELECT llm_admin.shred_tenant_keys('a')});
like(text_of($client->run($of_tenant, $envelope, 'a')->{error}),
  qr/^\Q$unknown\E$/, 'until the tenant\'s keys are shredded');

$client->finish;
$node->stop;
done_testing();
