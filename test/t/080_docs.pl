# The documentation says what is: functions from the catalog, settings and error codes as the code has them, and
# every session printed in README.md and the pages of docs gives the output that stands there.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::DocSessions;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $tree = $ENV{LLM_ADMIN_TREE} // '.';

my $node = PostgreSQL::Test::Cluster->new('docs');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
my $keyring_dir = $node->basedir . '/keyring';
mkdir $keyring_dir, 0700 or die "$keyring_dir: $!";
system_or_bail("$tree/scripts/new-keyring", '--quiet', @$_, "$keyring_dir/keyring") foreach ([], ['--add']);
$node->append_conf('postgresql.conf', "wal_level = logical\n");
# The superuser has the name that the documentation shows.
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE postgres SUPERUSER LOGIN')
  if $node->safe_psql('postgres', q{SELECT count(*) FROM pg_roles WHERE rolname = 'postgres'}) eq '0';

sub database
{
  my ($name, @statements) = @_;
  $node->safe_psql('postgres', qq{CREATE DATABASE "$name"});
  $node->safe_psql($name, $_) foreach @statements;
  return $name;
}

# The command for psql as the documentation's superuser; the host is a folder for sockets.
sub psql_for
{
  my ($database) = @_;
  return ('psql', '-X', '-h', $node->host, '-p', $node->port, '-U', 'postgres', '-d', $database, '-f', '-');
}

# ---- settings: the same names, defaults and contexts --------------------------------------------------------

