# Trigger functions serve one table each, by its OID, for the events they were made for, and read columns as
# what they are. Whatever else calls them gets an error in words; no call ends the session.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('trigger_functions');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "jit = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION llm_admin; SELECT count(*) FROM llm_admin.seed();');

# "SQLSTATE message" of the first error, or what came out.
sub says
{
  my ($sql) = @_;
  my ($stdout, $stderr);
  $node->psql('postgres', $sql, stdout => \$stdout, stderr => \$stderr, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
  return $stderr =~ /ERROR:  (\w{5}): (.*)/ ? "$1 $2" : "no error: $stdout$stderr";
}

sub rolled_back { my ($sql) = @_; return says("BEGIN; $sql; ROLLBACK;") }

# ---- every trigger function that the catalog knows ---------------------------------------------------------

my %table_of = split /[|\n]/, $node->safe_psql('postgres', <<'SQL');
SELECT p.proname, min(c.relname) FROM pg_proc p JOIN pg_trigger t ON t.tgfoid = p.oid JOIN pg_class c ON c.oid = t.tgrelid
WHERE p.pronamespace = 'llm_admin'::regnamespace AND p.prorettype = 'trigger'::regtype AND NOT t.tgisinternal GROUP BY 1
SQL
cmp_ok(scalar keys %table_of, '>=', 9, 'there are trigger functions');
my %serves = split /[|\n]/, $node->safe_psql('postgres', <<'SQL');
SELECT p.proname, count(DISTINCT COALESCE(pg_partition_root(t.tgrelid), t.tgrelid)) FROM pg_proc p JOIN pg_trigger t ON t.tgfoid = p.oid
WHERE p.pronamespace = 'llm_admin'::regnamespace AND NOT t.tgisinternal GROUP BY 1
SQL
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_proc WHERE pronamespace = 'llm_admin'::regnamespace
  AND prorettype IN ('trigger'::regtype, 'event_trigger'::regtype)}), scalar keys %table_of, 'each has a trigger');

