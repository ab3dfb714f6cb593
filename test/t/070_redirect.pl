# Nobody sends a key elsewhere. An operator, who may write every column of every provider and see every
# envelope, but not decrypt, tries whatever might make a key go to another place; after each attempt the
# application builds its requests with keys, and every request that holds a key goes to the key's own origin.
# Then the other levels try what is not theirs. Last, what binding cannot tell, shown as it is.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Session qw(new_keyring);
use LlmAdmin::Wire;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('redirect');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
my $keyring = new_keyring();
$node->append_conf('postgresql.conf', "llm_admin.keyring_file = '$keyring'\nclient_encoding = 'UTF8'\n");
$node->start;

# Three keys for one vendor, one for each way of sending it; `path` fills its URL, `holes` has one in its host.
my $vendor = 'https://api.vendor.example';
my $mapping = q({"version": "1.0", "payload_structure": {"model": {"source": "param:model_name", "required": true%s},
  "messages": {"source": "param:messages"}, "user": {"source": "param:user"%s}}});
my $in_path = sprintf $mapping, ', "path": "url:model"', '';
my $in_host = sprintf $mapping, '', ', "path": "url:x"';
my $forced_host = sprintf $mapping, '', ', "path": "url:x", "default": "evil"';
$node->safe_psql('postgres', <<"SQL");
CREATE ROLE desk LOGIN; CREATE ROLE service LOGIN; CREATE ROLE checker LOGIN; CREATE ROLE officer LOGIN;
CREATE EXTENSION llm_admin;
SELECT llm_admin.grant_access('desk', 'operator'), llm_admin.grant_access('service', 'app'),
  llm_admin.grant_access('checker', 'auditor'), llm_admin.grant_access('officer', 'security');
SELECT llm_admin.create_provider('Vault', '$vendor/v1', 'm', api_key => 'KEY-vault-0123456789');
SELECT llm_admin.create_provider('Named', '$vendor/v1', 'm', api_key => 'KEY-named-0123456789',
  options => '{"auth_scheme": "api_key_header", "auth_header_template": "X-Vendor-Key: {api_key}"}');
SELECT llm_admin.create_provider('Query', '$vendor/v1', 'm', api_key => 'KEY-query-0123456789',
  options => '{"auth_scheme": "query_param", "auth_header_template": "key"}');
SELECT llm_admin.create_provider('Path', '$vendor/v1', 'm', api_key => 'KEY-path-0123456789',
  options => '{"endpoint_path_template": "/models/{model}:generate", "request_builder_config": $in_path}');
SELECT llm_admin.create_provider('Holes', 'https://{x}.vendor.example/v1', 'm', api_key => 'KEY-holes-0123456789',
  options => '{"request_builder_config": $in_host}');
SELECT llm_admin.create_provider('Mine', 'https://evil.example', 'm', api_key => 'own-of-the-operator-0123456789');
SELECT llm_admin.switch_active_provider('mine');
CREATE SCHEMA tools;
GRANT USAGE ON SCHEMA tools TO PUBLIC;
CREATE FUNCTION tools.try_build(name text, params jsonb) RETURNS text LANGUAGE plpgsql AS \$\$
BEGIN
  RETURN (SELECT b.url || ' ' || b.headers::text || ' ' || b.body::text FROM llm_admin.build_request(params, name, true) AS b);
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END \$\$;
SQL

my %as = map { $_ => LlmAdmin::Wire->new($node, 'postgres', $_) } qw(desk service checker officer);
my $configs = 'llm_admin.llm_provider_configs';

# Runs one statement; returns its SQLSTATE, '' when it worked.
sub state_of
{
  my ($role, $sql, @values) = @_;
  utf8::encode($_) for $sql, grep { defined } @values;
  my $answer = $as{$role}->run($sql, @values);
  return $answer->{error} ? $answer->{error}{C} : '';
}

sub value_of
{
  my ($role, $sql, @values) = @_;
  my $answer = $as{$role}->run($sql, @values);
  return $answer->{error} ? "$answer->{error}{C} $answer->{error}{M}" : $answer->{rows}[0][0];
}

my $hello = '{"messages": [{"role": "user", "content": "hello"}], "drop_params": true, "user": "u1"}';

