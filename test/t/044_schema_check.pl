# validate_schema() and repair_schema(): an installation damaged in every kind of catalog object, each damage alone and
# five at once, is told by its name and nothing else is; mended it equals a fresh one, and works.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Catalog qw(catalog difference);
use LlmAdmin::Hints;
use LlmAdmin::Session qw(new_node);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('schema_check');
my ($major) = $node->safe_psql('postgres', 'SHOW server_version_num') =~ /^(\d+)\d{4}$/;
my $top = "$FindBin::Bin/../..";

# ---- the reference is that of a fresh install --------------------------------------------------------------

$node->safe_psql('postgres', 'CREATE DATABASE fresh');
$node->safe_psql('fresh', 'CREATE EXTENSION llm_admin');
{
  local $ENV{PGHOST} = $node->host;
  local $ENV{PGPORT} = $node->port;
  my ($made, $stderr) = run_command([ 'bash', "$top/scripts/make-catalog", 'fresh' ]);
  my @shipped = map { s/^[\d,]+\t/$major\t/r } grep { /^(?:\d+,)*$major(?:,\d+)*\t/ } split /\n/, slurp_file("$top/src/shipped/catalog.tsv");
  is(join("\n", sort @shipped), join("\n", sort grep { !/^#/ } split /\n/, $made), "src/shipped/catalog.tsv is what scripts/make-catalog makes of PostgreSQL $major");
}

$node->safe_psql('postgres', <<'SQL');
CREATE ROLE service LOGIN; CREATE ROLE reader LOGIN; CREATE ROLE mallory; CREATE ROLE agent;
SELECT llm_admin.grant_access('service', 'app'), llm_admin.grant_access('reader', 'auditor');
SELECT llm_admin.set_provider_key('groq', 'sk-check-groq-0123456789');
SELECT llm_admin.put_llm_config('acme', '{"provider": "groq", "apiKey": "sk-check-acme-0123456789"}');
SQL
my $as_made = catalog($node, 'postgres');

my $errors = q{SELECT kind || ' ' || object FROM llm_admin.validate_schema() WHERE verdict = 'error' ORDER BY 1};
is($node->safe_psql('postgres', "SELECT kind, object, verdict, detail FROM llm_admin.validate_schema() WHERE verdict NOT IN ('ok', 'not compared', 'not tried')"), '', 'nothing is wrong at first');
like($node->safe_psql('postgres', q{SELECT verdict || ' ' || detail FROM llm_admin.validate_schema() WHERE kind = 'row security'}), qr/^ok role service sees no row/, 'row security was tried');
is($node->safe_psql('postgres', 'SELECT * FROM llm_admin.repair_schema(false)'), '', 'and there is nothing to mend');

# ---- damage ------------------------------------------------------------------------------------------------

my $t = 'llm_admin.llm_configs';
my $p = 'llm_admin.llm_provider_configs';
my $out = 'ALTER EXTENSION llm_admin DROP';
# What is done, what is told ("kind object"; a list where one damage takes others with it).
my @damage = (
  [ "ALTER TABLE $t DISABLE ROW LEVEL SECURITY", 'row security llm_configs, table llm_admin.llm_configs' ],
  [ "ALTER TABLE $t FORCE ROW LEVEL SECURITY", 'table llm_admin.llm_configs' ],
  [ 'ALTER TABLE llm_admin.provider_tests SET UNLOGGED', 'table llm_admin.provider_tests' ],
  [ 'ALTER TABLE llm_admin.provider_tests SET SCHEMA public', 'table llm_admin.provider_tests' ],
  [ 'ALTER TABLE llm_admin.provider_aliases RENAME TO aliases', 'table llm_admin.provider_aliases' ],
  [ "ALTER TABLE $t ALTER COLUMN policy DROP DEFAULT", 'column policy on llm_admin.llm_configs' ],
  [ "ALTER TABLE $t ALTER COLUMN provider DROP NOT NULL", 'column provider on llm_admin.llm_configs' ],
  [ "ALTER TABLE $t ALTER COLUMN base_url TYPE varchar(900)", 'column base_url on llm_admin.llm_configs' ],
  [ "ALTER TABLE $t RENAME COLUMN default_model TO model", 'column default_model on llm_admin.llm_configs' ],
  [ "ALTER TABLE $t ALTER COLUMN api_key_encrypted SET STATISTICS 100", 'column api_key_encrypted on llm_admin.llm_configs' ],
  [ "ALTER TABLE $t DROP CONSTRAINT llm_configs_policy_check", 'constraint llm_configs_policy_check on llm_admin.llm_configs' ],
  [ "ALTER TABLE $t DROP CONSTRAINT llm_configs_tenant_id_key", 'constraint llm_configs_tenant_id_key on llm_admin.llm_configs' ],
  [ "ALTER TABLE $t RENAME CONSTRAINT llm_configs_pkey TO first", 'constraint llm_configs_pkey on llm_admin.llm_configs' ],
  [ 'DROP INDEX llm_admin.llm_provider_configs_one_active', 'index llm_provider_configs_one_active on llm_admin.llm_provider_configs' ],
  [ 'ALTER INDEX llm_admin.llm_provider_configs_one_active RENAME TO one', 'index llm_provider_configs_one_active on llm_admin.llm_provider_configs' ],
  [ "DROP INDEX llm_admin.llm_provider_configs_one_active; CREATE INDEX llm_provider_configs_one_active ON $p (id)", 'index llm_provider_configs_one_active on llm_admin.llm_provider_configs' ],
  [ "ALTER TABLE $p DISABLE TRIGGER trg_validate_provider_config", 'trigger trg_validate_provider_config on llm_admin.llm_provider_configs' ],
  [ 'ALTER TABLE llm_admin.data_keys ENABLE TRIGGER trg_data_keys_changed', 'trigger trg_data_keys_changed on llm_admin.data_keys' ],
  [ "ALTER TRIGGER trg_lock_llm_configs ON $t RENAME TO locks", 'trigger trg_lock_llm_configs on llm_admin.llm_configs' ],
  [ 'DROP TRIGGER trg_refuse_history_truncate ON llm_admin.llm_provider_config_history', 'trigger trg_refuse_history_truncate on llm_admin.llm_provider_config_history' ],
  [ "DROP POLICY tenant_isolation ON $t", 'policy tenant_isolation on llm_admin.llm_configs' ],
  [ "ALTER POLICY tenant_isolation ON $t USING (true)", 'policy tenant_isolation on llm_admin.llm_configs, row security llm_configs' ],
  [ "ALTER POLICY tenant_isolation ON $t TO service", 'policy tenant_isolation on llm_admin.llm_configs' ],
  [ "CREATE POLICY support ON $t FOR SELECT USING (true)", 'policy support on llm_admin.llm_configs, row security llm_configs' ],
  [ 'ALTER FUNCTION llm_admin.mask_key(text) SECURITY DEFINER', 'function llm_admin.mask_key(key text)' ],
  [ 'ALTER FUNCTION llm_admin.entered_tenant() VOLATILE', 'function llm_admin.entered_tenant()' ],
  [ 'ALTER FUNCTION llm_admin.seed() SET work_mem = 64', 'function llm_admin.seed()' ],
  [ 'ALTER FUNCTION llm_admin.mask_key(text) RENAME TO mask', 'function llm_admin.mask_key(key text)' ],
  [ "$out FUNCTION llm_admin.schema_stats(); DROP FUNCTION llm_admin.schema_stats()", 'function llm_admin.schema_stats(OUT table_name text, OUT estimated_rows bigint, OUT bytes bigint)' ],
  [ "$out FUNCTION llm_admin.mask_key(text); DROP FUNCTION llm_admin.mask_key(text); CREATE FUNCTION llm_admin.mask_key(key text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    'function llm_admin.mask_key(key text), function llm_admin.mask_key(key text)' ],
  [ 'ALTER TYPE llm_admin.built_request ADD ATTRIBUTE extra text', 'type llm_admin.built_request' ],
  [ 'ALTER TYPE llm_admin.provider_info DROP ATTRIBUTE id', 'type llm_admin.provider_info' ],
  [ 'ALTER TYPE llm_admin.provider_outcome RENAME ATTRIBUTE outcome TO "in ""words"', 'type llm_admin.provider_outcome' ],
  [ 'ALTER VIEW llm_admin.provider_settings SET (security_invoker, security_barrier)', 'view llm_admin.provider_settings' ],
  [ "DROP TABLE IF EXISTS public.heir; CREATE TABLE public.heir () INHERITS ($t)", 'child public.heir on llm_admin.llm_configs' ],
  [ qq{DROP TABLE IF EXISTS public.reach; CREATE TABLE public.reach (tenant_id text COLLATE "C"); ALTER TABLE $t INHERIT public.reach},
    'parent public.reach on llm_admin.llm_configs' ],
  [ 'DROP TABLE IF EXISTS public.parted; CREATE TABLE public.parted (LIKE llm_admin.provider_tests) PARTITION BY LIST (provider_name);
     ALTER TABLE public.parted ATTACH PARTITION llm_admin.provider_tests DEFAULT', 'parent public.parted on llm_admin.provider_tests' ],
  [ "CREATE RULE quiet AS ON DELETE TO $t DO INSTEAD NOTHING", 'rule quiet on llm_admin.llm_configs' ],
  [ "ALTER TABLE $t REPLICA IDENTITY NOTHING", 'setting replica identity on llm_admin.llm_configs' ],
  [ "ALTER TABLE $p ALTER COLUMN api_key_encrypted SET STORAGE PLAIN", 'setting storage of column api_key_encrypted on llm_admin.llm_provider_configs' ],
  [ 'ALTER SEQUENCE llm_admin.key_use_blocks INCREMENT 7', 'sequence llm_admin.key_use_blocks' ],
  [ 'ALTER VIEW llm_admin.provider_settings SET (security_barrier)', 'view llm_admin.provider_settings' ],
  [ "COMMENT ON TABLE $t IS 'nothing'", 'comment table llm_admin.llm_configs' ],
  [ "COMMENT ON FUNCTION llm_admin.seed() IS NULL", 'comment function llm_admin.seed()' ],
  [ "UPDATE pg_extension SET extcondition[1] = 'WHERE false' WHERE extname = 'llm_admin'", '?dump filter' ],
  [ "UPDATE pg_extension SET extconfig = NULL, extcondition = NULL WHERE extname = 'llm_admin'", '*dump filter' ],
  [ q{UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'llm_admin.llm_provider_config_history_provider'::regclass},
    'index llm_provider_config_history_provider on llm_admin.llm_provider_config_history' ],
  [ q{UPDATE pg_index SET indisready = false WHERE indexrelid = 'llm_admin.llm_provider_configs_one_active'::regclass},
    'index llm_provider_configs_one_active on llm_admin.llm_provider_configs' ],
  [ q{UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'llm_admin.llm_configs_pkey'::regclass}, 'index llm_configs_pkey on llm_admin.llm_configs' ],
  [ 'ALTER DEFAULT PRIVILEGES IN SCHEMA llm_admin GRANT SELECT, DELETE ON TABLES TO agent', 'grant default privileges of postgres on TABLES to agent' ],
  [ 'ALTER FUNCTION llm_admin.mask_key(text) OWNER TO mallory', 'owner function llm_admin.mask_key(key text)' ],
  [ 'ALTER TABLE llm_admin.root_keys OWNER TO mallory', 'owner table llm_admin.root_keys' ],
  [ 'GRANT SELECT ON llm_admin.data_keys TO mallory', 'grant llm_admin.data_keys to mallory' ],
  [ 'GRANT SELECT (check_value) ON llm_admin.root_keys TO PUBLIC', 'grant llm_admin.root_keys.check_value to PUBLIC' ],
  [ 'GRANT EXECUTE ON FUNCTION llm_admin.decrypt_provider_key(text) TO reader', 'grant llm_admin.decrypt_provider_key(provider_name text) to reader' ],
  [ 'GRANT CREATE ON SCHEMA llm_admin TO PUBLIC', 'grant llm_admin to PUBLIC' ],
  [ "GRANT SELECT ON $t TO service WITH GRANT OPTION", 'grant llm_admin.llm_configs to service' ],
  [ 'REVOKE EXECUTE ON FUNCTION llm_admin.mask_key(text) FROM service', 'access service app' ],
);

# Names of what is told; a letter before the expectation: any number of objects of that kind.
sub matches
{
  my ($told, $expected) = @_;
  return $told eq $expected if $expected !~ /^[?*]/;
  my $kind = substr $expected, 1;
  return $told ne '' && !grep { !/^\Q$kind\E / } split /, /, $told;
}

my $as_text = sub { join ', ', split /\n/, $node->safe_psql('postgres', $errors) };
# 18 gives NOT NULL constraints names. Of a table made anew they end in a number while the one moved aside holds theirs.
sub unnumbered { my ($lines) = @_; return [ map { s/(_not_null)\d+(?= \|)/$1/r } @$lines ] }
sub mended
{
  my ($what) = @_;
  LlmAdmin::Hints::followed(split /\x01/, $node->safe_psql('postgres', "SELECT string_agg(statement, chr(1)) FROM llm_admin.repair_schema()"));
  my $outcomes = $node->safe_psql('postgres', "SELECT object, outcome FROM llm_admin.repair_schema(dry_run => false) WHERE outcome <> 'done'");
  is($outcomes, '', "$what: repair_schema() mends it");
  is($node->safe_psql('postgres', 'SELECT * FROM llm_admin.repair_schema(false)'), '', "$what: a second run finds nothing");
  is($as_text->(), '', "$what: nothing is wrong any more");
  is(difference(unnumbered($as_made), unnumbered(catalog($node, 'postgres'))), '', "$what: the catalog is as it was");
}

foreach my $one (@damage)
{
  my ($sql, $expected) = @$one;
  $node->safe_psql('postgres', "BEGIN; $sql; COMMIT");
  # Row checks cannot read what is gone or elsewhere, and say so: they are looked at apart.
  my $told = join ', ', split /\n/, $node->safe_psql('postgres', q{SELECT kind || ' ' || object FROM llm_admin.validate_schema()
    WHERE verdict = 'error' AND detail NOT LIKE 'this could not be looked at%' ORDER BY 1});
  ok(matches($told, $expected), "$sql: told") or diag("told $told\nnot  $expected");
  mended($sql);
}

# Every function: what mends it makes what was there, to the letter.
$node->safe_psql('postgres', q{SELECT format('ALTER FUNCTION %s COST 77', d.objid::regprocedure) FROM pg_depend d
  JOIN pg_proc p ON p.oid = d.objid AND p.prokind = 'f' WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'llm_admin') \gexec});
cmp_ok($node->safe_psql('postgres', q{SELECT count(*) FROM llm_admin.validate_schema() WHERE verdict = 'error' AND kind = 'function'}), '>', 50, 'every function of another cost: told');
mended('every function of another cost');

# Five at once.
srand 44;
foreach my $round (1 .. 6)
{
  my @chosen = map { $damage[ ($round * 7 + $_ * 9) % @damage ] } 0 .. 4;
  my $done = 0;
  foreach my $one (@chosen) { $done++ if $node->psql('postgres', "BEGIN; $one->[0]; COMMIT", on_error_stop => 1) == 0 }
  cmp_ok($done, '>=', 4, "round $round: damaged in $done ways at once");
  isnt($as_text->(), '', "round $round: told");
  mended("round $round");
}

# ---- the schema's name, a table with all its rows ----------------------------------------------------------

$node->safe_psql('postgres', 'ALTER SCHEMA llm_admin RENAME TO llm2');
is($node->safe_psql('postgres', q{SELECT kind, object, statement FROM llm2.validate_schema() WHERE verdict = 'error' AND detail NOT LIKE 'this could not be looked at%'}),
  'schema|llm_admin|ALTER SCHEMA llm2 RENAME TO llm_admin', 'a renamed schema is told, and it alone');
is($node->safe_psql('postgres', 'SELECT outcome FROM llm2.repair_schema(false)'), 'done', 'and mended');
is($as_text->(), '', 'for good');

$node->safe_psql('postgres', "$out TABLE llm_admin.provider_tests; DROP TABLE llm_admin.provider_tests CASCADE");
like($node->safe_psql('postgres', 'SELECT object, outcome FROM llm_admin.repair_schema()'), qr/^table llm_admin\.provider_tests\|would run$/m, 'a table that is gone: a dry run shows it');
isnt($as_text->(), '', 'and changes nothing');
mended('a table that is gone');

# Something else stands under the name of what was moved or dropped: it gets another name, and its rows stay.
foreach my $one ([ "ALTER TABLE $t RENAME TO kept; CREATE TABLE $t (LIKE llm_admin.kept INCLUDING ALL)", 'table llm_admin.llm_configs', 'TABLE llm_admin.llm_configs_other' ],
  [ "ALTER TABLE $t RENAME TO kept; CREATE VIEW $t AS SELECT * FROM llm_admin.kept", 'table llm_admin.llm_configs', 'VIEW llm_admin.llm_configs_other' ],
  [ 'ALTER FUNCTION llm_admin.mask_key(text) SET SCHEMA public; CREATE FUNCTION llm_admin.mask_key(key text) RETURNS text LANGUAGE sql AS $$SELECT $1$$',
    'function llm_admin.mask_key(key text)', 'FUNCTION llm_admin.mask_key_other(text)' ],
  [ 'ALTER TYPE llm_admin.built_request RENAME TO made; CREATE DOMAIN llm_admin.built_request AS text', 'type llm_admin.built_request', 'DOMAIN llm_admin.built_request_other' ],
  [ 'DROP INDEX llm_admin.llm_provider_configs_one_active; CREATE TABLE llm_admin.llm_provider_configs_one_active ()',
    'index llm_provider_configs_one_active on llm_admin.llm_provider_configs', 'TABLE llm_admin.llm_provider_configs_one_active_other' ])
{
  my ($sql, $expected, $left) = @$one;
  $node->safe_psql('postgres', "BEGIN; $sql; COMMIT");
  is($node->safe_psql('postgres', q{SELECT string_agg(kind || ' ' || object, ', ') FROM llm_admin.validate_schema() WHERE verdict = 'error'
    AND detail NOT LIKE 'this could not be looked at%'}), $expected, "$sql: told, and it alone");
  is($node->safe_psql('postgres', 'SELECT outcome FROM llm_admin.repair_schema(false)'), 'done', "$sql: mended");
  is($as_text->(), '', "$sql: nothing is wrong any more");
  $node->safe_psql('postgres', "DROP $left");
  is(difference($as_made, catalog($node, 'postgres')), '', "$sql: what is left is all that was added");
}
$node->safe_psql('postgres', 'ALTER SCHEMA llm_admin RENAME TO llm2; CREATE SCHEMA llm_admin');
is($node->safe_psql('postgres', 'SELECT outcome FROM llm2.repair_schema(false)'), 'done', 'a schema renamed, and another one under its name: mended');
is($as_text->(), '', 'for good');
$node->safe_psql('postgres', 'DROP SCHEMA llm_admin_other');

# Levels that are lost explain no grant: none is taken before they are given again.
$node->safe_psql('postgres', "$out TABLE llm_admin.access_grants; DROP TABLE llm_admin.access_grants");
is($node->safe_psql('postgres', q{SELECT DISTINCT substr(outcome, 1, 45) FROM llm_admin.repair_schema(false) WHERE object LIKE 'grant %'}),
  'failed: nothing is taken from roles while the', 'access_grants is gone: repair_schema() takes no grants');
is($node->safe_psql('postgres', q{SELECT has_function_privilege('service', 'llm_admin.build_request(jsonb, text, boolean)', 'execute')}), 't', 'roles keep what they have');
$node->safe_psql('postgres', q{SELECT llm_admin.grant_access('service', 'app'), llm_admin.grant_access('reader', 'auditor')});
mended('levels that were lost, given again');

# What has grants leaves and comes back: pg_dump goes on dumping them, so they must not become initial privileges.
foreach my $object ('FUNCTION llm_admin.schema_stats()', 'FUNCTION llm_admin.get_llm_config(text)', 'TABLE llm_admin.llm_configs', 'TABLE llm_admin.provider_aliases')
{
  $node->safe_psql('postgres', "GRANT EXECUTE ON $object TO agent") if $object =~ /get_llm/;
  my $before = catalog($node, 'postgres');
  $node->safe_psql('postgres', "ALTER EXTENSION llm_admin DROP $object");
  my ($kind, $name) = $object =~ /^(\w+) (\S+?)(?:\(|$)/;
  like($as_text->(), qr/(?:^|, )\L$kind\E \Q$name\E(?:\(|,|$)/, "$object left the extension: told");
  is($node->safe_psql('postgres', "SELECT DISTINCT outcome FROM llm_admin.repair_schema(false)"), 'done', "$object: it is taken in again");
  is($as_text->(), '', "$object: and nothing is wrong any more");
  is(difference($before, catalog($node, 'postgres')), '', "$object: grants are as before, and so are initial privileges");
  $node->safe_psql('postgres', "REVOKE ALL ON $object FROM agent");
}

# ---- what strangers own ------------------------------------------------------------------------------------

# repair_schema() runs as a superuser, and nothing that mallory wrote may run with it: casts, CHECKs, defaults, bodies.
sub harmless
{
  my ($what) = @_;
  is($node->safe_psql('postgres', q{SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'}), 'f', "$what: nothing of mallory's ran");
  is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE prosrc ~ 'ALTER ROLE mallory' AND rolname <> 'mallory'}), '0', "$what: nor is it anybody else's");
}
$node->safe_psql('postgres', <<"SQL");
CREATE SCHEMA planted AUTHORIZATION mallory;
GRANT USAGE, CREATE ON SCHEMA llm_admin TO mallory;
ALTER EXTENSION llm_admin DROP TABLE llm_admin.provider_tests; DROP TABLE llm_admin.provider_tests CASCADE;
ALTER EXTENSION llm_admin DROP FUNCTION llm_admin.mask_key(text); DROP FUNCTION llm_admin.mask_key(text);
SET ROLE mallory;
CREATE TYPE planted.word AS (word text);
CREATE FUNCTION planted.as_text(planted.word) RETURNS text LANGUAGE plpgsql AS \$f\$ BEGIN IF current_setting('is_superuser') = 'on' THEN ALTER ROLE mallory SUPERUSER; END IF; RETURN 'x'; END \$f\$;
CREATE FUNCTION planted.is_right(text) RETURNS boolean LANGUAGE sql AS 'SELECT planted.as_text(ROW(\$1)::planted.word) IS NOT NULL';
CREATE CAST (planted.word AS text) WITH FUNCTION planted.as_text(planted.word);
CREATE TABLE llm_admin.provider_tests (provider_name varchar(100) COLLATE "C" NOT NULL, tested_at timestamptz NOT NULL, result planted.word NOT NULL, latency_ms integer);
INSERT INTO llm_admin.provider_tests VALUES ('groq', now(), ROW('success'), 1);
CREATE FUNCTION llm_admin.mask_key(key text DEFAULT 'x') RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS \$f\$ BEGIN ALTER ROLE mallory SUPERUSER; RETURN ''; END \$f\$;
SQL
like($node->safe_psql('postgres', q{SELECT object, statement FROM llm_admin.repair_schema()}), qr/^\Qtable llm_admin.provider_tests|ALTER TABLE llm_admin.provider_tests RENAME TO provider_tests_other\E$/m, 'what mallory made under a name of ours is not taken for it');
$node->safe_psql('postgres', 'REVOKE USAGE ON SCHEMA llm_admin FROM mallory');
mended('planted under names of ours');
harmless('planted under names of ours');
$node->safe_psql('postgres', 'DROP TABLE llm_admin.provider_tests_other; DROP FUNCTION llm_admin.mask_key_other(text)');

foreach my $one ([ 'a type with a cast', 'ALTER COLUMN result TYPE planted.word USING ROW(result)::planted.word', 'ALTER COLUMN result TYPE text USING (result).word' ],
  [ 'a CHECK over another type', 'ALTER COLUMN result TYPE varchar(99), ADD CONSTRAINT own CHECK (planted.is_right(result))', 'DROP CONSTRAINT own, ALTER COLUMN result TYPE text' ],
  [ 'a default', q{ALTER COLUMN result SET DEFAULT planted.as_text(ROW('x'))}, 'ALTER COLUMN result DROP DEFAULT' ])
{
  my ($what, $altered, $back) = @$one;
  $node->safe_psql('postgres', "ALTER TABLE llm_admin.provider_tests OWNER TO mallory; GRANT USAGE ON SCHEMA llm_admin TO mallory; SET ROLE mallory; ALTER TABLE llm_admin.provider_tests $altered");
  my $outcomes = $node->safe_psql('postgres', 'SELECT object, outcome FROM llm_admin.repair_schema(false)');
  like($outcomes, qr/^owner table llm_admin\.provider_tests\|failed: llm_admin\.provider_tests belongs to mallory, who may/m, "$what on a table of mallory's: it is left to who looks at it");
  unlike($outcomes, qr/done/, "$what: nothing is done there");
  harmless($what);
  $node->safe_psql('postgres', "SET ROLE mallory; ALTER TABLE llm_admin.provider_tests $back");
  $node->safe_psql('postgres', 'REVOKE ALL ON SCHEMA llm_admin FROM mallory');
  mended("$what, taken back");
}
$node->safe_psql('postgres', 'DROP SCHEMA planted CASCADE');

# ---- key_status() and verify_llm_configs() -----------------------------------------------------------------

my $status = q{SELECT value, verdict, hint FROM llm_admin.key_status() WHERE item = 'schema'};
is($node->safe_psql('postgres', $status), '', 'key_status() has no row about a schema that is as it was made');
foreach my $one ([ 'ALTER POLICY tenant_isolation ON llm_admin.llm_configs USING (true)', 'policy' ], [ 'ALTER TABLE llm_admin.llm_configs DISABLE ROW LEVEL SECURITY', 'table' ],
  [ 'ALTER TABLE llm_admin.llm_configs DISABLE TRIGGER trg_validate_llm_config', 'trigger' ])
{
  my ($sql, $kind) = @$one;
  $node->safe_psql('postgres', $sql);
  my ($value, $verdict, $hint) = split /\|/, $node->safe_psql('postgres', $status);
  is($verdict, 'error', "$sql: key_status() says so");
  like($value, qr/^1 objects? .*$kind/, "$sql: by name");
  like($node->safe_psql('postgres', $hint), qr/^$kind\|/m, "$sql: its hint shows what");
  LlmAdmin::Hints::followed($hint);
  my $seen = $node->safe_psql('postgres', 'SELECT * FROM llm_admin.verify_llm_configs()');
  unlike($seen, qr/row-level security\|ok/, "$sql: verify_llm_configs() does not say ok of it") if $kind ne 'trigger';
  mended($sql);
  is($node->safe_psql('postgres', $status), '', "$sql: then key_status() is silent");
}

# ---- what is the user's ------------------------------------------------------------------------------------

$node->safe_psql('postgres', <<'SQL');
ALTER TABLE llm_admin.llm_configs ADD COLUMN note text;
CREATE INDEX mine ON llm_admin.llm_configs (provider);
CREATE POLICY narrow ON llm_admin.llm_configs AS RESTRICTIVE USING (true);
CREATE TABLE llm_admin.own (id int);
CREATE DOMAIN llm_admin.word AS text; CREATE COLLATION llm_admin.plain FROM "C"; CREATE TYPE llm_admin.pair AS (a int);
CREATE OPERATOR llm_admin.= (LEFTARG = text, RIGHTARG = int, FUNCTION = pg_catalog.repeat);
CREATE RULE more AS ON DELETE TO llm_admin.provider_tests DO NOTIFY gone;
ALTER TABLE llm_admin.llm_configs REPLICA IDENTITY FULL; ALTER TABLE llm_admin.llm_configs SET (fillfactor = 70);
ALTER TABLE llm_admin.provider_tests ALTER COLUMN result SET STORAGE EXTERNAL, ALTER COLUMN result SET COMPRESSION pglz, ALTER COLUMN provider_name SET (n_distinct = 5);
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO agent;
GRANT USAGE ON SCHEMA llm_admin TO agent; GRANT EXECUTE ON FUNCTION llm_admin.get_llm_config(text) TO agent;
SQL
is($as_text->(), '', 'what users add is no error');
is($node->safe_psql('postgres', q{SELECT string_agg(kind || ' ' || object, ', ' ORDER BY kind, object COLLATE "C") FROM llm_admin.validate_schema() WHERE verdict = 'yours'}),
  join(', ', 'collation llm_admin.plain', 'column note on llm_admin.llm_configs', 'domain llm_admin.word', 'grant default privileges of postgres on TABLES to agent',
    'grant llm_admin to agent', 'grant llm_admin.get_llm_config(tenant_id text) to agent', 'index mine on llm_admin.llm_configs',
    'operator llm_admin.=(pg_catalog.text,integer)', 'policy narrow on llm_admin.llm_configs', 'rule more on llm_admin.provider_tests',
    'setting compression of column result on llm_admin.provider_tests', 'setting options of column provider_name on llm_admin.provider_tests',
    'setting replica identity on llm_admin.llm_configs', 'setting storage of column result on llm_admin.provider_tests',
    'setting storage parameters on llm_admin.llm_configs', 'table llm_admin.own', 'type llm_admin.pair'),
  'it is told as yours');
is($node->safe_psql('postgres', 'SELECT * FROM llm_admin.repair_schema(false)'), '', 'and left alone');
$node->safe_psql('postgres', 'ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM agent');

# ---- a step that meets drift warns -------------------------------------------------------------------------

foreach my $one ([ 'nothing', '', '' ],
  [ 'a trigger that is off', 'ALTER TABLE llm_admin.llm_configs DISABLE TRIGGER trg_validate_llm_config;', qr/trigger trg_validate_llm_config on llm_admin\.llm_configs: it is off/ ],
  [ 'an index that is gone, and two more', 'DROP INDEX llm_admin.llm_provider_configs_one_active; ALTER TABLE llm_admin.llm_configs DISABLE ROW LEVEL SECURITY; ALTER FUNCTION llm_admin.mask_key(text) COST 7;',
    qr/table llm_admin\.llm_configs: row security is off, was made on, and 2 more/ ])
{
  my ($what, $damage, $told) = @$one;
  $node->safe_psql('postgres', 'DROP DATABASE IF EXISTS old');
  $node->safe_psql('postgres', 'CREATE DATABASE old');
  my ($out, $err);
  $node->psql('old', "CREATE EXTENSION llm_admin VERSION '0.3'; $damage", stderr => \$err, on_error_stop => 1);
  is($node->psql('old', 'ALTER EXTENSION llm_admin UPDATE', stdout => \$out, stderr => \$err), 0, "a step over $what goes through");
  if ($damage eq '') { is($err, '', "a step over $what warns of nothing") }
  else
  {
    like($err, qr/^psql:.*WARNING:  the schema is not as version .* makes it$/m, "a step over $what warns");
    like($err, $told, "a step over $what names it");
    my ($statement) = $err =~ /HINT:\s+(SELECT \* FROM llm_admin\.repair_schema\(\))$/m;
    like($node->safe_psql('old', $statement), qr/\|would run$/m, 'its hint shows what would mend it');
    LlmAdmin::Hints::followed($statement);
    $node->safe_psql('old', 'SELECT llm_admin.repair_schema(false)');
    is($node->safe_psql('old', q{SELECT count(*) FROM llm_admin.validate_schema() WHERE verdict = 'error'}), '0', 'and it can be mended');
  }
}

# ---- who may, and it works ---------------------------------------------------------------------------------

my ($stdout, $stderr);
$node->psql('postgres', 'SELECT * FROM llm_admin.repair_schema()', extra_params => [ '-U', 'reader' ], stderr => \$stderr);
like($stderr, qr/permission denied/, 'repair_schema() is not for the levels');
is($node->safe_psql('postgres', q{SELECT count(*) > 0 FROM llm_admin.validate_schema()}, extra_params => [ '-U', 'reader' ]), 't', 'validate_schema() is for auditors');
$node->safe_psql('postgres', q{SELECT llm_admin.seed(); SELECT llm_admin.set_provider_key('xai', 'sk-check-xai-0123456789')});
like($node->safe_psql('postgres', q{SELECT llm_admin.build_request('{"messages": [{"role": "user", "content": "x"}]}', 'groq')}), qr/groq/, 'requests are built');
is($node->safe_psql('postgres', q{SELECT provider_name, has_key FROM llm_admin.get_provider('xai')}), 'xai|t', 'rows have the columns of types made anew');
is($node->safe_psql('postgres', q{SELECT provider_name, has_key FROM llm_admin.list_providers() WHERE provider_name = 'xai'}), 'xai|t', 'in sets, too');
is($node->safe_psql('postgres', q{SELECT llm_admin.decrypt_tenant_key('acme')}), 'sk-check-acme-0123456789', 'and keys open');

$node->stop;
LlmAdmin::Hints::proves('044_schema_check', $top);
done_testing();
