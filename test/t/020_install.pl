# CREATE EXTENSION into schemas that somebody else prepared, and under default privileges: accepted only where
# nobody but the owner could have planted or could later plant anything.
use strict;
use warnings;

use File::Basename qw(dirname);
use LlmAdmin::Hints;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('install');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE mallory; CREATE ROLE "Second Admin" SUPERUSER; CREATE ROLE reader;');

my $me = $node->safe_psql('postgres', 'SELECT quote_ident(current_user)');

my $databases = 0;

# A new database in which the statements have run; returns its name.
sub database_with
{
  my ($sql) = @_;
  my $name = 'install_' . ++$databases;
  $node->safe_psql('postgres', "CREATE DATABASE $name");
  $node->safe_psql($name, $sql) if $sql;
  return $name;
}

# Runs CREATE EXTENSION and returns what came over stderr, SQLSTATE included; empty when it worked.
sub install
{
  my ($database) = @_;
  my ($stdout, $stderr);
  $node->psql(
    $database, "\\set VERBOSITY verbose\nCREATE EXTENSION llm_admin;",
    stdout => \$stdout, stderr => \$stderr, on_error_stop => 0);
  return $stderr;
}

sub installed
{
  my ($database) = @_;
  return $node->safe_psql($database, q{SELECT count(*) FROM pg_extension WHERE extname = 'llm_admin'});
}

sub accepted
{
  my ($what, $sql) = @_;
  my $database = database_with($sql);
  is(install($database), '', "$what: installs silently");
  is(installed($database), '1', "$what: is there");
  return $database;
}

