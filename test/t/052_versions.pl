# Versions: however a database came to a version, it is the same; no row of the user's is touched on the way up or
# down; a step that fails leaves nothing; and the library of today runs the SQL of every version before.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use File::Basename qw(dirname);
use LlmAdmin::Hints;
use LlmAdmin::Catalog qw(born catalog difference kept_listing listing sums);
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

my %fresh = map { $_ => database_with($_ eq $latest ? 'CREATE EXTENSION llm_admin' : born($_)) } @versions;
cmp_ok(scalar @{ catalog($node, $fresh{$latest}) }, '>', 300, 'the catalog has much to compare');
isnt(difference(catalog($node, $fresh{$first}), catalog($node, $fresh{$latest})), '', 'the comparison sees what versions differ in');
isnt(fingerprint($fresh{$first}), fingerprint($fresh{$latest}), 'the fingerprint too');

my %way = (
  'in one go' => "$install_first ALTER EXTENSION llm_admin UPDATE",
  'step by step' => join("\n", $install_first, @up),
  'down and up again' => join("\n", 'CREATE EXTENSION llm_admin;', @down, @up),
  'down and up in one go' => "CREATE EXTENSION llm_admin; @{[ update_to($first) ]} @{[ update_to($latest) ]}",
  'under odd settings' => "$install_first SET search_path = information_schema, public; SET quote_all_identifiers = on; "
    . "SET DateStyle = 'German, DMY'; SET check_function_bodies = off; SET extra_float_digits = -15; "
    . "SET standard_conforming_strings = off; SET row_security = off; @{[ join ' ', @up, @down, @up ]}",
  'by another superuser' => "$install_first SET ROLE \"Second Admin\"; @{[ join ' ', @up, @down, @up ]}");
same($_, $fresh{$latest}, database_with($way{$_})) foreach sort keys %way;
my $back = database_with(join "\n", 'CREATE EXTENSION llm_admin;', @down);
same('back to the first version', $fresh{$first}, $back);

