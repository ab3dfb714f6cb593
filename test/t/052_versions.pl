# Versions: however a database came to a version, it is the same; no row of the user's is touched on the way up or
# down; a step that fails leaves nothing; and the library of today runs the SQL of every version before.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Catalog qw(catalog difference sums);
use LlmAdmin::Session qw(new_keyring failure);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# ---- tools -------------------------------------------------------------------------------------------------

my $node = PostgreSQL::Test::Cluster->new('versions');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "llm_admin.keyring_file = '" . new_keyring() . "'\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE "Second Admin" SUPERUSER; CREATE ROLE desk LOGIN; CREATE ROLE service LOGIN; CREATE ROLE keeper LOGIN;
CREATE ROLE "Check, Reader" LOGIN; CREATE ROLE stranger LOGIN;
SQL

# From the first to the one that CREATE EXTENSION installs.
my @versions = split /\n/, $node->safe_psql('postgres', q{SELECT version FROM pg_available_extension_versions
  WHERE name = 'llm_admin' ORDER BY string_to_array(version, '.')::integer[]});
my ($first, $latest) = @versions[ 0, -1 ];
is($latest, $node->safe_psql('postgres', q{SELECT default_version FROM pg_available_extensions WHERE name = 'llm_admin'}),
  'the newest version is the one that is installed');
is($first, '0.1', 'the first version can still be installed');

my $databases = 0;

# A new database in which the statements have run; returns its name.
sub database_with
{
  my ($sql) = @_;
  my $name = 'versions_' . ++$databases;
  $node->safe_psql('postgres', "CREATE DATABASE $name");
  $node->safe_psql($name, $sql) if $sql;
  return $name;
}

# Output, and stderr with SQLSTATEs.
sub run_sql
{
  my ($database, $sql, @options) = @_;
  my ($stdout, $stderr);
  $node->psql($database, "\\set VERBOSITY verbose\n$sql", stdout => \$stdout, stderr => \$stderr, on_error_stop => 0, @options);
  return ($stdout, $stderr);
}

sub one { my ($database, $sql) = @_; return $node->safe_psql($database, $sql) }
sub update_to { my ($version) = @_; return "ALTER EXTENSION llm_admin UPDATE TO '$version';" }
sub fingerprint { return one($_[0], 'SELECT fingerprint FROM llm_admin.schema_migrations ORDER BY applied_at DESC, version LIMIT 1') }
sub version_of { return one($_[0], q{SELECT extversion FROM pg_extension WHERE extname = 'llm_admin'}) }
sub ledger { return one($_[0], q{SELECT string_agg(direction || ' ' || version, ', ' ORDER BY applied_at) FROM llm_admin.schema_migrations}) }

sub same
{
  my ($what, $one, $other) = @_;
  is(difference(catalog($node, $one), catalog($node, $other)), '', "$what: the same catalog, line by line");
  is(fingerprint($one), fingerprint($other), "$what: the same fingerprint");
  return;
}

