# Calls from begin to end: which rows each function writes and no others, how much of the log of the server, what a denial
# leaves, keys that are refused, what may change between begin and finish, and servers that cannot write.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Calls;
use LlmAdmin::Session qw(failure);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = LlmAdmin::Calls::new_node('calls', streaming => 1, settings => "autovacuum = off\n");
my $value = sub { return $node->safe_psql('postgres', $_[0]) };
sub outcome
{
  my ($session, $sql, @more) = @_;
  my ($out, $err) = $session->ask($sql);
  my $failed = failure($err) or return $out;
  return join ' | ', "$failed->{state} $failed->{message}", map { $failed->{$_} // '' } @more;
}

# ---- what is written --------------------------------------------------------------------------------------

$value->(q{CREATE EXTENSION pg_walinspect; INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES
  ('user', 'ann', 'requests', 1000, 'day'), ('user', 'ann', 'cost_usd', 1000, 'month'), ('user', 'none', 'requests', 0, 'day'), ('user', 'spent', 'cost_usd', 0.0015, 'total')});

# The rows that a transaction has written, and its records in the write-ahead log, in a session that has just begun.
sub writes_of
{
  my ($sql) = @_;
  my $session = LlmAdmin::Session->new($node);
  my $from = $value->('SELECT pg_current_wal_insert_lsn()');
  my ($out, $err) = $session->ask("BEGIN; $sql");
  is($err, '', "it works: $sql");
  my $rows = $session->ask(q{SELECT string_agg(format('%s +%s ~%s -%s', regexp_replace(relname, '_\d+_\d+$', ''), n_tup_ins, n_tup_upd, n_tup_del), ', ' ORDER BY relname COLLATE "C")
    FROM pg_stat_xact_all_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0});
  my $xid = $session->ask('SELECT pg_current_xact_id_if_assigned()::xid');
  $session->ask('COMMIT');
  $session->quit;
  my ($records, $bytes) = $xid eq '' ? (0, 0) : split /\|/, $value->(qq{SELECT count(*), coalesce(sum(record_length - fpi_length), 0)
    FROM pg_get_wal_records_info('$from', pg_current_wal_flush_lsn()) WHERE xid = '$xid'});
  return ($rows, $records, $bytes, $out);
}
# The first call makes the counters.
my ($rows) = writes_of(q{SELECT begun('ann')});
is($rows, 'limit_counters +2 ~0 -0, llm_calls +1 ~0 -0', 'the first begin writes the call and the counters');
$value->(q{SELECT finished(call_id) FROM llm_admin.llm_calls});    # and pages of empty indexes
my ($written, $records, $bytes, $call) = writes_of(q{SELECT call_id FROM begun('ann')});
is($written, 'limit_counters +0 ~2 -0, llm_calls +1 ~0 -0', 'a begin writes the call and the counters, and nothing else');
cmp_ok($records, '<=', 10, "in $records records");
cmp_ok($bytes, '<=', 1500, "of $bytes bytes");
($written, $records, $bytes) = writes_of("SELECT finished('$call')");
is($written, 'limit_counters +0 ~1 -0, llm_calls +0 ~0 -1, llm_usage_logs +1 ~0 -0, usage_requests +1 ~0 -0', 'a finish writes the call, the counter that was reserved, the log and the request');
cmp_ok($records, '<=', 16, "in $records records");
cmp_ok($bytes, '<=', 2500, "of $bytes bytes");
is((writes_of("SELECT finished('$call')"))[0], '', 'a finish again writes nothing');
($call) = $value->(q{SELECT call_id FROM begun('ann', '{"request_id": "again"}')});
is((writes_of(q{SELECT begun('ann', '{"request_id": "again"}')}))[0], '', 'nor does a begin again');
is((writes_of("SELECT llm_admin.extend_call('$call', 3600000)"))[0], 'llm_calls +0 ~1 -0', 'a deadline is moved in the call');
is((writes_of("SELECT llm_admin.explain_call('$call')"))[0], '', 'an explanation writes nothing');
is((writes_of("SELECT llm_admin.open_sender_ticket('$call') AS t"))[0], 'sender_tickets +1 ~0 -0', 'a ticket is a row');
$value->(q{SELECT issue_access_key FROM llm_admin.issue_access_key('k', '{"user_id": "kim"}')});
my $token = $value->(q{SELECT token FROM llm_admin.issue_access_key('of ann', '{"user_id": "ann"}')});
is((writes_of("SELECT begun('', '{\"access_key\": \"$token\"}')"))[0], 'access_keys +0 ~1 -0, limit_counters +0 ~2 -0, llm_calls +1 ~0 -0', 'the first call of a key on a day notes the day');
is((writes_of("SELECT begun('', '{\"access_key\": \"$token\"}')"))[0], 'limit_counters +0 ~2 -0, llm_calls +1 ~0 -0', 'further ones do not');
$value->(q{UPDATE llm_admin.llm_calls SET expires_at = started_at + interval '1 microsecond' WHERE call_id IN (SELECT call_id FROM llm_admin.llm_calls LIMIT 2)});
is((writes_of(q{SELECT begun('bob')}))[0], 'limit_counters +0 ~2 -0, llm_calls +1 ~0 -2, llm_usage_logs +2 ~0 -0, usage_requests +2 ~0 -0', 'two that are overdue end beside a begin');

# A denial leaves nothing: no row, no transaction id.
my $session = LlmAdmin::Session->new($node);
$session->ask(q{SELECT begun('spent')});
foreach ([ q{begun('none')}, 'LA010 limit reached: requests of user none' ], [ q{begun('spent')}, 'LA010 limit reached: cost_usd of user spent' ],
  [ q{begun('u', '{"access_key": "x"}')}, 'LA011 the access key is not known' ], [ q{begun('u', '{"provider": "nope"}')}, '42704 Provider nope does not exist' ])
{
  my ($begin, $expected) = @$_;
  $session->ask('BEGIN; SAVEPOINT before');
  is(outcome($session, "SELECT $begin"), $expected, "denied: $begin");
  is($session->ask('ROLLBACK TO before; SELECT pg_current_xact_id_if_assigned() IS NULL'), 't', 'which has written nothing');
  $session->ask('COMMIT');
}

# ---- keys -------------------------------------------------------------------------------------------------

my @sessions = map { LlmAdmin::Session->new($node) } 1 .. 8;
my %mended = (revoked => q{revoke_access_key('%s')}, blocked => q{block_access_key('%s', true)});
foreach my $how (sort keys %mended)
{
  my ($id, $key) = split /\|/, $value->(qq{SELECT id, token FROM llm_admin.issue_access_key('$how', '{"user_id": "$how"}')});
  my $begin = qq{SELECT call_id IS NOT NULL FROM begun('', '{"access_key": "$key"}')};
  is(join('', map { outcome($_, $begin) } @sessions), 't' x 8, "a key that is not $how yet begins calls in 8 sessions");
  $value->('SELECT llm_admin.' . sprintf $mended{$how}, $id);
  is(join(',', map { outcome($_, $begin) } @sessions), join(',', ("LA011 the access key is $how") x 8), "$how, it is refused by the next begin of each");
  is(outcome($sessions[0], qq{SELECT begun('', '{"access_key_hash": "@{[ sha256_hex($key) ]}"}')}), "LA011 the access key is $how", 'and by its hash');
  my $open = $value->("SELECT call_id FROM llm_admin.llm_calls WHERE user_id = '$how' LIMIT 1");
  is(outcome($sessions[1], "SELECT finished('$open')"), 'recorded 0.00004 priced none', 'what it has begun is recorded all the same');
}
$_->quit foreach @sessions;
my $keyed = sub { return outcome($session, "SELECT begun('$_[0]', '" . ($_[1] =~ s/KEY/$token/r) . "')", 'detail') };
(my $changed = $token) =~ s/^(la_.{10})(.)/$1 . ($2 eq 'A' ? 'B' : 'A')/e;
is(outcome($session, qq{SELECT begun('', '{"access_key": "$changed"}')}), 'LA011 the access key is not known', 'one character changed');
is($keyed->('bob', '{"access_key": "KEY"}'), 'LA011 the access key is for another caller | it fixes, and the call says otherwise: argument user_id', 'another user');
my $acme = $value->(q{SELECT token FROM llm_admin.issue_access_key('of acme', '{"tenant_id": "acme", "team": "red", "tier": "enterprise", "tags": {"project": "x"}}')});
my $params = qq('{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}');
is(outcome($session, "SELECT llm_admin.begin_call($params, 'u', 'other', 'free', '{\"access_key\": \"$acme\", \"team\": \"blue\", \"tags\": {\"project\": \"y\"}}')", 'detail'),
  'LA011 the access key is for another caller | it fixes, and the call says otherwise: argument tenant_id, argument tier, option team, tag project', 'all that differs from the key is told at once');
$session->ask("BEGIN; SELECT llm_admin.enter_tenant('other')");
is(outcome($session, "SELECT llm_admin.begin_call($params, options => '{\"access_key\": \"$acme\"}')", 'detail'),
  'LA011 the access key is not known | ', "another tenant's key is not known within a tenant");
$session->ask('ROLLBACK');
is(outcome($session, "SELECT call_id IS NOT NULL FROM llm_admin.begin_call($params, 'u', 'acme', options => '{\"access_key\": \"$acme\", \"tags\": {\"more\": \"z\"}}')"), 't', 'what agrees with it is taken');
is($value->(q{SELECT tenant_id, team_id, access->>'tier', tags FROM llm_admin.llm_calls WHERE tenant_id = 'acme'}), 'acme|red|enterprise|{"more": "z", "project": "x"}', 'with what the key says');

# ---- one transaction, and repeats -------------------------------------------------------------------------

my ($out, $err) = $session->ask(q{BEGIN; SELECT finished(call_id) FROM begun('one')});
is($out, 'recorded 0.00004 priced none', 'begin and finish in one transaction are recorded');
like($err, qr/WARNING:  01000: begin_call\(\) and finish_call\(\) are in one transaction\nDETAIL:  .*\nHINT:  commit before/, 'with a warning');
$session->ask('COMMIT');
($call) = $session->ask(q{SELECT call_id FROM begun('one', '{"request_id": "q"}')});
is($session->ask(q{SELECT call_id FROM begun('one', '{"request_id": "q"}')}), $call, 'a request_id that is open is the same call');
is(outcome($session, q{SELECT begun('one', '{"request_id": "q"}', 50)}), 'LA006 another request is open under this request_id', 'with other params it is refused');
is(outcome($session, q{SELECT begun('two', '{"request_id": "q"}')}), 'LA006 another request is open under this request_id', 'and for another user');
is($session->ask("SELECT finished('$call')"), 'recorded 0.00004 priced none', 'recorded');
like(outcome($session, q{SELECT begun('one', '{"request_id": "q"}')}, 'detail'), qr/^LA004 the request is answered already \| \{"usage_id": \d+\}$/, 'answered, it has a usage id');
is(outcome($session, 'SELECT finished(gen_random_uuid())') =~ s/call [0-9a-f-]{36}/call/r, 'LA004 call is not known', 'a finish without a begin');
my $usage = $value->("SELECT id FROM llm_admin.llm_usage_logs WHERE call_id = '$call'");
is(outcome($session, "SELECT usage_id, cost_usd, duplicate FROM llm_admin.finish_call('$call', NULL, 500, options => '{\"error\": \"ETIMEDOUT\"}')"), "$usage|0.00004|t", 'another answer changes nothing');

# ---- what changes meanwhile -------------------------------------------------------------------------------

$call = $session->ask(q{SELECT call_id FROM begun('prices')});
$value->(q{SELECT llm_admin.set_model_price('openai/gpt-4o', '{"input": 0.25, "output": 1}')});
is($session->ask("SELECT finished('$call')"), 'recorded 0.00004 priced none', 'a price that rises after the begin is not that of the call');
$call = $session->ask(q{SELECT call_id FROM begun('prices')});
$value->(q{DELETE FROM llm_admin.model_pricing WHERE model_id = 'openai/gpt-4o'});
is($session->ask("SELECT finished('$call')"), 'recorded 0.004 priced none', 'nor does one that vanishes leave it without');
$session->ask(q{SELECT begun('unpriced')});
is($value->(q{SELECT price_id IS NULL FROM llm_admin.llm_calls WHERE user_id = 'unpriced'}), 't', 'a call that begins afterwards has no price');
$value->(q{SELECT llm_admin.set_model_price('openai/gpt-4o', '{"input": 0.0025, "output": 0.01}')});
$call = $session->ask(q{SELECT call_id FROM begun('provider')});
$value->(q{UPDATE llm_admin.llm_provider_configs SET is_enabled = false, is_active = false WHERE provider_name = 'chatgpt'});
is(outcome($session, q{SELECT begun('provider', '{"provider": "chatgpt"}')}), '55000 Provider chatgpt is disabled', 'a provider that is disabled begins no more');
is($session->ask("SELECT finished('$call')"), 'recorded 0.00004 priced none', 'what it has begun is recorded');
$value->(q{UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'chatgpt'; SELECT llm_admin.switch_active_provider('chatgpt')});

# A clock that steps back.
$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'clock', 'cost_usd', 1, 'hour'), ('user', 'clock', 'requests', 3, 'minute')});
my $clock = sub { $session->ask("SELECT llm_admin_test.set_clock($_[0])") };
$clock->(q{'2030-01-01 12:00:30'});
my ($ahead, $receipt) = split /\|/, $session->ask(q{SELECT call_id, receipt FROM begun('clock')});
my ($undone, $its) = split /\|/, $session->ask(q{BEGIN; SELECT call_id, receipt FROM begun('clock'); ROLLBACK});
$clock->(q{'2030-01-01 11:58:00'});
is($session->ask('SELECT llm_admin.expire_calls()') =~ /^\d+$/ ? $value->("SELECT count(*) FROM llm_admin.llm_calls WHERE call_id = '$ahead'") : '', 1, 'a clock that steps back ends no call early');
is($session->ask("SELECT llm_admin.extend_call('$ahead', 1000) = expires_at FROM llm_admin.llm_calls WHERE call_id = '$ahead'"), 't', 'nor moves a deadline forward');
is($session->ask("SELECT finished('$ahead')"), 'recorded 0.00004 priced none', 'what began later is recorded');
is($session->ask("SELECT finished('$undone', 2, jsonb_build_object('receipt', '$its'))"), 'recorded 0.00004 priced none', 'by its receipt as well');
is($session->ask(q{SELECT held('clock'), spent('clock')}), '0|0.00008', 'its window has what was spent by both');
is(join(',', map { outcome($session, q{SELECT call_id IS NOT NULL FROM begun('clock')}) } 1 .. 2), 't,LA010 limit reached: requests of user clock', 'and nothing is given twice');
$clock->('NULL');
# The receipt is good for a day.
foreach ([ "'2030-01-02 12:00:29'", 'duplicate 0.00004 priced none' ])
{
  $clock->($_->[0]);
  is($session->ask("SELECT finished('$undone', 2, jsonb_build_object('receipt', '$its'))"), $_->[1], 'recorded once');
}
$clock->(q{'2030-01-01 12:00:30'});
($undone, $its) = split /\|/, $session->ask(q{BEGIN; SELECT call_id, receipt FROM begun('receipts'); ROLLBACK});
$clock->(q{'2030-01-02 12:00:31'});
like(outcome($session, "SELECT finished('$undone', 2, jsonb_build_object('receipt', '$its'))", 'detail'), qr/^LA004 call \S+ is not known \| .*24 hours/, 'a receipt is good for a day');
$clock->(q{'2030-01-02 12:00:29'});
(my $forged = $its) =~ s/(.{20})(.)/$1 . ($2 eq 'A' ? 'B' : 'A')/e;
like(outcome($session, "SELECT finished('$undone', 2, jsonb_build_object('receipt', '$forged'))"), qr/^LA00[24] /, 'one that was altered is none');
is($session->ask("SELECT finished('$undone', 2, jsonb_build_object('receipt', '$its'))"), 'recorded 0.00004 priced none', 'until then it is');
$clock->('NULL');

