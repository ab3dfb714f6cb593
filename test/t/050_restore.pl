# Dump and restore: every row and sequence comes back as it was, in each form of dump, for another superuser
# than the one who installed, without a keyring. The triggers stay quiet meanwhile and speak afterwards.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Catalog qw(sums);
use LlmAdmin::Past qw(make_past make_roles run_program);
use LlmAdmin::Session qw(new_keyring write_file);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# ---- tools -------------------------------------------------------------------------------------------------

# Runs a script, goes on after errors; returns output, stderr.
sub session
{
  my ($node, $database, $sql, @options) = @_;
  my ($stdout, $stderr);
  $node->psql($database, "\\set VERBOSITY verbose\n$sql", stdout => \$stdout, stderr => \$stderr,
    on_error_stop => 0, @options);
  return ($stdout, $stderr);
}

my $configs = 'llm_admin.llm_provider_configs';
my $history = 'llm_admin.llm_provider_config_history';

# ---- a database with a past --------------------------------------------------------------------------------

my $source = PostgreSQL::Test::Cluster->new('source');
$source->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
my $keyring = new_keyring();
my $right_keyring = slurp_file($keyring);
$source->append_conf('postgresql.conf', "llm_admin.keyring_file = '$keyring'\n");
$source->start;
make_past($source);
my @first_admin = (extra_params => [ '-U', 'first_admin' ]);
cmp_ok($source->safe_psql('shop', "SELECT count(*) FROM $history"), '>', 300, 'hundreds of rows of history');
my $keys = <<'SQL';
SELECT string_agg(provider_name || '=' || llm_admin.decrypt_provider_key(provider_name), ' ' ORDER BY provider_name)
FROM llm_admin.llm_provider_configs WHERE api_key_encrypted LIKE 'lma1.%'
SQL
my $all_keys = join ' ', map { "$_=sk-restore-$_-0123456789" } qw(chatgpt google_ai groq openrouter);
is($source->safe_psql('shop', $keys), $all_keys, 'the keys open where they were made');
my $tenant_keys = <<'SQL';
SELECT string_agg(split_part(llm_admin.decrypt_tenant_key(tenant_id), '-', 3), ' ' ORDER BY tenant_id)
FROM llm_admin.llm_configs WHERE api_key_encrypted LIKE 'lma1.%'
SQL
my $all_tenant_keys = 'acme globex odd';
is($source->safe_psql('shop', $tenant_keys), $all_tenant_keys, 'those of tenants too');
my $expected = sums($source, 'shop');
is(scalar(() = $expected =~ /^llm_admin\./mg), $source->safe_psql('shop', q{SELECT count(*) - 2 FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND c.relkind IN ('r', 'p', 'S') AND NOT c.relispartition
      AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'llm_admin')}), 'every table and sequence is summed up but cache_versions and config_changes');
like($expected, qr/^llm_admin\.key_use_blocks\|41 false$/m, 'a sequence waits at its value');
like($expected, qr/^llm_admin\.schema_migrations\|1 /m, 'the ledger has a row to dump');
like($expected, qr/^llm_admin\.llm_configs\|5 /m, 'tenants have rows to dump');
is($source->safe_psql('shop', q{SELECT string_agg(concat_ws(' ', tenant_id, version), ',' ORDER BY tenant_id, version) FROM llm_admin.data_keys
    WHERE tenant_id IN ('acme', 'globex')}), 'acme 1,acme 2,globex 1', 'and data keys of their own');

# ---- dumps -------------------------------------------------------------------------------------------------

my $dumps = $source->basedir;
my %dump = (
  plain => [ '-Fp', '-f', "$dumps/plain.sql" ],
  inserts => [ '-Fp', '--inserts', '-f', "$dumps/inserts.sql" ],
  custom => [ '-Fc', '-f', "$dumps/custom.dump" ],
  directory => [ '-Fd', '-j4', '-f', "$dumps/directory" ],
  data => [ '-Fp', '--data-only', '-f', "$dumps/data.sql" ],
  data_disabled => [ '-Fp', '--data-only', '--disable-triggers', '-f', "$dumps/data_disabled.sql" ]);