# Refused with this SQLSTATE, text in DETAIL and statement in HINT; once the HINT (or $mend) is followed, it installs.
sub refused
{
  my ($what, $sql, $state, $detail, $hint, $mend) = @_;
  my $database = database_with($sql);
  my $stderr = install($database);
  like($stderr, qr/ERROR:  \Q$state\E:/, "$what: refused");
  like($stderr, qr/^DETAIL:  .*$detail/m, "$what: the detail names it");
  like($stderr, qr/^HINT:  \Q$hint\E/m, "$what: the hint holds the statement");
  is(installed($database), '0', "$what: nothing is left behind");
  $node->safe_psql($database, $mend // $hint);
  is(install($database), '', "$what: installs once that is mended");
  LlmAdmin::Hints::followed($hint);
}

# ---- schemas -----------------------------------------------------------------------------------------------

accepted('no schema', '');
accepted('an empty schema of ours', 'CREATE SCHEMA llm_admin');
accepted('an empty schema of another superuser', 'CREATE SCHEMA llm_admin AUTHORIZATION "Second Admin"');
accepted('a schema that others may only use', 'CREATE SCHEMA llm_admin; GRANT USAGE ON SCHEMA llm_admin TO reader');

refused('a schema of another role', 'CREATE SCHEMA llm_admin AUTHORIZATION mallory',
  '55000', 'mallory', 'ALTER SCHEMA llm_admin OWNER TO CURRENT_USER');
refused('a schema open to PUBLIC', 'CREATE SCHEMA llm_admin; GRANT CREATE ON SCHEMA llm_admin TO PUBLIC',
  '55000', 'PUBLIC', 'REVOKE CREATE ON SCHEMA llm_admin FROM PUBLIC');
refused('a schema open to two roles',
  'CREATE SCHEMA llm_admin; GRANT ALL ON SCHEMA llm_admin TO mallory, reader',
  '55000', 'mallory, reader', 'REVOKE CREATE ON SCHEMA llm_admin FROM mallory, reader');
refused('schemas open by default',
  'ALTER DEFAULT PRIVILEGES GRANT CREATE ON SCHEMAS TO mallory',
  '55000', 'mallory', "ALTER DEFAULT PRIVILEGES FOR ROLE $me REVOKE CREATE ON SCHEMAS FROM mallory");

my $aside = 'ALTER SCHEMA llm_admin RENAME TO llm_admin_before';
refused('a planted function',
  q{CREATE SCHEMA llm_admin; CREATE FUNCTION llm_admin.lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1'},
  '55000', 'function llm_admin\.lower\(text\)', $aside);
refused('a planted operator',
  'CREATE SCHEMA llm_admin; CREATE OPERATOR llm_admin.= (FUNCTION = pg_catalog.textne, LEFTARG = text, RIGHTARG = text)',
  '55000', 'operator llm_admin\.=\(text,text\)', $aside);
refused('a planted table', 'CREATE SCHEMA llm_admin; CREATE TABLE llm_admin.profiles (id integer)',
  '55000', 'table llm_admin\.profiles', $aside);
refused('a planted type', q{CREATE SCHEMA llm_admin; CREATE TYPE llm_admin.mood AS ENUM ('a')},
  '55000', 'type llm_admin\.mood', $aside);
refused('more than fits into a message',
  'CREATE SCHEMA llm_admin; '
    . join('', map { "CREATE SEQUENCE llm_admin.s$_;" } 1 .. 8),
  '55000', 'sequence llm_admin\.s5 and 3 more', $aside);

# A function of the very name that the script makes first is stopped by the plain CREATE, before it could run.
my $clash = database_with(
  q{CREATE SCHEMA llm_admin; CREATE FUNCTION llm_admin.check_schema() RETURNS boolean LANGUAGE sql AS 'SELECT true'});
like(install($clash), qr/ERROR:  42723:/, 'a planted check_schema() is not replaced');
# One that takes the same call by its default makes the call ambiguous, and does not run either.
my $ambiguous = database_with(
  q{CREATE SCHEMA llm_admin; CREATE FUNCTION llm_admin.check_schema(x integer DEFAULT 1) RETURNS boolean
    LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'planted code ran'; END $$});
like(install($ambiguous), qr/ERROR:  42725:/, 'a planted check_schema() with a default does not run');

# ---- default privileges ------------------------------------------------------------------------------------

for my $kind ([ 'TABLES', 'SELECT' ], [ 'SEQUENCES', 'USAGE' ], [ 'FUNCTIONS', 'EXECUTE' ])
{
  my ($objects, $privilege) = @$kind;
  refused(
    "default privileges on $objects",
    "ALTER DEFAULT PRIVILEGES GRANT $privilege ON $objects TO reader",
    '42501', "$privilege on .* to reader",
    "ALTER DEFAULT PRIVILEGES FOR ROLE $me REVOKE $privilege ON $objects FROM reader");
}
refused('default privileges in our schema',
  'CREATE SCHEMA llm_admin; ALTER DEFAULT PRIVILEGES IN SCHEMA llm_admin GRANT SELECT ON TABLES TO "Second Admin"',
  '42501', 'SELECT on .* to "Second Admin"',
  qq{ALTER DEFAULT PRIVILEGES FOR ROLE $me IN SCHEMA llm_admin REVOKE SELECT ON TABLES FROM "Second Admin"});

# ---- the ledger --------------------------------------------------------------------------------------------

# The fingerprint does not depend on the session, the database or the installing role.
my $one = accepted('fingerprint: a plain session', '');
my $two = database_with('');
$node->safe_psql($two, <<'SQL');
SET ROLE "Second Admin";
SET search_path = information_schema, public;
SET quote_all_identifiers = on;
SET DateStyle = 'German, DMY';
SET TimeZone = 'Asia/Kathmandu';
CREATE EXTENSION llm_admin;
SQL
my $row = q{SELECT direction, version, checksum, fingerprint FROM llm_admin.schema_migrations};
is($node->safe_psql($two, $row), $node->safe_psql($one, $row), 'equal installs, equal ledger rows');
is($node->safe_psql($two, q{SELECT execution_time_ms < 600000 FROM llm_admin.schema_migrations}),
  't', 'the mark is read back under any DateStyle');
$node->safe_psql($two, 'DROP EXTENSION llm_admin; CREATE EXTENSION llm_admin');
is($node->safe_psql($two, $row), $node->safe_psql($one, $row), 'and again after dropping it');

# A failed install leaves no row and no object.
my $failed = database_with('ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader');
install($failed);
is($node->safe_psql($failed, q{SELECT count(*) FROM pg_namespace WHERE nspname = 'llm_admin'}),
  '0', 'a failed install is undone as a whole');

# ---- dump and restore --------------------------------------------------------------------------------------

# Levels survive: grants and access_grants alike, and the restored database gets no second install row.
$node->safe_psql($one, q{SELECT llm_admin.grant_access('reader', 'auditor')});
my $dump = $node->basedir . '/dump.sql';
$node->command_ok([ 'pg_dump', '--file', $dump, $one ], 'pg_dump');
my $restored = database_with('');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-d', $restored, '-f', $dump ],
  'restore');
my $rights = q{SELECT string_agg(p.proname, ',' ORDER BY p.proname) FROM pg_proc p
  WHERE p.pronamespace = 'llm_admin'::regnamespace AND has_function_privilege('reader', p.oid, 'EXECUTE')};
is($node->safe_psql($restored, $rights), $node->safe_psql($one, $rights), 'function rights survive a restore');
like($node->safe_psql($one, $rights), qr/provider_history/, 'and there are some');
for my $table ('llm_admin.schema_migrations', 'llm_admin.llm_provider_config_history')
{
  is($node->safe_psql($restored, qq{SELECT has_table_privilege('reader', '$table', 'SELECT')}),
    't', "reading $table survives a restore");
}
is($node->safe_psql($restored,
    q{SELECT has_column_privilege('reader', 'llm_admin.llm_provider_configs', 'base_url', 'SELECT'),
             has_column_privilege('reader', 'llm_admin.llm_provider_configs', 'api_key_encrypted', 'SELECT')}),
  't|f', 'column rights survive a restore');
my $grants = 'SELECT role_name, level, granted_at, granted_by FROM llm_admin.access_grants';
is($node->safe_psql($restored, $grants), $node->safe_psql($one, $grants), 'access_grants survives a restore');
is($node->safe_psql($restored, 'SELECT string_agg(direction, $$,$$) FROM llm_admin.schema_migrations'), 'install',
  'a restore writes the row of its own install, and none comes from the dump');

LlmAdmin::Hints::proves('020_install', dirname(__FILE__) . '/../..');
done_testing();
