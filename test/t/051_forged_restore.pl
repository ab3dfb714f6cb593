# What tells a restore apart, pg_dump's settings made by the session and roles that may act as the owner, is no way around the history
# for anybody else. An operator forges all the settings, also through functions of the owner's and SET ROLE: every
# change is recorded and validated as always.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Session qw(new_node);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('forged');
my $configs = 'llm_admin.llm_provider_configs';
my $history = 'llm_admin.llm_provider_config_history';
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE second_admin SUPERUSER LOGIN;
CREATE ROLE desk LOGIN;
CREATE ROLE trainee LOGIN NOINHERIT IN ROLE desk;
SELECT llm_admin.grant_access('desk', 'operator');
SELECT llm_admin.set_provider_key('groq', 'sk-forged-0123456789');
SELECT llm_admin.create_provider('Odd', 'https://odd.example.com/v1', 'm'),
  llm_admin.create_provider('Kms', 'https://kms.example.com/v1', 'm');
SELECT llm_admin.put_llm_config('acme', '{"provider": "groq", "apiKey": "sk-forged-acme-0123456789"}');
CREATE SCHEMA tricks;
GRANT USAGE ON SCHEMA tricks TO desk, trainee;
CREATE FUNCTION tricks.run(sql text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
AS 'BEGIN EXECUTE sql; END';
CREATE FUNCTION tricks.run_as_restore(sql text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' SET check_function_bodies = off SET client_min_messages = warning SET row_security = off
AS 'BEGIN EXECUTE sql; END';
SQL

# Runs a script, goes on after errors; returns output, stderr.
sub session
{
  my ($user, $sql) = @_;
  my ($stdout, $stderr);
  $node->psql(
    'postgres', "\\set VERBOSITY verbose\n$sql", stdout => \$stdout, stderr => \$stderr,
    on_error_stop => 0, extra_params => [ '-U', $user ]);
  return ($stdout, $stderr);
}

# pg_dump's own prologue; set_config leaves search_path truly empty, SET leaves an empty name in it.
my $prologue = <<'SQL';
SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = off;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SQL
my $forged = <<'SQL';
INSERT INTO llm_admin.llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template,
  request_builder_config, response_extractor_config, default_model, is_active)
SELECT 'planted', 'Planted', 'https://planted.example.com', '/x', request_builder_config, response_extractor_config, 'm', true
FROM llm_admin.llm_provider_configs WHERE provider_name OPERATOR(pg_catalog.=) 'odd';
UPDATE llm_admin.llm_provider_configs SET display_name = 'Forged' WHERE provider_name OPERATOR(pg_catalog.=) 'odd';
UPDATE llm_admin.llm_provider_configs SET is_active = true WHERE provider_name OPERATOR(pg_catalog.=) 'kms';
DELETE FROM llm_admin.llm_provider_configs WHERE provider_name OPERATOR(pg_catalog.=) 'planted';
SQL
my $traces = 'activated,created,deactivated,deactivated,deleted,updated';
my $refused = <<'SQL';
INSERT INTO llm_admin.llm_provider_configs (provider_name, display_name, base_url, endpoint_path_template,
  request_builder_config, response_extractor_config, default_model) VALUES ('raw', 'Raw', 'http://evil.example.com', '/x', '{}', '{}', 'm');
UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = 'sk-plain-text' WHERE provider_name OPERATOR(pg_catalog.=) 'odd';
UPDATE llm_admin.llm_provider_configs SET base_url = 'https://evil.example.com' WHERE provider_name OPERATOR(pg_catalog.=) 'groq';
DELETE FROM llm_admin.llm_provider_configs WHERE is_active;
SQL
my $refusals = 'LA001 LA001 LA001 55006';

# Runs the forgery in a transaction that is taken back; returns the actions that the history saw, and errors.
sub forge
{
  my ($user, $before, $work) = @_;
  my ($out, $stderr) = session($user, <<"SQL");
\\o /dev/null
$prologue
\\o
$before
\\set ON_ERROR_ROLLBACK on
BEGIN;
CREATE TEMP TABLE seen AS SELECT id FROM $history;
$work
RESET check_function_bodies; RESET row_security; RESET search_path;
SELECT 'saw ' || string_agg(action, ',' ORDER BY action) FROM $history WHERE id NOT IN (SELECT id FROM seen);
SELECT 'active ' || string_agg(provider_name, ',') FROM $configs WHERE is_active;
ROLLBACK;
SQL
  return ($out, $stderr);
}

sub recorded
{
  my ($what, $user, $before, $wrap) = @_;
  my ($out, $stderr) = forge($user, $before, $wrap->($forged));
  is($out =~ /^saw (.*)$/m ? $1 : $stderr, $traces, "$what: every change is in the history");
  like($out, qr/^active kms$/m, "$what: one provider is active");
  is($stderr, '', "$what: nothing else is said");
  my @each = map { $wrap->("$_;") } split /;\n/, $refused;
  (undef, $stderr) = forge($user, $before, join "\n", @each);
  is(join(' ', $stderr =~ /ERROR:  (\w+):/g), $refusals, "$what: what is wrong is refused");
  return;
}

my $as_it_is = sub { return $_[0] };
my $through = sub {
  my ($function) = @_;
  return sub { return "DO \$do\$ BEGIN PERFORM tricks.$function(\$sql\$$_[0]\$sql\$); END \$do\$;" };
};

# First the instrument: the owner's side with these settings is a restore, and leaves no trace.
my ($out, $quiet) =
  forge('second_admin', '',
  $forged =~ s/, true\n/, false\n/r =~ s/^.*is_active = true.*\n//mr
    . "RESET client_min_messages; SELECT 'is ' || display_name FROM $configs WHERE provider_name OPERATOR(pg_catalog.=) 'odd';"
  );
like("$out$quiet", qr/^is Forged$/m, 'a superuser with these settings makes the same changes');
unlike($out, qr/^saw /m, 'and is taken for a restore: no trace');

recorded('operator', 'desk', '', $as_it_is);
recorded('operator through a definer function', 'desk', '', $through->('run'));
recorded('operator through a definer function with the settings', 'desk', '', $through->('run_as_restore'));
recorded('member of an operator, SET ROLE', 'trainee', 'SET ROLE desk;', $as_it_is);
recorded('superuser acting as an operator', 'second_admin', 'SET ROLE desk;', $as_it_is);
recorded('superuser who became an operator', 'second_admin', 'SET SESSION AUTHORIZATION desk;', $as_it_is);
recorded('operator with SET search_path', 'desk', "SET search_path = '';", $as_it_is);

my (undef, $role) = session('desk', "SET ROLE second_admin;\nSET SESSION AUTHORIZATION second_admin;\n"
    . "SET session_replication_role = replica;\nALTER TABLE $configs DISABLE TRIGGER ALL;\nTRUNCATE $history;");
is(join(' ', $role =~ /ERROR:  (\w+):/g), '42501 42501 42501 42501 42501',
  'an operator cannot become more, nor silence the triggers');

# Emptying the table leaves a row for each provider that was in it.
my $rows = $node->safe_psql('postgres', "SELECT count(*) FROM $configs");
my ($count) = forge('desk', '', "UPDATE $configs SET is_active = false WHERE is_active;\nTRUNCATE $configs;");
is($count =~ /^saw (.*)$/m ? $1 : $count, join(',', 'deactivated', ('deleted') x $rows),
  'TRUNCATE is in the history, row by row');

# Append-only holds for the owner too, also where triggers are told to be quiet for replication.
(undef, my $kept) =
  session('second_admin', "SET session_replication_role = replica;\nUPDATE $history SET action = 'updated';\n"
    . "DELETE FROM $history;\nTRUNCATE $history;");
is(join(' ', $kept =~ /ERROR:  (\w+):/g), 'LA020 LA020 LA020',
  'history stays as it is under session_replication_role = replica');

# ---- tenants -----------------------------------------------------------------------------------------------

# With row_security off the server refuses what a policy would filter; a definer function of the owner's sees all
# tenants, and there every row is checked as always.
my @tenants = split /(?<=;)\n/, <<'SQL';
INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted) VALUES ('raw', 'groq', 'sk-plain-text');
UPDATE llm_admin.llm_configs SET api_key_encrypted = 'sk-plain-text' WHERE tenant_id OPERATOR(pg_catalog.=) 'acme';
UPDATE llm_admin.llm_configs SET base_url = 'https://evil.example.com' WHERE tenant_id OPERATOR(pg_catalog.=) 'acme';
UPDATE llm_admin.llm_configs SET provider = 'odd' WHERE tenant_id OPERATOR(pg_catalog.=) 'acme';
UPDATE llm_admin.llm_configs SET policy = 'none' WHERE tenant_id OPERATOR(pg_catalog.=) 'acme';
SQL

