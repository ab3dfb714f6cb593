# What a call was begun with goes on with it: models to fall back to, tags and jobs of calls that come late. What answers do
# not say: usage without numbers. What vendors ask for: how long to wait. And names of requests that are keys.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Calls;
use LlmAdmin::Session qw(failure);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = LlmAdmin::Calls::new_node('calls_fallbacks');
my $value = sub { return $node->safe_psql('postgres', $_[0]) };
my $session = LlmAdmin::Session->new($node);
sub outcome
{
  my ($sql) = @_;
  my ($out, $err) = $session->ask($sql);
  my $failed = failure($err) or return $out;
  return "$failed->{state} $failed->{message}";
}
sub begins { my ($who, $options, $model) = @_; $model //= 'gpt-4o';
  return outcome(qq{SELECT call_id FROM llm_admin.begin_call('{"model": "$model", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}', '$who', options => '} . ($options // '{}') . q{')}) }
sub ends { my ($id, $status, $options) = @_;
  return outcome(qq{SELECT concat_ws(' ', next, after_ms, (SELECT w->>'message' FROM jsonb_array_elements(warnings) w WHERE w->>'code' = 'next_model')) FROM llm_admin.finish_call('$id', '{"error": {"message": "no"}}', $status, options => '} . ($options // '{}') . q{')}) }

# ---- models to fall back to -------------------------------------------------------------------------------

my $models = '"models": ["gpt-4o-mini", "openai/gpt-4o", "o3"]';
my $id = begins('falls', "{$models}");
is($value->('SELECT models FROM llm_admin.llm_calls'), '["gpt-4o-mini", "openai/gpt-4o", "o3"]', 'they are kept with the call');
is(ends($id, 429, '{"headers": {"Retry-After": "3600"}}'), 'next_model gpt-4o-mini', 'where the wait is too long, the first of them follows');
is(ends($id, 429, '{"headers": {"Retry-After": "3600"}}'), 'next_model gpt-4o-mini', 'a repeat says so, too');
my $second = begins('falls', qq({"parent_call_id": "$id"}), 'gpt-4o-mini');
is($value->('SELECT models, attempt, model_id FROM llm_admin.llm_calls'), '["gpt-4o-mini", "openai/gpt-4o", "o3"]|2|openai/gpt-4o-mini', 'the next attempt has them, too');
is(ends($second, 402), 'next_model o3', 'those that were tried, by whatever name, are not tried again');
my $third = begins('falls', qq({"parent_call_id": "$second"}), 'o3');
is(ends($third, 402), 'none', 'after the last one nothing follows');
is(ends(begins('falls', "{$models}"), 429, '{"headers": {"Retry-After": "5"}}'), 'retry_same 5000', 'a short wait goes before another model');
is(ends(begins('falls', "{$models}"), 400), 'none', "the request's own mistake never moves on");
is(ends(begins('falls'), 402), 'none', 'nor does a call that names none');
$id = begins('falls', qq({$models, "request_id": "again"}));
is(begins('falls', '{"request_id": "again", "models": ["o3"]}'), $id, 'they make no other request');
is($value->("SELECT models FROM llm_admin.llm_calls WHERE call_id = '$id'"), '["gpt-4o-mini", "openai/gpt-4o", "o3"]', 'and the first ones stay');
is(begins('falls', '{"models": "o3"}'), '22023 option models must be an array of texts', 'what are none');
my ($undone, $receipt) = split /\|/, $session->ask(qq(BEGIN; SELECT call_id, receipt FROM begun('falls', '{$models}'); ROLLBACK));
is(ends($undone, 402, qq({"receipt": "$receipt"})), 'next_model gpt-4o-mini', 'a receipt has them as well');
# Whoever may use the next model is asked when it is begun.
$value->(q{INSERT INTO llm_admin.model_permissions (model_id, access_type, access_value, allowed) VALUES ('openai/gpt-4o-mini', 'user', 'falls', false)});
like(begins('falls', qq({"parent_call_id": "$undone"}), 'gpt-4o-mini'), qr/^LA011 /, 'a model that is denied is refused when it is begun');

# ---- late -------------------------------------------------------------------------------------------------