# Before the keyring is set, the session shows nothing but defaults.
my %context = (user => 'user', superuser => 'superuser', sighup => 'sighup', internal => 'nobody');
my @settings = map { [ split /\|/, $_, -1 ] } split /\n/, $node->safe_psql('postgres', <<'SQL');
LOAD 'llm_admin';
SELECT name, current_setting(name), context FROM pg_settings WHERE name LIKE 'llm\_admin.%' ORDER BY name COLLATE "C";
SQL
my $is = join '', map { "$_->[0] default $_->[1] who $context{$_->[2]}\n" } @settings;
my $said = '';
foreach my $line (split /\n/, slurp_file("$tree/docs/settings.md"))
{
  next unless $line =~ /^\| `(llm_admin\.\w+)` \| `([^`]*)` \| (\w+) \|/;
  my ($name, $default, $who) = ($1, $2, $3);
  $default = '' if $default eq q{''};
  $said .= "$name default $default who $who\n";
}
cmp_ok(scalar @settings, '>', 5, 'there are settings');
is($said, $is, 'docs/settings.md lists the settings with their defaults and who may set them');

# ---- errors: the codes of src/core/sqlstate.hpp -------------------------------------------------------------

my @codes = slurp_file("$tree/src/core/sqlstate.hpp") =~ /=\s+"([0-9A-Z]{5})";/g;
my ($table) = slurp_file("$tree/docs/errors.md") =~ /^\| SQLSTATE \| meaning.*?\n\n/ms ? $& : '';
my @listed = $table =~ /^\| `([0-9A-Z]{5})` \|/mg;
cmp_ok(scalar @codes, '>', 10, 'there are codes');
is_deeply([ sort @listed ], [ sort @codes ], 'docs/errors.md lists the codes that a caller can meet');
is(join(' ', @listed), join(' ', sort { ($b =~ /^LA/) <=> ($a =~ /^LA/) || $a cmp $b } @listed),
  'our own class first, each in order');

# A code that the text calls reserved is used nowhere, and the other way round.
my $sources = join '', map { slurp_file($_) } glob("$tree/src/*.cpp $tree/src/*/*.cpp $tree/src/*/*/*.cpp $tree/src/*/*/*/*.cpp $tree/src/*/*.hpp");
my %name_of = reverse slurp_file("$tree/src/core/sqlstate.hpp") =~ /sqlstate_t (\w+) =\s+"([0-9A-Z]{5})"/g;
foreach my $code (@listed)
{
  next if $code eq '40001';  # the server's own
  my ($row) = $table =~ /^(\| `$code` \|.*)$/m;
  my $reserved = $row =~ /this (?:one|version) never raises it/ ? 1 : 0;
  my $used = $sources =~ /sqlstate::$name_of{$code}\b/ ? 1 : 0;
  is($used + $reserved, 1, "$code is " . ($reserved ? 'reserved' : 'raised'));
}

# ---- sessions -----------------------------------------------------------------------------------------------

$node->append_conf('postgresql.conf', "llm_admin.keyring_file = '$keyring_dir/keyring'\ntimezone = 'UTC'\n");
$node->reload;

sub session_holds
{
  my ($file, $least, @psql) = @_;
  my $text = slurp_file("$tree/$file");
  my ($now, $statements) = LlmAdmin::DocSessions::replay($text, @psql);
  cmp_ok($statements, '>=', $least, "$file: its statements were found");
  my @said = split /\n/, $text;
  my @is = split /\n/, $now;
  is_deeply(\@is, \@said, "$file: its sessions give what is printed")
    or diag("Write it anew: scripts/make-docs --sessions $file");
}

session_holds('README.md', 6, psql_for(database('demo')));
my %least = (mapping => 5, 'models-and-access' => 30, usage => 8, limits => 12, calls => 20, gateways => 7, providers => 10, security => 5, tenants => 30, keys => 15, restore => 10, checks => 6);
session_holds("docs/$_.md", $least{$_}, psql_for(database($_, 'CREATE EXTENSION llm_admin', 'SELECT count(*) FROM llm_admin.seed()')))
  foreach sort keys %least;

# ---- statements of docs/deployment.md -----------------------------------------------------------------------

my @statements = slurp_file("$tree/docs/deployment.md") =~ /^```sql\n(.*?)^```$/gms;
cmp_ok(scalar @statements, '>', 3, 'docs/deployment.md: its statements were found');
my $deployed = join '', @statements;
$deployed =~ s{/etc/llm_admin/keyring}{$keyring_dir/keyring};
my ($status, undef, $complaint) = $node->psql(database('deployment', 'CREATE EXTENSION llm_admin'), $deployed);
is("$status $complaint", '0 ', 'docs/deployment.md: its statements run');

# ---- docs/tenants.md: its statements, its model, its list of tables ------------------------------------------

my $page = slurp_file("$tree/docs/tenants.md");
my $moving = join '', $page =~ /^```sql\n(.*?)^```$/gms;
# The table that an application of its own made.
my $own_table = <<'SQL';
CREATE TABLE public.llm_configs (id text NOT NULL, tenant_id text NOT NULL, provider text NOT NULL DEFAULT 'openrouter',
  api_key_encrypted text NOT NULL, base_url text, default_model text, policy text NOT NULL DEFAULT 'choice',
  last_tested_at timestamp(3), last_test_result text, last_test_latency integer,
  created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, updated_at timestamp(3) NOT NULL);
INSERT INTO public.llm_configs (id, tenant_id, api_key_encrypted, updated_at)
VALUES ('1', 'acme', 'kms:abc', '2026-01-02 03:04:05.678');
SQL
my $moved = database('moving', 'CREATE EXTENSION llm_admin', 'SELECT count(*) FROM llm_admin.seed()', $own_table);
($status, undef, $complaint) = $node->psql($moved, $moving);
is("$status $complaint", '0 ', 'docs/tenants.md: its statements run');
is($node->safe_psql($moved, q{SELECT tenant_id, updated_at AT TIME ZONE 'UTC' FROM llm_admin.llm_configs}),
  'acme|2026-01-02 03:04:05.678', 'docs/tenants.md: a row has moved, its time, too');
my ($model) = slurp_file("$tree/test/clients/schema.prisma") =~ /^(model .*?^\}\n)/ms;
cmp_ok(index($page, $model), '>', 0, 'docs/tenants.md: its Prisma model is the one of the tests of clients');
my ($external) = $page =~ /tables: \{ external: \[\n(.*?)\] \}/s;
is(join(' ', $external =~ /'llm_admin\.(\w+)'/g), $node->safe_psql($moved, q{SELECT string_agg(relname::text, ' ' ORDER BY relname::text COLLATE "C")
    FROM pg_class WHERE relnamespace = 'llm_admin'::regnamespace AND relkind IN ('r', 'p') AND relname !~ '_[0-9]{4}_[0-9]{2}$'}),
  'docs/tenants.md: every table is one that Prisma Migrate leaves alone');

# ---- what would be seen -------------------------------------------------------------------------------------

# The replaying itself sees a difference.
my ($replayed) = LlmAdmin::DocSessions::replay("```psql\ndemo=# SELECT 1 AS one;\nnonsense\n```\n", psql_for('postgres'));
is($replayed, "```psql\ndemo=# SELECT 1 AS one;\n one\n-----\n   1\n(1 row)\n```\n", 'output is replaced by what comes out');
($replayed) = LlmAdmin::DocSessions::replay("```psql\ndemo=# SELECT\ndemo-# 1/0;\n```\n", psql_for('postgres'));
is($replayed, "```psql\ndemo=# SELECT\ndemo-# 1/0;\nERROR:  division by zero\n```\n", 'an error too');
($replayed) = LlmAdmin::DocSessions::replay("```psql\ndemo=# BEGIN;\ndemo=*# SET LOCAL work_mem = '2MB';\ndemo=*# SHOW work_mem \\gx\n"
  . "demo=*# SELECT 1/0;\ndemo=!# ROLLBACK;\n```\n", psql_for('postgres'));
