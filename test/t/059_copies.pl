# Copies of a database get an identity of their own: one by TEMPLATE, one from a base backup. Envelopes of the original
# open in neither then, and the other way round; the original stays as it is; sessions that are open, and rows in
# thousands, are no trouble. What happens beside other sessions is in test/isolation, and at a kill in 036_rotation_kills.pl.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use LlmAdmin::Session qw(new_node new_keyring write_file failure);

my %root = map { $_ => join '', map { sprintf '%02x', int rand 256 } 1 .. 32 } 1 .. 2;
my $ring = new_keyring(1, $root{1});
append_to_file($ring, "2:$root{2}\n");
my $node = new_node('copies', keyring => $ring, streaming => 1);
my $tenants = 3000;
$node->safe_psql('postgres', <<"SQL");
SELECT llm_admin.set_provider_key('groq', 'gsk-of-the-platform-0123456789');
SELECT llm_admin.put_llm_config('t' || n, jsonb_build_object('provider', 'openrouter', 'apiKey', 'sk-or-' || n || '-0123456789abcdef'))
FROM generate_series(1, $tenants) AS n;
SELECT llm_admin.rotate_data_key('t1'), llm_admin.rotate_data_key();
SQL

my $opening = <<'SQL';
SELECT count(*) + (llm_admin.decrypt_provider_key('groq') = 'gsk-of-the-platform-0123456789')::int
FROM llm_admin.llm_configs WHERE llm_admin.decrypt_tenant_key(tenant_id) = 'sk-or-' || substr(tenant_id, 2) || '-0123456789abcdef'
SQL
my $all = $tenants + 1;
my $everything = <<'SQL';
SELECT md5(string_agg(r, chr(10) ORDER BY r)) FROM (
  SELECT c::text AS r FROM llm_admin.llm_configs c UNION ALL SELECT p::text FROM llm_admin.llm_provider_configs p
  UNION ALL SELECT h::text FROM llm_admin.llm_provider_config_history h UNION ALL SELECT d::text FROM llm_admin.data_keys d
  UNION ALL SELECT k::text FROM llm_admin.root_keys k) AS s
SQL
(my $but_envelopes = $everything) =~ s/SELECT ([cp])::text/SELECT (to_jsonb($1) - 'api_key_encrypted')::text/g;
$but_envelopes =~ s/ UNION ALL SELECT d::text.*?root_keys k//s;
my $anew = 'SELECT string_agg(value, $$ $$) FROM llm_admin.new_installation() WHERE item ~ $$data keys|sealed anew$$';
my $told = join ' ', $tenants + 1, $tenants + 3, 1, 0, $tenants;  # no account has a key
my $envelopes = q{SELECT tenant_id || ' ' || api_key_encrypted FROM llm_admin.llm_configs WHERE tenant_id IN ('t1', 't2')
  UNION ALL SELECT provider_name || ' ' || api_key_encrypted FROM llm_admin.llm_provider_configs WHERE provider_name = 'groq'};