foreach my $function (sort keys %table_of)
{
  my $table = $table_of{$function};
  my $refused = '55000 this function can only be called by a trigger on '
    . ($serves{$function} > 1 ? "a table of llm_admin's own" : "llm_admin.$table");
  my @columns = split /\n/, $node->safe_psql('postgres',
    "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = 'llm_admin.$table'::regclass AND attnum > 0 ORDER BY attnum");
  my $numbers = join ', ', map { "$_ int8 DEFAULT 4096" } @columns;

  # A look-alike of the same name, with numbers where texts are expected, fired each way there is.
  my %made = (
    'a look-alike' => "CREATE TABLE public.$table (LIKE llm_admin.$table)",
    'a look-alike of numbers' => "CREATE TABLE public.$table ($numbers)",
    'a child' => "CREATE TABLE public.$table () INHERITS (llm_admin.$table)",
    'a partition' => "CREATE TABLE public.parent ($numbers) PARTITION BY LIST ($columns[0]);"
      . "CREATE TABLE public.$table PARTITION OF public.parent DEFAULT",
    'a temporary table' => "CREATE TEMP TABLE $table ($numbers)");
  # No plain table inherits from a partitioned one.
  delete $made{'a child'} if $node->safe_psql('postgres', "SELECT relkind FROM pg_class WHERE oid = 'llm_admin.$table'::regclass") eq 'p';
  foreach my $what (sort keys %made)
  {
    my $name = $what eq 'a temporary table' ? $table : "public.$table";
    foreach my $when (
      'BEFORE INSERT|ROW', 'AFTER INSERT|ROW', 'BEFORE INSERT|STATEMENT', 'AFTER INSERT|STATEMENT',
      'BEFORE TRUNCATE|STATEMENT', 'AFTER TRUNCATE|STATEMENT')
    {
      my ($event, $level) = split /\|/, $when;
      my $fire = $event =~ /TRUNCATE/ ? "TRUNCATE $name" : "INSERT INTO $name DEFAULT VALUES";
      $fire = "INSERT INTO $name SELECT * FROM llm_admin.$table LIMIT 1" if $what eq 'a child' && $event !~ /TRUNCATE/;
      next if $what eq 'a child' && $level eq 'ROW'
        && $node->safe_psql('postgres', "SELECT count(*) FROM llm_admin.$table") eq '0';
      is(
        rolled_back(
          "$made{$what}; "
            . ($what eq 'a look-alike' ? join('', map { "ALTER TABLE $name ALTER $_ DROP NOT NULL;" } @columns) : '')
            . "CREATE TRIGGER x $event ON $name FOR EACH $level EXECUTE FUNCTION llm_admin.$function(); $fire"),
        $refused,
        "$function: $when on $what");
    }
  }
  is(
    rolled_back(
      "CREATE VIEW public.$table AS SELECT 4096::int8 AS provider_name; CREATE TRIGGER x INSTEAD OF INSERT ON "
        . "public.$table FOR EACH ROW EXECUTE FUNCTION llm_admin.$function(); INSERT INTO public.$table VALUES (1)"),
    $refused,
    "$function: INSTEAD OF on a view");

  # Not by a trigger.
  is(says("SELECT llm_admin.$function()"), $refused, "$function: called");
  foreach my $result (qw(int text void), 'SETOF record')
  {
    like(
      rolled_back(
        "CREATE FUNCTION plain() RETURNS $result LANGUAGE c AS 'llm_admin', 'llm_admin_$function'; SELECT plain()"),
      qr/^\Q$refused\E$|^0A000 /,
      "$function: declared as a plain function that returns $result");
  }

  # On its own table, but not as it was made.
  my @own = split /\n/, $node->safe_psql('postgres', <<"SQL");
SELECT DISTINCT (tgtype & 2 > 0)::int || ' ' || (tgtype & 1) FROM pg_trigger
WHERE tgfoid = 'llm_admin.$function()'::regprocedure AND NOT tgisinternal
SQL
  foreach my $shape ('1 1', '1 0', '0 1', '0 0')
  {
    next if grep { $_ eq $shape } @own;
    my ($before, $row) = split / /, $shape;
    my $sql = 'CREATE TRIGGER aaa ' . ($before ? 'BEFORE' : 'AFTER') . " UPDATE OR INSERT ON llm_admin.$table FOR EACH "
      . ($row ? 'ROW' : 'STATEMENT') . " EXECUTE FUNCTION llm_admin.$function(); ";
    my $fire = {
      llm_provider_configs => "UPDATE llm_admin.$table SET display_name = display_name",
      llm_configs => "INSERT INTO llm_admin.$table (tenant_id, provider, api_key_encrypted) "
        . q{VALUES ('t', 'chatgpt', '\xc30d04070302111111111111111160d20101')},
      llm_provider_config_history => "INSERT INTO llm_admin.$table SELECT (json_populate_record(h, "
        . q{json_build_object('id', gen_random_uuid()))).* FROM llm_admin.llm_provider_config_history h LIMIT 1},
      access_keys => "INSERT INTO llm_admin.$table (key_hash, name) VALUES (sha256('x'), 'x')",
      llm_providers => "INSERT INTO llm_admin.$table (name, type) VALUES ('x', 'chatgpt')",
      tier_model_rules => "INSERT INTO llm_admin.$table (tier_code, model_pattern) SELECT tier_code, 'x' FROM llm_admin.tiers LIMIT 1",
      installed_models => "WITH s AS (INSERT INTO llm_admin.model_servers (name, type, host, port) VALUES ('x', 'vllm', 'x', 1) RETURNING id) "
        . "INSERT INTO llm_admin.$table (server_id, model_name) SELECT id, 'x' FROM s",
      model_deployments => "WITH s AS (INSERT INTO llm_admin.model_servers (name, type, host, port) VALUES ('x', 'vllm', 'x', 1) RETURNING id), "
        . "m AS (INSERT INTO llm_admin.installed_models (server_id, model_name) SELECT id, 'x' FROM s RETURNING id, server_id) "
        . "INSERT INTO llm_admin.$table (server_id, model_id, alias) SELECT server_id, id, 'x' FROM m",
      limits => "INSERT INTO llm_admin.$table (scope, what, period) VALUES ('user', 'requests', 'day')",
      limit_overrides => "INSERT INTO llm_admin.limits (scope, what, period) VALUES ('user', 'requests', 'day'); "
        . "INSERT INTO llm_admin.$table (limit_id, extra) SELECT id, 1 FROM llm_admin.limits",
      model_pricing => "INSERT INTO llm_admin.$table (model_id, input_price_per_1k) VALUES ('x/y', 0.001)",
      model_price_history => "INSERT INTO llm_admin.$table (model_id, valid_from, source, changed_by) VALUES ('x/y', now(), 'x', 'me')",
      audit_log => "INSERT INTO llm_admin.$table SELECT (json_populate_record(a, json_build_object('id', 0))).* FROM llm_admin.$table a LIMIT 1",
      llm_usage_logs => "INSERT INTO llm_admin.$table (provider, model_id) VALUES ('openai', 'x')",
      access_grants => "INSERT INTO llm_admin.$table (role_name, level, granted_by) VALUES ('x', 'app', 'x')",
      data_keys => "INSERT INTO llm_admin.$table VALUES (gen_random_uuid(), NULL, 99, 1, 'x', 'x', 1)" }->{$table};
    is(rolled_back($sql . $fire), $refused, "$function: " . ($before ? 'before' : 'after') . ($row ? ' row' : ' statement'));
  }
}