is($replayed, "```psql\ndemo=# BEGIN;\nBEGIN\ndemo=*# SET LOCAL work_mem = '2MB';\nSET\ndemo=*# SHOW work_mem \\gx\n-[ RECORD 1 ]-\nwork_mem | 2MB\n\n"
  . "demo=*# SELECT 1/0;\nERROR:  division by zero\ndemo=!# ROLLBACK;\nROLLBACK\n```\n", 'a transaction is one');

# ---- functions ----------------------------------------------------------------------------------------------

my ($printed, $complaints) = ('', '');
{
  local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGUSER => 'postgres', PGDATABASE => database('functions'));
  ok(IPC::Run::run([ "$tree/scripts/make-docs" ], '>', \$printed, '2>', \$complaints), 'scripts/make-docs runs')
    or diag($complaints);
}
my @printed = split /\n/, $printed;
my @checked_in = split /\n/, slurp_file("$tree/docs/functions.md");
is_deeply(\@printed, \@checked_in, 'docs/functions.md is what scripts/make-docs prints')
  or diag('Write it anew: scripts/make-docs > docs/functions.md');
is($node->safe_psql('functions', q{SELECT count(*) FROM pg_extension WHERE extname = 'llm_admin'}), '0',
  'and it leaves nothing behind');
is($node->safe_psql('functions', q{SELECT count(*) FROM pg_roles WHERE rolname LIKE 'llm\_admin\_docs%'}), '0',
  'no role either');

# ---- texts that clients may match ---------------------------------------------------------------------------

# What raises each of them; the table of docs/errors.md must hold just these, with the same SQLSTATE.
my $valid_request = q{'{"version": "1.0", "payload_structure": {"model": "param:model_name", "messages": "param:messages"}}'};
my %statement_for = (
  'Provider <name> does not exist' => q{SELECT llm_admin.switch_active_provider('nobody')},
  'Provider <name> is disabled' => q{SELECT llm_admin.switch_active_provider('chatgpt')},
  'Cannot delete active provider. Switch to another provider first.' =>
    q{DELETE FROM llm_admin.llm_provider_configs WHERE is_active},
  'request_builder_config must contain "version" field' => q{SELECT llm_admin.validate_config('{}', '{}')},
  'request_builder_config must contain "payload_structure" object' =>
    q{SELECT llm_admin.validate_request_builder_config('{"version": "1.0"}')},
  'payload_structure must contain "model" and "messages"' =>
    q{SELECT llm_admin.validate_request_builder_config('{"version": "1.0", "payload_structure": {}}')},
  'response_extractor_config must contain "version" field' =>
    qq{SELECT llm_admin.validate_config($valid_request, '{}')},
  'response_extractor_config must contain "extraction_rules" object' =>
    q{SELECT llm_admin.validate_response_extractor_config('{"version": "1.0"}')},
  'extraction_rules must contain "text_content" and "usage_stats"' =>
    q{SELECT llm_admin.validate_response_extractor_config('{"version": "1.0", "extraction_rules": {}}')},
  'API key is required for initial configuration' => q{SELECT llm_admin.put_llm_config('t', '{"policy": "choice"}')},
  'append-only' => q{DELETE FROM llm_admin.llm_provider_config_history},
  'envelope rejected' => q{SELECT llm_admin.decrypt_key('lma1.' || repeat('A', 100))});

