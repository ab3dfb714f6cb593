# What takes long inside one call ends when the statement is cancelled, timed out or terminated. Where the polls are is
# counted by the unit tests; here, that the server's reach the core, and one loose look at a clock.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Session qw(new_node failure);
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

# Bounds that let everything through, so that it is the cancel that ends it.
my $node = new_node('cancel_in_core', settings => <<'CONF');
llm_admin.max_output_bytes = 512MB
llm_admin.mapping_cache_size = 1GB
CONF

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE answers AS SELECT jsonb_build_object('choices', jsonb_build_array(jsonb_build_object('message',
  jsonb_build_object('tool_calls', jsonb_build_array(jsonb_build_object('id', '1', 'type', 'function', 'function',
  jsonb_build_object('name', 'f', 'arguments', '[' || repeat('1,', 4000000) || '1]'))))))) AS j;
CREATE TABLE bodies AS SELECT repeat(E'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n', 200000) AS b;
CREATE TABLE configs AS SELECT jsonb_build_object('version', '1.1', 'defs', jsonb_build_object(
    'b', jsonb_build_object('format', repeat('x', 30000)),
    'L', jsonb_build_object('fields', (SELECT jsonb_object_agg(i::text, '{"use": "b", "default": 1}'::jsonb)
                                       FROM generate_series(1, 60) i))),
  'payload_structure', '{"model": {"source": "param:model_name"}, "messages": {"source": "param:messages"}}'::jsonb ||
    (SELECT jsonb_object_agg('k' || i, '{"use": "L", "omit_empty": true}'::jsonb) FROM generate_series(1, 60) i)) AS c;
SQL

my %calls = (
  'json_decode of an answer' => "SELECT llm_admin.extract_response(j, 'chatgpt') FROM answers",
  'a stream' => "SELECT llm_admin.extract_stream(b, 'chatgpt') FROM bodies",
  'compiling' => 'SELECT llm_admin.validate_request_builder_config(c) FROM configs');

foreach my $what (sort keys %calls)
{
  # As often as it takes: the call is at work when the signal comes.
  my $statement = "SELECT count(*) FROM generate_series(1, 100000) i, LATERAL (SELECT ($calls{$what} WHERE i > 0)) x (y) WHERE y IS NOT NULL";
  foreach my $how ([ 'pg_cancel_backend', '57014' ], [ 'pg_terminate_backend', '57P01' ])
  {
    my ($function, $state) = @$how;
    my $session = LlmAdmin::Session->new($node);
    $session->send($statement);
    $node->poll_query_until('postgres',
      "SELECT state = 'active' AND query LIKE '%generate_series(1, 100000)%' FROM pg_stat_activity WHERE pid = " . $session->pid)
      or die 'it never began';
    $node->safe_psql('postgres', "SELECT $function(" . $session->pid . ')');
    my (undef, $stderr) = $session->answer;
    is((failure($stderr) // {})->{state}, $state, "$what, $function");
  }
  my $session = LlmAdmin::Session->new($node);
  my (undef, $stderr) = $session->ask("SET statement_timeout = '50ms'; $statement");
  is((failure($stderr) // {})->{state}, '57014', "$what, statement_timeout");
  is(($session->ask("RESET statement_timeout; SELECT 'lives'"))[0], 'lives', "$what: the session lives");
}

# One call alone, and the clock: two seconds after its time it is back.
my $session = LlmAdmin::Session->new($node);
$session->ask('SELECT 1');
my $began = time;
$session->ask("SET statement_timeout = '300ms'; $calls{'json_decode of an answer'}");
cmp_ok(time - $began, '<', 2.3, 'a call that is over its time comes back within two seconds');

done_testing();