# ---- our own tables, altered by their owner ----------------------------------------------------------------

sub altered
{
  my ($alter, $then) = @_;
  return rolled_back("SET LOCAL client_min_messages = warning; $alter; $then");
}

# Views and SQL functions pin the columns that they use; out of the extension, they can go.
$node->safe_psql('postgres', <<'SQL');
DO $$DECLARE one text; every text[]; BEGIN
  every := ARRAY(SELECT 'FUNCTION ' || p.oid::regprocedure FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.pronamespace = 'llm_admin'::regnamespace AND l.lanname = 'sql'
    UNION ALL SELECT 'VIEW llm_admin.provider_settings');
  FOREACH one IN ARRAY every LOOP EXECUTE 'ALTER EXTENSION llm_admin DROP ' || one; END LOOP;
  FOREACH one IN ARRAY every LOOP EXECUTE replace(replace('DROP ' || one, 'FUNCTION ', 'FUNCTION IF EXISTS '), 'VIEW ', 'VIEW IF EXISTS ') || ' CASCADE'; END LOOP;
END$$
SQL
my $configs = 'llm_admin.llm_provider_configs';
my $copy = "INSERT INTO $configs SELECT (jsonb_populate_record(p, jsonb_build_object('id', 9999))).* FROM $configs p "
  . 'LIMIT 1';
my @number = map { [ $_, "ALTER TABLE $configs ALTER $_ DROP DEFAULT, ALTER $_ TYPE int8 USING 4096" ] }
  qw(display_name auth_header_template base_url api_key_encrypted updated_by);
my @more = (
  [ 'is_active',
    "ALTER TABLE $configs DROP CONSTRAINT llm_provider_configs_active_check, ALTER is_active DROP DEFAULT; "
      . "DROP INDEX llm_admin.llm_provider_configs_one_active; DROP TRIGGER trg_ensure_single_active_provider ON $configs; "
      . "DROP TRIGGER trg_lock_provider_configs ON $configs; ALTER TABLE $configs ALTER is_active TYPE int8 USING 1" ],
  [ 'request_builder_config', "ALTER TABLE $configs ALTER request_builder_config TYPE text" ],
  [ 'additional_headers',
    "ALTER TABLE $configs DROP CONSTRAINT llm_provider_configs_additional_headers_check, "
      . 'ALTER additional_headers TYPE int8 USING 4096' ],
  [ 'config_version', "ALTER TABLE $configs ALTER config_version DROP DEFAULT, ALTER config_version TYPE text" ],
  [ 'updated_at', "ALTER TABLE $configs ALTER updated_at DROP DEFAULT, ALTER updated_at TYPE text" ],
  [ 'provider_name',
    "ALTER TABLE $configs DROP CONSTRAINT llm_provider_configs_provider_name_check, "
      . 'ALTER provider_name TYPE int8 USING id' ]);
foreach my $case (@number, @more)
{
  my ($column, $alter) = @$case;
  foreach my $then ("UPDATE $configs SET description = 'x', base_url = base_url || ''", $copy, "DELETE FROM $configs",
    'SELECT * FROM llm_admin.list_providers()', q{SELECT llm_admin.build_request('{"messages": []}', 'chatgpt')},
    q{SELECT * FROM llm_admin.get_provider('chatgpt')}, 'SELECT llm_admin.switch_active_provider(\'chatgpt\')',
    q{SELECT llm_admin.put_llm_config('t', '{"apiKey": "sk-0123456789"}')})
  {
    my $said = altered($alter, $then);
    unlike($said, qr/server closed|connection|XX000/, "$column of another type: " . substr($then, 0, 60)) or diag $said;
  }
}
is(altered("ALTER TABLE $configs ALTER base_url TYPE int8 USING 4096", "UPDATE $configs SET base_url = 4097"),
  '55000 column llm_admin.llm_provider_configs.base_url is of type bigint, not text', 'and it is said which');
