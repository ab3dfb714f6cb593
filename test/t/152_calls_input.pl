# Bad input of calls: each is refused with words of ours and leaves nothing, or is taken and can be finished; and whatever a
# vendor answers, a call that was begun is in the log once.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Calls;
use LlmAdmin::Session qw(failure);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = LlmAdmin::Calls::new_node('calls_input');
my $value = sub { return $node->safe_psql('postgres', $_[0]) };
my $session = LlmAdmin::Session->new($node);
$session->ask('SET client_min_messages = error');
# A statement's rows, or "SQLSTATE message" and what else of the error is asked for.
sub outcome
{
  my ($sql, @more) = @_;
  my ($out, $err) = $session->ask($sql);
  my $failed = failure($err) or return $out;
  return join ' | ', "$failed->{state} $failed->{message}", map { $failed->{$_} // '' } @more;
}
sub literal { my ($text) = @_; $text =~ s/'/''/g; return "'$text'" }
my $messages = '"messages": [{"role": "user", "content": "hi"}]';

# ---- params -----------------------------------------------------------------------------------------------

my $most_is = sub { return outcome(q{SELECT (body::jsonb)->>'max_completion_tokens', warnings->0->>'message' FROM llm_admin.begin_call(}
  . literal(qq({"model": "gpt-4o", "max_tokens": $_[0], $messages})) . q{, 'most')}, 'detail') };
like($most_is->($_), qr{^LA002 request cannot be built from these parameters \| max_output_tokens must be (?:integer|at least 1), not .* \(input /max_tokens,},
  "max_tokens $_ is refused") foreach 0, -1, 1.5, '1e-3', '"text"', 'true', '[1]', '{}';
my $hostile = "more than the model's limit of 16384 is asked for; the limit is sent";
is($most_is->($_), "16384|$hostile", "max_tokens $_ is the model's own") foreach 16385, '"16385"', '1e30', '1e400', '99999999999999999999';
is($most_is->($_), '16384|of the estimate', "max_tokens $_ is sent") foreach 16384, '"16384"';
is($most_is->('null'), '|of the estimate', 'max_tokens null is none');
is($value->(q{SELECT count(*), count(DISTINCT estimate_usd), max(estimate_usd) FROM llm_admin.llm_calls WHERE user_id = 'most'}), '8|1|0.1638875',
  'the most that the model can put out is reserved where it is asked for, where too much is, and where nothing is said');

# However the maximum is named, and however often: what is sent is what is reserved, or less.
foreach my $names ('"max_completion_tokens": 9000', '"max_output_tokens": 9000', '"max_tokens": 10, "max_tokens": 9000', '"max_tokens": 9000, "max_tokens": 10', '"max_tokens": null, "max_completion_tokens": 9000', '"max_tokens": 10, "n": 4')
{
  is(outcome(q{SELECT estimate_usd >= coalesce((body::jsonb ->> 'n')::int, 1) * (body::jsonb ->> 'max_completion_tokens')::numeric * 0.00001 FROM llm_admin.begin_call(}
    . literal(qq({"model": "gpt-4o", $names, $messages})) . q{, 'named')}), 't', "reserved for $names");
}

is(outcome(q{SELECT llm_admin.begin_call(} . literal(qq({"model": "gpt-4o", $_, $messages})) . ')'), 'LA002 request cannot be built from these parameters', "refused: $_")
  foreach '"max_tokens": 10, "max_completion_tokens": 9000', '"max_completion_tokens": 10, "max_tokens": 9000';

my $params = sub { return outcome('SELECT call_id IS NOT NULL FROM llm_admin.begin_call(' . literal($_[0]) . q{, 'params')}, @_[ 1 .. $#_ ]) };
is($params->($_), 'LA002 the parameters must be an object', "params $_") foreach '[]', '1', 'null', '"x"';
like($params->($_), qr/^LA002 request cannot be built from these parameters$/, "params $_")
  foreach '{}', '{"model": "gpt-4o"}', '{"model": "gpt-4o", "messages": 1}', '{"model": "gpt-4o", "messages": []}', qq({"model": "", $messages});
like($params->('{'), qr/^22P02 invalid input syntax for type json/, 'params that are no JSON');
is(outcome('SELECT llm_admin.begin_call(NULL)'), '22004 argument params must not be null', 'params NULL');
is($params->(qq({"model": "@{[ 'x' x 3000 ]}", $messages})), '54000 the names of a call are too long together', 'a model of 3,000 bytes');
like(outcome(q{SELECT llm_admin.begin_call(json_build_object('model', 'gpt-4o', 'messages', json_build_array(json_build_object('role', 'user', 'content', repeat('x', 20000000)))))}),
  qr/^54000 mapping stopped: its output is too large/, 'params of 20 MB');
like(outcome(q{SELECT llm_admin.begin_call((repeat('{"a":', 5000) || '1' || repeat('}', 5000))::json)}), qr/^LA002 request cannot be built/, 'params that nest deeply');
# A model that is named twice: what is sent is what is allowed, priced and counted.
my $sent = outcome(qq(SELECT body::jsonb ->> 'model' FROM llm_admin.begin_call('{"model": "gpt-4o", "model": "gpt-4o-mini", $messages}', 'named twice')));
is($value->(q{SELECT requested_model, model_id FROM llm_admin.llm_calls WHERE user_id = 'named twice'}), "$sent|openai/$sent", 'of a model that is named twice the one that is sent counts');

# ---- arguments and options --------------------------------------------------------------------------------

foreach (
  [ "begun(repeat('u', 1025))", '54000 argument user_id is longer than 1024 bytes' ],
  [ "llm_admin.begin_call(q, 'u', repeat('t', 300))", '22023 tenant_id cannot name a tenant' ],
  [ "llm_admin.begin_call(q, 'u', E'a\\nb')", '22023 tenant_id cannot name a tenant' ],
  [ "llm_admin.begin_call(q, 'u', '', 'no such tier')", 'LA011 the caller may not use model openai/gpt-4o' ],
  [ 'llm_admin.finish_call(NULL)', '22004 argument call_id must not be null' ],
  [ 'llm_admin.extend_call(NULL, 1)', '22004 argument call_id must not be null' ],
  [ 'llm_admin.extend_call(gen_random_uuid(), NULL)', '22004 timeout_ms must be from 1 to 86400000' ],
  [ 'llm_admin.extend_call(gen_random_uuid(), 0)', '22023 timeout_ms must be from 1 to 86400000' ],
  [ 'llm_admin.extend_call(gen_random_uuid(), 86400001)', '22023 timeout_ms must be from 1 to 86400000' ],
  [ 'llm_admin.expire_calls(NULL)', '22004 most must be 1 or more' ],
  [ 'llm_admin.expire_calls(0)', '22023 most must be 1 or more' ],
  [ 'llm_admin.open_sender_ticket(NULL)', '22004 argument call_id must not be null' ],
  [ 'llm_admin.redeem_sender_ticket(NULL)', '22004 argument ticket must not be null' ],
  [ "llm_admin.redeem_sender_ticket('')", 'LA004 the ticket is not known' ])
{
  my ($call, $expected) = @$_;
  (my $sql = "SELECT $call") =~ s/\(q,/(@{[ literal(qq({"model": "gpt-4o", $messages})) ]},/;
  is(outcome($sql), $expected, $call);
}
my %begin_option = (
  '[]' => '22023 argument options must be a JSON object', '1' => '22023 argument options must be a JSON object',
  '{"nope": 1}' => '22023 unknown option nope', '{"Access_key": "x"}' => '22023 unknown option Access_key',
  '{"timeout_ms": 0}' => '22023 option timeout_ms must be a whole number from 1 to 86400000',
  '{"timeout_ms": 1e12}' => '22023 option timeout_ms must be a whole number from 1 to 86400000',
  '{"input_tokens": -1}' => '22023 option input_tokens must be a whole number from 0 to 2147483647',
  '{"input_tokens": 2147483648}' => '22023 option input_tokens must be a whole number from 0 to 2147483647',
  '{"tags": 1}' => '22023 option tags must be a JSON object', '{"tags": {"a": 1}}' => '22023 option tags: tag a must be a text',
  '{"roles": "x"}' => '22023 option roles must be an array of texts', '{"request_id": ""}' => '22023 option request_id must not be empty',
  '{"request_id": "a\u0001b"}' => '22023 option request_id must not hold control characters',
  qq({"request_id": "@{[ 'r' x 1001 ]}"}) => '22023 option request_id must have at most 1000 bytes',
  qq({"team": "@{[ 't' x 1025 ]}"}) => '22023 option team must have at most 1024 bytes',
  '{"job_id": "x"}' => '22023 option job_id must be a uuid', '{"account_id": "x"}' => '22023 option account_id must be a uuid',
  '{"parent_call_id": "x"}' => '22023 option parent_call_id must be a uuid', '{"provider": "nope"}' => '42704 Provider nope does not exist',
  '{"access_key": ""}' => 'LA011 the access key is not known', '{"access_key": "x"}' => 'LA011 the access key is not known',
  '{"access_key_hash": "x"}' => '22023 option access_key_hash must be 64 hexadecimal digits', '{"access_key": 1}' => '22023 option access_key must be a text',
  '{"with_key": "x"}' => '22023 option with_key must be true or false', '{"requested": "x"}' => '22023 option requested must be one of byollm, aegis',
  '{"requested": "byollm"}' => '22023 option requested needs a tenant', '{"cache": true}' => '0A000 option cache is not supported yet');
is(outcome("SELECT begun('options', @{[ literal($_) ]})"), $begin_option{$_}, 'options ' . substr $_, 0, 40) foreach sort keys %begin_option;
is($value->(q{SELECT count(*) FROM llm_admin.llm_calls WHERE user_id IN ('options', 'params', 'u')}), 0, 'nothing that was refused has left a row');
is($value->(q{SELECT count(*) FROM llm_admin.limit_counters}), 0, 'or a counter');

# What is taken at its longest can be finished and expires.
my @longest = ('{"timeout_ms": 1}', '{"input_tokens": 2147483647}', qq({"request_id": "@{[ 'r' x 1000 ]}"}), qq({"team": "@{[ 't' x 1024 ]}"}),
  '{"tags": null, "cache": null, "access_key": null}', '{"service_tier": "flex", "job_id": "00000000-0000-4000-8000-000000000001"}', 'null');
foreach my $options (@longest)
{
  is(outcome("SELECT finished(call_id) ~ '^recorded [0-9.]+ priced none\$' FROM begun(repeat('l', 1024), @{[ literal($options) ]})"), 't',
    'it can be finished: options ' . substr $options, 0, 40);
}
$session->ask("SELECT begun(repeat('e', 1024), @{[ literal($_ =~ s/rrr/sss/r) ]})") foreach @longest;
my $open = $value->('SELECT count(*) FROM llm_admin.llm_calls');
is(LlmAdmin::Calls::after_deadline($node), $open, "all $open that were begun can expire");

# ---- answers ----------------------------------------------------------------------------------------------

my $in_log = 0;
my $count = sub { return $value->(q{SELECT count(*) FROM llm_admin.llm_usage_logs WHERE user_id = 'answers'}) };
my $answer = sub { my ($body, $status, $options) = @_;
  my ($id) = $session->ask(q{SELECT call_id FROM begun('answers')});
  return outcome("SELECT cost_usd, cost_status, next, warnings->0->>'code' FROM llm_admin.finish_call('$id', $body, $status, 1, @{[ literal($options // '{}') ]})") };
my $usage = '"usage": {"prompt_tokens": 8, "completion_tokens": 2}';
foreach (
  [ 'a model of 5,000 bytes', qq('{"model": "@{[ 'm' x 5000 ]}", "choices": [], $usage}'), 200, '0.00004|priced|none|recorded' ],
  [ 'a service tier of 3,000', qq('{"model": "gpt-4o", "service_tier": "@{[ 's' x 3000 ]}", "choices": [], $usage}'), 200, '0.00004|priced|none|' ],
  [ 'tokens of more than there can be', q('{"model": "gpt-4o", "usage": {"prompt_tokens": 2147483647, "completion_tokens": 2147483647}}'), 200, '0.0000475|estimated|none|usage_not_read' ],
  [ 'usage that is an array', q('{"model": "gpt-4o", "usage": []}'), 200, '0.0000475|estimated|none|usage_estimated' ],
  [ 'an empty body', q(''), 200, '0.0000475|estimated|retry_same|usage_estimated' ],
  [ 'a body of HTML', q('<html>'), 502, '0|priced|retry_same|' ],
  [ 'a body that nests deeply', q(repeat('[', 100000)), 200, '0.0000475|estimated|retry_same|usage_estimated' ],
  [ 'U+0000', q('{"model": "gpt-4o\u0000", "usage": {"prompt_tokens": 8, "completion_tokens": 2}}'), 200, '0.00004|priced|none|cost' ],
  [ 'an error of 100,000 bytes', q(format('{"error": {"message": "%s"}}', repeat('e', 100000))), 500, '0|priced|retry_same|' ],
  [ 'no body', 'NULL', 200, '0.0000475|estimated|none|usage_estimated' ], [ 'no answer', 'NULL', 0, '0.0000475|estimated|none|usage_estimated' ],
  [ 'a long wait', q('{"error": {"message": "later"}}'), 429, '0|priced|none|', '{"headers": {"Retry-After": "3600"}}' ],
  [ "the caller's count below zero", 'NULL', 200, '0.0000475|estimated|none|usage_not_read', '{"usage": {"prompt_tokens": -1}}' ],
  [ 'an error with control characters', 'NULL', 'NULL', '0.0000475|estimated|retry_same|usage_estimated', '{"error": "x\u0001y"}' ])
{
  my ($what, $body, $status, $expected, $options) = @$_;
  is($answer->($body, $status, $options), $expected, "$what: recorded");
  is($count->(), ++$in_log, "$what: once");
}
foreach ([ 99, '{}', '22023 argument http_status must be a status from 100 to 999, or 0 where no answer came' ], [ 200, '[]', '22023 argument options must be a JSON object' ],
  [ 200, '{"nope": 1}', '22023 unknown option nope' ], [ 200, '{"usage": 1}', '22023 option usage must be a JSON object' ], [ 200, '{"error": 1}', '22023 option error must be a text' ],
  [ 200, qq({"error": "@{[ 'e' x 70000 ]}"}), '22023 option error must have at most 65536 bytes' ], [ 200, '{"receipt": 1}', '22023 option receipt must be a text' ],
  [ 200, '{"dispatched": false}', '22023 option dispatched must not be false where there is an http_status or output was seen' ])
{
  my ($status, $options, $expected) = @$_;
  is($answer->('NULL', $status, $options), $expected, 'refused: options ' . substr $options, 0, 40);
}
is($value->(q{SELECT count(*) FROM llm_admin.llm_calls WHERE user_id = 'answers'}), 8, 'what was refused can be finished still');
is($count->(), $in_log, 'and is not in the log yet');

# ---- names and chains -------------------------------------------------------------------------------------

# "r/2" is a name of its own, and that of the second attempt at "r".
my $refuse = q{SELECT next FROM llm_admin.finish_call('%s', '{"error": {"message": "slow down"}}', 429)};
my $first = $session->ask(q{SELECT call_id FROM begun('names', '{"request_id": "r"}')});
is($session->ask(sprintf $refuse, $first), 'retry_same', 'an attempt that failed');
my $second = $session->ask(qq{SELECT call_id FROM begun('names', '{"parent_call_id": "$first"}')});
my $other = $session->ask(q{SELECT call_id FROM begun('names', '{"request_id": "r/2"}')});
is($session->ask("SELECT finished('$second')"), 'recorded 0.00004 priced none', 'the second attempt is recorded');
is($session->ask("SELECT finished('$other', 3)"), 'recorded 0.00005 priced none', 'and so is another call of that name');
is($session->ask("SELECT finished('$other', 3)"), 'duplicate 0.00005 priced none', 'once');
is($value->(q{SELECT count(*), sum(cost_usd) FROM llm_admin.llm_usage_logs WHERE user_id = 'names'}), '3|0.00009', 'all three are in the log');
# A chain is a line of attempts at one request, and counts as one until it is answered.
$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'chains', 'requests', 1, 'total')});
$first = $session->ask(q{SELECT call_id FROM begun('chains')});
$session->ask(sprintf $refuse, $first);
my $next = qq{SELECT finished(call_id) FROM begun('chains', '{"parent_call_id": "$first"}')};
is($session->ask($next), 'recorded 0.00004 priced none', 'an attempt that follows is no request more');
is(outcome($next), 'LA004 the request is answered already', 'and one follows, not many');
$second = $value->(qq{SELECT call_id FROM llm_admin.llm_usage_logs WHERE parent_call_id = '$first'});
is(outcome(qq{SELECT begun('chains', '{"parent_call_id": "$second"}')}), 'LA010 limit reached: requests of user chains', 'after an answer it is a request');
is(outcome(qq{SELECT begun('others', '{"parent_call_id": "$first"}')}), 'LA004 option parent_call_id is of no call that has ended', "nobody goes on with another's chain");

# ---- damage -----------------------------------------------------------------------------------------------

# A row that somebody has broken keeps nobody else from beginning and expiring.
$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'broken', 'concurrent', 20, 'total')});
$session->ask(q{SELECT count(begun('broken')) FROM generate_series(1, 15)});
$value->(q{UPDATE llm_admin.llm_calls SET expires_at = started_at + interval '1 microsecond' WHERE user_id = 'broken';
  UPDATE llm_admin.llm_calls SET reservations = '[1]' WHERE call_id IN (SELECT call_id FROM llm_admin.llm_calls WHERE user_id = 'broken' ORDER BY expires_at, call_id LIMIT 11)});
is(outcome(q{SELECT call_id IS NOT NULL FROM begun('others')}), 't', 'a begin beside rows that are broken');
my ($expired, $told) = LlmAdmin::Session->new($node)->ask('SELECT llm_admin.expire_calls()');
is($value->(q{SELECT count(*) FROM llm_admin.llm_calls WHERE user_id = 'broken'}), 11, 'those that are whole have ended');
is(scalar(() = $told =~ /WARNING:  01000: call [0-9a-f-]{36} is overdue and could not be ended\nDETAIL:  the reservations of a call are damaged/g), 11, 'expire_calls tells the others');
$value->(q{UPDATE llm_admin.llm_calls SET reservations = '[]' WHERE user_id = 'broken'});
is(LlmAdmin::Calls::after_deadline($node) >= 11, 1, 'mended, they end');
$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) SELECT 'user', 'many', 'requests', n, 'day' FROM generate_series(1, 257) n});
is(outcome(q{SELECT begun('many')}, 'detail'), '54000 too many limits apply to a call | 257 do, and 256 are the most', 'more limits than a call can hold');

$session->quit;
done_testing();