my $install_first = "CREATE EXTENSION llm_admin VERSION '$first';";
my @up = map { update_to($_) } @versions[ 1 .. $#versions ];
my @down = map { update_to($_) } reverse @versions[ 0 .. $#versions - 1 ];
my $levels = join '', map { "SELECT llm_admin.grant_access('$_->[0]', '$_->[1]');" }
  [ 'service', 'app' ], [ 'desk', 'operator' ], [ 'keeper', 'security' ], [ '"Check, Reader"', 'auditor' ];
my $refresh = 'SELECT * FROM llm_admin.refresh_access();';

# ---- every way leads to the same place ---------------------------------------------------------------------

my %fresh = map { $_ => database_with("CREATE EXTENSION llm_admin VERSION '$_'") } @versions;
cmp_ok(scalar @{ catalog($node, $fresh{$latest}) }, '>', 300, 'the catalog has much to compare');
isnt(difference(catalog($node, $fresh{$first}), catalog($node, $fresh{$latest})), '', 'the comparison sees what versions differ in');
isnt(fingerprint($fresh{$first}), fingerprint($fresh{$latest}), 'the fingerprint too');

my %way = (
  'in one go' => "$install_first ALTER EXTENSION llm_admin UPDATE",
  'step by step' => join("\n", $install_first, @up),
  'down and up again' => join("\n", 'CREATE EXTENSION llm_admin;', @down, @up),
  'down and up in one go' => "CREATE EXTENSION llm_admin; @{[ update_to($first) ]} @{[ update_to($latest) ]}",
  'under odd settings' => "$install_first SET search_path = information_schema, public; SET quote_all_identifiers = on; "
    . "SET DateStyle = 'German, DMY'; SET check_function_bodies = off; @{[ join ' ', @up, @down, @up ]}",
  'by another superuser' => "$install_first SET ROLE \"Second Admin\"; @{[ join ' ', @up, @down, @up ]}");
same($_, $fresh{$latest}, database_with($way{$_})) foreach sort keys %way;
my $back = database_with(join "\n", 'CREATE EXTENSION llm_admin;', @down);
same('back to the first version', $fresh{$first}, $back);

# The ledger tells the way, each step with the checksum of its own script.
my $steps = database_with(join "\n", $install_first, @up, @down);
is(ledger($steps), join(', ', "install $first", (map { "up $_" } @versions[ 1 .. $#versions ]),
  map { "down $_" } reverse @versions[ 0 .. $#versions - 1 ]), 'the ledger holds each step, in order');
my $folder = $node->config_data('--sharedir') . '/extension';
is(one($steps, "SELECT count(*), count(*) FILTER (WHERE checksum = encode(sha256(pg_read_binary_file('$folder/' || name)), 'hex')),
    count(*) FILTER (WHERE execution_time_ms BETWEEN 0 AND 600000 AND applied_by = session_user) FROM llm_admin.schema_migrations"),
  join('|', (2 * @versions - 1) x 3), 'with checksum, time and role');
my (undef, $again) = run_sql($fresh{$latest}, 'ALTER EXTENSION llm_admin UPDATE; ' . update_to($latest));
unlike($again, qr/ERROR|WARNING/, 'updating to the version that is there does nothing');
is(ledger($fresh{$latest}), "install $latest", 'and is no step');

# ---- a database in use ---------------------------------------------------------------------------------------

my $shop = database_with($install_first);
one($shop, "$levels SELECT * FROM llm_admin.seed();");
my $planted = <<'SQL';
SELECT llm_admin.set_provider_key(p, 'sk-versions-' || p || '-0123456789') FROM unnest(ARRAY['groq', 'google_ai', 'chatgpt']) AS p;
SELECT llm_admin.create_provider('Own', 'https://own.example.com/v1', 'm', api_key => 'sk-versions-own-0123456789');
SELECT llm_admin.create_provider('Gone', 'https://gone.example.com/v1', 'm');
UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'chatgpt';
UPDATE llm_admin.llm_provider_configs SET description = E'line\nbreak "é"' WHERE provider_name = 'own';
SELECT llm_admin.switch_active_provider('chatgpt', 'someone'), llm_admin.record_provider_test('groq', true, 12);
SELECT * FROM llm_admin.purge_provider('gone');
SQL
$node->safe_psql($shop, $planted, extra_params => [ '-U', 'desk' ]);
my $keys = q{SELECT string_agg(provider_name || '=' || llm_admin.decrypt_provider_key(provider_name), ' ' ORDER BY provider_name)
  FROM llm_admin.llm_provider_configs WHERE api_key_encrypted IS NOT NULL};
my $all_keys = join ' ', map { "$_=sk-versions-$_-0123456789" } qw(chatgpt google_ai groq own);

my $request = q{SELECT url || ' ' || body::text FROM llm_admin.build_request('{"messages": [{"role": "user", "content": "hi"}]}', '%s')};
my @providers = qw(chatgpt groq own);
sub requests { my ($database) = @_; return join "\n", map { one($database, sprintf $request, $_) } @providers }

# The first version, run by the library of today.
is(version_of($shop), $first, 'the library of today runs the first version');
is(one($shop, $keys), $all_keys, 'keys open there');
like(requests($shop), qr{^https://api\.openai\.com/v1/chat/completions \{.*\n.*/responses \{.*\n.*own\.example}, 'requests are built there');
is(one($shop, q{SELECT llm_admin.extract_response('{"choices": [{"message": {"content": "ho"}}], "usage": {"prompt_tokens": 1}}')->>'text'}),
  'ho', 'and answers read');
is(one($shop, q{SELECT string_agg(outcome, ',') FROM llm_admin.seed()}), join(',', ('already there') x 4), 'seed() finds its rows there');
is(one($shop, 'SELECT * FROM llm_admin.verify_keys()'), '4|0|0|0', 'verify_keys() too');
is(one($shop, q{SELECT provider_name, last_test_result FROM llm_admin.list_providers() WHERE provider_name = 'groq'}), 'groq|success', 'list_providers() too');

my $dump = $node->basedir . '/dumps';
mkdir $dump or die "$dump: $!";
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dump/first", $shop ], 'the first version is dumped');
my $before = sums($node, $shop);
my $in_place = sums($node, $shop, in_place => 1);
my $built = requests($shop);
my $row = 'SELECT id, version, name, fingerprint, applied_at FROM llm_admin.schema_migrations ORDER BY applied_at';
my $install_row = one($shop, $row);

# Up: nothing is touched; what is new is nobody's until refresh_access().
my (undef, $warning) = run_sql($shop, 'ALTER EXTENSION llm_admin UPDATE;');
like($warning, qr/WARNING: .*not granted to anyone yet\nDETAIL:  roles with a level: "Check, Reader", desk, keeper, service\nHINT:  SELECT \* FROM llm_admin\.refresh_access\(\)/,
  'the step reminds of the roles');
is(sums($node, $shop, in_place => 1), $in_place, 'up: no row was touched');
is((split /\n/, one($shop, $row))[0], $install_row, 'up: the rows of the ledger before stay');
is(one($shop, $keys), $all_keys, 'up: keys open');
is(requests($shop), $built, 'up: what providers build is what they built');
my ($out, $denied) = run_sql($shop, 'SELECT programs FROM llm_admin.mapping_cache_stats();', extra_params => [ '-U', 'service' ]);
is(failure($denied)->{state}, '42501', 'up: new functions are not granted by the step');
one($shop, $refresh);
($out, $denied) = run_sql($shop, 'SELECT count(*) FROM llm_admin.mapping_cache_stats();', extra_params => [ '-U', 'service' ]);
is("$out$denied", '1', 'refresh_access() grants them');

# Roles have what they would have been given in a new database, by column and function.
one($fresh{$latest}, $levels);
same('up, with roles', $fresh{$latest}, $shop);
is(one($shop, 'SELECT count(*), count(*) FILTER (WHERE x.grantee <> x.grantor) FROM pg_init_privs i, aclexplode(i.initprivs) x
    WHERE i.objoid IN (SELECT oid FROM pg_proc WHERE pronamespace = \'llm_admin\'::regnamespace)') =~ /^[1-9]\d+\|0$/, 1,
  'up: no role was written into the initial privileges');

# ---- dump and restore ------------------------------------------------------------------------------------------

$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dump/latest", $shop ], 'the upgraded database is dumped');
my $restored = database_with('');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $restored, "$dump/latest" ], 'and restored');
is(sums($node, $restored), sums($node, $shop), 'restored: row for row, with the ledger\'s steps');
is(difference(catalog($node, $shop), catalog($node, $restored)), '', 'restored: the same catalog, roles included');
is(one($restored, $keys), $all_keys, 'restored: keys open');

my $from_first = database_with('');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $from_first, "$dump/first" ], 'a dump of the first version is restored');
is(version_of($from_first), $latest, 'into the version of today');
is(sums($node, $from_first), $before, 'row for row');
is(one($from_first, $keys), $all_keys, 'and its keys open');
one($from_first, $refresh);
is(difference(catalog($node, $shop), catalog($node, $from_first)), '', 'with refresh_access() roles have all there as well');

# ---- down ------------------------------------------------------------------------------------------------------

# A row of the newer mapping stays and works on, as the library stays.
one($shop, <<'SQL');
SELECT llm_admin.create_provider('Newer', 'https://newer.example.com/v1', 'm', api_key => 'sk-versions-newer-0123456789', options => '{
  "request_builder_config": {"version": "1.1", "payload_structure": {
    "model": "param:model_name", "messages": {"each": "param:messages", "as": {"fields": {"who": "@.role"}}}}},
  "response_extractor_config": {"version": "1.1", "extraction_rules": {"text_content": "$.text", "usage_stats": "$.usage"}}}');
SQL
push @providers, 'newer';
$built = requests($shop);
$in_place = sums($node, $shop, in_place => 1);
one($shop, join ' ', @down);
is(version_of($shop), $first, 'down to the first version');
is(sums($node, $shop, in_place => 1), $in_place, 'down: no row was touched');
is(requests($shop), $built, 'down: all providers build what they built');
one($shop, q{UPDATE llm_admin.llm_provider_configs SET description = 'changed' WHERE provider_name = 'newer'});
one($back, $levels);
same('down, with roles', $back, $shop);
one($shop, join ' ', @up, $refresh);
same('and up again', $fresh{$latest}, $shop);

# ---- refused ---------------------------------------------------------------------------------------------------

my $used = database_with(<<'SQL');
CREATE EXTENSION llm_admin;
CREATE VIEW "Cache" AS SELECT * FROM llm_admin.mapping_cache_stats();
CREATE FUNCTION hits() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT s.hits FROM llm_admin.mapping_cache_stats() s; END;
CREATE TABLE calls (id integer, request text DEFAULT (llm_admin.build_operation('test', 'groq')).url);
INSERT INTO calls VALUES (1, 'kept');
SQL
my $catalog = catalog($node, $used);
my (undef, $refused) = run_sql($used, update_to('0.1'));
my $failure = failure($refused);
is($failure->{state}, 'LA040', 'a step down is refused while something uses what it drops');
is($failure->{detail}, join('; ', 'default value for column request of table public.calls uses llm_admin.build_operation(text,text,jsonb,boolean)',
  map { "$_ uses llm_admin.mapping_cache_stats()" } 'function public.hits()', 'view public."Cache"'), 'naming each');
is(difference($catalog, catalog($node, $used)), '', 'and leaves all as it was');
is(ledger($used), "install $latest", 'without a row');
my (undef, $notices) = run_sql($used, 'SET llm_admin.allow_data_loss = on; ' . update_to('0.1'));
unlike($notices, qr/ERROR/, 'with allow_data_loss they go with it');
same('then', $fresh{'0.1'}, $used) if one($fresh{'0.1'}, 'SELECT count(*) FROM llm_admin.access_grants') eq '0';
is(one($used, q{SELECT id, request, to_regclass('"Cache"') IS NULL, to_regproc('hits') IS NULL FROM calls}), '1|kept|t|t', 'and rows of tables stay');
is(failure((run_sql($used, "LOAD 'llm_admin'; SET ROLE stranger; SET llm_admin.allow_data_loss = on;"))[1])->{state}, '42501', 'only a superuser may set it');

foreach my $case (
  [ 'default privileges', 'ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO stranger', '42501' ],
  [ 'a function of that name', 'CREATE FUNCTION llm_admin.mapping_cache_stats() RETURNS integer LANGUAGE sql AS $$SELECT 1$$', '42723' ])
{
  my ($what, $sql, $state) = @$case;
  my $broken = database_with("$install_first $sql;");
  my ($was, $rows) = (catalog($node, $broken), one($broken, $row));
  is(failure((run_sql($broken, 'ALTER EXTENSION llm_admin UPDATE;'))[1])->{state}, $state, "$what: the step up fails");
  is(difference($was, catalog($node, $broken)) . one($broken, $row), $rows, "$what: nothing of it is left, nor in the ledger");
}

# ---- what ships --------------------------------------------------------------------------------------------------

# Every one of them can be seeded, by whichever way the version was reached.
foreach my $version (@versions)
{
  my $seeded = database_with("$install_first @{[ join ' ', @up ]} @{[ update_to($version) ]}");
  one($_, 'SELECT * FROM llm_admin.seed()') foreach $seeded, $fresh{$version};
  my $rows = q{SELECT md5(string_agg((to_jsonb(p) - 'id' - 'created_at' - 'updated_at')::text, E'\n' ORDER BY provider_name))
    FROM llm_admin.llm_provider_configs p};
  is(one($seeded, $rows), one($fresh{$version}, $rows), "$version: seed() gives the rows of that version");
}

# What an earlier version seeded and nobody edited is known as that; CHANGELOG.md has the statement that renews it.
my $old = database_with(join "\n", "$install_first SELECT llm_admin.seed();",
  q{UPDATE llm_admin.llm_provider_configs SET description = 'mine' WHERE provider_name = 'openrouter';}, @up);
my ($renew) = slurp_file(($ENV{LLM_ADMIN_TREE} // '.') . '/CHANGELOG.md') =~ /^  (UPDATE llm_provider_configs.*?;)$/ms;
one($old, "SET search_path = llm_admin, public; $renew");
is(one($old, q{SELECT p.request_builder_config->>'version' FROM llm_admin.llm_provider_configs p
    JOIN llm_admin.shipped_providers() s USING (provider_name, request_builder_config, response_extractor_config, endpoint_path_template)}),
  '1.1', 'a seeded row takes the mapping that ships now');
is(one($old, q{SELECT string_agg(provider_name || ' ' || outcome, ', ' ORDER BY provider_name) FROM llm_admin.remove_seed_providers()}),
  'chatgpt removed, google_ai removed, groq refused: active, switch to another provider first, openrouter kept: edited',
  'remove_seed_providers() knows what an earlier version shipped');

$node->stop;
done_testing();