foreach my $form (sort keys %dump)
{
  my ($status, $stderr) = run_program($source, 'first_admin', 'pg_dump', @{ $dump{$form} }, 'shop');
  is("$status $stderr", '0 ', "pg_dump $form: exit 0, stderr empty");
}
unlike(slurp_file("$dumps/plain.sql"), qr/llm_admin--[0-9.]+\.sql/, 'no install row in the dump');
like(slurp_file("$dumps/plain.sql"), qr/llm_admin--0\.1--0\.2\.sql/, 'but the later row');
unlike(slurp_file("$dumps/plain.sql"), qr/POLICY|ROW LEVEL SECURITY/, 'row-level security comes with the extension, not once more with the dump');

# ---- restores: a fresh cluster without a keyring -----------------------------------------------------------

my $target = PostgreSQL::Test::Cluster->new('target');
$target->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$target->start;
make_roles($target);
$target->safe_psql('postgres', 'CREATE ROLE second_admin SUPERUSER LOGIN;');
my @second_admin = (extra_params => [ '-U', 'second_admin' ]);

# As restored: the same sums, keys still sealed, and triggers that work. Leaves the rows as they were.
sub restored
{
  my ($form, $database, $status, $stderr) = @_;
  is($status, 0, "$form: exit 0");
  is($stderr, '', "$form: stderr empty");
  is(sums($target, $database), $expected, "$form: tables and sequences equal, row for row");
  is($target->safe_psql($database, "SELECT string_agg(direction, ' ' ORDER BY applied_at) FROM llm_admin.schema_migrations"),
    'up install', "$form: the ledger holds the dumped row and that of the restore's own install");
  foreach my $right ([ 'desk', 'set_provider_key(text, text, text)' ], [ 'service', 'decrypt_provider_key(text)' ],
    [ 'Check, Reader', 'provider_history(text, timestamptz)' ])
  {
    next if $form =~ /^data/;    # grants are no data: refresh_access_by_name() applies them, see below
    is($target->safe_psql($database, "SELECT has_function_privilege('$right->[0]', 'llm_admin.$right->[1]', 'EXECUTE')"),
      't', "$form: $right->[0] may do what it could");
  }

  my ($out, $errors) = session($target, $database, <<'SQL', @second_admin);
\set ON_ERROR_ROLLBACK on
BEGIN;
CREATE TEMP TABLE before AS SELECT id FROM llm_admin.llm_provider_config_history;
UPDATE llm_admin.llm_provider_configs SET description = 'after the restore' WHERE provider_name = 'odd';
SELECT string_agg(action || ' ' || changed_by, ',') FROM llm_admin.llm_provider_config_history
WHERE id NOT IN (SELECT id FROM before);
UPDATE llm_admin.llm_provider_configs SET is_active = true WHERE provider_name = 'kms';
SELECT string_agg(provider_name, ',') FROM llm_admin.llm_provider_configs WHERE is_active;
INSERT INTO llm_admin.llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template,
  request_builder_config, response_extractor_config, default_model)
SELECT 'fresh', 'Fresh', 'https://fresh.example.com', '/x', request_builder_config, response_extractor_config, 'm'
FROM llm_admin.llm_provider_configs WHERE provider_name = 'odd'
RETURNING id > (SELECT max(provider_id) + 6 FROM llm_admin.llm_provider_config_history);
INSERT INTO llm_admin.llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template,
  request_builder_config, response_extractor_config, default_model)
