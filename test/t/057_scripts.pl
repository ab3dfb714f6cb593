# Scripts: what they need is told in words before they do anything; what is granted under their hands is told with the
# statement that ends it; names compare by their bytes whatever the database's collation; each script leaves its row.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use File::Basename qw(dirname);
use LlmAdmin::Hints;
use LlmAdmin::Catalog qw(born catalog difference sums);
use LlmAdmin::Session qw(new_keyring failure);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('scripts');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "llm_admin.keyring_file = '" . new_keyring() . "'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE plain; CREATE ROLE "Second Admin" SUPERUSER; CREATE ROLE reader; CREATE ROLE "Odd, Role"');

my $databases = 0;

sub new_database
{
  my ($options, $sql) = @_;
  my $name = 'scripts_' . ++$databases;
  $node->safe_psql('postgres', "CREATE DATABASE $name $options");
  $node->safe_psql($name, $sql) if $sql;
  return $name;
}
sub database_with { my ($sql) = @_; return new_database('', $sql) }
sub one { my ($database, $sql) = @_; return $node->safe_psql($database, $sql) }

sub failed
{
  my ($database, $sql) = @_;
  my ($out, $stderr);
  $node->psql($database, "\\set VERBOSITY verbose\n$sql", stdout => \$out, stderr => \$stderr, on_error_stop => 0);
  return failure($stderr) // {};
}

sub version_of { return one($_[0], q{SELECT extversion FROM pg_extension WHERE extname = 'llm_admin'}) }
my $latest = one('postgres', q{SELECT default_version FROM pg_available_extensions WHERE name = 'llm_admin'});
my $old = born('0.3');

# ---- encodings ---------------------------------------------------------------------------------------------

