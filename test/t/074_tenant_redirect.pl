# Nobody sends a tenant's key elsewhere. An operator, who may write every provider, every alias and, having entered
# a tenant, its row, but not decrypt, tries what might make a tenant's key go to another place: aliases, names,
# URLs, ways of authenticating, copies, planted operators. After each attempt the application builds every tenant's
# request with its key, and each that holds one goes to the key's own origin, in the key's own way.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Session qw(new_node);
use LlmAdmin::Wire;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('tenant_redirect');
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE desk LOGIN; CREATE ROLE service LOGIN; CREATE ROLE checker LOGIN; CREATE ROLE officer LOGIN;
SELECT llm_admin.grant_access(role, level) FROM (VALUES ('desk'::regrole, 'operator'), ('service', 'app'),
  ('checker', 'auditor'), ('officer', 'security')) AS v(role, level);
SELECT llm_admin.create_provider('Vendor', 'https://api.vendor.example/v1', 'm', 'vendor');
SELECT llm_admin.create_provider('Named', 'https://api.vendor.example/v1', 'm', 'named',
  options => '{"auth_scheme": "api_key_header", "auth_header_template": "X-Vendor-Key: {api_key}"}');
SELECT llm_admin.create_provider('Query', 'https://api.vendor.example/v1', 'm', 'query',
  options => '{"auth_scheme": "query_param", "auth_header_template": "key"}');
SELECT llm_admin.create_provider('Evil', 'https://evil.example/v1', 'm', 'evil', api_key => 'own-of-the-operator-0123');
INSERT INTO llm_admin.provider_aliases VALUES ('house', 'vendor');
SELECT llm_admin.put_llm_config(t, config::jsonb || jsonb_build_object('apiKey', 'KEY-' || t || '-0123456789'))
FROM (VALUES ('plain', '{"provider": "vendor"}'), ('alias', '{"provider": "house"}'),
  ('own', '{"provider": "house", "baseUrl": "https://llm.own.example/v1"}'), ('named', '{"provider": "named"}'),
  ('query', '{"provider": "query"}')) AS v(t, config);
CREATE SCHEMA tools;
GRANT USAGE ON SCHEMA tools TO PUBLIC;
CREATE FUNCTION tools.try_build(t text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT concat_ws(' ', b.url, b.headers, b.body) FROM llm_admin.build_tenant_request(t,
    '{"messages": [{"role": "user", "content": "{api_key}"}], "drop_params": true}', 'byollm', true) AS b
    WHERE b.source = 'byollm');
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE SCHEMA kept;
CREATE TABLE kept.configs AS TABLE llm_admin.llm_configs;
CREATE TABLE kept.aliases AS TABLE llm_admin.provider_aliases;
CREATE TABLE kept.providers AS TABLE llm_admin.llm_provider_configs;
SQL
my %as = map { $_ => LlmAdmin::Wire->new($node, 'postgres', $_) } qw(desk service checker officer),
  $node->safe_psql('postgres', 'SELECT current_user');
my ($superuser) = grep { !/^(?:desk|service|checker|officer)$/ } keys %as;

sub state_of
{
  my ($role, $sql, @values) = @_;
  my $answer = $as{$role}->run($sql, @values);
  return $answer->{error} ? $answer->{error}{C} : '';
}

sub value_of
{
  my ($role, $sql, @values) = @_;
  my $answer = $as{$role}->run($sql, @values);
  return $answer->{error} ? "$answer->{error}{C} $answer->{error}{M}" : $answer->{rows}[0][0];
}

# ---- where keys go -----------------------------------------------------------------------------------------