VALUES ('bad', 'Bad', 'https://bad.example.com', '/x', '{}', '{}', 'm');
DELETE FROM llm_admin.llm_provider_config_history;
DELETE FROM llm_admin.llm_provider_configs WHERE is_active;
UPDATE llm_admin.llm_configs SET default_model = 'after' WHERE tenant_id = 'foreign' RETURNING updated_at > '2021-02-04';
INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted) VALUES ('raw', 'odd', 'sk-plain-text');
ROLLBACK;
SELECT setval('llm_admin.llm_provider_configs_id_seq', currval('llm_admin.llm_provider_configs_id_seq') - 1);
SQL
  is((split /\n/, $out)[0], 'updated second_admin', "$form: a later UPDATE writes one row of history");
  is((split /\n/, $out)[1], 'kms', "$form: a second active provider deactivates the first");
  is((split /\n/, $out)[2], 't', "$form: the sequence goes on behind its gap");
  is((split /\n/, $out)[3], 't', "$form: a tenant's row keeps its updated_at");
  is(join(' ', $errors =~ /ERROR:  (\w+):/g), 'LA001 LA020 55006 LA001',
    "$form: validation, append-only, the guard of the active provider and the check of tenants' keys work");

  # Row-level security is there once: the flag, the policy, and what they show.
  is($target->safe_psql($database, q{SELECT c.relrowsecurity, c.relforcerowsecurity, string_agg(p.polname, ',') FROM pg_class c
      LEFT JOIN pg_policy p ON p.polrelid = c.oid WHERE c.oid = 'llm_admin.llm_configs'::regclass GROUP BY c.oid, 1, 2}),
    't|f|tenant_isolation', "$form: row-level security is on");
  if ($form !~ /^data/)
  {
    ($out, $errors) = session($target, $database, <<'SQL', extra_params => [ '-U', 'service' ]);
SELECT count(*) FROM llm_admin.llm_configs;
BEGIN;
SELECT llm_admin.enter_tenant('globex');
SELECT tenant_id FROM llm_admin.llm_configs;
SQL
    is("$out$errors", "0\nglobex\nglobex", "$form: and shows the entered tenant only");
  }

  (undef, $errors) = session($target, $database, "SELECT llm_admin.decrypt_provider_key('groq'); SELECT llm_admin.decrypt_tenant_key('acme');");
  is(join(' ', $errors =~ /ERROR:  (\w+):/g), 'LA030 LA030', "$form: without a keyring no key opens");
  return;
}

my $databases = 0;

sub new_database
{
  my ($sql) = @_;
  my $name = 'restored_' . ++$databases;
  $target->safe_psql('postgres', "CREATE DATABASE $name", @second_admin);
  $target->safe_psql($name, $sql, @second_admin) if $sql;
  return $name;
}

my @plain = ('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null');
my @restore = ('pg_restore', '--exit-on-error');
my $installed = 'CREATE EXTENSION llm_admin';
my @restored;