# Between the first and the newest: up, and from the newest down. Where there is a list of what the version's own whole
# script made, of this major of the server, both are compared with that.
my $tree = $ENV{LLM_ADMIN_TREE} // '.';
my $major = int(one('postgres', 'SHOW server_version_num') / 10000);
foreach my $version (@versions[ 1 .. $#versions - 1 ])
{
  my %reached = (
    'up' => $fresh{$version},
    'down' => database_with("CREATE EXTENSION llm_admin; @{[ update_to($version) ]}"),
    'down, up and down' => database_with(join ' ', 'CREATE EXTENSION llm_admin;', update_to($version), update_to($latest), update_to($version)));
  same("$version, $_", $reached{up}, $reached{$_}) foreach 'down', 'down, up and down';
  my $file = "$tree/test/catalog/$version.tsv";
  my $kept = -e $file ? kept_listing($file, $major) : undef;
  next if !$kept;
  cmp_ok(scalar @$kept, '>', 500, "$version: what its whole script made is known");
  is(difference($kept, listing($node, $reached{$_})), '', "$version, $_: that and nothing else") foreach sort keys %reached;
  isnt(difference($kept, listing($node, $fresh{$latest})), '', "$version: another version differs from it");
}

# The server takes the way with the fewest steps, from the first version's script or the newest one's, and the ledger says which.
my %shortest = ($versions[1] => "install $first, up $versions[1]", $versions[-2] => "install $latest, down $versions[-2]");
is(ledger(database_with("CREATE EXTENSION llm_admin VERSION '$_'")), $shortest{$_}, "VERSION '$_'") foreach sort keys %shortest;

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

# It walks up from the first version, run by the library of today at each; rows are planted in every one.
my $shop = database_with($install_first);
one($shop, "$levels SELECT * FROM llm_admin.seed();");
my %planted = ('0.1' => <<'SQL', '0.2' => <<'SQL', '0.3' => <<'SQL', '0.4' => <<'SQL', '0.5' => <<'SQL', '0.6' => <<'SQL', '0.7' => <<'SQL');
SELECT llm_admin.set_provider_key(p, 'sk-versions-' || p || '-0123456789') FROM unnest(ARRAY['groq', 'google_ai', 'chatgpt']) AS p;
SELECT llm_admin.create_provider('Own', 'https://own.example.com/v1', 'm', api_key => 'sk-versions-own-0123456789');
SELECT llm_admin.create_provider('Gone', 'https://gone.example.com/v1', 'm');
UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'chatgpt';
UPDATE llm_admin.llm_provider_configs SET description = E'line\nbreak "é"' WHERE provider_name = 'own';
SELECT llm_admin.switch_active_provider('chatgpt', 'someone'), llm_admin.record_provider_test('groq', true, 12);
SELECT * FROM llm_admin.purge_provider('gone');
SQL
SELECT llm_admin.create_provider('Newer', 'https://newer.example.com/v1', 'm', api_key => 'sk-versions-newer-0123456789', options => '{
  "request_builder_config": {"version": "1.1", "payload_structure": {
    "model": "param:model_name", "messages": {"each": "param:messages", "as": {"fields": {"who": "@.role"}}}}},
  "response_extractor_config": {"version": "1.1", "extraction_rules": {"text_content": "$.text", "usage_stats": "$.usage"}}}');
SQL
INSERT INTO llm_admin.provider_aliases VALUES ('house', 'own');
SELECT llm_admin.put_llm_config('acme', '{"provider": "groq", "apiKey": "sk-versions-acme-0123456789", "policy": "byollm_only"}');
SELECT llm_admin.put_llm_config('globex', '{"provider": "house", "apiKey": "sk-versions-globex-0123456789",
  "baseUrl": "https://globex.example.com/v1", "defaultModel": "g"}');
BEGIN;
SELECT llm_admin.enter_tenant('foreign');
INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted) VALUES ('foreign', 'own', 'kms:projects/1/keys/2');
COMMIT;
SQL
UPDATE llm_admin.llm_provider_configs SET model_capabilities = '{"edited": true}',
  request_builder_config = jsonb_set(request_builder_config, '{payload_structure,temperature}', '{"source": "param:temperature", "type": "number", "max": 1}')
WHERE provider_name = 'groq';
SQL
SELECT llm_admin.create_provider('Latest', 'http://localhost:8000/v1', 'm', options => '{"auth_scheme": "none",
  "request_builder_config": {"version": "1.2", "dialect": "latest", "payload_structure": {
    "model": "param:model_name", "messages": {"each": "param:messages[*]", "as": {"fields": {"who": "@.role", "what": "@.content"}}}}},
  "response_extractor_config": {"version": "1.2", "dialect": "latest", "extraction_rules": {"text_content": "$.text", "usage_stats": "$.usage"}}}');
SQL
INSERT INTO llm_admin.llm_providers (name, type, base_url, api_key_encrypted, metadata)
VALUES ('second', 'openrouter', 'https://proxy.example.com/v1', llm_admin.encrypt_key('sk-versions-second-0123456789'), '{"priority": 3}');
SELECT count(*) FROM llm_admin.seed_tiers();
UPDATE llm_admin.tier_model_rules SET max_requests_per_day = 7 WHERE tier_code = 'free' AND model_pattern = 'groq/*';
SELECT llm_admin.grant_model('user', 'acme/u1', 'openai/gpt-4o', '{"allowed": false}');
SELECT llm_admin.set_model_price('house/one', '{"input": 0.001, "output": 0.002}', '2026-01-01');
SELECT llm_admin.record_usage('house', 'one', '{"input_tokens": 1000, "output_tokens": 10}', 'u1', 'acme', 'request 1');
SELECT llm_admin.record_usage('house', 'unknown', '{"input_tokens": 1000}');
SQL
SELECT count(*) FROM llm_admin.issue_access_key('planted', '{"tenant_id": "acme", "tier": "free", "allow": ["groq/*"]}');
INSERT INTO llm_admin.limits (id, scope, what, amount, period, alert_shares)
VALUES ('00000000-0000-4000-8000-000000000007', 'user', 'requests', 2, 'total', '{0.5}');
INSERT INTO llm_admin.limit_overrides (limit_id, extra, reason) VALUES ('00000000-0000-4000-8000-000000000007', 1, 'a day');
SELECT allowed FROM llm_admin.acquire_quota('u1', NULL, 'house/one', 'acme', '{"requests": 2}');
SQL
my @providers = qw(chatgpt groq own);
my $keys = q{SELECT string_agg(provider_name || '=' || llm_admin.decrypt_provider_key(provider_name), ' ' ORDER BY provider_name)
  FROM llm_admin.llm_provider_configs WHERE api_key_encrypted IS NOT NULL};
sub has_accounts { my ($version) = @_; return $version !~ /^0\.[1-5]$/ }
sub has_tenants { my ($version) = @_; return $version !~ /^0\.[12]$/ }
# As they are from a version on: `newer` came with 0.2.
sub with_keys
{
  my ($version) = @_;
  my @names = (qw(chatgpt google_ai groq), $version eq $first ? () : 'newer', 'own');
  return @names;
}
sub all_keys { my ($version) = @_; return join ' ', map { "$_=sk-versions-$_-0123456789" } with_keys($version) }
my $tenant_keys = q{SELECT string_agg(tenant_id || '=' || llm_admin.decrypt_tenant_key(tenant_id), ' ' ORDER BY tenant_id)
  FROM llm_admin.llm_configs WHERE api_key_encrypted LIKE 'lma1.%'};
my $all_tenant_keys = join ' ', map { "$_=sk-versions-$_-0123456789" } qw(acme globex);

my $request = q{SELECT url || ' ' || body::text FROM llm_admin.build_request('{"messages": [{"role": "user", "content": "hi"}]}', '%s')};
sub requests { my ($database) = @_; return join "\n", map { one($database, sprintf $request, $_) } @providers }
my $row = 'SELECT id, version, name, fingerprint, applied_at FROM llm_admin.schema_migrations ORDER BY applied_at';

# What each version brings that the level app may call; what 0.4 brings is not for it.
my %brought = ('0.2' => 'mapping_cache_stats()', '0.3' => 'entered_tenant()', '0.5' => q{read_answer('')},
  '0.6' => q{canonical_model('groq', 'm')}, '0.7' => 'release_quota(gen_random_uuid())');
sub call_as_service
{
  my ($version) = @_;
  return '' if !$brought{$version};
  my ($out, $err) = run_sql($shop, "SELECT count(*) FROM llm_admin.$brought{$version};", extra_params => [ '-U', 'service' ]);
  return $err ? failure($err)->{state} : $out;
}

# Of sums() the lines of those relations that an older version has too.
sub common
{
  my ($older, $sums) = @_;
  my %there = map { ((split /\|/)[0] => 1) } split /\n/, $older;
  return join "\n", grep { $there{ (split /\|/)[0] } } split /\n/, $sums;
}

my $dump = $node->basedir . '/dumps';
mkdir $dump or die "$dump: $!";
my %sums;    # by version: what its dump holds
my ($built, $before);
foreach my $version (@versions)
{
  # Up: nothing is touched; what is new is nobody's until refresh_access().
  if ($version ne $first)
  {
    my @as_before = (in_place => 1, like => $fresh{$before});
    my ($in_place, @rows) = (sums($node, $shop, @as_before), split /\n/, one($shop, $row));
    my (undef, $warning) = run_sql($shop, update_to($version));
    like($warning, qr/WARNING: .*not granted to anyone yet\nDETAIL:  roles with a level: "Check, Reader", desk, keeper, service\nHINT:  SELECT \* FROM llm_admin\.refresh_access\(\)/,
      "up to $version: the step reminds of the roles");
    is(common($in_place, sums($node, $shop, @as_before)), $in_place, "up to $version: no row was touched");
    is_deeply([ (split /\n/, one($shop, $row))[ 0 .. $#rows ] ], \@rows, "up to $version: the rows of the ledger before stay");
    is(one($shop, $keys), all_keys($before), "up to $version: keys open");
    is(requests($shop), $built, "up to $version: what providers build is what they built");
    is(call_as_service($version), $brought{$version} ? '42501' : '', "up to $version: new functions are not granted by the step");
    one($shop, $refresh);
    LlmAdmin::Hints::followed($warning =~ /^HINT:  (.*)/m);
    is(call_as_service($version), $brought{$version} ? '1' : '', "up to $version: refresh_access() grants them");
  }

  # In use, by the library of today.
  is(version_of($shop), $version, "the library of today runs $version");
  $node->safe_psql($shop, $planted{$version}, extra_params => [ '-U', 'desk' ]) if $planted{$version};
  # What operators may not do themselves.
  is(one($shop, q{SELECT model FROM llm_admin.begin_call('{"model": "m", "messages": [{"role": "user", "content": "x"}]}', 'u2', options => '{"provider": "own"}')}), 'm', "$version: a call is begun") if $version eq '0.7';
  push @providers, 'newer' if $version eq '0.2';
  is(one($shop, $keys), all_keys($version), "$version: keys open");
  $built = requests($shop);
  like($built, qr{^https://api\.openai\.com/v1/chat/completions \{.*\n.*/responses \{.*\n.*own\.example}, "$version: requests are built");
  is(one($shop, q{SELECT llm_admin.extract_response('{"choices": [{"message": {"content": "ho"}}], "usage": {"prompt_tokens": 1}}')->>'text'}),
    'ho', "$version: answers are read");
  like(one($shop, q{SELECT string_agg(item || ' ' || outcome, ',') FROM llm_admin.seed()}), qr/^groq already there,openrouter already there,/,
    "$version: seed() finds its rows");
  is(one($shop, 'SELECT * FROM llm_admin.verify_keys()'), with_keys($version) + (has_tenants($version) ? 2 : 0) + (has_accounts($version) ? 1 : 0) . '|0|0|' . (has_tenants($version) ? 1 : 0),
    "$version: verify_keys() finds every key");
  is(one($shop, q{SELECT provider_name, last_test_result FROM llm_admin.list_providers() WHERE provider_name = 'groq'}), 'groq|success',
    "$version: providers are listed");
  is(one($shop, q{SELECT llm_admin.decrypt_key(llm_admin.encrypt_key('secret', 'c'), 'c')}), 'secret', "$version: keys are sealed and opened");
  is(one($shop, q{SELECT count(*) FROM llm_admin.adopt_pgcrypto_keys('passphrase')}), '0', "$version: nothing awaits adoption");
  is(one($shop, q{SELECT llm_admin.revoke_access('desk', 'operator') IS NOT NULL, llm_admin.grant_access('desk', 'operator') IS NOT NULL}), 't|t',
    "$version: levels are taken and given");
  like(one($shop, q{SELECT string_agg(item || ' ' || verdict, ',') FROM llm_admin.key_status()}), qr/keyring/, "$version: key_status() speaks");
  $node->command_ok([ 'pg_dump', '-Fc', '-f', "$dump/$version", $shop ], "$version is dumped");
  $sums{$version} = sums($node, $shop, like => $fresh{$version});
  $node->safe_psql('postgres', "CREATE DATABASE leap TEMPLATE $shop") if $version eq $first;
  $before = $version;
}
is(one($shop, $tenant_keys), $all_tenant_keys, 'keys of tenants open');

# Roles have what they would have been given in a new database, by column and function.
one($fresh{$latest}, $levels);
same('up, with roles', $fresh{$latest}, $shop);
is(one($shop, 'SELECT count(*), count(*) FILTER (WHERE x.grantee <> x.grantor) FROM pg_init_privs i, aclexplode(i.initprivs) x
    WHERE i.objoid IN (SELECT oid FROM pg_proc WHERE pronamespace = \'llm_admin\'::regnamespace)') =~ /^[1-9]\d+\|0$/, 1,
  'up: no role was written into the initial privileges');

# All steps at once do the same to a database in use.
{
  my @as_before = (in_place => 1, like => $fresh{$first});
  my $in_place = sums($node, 'leap', @as_before);
  one('leap', 'ALTER EXTENSION llm_admin UPDATE');
  is(common($in_place, sums($node, 'leap', @as_before)), $in_place, 'up in one go: no row was touched');
  one('leap', $refresh);
  same('up in one go, with roles', $fresh{$latest}, 'leap');
}

# ---- dump and restore ------------------------------------------------------------------------------------------

# What was dumped in any version is restored into the version of today.
foreach my $version (@versions)
{
  my $restored = database_with('');
  $node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $restored, "$dump/$version" ], "a dump of $version is restored");
  is(version_of($restored), $latest, "from $version: into the version of today");
  is(common($sums{$version}, sums($node, $restored, like => $fresh{$version})), $sums{$version}, "from $version: row for row");
  one($restored, $refresh) if $version ne $latest;
  is(difference(catalog($node, $shop), catalog($node, $restored)), '', "from $version: the same catalog, roles included");
  is(one($restored, $keys), all_keys($version), "from $version: keys open");
  is(one($restored, $tenant_keys), $all_tenant_keys, "from $version: keys of tenants open") if has_tenants($version);
}

# What 0.4 adds: the role behind a level and what it was given, here of a role that was renamed and of one that lost a
# right. Rows and outcomes are the same after a restore; the way down forgets the columns, the way up finds the rest.
{
  my $used = database_with(<<'SQL');
CREATE EXTENSION llm_admin VERSION '0.5';
CREATE ROLE passing; SELECT llm_admin.grant_access('passing', 'auditor'); ALTER ROLE passing RENAME TO passed;
SELECT * FROM llm_admin.refresh_access();
CREATE ROLE curbed; SELECT llm_admin.grant_access('curbed', 'security');
REVOKE EXECUTE ON FUNCTION llm_admin.verify_keys(integer) FROM curbed;
SQL
  my $outcomes = q{SELECT string_agg(concat_ws(' ', role_name, level, outcome), ', ' ORDER BY role_name COLLATE "C") FROM llm_admin.refresh_access()};
  my $expected = 'curbed security rights were taken away: grant_access or revoke_access, passed auditor granted';
  is(one($used, $outcomes), $expected, 'levels: each is its role\'s');
  $node->command_ok([ 'pg_dump', '-Fc', '-f', "$dump/levels", $used ], 'levels: dumped');
  my $restored = database_with('');
  $node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $restored, "$dump/levels" ], 'levels: restored');
  my $sums = sums($node, $used);
  is(common($sums, sums($node, $restored, like => $used)), sums($node, $used, like => $used), 'levels: row for row');
  one($restored, $refresh);
  is(one($restored, $outcomes), $expected, 'levels: the same outcomes');
  one($used, 'CREATE VIEW mine AS SELECT role_oid, rights FROM llm_admin.access_grants');
  my $refused = failure((run_sql($used, update_to('0.3')))[1]);
  is("$refused->{state} $refused->{detail}", 'LA040 view public.mine uses column rights of llm_admin.access_grants; '
    . 'view public.mine uses column role_oid of llm_admin.access_grants', 'levels: a step down is refused while a view uses the columns');
  my ($let) = $refused->{hint} =~ /(SET llm_admin\.allow_data_loss = on)/;
  one($used, "$let; " . update_to('0.3') . update_to('0.5'));
  LlmAdmin::Hints::followed($refused->{hint});
  is(one($used, q{SELECT to_regclass('mine') IS NULL, count(*) FILTER (WHERE role_oid IS NULL AND rights IS NULL), count(*) FROM llm_admin.access_grants}),
    't|2|2', 'levels: with allow_data_loss it goes; the rows stay, without what 0.3 does not know');
  is(one($used, $outcomes), $expected, 'levels: up again, the same outcomes');
}

# What a step down drops is no more among what the levels gave, so that they come back with it.
{
  my $used = database_with("CREATE EXTENSION llm_admin; CREATE ROLE homing; SELECT count(llm_admin.grant_access('homing', level)) FROM unnest('{app,operator,security,auditor}'::text[]) level");
  my $outcomes = q{SELECT string_agg(level || ' ' || outcome, ', ' ORDER BY level COLLATE "C") FROM llm_admin.refresh_access()};
  my $before = one($used, 'SELECT string_agg(level || rights::text, chr(10) ORDER BY level COLLATE "C") FROM llm_admin.access_grants');
  one($used, 'SET llm_admin.allow_data_loss = on; ' . update_to('0.5'));
  is(one($used, q{SELECT count(*) FROM llm_admin.access_grants, unnest(rights) held WHERE held ~ 'audit_log|record_usage|check_model_access|provider_aliases\.public'}), 0, 'levels: without what has left');
  is(one($used, q{SELECT bool_and('USAGE llm_admin' = ANY (rights)) FROM llm_admin.access_grants}), 't', 'levels: with what stays');
  is(one($used, $outcomes), 'app granted, auditor granted, operator granted, security granted', 'levels: refreshed there');
  one($used, update_to($latest));
  is(one($used, $outcomes), 'app granted, auditor granted, operator granted, security granted', 'levels: they come back with the step up');
  is(one($used, 'SELECT string_agg(level || rights::text, chr(10) ORDER BY level COLLATE "C") FROM llm_admin.access_grants'), $before, 'levels: with all that they gave');
  one($used, 'SELECT count(llm_admin.revoke_access($$homing$$, level)) FROM unnest($${app,operator,security,auditor}$$::text[]) level; DROP ROLE homing');
}

# ---- down ------------------------------------------------------------------------------------------------------

# Refused while rows would be lost whose tables the version before does not have: first those of 0.7, all named at once.
{
  my ($was, $in_place) = (catalog($node, $shop), sums($node, $shop, in_place => 1));
  my $failure = failure((run_sql($shop, update_to('0.6')))[1]);
  is($failure->{state}, 'LA040', 'a step down from 0.7 is refused while a table that it drops holds rows');
  is($failure->{detail}, join('; ', map { "table llm_admin.$_ holds " . ($_ eq 'limit_counters' ? '2 rows' : '1 row') } qw(access_keys limits limit_overrides limit_events limit_counters quota_tickets llm_calls)),
    'naming each with its count');
  is($failure->{hint}, q{CREATE TABLE kept AS TABLE llm_admin.access_keys keeps a table's rows; }
    . 'SET llm_admin.allow_data_loss = on and all of it is dropped with the step', 'and what helps');
  is(difference($was, catalog($node, $shop)), '', 'it leaves all as it was');
  is(sums($node, $shop, in_place => 1), $in_place, 'every row');
  one($shop, 'CREATE TABLE kept_keys AS TABLE llm_admin.access_keys; SET llm_admin.allow_data_loss = on; ' . update_to('0.6'));
  LlmAdmin::Hints::followed($failure->{hint});
  is(one($shop, 'SELECT name FROM kept_keys'), 'planted', 'what was kept stays');
}

# Then those of 0.6.
# What ships is not among them, nor what the audit log says of seeding it; what it says of everything else is.
{
  my ($was, $in_place, $rows) = (catalog($node, $shop), sums($node, $shop, in_place => 1), one($shop, $row));
  my $failure = failure((run_sql($shop, update_to('0.5')))[1]);
  is($failure->{state}, 'LA040', 'a step down from 0.6 is refused while a table that it drops holds rows');
  # The log's: an account, a rule, a permission, a price, rights of four roles, and one that lost its level and got it
  # back; and three that tell of roles, without a payload.
  # Of 0.7: the access key, a limit and more of it, rights of three roles with the step up and with the one down, desk's level that went and came;
  # and without a payload two of desk, one of refresh_access(), one of the rows that were let go.
  is($failure->{detail}, join('; ', map { "table llm_admin.$_" } 'llm_usage_logs holds 2 rows', 'usage_requests holds 1 row',
    'llm_providers holds 1 row', 'tier_model_rules holds 1 row', 'model_permissions holds 1 row', 'model_pricing holds 1 row',
    'model_price_history holds 1 row', 'audit_payloads holds 21 rows', 'audit_log holds 28 rows'), 'naming each with its count');
  is($failure->{hint}, q{CREATE TABLE kept AS TABLE llm_admin.llm_usage_logs keeps a table's rows; }
    . 'SET llm_admin.allow_data_loss = on and all of it is dropped with the step', 'and what helps');
  is(difference($was, catalog($node, $shop)), '', 'it leaves all as it was');
  is(sums($node, $shop, in_place => 1), $in_place, 'every row');
  is(one($shop, $row), $rows, 'and the ledger');
  one($shop, 'CREATE TABLE kept_usage AS TABLE llm_admin.llm_usage_logs; SET llm_admin.allow_data_loss = on; ' . update_to('0.5'));
  LlmAdmin::Hints::followed($failure->{hint});
  is(one($shop, 'SELECT count(*) FROM kept_usage'), '2', 'what was kept stays');
}

# Then those of tenants.
{
  my ($was, $in_place, $rows) = (catalog($node, $shop), sums($node, $shop, in_place => 1), one($shop, $row));
  my $failure = failure((run_sql($shop, update_to($first)))[1]);
  is($failure->{state}, 'LA040', 'a step down is refused while a table that it drops holds rows');
  is($failure->{detail}, 'table llm_admin.llm_configs holds 3 rows; table llm_admin.provider_aliases holds 1 row', 'naming each with its count');
  is($failure->{hint}, q{CREATE TABLE kept AS TABLE llm_admin.llm_configs keeps a table's rows; }
    . 'SET llm_admin.allow_data_loss = on and all of it is dropped with the step', 'and what helps');
  LlmAdmin::Hints::followed($failure->{hint});  # what it says is done below
  is(difference($was, catalog($node, $shop)), '', 'it leaves all as it was');
  is(sums($node, $shop, in_place => 1), $in_place, 'every row');
  is(one($shop, $row), $rows, 'and the ledger');
}

my $in_place = sums($node, $shop, in_place => 1, like => $fresh{$first});
my $kept = 'CREATE TABLE kept AS TABLE llm_admin.llm_configs;';
one($shop, join ' ', $kept, 'SET llm_admin.allow_data_loss = on;', @down[ 1 .. $#down ]);
is(version_of($shop), $first, 'with allow_data_loss: down to the first version');
my $after = sums($node, $shop, in_place => 1, like => $fresh{$first});
is($after, common($after, $in_place), 'down: no row of a table that stays was touched');
is(requests($shop), $built, 'down: all providers build what they built');
one($shop, q{UPDATE llm_admin.llm_provider_configs SET description = 'changed' WHERE provider_name = 'newer'});
one($back, $levels);
same('down, with roles', $back, $shop);

# Up again: empty tables that work, and the data keys of tenants are still those that sealed what was kept.
one($shop, join ' ', @up, $refresh);
same('and up again', $fresh{$latest}, $shop);
is(one($shop, 'SELECT (SELECT count(*) FROM llm_admin.llm_configs), (SELECT count(*) FROM llm_admin.provider_aliases)'), '0|0',
  'up again: the tables of tenants are empty');
is(one($shop, q{SELECT count(*) FILTER (WHERE outcome = 'added'), count(*) FROM llm_admin.seed_provider_aliases()}), '9|9', 'what ships can be added');
$node->safe_psql($shop, $planted{'0.3'} =~ s/globex/initech/gr, extra_params => [ '-U', 'desk' ]);
is(one($shop, $tenant_keys), 'acme=sk-versions-acme-0123456789 initech=sk-versions-initech-0123456789', 'and tenants can be configured');
one($shop, q{INSERT INTO llm_admin.llm_configs SELECT * FROM kept WHERE tenant_id = 'globex'});
is(one($shop, q{SELECT llm_admin.decrypt_tenant_key('globex')}), 'sk-versions-globex-0123456789', 'a row that was kept can be put back, and its key opens');

# ---- refused ---------------------------------------------------------------------------------------------------

# What of the user's uses something that a step down drops: functions, then tables and types.
sub refused_in_use
{
  my ($what, $make, $uses, $hint, $gone, $from) = @_;
  my $used = database_with('CREATE EXTENSION llm_admin' . ($from ? " VERSION '$from'; " : '; ') . $make);
  my ($was, $rows, $steps) = (catalog($node, $used), sums($node, $used), ledger($used));
  my $failure = failure((run_sql($used, update_to('0.1')))[1]);
  is($failure->{state}, 'LA040', "$what: a step down is refused while something uses what it drops");
  is($failure->{detail}, join('; ', @$uses), "$what: naming each");
  is($failure->{hint}, $hint, "$what: and what helps");
  is(difference($was, catalog($node, $used)), '', "$what: it leaves all as it was");
  is(ledger($used), $steps, "$what: without a row");
  is(sums($node, $used), $rows, "$what: and no row is gone");
  my ($let) = $failure->{hint} =~ /(SET llm_admin\.allow_data_loss = on)/;
  my (undef, $notices) = run_sql($used, "$let; " . update_to('0.1'));
  LlmAdmin::Hints::followed($failure->{hint});
  unlike($notices, qr/ERROR/, "$what: with allow_data_loss they go with it");
  my $unused = database_with($install_first);
  same("$what, then", $unused, $used);
  is(one($used, $gone->[0]), $gone->[1], "$what: and rows of tables stay");
  return;
}
refused_in_use('functions', <<'SQL',
CREATE VIEW "Cache" AS SELECT * FROM llm_admin.mapping_cache_stats();
CREATE FUNCTION hits() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT s.hits FROM llm_admin.mapping_cache_stats() s; END;
CREATE TABLE calls (id integer, request text DEFAULT (llm_admin.build_operation('test', 'groq')).url);
INSERT INTO calls VALUES (1, 'kept');
SQL
  [ 'default value for column request of table public.calls uses llm_admin.build_operation(text,text,jsonb,boolean)',
    map { "$_ uses llm_admin.mapping_cache_stats()" } 'function public.hits()', 'view public."Cache"' ],
  'drop them, or SET llm_admin.allow_data_loss = on and they are dropped with the functions',
  [ q{SELECT id, request, to_regclass('"Cache"') IS NULL, to_regproc('hits') IS NULL FROM calls}, '1|kept|t|t' ]);
refused_in_use('a policy', <<'SQL',
CREATE TABLE orders (id integer, tenant_id text); INSERT INTO orders VALUES (1, 'acme');
CREATE POLICY ours ON orders USING (tenant_id = llm_admin.entered_tenant());
SQL
  [ 'policy ours on table public.orders uses llm_admin.entered_tenant()' ],
  'drop them, or SET llm_admin.allow_data_loss = on and they are dropped with the functions',
  [ q{SELECT id, (SELECT count(*) FROM pg_policy WHERE polrelid = 'orders'::regclass) FROM orders}, '1|0' ]);
refused_in_use('tables', <<'SQL',
SELECT llm_admin.seed_provider_aliases();
UPDATE llm_admin.provider_aliases SET provider_name = 'groq' WHERE alias = 'grok';
CREATE VIEW "Tenants" AS SELECT tenant_id FROM llm_admin.llm_configs;
CREATE TABLE calls (id integer, configs llm_admin.llm_configs[], alias text REFERENCES llm_admin.provider_aliases ON DELETE CASCADE);
INSERT INTO calls VALUES (1, NULL, 'openai');
CREATE INDEX on_theirs ON llm_admin.llm_configs (provider); CREATE POLICY theirs ON llm_admin.llm_configs USING (provider = 'x');
SQL
  [ 'table llm_admin.provider_aliases holds 1 row', 'column configs of table public.calls uses llm_admin.llm_configs',
    'constraint calls_alias_fkey on table public.calls uses llm_admin.provider_aliases',
    'view public."Tenants" uses llm_admin.llm_configs' ],
  q{CREATE TABLE kept AS TABLE llm_admin.provider_aliases keeps a table's rows; drop what uses them; SET llm_admin.allow_data_loss = on and all of it is dropped with the step},
  [ q{SELECT to_jsonb(c), to_regclass('"Tenants"') IS NULL FROM calls c}, '{"id": 1, "alias": "openai"}|t' ], '0.5');
refused_in_use('types', <<'SQL',
CREATE TABLE calls (id integer, resolved llm_admin.resolved_llm, many llm_admin.built_tenant_request[]); INSERT INTO calls VALUES (1, NULL, NULL);
SQL
  [ 'column many of table public.calls uses llm_admin.built_tenant_request', 'column resolved of table public.calls uses llm_admin.resolved_llm' ],
  'drop what uses them; SET llm_admin.allow_data_loss = on and all of it is dropped with the step',
  [ q{SELECT to_jsonb(c) FROM calls c}, '{"id": 1}' ]);
is(failure((run_sql($shop, "LOAD 'llm_admin'; SET ROLE stranger; SET llm_admin.allow_data_loss = on;"))[1])->{state}, '42501', 'only a superuser may set it');

# Rows that ship are no loss while nobody edited them; a row that another session just added is, whatever the snapshot.
my $only_shipped = database_with(q{CREATE EXTENSION llm_admin VERSION '0.5'; SELECT llm_admin.seed();});
{
  my $session = LlmAdmin::Session->new($node, $only_shipped);
  $session->ask('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM llm_admin.provider_aliases');
  one($only_shipped, q{INSERT INTO llm_admin.provider_aliases VALUES ('late', 'groq')});
  my (undef, $stderr) = $session->ask(update_to('0.2'));
  is((failure($stderr) // {})->{detail}, 'table llm_admin.provider_aliases holds 1 row', 'a row committed after the snapshot is counted');
  $session->ask('ROLLBACK');
  $session->quit;
  one($only_shipped, q{DELETE FROM llm_admin.provider_aliases WHERE alias = 'late'; } . update_to('0.2'));
  is(version_of($only_shipped), '0.2', 'rows that ship go with their table');
}
{
  my $seeded = database_with('CREATE EXTENSION llm_admin; SELECT llm_admin.seed(); SELECT llm_admin.seed();');
  cmp_ok(one($seeded, 'SELECT count(*) FROM llm_admin.audit_log'), '>', 50, 'the audit log tells what seed() added');
  # A row of the user's that is gone is told of in the log alone; and in the same transaction as a seed.
  one($seeded, q{BEGIN; SELECT llm_admin.seed(); INSERT INTO llm_admin.model_aliases (pattern, canonical) VALUES ('fast', 'groq/m');
    DELETE FROM llm_admin.model_aliases WHERE pattern = 'fast'; COMMIT});
  is((failure((run_sql($seeded, update_to('0.5')))[1]) // {})->{detail},
    'table llm_admin.audit_payloads holds 2 rows; table llm_admin.audit_log holds 2 rows', 'what the log tells of the user is the user\'s');
  my $only = database_with('CREATE EXTENSION llm_admin; SELECT llm_admin.seed(); SELECT llm_admin.seed(); ' . update_to($first));
  is(version_of($only), $first, 'what the log tells of seeding alone goes with it');
  # What a column holds that leaves from a table that stays, also where no log tells of it.
  my $public = database_with(q{CREATE EXTENSION llm_admin; SELECT llm_admin.seed();
    ALTER TABLE llm_admin.provider_aliases DISABLE TRIGGER USER;
    UPDATE llm_admin.provider_aliases SET public = true WHERE alias IN ('openai', 'grok');
    ALTER TABLE llm_admin.provider_aliases ENABLE TRIGGER USER});
  my $failure = failure((run_sql($public, update_to('0.5')))[1]) // {};
  is("$failure->{state} $failure->{detail}", 'LA040 column public of table llm_admin.provider_aliases holds 2 values',
    'values of a column that leaves are counted');
  my ($keep) = $failure->{hint} =~ /(CREATE TABLE kept AS TABLE \S+)/;
  one($public, "$keep; UPDATE llm_admin.provider_aliases SET public = NULL WHERE alias = 'grok'; SET llm_admin.allow_data_loss = on; "
    . update_to('0.5'));
  is(version_of($public) . ' ' . one($public, 'SELECT count(*) FILTER (WHERE public) FROM kept'), '0.5 2', 'and go when they may');
}

foreach my $case (
  [ 'default privileges', 'ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO stranger', '42501' ],
  [ 'default privileges of tables', 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO stranger', '42501' ],
  [ 'a function of that name', 'CREATE FUNCTION llm_admin.mapping_cache_stats() RETURNS integer LANGUAGE sql AS $$SELECT 1$$', '42723' ],
  [ 'a table of that name', 'CREATE TABLE llm_admin.llm_configs (id text)', '42P07' ])
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
my ($renew) = slurp_file("$tree/CHANGELOG.md") =~ /^  (UPDATE llm_provider_configs.*?;)$/ms;
one($old, "SET search_path = llm_admin, public; $renew");
is(one($old, q{SELECT p.request_builder_config->>'version' FROM llm_admin.llm_provider_configs p
    JOIN llm_admin.shipped_providers() s USING (provider_name, request_builder_config, response_extractor_config, endpoint_path_template)}),
  '1.2', 'a seeded row takes the mapping that ships now');
is(one($old, q{SELECT string_agg(provider_name || ' ' || outcome, ', ' ORDER BY provider_name) FROM llm_admin.remove_seed_providers()}),
  'chatgpt removed, google_ai removed, groq refused: active, switch to another provider first, openrouter kept: edited',
  'remove_seed_providers() knows what an earlier version shipped');

$node->stop;
LlmAdmin::Hints::proves('052_versions', dirname(__FILE__) . '/../..');
done_testing();