my ($texts) = slurp_file("$tree/docs/errors.md") =~ /^## Texts that clients may match\n(.*?)^## /ms;
my %state_of = $texts =~ /^\| `([^`]+)`[^|]*\| `(\w{5})` \|$/mg;
is_deeply([ sort keys %state_of ], [ sort keys %statement_for ], 'docs/errors.md lists the texts that are tested here');
foreach my $text (sort keys %statement_for)
{
  my (undef, $stdout, $stderr) = $node->psql('mapping', "\\set VERBOSITY verbose\n$statement_for{$text};", on_error_stop => 0);
  my $pattern = join '\w+', map { quotemeta } split /<name>/, $text;
  like($stderr, qr/ERROR:  \Q$state_of{$text}\E: .*$pattern/, "$state_of{$text}: $text");
}

# The server's own 27000, as that page says: one UPDATE that switches several rows on and off.
$node->safe_psql('mapping', q{UPDATE llm_admin.llm_provider_configs SET is_active = false WHERE is_active;
  SELECT llm_admin.switch_active_provider('quill')});
my (undef, undef, $several) = $node->psql('mapping', "\\set VERBOSITY verbose\n"
  . q{UPDATE llm_admin.llm_provider_configs SET is_active = (provider_name = 'groq') WHERE is_enabled;}, on_error_stop => 0);
like($several, qr/ERROR:  27000: tuple to be updated was already modified/, '27000: several rows switched at once');

# ---- figures -------------------------------------------------------------------------------------------------

my $readme = slurp_file("$tree/README.md");
my ($with_figures, $figures) = LlmAdmin::DocSessions::costs($readme, slurp_file("$tree/docs/performance.md"));
my ($cost_table) = $readme =~ /^## What it costs\n.*?^\| ---.*?\n(.*?)\n\n/ms;
is($figures, scalar(split /\n/, $cost_table), 'every row of README.md\'s table of costs is one of docs/performance.md');
is_deeply([ split /\n/, $with_figures ], [ split /\n/, $readme ], 'with the same figures') or diag('Write it anew: scripts/make-docs --costs');

# ---- tests that docs/security.md names are there ---------------------------------------------------------------

my %named = map { $_ => 1 } slurp_file("$tree/docs/security.md") =~ /`(\d{3}_\w+)`/g;
my @missing = grep { !-e "$tree/test/t/$_.pl" } sort keys %named;
is("@missing", '', 'docs/security.md: each test it names is there');

# ---- links lead somewhere -----------------------------------------------------------------------------------

# The names that the headings of a document get, as the site makes them of their words.
my %anchors_of;
sub anchors
{
  my ($file) = @_;
  return $anchors_of{$file} //= do
  {
    (my $text = slurp_file($file)) =~ s/^```.*?^```//msg;
    my (%seen, %anchor);
    foreach my $words ($text =~ /^#+ +(.*?) *$/mg)
    {
      (my $name = lc $words) =~ s/[^\w\- ]//g;
      $name =~ tr/ /-/;
      $anchor{ $seen{$name}++ ? "$name-" . ($seen{$name} - 1) : $name } = 1;
    }
    \%anchor;
  };
}

foreach my $file ('README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', map { s{^\Q$tree\E/}{}r } glob("$tree/docs/*.md"))
{
  my $folder = $file =~ m{^(.*/)} ? $1 : '';
  my @links = slurp_file("$tree/$file") =~ /\]\(([^)#:]+)(?:#[^)]*)?\)/g;
  my @dead = grep { !-e "$tree/$folder$_" } @links;
  is("@dead", '', "$file: every link leads to a file");
  my @lost;
  (my $text = slurp_file("$tree/$file")) =~ s/^```.*?^```//msg;
  while ($text =~ /\]\(([^)#:]*)#([^)]+)\)/g)
  {
    my ($page, $anchor) = ($1, $2);
    my $where = $page eq '' ? "$tree/$file" : "$tree/$folder$page";
    push @lost, "$page#$anchor" if -e $where && !anchors($where)->{$anchor};
  }
  is("@lost", '', "$file: every link to a heading finds it");
}

done_testing();
