# Single tables restored into another database: keys without their data keys are told so by name, and what the hint says mends it.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use File::Basename qw(dirname);
use LlmAdmin::Hints;
use LlmAdmin::Session qw(new_node failure);

my $node = new_node('partial_restore');
my $dump = PostgreSQL::Test::Utils::tempdir() . '/full.dump';

sub value { return $node->safe_psql($_[0], $_[1]) }

sub failing
{
  my ($database, $sql) = @_;
  my $session = LlmAdmin::Session->new($node, $database);
  my (undef, $stderr) = $session->ask($sql);
  $session->quit;
  return failure($stderr) // { state => '', message => '', detail => '', hint => '' };
}

sub restore
{
  my ($database, @tables) = @_;
  $node->command_ok([ 'pg_restore', '-a', (map { ('-t', $_) } @tables), '-d', $node->connstr($database), $dump ],
    "@tables restored into $database");
  return;
}

my $missing = q{SELECT value || ' ' || verdict FROM llm_admin.key_status() WHERE item = 'keys sealed by a data key that is not here'};
my $hint = q{SELECT hint FROM llm_admin.key_status() WHERE item = 'keys sealed by a data key that is not here'};

value('postgres', <<'SQL');
SELECT llm_admin.set_provider_key('groq', 'gsk-of-the-platform-0123456789');
SELECT count(llm_admin.put_llm_config(t, jsonb_build_object('provider', 'groq', 'apiKey', 'gsk-of-' || t || '-0123456789abcdef')))
FROM unnest(ARRAY['acme', 'bolt']) AS t;
SQL
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('postgres') ], 'dumped');
foreach my $database (qw(first later))
{
  value('postgres', "CREATE DATABASE $database");
  value($database, 'CREATE EXTENSION llm_admin; SELECT llm_admin.seed()');
}

restore('first', 'llm_configs');
is(value('first', 'SELECT * FROM llm_admin.verify_keys()'), '0|2|0|0', 'not tampered: sealed by a data key that is not here');
is(value('first', $missing), '2 error', 'key_status has a row for them');
like(value('first', $hint), qr/^restore llm_admin\.data_keys and llm_admin\.root_keys first.*tenant acme, tenant bolt/, 'and says what to do');
my $refused = failing('first', q{SELECT llm_admin.decrypt_tenant_key('acme')});
is("$refused->{state} $refused->{message}", 'LA031 envelope rejected', 'one opened');
like($refused->{detail}, qr/data key .* is not in this database/, 'DETAIL names the cause');
like($refused->{hint}, qr/^restore llm_admin\.data_keys and llm_admin\.root_keys/, 'HINT does not begin with storing it again');
restore('first', 'data_keys', 'root_keys');
is(value('first', 'SELECT * FROM llm_admin.verify_keys()'), '2|0|0|0', 'what the hint says mends it');
is(value('first', $missing), '0 ok', 'key_status is content');
is(value('first', q{SELECT llm_admin.decrypt_tenant_key('acme')}), 'gsk-of-acme-0123456789abcdef', 'and it opens');

# Another key was sealed before: its installation is another one, so the others are stored again or restored elsewhere.
value('later', q{SELECT llm_admin.put_llm_config('new', '{"provider": "groq", "apiKey": "gsk-of-new-0123456789abcdef"}')});
restore('later', 'llm_configs');
is(value('later', 'SELECT * FROM llm_admin.verify_keys()'), '1|2|0|0', 'beside a key that opens');
is(value('later', $missing), '2 error', 'they are counted');
value('later', q{SELECT llm_admin.put_llm_config('acme', '{"apiKey": "gsk-of-acme-0123456789abcdef"}')});
is(value('later', $missing), '1 error', 'stored again it is one less');
my ($shred) = value('later', $hint) =~ /(SELECT \* FROM llm_admin\.shred_tenant_keys\('bolt'\))/;
is(value('later', $shred), '0|1', 'shredded again, as the hint says, the envelope goes');
LlmAdmin::Hints::followed("; where a tenant's keys were shredded: $shred");
is(value('later', $missing), '0 ok', 'and none is left');

# Tenants without providers, or without their other names: what their keys are bound to is not here. Not tampered either.
value('postgres', 'CREATE DATABASE bare');
value('bare', 'CREATE EXTENSION llm_admin');
restore('bare', 'llm_configs', 'data_keys', 'root_keys');
my $providerless = q{SELECT value || ' ' || verdict FROM llm_admin.key_status() WHERE item = 'keys of tenants whose provider is not here'};
my $again = q{SELECT substring(hint FROM 'SELECT [^(]*\(\)') FROM llm_admin.key_status() WHERE item = 'keys of tenants whose provider is not here'};
is(value('bare', 'SELECT * FROM llm_admin.verify_keys()'), '0|2|0|0', 'no provider is here: not tampered');
is(value('bare', $providerless), '2 error', 'key_status counts them');
is(value('bare', $again), 'SELECT * FROM llm_admin.seed()', 'with the statement');
is(failing('bare', 'SELECT * FROM llm_admin.new_installation()')->{hint}, q{SELECT * FROM llm_admin.seed(), or SELECT llm_admin.delete_llm_config('acme')},
  'new_installation does not ask for the key, which nothing could take');
value('bare', value('bare', $again));
is(value('bare', 'SELECT * FROM llm_admin.verify_keys()'), '2|0|0|0', 'which mends it');
is(value('bare', $providerless), '', 'and the row is gone');
value('bare', q{SELECT llm_admin.put_llm_config('cora', '{"provider": "Claude", "apiKey": "sk-of-cora-0123456789abcdef"}'); DELETE FROM llm_admin.provider_aliases});
is(value('bare', 'SELECT * FROM llm_admin.verify_keys()'), '2|1|0|0', 'the alias is not here');
$refused = failing('bare', q{SELECT llm_admin.decrypt_tenant_key('cora')});
is($refused->{hint}, 'SELECT * FROM llm_admin.seed_provider_aliases()', 'HINT brings it back');
is(value('bare', $again), $refused->{hint}, "key_status's too");
value('bare', $refused->{hint});
LlmAdmin::Hints::followed($refused->{hint});
is(value('bare', q{SELECT llm_admin.decrypt_tenant_key('cora')}), 'sk-of-cora-0123456789abcdef', 'and the key opens');

# Without the keyring, too, nothing but names is looked at.
value('postgres', q{DELETE FROM llm_admin.data_keys WHERE tenant_id = 'bolt'});
value('postgres', q{ALTER SYSTEM SET llm_admin.keyring_file = '/nonexistent/keyring'});
$node->reload;
is(value('postgres', $missing), '1 error', 'key_status needs no keyring for it');
is(value('postgres', 'SELECT * FROM llm_admin.verify_keys()'), '0|3|0|0', 'verify_keys neither');

LlmAdmin::Hints::proves('043_partial_restore', dirname(__FILE__) . '/../..');
done_testing();
