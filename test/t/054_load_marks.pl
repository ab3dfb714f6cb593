# What makes a load, and what does not. Settings count when the session itself made them, a COPY when it is written
# as dumps write it, llm_admin.restoring when this session set it, and each only with roles that may act as the
# extension's owner. Whatever else writes has its history and is checked.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Session qw(new_node);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('marks');
my $folder = $node->basedir;
my $port = $node->port;

# Runs a script, goes on after errors; returns output, stderr.
sub session
{
  my ($database, $user, $sql, %options) = @_;
  local $ENV{PGOPTIONS} = $options{pgoptions} // '';
  my ($stdout, $stderr);
  $node->psql(
    $database, "\\set VERBOSITY verbose\n$sql", stdout => \$stdout, stderr => \$stderr,
    on_error_stop => 0, extra_params => [ '-U', $user ]);
  return ($stdout, $stderr);
}

sub states { my ($stderr) = @_; return join ' ', $stderr =~ /ERROR:  (\w+):/g }

$node->safe_psql('postgres', <<"SQL");
CREATE ROLE second_admin SUPERUSER LOGIN;
CREATE ROLE downer LOGIN;
CREATE ROLE desk LOGIN;
CREATE ROLE setter LOGIN;
SELECT llm_admin.grant_access('desk', 'operator'), llm_admin.grant_access('setter', 'operator');
GRANT SET ON PARAMETER llm_admin.restoring TO setter;
GRANT CREATE, USAGE ON SCHEMA public TO desk, setter;
-- One provider and one tenant to be written in many ways, in each format; \\N and all columns.
CREATE TABLE public.rows AS SELECT * FROM llm_admin.llm_provider_configs WHERE provider_name = 'groq';
UPDATE public.rows SET id = 1000, provider_name = 'copied', is_active = false, updated_at = '2020-01-01', config_version = 7;
COPY public.rows TO '$folder/rows.text';
COPY public.rows TO '$folder/rows.binary' (FORMAT binary);
COPY public.rows TO '$folder/rows.csv' (FORMAT csv);
COPY public.rows TO '$folder/rows.bar' (DELIMITER '|');
COPY public.rows (id, provider_name, display_name, base_url, endpoint_path_template, request_builder_config,
  response_extractor_config, default_model) TO '$folder/rows.some';
GRANT SELECT ON public.rows TO desk, setter;
UPDATE public.rows SET api_key_encrypted = 'sk-RAWKEY-0123456789';
COPY public.rows TO '$folder/rows.raw';
UPDATE public.rows SET api_key_encrypted = NULL;
SQL
$node->safe_psql('postgres', "COPY (SELECT 't1', 'copied tenant', 'groq', 'sk-RAWTENANT-0123456789', NULL, NULL, 'choice', NULL, NULL, NULL, now(), now()) TO '$folder/tenant.raw'");
my $columns = $node->safe_psql('postgres', q{SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute
  WHERE attrelid = 'llm_admin.llm_provider_configs'::regclass AND attnum > 0});
my $reversed = join ', ', reverse split /, /, $columns;
$node->safe_psql('postgres', "COPY (SELECT $reversed FROM public.rows) TO '$folder/rows.reversed'");

my $table = 'llm_admin.llm_provider_configs';
my $insert = "INSERT INTO $table SELECT * FROM public.rows;";
my $prologue = "SELECT set_config('search_path', '', false); SET check_function_bodies = off; SET client_min_messages = warning;";