# ---- who cannot write -------------------------------------------------------------------------------------

$call = $session->ask(q{SELECT call_id FROM begun('standby')});
$node->backup('before');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'before', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
my $reading = LlmAdmin::Session->new($standby);
my %writing = (begin_call => "begin_call($params)", finish_call => "finish_call('$call')", extend_call => "extend_call('$call', 3600000)", expire_calls => 'expire_calls()',
  open_sender_ticket => "open_sender_ticket('$call')", redeem_sender_ticket => "redeem_sender_ticket('lt_@{[ 'A' x 43 ]}')");
$session->ask('START TRANSACTION READ ONLY');
foreach (sort keys %writing)
{
  like(outcome($reading, "SELECT llm_admin.$writing{$_}"), qr/^25006 /, "a standby: $_");
  $session->ask('SAVEPOINT s');
  like(outcome($session, "SELECT llm_admin.$writing{$_}"), qr/^25006 /, "a read-only transaction: $_");
  $session->ask('ROLLBACK TO s');
}
$session->ask('ROLLBACK');
is(outcome($reading, "SELECT llm_admin.explain_call('$call')->>'state'"), 'open', 'a standby explains calls');
# The one that takes over ends what was begun.
$reading->quit;
$standby->promote;
is($standby->safe_psql('postgres', "SELECT finished('$call')"), 'recorded 0.00004 priced none', 'and once it is promoted it records them');

$session->quit;
done_testing();