# Every request with a key, as the application builds them now.
sub requests
{
  my ($params) = @_;
  my $answer = $as{service}->run(
    'SELECT p.provider_name || \' \' || tools.try_build(p.provider_name, $1::jsonb) FROM llm_admin.provider_settings p ORDER BY p.id',
    $params // $hello);
  die $answer->{error}{M} if $answer->{error};
  return map { $_->[0] } @{ $answer->{rows} };
}

# What would be sent to another place than the vendor's, or in another place of the request.
sub astray
{
  my $origin = qr{(?i:\Q$vendor\E)(?::443)?};
  return grep {
    /KEY-/
      && !m{^\w+ $origin/v1/\S* [^\r\n]*"Authorization": "Bearer KEY-(?:vault|path)-0123456789"}
      && !m{^\w+ $origin/v1/\S* [^\r\n]*"X-Vendor-Key": "KEY-named-0123456789"}
      && !m{^\w+ $origin/v1/\S*[?&]key=KEY-query-0123456789 \{}
      || (() = /KEY-/g) > 1
  } @_;
}

# One attempt of the operator's: raises one of these states, and no key goes astray.
sub refused
{
  my ($what, $states, $sql, @values) = @_;
  like(state_of('desk', $sql, @values), qr/^(?:$states)$/, "refused: $what");
  is(join("\n", astray(requests())), '', "$what: no key goes astray");
  return;
}

# One that is allowed, and does no harm.
sub harmless
{
  my ($what, $sql, @values) = @_;
  is(state_of('desk', $sql, @values), '', "allowed: $what");
  is(join("\n", astray(requests())), '', "$what: no key goes astray");
  return;
}

my @now = requests();
is(scalar(grep { /KEY-/ } @now), 4, 'four keys are in use');
is(join("\n", astray(@now)), '', 'each goes where it belongs');
is(scalar(astray(map { s/api\.vendor/evil.vendor/r } @now)), 4, 'and the look at it would see them go astray');
like((grep { /^holes/ } @now)[0], qr/^holes LA002 /, 'a hole in a host is filled by nothing');

# ---- base_url ----------------------------------------------------------------------------------------------

my $set_url = "UPDATE $configs SET base_url = \$1 WHERE provider_name = 'vault'";
foreach my $url (
  'https://evil.example', 'https://evil.example/api.vendor.example', 'http://api.vendor.example/v1',
  'HTTP://api.vendor.example/v1', 'http://localhost/v1', 'https://api.vendor.example:8443/v1', 'https://api.vendor.example:0443/v1',
  'https://user:secret@api.vendor.example/v1', 'https://api.vendor.example@evil.example/v1',
  'https://api.vendor.example:443@evil.example', 'https://evil.example\@api.vendor.example/v1',
  'https://api.vendor.example\.evil.example', 'https://api.vendor.example#@evil.example', 'https://api.vendor.example?@evil.example',
  'https://api.vendor.example.evil.example', 'https://api.vendor.example.', 'https://vendor.example', 'https://.api.vendor.example',
  "https://api.vendor.example\r\nHost: evil.example", "https://api.vendor.example\t.evil.example", 'https://api.vendor.example .evil.example',
  'https://{x}.vendor.example/v1', 'https://api.vendor.example{x}/v1', 'https://api.vendor.example:{x}/v1', 'https://{api_key}.evil.example',
  'https://%65vil.example', 'https://api%2evendor.example', "https://\x{430}pi.vendor.example", 'https://2130706433', 'https://0x7f000001',
  'https://[::1]/v1', '//evil.example', 'https:///evil.example', 'https:/evil.example', 'evil.example', 'ftp://api.vendor.example', '')
{
  refused('base_url ' . ($url =~ s/[^\x20-\x7e]/?/gr), 'LA001', $set_url, $url);
}
harmless('base_url with its own port and in capitals', $set_url, 'https://API.Vendor.example:443/v1/');
is(value_of('service', "SELECT llm_admin.decrypt_provider_key('vault')"), 'KEY-vault-0123456789', 'that is the same origin');
harmless('base_url as it was', $set_url, "$vendor/v1");
refused('base_url of all rows', 'LA001', "UPDATE $configs SET base_url = 'https://evil.example'");
refused('base_urls swapped', 'LA001', "UPDATE $configs a SET base_url = b.base_url FROM $configs b
  WHERE (a.provider_name, b.provider_name) IN (('vault', 'mine'), ('mine', 'vault'))");
refused('base_url with the same key named again', 'LA001',
  "UPDATE $configs SET base_url = 'https://evil.example', api_key_encrypted = api_key_encrypted WHERE provider_name = 'vault'");
refused('base_url by settings file', 'LA001',
  q{SELECT * FROM llm_admin.import_admin_settings('{"provider": "vault", "base_url": "https://evil.example"}')});
refused('base_url by ON CONFLICT', 'LA001', "INSERT INTO $configs (provider_name, display_name, base_url,
    endpoint_path_template, request_builder_config, response_extractor_config, default_model)
  SELECT 'vault', 'x', 'https://evil.example', '/x', request_builder_config, response_extractor_config, 'm' FROM $configs
  WHERE provider_name = 'mine' ON CONFLICT (provider_name) DO UPDATE SET base_url = excluded.base_url");
refused('base_url by MERGE', 'LA001', "MERGE INTO $configs AS p USING (VALUES ('vault')) AS v (name) ON p.provider_name = v.name
  WHEN MATCHED THEN UPDATE SET base_url = 'https://evil.example'");

# ---- how the key is sent -----------------------------------------------------------------------------------

refused("auth_scheme $_", 'LA001', "UPDATE $configs SET auth_scheme = \$1 WHERE provider_name = 'vault'", $_)
  for qw(api_key_header query_param none);
refused('auth_scheme of its own', 'LA001|23514', "UPDATE $configs SET auth_scheme = 'basic' WHERE provider_name = 'vault'");
my $set_template = "UPDATE $configs SET auth_header_template = \$1 WHERE provider_name = \$2";
foreach my $template ('X-Leak: {api_key}', 'Host: {api_key}', 'Referer: https://evil.example/{api_key}', 'Authorization: Basic {api_key}',
  "Authorization: Bearer {api_key}\r\nHost: evil.example", "Authorization: Bearer {api_key}\nX-A: {api_key}", '{api_key}', undef, '')
{
  refused('auth_header_template ' . (($template // 'null') =~ s/[\r\n]/?/gr), 'LA001', $set_template, $template, 'vault');
}
refused('auth_header_template of a named header', 'LA001', $set_template, 'Authorization: Bearer {api_key}', 'named');
refused("query parameter $_", 'LA001', $set_template, $_, 'query') for 'callback', 'a&b', 'key#', "key\r\nHost: evil", 'url=https://evil.example?key';

# ---- endpoint, method, headers -----------------------------------------------------------------------------

foreach my $path ('//evil.example/x', '@evil.example/x', '.evil.example/x', ':8443/x', 'https://evil.example/x', "/x\r\nHost: evil.example",
  "/x HTTP/1.1\r\nHost: evil.example", '\\\\evil.example', '/\\evil.example', '/x#', '/{api_key}', '')
{
  foreach my $provider (qw(vault query))
  {
    refused("endpoint of $provider " . ($path =~ s/[\r\n]/?/gr), 'LA001|23514',
      "UPDATE $configs SET endpoint_path_template = \$1 WHERE provider_name = \$2", $path, $provider);
  }
}
harmless('another path of the same origin', "UPDATE $configs SET endpoint_path_template = '/other' WHERE provider_name IN ('vault', 'query')");
harmless('a query in the path', "UPDATE $configs SET endpoint_path_template = '/other?next=https://evil.example/' WHERE provider_name IN ('vault', 'query')");
refused('method CONNECT', '23514', "UPDATE $configs SET http_method = 'CONNECT' WHERE provider_name = 'vault'");
foreach my $headers ('{"Host": "evil.example"}', '{"hOsT": "evil.example"}', '{"Authorization": "Bearer x"}', '{"AUTHORIZATION": "x"}',
  '{"X-Forwarded-Host": "evil.example"}', '{"Forwarded": "host=evil.example"}', '{"X-Original-URL": "//evil.example"}', '{"Cookie": "a"}',
  '{"X-A\r\nHost": "evil.example"}', '{"X-A": "x\r\nHost: evil.example"}', '{"X-A": "{api_key}"}', '{":authority": "evil.example"}',
  '{"X-A: b": "c"}', '{"": "x"}', '{"X-A": ["evil"]}', '{"Transfer-Encoding": "chunked"}', '{"Proxy-Authorization": "x"}', '["Host"]', '"Host: evil"')
{
  refused("additional_headers $headers", 'LA001|23514', "UPDATE $configs SET additional_headers = \$1::jsonb WHERE provider_name = 'vault'", $headers);
}
refused('additional_headers over the named one', 'LA001',
  q{UPDATE llm_admin.llm_provider_configs SET additional_headers = '{"x-vendor-KEY": "other"}' WHERE provider_name = 'named'});

# ---- mapping -----------------------------------------------------------------------------------------------

foreach my $source ('provider:api_key_encrypted', 'provider:api_key', 'provider:id', 'header:Authorization', 'keyring:1')
{
  refused("a rule that reads $source", 'LA001', "UPDATE $configs SET request_builder_config = \$1::jsonb WHERE provider_name = 'vault'",
    sprintf $mapping, '', qq(, "path": "leak"}, "other": {"source": "$source"));
}
harmless('a mapping that fills the host by itself', "UPDATE $configs SET request_builder_config = \$1::jsonb WHERE provider_name = 'holes'", $forced_host);
like((grep { /^holes/ } requests())[0], qr/^holes LA002 /, 'still nothing fills the host');
is(value_of('service', q{SELECT config_status FROM llm_admin.list_providers() WHERE provider_name = 'holes'}), 'incomplete', 'and the list says so');
harmless('a rule that writes {api_key}', "UPDATE $configs SET request_builder_config = \$1::jsonb WHERE provider_name = 'vault'",
  sprintf $mapping, '', ', "default": "{api_key}"');

# ---- the envelope in another place -------------------------------------------------------------------------

my $envelope = value_of('desk', "SELECT api_key_encrypted FROM $configs WHERE provider_name = 'vault'");
like($envelope, qr/^lma1\./, 'an operator sees envelopes');
my $insert = "INSERT INTO $configs (provider_name, display_name, base_url, endpoint_path_template, request_builder_config,
  response_extractor_config, default_model, api_key_encrypted, auth_header_template)
  SELECT \$1, 'x', \$2, '/x', request_builder_config, response_extractor_config, 'm', \$3, auth_header_template FROM $configs
  WHERE provider_name = 'mine'";
refused('the envelope in a new row of another host', 'LA031', $insert, 'copy', 'https://evil.example', $envelope);
refused('the envelope in a new row of the same host', 'LA031', $insert, 'copy', "$vendor/v1", $envelope);
refused('the envelope in his own row', 'LA031', "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'mine'", $envelope);
refused('the envelope by ON CONFLICT', 'LA031', "$insert ON CONFLICT (provider_name) DO UPDATE
  SET base_url = excluded.base_url, api_key_encrypted = excluded.api_key_encrypted", 'vault', 'https://evil.example', $envelope);
refused('the envelope altered', 'LA001|LA031', "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'vault'", substr($envelope, 0, -1) . $_)
  for grep { $_ ne substr $envelope, -1 } 'A', 'B', 'q', '', "A\n", 'AA';
refused('the envelope as a column of its own', '42501', "ALTER TABLE $configs ADD COLUMN copy text");
harmless('the envelope in a description', "UPDATE $configs SET description = api_key_encrypted WHERE provider_name = 'vault'");
foreach my $column (qw(provider_name default_model base_url))
{
  like(state_of('desk', "UPDATE $configs SET $column = left(api_key_encrypted, 90) WHERE provider_name = 'vault' RETURNING 1"),
    $column eq 'default_model' ? qr/^$/ : qr/^(?:LA001|23514)$/, "the envelope as $column");
  is(join("\n", astray(requests())), '', "the envelope as $column: no key goes astray");
}

# Taken away, moved, and put back.
harmless('taking the key away', "UPDATE $configs SET api_key_encrypted = NULL WHERE provider_name = 'vault'");
harmless('then moving the row', $set_url, 'https://evil.example');
refused('then putting the envelope back', 'LA031', "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'vault'", $envelope);
harmless('moving the row back', $set_url, "$vendor/v1");
harmless('and its envelope', "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'vault'", $envelope);
is(value_of('service', "SELECT llm_admin.decrypt_provider_key('vault')"), 'KEY-vault-0123456789', 'in its own place it opens');

harmless('deleting the row', "DELETE FROM $configs WHERE provider_name = 'vault'");
refused('and making it again elsewhere', 'LA031', $insert, 'vault', 'https://evil.example', $envelope);
harmless('without the envelope', $insert, 'vault', 'https://evil.example', undef);
refused('and adding it afterwards', 'LA031', "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'vault'", $envelope);
harmless('deleting that', "DELETE FROM $configs WHERE provider_name = 'vault'");
harmless('making it again where it was', $insert, 'vault', "$vendor/v1", $envelope);
is(scalar(grep { /KEY-vault/ } requests()), 1, 'there it is in use again');

# Names.
refused('names swapped in one statement', '23505|LA\d+', "UPDATE $configs SET provider_name =
  CASE provider_name WHEN 'vault' THEN 'mine' ELSE 'vault' END WHERE provider_name IN ('vault', 'mine')");
harmless('renaming', "UPDATE $configs SET provider_name = 'aside' WHERE provider_name = 'vault'");
refused('the envelope under the old name', 'LA031', $insert, 'vault', 'https://evil.example', $envelope);
harmless('his own row under the old name', "UPDATE $configs SET provider_name = 'vault' WHERE provider_name = 'mine'");
refused('the envelope there', 'LA031', "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'vault'", $envelope);
refused('renaming and moving at once', 'LA001', "UPDATE $configs SET provider_name = 'gone', base_url = 'https://evil.example' WHERE provider_name = 'aside'");
harmless('his own row under its name again', "UPDATE $configs SET provider_name = 'mine' WHERE provider_name = 'vault'");
harmless('and the other', "UPDATE $configs SET provider_name = 'vault' WHERE provider_name = 'aside'");
harmless('ids swapped', "UPDATE $configs SET id = -id WHERE provider_name IN ('vault', 'mine')");

# ---- around the triggers, around the functions -------------------------------------------------------------

refused($_, '42501|55P02', $_) for
  "ALTER TABLE $configs DISABLE TRIGGER ALL", "ALTER TABLE $configs DISABLE TRIGGER trg_validate_provider_config",
  'SET session_replication_role = replica', "CREATE TRIGGER t BEFORE INSERT ON $configs FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
  "CREATE RULE r AS ON UPDATE TO $configs DO INSTEAD NOTHING", "DROP TRIGGER trg_validate_provider_config ON $configs",
  'CREATE OR REPLACE FUNCTION llm_admin.validate_provider_config() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
  'CREATE FUNCTION llm_admin.plant() RETURNS text LANGUAGE sql AS $$ SELECT 1 $$', 'ALTER EXTENSION llm_admin UPDATE',
  q{SET llm_admin.plain_http_hosts = 'evil.example'}, q{SET llm_admin.foreign_schemes = 'lma1'}, 'SET llm_admin.allow_stub_keys = on',
  q{SET llm_admin.keyring_file = '/dev/null'}, 'SHOW llm_admin.keyring_file', 'SELECT * FROM llm_admin.data_keys', 'SELECT * FROM llm_admin.root_keys',
  "UPDATE llm_admin.data_keys SET wrapped_key = ''", q{SELECT llm_admin.decrypt_provider_key('vault')}, q{SELECT llm_admin.decrypt_key('lma1.x')},
  q{SELECT llm_admin.build_request('{"messages": []}', 'vault', true)}, q{SELECT llm_admin.grant_access('desk', 'app')},
  q{SELECT * FROM llm_admin.access_grants}, q{SELECT llm_admin.verify_keys()};

# Operators of the session's own making do not stand in for those of our statements.
$node->safe_psql('postgres', 'CREATE SCHEMA desk_own AUTHORIZATION desk');
state_of('desk', $_) for
  'CREATE FUNCTION desk_own.never(varchar, varchar) RETURNS bool LANGUAGE sql AS $$ SELECT true $$',
  'CREATE OPERATOR desk_own.= (FUNCTION = desk_own.never, LEFTARG = varchar, RIGHTARG = varchar)',
  'SET search_path = desk_own, pg_catalog';
refused('the envelope under operators of his own', 'LA031', "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name::text OPERATOR(pg_catalog.=) 'mine'", $envelope);
is(state_of('desk', 'RESET search_path'), '', 'back to the usual search_path');

# ---- the application's own parameters ----------------------------------------------------------------------

my $with = sub { my ($more) = @_; return qq({"messages": [{"role": "user", "content": "{api_key}"}], "drop_params": true, $more}) };
foreach my $more (
  '"extra_body": {"url": "https://evil.example", "base_url": "https://evil.example", "headers": {"Host": "evil.example"}, "method": "GET"}',
  '"extra_body": {"Host": "evil.example", "api_key": "{api_key}"}', '"user": "{api_key}"', '"user": "evil.example/"', '"user": "x.evil.example"',
  map { qq("model_name": "$_") } '../../../x', '..', '.', '@evil.example', '//evil.example', '\\\\evil.example', 'x\r\nHost: evil.example',
  'x?y#z', '%2e%2e', '.evil.example', ':8443', 'https://evil.example/', '{api_key}', '{x}')
{
  my @made = requests($with->($more));
  is(join("\n", astray(@made)), '', "params with $more: no key goes astray");
  my ($path) = grep { /^path/ } @made;
  like($path, qr{^path (?:LA002 |\Q$vendor\E/v1/models/(?!\.{0,2}:)[\w.~%-]*:generate )}, "params with $more: one segment of the path");
}
foreach my $name (qw(url base_url headers endpoint_path_template provider auth_scheme with_key))
{
  my @made = map { /^(?:holes|mine)/ ? () : $_ } requests(qq({"messages": [{"role": "user", "content": "x"}], "$name": "https://evil.example"}));
  is(scalar(grep { !/^\w+ LA002 / } @made), 0, "a parameter $name is unknown to every provider");
}

# ---- what is not theirs ------------------------------------------------------------------------------------

my @not_for_all = ("SELECT api_key_encrypted FROM $configs", "SELECT p FROM $configs p", "SELECT count(*) FROM $configs WHERE api_key_encrypted > ''",
  "UPDATE $configs SET base_url = 'https://evil.example'", "INSERT INTO $configs DEFAULT VALUES", "DELETE FROM $configs", "TRUNCATE $configs",
  'SELECT * FROM llm_admin.data_keys', q{SELECT llm_admin.set_provider_key('vault', 'other-key-0123456789')}, q{SELECT llm_admin.encrypt_key('x')},
  q{SELECT llm_admin.decrypt_key('lma1.x')}, q{SELECT llm_admin.switch_active_provider('vault')}, q{SELECT llm_admin.grant_access('service', 'operator')});
my @not_without_app = (q{SELECT llm_admin.decrypt_provider_key('vault')}, q{SELECT llm_admin.build_request('{"messages": []}', 'vault', true)});
is(state_of('service', $_), '42501', "app: $_") for @not_for_all;
foreach my $role (qw(checker officer))
{
  is(state_of($role, $_), '42501', "$role: $_") for @not_for_all, @not_without_app;
}

# ---- what binding cannot tell ------------------------------------------------------------------------------

# These are limits that docs/security.md states. Should one fall, the text has to follow.
is(state_of('desk', q{SELECT llm_admin.set_provider_key('vault', 'KEY-vault-new-0123456789')}), '', 'a new key is set');
harmless('an older envelope of the same row and place', "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'vault'", $envelope);
is(value_of('service', "SELECT llm_admin.decrypt_provider_key('vault')"), 'KEY-vault-0123456789', 'limit: an older envelope, put back, opens');
my $unbound = $node->safe_psql('postgres', q{SELECT llm_admin.encrypt_key('found-unbound-0123456789')});
is(state_of('desk', "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'mine'", $unbound), '', 'limit: whoever finds an unbound envelope can store it');
like((grep { /^mine/ } requests())[0], qr{^mine https://evil\.example/.*found-unbound}, 'limit: and then it goes to the place of that row');
my $context = $node->safe_psql('postgres', q{SELECT llm_admin.encrypt_key('with-context-0123456789', 'elsewhere')});
is(state_of('desk', "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'mine'", $context), 'LA031', 'one with a context cannot be stored');

$_->finish for values %as;
$node->stop;
done_testing();