# Writes the row of `copied` in a transaction that is taken back, and says how it came in: `loaded` as it is without a
# trace, or `recorded`.
sub written
{
  my ($user, $sql, %options) = @_;
  my ($out, $err) = session($options{database} // 'postgres', $user, <<"SQL", %options);
\\o /dev/null
@{[ $options{before} // '' ]}
BEGIN;
$sql
\\o
RESET ROLE; RESET SESSION AUTHORIZATION;
SELECT 'rows ' || count(*) || ' ' || coalesce(min(p.config_version), 0) FROM $table p WHERE p.provider_name OPERATOR(pg_catalog.=) 'copied';
SELECT 'history ' || count(*) FROM llm_admin.llm_provider_config_history h WHERE h.provider_name OPERATOR(pg_catalog.=) 'copied';
ROLLBACK;
SQL
  my ($rows) = $out =~ /^rows (.*)$/m;
  my ($history) = $out =~ /^history (\d+)$/m;
  return "failed: $err" unless defined $history && $rows =~ /^1 /;
  return $history == 0 ? 'loaded' : 'recorded';
}

# ---- settings ----------------------------------------------------------------------------------------------

is(written('second_admin', $insert), 'recorded', 'a superuser in a plain session is recorded');
is(written('second_admin', $insert, before => $prologue), 'loaded', 'with the settings of a dump a load');
is(written('second_admin', $insert, before => "$prologue SET row_security = on;"), 'loaded', 'also with row_security on');
is(written('second_admin', $insert, before => "$prologue SET row_security = off;"), 'loaded', 'and off');
is(written('second_admin', "SELECT set_config('search_path', '', true); SET LOCAL check_function_bodies = off; SET LOCAL client_min_messages = warning; $insert"),
  'loaded', 'SET LOCAL is the session\'s own doing too');
foreach my $missing ("SELECT set_config('search_path', '', false);", 'SET check_function_bodies = off;', 'SET client_min_messages = warning;')
{
  is(written('second_admin', $insert, before => $prologue =~ s/\Q$missing\E//r), 'recorded', "without $missing no load");
}
is(written('second_admin', $insert, before => $prologue . ' RESET check_function_bodies;'), 'recorded', 'nor after a RESET');

# The SET clause of a function is its author's.
$node->safe_psql('postgres', <<'SQL');
CREATE SCHEMA tricks;
GRANT USAGE ON SCHEMA tricks TO desk, setter;
CREATE FUNCTION tricks.run(sql text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN EXECUTE sql; END';
CREATE FUNCTION tricks.run_as_caller(sql text) RETURNS void LANGUAGE plpgsql AS 'BEGIN EXECUTE sql; END';
CREATE PROCEDURE tricks.call(sql text) LANGUAGE plpgsql AS 'BEGIN EXECUTE sql; END';
SELECT set_config('search_path', '', false);
CREATE FUNCTION tricks.run_with_settings(sql text) RETURNS void LANGUAGE plpgsql
  SET search_path FROM CURRENT SET check_function_bodies = off SET client_min_messages = warning SET row_security = off
  AS 'BEGIN EXECUTE sql; END';
CREATE FUNCTION tricks.run_with_restoring(sql text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET llm_admin.restoring = on AS 'BEGIN EXECUTE sql; END';
CREATE FUNCTION tricks.run_as_desk(sql text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN EXECUTE sql; END';
ALTER FUNCTION tricks.run_as_desk OWNER TO desk;
SQL
my $quoted = "\$do\$$insert\$do\$";
is(written('second_admin', "SELECT tricks.run_with_settings($quoted);"), 'recorded', 'the settings of a SET clause are no load, for a superuser');
is(written('second_admin', "SELECT tricks.run_with_restoring($quoted);"), 'recorded', 'nor is restoring of a SET clause');
is(written('second_admin', "SELECT tricks.run_as_desk($quoted);", before => $prologue), 'recorded',
  'in a session that loads, what runs as an operator is recorded');
is(written('desk', "SELECT tricks.run_with_restoring($quoted);"), 'recorded', 'nor for an operator');
is(written('desk', "DO \$x\$ BEGIN PERFORM tricks.run($quoted); END \$x\$;", before => $prologue), 'recorded', 'an operator with the settings, a DO block and a definer function');
is(written('desk', "SELECT tricks.run(\$q\$SELECT pg_catalog.set_config('search_path', '', false);
    SET check_function_bodies = off; SET client_min_messages = warning; $insert\$q\$);"), 'recorded', 'or a definer function that sets them');

# ---- settings of somebody else -----------------------------------------------------------------------------

# Who may set defaults for others' sessions: the owner of the database, of a role, the server's configuration, a client.
sub default_cases
{
  my ($what, $database, $user, %options) = @_;
  my ($out, $err) = session($database, $user, "SHOW search_path; SHOW check_function_bodies; SHOW client_min_messages;", %options);
  is($out, "\noff\nwarning", "$what: the settings are there");
  ($out, $err) = session($database, $user, <<'SQL', %options);
SELECT count(*) FROM llm_admin.llm_provider_config_history;
BEGIN;
UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = 'sk-RAWKEY-0123456789abcdef' WHERE provider_name OPERATOR(pg_catalog.=) 'chatgpt';
ROLLBACK; BEGIN;
UPDATE llm_admin.llm_provider_configs SET base_url = 'https://evil.example', request_builder_config = '{}' WHERE provider_name OPERATOR(pg_catalog.=) 'groq';
ROLLBACK; BEGIN;
DELETE FROM llm_admin.llm_provider_configs WHERE is_active;
ROLLBACK; BEGIN;
INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted, base_url) VALUES ('Z', 'nonesuch', 'sk-RAWTENANTKEY', 'javascript:1');
ROLLBACK; BEGIN;
DELETE FROM llm_admin.llm_provider_configs WHERE provider_name OPERATOR(pg_catalog.=) 'xai';
SELECT llm_admin.set_provider_key('mistral', 'ab-SECRETKEY-0123456789abc');
SELECT count(*) FROM llm_admin.llm_provider_config_history;
SELECT count(*) FROM llm_admin.key_status() WHERE item OPERATOR(pg_catalog.~) 'loads rows';
ROLLBACK;
SQL
  is(states($err), 'LA001 LA001 55006 42704', "$what: raw keys, a bad mapping, the active provider and an unknown one are refused");
  my ($before, undef, $after, $told) = split /\n/, $out;
  is($after - $before, 2, "$what: the rest is in the history");
  is($told, 0, "$what: key_status() says nothing of a load");
  return;
}

$node->safe_psql('postgres', 'CREATE DATABASE dr OWNER downer');
$node->safe_psql('dr', 'CREATE EXTENSION llm_admin; SELECT count(*) FROM llm_admin.seed()');
my @defaults = ('search_path FROM CURRENT', 'row_security = off', 'check_function_bodies = off', 'client_min_messages = warning');
session('dr', 'downer', "SELECT set_config('search_path', '', false);\n" . join '', map { "ALTER DATABASE dr SET $_;\n" } @defaults);
default_cases("a database's owner", 'dr', 'second_admin');
my ($mixed) = session('dr', 'second_admin', <<'SQL');
SET check_function_bodies = off; SET client_min_messages = warning;
UPDATE llm_admin.llm_provider_configs SET description = 'mixed' WHERE provider_name OPERATOR(pg_catalog.=) 'groq';
SELECT count(*) FROM llm_admin.llm_provider_config_history WHERE config_snapshot OPERATOR(pg_catalog.->>) 'description' OPERATOR(pg_catalog.=) 'mixed';
SQL
is($mixed, 1, 'one default among settings of the session is enough to be no load');
session('postgres', 'second_admin', "SELECT set_config('search_path', '', false); CREATE ROLE third_admin SUPERUSER LOGIN;\n" . join '', map { "ALTER ROLE third_admin SET $_;\n" } @defaults);
default_cases("a role's defaults", 'postgres', 'third_admin');
session('postgres', 'second_admin', "SELECT set_config('search_path', '', false); CREATE ROLE fourth_admin SUPERUSER LOGIN;\n" . join '', map { "ALTER ROLE fourth_admin IN DATABASE postgres SET $_;\n" } @defaults);
default_cases("a role's defaults for one database", 'postgres', 'fourth_admin');
default_cases("a client's options", 'postgres', 'second_admin',
  pgoptions => '-c search_path= -c row_security=off -c check_function_bodies=off -c client_min_messages=warning');
$node->append_conf('postgresql.conf', "search_path = ''\nrow_security = off\ncheck_function_bodies = off\nclient_min_messages = warning\n");
$node->reload;
default_cases("the server's configuration", 'postgres', 'second_admin');
is(written('second_admin', $insert, before => $prologue), 'loaded', 'and a session that sets them itself loads there too');
$node->append_conf('postgresql.conf', "search_path = 'public'\nrow_security = on\ncheck_function_bodies = on\nclient_min_messages = notice\n");
$node->reload;

# ---- llm_admin.restoring -----------------------------------------------------------------------------------

my $on = 'SET llm_admin.restoring = on;';
is(written('second_admin', $insert, before => $on), 'loaded', 'llm_admin.restoring of the session is a load');
is(written('second_admin', "SET LOCAL llm_admin.restoring = on; $insert"), 'loaded', 'so it is for one transaction');
is(written('second_admin', $insert, before => "$on RESET llm_admin.restoring;"), 'recorded', 'and is not after a RESET');
is(written('second_admin', "SET ROLE desk; $insert", before => $on), 'recorded', 'nor as an operator');
is(written('second_admin', "SET SESSION AUTHORIZATION desk; $insert", before => $on), 'recorded', 'by either way');
is(written('setter', $insert, before => $on), 'recorded', 'nor for an operator who was given the right to set it');
my (undef, $err) = session('postgres', 'desk', "LOAD 'llm_admin'; SELECT llm_admin.mask_key('x'); SET llm_admin.restoring = on; ALTER ROLE desk SET llm_admin.restoring = on;");
like(states($err), qr/42501 42501$/, 'others may not set it');
my ($told) = session('postgres', 'second_admin', "$on SELECT value, verdict FROM llm_admin.key_status() WHERE item ~ 'loads rows';");
is($told, 'llm_admin.restoring is on|warning', 'key_status() tells a session that loads');
($told) = session('postgres', 'second_admin', "$prologue SELECT value, verdict FROM llm_admin.key_status() WHERE item OPERATOR(pg_catalog.~) 'loads rows';");
like($told, qr/^it has the settings of a dump\|warning$/m, 'by either mark');
$node->safe_psql('postgres', "LOAD 'llm_admin'; ALTER ROLE second_admin SET llm_admin.restoring = on; ALTER DATABASE dr SET llm_admin.restoring = on;");
is(written('second_admin', $insert), 'recorded', "as a role's default it is no load");
($told) = session('postgres', 'second_admin', "SELECT item, value, verdict FROM llm_admin.key_status() WHERE item ~ 'loads rows|restoring';");
is($told, 'llm_admin.restoring|on, but not set by this session: it has no effect|warning', 'and key_status() says so');
is(written('second_admin', $insert, before => $on), 'loaded', 'until the session sets it');
$node->safe_psql('postgres', "LOAD 'llm_admin'; ALTER ROLE second_admin RESET llm_admin.restoring; ALTER DATABASE dr RESET llm_admin.restoring;");
is(written('second_admin', $insert, pgoptions => '-c llm_admin.restoring=on'), 'recorded', 'nor is it as an option of the client');
(undef, $err) = session('postgres', 'second_admin', "LOAD 'llm_admin'; ALTER SYSTEM SET llm_admin.restoring = on;");
like($err, qr/ERROR:  55P02:/, 'it cannot stand in the configuration');

$node->append_conf('postgresql.conf', "llm_admin.restoring = on\n");
$node->reload;
is(written('second_admin', $insert), 'recorded', 'and has no effect if it does');
is(written('second_admin', $insert, before => $on), 'loaded', 'until the session sets it there, too');
$node->append_conf('postgresql.conf', "llm_admin.restoring = off\n");
$node->reload;

# ---- COPY --------------------------------------------------------------------------------------------------

my $copy = "COPY $table FROM '$folder/rows.text';";
foreach my $case (
  [ 'without a column list', $copy, 'loaded' ],
  [ 'with all columns', "COPY $table ($columns) FROM '$folder/rows.text';", 'loaded' ],
  [ 'with all columns in another order', "COPY $table ($reversed) FROM '$folder/rows.reversed';", 'loaded' ],
  [ 'from the client', "\\copy $table from '$folder/rows.text'", 'loaded' ],
  [ 'binary', "COPY $table FROM '$folder/rows.binary' (FORMAT binary);", 'loaded' ],
  [ 'binary in the old syntax', "COPY $table FROM '$folder/rows.binary' BINARY;", 'loaded' ],
  [ 'by a search_path', "SET search_path = llm_admin; COPY llm_provider_configs FROM '$folder/rows.text';", 'loaded' ],
  [ 'CSV', "COPY $table FROM '$folder/rows.csv' (FORMAT csv);", 'recorded' ],
  [ 'CSV in the old syntax', "COPY $table FROM '$folder/rows.csv' CSV;", 'recorded' ],
  [ 'with a delimiter', "COPY $table FROM '$folder/rows.bar' (DELIMITER '|');", 'recorded' ],
  [ 'with a condition', "$copy" =~ s/;/ WHERE id > 5;/r, 'recorded' ],
  [ 'with some of the columns', "COPY $table (id, provider_name, display_name, base_url, endpoint_path_template, request_builder_config,
    response_extractor_config, default_model) FROM '$folder/rows.some';", 'recorded' ],
  [ 'inside a DO block', "DO \$x\$ BEGIN $copy END \$x\$;", 'recorded' ],
  [ 'inside a function', "SELECT tricks.run_as_caller(\$x\$$copy\$x\$);", 'recorded' ],
  [ 'through a cursor', "DECLARE c CURSOR FOR SELECT tricks.run_as_caller(\$x\$$copy\$x\$); FETCH c;", 'recorded' ],
  [ 'through a cursor that is held', "DECLARE c CURSOR WITH HOLD FOR SELECT tricks.run_as_caller(\$x\$$copy\$x\$); FETCH c;", 'recorded' ],
  [ 'inside a definer function', "SELECT tricks.run(\$x\$$copy\$x\$);", 'recorded' ],
  [ 'inside a procedure', "CALL tricks.call(\$x\$$copy\$x\$);", 'recorded' ],
  [ 'as an operator', "SET ROLE desk; \\copy $table from '$folder/rows.text'", 'recorded' ],
  [ 'as an operator who logged in', "SET SESSION AUTHORIZATION desk; \\copy $table from '$folder/rows.text'", 'recorded' ])
{
  my ($what, $sql, $outcome) = @$case;
  is(written('second_admin', $sql =~ s/; \\copy/;\n\\copy/r), $outcome, "COPY $what: $outcome");
}
is(written('desk', "\\copy $table from '$folder/rows.text'"), 'recorded', 'COPY of an operator: recorded');
# A load before it in the same transaction and portal makes no difference.
is(written('second_admin', "COPY $table FROM '$folder/rows.text'; DELETE FROM $table WHERE provider_name = 'copied';
    CREATE TEMP TABLE saw AS SELECT count(*) n FROM llm_admin.llm_provider_config_history WHERE action = 'created' AND provider_name = 'copied';
    COPY $table FROM '$folder/rows.csv' CSV;"), 'recorded', 'each COPY of a transaction is judged by itself');

# A COPY of another table that leads here is a statement of that table's triggers.
$node->safe_psql('postgres', <<"SQL");
CREATE VIEW tricks.seen AS SELECT * FROM $table;
CREATE TABLE tricks.other (LIKE $table);
CREATE FUNCTION tricks.pass_on() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO $table SELECT NEW.*; RETURN NEW; END';
CREATE TRIGGER pass_on INSTEAD OF INSERT ON tricks.seen FOR EACH ROW EXECUTE FUNCTION tricks.pass_on();
CREATE TRIGGER pass_on BEFORE INSERT ON tricks.other FOR EACH ROW EXECUTE FUNCTION tricks.pass_on();
SQL
is(written('second_admin', "COPY tricks.seen FROM '$folder/rows.text';"), 'recorded', 'COPY into a view with an INSTEAD trigger: recorded');
is(written('second_admin', "COPY tricks.other FROM '$folder/rows.text';"), 'recorded', 'COPY into a table whose trigger writes here: recorded');
is(written('second_admin', <<"SQL"), 'recorded', 'COPY into a table of which ours is a partition: recorded');
CREATE TABLE tricks.parent (LIKE $table) PARTITION BY LIST (provider_name);
ALTER TABLE tricks.parent ATTACH PARTITION $table DEFAULT;
COPY tricks.parent FROM '$folder/rows.text';
SQL
is(written('second_admin', <<"SQL"), 'recorded', 'what a trigger of this table writes during a COPY is recorded');
CREATE FUNCTION tricks.another() RETURNS trigger LANGUAGE plpgsql AS \$f\$ BEGIN
  IF NEW.provider_name = 'first' THEN INSERT INTO $table SELECT * FROM public.rows; END IF; RETURN NEW; END \$f\$;
CREATE TRIGGER a_first BEFORE INSERT ON $table FOR EACH ROW EXECUTE FUNCTION tricks.another();
CREATE TEMP TABLE one AS SELECT * FROM public.rows;
UPDATE one SET id = 1001, provider_name = 'first';
COPY one TO '$folder/first.text';
COPY $table FROM '$folder/first.text';
SQL

# ---- raw keys ----------------------------------------------------------------------------------------------

# In every load and every way of writing, and no message shows them.
foreach my $case (
  [ 'COPY', '', "COPY $table FROM '$folder/rows.raw';" ],
  [ 'COPY from the client', '', "\\copy $table from '$folder/rows.raw'" ],
  [ 'COPY with the settings', $prologue, "COPY $table FROM '$folder/rows.raw';" ],
  [ 'COPY of an operator', 'SET ROLE desk;', "\\copy $table from '$folder/rows.raw'" ],
  [ 'COPY of a tenant', '', "COPY llm_admin.llm_configs FROM '$folder/tenant.raw';" ],
  [ 'COPY of a tenant with restoring', $on, "COPY llm_admin.llm_configs FROM '$folder/tenant.raw' (FORMAT text);" ])
{
  my ($what, $before, $sql) = @$case;
  (undef, $err) = session('postgres', 'second_admin', "$before\nBEGIN;\n$sql\nROLLBACK;");
  is(states($err), 'LA001', "$what: a raw key is refused");
  like($err, qr/^HINT:  .*SELECT llm_admin\.(?:set_provider_key|put_llm_config)/m, "$what: the hint has the call that stores it");
  unlike($err, qr/RAW/, "$what: the key is in no message");
}
my $key = "'sk-RAW' || '-0123456789'";
foreach my $mark ($prologue, $on)
{
  foreach my $case (
    [ 'INSERT', "UPDATE public.rows SET api_key_encrypted = $key; $insert" ],
    [ 'UPDATE', "UPDATE $table SET api_key_encrypted = $key WHERE provider_name OPERATOR(pg_catalog.=) 'groq';" ],
    [ 'upsert', "$insert INSERT INTO $table SELECT * FROM public.rows ON CONFLICT (provider_name) DO UPDATE SET api_key_encrypted = $key;" ],
    [ 'MERGE', "MERGE INTO $table p USING public.rows r ON p.provider_name = r.provider_name WHEN NOT MATCHED THEN
        INSERT (provider_name, display_name, base_url, endpoint_path_template, request_builder_config, response_extractor_config, default_model, api_key_encrypted)
        VALUES (r.provider_name, r.display_name, r.base_url, r.endpoint_path_template, '{}', '{}', 'm', $key);" ],
    [ 'MERGE, update', "MERGE INTO $table p USING (SELECT 'groq' AS name) r ON p.provider_name = r.name WHEN MATCHED THEN UPDATE SET api_key_encrypted = $key;" ],
    [ 'INSERT of a tenant', "INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted) VALUES ('t', 'no such', $key);" ],
    [ 'UPDATE of a tenant', "INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted) VALUES ('t', 'no such', 'kms:x');
        UPDATE llm_admin.llm_configs SET api_key_encrypted = $key;" ])
  {
    my ($what, $sql) = @$case;
    (undef, $err) = session('postgres', 'second_admin', "$mark\nSET search_path = pg_catalog;\nSELECT set_config('search_path', '', false);\nBEGIN;\n$sql\nROLLBACK;"
      =~ s/(p\.provider_name|ON p\.provider_name) = /$1 OPERATOR(pg_catalog.=) /gr);
    like(states($err), qr/^LA001$/, "$what in a load: a raw key is refused") or diag $err;
  }
}
# What has the form of something sealed comes in, whatever settings and keyring there are.
foreach my $sealed ('vault:secret/llm#1', 'kms-stub:x', 'lma1.AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')
{
  my ($out) = session('postgres', 'second_admin', "$on BEGIN; UPDATE $table SET api_key_encrypted = '$sealed' WHERE provider_name = 'groq'
    RETURNING api_key_encrypted; ROLLBACK;");
  is($out, $sealed, 'loaded as it is: ' . substr $sealed, 0, 10);
}
foreach my $raw ('fa1b2c3d-0000-4000-8000-123456789abc:0123456789abcdef', 'sk-proj:abc', 'user name:pw', 'lma1.AQEA', 'lma1.sk-raw-0123456789-0123456789-0123456789-0123456789', '\xc30d04')
{
  (undef, $err) = session('postgres', 'second_admin', "$on BEGIN; UPDATE $table SET api_key_encrypted = '$raw' WHERE provider_name = 'groq'; ROLLBACK;");
  is(states($err), 'LA001', 'refused in a load: ' . substr $raw, 0, 10);
}

# ---- the log -----------------------------------------------------------------------------------------------

my $at = -s $node->logfile;
session('postgres', 'second_admin', "BEGIN; $copy UPDATE $table SET description = 'x' WHERE id = 1000; ROLLBACK; BEGIN; $copy ROLLBACK;");
my $log = substr slurp_file($node->logfile), $at;
is(scalar(() = $log =~ /LOG:  rows are loaded into llm_admin\.llm_provider_configs without history and checks/g), 2, 'one line a transaction in the log');
like($log, qr/DETAIL:  a COPY of all columns, as dumps write it/, 'that says by which mark');

$node->stop;
done_testing();
