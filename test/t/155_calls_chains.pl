# What follows an attempt that failed: accounts that rest, the next one, the same again, nothing; whether it is safe; chains of
# attempts. Whose key a call is sent with: the account's, a tenant's own, and that of a ticket, and which levels may.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Calls;
use LlmAdmin::Session qw(failure);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = LlmAdmin::Calls::new_node('calls_chains');
my $value = sub { return $node->safe_psql('postgres', $_[0]) };
my $session = LlmAdmin::Session->new($node);
sub outcome
{
  my ($of, $sql, @more) = @_;
  my ($out, $err) = $of->ask($sql);
  my $failed = failure($err) or return $out;
  return join ' | ', "$failed->{state} $failed->{message}", map { $failed->{$_} // '' } @more;
}
$value->(q{INSERT INTO llm_admin.llm_providers (name, type, api_key_encrypted, metadata)
  SELECT 'a' || n, 'openai', llm_admin.encrypt_key('sk-account-' || n || '-0123456789'), jsonb_build_object('priority', -n) FROM generate_series(1, 3) AS n;
  INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'quota', 'requests', 2, 'total')});
my %name_of = split /[|\n]/, $value->('SELECT id, name FROM llm_admin.llm_providers');
my %id_of = reverse %name_of;
my $named = sub { my ($id) = @_; return $id eq '' ? '-' : $name_of{$id} // $id };
# Begins a call; its id and the account's name.
sub begins { my ($who, $options) = @_; my ($id) = $session->ask("SELECT call_id FROM begun('$who', '" . ($options // '{}') . "')"); my $account = $value->("SELECT account_id FROM llm_admin.llm_calls WHERE call_id = '$id'"); return ($id, $named->($account)) }
sub ends { my ($id, $status, $options, $body) = @_;
  my ($next, $account, $after, $safe) = split /\|/, $session->ask("SELECT next, next_account, after_ms, safe FROM llm_admin.finish_call('$id', " . ($body // q('{"error": {"message": "no"}}')) . ", $status, 1, '" . ($options // '{}') . "')"), -1;
  return join ' ', $next, $named->($account), $after eq '' ? '-' : 'waits', $safe eq 't' ? 'safe' : 'unsafe' }
my $rests = sub { return $value->(q{SELECT string_agg(concat_ws(' ', p.name, nullif(s.model, ''), s.state), ', ' ORDER BY p.name) FROM llm_admin.account_state s JOIN llm_admin.llm_providers p ON s.subject = p.id::text WHERE s.until > now()}) };
my $rested = sub { $value->('DELETE FROM llm_admin.account_state') };

# ---- what an answer says of the account -------------------------------------------------------------------

foreach my $status (401, 402, 403)
{
  my ($id, $account) = begins('rests');
  is($account, 'a1', "$status: the first account is asked");
  is(ends($id, $status), 'next_account a2 - safe', "$status: the next one follows");
  like($rests->(), qr/^a1 open$/, "$status: the first one rests");
  is((begins('rests'))[1], 'a2', "$status: whoever begins now is sent to the second");
  $rested->();
}
my ($id) = begins('rests');
is(ends($id, 429), 'next_account a2 - safe', '429: the next account follows');
like($rests->(), qr{^a1 openai/gpt-4o open$}, 'and the model rests at the first');
is((begins('rests'))[1], 'a2', 'of which whoever begins now is sent to the second');
is($session->ask(qq{SELECT account_id = '$id_of{a1}' FROM llm_admin.begin_call('{"model": "gpt-4o-mini", "max_tokens": 1, "messages": [{"role": "user", "content": "x"}]}', 'rests')}), 't', 'other models go on there');
$rested->();
# The request's own mistakes never move on, and no account rests for them.
foreach my $status (400, 413, 422)
{
  ($id) = begins('rests');
  is(ends($id, $status), 'none - - safe', "$status: nothing follows");
  is($rests->(), '', "$status: nobody rests");
}
($id) = begins('rests');
is(ends($id, 404), 'next_account a2 - safe', '404: another account may have the model');
($id) = begins('rests');
is(ends($id, 500), 'retry_same - waits safe', '500: the same once more');
($id) = begins('rests');
is(ends($id, 504), 'retry_same - waits unsafe', '504: it may have been done');
($id) = begins('rests');
is(ends($id, 'NULL', '{"error": "ETIMEDOUT"}', 'NULL'), 'retry_same - waits unsafe', 'a timeout: it may have been done');
($id) = begins('rests');
is(ends($id, 'NULL', '{"error": "ECONNREFUSED"}', 'NULL'), 'retry_same - waits safe', 'no connection: it was not');
($id) = begins('rests');
is(ends($id, 500, '{"output_seen": true}'), 'retry_same - waits unsafe', 'output was seen: somebody has read it');
($id) = begins('rests');
is(ends($id, 'NULL', '{"cancelled": true}', 'NULL'), 'none - - unsafe', 'cancelled: nothing follows');
($id) = begins('rests');
is(ends($id, 200, '{}', q('{"model": "gpt-4o", "choices": [{"finish_reason": "stop", "message": {"content": "Hi"}}], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}')), 'none - - unsafe', 'an answer: nothing follows');
is($rests->(), '', 'none of these rests');

# ---- chains -----------------------------------------------------------------------------------------------

# From account to account, until there is none; each attempt is a row, the quota is taken once.
my ($first, $account) = begins('quota', '{"request_id": "chain"}');
is(ends($first, 401), 'next_account a2 - safe', 'the first attempt: the second account follows');
my ($second, $at) = begins('quota', qq({"parent_call_id": "$first", "account_id": "$id_of{a2}"}));
is($at, 'a2', 'which is asked for');
is(ends($second, 402), 'next_account a3 - safe', 'the second attempt: the third account follows');
my ($third) = begins('quota', qq({"parent_call_id": "$second", "account_id": "$id_of{a3}"}));
is(ends($third, 403), 'none - - safe', 'the third: there is no other, those that were tried are not tried again');
is($value->(q{SELECT spent('quota', 'requests'), string_agg(attempt || ' ' || coalesce(request_id, '-'), ', ' ORDER BY attempt) FROM llm_admin.llm_usage_logs WHERE user_id = 'quota'}),
  '1|1 chain, 2 chain, 3 chain', 'three rows of the log, one request of the quota');
is($value->(q{SELECT string_agg(request_id, ' ' ORDER BY request_id) FROM llm_admin.usage_requests WHERE request_id LIKE 'chain%'}), 'chain chain/2 chain/3', 'each has a name');
like($rests->(), qr/^a1 open, a2 open, a3 open$/, 'all accounts rest');
is((begins('rests'))[1], '-', "a call then goes by the provider's own key");
$rested->();
my $last = $third;
foreach my $attempt (4, 5)
{
  ($last) = begins('quota', qq({"parent_call_id": "$last"}));
  ends($last, 500);
}
is(outcome($session, qq{SELECT begun('quota', '{"parent_call_id": "$last"}')}, 'detail'), 'LA005 the chain of attempts is at its end | it has had 5 attempts', 'five attempts are the most');
my ($open) = begins('quota', '{"request_id": "open"}');
is(outcome($session, qq{SELECT begun('quota', '{"parent_call_id": "$open"}')}, 'detail'), 'LA004 option parent_call_id is of no call that has ended | that call is open', 'nothing follows an attempt that is open');
is(outcome($session, q{SELECT begun('quota')}), 'LA010 limit reached: requests of user quota', "a limit's denial");
is($rests->(), '', 'rests no account');
is(outcome($session, qq{SELECT begun('quota', '{"parent_call_id": "$first", "request_id": "other"}')}), '22023 option request_id differs from that of the attempt before', 'a chain has one request_id');
is(outcome($session, q{SELECT begun('rests', '{"account_id": "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a"}')}), '42704 there is no such account that can be used', 'an account that is none');

# ---- whose key --------------------------------------------------------------------------------------------

$value->(q{CREATE ROLE app LOGIN; CREATE ROLE sender LOGIN; CREATE ROLE auditor LOGIN; CREATE ROLE nobody LOGIN; CREATE ROLE operator LOGIN;
  SELECT llm_admin.grant_access('app', 'app'), llm_admin.grant_access('sender', 'sender'), llm_admin.grant_access('auditor', 'auditor'), llm_admin.grant_access('operator', 'operator');
  SELECT llm_admin.put_llm_config('acme', '{"provider": "chatgpt", "apiKey": "sk-of-acme-0123456789"}')});
sub as { my ($role, $sql) = @_; my ($out, $err) = ('', '');
  $node->psql('postgres', "\\set VERBOSITY verbose\n$sql", stdout => \$out, stderr => \$err, extra_params => [ '-U', $role ]);
  my $failed = failure($err) or return $out; return "$failed->{state} $failed->{message}" }
my $call = q{SELECT source, account_id IS NULL, headers->>'Authorization' FROM llm_admin.begin_call('{"model": "gpt-4o", "max_tokens": 1, "messages": [{"role": "user", "content": "x"}]}', 'keys', '%s', options => '%s')};
is(as('app', sprintf $call, '', '{"with_key": true}'), 'platform|f|Bearer sk-account-1-0123456789', "level app has the account's key");
is(as('app', sprintf $call, '', '{}'), 'platform|f|', 'and no key where it does not ask for one');
is(as('app', sprintf $call, 'acme', '{"with_key": true, "requested": "byollm"}'), 'byollm|t|Bearer sk-of-acme-0123456789', "a tenant's own key pays");
is(as('app', sprintf $call, 'acme', '{"with_key": true, "requested": "aegis"}') =~ s/ sk-.*//r, 'platform|f|Bearer', 'unless the platform is asked for');
is($value->(q{SELECT key_source || ' ' || coalesce(estimate_usd::text, '-') FROM llm_admin.llm_calls WHERE tenant_id = 'acme' AND key_source = 'byollm'}), 'byollm 0', 'and nothing of money is reserved for it');
my $own = $value->(q{SELECT call_id FROM llm_admin.llm_calls WHERE tenant_id = 'acme' AND key_source = 'byollm'});
is($session->ask("SELECT finished('$own')"), 'recorded 0 priced none', "what is paid by a tenant's key costs the platform nothing");
my $own_key = q{llm_admin.begin_call('{"model": "gpt-4o", "max_tokens": 1, "messages": [{"role": "user", "content": "x"}]}', 'keys', 'acme', options => '{"requested": "byollm"}')};
$own = $value->("SELECT call_id FROM $own_key");
is(ends($own, 401), 'none - - safe', "a tenant's own key that is refused: nothing follows");
is($rests->(), '', 'and no account of the platform rests');
my ($undone, $receipt) = split /\|/, $session->ask("BEGIN; SELECT call_id, receipt FROM $own_key; ROLLBACK");
is($session->ask("SELECT finished('$undone', 2, jsonb_build_object('receipt', '$receipt'))"), 'recorded 0 priced none', 'by its receipt as well');
like(as($_, sprintf $call, '', '{}'), qr/^42501 /, "level $_ begins no call") foreach qw(sender auditor nobody);
like(as($_, 'SELECT llm_admin.expire_calls()'), qr/^42501 /, "$_ expires none") foreach qw(sender auditor nobody);
is(as('operator', 'SELECT llm_admin.expire_calls()'), '0', 'operators do');

# A tenant that is entered sees its own calls.
my ($platforms) = begins('keys');
is(as('app', "BEGIN; SELECT llm_admin.enter_tenant('acme') IS NULL; SELECT llm_admin.$_") =~ s/call [0-9a-f-]{36}/call/r =~ s/^f\n//r, 'LA004 call is not known', "within a tenant another's call is unknown: $_" =~ s/'[0-9a-f-]+'/id/r)
  foreach "finish_call('$platforms')", "extend_call('$platforms', 1000)", "explain_call('$platforms')", "open_sender_ticket('$platforms')";
is($session->ask("SELECT finished('$platforms')"), 'recorded 0.00004 priced none', 'which is open still');

# Tickets.
($id) = begins('tickets');
my $ticket = as('app', "SELECT llm_admin.open_sender_ticket('$id')");
like($ticket, qr/^lt_[\w-]{43}$/, 'level app opens a ticket');
like(as($_, "SELECT llm_admin.redeem_sender_ticket('$ticket')"), qr/^42501 /, "$_ does not redeem it") foreach qw(app operator auditor nobody);
like(as('sender', "SELECT llm_admin.open_sender_ticket('$id')"), qr/^42501 /, 'level sender opens none');
is(as('sender', "SELECT call_id = '$id', headers->>'Authorization' FROM llm_admin.redeem_sender_ticket('$ticket')"), 't|Bearer sk-account-1-0123456789', 'it redeems one for the headers');
is(as('sender', "SELECT llm_admin.redeem_sender_ticket('$ticket')"), 'LA004 the ticket is not known', 'once');
is($value->('SELECT count(*) FROM llm_admin.sender_tickets'), 0, 'and nothing of it is left');
my $clock = sub { $session->ask("SELECT llm_admin_test.set_clock(clock_timestamp() + interval '$_[0]')") };
$ticket = $session->ask("SELECT llm_admin.open_sender_ticket('$id')");
$clock->('61 seconds');
is(outcome($session, "SELECT llm_admin.redeem_sender_ticket('$ticket')"), 'LA004 the ticket is not known', 'after a minute it is none');
$session->ask('SELECT llm_admin_test.set_clock(NULL)');
$ticket = $session->ask("SELECT llm_admin.open_sender_ticket('$id')");
my $sender = LlmAdmin::Session->new($node);
$sender->ask("BEGIN; SELECT llm_admin.redeem_sender_ticket('$ticket')");
$session->send("SELECT llm_admin.redeem_sender_ticket('$ticket')");
$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE pid = @{[ $session->pid ]} AND wait_event_type = 'Lock'") or die;
$sender->ask('COMMIT');
like(($session->answer)[1], qr/LA004/, 'of two that redeem it at once one does');
$ticket = $session->ask("SELECT llm_admin.open_sender_ticket('$id')");
$session->ask("SELECT finished('$id')");
is(outcome($session, "SELECT llm_admin.redeem_sender_ticket('$ticket')"), 'LA004 the ticket is not known', 'a call that has ended gives its key to nobody');
is(outcome($session, "SELECT llm_admin.open_sender_ticket('$id')") =~ s/call [0-9a-f-]{36}/call/r, 'LA004 call is not known', 'nor a ticket');

$_->quit foreach $session, $sender;
done_testing();