is(altered("ALTER TABLE $configs ALTER base_url TYPE int8 USING 4096",
    q{SELECT llm_admin.build_request('{"messages": []}', 'chatgpt')}),
  '55000 column llm_admin.llm_provider_configs.base_url is of type bigint, not text', 'also where no trigger fires');

my $tenants = 'llm_admin.llm_configs';
my $key = q{'\xc30d04070302111111111111111160d20101'};
$node->safe_psql('postgres', "INSERT INTO $tenants (tenant_id, provider, api_key_encrypted) VALUES ('t', 'chatgpt', $key)");
foreach my $column (qw(tenant_id provider api_key_encrypted base_url default_model policy last_tested_at
  last_test_result last_test_latency updated_at))
{
  my $alter = "DROP POLICY tenant_isolation ON $tenants; ALTER TABLE $tenants DROP CONSTRAINT llm_configs_policy_check, "
    . "DROP CONSTRAINT llm_configs_last_test_latency_check, ALTER $column DROP DEFAULT, ALTER $column TYPE bytea USING '\\x00'";
  foreach my $then ("UPDATE $tenants SET id = 'x'", "INSERT INTO $tenants VALUES (DEFAULT, 'u', 'chatgpt', $key)",
    q{SELECT llm_admin.get_llm_config('t')}, q{SELECT llm_admin.put_llm_config('t', '{"model": "m"}')},
    q{SELECT llm_admin.resolve_llm('t')}, 'SELECT * FROM llm_admin.list_llm_configs()', 'SELECT * FROM llm_admin.verify_keys()',
    'SELECT * FROM llm_admin.verify_llm_configs()')
  {
    my $said = altered($alter, $then);
    unlike($said, qr/server closed|connection|XX000/, "$column as bytea: " . substr($then, 0, 60)) or diag $said;
  }
}

# ---- what is fine ------------------------------------------------------------------------------------------

my $update = "UPDATE $configs SET base_url = 'https://other.example.com' WHERE provider_name = 'chatgpt' RETURNING base_url, config_version";
my $good = qr/^no error: .*https:\/\/other\.example\.com\|2/s;
like(altered("ALTER TABLE $configs ADD COLUMN note text DEFAULT 'n'", $update), $good, 'a column more');
like(altered("ALTER TABLE $configs ADD COLUMN twice int GENERATED ALWAYS AS (id * 2) STORED", $update), $good, 'a generated column');
like(altered("ALTER TABLE $configs ADD COLUMN note text; ALTER TABLE $configs DROP COLUMN note", $update), $good, 'a dropped column');
like(altered("CREATE DOMAIN url AS text; ALTER TABLE $configs ALTER base_url TYPE url", $update), $good, 'a domain over text');
like(altered("ALTER TABLE $configs ALTER base_url TYPE varchar(300), ALTER auth_scheme TYPE text", $update), $good, 'text and varchar');
like(
  altered("ALTER TABLE $configs ADD COLUMN d text; UPDATE $configs SET d = description; "
      . "ALTER TABLE $configs DROP COLUMN description; ALTER TABLE $configs RENAME d TO description", $update),
  $good, 'columns in another order');
like(
  altered("ALTER TABLE $configs DROP COLUMN description", $update),
  qr/^no error/, 'a column that the triggers do not read');
is(
  altered("ALTER TABLE $configs DROP COLUMN auth_header_template", $update),
  '42704 column llm_admin.llm_provider_configs.auth_header_template is missing', 'one that they do');
is(
  altered(
    "CREATE DOMAIN early AS timestamptz CHECK (VALUE < '2000-01-01'); ALTER TABLE $configs ALTER updated_at DROP DEFAULT, "
      . "ALTER updated_at TYPE early USING '1999-01-01'",
    $update),
  '23514 value for domain early violates check constraint "early_check"',
  'what a trigger sets is checked against a domain');

$node->stop;
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC/, 'no backend died');
done_testing();
