# What the tests of calls share: a server with a provider that can be called, and calls in short.
#
#   my $node = LlmAdmin::Calls::new_node('name');   # chatgpt is active, gpt-4o and gpt-4o-mini have a price
#   SELECT begun('ann')                             # the call_id, also with options and max_tokens
#   SELECT begun('ann', '{"request_id": "r"}', 500)
#   SELECT finished(call_id)                        # "recorded 0.00004 priced none": 8 tokens in, 2 out
#   SELECT finished(call_id, 2, '{"receipt": ...}')
#   SELECT held('ann')                              # what is reserved of limits for that subject
#   LlmAdmin::Calls::after_deadline($node)          # all open calls end, by a clock that is two days ahead
package LlmAdmin::Calls;

use strict;
use warnings;

use LlmAdmin::Session;
use PostgreSQL::Test::Utils;

our $question = '{"model": "gpt-4o", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}';

sub new_node
{
  my ($name, %options) = @_;
  my $node = LlmAdmin::Session::new_node($name, %options);
  $node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION llm_admin_test;
SELECT llm_admin.set_provider_key('chatgpt', 'sk-of-the-platform-0123456789');
UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'chatgpt';
SELECT llm_admin.switch_active_provider('chatgpt');
SELECT llm_admin.set_model_price('openai/gpt-4o', '{"input": 0.0025, "output": 0.01}', '2020-01-01');
SELECT llm_admin.set_model_price('openai/gpt-4o-mini', '{"input": 0.00015, "output": 0.0006}', '2020-01-01');
CREATE FUNCTION begun(who text, options jsonb DEFAULT '{}', most int DEFAULT 100, OUT call_id uuid, OUT receipt text) LANGUAGE sql AS $$
  SELECT b.call_id, b.receipt
  FROM llm_admin.begin_call(json_build_object('model', 'gpt-4o', 'max_tokens', most, 'messages',
    json_build_array(json_build_object('role', 'user', 'content', 'hi'))), who, options => options) b $$;
CREATE FUNCTION finished(id uuid, tokens int DEFAULT 2, options jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', CASE WHEN duplicate THEN 'duplicate' ELSE 'recorded' END, cost_usd, cost_status, next)
  FROM llm_admin.finish_call(id, json_build_object('model', 'gpt-4o', 'choices', json_build_array(json_build_object('finish_reason', 'stop',
    'message', json_build_object('content', 'Hi!'))), 'usage', json_build_object('prompt_tokens', 8, 'completion_tokens', tokens))::text,
    200, 100, options) $$;
CREATE FUNCTION held(who text) RETURNS numeric LANGUAGE sql AS $$
  SELECT coalesce(sum(trim_scale(reserved)), 0) FROM llm_admin.limit_counters WHERE subject = who $$;
CREATE FUNCTION spent(who text, of text DEFAULT 'cost_usd') RETURNS numeric LANGUAGE sql AS $$
  SELECT coalesce(sum(trim_scale(c.used)), 0) FROM llm_admin.limit_counters c JOIN llm_admin.limits l ON l.id = c.limit_id
  WHERE c.subject = who AND l.what = of $$;
SQL
  return $node;
}

# How many calls ended.
sub after_deadline
{
  my ($node) = @_;
  return $node->safe_psql('postgres',
    q{SELECT llm_admin.expire_calls(1000000) FROM llm_admin_test.set_clock(clock_timestamp() + interval '2 days') AS later WHERE later});
}

# A backend that dies by kill -9 takes the server with it; waits until it is back.
sub after_kill
{
  my ($node, $end_of_log, @sessions) = @_;
  $_->answer foreach @sessions;
  $node->wait_for_log(qr/database system is ready to accept connections/, $end_of_log);
  $node->poll_query_until('postgres', 'SELECT true') or die;
  $_->quit foreach @sessions;
  return;
}

# Kills the backends of sessions that are idle.
sub kill_sessions
{
  my ($node, @sessions) = @_;
  my $end_of_log = -s $node->logfile;
  $_->send('SELECT pg_sleep(1000)') foreach @sessions;    # psql sees the end of its backend when it waits for it
  kill('KILL', map { $_->pid } @sessions) or die 'they have ended before';    # the server ends the others at once
  after_kill($node, $end_of_log, @sessions);
  return;
}

1;
