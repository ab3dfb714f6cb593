# What goes through all keys or all tenants uses as much memory for 100,000 of them as for one: the private memory of the
# backend is looked at while each function runs in a database that has one and in one that has all, where it may rise by so
# much more only.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use LlmAdmin::Session qw(new_node);

plan skip_all => 'the memory of a process is read from /proc' unless -r '/proc/self/status';
plan skip_all => 'pgcrypto is not installed' if system("test -e \$(pg_config --sharedir)/extension/pgcrypto.control") != 0;

my ($sealed, $pgcrypto, $foreign) = (20_000, 10_000, 70_000);
my $all = $sealed + $pgcrypto + $foreign;
my $most = 6 * 1024;    # kB more than with one tenant: a sort within work_mem

my $node = new_node('flat_memory', settings => "max_parallel_workers = 0\njit = off\n");

sub value { return $node->safe_psql('postgres', $_[0]) }

# Private memory of a backend, in kB.
sub memory_of
{
  my ($pid) = @_;
  my ($memory) = slurp_file("/proc/$pid/status") =~ /^RssAnon:\s+(\d+) kB/m or die 'no RssAnon';
  return $memory;
}

value(<<"SQL");
CREATE EXTENSION pgcrypto;
SELECT llm_admin.set_provider_key('groq', 'gsk-of-the-platform-0123456789');
SELECT count(llm_admin.put_llm_config('s' || n, jsonb_build_object('provider', 'groq', 'apiKey', 'gsk-' || n || '-0123456789abcdef')))
FROM generate_series(1, $sealed) AS n;
INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted)
SELECT 'f' || n, 'groq', 'kms:' || n FROM generate_series(1, $foreign) AS n;
INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted)
SELECT 'p' || n, 'groq', value
FROM pgp_sym_encrypt('gsk-of-pgcrypto-0123456789', 'secret', 's2k-mode=0') AS value, generate_series(1, $pgcrypto) AS n;
SELECT count(llm_admin.rotate_data_key('s' || n)) FROM generate_series(1, $sealed) AS n;
SQL
is(value('SELECT count(*) FROM llm_admin.llm_configs'), $all, "$all tenants");

# A database with one tenant: what a function loads once, whatever the rows, is measured there.
value('CREATE DATABASE one');
$node->safe_psql('one', q{CREATE EXTENSION pgcrypto; CREATE EXTENSION llm_admin; SELECT llm_admin.seed();
  SELECT llm_admin.set_provider_key('groq', 'gsk-of-the-platform-0123456789');
  SELECT llm_admin.put_llm_config('s1', '{"provider": "groq", "apiKey": "gsk-1-0123456789abcdef"}')});

# Runs it in a session of its own, which is called for one tenant first; by how much memory rose at its peak, in kB, and what
# the statement gave.
sub rise
{
  my ($database, $sql) = @_;
  my $session = LlmAdmin::Session->new($node, $database);
  $session->ask(q{SELECT llm_admin.decrypt_tenant_key('s1'); SELECT count(*) FROM llm_admin.list_providers()});
  my $pid = $session->pid;
  my $start = memory_of($pid);
  my $peak = $start;
  $session->send("$sql; SELECT 'and that is all'");
  until ($session->has_answered)
  {
    my $now = memory_of($pid);
    $peak = $now if $now > $peak;
    usleep(2000);
  }
  my ($out, $err) = $session->answer;
  my $end = memory_of($pid);
  $session->quit;
  $peak = $end if $end > $peak;
  return ($peak - $start, $out, $err);
}

sub is_flat
{
  my ($name, $sql, $answer) = @_;
  my ($with_one) = rise('one', $sql);
  my ($with_all, $out, $err) = rise('postgres', $sql);
  is($err, '', "$name: no error");
  is($out, "$answer\nand that is all", "$name: its answer");
  cmp_ok($with_all, '<', $with_one + $most, "$name: private memory rises by less than $most kB more than with one tenant");
  note "$name: $with_one kB with one, $with_all kB with all";
  return;
}

is_flat('verify_keys', 'SELECT * FROM llm_admin.verify_keys()', ($sealed + 1) . '|0|0|' . ($pgcrypto + $foreign));
is_flat('verify_keys of a sample', 'SELECT ok + wrong_key + tampered + opaque FROM llm_admin.verify_keys(50000)', 50_001);
is_flat('key_status', q{SELECT value FROM llm_admin.key_status() WHERE item ~ '^keys sealed by an older|^keys in env|^keys of pg'},
  join "\n", $sealed, $sealed + 1, $pgcrypto);
is_flat('list_llm_configs', q{SELECT count(*), count(*) FILTER (WHERE key_state = 'sealed') FROM llm_admin.list_llm_configs()}, "$all|$sealed");
is_flat('verify_llm_configs', q{SELECT detail FROM llm_admin.verify_llm_configs() WHERE item = 'configurations'}, $all);
is_flat('reseal_keys', 'SELECT * FROM llm_admin.reseal_keys(1000000)', "$sealed|0|0");
is_flat('adopt_pgcrypto_keys', q{SELECT outcome, count(*) FROM llm_admin.adopt_pgcrypto_keys('secret') GROUP BY 1}, "adopted|$pgcrypto");

# Data keys that are gone: told by name, not by trying.
value(q{DELETE FROM llm_admin.data_keys WHERE tenant_id LIKE 's%'});
is_flat('verify_keys without data keys', 'SELECT * FROM llm_admin.verify_keys()', ($pgcrypto + 1) . "|$sealed|0|$foreign");
is_flat('key_status without data keys',
  q{SELECT value FROM llm_admin.key_status() WHERE item = 'keys sealed by a data key that is not here'}, $sealed);

# Many providers, each with a mapping that is compiled to be listed.
value(<<'SQL');
SELECT count(llm_admin.create_provider('P ' || n, 'https://p' || n || '.example.com', 'm', 'p' || n, api_key => 'key-of-provider-0123456789-' || n))
FROM generate_series(1, 3000) AS n;
SQL
is_flat('list_providers', q{SELECT count(*) FROM llm_admin.list_providers() WHERE provider_name ~ '^p[0-9]+$' AND config_status = 'ready'}, 3000);
is_flat('provider_history', q{SELECT count(*) FROM llm_admin.provider_history() WHERE provider_name ~ '^p[0-9]+$'}, 3000);

done_testing();
