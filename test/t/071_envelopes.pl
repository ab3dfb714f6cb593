# Keys stay where they were given. An operator, who sees every envelope and may write every row, but not decrypt,
# moves envelopes and rows about and tries to get around triggers and functions; then the other levels try what is
# not theirs. Last, what binding cannot tell, shown as it is.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Vendor;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_vendor('envelopes');
my $set_url = "UPDATE $configs SET base_url = \$1 WHERE provider_name = 'vault'";

# ---- the envelope in another place -------------------------------------------------------------------------

my $envelope = value_of('desk', "SELECT api_key_encrypted FROM $configs WHERE provider_name = 'vault'");
like($envelope, qr/^lma1\./, 'an operator sees envelopes');
my $insert =
  "INSERT INTO $configs (provider_name, display_name, base_url, endpoint_path_template, request_builder_config,
  response_extractor_config, default_model, api_key_encrypted, auth_header_template)
  SELECT \$1, 'x', \$2, '/x', request_builder_config, response_extractor_config, 'm', \$3, auth_header_template FROM $configs
  WHERE provider_name = 'mine'";
refused('the envelope in a new row of another host', 'LA031', $insert, 'copy', 'https://evil.example', $envelope);
refused('the envelope in a new row of the same host', 'LA031', $insert, 'copy', "$vendor/v1", $envelope);
refused('the envelope in his own row', 'LA031',
  "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'mine'", $envelope);
refused(
  'the envelope by ON CONFLICT', 'LA031', "$insert ON CONFLICT (provider_name) DO UPDATE
  SET base_url = excluded.base_url, api_key_encrypted = excluded.api_key_encrypted", 'vault', 'https://evil.example',
  $envelope);
refused('the envelope altered', 'LA001|LA031',
  "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'vault'", substr($envelope, 0, -1) . $_)
  for grep { $_ ne substr $envelope, -1 } 'A', 'B', 'q', '', "A\n", 'AA';
refused('the envelope as a column of its own', '42501', "ALTER TABLE $configs ADD COLUMN copy text");
harmless('the envelope in a description',
  "UPDATE $configs SET description = api_key_encrypted WHERE provider_name = 'vault'");
foreach my $column (qw(provider_name default_model base_url))
{
  like(
    state_of(
      'desk', "UPDATE $configs SET $column = left(api_key_encrypted, 90) WHERE provider_name = 'vault' RETURNING 1"),
    $column eq 'default_model' ? qr/^$/ : qr/^(?:LA001|23514)$/,
    "the envelope as $column");
  is(join("\n", astray(requests())), '', "the envelope as $column: no key goes astray");
}

# Taken away, moved, and put back.
harmless('taking the key away', "UPDATE $configs SET api_key_encrypted = NULL WHERE provider_name = 'vault'");
harmless('then moving the row', $set_url, 'https://evil.example');
refused('then putting the envelope back', 'LA031',
  "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'vault'", $envelope);
harmless('moving the row back', $set_url, "$vendor/v1");
harmless('and its envelope', "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'vault'", $envelope);
is(value_of('service', "SELECT llm_admin.decrypt_provider_key('vault')"), 'KEY-vault-0123456789',
  'in its own place it opens');

harmless('deleting the row', "DELETE FROM $configs WHERE provider_name = 'vault'");
refused('and making it again elsewhere', 'LA031', $insert, 'vault', 'https://evil.example', $envelope);
harmless('without the envelope', $insert, 'vault', 'https://evil.example', undef);
refused('and adding it afterwards', 'LA031',
  "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'vault'", $envelope);
harmless('deleting that', "DELETE FROM $configs WHERE provider_name = 'vault'");
harmless('making it again where it was', $insert, 'vault', "$vendor/v1", $envelope);
is(scalar(grep { /KEY-vault/ } requests()), 1, 'there it is in use again');