my %home = (
  plain => qr{^(?i:https://api\.vendor\.example)(?::443)?/\S* .*"Authorization": "Bearer KEY-plain-},
  alias => qr{^(?i:https://api\.vendor\.example)(?::443)?/\S* .*"Authorization": "Bearer KEY-alias-},
  own => qr{^(?i:https://llm\.own\.example)(?::443)?/\S* .*"Authorization": "Bearer KEY-own-},
  named => qr{^https://api\.vendor\.example/\S* .*"X-Vendor-Key": "KEY-named-},
  query => qr{^https://api\.vendor\.example/\S*[?&]key=KEY-query-\d+ \{});

# tenant -> what the application would send now
sub requests
{
  return map { $_ => value_of('service', 'SELECT tools.try_build($1)', $_) // '' } sort keys %home;
}

# Those whose key would go elsewhere, or twice.
sub astray
{
  my (%made) = @_;
  return join "\n", map { "$_: $made{$_}" }
    grep { $made{$_} =~ /KEY-/ && ($made{$_} !~ $home{$_} || (() = $made{$_} =~ /KEY-/g) > 1) } sort keys %made;
}

sub restore
{
  state_of($superuser, $_) eq ''
    or die "cannot restore: $_"
    for 'SET session_replication_role = replica',
    (
    map { ("DELETE FROM llm_admin.$_->[0]", "INSERT INTO llm_admin.$_->[0] SELECT * FROM kept.$_->[1]") }
      [ 'llm_configs', 'configs' ],
    [ 'provider_aliases', 'aliases' ],
    [ 'llm_provider_configs', 'providers' ]),
    'RESET session_replication_role';
  return;
}

# The operator's statements, in the transaction of a tenant or each for itself; their states in order.
sub attempt
{
  my ($what, $tenant, $states, @statements) = @_;
  my @seen;
  if (defined $tenant)
  {
    state_of('desk', 'BEGIN');
    is(state_of('desk', 'SELECT llm_admin.enter_tenant($1)', $tenant), '', "$what: entered");
  }
  foreach my $statement (@statements)
  {
    state_of('desk', 'SAVEPOINT s') if defined $tenant;
    push @seen, state_of('desk', ref $statement ? @$statement : $statement);
    state_of('desk', 'ROLLBACK TO s') if defined $tenant && $seen[-1] ne '';
  }
  state_of('desk', 'COMMIT') if defined $tenant;
  is(join(' ', map { $_ eq '' ? 'ok' : $_ } @seen), $states, $what);
  my %made = requests();
  is(astray(%made), '', "$what: no key goes astray");
  restore();
  return %made;
}

my %now = requests();
is(join(' ', grep { $now{$_} =~ $home{$_} } sort keys %now), 'alias named own plain query', 'all keys are in use');
is(astray(%now), '', 'each goes where it belongs');
is(scalar(split /\n/, astray(map { $_ => $now{$_} =~ s/\.example/.evil/r } keys %now)), 5, 'and one astray is seen');

# ---- names and aliases -------------------------------------------------------------------------------------

my $put = 'SELECT llm_admin.put_llm_config($1, $2::jsonb)';
my $to_evil = q{UPDATE llm_admin.provider_aliases SET provider_name = 'evil' WHERE alias = 'house'};
my $providers = 'UPDATE llm_admin.llm_provider_configs';
my $configs = 'UPDATE llm_admin.llm_configs';
my %made = attempt('an alias that points elsewhere', undef, 'ok', $to_evil);
unlike($made{alias}, qr/KEY-/, 'the key no longer opens');
like($made{own}, $home{own}, 'one with a base URL of its own goes there still');
attempt(
  'then puts', undef, 'ok ok ok ok ok',
  $to_evil,
  map { [ $put, 'alias', $_ ] } '{"keepKey": true}',
  '{"defaultModel": "x"}',
  '{"provider": "evil", "keepKey": true}',
  '{"provider": "evil"}');
attempt(
  'then its row', 'alias', 'ok ok LA001', $to_evil,
  "$configs SET provider = 'evil'",
  "$configs SET base_url = 'https://api.vendor.example'");
attempt(
  'the alias gone, a provider of its name',
  undef,
  'ok ok ok',
  q{DELETE FROM llm_admin.provider_aliases WHERE alias = 'house'},
  q{SELECT llm_admin.create_provider('House', 'https://evil.example/v1', 'm', 'house')},
  [ $put, 'alias', '{"keepKey": true}' ]);
attempt('a provider of the alias\'s name beside it',
  undef, 'ok', q{SELECT llm_admin.create_provider('House', 'https://evil.example/v1', 'm', 'house')});
%made = attempt('an alias of a provider\'s name',
  undef, 'ok', q{INSERT INTO llm_admin.provider_aliases VALUES ('vendor', 'evil')});
like($made{plain}, $home{plain}, 'the name itself comes first');
attempt(
  'names exchanged',
  undef, 'ok ok ok',
  "$providers SET provider_name = 'vendor2' WHERE provider_name = 'vendor'",
  "$providers SET provider_name = 'vendor' WHERE provider_name = 'evil'",
  [ $put, 'plain', '{"keepKey": true}' ]);
attempt(
  'the provider gone, an alias to another',
  undef,
  'ok ok ok',
  q{DELETE FROM llm_admin.llm_provider_configs WHERE provider_name = 'vendor'},
  q{INSERT INTO llm_admin.provider_aliases VALUES ('vendor', 'evil')},
  [ $put, 'plain', '{"keepKey": true}' ]);

# ---- the provider's place ----------------------------------------------------------------------------------

my $move = "$providers SET base_url = 'https://evil.example/v1' WHERE provider_name = 'vendor'";
%made = attempt('the provider moved', undef, 'ok', $move);
unlike($made{plain}, qr/KEY-/, 'the key no longer opens');
is(state_of('service', q{SELECT llm_admin.decrypt_tenant_key('plain')}), '', 'and does where it belongs');
attempt(
  'then puts', undef, 'ok ok ok', $move,
  [ $put, 'plain', '{"keepKey": true}' ],
  [ $put, 'plain', '{"policy": "byollm_only"}' ]);
%made = attempt('moved and back', undef, 'ok ok', $move, $move =~ s/evil/api.vendor/r);
like($made{plain}, $home{plain}, 'it opens again');
attempt(
  'other ways of sending it',
  undef,
  'ok ok ok',
  "$providers SET auth_scheme = 'query_param', auth_header_template = 'q' WHERE provider_name = 'vendor'",
  "$providers SET auth_header_template = 'X-Leak: {api_key}' WHERE provider_name = 'named'",
  "$providers SET auth_header_template = 'callback' WHERE provider_name = 'query'");
attempt(
  'headers and paths',
  undef,
  'LA001 LA001 LA001 LA001 ok',
  "$providers SET additional_headers = '{\"Host\": \"evil.example\"}' WHERE provider_name = 'vendor'",
  "$providers SET additional_headers = '{\"X-A\": \"{api_key}\"}' WHERE provider_name = 'vendor'",
  "$providers SET endpoint_path_template = '\@evil.example/x' WHERE provider_name = 'vendor'",
  "$providers SET endpoint_path_template = '//evil.example/x' WHERE provider_name = 'vendor'",
  "$providers SET endpoint_path_template = '/llm.own.example/v1/{model}' WHERE provider_name = 'vendor'");

# ---- the tenant's row --------------------------------------------------------------------------------------

my $away = "SET base_url = 'https://evil.example'";
attempt(
  'another base URL',
  'plain',
  'LA001 LA001 LA001',
  "$configs $away",
  "$configs $away, api_key_encrypted = api_key_encrypted",
  "$configs $away, provider = 'evil', updated_at = now()");
attempt(
  'another provider',
  'plain',
  'LA001 LA001 LA001',
  "$configs SET provider = 'evil'",
  "$configs SET provider = 'named'",
  "$configs SET provider = 'query'");
attempt(
  'no base URL of its own',
  'own',
  'LA001 LA001 ok',
  "$configs SET base_url = NULL",
  "$configs SET base_url = ''",
  "$configs SET base_url = 'HTTPS://LLM.own.example:443/other/'");
my $envelope =
  $node->safe_psql('postgres', q{SELECT api_key_encrypted FROM llm_admin.llm_configs WHERE tenant_id = 'plain'});
attempt(
  'the key taken away, the row moved, the key put back',
  'plain',
  'ok ok LA031 ok ok',
  "$configs SET api_key_encrypted = ''",
  "$configs $away",
  [ "$configs SET api_key_encrypted = \$1", $envelope ],
  "$configs SET base_url = NULL",
  [ "$configs SET api_key_encrypted = \$1", $envelope ]);
my $insert = 'INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted, base_url) VALUES ($1, $2, $3, $4)';
attempt(
  'in another tenant\'s row',
  'new',
  'LA031 LA031 LA031 42501',
  [ $insert, 'new', 'vendor', $envelope, undef ],
  [ $insert, 'new', 'evil', $envelope, undef ],
  [ $insert, 'plain', 'vendor', $envelope, 'https://evil.example' ],
  [ $insert, 'plain', 'vendor', 'kms:own', undef ]);
my $as_new =
  'SET provider = excluded.provider, base_url = excluded.base_url, api_key_encrypted = excluded.api_key_encrypted';
attempt(
  'by ON CONFLICT and MERGE',
  'plain',
  'LA031 LA031 LA001',
  [ "$insert ON CONFLICT (tenant_id) DO UPDATE $as_new", 'plain', 'evil', $envelope, undef ],
  [ "$insert ON CONFLICT (tenant_id) DO UPDATE $as_new", 'plain', 'vendor', $envelope, 'https://evil.example' ],
  "MERGE INTO llm_admin.llm_configs c USING (VALUES (1)) v ON true WHEN MATCHED THEN UPDATE $away");
attempt('another tenant\'s name', 'plain', '42501', "$configs SET tenant_id = 'new'");
attempt(
  'the row deleted and made again',
  'plain', 'ok LA031 ok',
  'DELETE FROM llm_admin.llm_configs',
  [ $insert, 'plain', 'vendor', $envelope, 'https://evil.example' ],
  [ $insert, 'plain', 'vendor', $envelope, undef ]);
my $own_key =
  'UPDATE llm_admin.llm_configs SET base_url = \'https://evil.example\', api_key_encrypted = llm_admin.encrypt_key(\'own-of-the-operator-0123\')';
%made = attempt('a key of the operator\'s own', 'plain', 'ok', $own_key);
like($made{plain}, qr{^https://evil\.example/.*own-of-the-operator}, 'goes where he likes, the tenant\'s does not');
attempt(
  'and the old one back after it',
  'plain', 'ok LA031 LA001',
  $own_key,
  [ "$configs SET api_key_encrypted = \$1", $envelope ],
  "$configs SET base_url = NULL");

# ---- put_llm_config ----------------------------------------------------------------------------------------

foreach my $case (
  [ 'LA001', '{"baseUrl": "https://evil.example"}' ],
  [ '42501', '{"baseUrl": "https://evil.example", "keepKey": true}' ],
  [ 'LA001', '{"provider": "evil"}' ],
  [ '42501', '{"provider": "evil", "keepKey": true}' ],
  [ '42501', '{"provider": "named", "keepKey": true}' ],
  [ '42501', '{"baseUrl": "https://api.vendor.example:8443", "keepKey": true}' ],
  [ 'LA001', '{"baseUrl": "https://api.vendor.example@evil.example", "keepKey": true}' ],
  [ 'LA001', '{"baseUrl": "https://{x}.vendor.example", "keepKey": true}' ],
  [ 'LA001', '{"baseUrl": "https://evil.example", "keepKey": true, "apiKey": "own-of-the-operator-0123"}' ],
  [ 'ok', '{"baseUrl": "https://API.vendor.example:443/v2/", "keepKey": true}' ],
  [ 'ok', '{"provider": "house", "keepKey": true}' ])
{
  attempt("put $case->[1]", undef, $case->[0], [ $put, 'plain', $case->[1] ]);
}
attempt(
  'put in steps',
  undef,
  'ok LA001 42501 42501',
  map { [ $put, 'plain', $_ ] } '{"provider": "evil", "baseUrl": "https://api.vendor.example", "keepKey": true}',
  '{"baseUrl": null}',
  '{"baseUrl": null, "keepKey": true}',
  '{"baseUrl": "https://evil.example", "keepKey": true}');
attempt(
  'put for another\'s tenant in a transaction',
  'plain', '42501 42501',
  [ $put, 'own', '{"policy": "choice"}' ],
  q{SELECT llm_admin.record_llm_test('own', true)});

# ---- opened by those who may not ---------------------------------------------------------------------------

my $params = q('{"messages": [{"role": "user", "content": "Hi"}]}');
my @opens = (
  q{SELECT llm_admin.decrypt_tenant_key('plain')},
  "SELECT llm_admin.build_tenant_request('plain', $params, 'byollm', true)",
  [ 'SELECT llm_admin.decrypt_key($1)', $envelope ],
  q{SELECT llm_admin.grant_access('desk', 'app')},
  'SET ROLE service',
  'SELECT * FROM llm_admin.data_keys',
  q{SET llm_admin.plain_http_hosts = 'evil.example'});
attempt('decrypting', undef, join(' ', ('42501') x @opens), @opens);
is(state_of('desk', "SELECT llm_admin.build_tenant_request('plain', $params, 'byollm')"), '', 'without the key it may');
my @not_theirs = (
  (grep { ref || !/^SET llm_admin/ } @opens),
  [ $put, 'plain', '{"keepKey": true}' ],
  'TABLE llm_admin.llm_configs',
  'TABLE llm_admin.provider_aliases',
  q{SELECT llm_admin.get_llm_config('plain')},
  q{SELECT llm_admin.resolve_llm('plain')},
  q{SELECT llm_admin.delete_llm_config('plain')},
  q{SELECT llm_admin.enter_tenant('plain')},
  q{SELECT llm_admin.record_llm_test('plain', true)},
  'SELECT llm_admin.verify_llm_configs()');
foreach my $role (qw(checker officer))
{
  is(state_of($role, ref $_ ? @$_ : $_), '42501', "$role: " . (ref $_ ? $_->[0] : $_)) for @not_theirs;
  my $list = $as{$role}->run('SELECT l::text FROM llm_admin.list_llm_configs() l');
  is(scalar @{ $list->{rows} }, 5, "$role: has the list of all");
  unlike(join(' ', map { @$_ } @{ $list->{rows} }), qr/KEY-|lma1\./, "$role: without a key or an envelope");
}
is(state_of($_, q{SELECT llm_admin.shred_tenant_keys('plain')}), '42501', "$_ shreds nothing") for qw(desk service checker);
is(state_of($_, q{SELECT llm_admin.list_llm_configs()}), $_ eq 'service' ? '42501' : '', "the list: $_")
  for qw(desk service);

$_->finish for values %as;
$node->stop;
done_testing();