# Each envelope of one installation put into its own row of the other: refused, and stored past the triggers it opens not.
sub strangers
{
  my ($what, $to, $database, $from) = @_;
  foreach my $line (split /\n/, $from)
  {
    my ($name, $envelope) = split / /, $line;
    my ($table, $column, $open) = $name eq 'groq' ? qw(llm_provider_configs provider_name decrypt_provider_key)
      : qw(llm_configs tenant_id decrypt_tenant_key);
    my $store = "UPDATE llm_admin.$table SET api_key_encrypted = '$envelope' WHERE $column = '$name'";
    my (undef, undef, $stored) = $to->psql($database, "\\set VERBOSITY verbose\n$store");
    is((failure($stored) // { state => 'stored' })->{state}, 'LA031', "$what: the envelope of $name goes into no row");
    my (undef, undef, $opened) = $to->psql($database, "\\set VERBOSITY verbose\nBEGIN; SET LOCAL session_replication_role = replica; $store; SELECT llm_admin.$open('$name')");
    is((failure($opened) // { state => 'opened' })->{state}, 'LA031', "$what: nor does it open in one");
  }
  return;
}

# ---- by TEMPLATE ---------------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres' AND pid <> pg_backend_pid()});
$node->safe_psql('template1', 'CREATE DATABASE copy TEMPLATE postgres');
my $before = $node->safe_psql('postgres', $everything);
my $of_copy = $node->safe_psql('copy', $but_envelopes);
my $warm = LlmAdmin::Session->new($node, 'copy');
is($warm->ask($opening), $all, 'a copy opens everything, as the same installation');
is($node->safe_psql('copy', $anew), $told, 'it becomes another one: everything is sealed anew');
is($warm->ask($opening), $all, 'a session that has the old data keys opens everything');
is($node->safe_psql('copy', $opening), $all, 'a new one, too');
is($node->safe_psql('copy', $but_envelopes), $of_copy, 'nothing but envelopes has changed: no time, no version, no history');
is($node->safe_psql('postgres', $everything), $before, 'the original is as it was');
is($node->safe_psql('postgres', $opening), $all, 'and opens everything');
strangers('of the original in the copy', $node, 'copy', $node->safe_psql('postgres', $envelopes));
strangers('of the copy in the original', $node, 'postgres', $node->safe_psql('copy', $envelopes));
is($node->safe_psql('copy', 'SELECT ok, wrong_key, tampered, opaque FROM llm_admin.verify_keys()'), "$all|0|0|0", 'verify_keys says so');
is($node->safe_psql('copy', 'SELECT count(*), min(version), max(version) FROM llm_admin.data_keys'), "$all|1|1", 'one data key for each, as in a new database');
$warm->quit;
# Shredded in the one, a tenant's key still opens in the other.
$node->safe_psql('copy', q{SELECT * FROM llm_admin.shred_tenant_keys('t1')});
is($node->safe_psql('postgres', q{SELECT llm_admin.decrypt_tenant_key('t1')}), 'sk-or-1-0123456789abcdef', 'they are apart');

# ---- from a base backup, with a keyring of its own -----------------------------------------------------------

$node->backup('base');
my $copy = PostgreSQL::Test::Cluster->new('copy_of_backup');
$copy->init_from_backup($node, 'base');
my $own = new_keyring(3);
append_to_file($own, "1:$root{1}\n");
$copy->append_conf('postgresql.conf', "llm_admin.keyring_file = '$own'\n");
$copy->start;
is($copy->safe_psql('postgres', $opening), $all, 'a base backup opens everything');
is($copy->safe_psql('postgres', 'SELECT rewrapped > 0 FROM llm_admin.rotate_root_key(3)'), 't', 'its data keys are wrapped by a root key of its own');
is($copy->safe_psql('postgres', $anew), $told, 'and then it becomes another installation');
write_file($own, slurp_file($own) =~ s/^1:.*\n//mr);
$copy->restart;
is($copy->safe_psql('postgres', $opening), $all, 'it needs nothing of the first one\'s keyring any more');
strangers('of the original in the backup', $copy, 'postgres', $node->safe_psql('postgres', $envelopes));

# ---- what does not open --------------------------------------------------------------------------------------

# The root key of the original is not in the keyring: nothing is changed, and the error says which one is missing.
$node->safe_psql('template1', 'CREATE DATABASE locked TEMPLATE copy');
write_file($ring, "2:$root{2}\n");
$node->restart;
my $locked = $node->safe_psql('locked', $everything);
my (undef, undef, $stderr) = $node->psql('locked', "\\set VERBOSITY verbose\nSELECT * FROM llm_admin.new_installation()");
my $refused = failure($stderr);
is($refused->{state}, 'LA030', 'without the root key it is LA030');
like("$refused->{message} $refused->{detail}", qr/\b1\b/, 'which names the root key');
is($node->safe_psql('locked', $everything), $locked, 'and nothing has changed');
write_file($ring, "1:$root{1}:active\n2:$root{2}\n");
$node->restart;
is($node->safe_psql('locked', 'SELECT count(*) > 5 FROM llm_admin.new_installation()'), 't', 'with it the same call works');

# ---- memory --------------------------------------------------------------------------------------------------

# What the backend holds afterwards does not grow with the rows: all of it is what its caches may hold.
my $session = LlmAdmin::Session->new($node, 'postgres');
$session->ask('SELECT count(*) FROM llm_admin.new_installation()');
my $held = $session->ask('SELECT sum(total_bytes) FROM pg_backend_memory_contexts');
$session->ask('SELECT count(*) FROM llm_admin.new_installation()') foreach 1 .. 3;
cmp_ok($session->ask('SELECT sum(total_bytes) FROM pg_backend_memory_contexts') - $held, '<', 500_000, 'no memory is left behind');
is($session->ask($opening), $all, 'and every key opens');
$session->quit;

done_testing();
