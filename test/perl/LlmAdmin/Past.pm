# A database with a past, for tests of dumps and restores: a row in every table, keys of each kind, gaps in the
# sequences, hundreds of rows of history, and nothing in it that is random but ids, envelopes and times.
#
#   make_past($node)         # roles, and the database `shop`, installed and filled by the superuser first_admin
#   make_roles($node)        # the roles alone, for the server that the dump goes to
#   run_program($node, $user, @command)     # a command of the server's; returns its exit status and stderr
package LlmAdmin::Past;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run ();

our @EXPORT_OK = qw(make_past make_roles run_program);

sub make_roles
{
  my ($node) = @_;
  $node->safe_psql('postgres', 'CREATE ROLE desk LOGIN; CREATE ROLE service LOGIN; CREATE ROLE "Check, Reader" LOGIN;');
  return;
}

sub make_past
{
  my ($source) = @_;
  make_roles($source);
  $source->safe_psql('postgres', 'CREATE ROLE first_admin SUPERUSER LOGIN; CREATE DATABASE shop;');
  my @first_admin = (extra_params => [ '-U', 'first_admin' ]);
  $source->safe_psql('shop', 'CREATE EXTENSION llm_admin; CREATE EXTENSION pgcrypto;', @first_admin);
  $source->safe_psql('shop', <<'SQL', @first_admin);
SELECT * FROM llm_admin.seed();
SELECT llm_admin.grant_access('desk', 'operator'), llm_admin.grant_access('service', 'app'),
  llm_admin.grant_access('"Check, Reader"', 'auditor');
SQL
  $source->safe_psql('shop', <<'SQL', extra_params => [ '-U', 'desk' ]);
SELECT llm_admin.set_provider_key(p, 'sk-restore-' || p || '-0123456789')
FROM unnest(ARRAY['groq', 'openrouter', 'google_ai', 'chatgpt']) AS p;
SELECT llm_admin.create_provider('Kms', 'https://kms.example.com/v1', 'm');
SELECT llm_admin.create_provider('Old crypt', 'https://crypt.example.com/v1', 'm');
SELECT llm_admin.create_provider('Tab' || chr(9) || 'and "quote" \ é', 'https://odd.example.com/v1', 'm',
  provider_name => 'odd', options => '{"description": "line\nbreak"}');
SELECT llm_admin.create_provider('Gone', 'https://gone.example.com/v1', 'm', api_key => 'sk-restore-gone-0123456789');
UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = 'kms:projects/1/keys/2' WHERE provider_name = 'kms';
UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE NOT is_enabled AND api_key_encrypted IS NOT NULL;
DO $$ BEGIN
  FOR i IN 1..150 LOOP
    UPDATE llm_admin.llm_provider_configs SET description = 'edit ' || i, updated_by = 'editor ' || i
    WHERE provider_name IN ('odd', 'openrouter');
  END LOOP;
END $$;
SELECT llm_admin.switch_active_provider('openrouter', 'someone');
UPDATE llm_admin.llm_provider_configs SET base_url = 'https://odd.example.com/v2' WHERE provider_name = 'odd';
SELECT llm_admin.record_provider_test('groq', true, 12), llm_admin.record_provider_test('odd', false, NULL, 'refused');
SELECT * FROM llm_admin.purge_provider('gone');
SQL
  # Tenants: keys of their own, one sealed by a second data key, one by their application, one taken away.
  $source->safe_psql('shop', <<'SQL', extra_params => [ '-U', 'desk' ]);
INSERT INTO llm_admin.provider_aliases VALUES ('our house', 'kms'), (E'tab\tand "quote" \\ é', 'odd');
UPDATE llm_admin.provider_aliases SET provider_name = 'groq' WHERE alias = 'grok';
SELECT llm_admin.put_llm_config('acme', '{"provider": "groq", "apiKey": "sk-restore-acme-0123456789", "policy": "byollm_only"}');
SELECT llm_admin.put_llm_config('globex', '{"provider": "OpenAI", "apiKey": "sk-restore-globex-0123456789",
  "baseUrl": "https://globex.example.com/v1", "defaultModel": "line\nbreak"}');
SELECT llm_admin.put_llm_config('odd \ "tenant" é', '{"provider": "our house", "apiKey": "sk-restore-odd-0123456789", "policy": "aegis_only"}');
SELECT llm_admin.record_llm_test('acme', true, 34), llm_admin.record_llm_test('globex', false, NULL, 'refused');
BEGIN;
SELECT llm_admin.enter_tenant('foreign');
INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted, created_at, updated_at)
VALUES ('foreign', 'odd', 'kms:projects/1/keys/3', '2020-02-03 04:05:06.789Z', '2021-02-03 04:05:06.789Z');
COMMIT;
BEGIN;
SELECT llm_admin.enter_tenant('gone');
INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted) VALUES ('gone', 'odd', 'kms:projects/1/keys/4');
UPDATE llm_admin.llm_configs SET api_key_encrypted = '' WHERE tenant_id = 'gone';
COMMIT;
SQL
  $source->safe_psql('shop', <<'SQL', @first_admin);
SELECT llm_admin.rotate_data_key('acme'), llm_admin.rotate_data_key();
SELECT llm_admin.put_llm_config('acme', '{"apiKey": "sk-restore-acme-0123456789"}');
SQL
  $source->safe_psql('shop', <<'SQL', @first_admin);
UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = pgp_sym_encrypt('sk-old', 'pass')::text
WHERE provider_name = 'old_crypt';
-- Gaps, and a sequence that has not yet given the value it stands at.
SELECT nextval('llm_admin.llm_provider_configs_id_seq') FROM generate_series(1, 7);
SELECT setval('llm_admin.key_use_blocks', 41, false);
-- A later step of the ledger stays in dumps.
INSERT INTO llm_admin.schema_migrations (version, name, direction, checksum, execution_time_ms, applied_by, fingerprint)
VALUES ('0.2', 'llm_admin--0.1--0.2.sql', 'up', 'x', 1, 'first_admin', 'y');
SQL
  return;
}

# A command of the server's with the node's address; returns exit status and stderr.
sub run_program
{
  my ($node, $user, @command) = @_;
  local $ENV{PGHOST} = $node->host;
  local $ENV{PGPORT} = $node->port;
  local $ENV{PGUSER} = $user;
  my ($stdout, $stderr) = ('', '');
  IPC::Run::run([ $node->installed_command($command[0]), @command[ 1 .. $#command ] ],
    '>', \$stdout, '2>', \$stderr);
  return ($? >> 8, $stderr);
}

1;