foreach my $encoding (qw(LATIN1 EUC_JP SQL_ASCII WIN1252))
{
  my $database = new_database("ENCODING '$encoding' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
  my $refused = failed($database, 'CREATE EXTENSION llm_admin');
  is($refused->{state}, '0A000', "$encoding: CREATE EXTENSION is refused");
  is("$refused->{message}; $refused->{detail}", "llm_admin needs a database in UTF8; database $database is in $encoding", "$encoding: in words");
  like($refused->{hint}, qr/^createdb -T template0 -E UTF8 NAME, /, "$encoding: with what helps");
  is(one($database, q{SELECT (SELECT count(*) FROM pg_extension WHERE extname = 'llm_admin'), to_regnamespace('llm_admin') IS NULL}), '0|t',
    "$encoding: nothing is left");

  # What was made by 0.3 stays at 0.3, whole and of use.
  one($database, "$old SELECT count(*) FROM llm_admin.seed(); SELECT llm_admin.set_provider_key('groq', 'sk-encoding-0123456789')");
  my ($was, $rows) = (catalog($node, $database), sums($node, $database));
  is(failed($database, 'ALTER EXTENSION llm_admin UPDATE')->{message}, 'llm_admin needs a database in UTF8', "$encoding: the step up is refused");
  is(difference($was, catalog($node, $database)), '', "$encoding: it leaves all as it was");
  is(sums($node, $database), $rows, "$encoding: every row");
  is(version_of($database), '0.3', "$encoding: at 0.3");
  is(one($database, q{SELECT llm_admin.decrypt_provider_key('groq'), (SELECT count(*) FROM llm_admin.list_providers())}),
    'sk-encoding-0123456789|14', "$encoding: 0.3 goes on");
  is(failed($database, q{ALTER EXTENSION llm_admin UPDATE TO '0.2'; ALTER EXTENSION llm_admin UPDATE TO '0.3'})->{message}, undef,
    "$encoding: and steps below it do");
}

# ---- owners ------------------------------------------------------------------------------------------------

foreach my $way ([ 'up', $old, 'ALTER EXTENSION llm_admin UPDATE', $latest ],
  [ 'down', 'CREATE EXTENSION llm_admin;', q{ALTER EXTENSION llm_admin UPDATE TO '0.3'}, '0.3' ])
{
  my ($what, $sql, $step, $version) = @$way;
  my $database = database_with(qq{SET ROLE "Second Admin"; $sql RESET ROLE; REASSIGN OWNED BY "Second Admin" TO plain});
  my $refused = failed($database, $step);
  is($refused->{state}, '42501', "$what: refused while the owner is no superuser");
  is($refused->{message}, 'the extension belongs to role plain, who is no superuser', "$what: in words");
  my $me = one($database, 'SELECT quote_ident(current_user)');
  is($refused->{hint}, "REASSIGN OWNED BY plain TO $me", "$what: with what helps");
  one($database, "$refused->{hint}; $step");
  LlmAdmin::Hints::followed($refused->{hint});
  is(version_of($database), $version, "$what: which does");
}

# ---- the library -------------------------------------------------------------------------------------------

is(one('postgres', q{LOAD 'llm_admin'; SHOW llm_admin.library_version}), $latest, 'the library tells its version');
is(failed('postgres', q{LOAD 'llm_admin'; SET llm_admin.library_version = '0.3'})->{state}, '55P02', 'nobody can change that');

# A session that loaded the library of 0.3 before the files were changed is told so, going up, down and afresh.
foreach my $way ([ 'up', $old, 'ALTER EXTENSION llm_admin UPDATE', '0.3' ],
  [ 'down', 'CREATE EXTENSION llm_admin;', q{ALTER EXTENSION llm_admin UPDATE TO '0.3'}, $latest ])
{
  my ($what, $sql, $step, $version) = @$way;
  my $database = database_with("$sql CREATE EXTENSION llm_admin_test");
  like(failed($database, "SELECT llm_admin_test.pose_as_older_library(); $step")->{message},
    qr/"open a new session: this one has the library of an earlier version of llm_admin loaded/, "$what: an older library in the session is named");
  is(version_of($database), $version, "$what: nothing happened");
  is(failed($database, $step)->{message}, undef, "$what: in a new session it goes");
}
# A placeholder from a configuration file or a role's settings is no library.
is(failed(database_with($old), q{SET llm_admin.actor = 'me'; ALTER EXTENSION llm_admin UPDATE})->{message}, undef, 'a setting alone is none');

# ---- grants under the script's hands -----------------------------------------------------------------------

# Refused by CREATE EXTENSION and, where the step makes such objects, by the step to 0.4; the hint is run, then it works.
sub granted_away
{
  my ($what, $sql, $detail, $hint, %options) = @_;
  foreach my $way ([ 'install', '', 'CREATE EXTENSION llm_admin' ], [ 'step', $old, 'ALTER EXTENSION llm_admin UPDATE' ])
  {
    my ($kind, $before, $statement) = @$way;
    next if $options{only} && $options{only} ne $kind;
    my $database = database_with("$before $sql");
    my $refused = failed($database, $statement);
    is($refused->{state}, '42501', "$what, $kind: refused");
    like($refused->{detail} // '', $detail, "$what, $kind: the detail names it");
    is($refused->{hint}, $hint, "$what, $kind: the hint is the cause's");
    one($database, $refused->{hint}) if $refused->{hint};
    LlmAdmin::Hints::followed($refused->{hint} // ());
    is(failed($database, $statement)->{message}, undef, "$what, $kind: and works");
    is(version_of($database), $latest, "$what, $kind: it is there");
  }
  return;
}
my $me = one('postgres', 'SELECT quote_ident(current_user)');
granted_away('default privileges on functions', 'ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO reader',
  qr/EXECUTE on function .* to reader/, "ALTER DEFAULT PRIVILEGES FOR ROLE $me REVOKE EXECUTE ON FUNCTIONS FROM reader");
granted_away('several privileges and grantees', 'ALTER DEFAULT PRIVILEGES GRANT SELECT, UPDATE ON TABLES TO reader, "Odd, Role"',
  qr/SELECT on .* to "Odd, Role"/,
  "ALTER DEFAULT PRIVILEGES FOR ROLE $me REVOKE SELECT, UPDATE ON TABLES FROM reader; "
    . qq{ALTER DEFAULT PRIVILEGES FOR ROLE $me REVOKE SELECT, UPDATE ON TABLES FROM "Odd, Role"}, only => 'install');
granted_away('on sequences, in our schema', 'CREATE SCHEMA llm_admin; ALTER DEFAULT PRIVILEGES IN SCHEMA llm_admin GRANT USAGE ON SEQUENCES TO reader',
  qr/USAGE on sequence .* to reader/, "ALTER DEFAULT PRIVILEGES FOR ROLE $me IN SCHEMA llm_admin REVOKE USAGE ON SEQUENCES FROM reader", only => 'install');
granted_away('on types', 'ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO reader',
  qr/USAGE on type .* to reader/, "ALTER DEFAULT PRIVILEGES FOR ROLE $me REVOKE USAGE ON TYPES FROM reader", only => 'install');
granted_away('in our schema, on functions, in a step', 'ALTER DEFAULT PRIVILEGES IN SCHEMA llm_admin GRANT ALL ON FUNCTIONS TO "Odd, Role"',
  qr/EXECUTE on function .* to "Odd, Role"/,
  qq{ALTER DEFAULT PRIVILEGES FOR ROLE $me IN SCHEMA llm_admin REVOKE EXECUTE ON FUNCTIONS FROM "Odd, Role"}, only => 'step');
granted_away('two kinds at once', 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader; ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO plain',
  qr/EXECUTE on .* to plain/, "ALTER DEFAULT PRIVILEGES FOR ROLE $me REVOKE EXECUTE ON FUNCTIONS FROM plain; "
    . "ALTER DEFAULT PRIVILEGES FOR ROLE $me REVOKE SELECT ON TABLES FROM reader", only => 'install');
my $granting = <<'SQL';
CREATE FUNCTION grant_all() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE made record;
BEGIN
  FOR made IN SELECT * FROM pg_event_trigger_ddl_commands() WHERE command_tag = 'CREATE FUNCTION' AND schema_name = 'llm_admin' LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO reader', made.object_identity);
  END LOOP;
END $$;
CREATE EVENT TRIGGER "Grant, all" ON ddl_command_end WHEN TAG IN ('CREATE FUNCTION') EXECUTE FUNCTION grant_all();
SQL
granted_away('an event trigger', $granting, qr/EXECUTE on function .* to reader/, 'ALTER EVENT TRIGGER "Grant, all" DISABLE');
granted_away('both', "$granting ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO plain", qr/EXECUTE on function .* to plain/,
  qq{ALTER DEFAULT PRIVILEGES FOR ROLE $me REVOKE EXECUTE ON FUNCTIONS FROM plain; ALTER EVENT TRIGGER "Grant, all" DISABLE});
granted_away('a trigger that is disabled is not named', qq{$granting ALTER EVENT TRIGGER "Grant, all" DISABLE;
  ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO plain}, qr/EXECUTE on function .* to plain/,
  "ALTER DEFAULT PRIVILEGES FOR ROLE $me REVOKE EXECUTE ON FUNCTIONS FROM plain", only => 'install');
{
  # Those of the role that the objects belong to, whoever runs the step.
  my $database = database_with(qq{SET ROLE "Second Admin"; $old ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO reader});
  my $refused = failed($database, 'ALTER EXTENSION llm_admin UPDATE');
  is($refused->{hint}, 'ALTER DEFAULT PRIVILEGES FOR ROLE "Second Admin" REVOKE EXECUTE ON FUNCTIONS FROM reader', 'of another role: named in the hint');
  one($database, "$refused->{hint}; ALTER EXTENSION llm_admin UPDATE");
  is(version_of($database), $latest, 'and the hint works');
}

# ---- the ledger --------------------------------------------------------------------------------------------

my $plain = database_with('CREATE EXTENSION llm_admin');
sub fingerprint { return one($_[0], 'SELECT fingerprint FROM llm_admin.schema_migrations ORDER BY applied_at DESC LIMIT 1') }
my $print = fingerprint($plain);
my @settings = ('row_security = off', 'extra_float_digits = -15', 'extra_float_digits = 3', 'standard_conforming_strings = off',
  'bytea_output = escape', q{DateStyle = 'SQL, MDY'}, 'IntervalStyle = sql_standard', 'quote_all_identifiers = on',
  q{TimeZone = 'Asia/Kathmandu'}, 'search_path = information_schema', 'xmlbinary = hex', 'check_function_bodies = off',
  'row_security = off; SET check_function_bodies = off; SET client_min_messages = warning');
foreach my $setting (@settings)
{
  my $database = database_with("SET $setting; CREATE EXTENSION llm_admin");
  is(one($database, 'SELECT string_agg(direction, $$,$$) FROM llm_admin.schema_migrations'), 'install', "under $setting: the row is written");
  is(fingerprint($database), $print, "under $setting: the same fingerprint");
}
{
  my $database = database_with('CREATE EXTENSION llm_admin');
  is(one($database, join ' ', (map { "SET $_;" } @settings), q{SET extra_float_digits = -7; ALTER EXTENSION llm_admin UPDATE TO '0.3';
    ALTER EXTENSION llm_admin UPDATE; SHOW extra_float_digits}), '-7', 'under all of them down and up: the settings are the session\'s own again');
  is(fingerprint($database), $print, 'under all of them down and up: the same fingerprint');
}

# A catalog that was written out and parsed anew, as pg_upgrade does, is the same.
{
  my $database = database_with('CREATE EXTENSION llm_admin');
  my $was = catalog($node, $database);
  my $constraints = one($database, q{SELECT string_agg(format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s;', conrelid::regclass,
    conname, conname, pg_get_constraintdef(oid)), ' ') FROM pg_constraint WHERE connamespace = 'llm_admin'::regnamespace AND contype = 'c' AND coninhcount = 0});
  is(scalar(grep { $constraints =~ /_${_}_check/ } qw(auth_scheme http_method action)), 3, 'there are CHECKs to parse anew');
  one($database, $constraints);
  is(difference($was, catalog($node, $database)), '', 'CHECKs come back as they were');
}

# ---- collations --------------------------------------------------------------------------------------------

# The same on servers and databases of any: what is stored, sorted and found.
my $names = <<'SQL';
SELECT llm_admin.create_provider(n, 'https://x.example.com/v1', 'm', provider_name => n, api_key => 'sk-collation-0123456789')
FROM unnest(ARRAY['a_b', 'ab', 'a1', 'a_1', 'kiwi', 'co_op', 'coop', 'i_i', 'ii']) AS n;
SELECT llm_admin.put_llm_config(t, '{"provider": "KIWI", "apiKey": "sk-collation-0123456789"}')
FROM unnest(ARRAY['co-op', 'coop', 'CO-OP', 'Coop', 'résumé', 'resume', 'I', 'i', 'ı', 'İ', 'ß', 'ss', 'a b', 'ab']) AS t;
SELECT llm_admin.rotate_data_key('Coop'), llm_admin.rotate_data_key('coop'), llm_admin.rotate_data_key('ß');
SQL
my @questions = (
  q{SELECT string_agg(provider_name, ',') FROM llm_admin.list_providers()},
  q{SELECT string_agg(tenant_id, ',') FROM llm_admin.list_llm_configs()},
  q{SELECT string_agg(tenant_id || ' ' || version, ',' ORDER BY tenant_id, version) FROM llm_admin.data_keys WHERE tenant_id IS NOT NULL},
  q{SELECT string_agg(llm_admin.decrypt_tenant_key(t), ',') FROM unnest(ARRAY['co-op', 'coop', 'CO-OP', 'Coop', 'I', 'i', 'ı', 'ß', 'ss']) AS t},
  q{SELECT string_agg(item || ' ' || verdict || ' ' || detail, ',') FROM llm_admin.verify_llm_configs() WHERE item = 'configurations'},
  q{SELECT item, verdict, detail FROM llm_admin.verify_llm_configs() WHERE item ~ 'provider'},
  q{SELECT llm_admin.put_llm_config('T', '{"provider": "I_I", "apiKey": "sk-collation-0123456789"}')->>'provider'},
  q{SELECT string_agg(conname || pg_get_constraintdef(oid), ',' ORDER BY conname COLLATE "C") FROM pg_constraint
    WHERE connamespace = 'llm_admin'::regnamespace AND contype <> 'n' AND NOT EXISTS (SELECT FROM pg_class p WHERE p.oid = conrelid AND p.relispartition)},
  q{SELECT fingerprint FROM llm_admin.schema_migrations WHERE version = '} . $latest . q{' ORDER BY applied_at DESC LIMIT 1});
my $seed = 'SELECT count(*) FROM llm_admin.seed();';
my $reference = database_with("CREATE EXTENSION llm_admin; $seed $names");
my @answers = map { one($reference, $_) } @questions;
my %collated = ('C.UTF-8' => q{LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' TEMPLATE template0});
my $known = one('postgres', q{SELECT string_agg(collname, ' ') FROM pg_collation WHERE collprovider = 'c'});
foreach my $locale (qw(tr_TR.utf8 en_US.utf8 de_DE.utf8))
{
  $collated{$locale} = "LOCALE '$locale' TEMPLATE template0" if " $known " =~ / \Q$locale\E /;
}
if (one('postgres', q{SELECT count(*) FROM pg_collation WHERE collprovider = 'i'}) > 0)
{
  $collated{"ICU $_"} = "LOCALE_PROVIDER icu ICU_LOCALE '$_' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    foreach 'en-u-ks-level1-ka-shifted', 'tr-TR', 'de-DE-u-co-phonebk';
}
foreach my $collation (sort keys %collated)
{
  foreach my $way ([ 'fresh', "CREATE EXTENSION llm_admin; $seed $names" ],
    [ 'from 0.3', "$old $seed $names ALTER EXTENSION llm_admin UPDATE" ])
  {
    my ($what, $sql) = @$way;
    my $database = new_database($collated{$collation}, $sql);
    is(one($database, $questions[$_]), $answers[$_], "$collation, $what: " . substr($questions[$_], 0, 60)) foreach 0 .. $#questions;
    is(one($database, q{SELECT string_agg(DISTINCT c.oid::regclass::text, ' ') FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid,
        unnest(i.indcollation::oid[]) AS o WHERE c.relnamespace = 'llm_admin'::regnamespace AND o = 'pg_catalog."default"'::regcollation}), '',
      "$collation, $what: no index depends on the database's collation");
  }
}

# The step leaves users' views, policies, indexes and row types alone, and the way down brings 0.3's collations back.
{
  my $database = new_database($collated{(grep { /ICU|tr_TR/ } sort keys %collated)[0] // 'C.UTF-8'}, "$old $seed $names");
  one($database, <<'SQL');
CREATE VIEW tenants AS SELECT tenant_id, provider FROM llm_admin.llm_configs WHERE provider > 'a';
CREATE VIEW grants AS SELECT role_name FROM llm_admin.access_grants ORDER BY role_name;
CREATE INDEX on_theirs ON llm_admin.llm_configs (provider, tenant_id); CREATE INDEX by_length ON llm_admin.data_keys (length(tenant_id));
CREATE POLICY theirs ON llm_admin.llm_configs AS RESTRICTIVE USING (provider <> 'x');
CREATE TABLE copies (id integer, config llm_admin.llm_configs, all_grants llm_admin.access_grants[]);
CREATE FUNCTION count_of(p text) RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM llm_admin.llm_configs WHERE provider = p; END;
SQL
  my $was = catalog($node, $database);
  my $in_place = q{SELECT md5(string_agg(concat_ws(' ', ctid, xmin, c), ',' ORDER BY ctid)) FROM llm_admin.llm_configs c};
  my $rows = one($database, $in_place);
  is(failed($database, 'ALTER EXTENSION llm_admin UPDATE')->{message}, undef, 'the step goes through with all that users built on the columns');
  is(one($database, $in_place), $rows, 'no row was touched');
  is(one($database, q{SELECT count(*) FROM tenants}), '14', 'views work');
  is(one($database, q{SELECT count_of((SELECT min(provider) FROM llm_admin.llm_configs))}), '14', 'functions, too');
  is(one($database, q{SET enable_seqscan = off; SELECT count(*) FROM llm_admin.llm_configs WHERE provider = (SELECT min(provider) FROM tenants) AND tenant_id > 'I'}),
    one($database, q{SET enable_indexscan = off; SET enable_bitmapscan = off; SELECT count(*) FROM llm_admin.llm_configs WHERE provider = (SELECT min(provider) FROM tenants) AND tenant_id > 'I'}),
    'an index answers as the table does');
  one($database, q{ALTER EXTENSION llm_admin UPDATE TO '0.3'});
  is(difference($was, catalog($node, $database)), '', 'the way down brings all back as it was');
}

# ---- 18: where the script came from ------------------------------------------------------------------------

SKIP:
{
  skip 'the server has no extension_control_path', 3
    if one('postgres', q{SELECT count(*) FROM pg_settings WHERE name = 'extension_control_path'}) eq '0';
  my $share = $node->config_data('--sharedir');
  my $copy = $node->basedir . '/copy';
  mkdir $_ or die "$_: $!" foreach $copy, "$copy/extension";
  foreach my $file (glob "$share/extension/llm_admin*")
  {
    my ($name) = $file =~ m{([^/]+)$};
    open my $out, '>', "$copy/extension/$name" or die "$name: $!";
    print $out slurp_file($file), $name =~ /\.sql$/ ? "-- a copy\n" : '';
    close $out or die "$name: $!";
  }
  my $checksum = q{SELECT checksum = encode(sha256(pg_read_binary_file('%s/extension/' || name)), 'hex') FROM llm_admin.schema_migrations};
  foreach my $case ([ "$copy:\$system", $copy ], [ "\$system:$copy", $share ], [ $copy, $copy ])
  {
    my ($path, $folder) = @$case;
    my $database = database_with("SET extension_control_path = '$path'; CREATE EXTENSION llm_admin");
    is(one($database, sprintf $checksum, $folder), 't', "extension_control_path $path: the checksum of the script that ran");
  }
}

$node->stop;
LlmAdmin::Hints::proves('057_scripts', dirname(__FILE__) . '/../..');
done_testing();