# Runs them one by one in a transaction that is taken back; returns what then stands there, and the SQLSTATEs.
sub forge_tenants
{
  my ($user, $before, $wrap) = @_;
  my $work = join "\n", map { $wrap->($_) } @tenants;
  my ($out, $stderr) = session($user, <<"SQL");
\\o /dev/null
$prologue
$before
\\set ON_ERROR_ROLLBACK on
BEGIN;
SELECT llm_admin.enter_tenant('acme');
$work
RESET check_function_bodies; RESET row_security; RESET search_path;
\\o
SELECT tenant_id, provider, base_url, policy, api_key_encrypted LIKE 'lma1.%' FROM llm_admin.llm_configs;
ROLLBACK;
SQL
  return ($out, join ' ', $stderr =~ /ERROR:  (\w+):/g);
}

my $untouched = 'acme|groq||choice|t';
my $checked = 'LA001 LA001 LA001 LA001 LA001';
my $filtered = '42501 42501 42501 42501 42501';
is_deeply([ forge_tenants('second_admin', '', sub { return $_[0] =~ /INSERT/ ? $_[0] =~ s/'sk-plain-text'/'kms:x'/r =~ s/'groq'/'unknown'/r : '' }) ],
  [ "$untouched\nraw|unknown||choice|f", '' ], 'tenants: a superuser with these settings is taken for a restore');
is_deeply([ forge_tenants('second_admin', '', sub { return $_[0] =~ /sk-plain-text/ ? $_[0] : '' }) ], [ $untouched, 'LA001 LA001' ],
  'tenants: a raw key is refused in a restore too');
foreach my $case (
  [ 'operator', 'desk', '', $as_it_is, $filtered ],
  [ 'operator without row_security off', 'desk', 'SET row_security = on;', $as_it_is, $checked ],
  [ 'operator through a definer function', 'desk', '', $through->('run'), $checked ],
  [ 'operator through a definer function with the settings', 'desk', '', $through->('run_as_restore'), $checked ],
  [ 'member of an operator, SET ROLE', 'trainee', 'SET ROLE desk;', $as_it_is, $filtered ],
  [ 'superuser acting as an operator', 'second_admin', 'SET ROLE desk;', $through->('run'), $checked ])
{
  my ($what, $user, $before, $wrap, $states) = @$case;
  is_deeply([ forge_tenants($user, $before, $wrap) ], [ $untouched, $states ], "tenants: $what: what is wrong is refused");
}

$node->stop;
done_testing();
