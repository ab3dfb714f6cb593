# Operators and functions planted in the session's search_path never stand in for those of our own statements, which
# run with the owner's rights: every function that a level may call is called with a path full of them.
use strict;
use warnings;

use LlmAdmin::Session qw(new_node);
use LlmAdmin::Wire;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('planted');
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE service LOGIN; CREATE ROLE clerk LOGIN; CREATE ROLE officer LOGIN; CREATE ROLE checker LOGIN;
SELECT llm_admin.grant_access(role, level) FROM (VALUES ('service'::regrole, 'app'), ('clerk', 'operator'),
  ('officer', 'security'), ('checker', 'auditor')) AS v(role, level);
SELECT llm_admin.put_llm_config('a', '{"apiKey": "KEY-a-0123456789-0123", "provider": "groq"}');
SQL
my $envelope = $node->safe_psql('postgres', 'SELECT api_key_encrypted FROM llm_admin.llm_configs');
my $params = q('{"messages": [{"role": "user", "content": "Hi"}]}');
$node->safe_psql('postgres', <<'SQL');
CREATE SCHEMA planted;
GRANT USAGE ON SCHEMA planted TO PUBLIC;
DO $$
DECLARE t text[]; o text;
BEGIN
  FOREACH t SLICE 1 IN ARRAY '{{text,text},{name,name},{name,text},{text,name},{varchar,varchar},{int2,int2},{int4,int4},{int8,int8},{int2,int4},{int8,int4},
    {bool,bool},{oid,oid},{"\"char\"","\"char\""},{uuid,uuid},{regclass,regclass},{timestamptz,timestamptz}}'::text[] LOOP
    EXECUTE format('CREATE FUNCTION planted.f(%s, %s) RETURNS bool LANGUAGE plpgsql AS $f$ BEGIN RAISE ''planted, as %%'', current_user; END $f$', t[1], t[2]);
    FOREACH o IN ARRAY '{=,<>,<,>,<=,>=,~~,~,!~~,||}'::text[] LOOP
      EXECUTE format('CREATE OPERATOR planted.%s (FUNCTION = planted.f, LEFTARG = %s, RIGHTARG = %s)', o, t[1], t[2]);
    END LOOP;
  END LOOP;
END $$;
SQL
my %calls = (
  service => [
    q{get_llm_config('a')}, q{put_llm_config('a', '{"policy": "choice"}')},
    q{record_llm_test('a', false, 1, 'x')}, q{resolve_llm('a', 'byollm')},
    "build_tenant_request('a', $params, 'byollm', true)", q{decrypt_tenant_key('a')},
    q{enter_tenant('a')}, 'entered_tenant()',
    q{delete_llm_config('c')} ],
  clerk => [
    'list_llm_configs()', 'verify_llm_configs()',
    q{put_llm_config('c', '{"apiKey": "KEY-c-0123456789-0123"}')}, q{adopt_pgcrypto_keys('x')},
    "key_fingerprint('$envelope')", q{encrypt_key('x')},
    q{set_provider_key('groq', 'KEY-groq-0123456789-0123')}, 'list_providers()',
    'provider_history()', 'seed()',
    'remove_seed_providers()', 'seed()',
    q{switch_active_provider('groq')} ],
  officer => [
    'rotate_root_key(1)', 'rotate_data_key()', q{rotate_data_key('a')}, 'reseal_keys()',
    'verify_keys()', 'key_status()', q{shred_tenant_keys('c')}, 'list_llm_configs()',
    'new_installation()' ],
  checker => [ 'migration_status()', 'missing_access()', 'schema_stats()', 'list_llm_configs()', 'key_status()', 'list_providers()', 'mapping_cache_stats()' ]);

foreach my $role (sort keys %calls)
{
  my $client = LlmAdmin::Wire->new($node, 'postgres', $role);
  is($client->run('SET search_path = planted, pg_catalog')->{error}, undef, "$role: planted");
  foreach my $call (@{ $calls{$role} })
  {
    my $answer = $client->run("SELECT * FROM llm_admin.$call");
    is($answer->{error} && "$answer->{error}{C} $answer->{error}{M}", undef, "$role: $call runs none of them");
  }
  is(
    $client->run(q{SELECT 'x'::text = 'x'::text})->{error}{M},
    "planted, as $role",
    "$role: which do run in a statement of its own");
  $client->finish;
}
$node->stop;
done_testing();