($id) = split /\|/, $session->ask(q{SELECT call_id FROM begun('late', '{"tags": {"project": "x"}, "job_id": "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a", "service_tier": "flex", "models": ["o3"], "team": "red"}')});
LlmAdmin::Calls::after_deadline($node);
is($session->ask("SELECT finished('$id')"), 'recorded -0.0000075 priced none', 'a late finish');
is($value->(q{SELECT string_agg(concat_ws(' ', kind, team_id, job_id, service_tier, tags, metadata), E'\n' ORDER BY id) FROM llm_admin.llm_usage_logs WHERE user_id = 'late'}),
  join("\n", map { qq($_ red 8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a flex {"project": "x"} {"access": {"reason": "no_tier"}, "models": ["o3"]}) } qw(expired correction)), 'has all that the call had');
is($value->(q{SELECT count(*) FROM llm_admin.job_usage}), 2, 'and its job has both');
is($value->(q{SELECT trim_scale(sum(cost_usd)), trim_scale(sum(list_cost_usd)), sum(prompt_tokens), sum(completion_tokens) FROM llm_admin.llm_usage_logs WHERE user_id = 'late'}), '0.00004|0.00004|8|2', 'together they are what was used');

# ---- usage that says nothing ------------------------------------------------------------------------------

my $answer = sub { my ($usage) = @_; return qq({"model": "gpt-4o", "choices": [{"finish_reason": "stop", "message": {"content": "Hi!"}}]$usage}) };
my $said = sub { my ($body, $options, $status) = @_; my $call = begins('says');
  $session->ask("SELECT l.prompt_tokens, l.completion_tokens, l.estimated, f.cost_usd, string_agg(w->>'code', ' ') FROM llm_admin.finish_call('$call', $body, " . ($status // 200) . ", options => '$options') f
    LEFT JOIN jsonb_array_elements(f.warnings) w ON true, LATERAL (SELECT * FROM llm_admin.llm_usage_logs l WHERE l.id = f.usage_id) l GROUP BY 1, 2, 3, 4") };
# The log is read by a later statement than the one that writes it.
$said = sub { my ($body, $options, $status) = @_; my $call = begins('says');
  my $codes = $session->ask("SELECT string_agg(w->>'code', ' ') FROM llm_admin.finish_call('$call', $body, " . ($status // 200) . ", options => '$options') f LEFT JOIN jsonb_array_elements(f.warnings) w ON true");
  return $value->("SELECT concat_ws(' ', prompt_tokens, completion_tokens, estimated, cost_usd) FROM llm_admin.llm_usage_logs WHERE call_id = '$call'") . ($codes eq '' ? '' : " $codes") };
my $estimated = '19 0 t 0.0000475 usage_estimated';
is($said->('NULL', '{"usage": {}}'), $estimated, 'a usage without a member');
is($said->('NULL', '{"usage": {"prompt_tokens": null, "queue_time": 0.1}}'), $estimated, 'or without a count');
is($said->("'" . $answer->('') . "'", '{}'), $estimated, 'an answer without a usage');
is($said->("'" . $answer->(', "usage": {}') . "'", '{}'), $estimated, 'with an empty one');
is($said->("'" . $answer->(', "usage": {"prompt_tokens": null}') . "'", '{}'), $estimated, 'with one of nulls');
is($said->("'" . $answer->(', "usage": {"prompt_tokens": 8, "completion_tokens": 2}') . "'", '{"usage": {}}'), '8 2 f 0.00004', "what the caller leaves out, the answer says");
is($said->('NULL', '{"usage": {"prompt_tokens": 0, "completion_tokens": 0}}'), '0 0 f 0', 'nothing is used where a count says so');
is($said->('NULL', '{"usage": {}}', 400), '0 0 f 0', 'or where the vendor refused');
# What cannot be a count, or a model, keeps no call out of the log.
foreach ([ '{"prompt_tokens": 8, "quantities": {"images": -1}}', 'negative' ], [ '{"prompt_tokens": 8, "quantities": {"images": 1e400}}', 'beyond all bounds' ], [ '{"prompt_tokens": 8, "quantities": {"images": "x"}}', 'no number' ])
{
  is($said->('NULL', qq({"usage": $_->[0]})) =~ s/usage_not_read usage_estimated|usage_estimated usage_not_read/both/r, '19 0 t 0.0000475 both', "a quantity that is $_->[1]");
}
is($said->("'" . $answer->(', "usage": {"prompt_tokens": 8, "completion_tokens": 2}') =~ s/"gpt-4o"/"gpt-4o "/r . "'", '{}'), '8 2 f 0.00004 recorded', 'an answer whose model is no name');
# Whoever comes late and says nothing of usage, or says it again, changes nothing.
$id = begins('silent');
LlmAdmin::Calls::after_deadline($node);
is($session->ask("SELECT cost_usd, duplicate FROM llm_admin.finish_call('$id', http_status => 200)"), '0|f', 'a late finish that says nothing of usage');
is($value->(q{SELECT string_agg(concat_ws(' ', kind, prompt_tokens), ', ' ORDER BY id) FROM llm_admin.llm_usage_logs WHERE user_id = 'silent'}), 'expired 19, correction 0', 'leaves the input as it was estimated');
my ($again) = begins('silent');
is(outcome("SELECT duplicate FROM llm_admin.finish_call('$again', http_status => 200)"), 'f', 'a finish without usage');
my ($repeat, $noise) = $session->ask("SELECT duplicate FROM llm_admin.finish_call('$again', http_status => 200)");
is("$repeat|$noise", 't|', 'and its repeat, which has the same numbers');

# ---- how long to wait -------------------------------------------------------------------------------------

my $account = $value->(q{INSERT INTO llm_admin.llm_providers (name, type, api_key_encrypted) VALUES ('a1', 'openai', llm_admin.encrypt_key('sk-account-1-0123456789')) RETURNING id}) =~ s/\s.*//sr;
my $waits = sub { my ($after, $body, $status) = @_;
  my $call = begins('waits', qq({"account_id": "$account"}));
  my $next = $session->ask(sprintf q{SELECT concat_ws(' ', next, after_ms) FROM llm_admin.finish_call('%s', %s, %s, options => '{"headers": {"Retry-After": "%s"}}')}, $call, $body // q('{"error": {"message": "no"}}'), $status // 429, $after);
  my $rest = $value->(q{SELECT round(extract(epoch FROM until - now()) / 600) * 10 FROM llm_admin.account_state WHERE until > now()});
  $value->('DELETE FROM llm_admin.account_state');
  return "$next, rests $rest minutes" };
is($waits->(7), 'retry_same 7000, rests 0 minutes', 'seconds');
is($waits->(7, 'NULL'), 'retry_same 7000, rests 0 minutes', 'also where there is no body');
is($waits->(1800), 'none, rests 30 minutes', 'half an hour: the model rests at the account, and nothing is waited for');
is($waits->(1800, 'NULL'), 'none, rests 30 minutes', 'so without a body');
is($waits->(86400 * 366), 'none, rests 1440 minutes', 'a year: a day is the longest rest');
is($waits->(86400 * 365, undef, 401), 'none, rests 1440 minutes', "an account's, too");
is($waits->($value->(q{SELECT to_char(now() AT TIME ZONE 'UTC' + interval '100 days', 'Dy, DD Mon YYYY HH24:MI:SS "GMT"')} =~ s/"GMT"/GMT/r)), 'none, rests 1440 minutes', 'a date');
is($waits->($value->(q{SELECT to_char(now() AT TIME ZONE 'UTC' + interval '2 hours', 'Dy, DD Mon YYYY HH24:MI:SS GMT')})), 'none, rests 120 minutes', 'a nearer one');
like($waits->(86400 * 367), qr/^retry_same \d+, rests 0 minutes$/, 'what makes no sense is ignored');
like($waits->('9' x 18), qr/^retry_same \d+, rests 0 minutes$/, 'whatever it is');
like($waits->('Mon, 01 Jan 9999 00:00:00 GMT'), qr/^retry_same \d+, rests 0 minutes$/, 'a date as well');

# ---- names that are keys ----------------------------------------------------------------------------------

my $end_of_log = -s $node->logfile;
foreach my $secret ('sk-proj-0123456789abcdefghij', 'la_' . 'A' x 43, 'lt_' . 'A' x 43)
{
  is(begins('names', qq({"request_id": "$secret"})), '22023 option request_id must be no key: rows and messages show it', 'a call is not begun under a key');
  is(outcome(qq{SELECT llm_admin.record_usage('chatgpt', 'gpt-4o', '{"prompt_tokens": 1}', request_id => '$secret')}), 'LA002 request_id must be no key', 'nor is one recorded');
  is($session->ask(qq{SELECT bool_and(note LIKE '%request_id must be no key%' AND note NOT LIKE '%$secret%') FROM llm_admin.record_usage_batch('[{"provider": "chatgpt", "model": "gpt-4o", "usage": {"prompt_tokens": 1}, "request_id": "$secret"}]', '{"skip_errors": true}') b}), 't', 'nor in a batch');
}
is($value->(q{SELECT count(*) FROM llm_admin.llm_usage_logs WHERE request_id ~ '^(sk-|la_|lt_)'}), 0, 'no row has one');
$session->quit;
$node->stop;

done_testing();
