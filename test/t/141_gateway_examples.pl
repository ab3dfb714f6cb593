# The gateways of examples/gateways, run against a vendor that stands in for one: a call, a denied one, a vendor's error and
# what follows it, a caller that hangs up, a stream, a gateway that crashes, a database that restarts. Each call is in the log
# once, and no gateway says a key or a token.
use strict;
use warnings;

use JSON::PP qw(decode_json);
use LlmAdmin::Gateways;
use LlmAdmin::Session qw(new_node);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($tree, $python) = ($ENV{LLM_ADMIN_TREE} // '.', '/usr/bin/python3');
my %missing = map { $_ => LlmAdmin::Gateways::missing($_) } qw(node python);
my $why = !-x $python ? "no $python for what stands in for vendors" : $missing{node} && $missing{python} ? "$missing{node}; $missing{python}" : '';
SKIP: { skip $why, 1 if $why }
if ($why) { done_testing(); exit 0 }

my $node = new_node('gateways', settings => "log_statement = all\n");
my $json = JSON::PP->new->canonical;
sub value { my ($sql) = @_; return $node->safe_psql('postgres', $sql) }
my $vendor = LlmAdmin::Gateways->start('vendor', {}, $python, "$tree/test/gateways/vendor.py");

sub body { my ($says, %more) = @_; return $json->encode({ model => 'gpt-4o', max_tokens => 10, messages => [ { role => 'user', content => $says } ], %more }) }

# ---- keys, limits, callers -----------------------------------------------------------------------------------

my @keys = map { "sk-$_-" . join '', map { sprintf '%02x', int rand 256 } 1 .. 16 } qw(first second);
value(<<"SQL");
CREATE ROLE gateway LOGIN;
SELECT llm_admin.grant_access('gateway', 'app');
SELECT llm_admin.create_provider('Stand-in', 'http://127.0.0.1:$vendor->{port}/v1', 'gpt-4o', provider_name => 'standin', api_key => '$keys[0]');
SELECT llm_admin.switch_active_provider('standin');
INSERT INTO llm_admin.llm_providers (name, type, api_key_encrypted, metadata)
SELECT name, 'standin', llm_admin.encrypt_key(key), jsonb_build_object('priority', priority)
FROM (VALUES ('first', '$keys[0]', 2), ('second', '$keys[1]', 1)) AS accounts (name, key, priority);
SELECT llm_admin.set_model_price('standin/gpt-4o', '{"input": 0.0025, "output": 0.01}', '2020-01-01');
SELECT llm_admin.set_model_price('standin/gpt-4o-mini', '{"input": 0.00015, "output": 0.0006}', '2020-01-01');
INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES
  ('user', 'often', 'requests', 1, 'day'), ('user', 'poor', 'cost_usd', 0.0002, 'month'), ('user', '*', 'concurrent', 100, 'total');
INSERT INTO llm_admin.limits (scope, subject, model, what, amount, period, on_exceed, downgrade_to)
VALUES ('user', 'modest', 'standin/gpt-4o', 'requests', 0, 'day', 'downgrade', 'gpt-4o-mini');
SQL
my %token = map { $_ => value("SELECT token FROM llm_admin.issue_access_key('$_', '" . $json->encode({ user_id => $_,
  $_ eq 'barred' ? (deny => ['*/gpt-4o']) : () }) . "')") } qw(ann often poor modest barred);
# What those two may use is used.
value("SELECT f.cost_usd FROM llm_admin.begin_call('" . body('first') . "', '$_') AS b, llm_admin.finish_call(b.call_id, NULL, 200, options => '{\"usage\": {\"prompt_tokens\": 10, \"completion_tokens\": 15}}') AS f") foreach qw(often poor);
$token{nobody} = 'la_' . 'x' x 43;

my %database = (PGHOST => $node->host, PGPORT => $node->port, PGUSER => 'gateway', PGDATABASE => 'postgres');
my $path = '/v1/chat/completions';
sub as { my ($user, %headers) = @_; return { Authorization => "Bearer $token{$user}", %headers } }

# Rows of the log since this was asked last.
my ($last, $calls) = split /\|/, value('SELECT max(id), count(*) FROM llm_admin.llm_usage_logs');
sub logged
{
  my $rows = value(<<"SQL");
SELECT string_agg(concat_ws('|', user_id, kind, attempt, coalesce(status_code::text, '-'), prompt_tokens, completion_tokens, cost_usd, estimated), ' ' ORDER BY id)
FROM llm_admin.llm_usage_logs WHERE id > $last
SQL
  $last = value('SELECT coalesce(max(id), 0) FROM llm_admin.llm_usage_logs');
  $calls += split / /, $rows;
  return $rows;
}
my $answered = 'ann|call|1|200|10|5|0.000075|f';
sub nothing_open { my ($what) = @_; return is(value('SELECT (SELECT count(*) FROM llm_admin.llm_calls), (SELECT sum(reserved) FROM llm_admin.limit_counters)'), '0|0', "$what: nothing is open or held") }

# A denied call: status, the header, what it says; nothing of it at the vendor or in the log.
sub denied
{
  my ($name, $gateway, $user, $status, $pattern) = @_;
  my $answer = $gateway->post($path, as($user), body('denied'));
  is($answer->{status}, $status, "$name, $user: $status");
  my $wait = $answer->{headers}{'retry-after'};
  ok($status == 429 || $status == 402 ? $wait > 0 : !defined $wait, "$name, $user: when it may be asked again");
  like($answer->{body}, $pattern, "$name, $user: why");
  is(value("SELECT count(*) FROM llm_admin.llm_usage_logs WHERE id > $last") . ($vendor->output =~ /"denied"/), '0', "$name, $user: nothing was sent or logged");
  return;
}

sub all_denied
{
  my ($name, $gateway) = @_;
  denied($name, $gateway, 'often', 429, qr/limit reached: requests of user often/);
  denied($name, $gateway, 'poor', 402, qr/limit reached: cost_usd of user poor/);
  denied($name, $gateway, 'nobody', 401, qr/access key/);
  denied($name, $gateway, 'barred', 403, qr/may not use model/);
  is($gateway->post($path, {}, body('denied'))->{status}, 401, "$name: 401 without a token");
  is($gateway->post($path, as('ann'), '{"messages": 1')->{status}, 400, "$name: 400 for what is no request");
  return nothing_open("$name, denied");
}

# What the gateway said has no key and no token.
sub says_no_secret
{
  my ($name, @programs) = @_;
  my $said = join '', map { $_->output } @programs;
  my @told = grep { index($said, $_) >= 0 } @keys, map { substr $_, 3 } values %token;
  return is("@told", '', "$name: no key and no token in what it said");
}

# The gateway is gone while the vendor works: the call ends when its deadline has passed.
sub expires
{
  my ($name) = @_;
  is(value('SELECT count(*) FROM llm_admin.llm_calls'), 1, "$name, crashed: the call is open");
  value(q{UPDATE llm_admin.llm_calls SET started_at = now() - interval '2 hours', expires_at = now() - interval '1 hour'});
  is(value('SELECT llm_admin.expire_calls()'), 1, "$name, crashed: and ends by its deadline");
  like(logged(), qr/^ann\|expired\|1\|-\|\d+\|0\|0\.\d+\|t$/, "$name, crashed: it is in the log once, estimated");
  return nothing_open("$name, crashed");
}

# ---- a proxy of its own --------------------------------------------------------------------------------------

SKIP:
{
  skip "openai_proxy.mjs: $missing{node}", 1 if $missing{node};
  my @proxy = ('proxy', { %database, PORT => 0, NODE_NO_WARNINGS => 1 }, 'node', "$ENV{LLM_ADMIN_CLIENTS}/openai_proxy.mjs");
  my $proxy = LlmAdmin::Gateways->start(@proxy);
  my $answer = $proxy->post($path, as('ann'), body('Good morning'));
  is($answer->{status}, 200, 'proxy: a call');
  is(decode_json($answer->{body})->{choices}[0]{message}{content}, 'You said: Good morning', 'proxy: its answer');
  my $sent = decode_json($vendor->line(qr/Good morning/));
  is_deeply([ @$sent{qw(path key)} ], [ $path, $keys[0] ], "proxy: the vendor got it with the first account's key");
  is(logged(), $answered, 'proxy: the log has it');
  is(value("SELECT user_id FROM llm_admin.llm_usage_logs WHERE call_id = '$answer->{headers}{'x-call-id'}'"), 'ann', 'proxy: and the caller its id');
  nothing_open('proxy');
  all_denied('proxy', $proxy);

  # A limit that leads to a cheaper model: the database has built that request.
  is($proxy->post($path, as('modest'), body('cheap'))->{status}, 200, 'proxy: a limit may lead to another model');
  is(decode_json(decode_json($vendor->line(qr/cheap/))->{body})->{model}, 'gpt-4o-mini', 'proxy: which is asked');
  like(logged(), qr/^modest\|call\|1\|200\|10\|5\|0\.0000045\|f$/, 'proxy: and paid for');

  # Errors and what follows them.
  $answer = $proxy->post($path, as('ann'), body('fail 1 500 twice'));
  is($answer->{status}, 200, 'proxy: after an error of the vendor the same is sent again');
  is(logged(), 'ann|call|1|500|0|0|0|f ann|call|2|200|10|5|0.000075|f', 'proxy: both attempts are in the log');
  $answer = $proxy->post($path, as('ann'), body("refuse $keys[0]"));
  is($answer->{status}, 200, 'proxy: where an account refuses its key another one is asked');
  is(logged(), 'ann|call|1|401|0|0|0|f ann|call|2|200|10|5|0.000075|f', 'proxy: both attempts are in the log');
  is(value('SELECT name, state FROM llm_admin.account_state JOIN llm_admin.llm_providers ON id::text = subject'), 'first|open', 'proxy: the first one rests');
  $answer = $proxy->post($path, as('ann'), body("refuse $keys[1]"));
  is($answer->{status}, 502, 'proxy: a key of the gateway that is refused is no fault of the caller');
  unlike($answer->{body}, qr/\Q$keys[1]\E|Incorrect/, 'proxy: and is not shown');
  value('DELETE FROM llm_admin.account_state');
  logged();
  $answer = $proxy->post($path, as('ann'), body('fail 9 400 bad'));
  is("$answer->{status} " . decode_json($answer->{body})->{error}{message}, '400 not now', 'proxy: an error of the request goes to the caller');
  is(logged(), 'ann|call|1|400|0|0|0|f', 'proxy: and is not repeated');

  # Streams.
  my $call = $proxy->begin($path, as('ann'), body('events', stream => JSON::PP::true));
  my $events = $call->rest;
  is("$events->{status} $events->{headers}{'content-type'}", '200 text/event-stream', 'proxy: a stream');
  is(join('', map { /^data: (\{.*)/ ? decode_json($1)->{choices}[0]{delta}{content} // '' : '' } split /\n/, $events->{body}),
    'You said: events', 'proxy: its events go through');
  like($events->{body}, qr/^data: \[DONE\]\n\n\z/m, 'proxy: to the end');
  is(logged(), $answered, 'proxy: with its usage');
  $call = $proxy->begin($path, as('ann'), body('hang stream', stream => JSON::PP::true));
  $call->until(qr/said/);
  $call->hang_up;
  $vendor->line(qr/given_up.*"hang stream"/);
  ok($node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM llm_admin.llm_calls'), 'proxy: the caller of a stream hangs up, and so does the proxy');
  like(logged(), qr/^ann\|call\|1\|200\|\d+\|\d+\|0\.\d+\|t$/, 'proxy: that call has ended, estimated');
  $call = $proxy->begin($path, as('ann'), body('hang wait'));
  $vendor->line(qr/"hang wait"/);
  $call->hang_up;
  $vendor->line(qr/given_up.*"hang wait"/);
  ok($node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM llm_admin.llm_calls'), 'proxy: a caller hangs up before the answer');
  like(logged(), qr/^ann\|call\|1\|-\|\d+\|0\|0\.\d+\|t$/, 'proxy: that call has ended, estimated');
  nothing_open('proxy, hung up');

  # The same request twice.
  $call = $proxy->begin($path, as('ann', 'X-Request-Id' => 'order 17'), body('hang twice'));
  $vendor->line(qr/"hang twice"/);
  is($proxy->post($path, as('ann', 'X-Request-Id' => 'order 17'), body('hang twice'))->{status}, 409, 'proxy: a request that is being answered');
  $vendor->post('/go', {}, 'hang twice');
  is($call->rest->{status}, 200, 'proxy: the first of them');
  is($proxy->post($path, as('ann', 'X-Request-Id' => 'order 17'), body('hang twice'))->{status}, 409, 'proxy: a request that is answered');
  is(logged(), $answered, 'proxy: one call');

  # The models follow the configuration, also past a lost connection.
  my $models = sub { return join ' ', grep { /^standin/ } map { $_->{id} } @{ decode_json($proxy->begin('/v1/models', {})->rest->{body})->{data} } };
  my $become = sub { my ($wanted) = @_; my $is = ''; for (1 .. 10000) { $is = $models->(); last if $is eq $wanted } return $is };
  my $cut = q{SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE usename = 'gateway' AND query ~ 'LISTEN|config_since'};
  is($become->('standin/gpt-4o standin/gpt-4o-mini'), 'standin/gpt-4o standin/gpt-4o-mini', 'proxy: its models');
  value(q{SELECT llm_admin.set_model_price('standin/o9', '{"input": 1, "output": 1}', '2020-01-01')});
  is($become->('standin/gpt-4o standin/gpt-4o-mini standin/o9'), 'standin/gpt-4o standin/gpt-4o-mini standin/o9', 'proxy: a new one');
  is(value($cut), 1, 'proxy: its listener is cut off');
  value(q{DELETE FROM llm_admin.model_pricing WHERE model_id = 'standin/o9'});
  is($become->('standin/gpt-4o standin/gpt-4o-mini'), 'standin/gpt-4o standin/gpt-4o-mini', 'proxy: it has missed nothing');

  # The database goes away: calls that are open end, others are refused.
  $call = $proxy->begin($path, as('ann'), body('hang restart'));
  $vendor->line(qr/"hang restart"/);
  $node->restart;
  $vendor->post('/go', {}, 'hang restart');
  is($call->rest->{status}, 200, 'proxy: the database restarts while the vendor works');
  is(logged(), $answered, 'proxy: the call is recorded');
  $call = $proxy->begin($path, as('ann'), body('hang stop'));
  $vendor->line(qr/"hang stop"/);
  $node->stop;
  $answer = $proxy->post($path, as('ann'), body('closed'));
  is("$answer->{status} $answer->{headers}{'retry-after'}", '503 1', 'proxy: no call without the database');
  $vendor->post('/go', {}, 'hang stop');
  is($call->rest->{status}, 200, 'proxy: an answer does not wait for the database');
  $node->start;
  ok($node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM llm_admin.llm_calls'), 'proxy: it is recorded later');
  is(logged(), $answered, 'proxy: once');
  nothing_open('proxy, restarted');

  # It crashes; it is asked to stop.
  $call = $proxy->begin($path, as('ann'), body('hang crash'));
  $vendor->line(qr/"hang crash"/);
  $proxy->kill;
  $vendor->line(qr/given_up.*"hang crash"/);
  expires('proxy');
  says_no_secret('proxy', $proxy);
  $proxy = LlmAdmin::Gateways->start(@proxy);
  $call = $proxy->begin($path, as('ann'), body('hang term'));
  $vendor->line(qr/"hang term"/);
  $proxy->signal('TERM');
  $vendor->post('/go', {}, 'hang term');
  is($call->rest->{status}, 200, 'proxy: asked to stop, it answers what is open');
  is($proxy->ends, 0, 'proxy: and ends');
  is(logged(), $answered, 'proxy: with the call in the log');
  says_no_secret('proxy', $proxy);
}

SKIP:
{
  skip "envoy_ext_authz.py, litellm_hooks.py: $missing{python}", 1 if $missing{python};

  # ---- a sidecar of Envoy -------------------------------------------------------------------------------------

  my @sidecar = ('sidecar', { %database, PORT => 0, PROVIDER => 'standin', VENDOR_HOST => "127.0.0.1:$vendor->{port}" },
    $python, "$tree/examples/gateways/envoy_ext_authz.py");
  my $sidecar = LlmAdmin::Gateways->start(@sidecar);
  my @envoy = ($python, "$tree/test/gateways/envoy.py", "$tree/examples/gateways/envoy.yaml");
  my $envoy = LlmAdmin::Gateways->start('Envoy', {}, @envoy, $sidecar->{port}, $vendor->{port});
  # Envoy does not wait for what it tells the sidecar.
  my $told = sub { $envoy->line(qr/^finished 204$/); return logged() };
  my $answer = $envoy->post($path, as('ann', 'X-Call-Id' => 'forged'), body('Good morning'));
  is("$answer->{status} " . decode_json($answer->{body})->{choices}[0]{message}{content}, '200 You said: Good morning', 'Envoy: a call');
  my $sent = decode_json($vendor->line(qr/Good morning/));
  is_deeply([ @$sent{qw(key body)} ], [ $keys[0], body('Good morning') ], "Envoy: the vendor got the caller's body, with the vendor's key");
  is(join(' ', grep { /^x-call/ } @{ $sent->{headers} }), '', 'Envoy: and no mark of the call');
  is($told->(), $answered, 'Envoy: the log has it');
  all_denied('Envoy', $envoy);
  $answer = $envoy->post($path, as('modest'), body('denied'));
  is($answer->{status}, 400, 'Envoy: a limit may lead to another model, which Envoy would not send');
  like($answer->{body}, qr/name the model gpt-4o-mini/, 'Envoy: so the caller is told to');
  is(logged(), 'modest|call|1|-|0|0|0|f', 'Envoy: nothing was sent');
  $answer = $envoy->post($path, as('ann'), body('fail 1 500 once'));
  is($answer->{status}, 500, "Envoy: an error of the vendor is the caller's");
  is($told->(), 'ann|call|1|500|0|0|0|f', 'Envoy: and in the log');
  $envoy->post($path, as('ann'), body("refuse $keys[0]"));
  is($told->(), 'ann|call|1|401|0|0|0|f', 'Envoy: an account refuses its key');
  is($envoy->post($path, as('ann'), body('other'))->{status}, 200, 'Envoy: the next call');
  is(decode_json($vendor->line(qr/"other"/))->{key}, $keys[1], 'Envoy: is made with the next account');
  is($told->(), $answered, 'Envoy: and logged');
  value('DELETE FROM llm_admin.account_state');
  my %stream = (stream => JSON::PP::true, stream_options => { include_usage => JSON::PP::true });
  like($envoy->post($path, as('ann'), body('events', %stream))->{body}, qr/^data: \[DONE\]$/m, 'Envoy: a stream');
  is($told->(), $answered, 'Envoy: with its usage');
  my $call = $envoy->begin($path, as('ann'), body('hang e-stream', %stream));
  $call->until(qr/said/);
  $call->hang_up;
  $vendor->post('/go', {}, 'hang e-stream');
  $sidecar->feed($envoy->line(qr/"DC"/) . "\nanother line\n");
  $sidecar->line(qr/^another line$/);
  like(logged(), qr/^ann\|call\|1\|-\|\d+\|0\|0\.\d+\|t$/, 'Envoy: a caller that hangs up is told by the access log');
  nothing_open('Envoy, hung up');
  # A key for another host is not given out.
  my $elsewhere = LlmAdmin::Gateways->start('sidecar', { %{ $sidecar[1] }, VENDOR_HOST => '127.0.0.1:1' }, @sidecar[ 2, 3 ]);
  $answer = $elsewhere->post("/check$path", as('ann'), body('elsewhere'));
  is("$answer->{status} " . ($answer->{headers}{authorization} // 'no key'), '503 no key', 'Envoy: no key for another host than that of the configuration');
  $elsewhere->stop;
  like(logged(), qr/^ann\|call\|1\|-\|0\|0\|0\|f$/, 'Envoy: nothing was sent');
  my $lost = LlmAdmin::Gateways->start('Envoy', {}, @envoy, $sidecar->{port}, 1);
  is($lost->post($path, as('ann'), body('lost'))->{status}, 503, 'Envoy: a vendor that is not there');
  $lost->line(qr/^finished 204$/);
  $lost->stop;
  like(logged(), qr/^ann\|call\|1\|-\|/, 'Envoy: that call has ended');
  $call = $envoy->begin($path, as('ann'), body('hang e-restart'));
  $vendor->line(qr/"hang e-restart"/);
  $node->restart;
  $vendor->post('/go', {}, 'hang e-restart');
  is($call->rest->{status}, 200, 'Envoy: the database restarts while the vendor works');
  is($told->(), $answered, 'Envoy: the call is recorded');
  $call = $envoy->begin($path, as('ann'), body('hang e-crash'));
  $vendor->line(qr/"hang e-crash"/);
  $sidecar->kill;
  $vendor->post('/go', {}, 'hang e-crash');
  is($call->rest->{status}, 200, 'Envoy: the sidecar crashes while the vendor works');
  expires('Envoy');
  $envoy->kill;
  says_no_secret('Envoy', $sidecar, $envoy, $elsewhere);

  # ---- hooks of LiteLLM ---------------------------------------------------------------------------------------

  my @litellm = ('LiteLLM', { %database, PYTHONPATH => "$tree/examples/gateways:$tree/test/gateways/modules" },
    $python, "$tree/test/gateways/litellm_proxy.py", $vendor->{port});
  my $litellm = LlmAdmin::Gateways->start(@litellm);
  $told = sub { $litellm->line(qr/^event$/); return logged() };
  $answer = $litellm->post($path, as('ann'), body('Good morning', metadata => { llm_admin_call => { id => 'forged' } }));
  is("$answer->{status} " . decode_json($answer->{body})->{choices}[0]{message}{content}, '200 You said: Good morning', 'LiteLLM: a call');
  is(decode_json($vendor->line(qr/Good morning/))->{key}, 'of-litellm', "LiteLLM: with LiteLLM's key");
  is($told->(), $answered, 'LiteLLM: the log has it');
  all_denied('LiteLLM', $litellm);
  $litellm->post($path, as('modest'), body('cheap hook'));
  is(decode_json(decode_json($vendor->line(qr/cheap hook/))->{body})->{model}, 'gpt-4o-mini', 'LiteLLM: a limit may lead to another model');
  is($told->(), 'modest|call|1|200|10|5|0.0000045|f', 'LiteLLM: which is paid for');
  is($litellm->post($path, as('ann'), body('fail 1 500 hooks'))->{status}, 500, "LiteLLM: an error of the vendor is the caller's");
  is($told->(), 'ann|call|1|500|0|0|0|f', 'LiteLLM: and in the log');
  is($litellm->post($path, as('ann'), body('unknown', model => 'o9'))->{status}, 400, 'LiteLLM: a model that it does not have');
  is($told->(), 'ann|call|1|-|0|0|f', 'LiteLLM: that call has ended');
  like($litellm->post($path, as('ann'), body('events', stream => JSON::PP::true))->{body}, qr/^data: \[DONE\]$/m, 'LiteLLM: a stream');
  is($told->(), $answered, 'LiteLLM: with its usage');
  $call = $litellm->begin($path, as('ann'), body('hang l-stream', stream => JSON::PP::true));
  $call->until(qr/said/);
  $call->hang_up;
  $vendor->post('/go', {}, 'hang l-stream');
  like($told->(), qr/^ann\|call\|1\|200\|10\|[23]\|/, 'LiteLLM: a caller that hangs up, with what LiteLLM has counted');
  $call = $litellm->begin($path, as('ann'), body('hang l-restart'));
  $vendor->line(qr/"hang l-restart"/);
  $node->restart;
  $vendor->post('/go', {}, 'hang l-restart');
  is($call->rest->{status}, 200, 'LiteLLM: the database restarts while the vendor works');
  is($told->(), $answered, 'LiteLLM: the call is recorded');
  $call = $litellm->begin($path, as('ann'), body('hang l-crash'));
  $vendor->line(qr/"hang l-crash"/);
  $litellm->kill;
  $vendor->line(qr/given_up.*"hang l-crash"/);
  expires('LiteLLM');
  says_no_secret('LiteLLM', $litellm);
}

# ---- all of it -----------------------------------------------------------------------------------------------

is(value('SELECT count(*), count(DISTINCT call_id), (SELECT count(*) FROM llm_admin.usage_requests) FROM llm_admin.llm_usage_logs'), "$calls|$calls|$calls",
  'every call is in the log once');
$vendor->stop;
$node->stop;
my @lines = grep { !/DETAIL:  parameters:/i } split /\n/, slurp_file($node->logfile);
is_deeply([ grep { my $line = $_; grep { index($line, substr $_, 3) >= 0 } values %token } grep { !/issue_access_key/ } @lines ], [], 'no statement of a gateway holds a token');
done_testing();