# Names.
refused(
  'names swapped in one statement', '23505|LA\d+', "UPDATE $configs SET provider_name =
  CASE provider_name WHEN 'vault' THEN 'mine' ELSE 'vault' END WHERE provider_name IN ('vault', 'mine')");
harmless('renaming', "UPDATE $configs SET provider_name = 'aside' WHERE provider_name = 'vault'");
refused('the envelope under the old name', 'LA031', $insert, 'vault', 'https://evil.example', $envelope);
harmless('his own row under the old name',
  "UPDATE $configs SET provider_name = 'vault' WHERE provider_name = 'mine'");
refused('the envelope there', 'LA031', "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'vault'",
  $envelope);
refused('renaming and moving at once', 'LA001',
  "UPDATE $configs SET provider_name = 'gone', base_url = 'https://evil.example' WHERE provider_name = 'aside'");
harmless('his own row under its name again',
  "UPDATE $configs SET provider_name = 'mine' WHERE provider_name = 'vault'");
harmless('and the other', "UPDATE $configs SET provider_name = 'vault' WHERE provider_name = 'aside'");
harmless('ids swapped', "UPDATE $configs SET id = -id WHERE provider_name IN ('vault', 'mine')");

# ---- around the triggers, around the functions -------------------------------------------------------------

refused($_, '42501|55P02', $_)
  for "ALTER TABLE $configs DISABLE TRIGGER ALL", "ALTER TABLE $configs DISABLE TRIGGER trg_validate_provider_config",
  'SET session_replication_role = replica',
  "CREATE TRIGGER t BEFORE INSERT ON $configs FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
  "CREATE RULE r AS ON UPDATE TO $configs DO INSTEAD NOTHING",
  "DROP TRIGGER trg_validate_provider_config ON $configs",
  'CREATE OR REPLACE FUNCTION llm_admin.validate_provider_config() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
  'CREATE FUNCTION llm_admin.plant() RETURNS text LANGUAGE sql AS $$ SELECT 1 $$', 'ALTER EXTENSION llm_admin UPDATE',
  q{SET llm_admin.plain_http_hosts = 'evil.example'}, q{SET llm_admin.foreign_schemes = 'lma1'},
  'SET llm_admin.allow_stub_keys = on',
  q{SET llm_admin.keyring_file = '/dev/null'}, 'SHOW llm_admin.keyring_file', 'SELECT * FROM llm_admin.data_keys',
  'SELECT * FROM llm_admin.root_keys',
  "UPDATE llm_admin.data_keys SET wrapped_key = ''", q{SELECT llm_admin.decrypt_provider_key('vault')},
  q{SELECT llm_admin.decrypt_key('lma1.x')},
  q{SELECT llm_admin.build_request('{"messages": [{"role": "user", "content": "Hi"}]}', 'vault', true)},
  q{SELECT llm_admin.grant_access('desk', 'app')},
  q{SELECT * FROM llm_admin.access_grants}, q{SELECT llm_admin.verify_keys()};

# Operators of the session's own making do not stand in for those of our statements.
$node->safe_psql('postgres', 'CREATE SCHEMA desk_own AUTHORIZATION desk');
is(state_of('desk', $_), '', "planted: $_") for
  'CREATE FUNCTION desk_own.always(varchar, varchar) RETURNS bool LANGUAGE sql AS $$ SELECT true $$',
  'CREATE OPERATOR desk_own.= (FUNCTION = desk_own.always, LEFTARG = varchar, RIGHTARG = varchar)',
  'SET search_path = desk_own, pg_catalog';
refused('the envelope under operators of his own', 'LA031',
  "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name::text OPERATOR(pg_catalog.=) 'mine'", $envelope);
is(state_of('desk', 'RESET search_path'), '', 'back to the usual search_path');

# ---- what is not theirs ------------------------------------------------------------------------------------

my @not_for_all = (
  "SELECT api_key_encrypted FROM $configs", "SELECT p FROM $configs p",
  "SELECT count(*) FROM $configs WHERE api_key_encrypted > ''",
  "UPDATE $configs SET base_url = 'https://evil.example'", "INSERT INTO $configs DEFAULT VALUES",
  "DELETE FROM $configs", "TRUNCATE $configs",
  'SELECT * FROM llm_admin.data_keys', q{SELECT llm_admin.set_provider_key('vault', 'other-key-0123456789')},
  q{SELECT llm_admin.encrypt_key('x')},
  q{SELECT llm_admin.decrypt_key('lma1.x')}, q{SELECT llm_admin.switch_active_provider('vault')},
  q{SELECT llm_admin.grant_access('service', 'operator')});
my @not_without_app = (q{SELECT llm_admin.decrypt_provider_key('vault')},
  q{SELECT llm_admin.build_request('{"messages": [{"role": "user", "content": "Hi"}]}', 'vault', true)});
is(state_of('service', $_), '42501', "app: $_") for @not_for_all;
foreach my $role (qw(checker officer))
{
  is(state_of($role, $_), '42501', "$role: $_") for @not_for_all, @not_without_app;
}

# ---- what binding cannot tell ------------------------------------------------------------------------------

# These are limits that docs/security.md states. Should one fall, the text has to follow.
is(state_of('desk', q{SELECT llm_admin.set_provider_key('vault', 'KEY-vault-new-0123456789')}), '',
  'a new key is set');
harmless('an older envelope of the same row and place',
  "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'vault'", $envelope);
is(value_of('service', "SELECT llm_admin.decrypt_provider_key('vault')"), 'KEY-vault-0123456789',
  'limit: an older envelope, put back, opens');
my $unbound = $node->safe_psql('postgres', q{SELECT llm_admin.encrypt_key('found-unbound-0123456789')});
is(state_of('desk', "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'mine'", $unbound), '',
  'limit: whoever finds an unbound envelope can store it');
like((grep { /^mine/ } requests())[0], qr{^mine https://evil\.example/.*found-unbound},
  'limit: and then it goes to the place of that row');
my $context = $node->safe_psql('postgres', q{SELECT llm_admin.encrypt_key('with-context-0123456789', 'elsewhere')});
is(state_of('desk', "UPDATE $configs SET api_key_encrypted = \$1 WHERE provider_name = 'mine'", $context), 'LA031',
  'one with a context cannot be stored');

stop_vendor();
done_testing();