sub try_restore
{
  my ($form, $prepare, $user, @command) = @_;
  my $database = new_database($prepare);
  my ($status, $stderr) = run_program($target, $user, $command[0], '-d', $database, @command[ 1 .. $#command ]);
  restored($form, $database, $status, $stderr);
  push @restored, $database;
  return $database;
}

# The first owner is unknown here, so ownership is left out; where it is known, it may stay in.
try_restore('custom, no owner', '', 'second_admin', @restore, '--no-owner', "$dumps/custom.dump");
$target->safe_psql('postgres', 'CREATE ROLE first_admin SUPERUSER');
try_restore('plain', '', 'second_admin', @plain, '-f', "$dumps/plain.sql");
try_restore('inserts', '', 'second_admin', @plain, '-f', "$dumps/inserts.sql");
try_restore('custom', '', 'second_admin', @restore, "$dumps/custom.dump");
try_restore('directory, four jobs', '', 'second_admin', @restore, '-j4', "$dumps/directory");
my $data_only = try_restore('data only', $installed, 'second_admin', @plain, '-f', "$dumps/data.sql");
try_restore('data only, triggers disabled', $installed, 'second_admin', @plain, '-f', "$dumps/data_disabled.sql");

# A role that only may act as the owner, who is no superuser any more.
$target->safe_psql('postgres', 'CREATE ROLE keeper SUPERUSER LOGIN; CREATE ROLE mover LOGIN IN ROLE keeper;');
my $kept = new_database("SET ROLE keeper; $installed");
$target->safe_psql('postgres', 'ALTER ROLE keeper NOSUPERUSER');
restored('data only, by a member of the owner', $kept, run_program($target, 'mover', @plain, '-f', "$dumps/data.sql", '-d', $kept));
push @restored, $kept;

# The levels are in the data; one call applies them, by name on another server.
$target->safe_psql($data_only, 'SELECT * FROM llm_admin.refresh_access_by_name()', @second_admin);
is($target->safe_psql($data_only, q{SELECT has_function_privilege('service', 'llm_admin.decrypt_provider_key(text)', 'EXECUTE')}),
  't', 'data only: refresh_access_by_name() gives the levels again');

# Cleaning up first is a restore too.
{
  my ($status, $stderr) = run_program($target, 'second_admin', @restore, '--clean', '-d', $restored[3], "$dumps/custom.dump");
  restored('custom, --clean over a full database', $restored[3], $status, $stderr);
}

# ---- with a keyring ----------------------------------------------------------------------------------------

my $target_keyring = new_keyring();
my $wrong_keyring = slurp_file($target_keyring);
write_file($target_keyring, $right_keyring);
$target->append_conf('postgresql.conf', "llm_admin.keyring_file = '$target_keyring'\n");
$target->reload;
foreach my $database (@restored)
{
  is($target->safe_psql($database, $keys), $all_keys, "$database: with the keyring every key opens");
  is($target->safe_psql($database, 'SELECT * FROM llm_admin.verify_keys()'), '7|0|0|3', "$database: verify_keys() is content");
  is($target->safe_psql($database, $tenant_keys), $all_tenant_keys, "$database: and every key of a tenant");
}
is($target->safe_psql($restored[1], q{SELECT * FROM llm_admin.adopt_pgcrypto_keys('pass')}),
  'provider old_crypt|adopted', 'the pgcrypto value can still be adopted');
is($target->safe_psql($restored[1], q{SELECT llm_admin.decrypt_provider_key('old_crypt')}), 'sk-old', 'and is what it was');

write_file($target_keyring, $wrong_keyring);
my $before = sums($target, $restored[3]);
my (undef, $wrong) = session($target, $restored[3], <<'SQL');
SELECT llm_admin.decrypt_provider_key('groq');
SELECT llm_admin.set_provider_key('groq', 'sk-under-another-keyring');
SELECT llm_admin.encrypt_key('sk-under-another-keyring');
SELECT llm_admin.decrypt_tenant_key('acme');
SELECT llm_admin.put_llm_config('acme', '{"apiKey": "sk-under-another-keyring"}');
SELECT llm_admin.put_llm_config('new', '{"provider": "odd", "apiKey": "sk-under-another-keyring"}');
SQL
is(join(' ', $wrong =~ /ERROR:  (\w+):/g), join(' ', ('LA030') x 6), 'with another keyring neither opening nor sealing works');
like($wrong, qr/^DETAIL:  expected check value \S+, found \S+/m, 'and the error says what it expected and found');
is($target->safe_psql($restored[3], 'SELECT * FROM llm_admin.verify_keys()'), '0|7|0|3', 'verify_keys() tells it too');
# A block of key uses may be gone; it stands for nothing.
is(sums($target, $restored[3]) =~ s/^llm_admin\.key_use_blocks.*\n//mr,
  $before =~ s/^llm_admin\.key_use_blocks.*\n//mr, 'and nothing was overwritten');
write_file($target_keyring, $right_keyring);
is($target->safe_psql($restored[3], $keys), $all_keys, 'with the right one back, all is well');

$source->stop;
$target->stop;
done_testing();
