# Where do the secrets of calls go: tokens of callers, keys of vendors, tickets of senders? At the noisiest settings a server
# has, with roles as docs/security.md sets them up: each is in the answers that show it and nowhere else, whether the call is
# begun, denied, refused by the vendor with words that quote its key, explained or sent by somebody else.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Canary qw(found_in);
use LlmAdmin::Noise;
use PostgreSQL::Test::Utils;
use Test::More;

my $noise = LlmAdmin::Noise->start('calls_canaries', qw(writer reader sender checker));
my $node = $noise->node;
$node->safe_psql('shop', <<'SQL');
SELECT llm_admin.grant_access('writer', 'operator'), llm_admin.grant_access('reader', 'app'), llm_admin.grant_access('sender', 'sender'), llm_admin.grant_access('checker', 'auditor');
SELECT llm_admin.set_model_price('openai/gpt-4o', '{"input": 0.0025, "output": 0.01}', '2020-01-01');
INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'none', 'requests', 0, 'day'), ('user', '*', 'cost_usd', 100, 'day');
SQL
$noise->make_quiet;

my $work = $noise->round('calls');
my ($writer, $reader, $sender, $checker) = map { $work->client($_) } qw(writer reader sender checker);
my $platform = $work->key('platform');
$work->works('the key of a vendor', $writer, 'SELECT llm_admin.set_provider_key($1, $2)', 'chatgpt', $platform);
$node->safe_psql('shop', q{UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'chatgpt'});
$work->works('which is active', $writer, 'SELECT llm_admin.switch_active_provider($1)', 'chatgpt');
my $of_tenant = $work->key('tenant');
$work->works('the key of a tenant', $reader, 'SELECT llm_admin.put_llm_config($1, $2::jsonb)', 'acme', qq({"provider": "chatgpt", "apiKey": "$of_tenant"}));
my %token = map { $_ => $work->tells("a key for callers: $_", $writer, 'SELECT token FROM llm_admin.issue_access_key($1, $2::jsonb)', $_, '{"user_id": "ann"}') } qw(used revoked);
my $revoked = $work->works('its id', $writer, 'SELECT id FROM llm_admin.access_keys WHERE name = $1', 'revoked');

# ---- begun and denied -------------------------------------------------------------------------------------

my $params = '{"model": "gpt-4o", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}';
my $begin = 'SELECT call_id, method, url, headers, body, warnings, receipt FROM llm_admin.begin_call($1::json, $2, $3, options => $4::jsonb)';
my $options = sub { my (%more) = @_; return '{' . join(', ', map { qq("$_": $more{$_}) } sort keys %more) . '}' };
my $call = $work->works('a begin by a token', $reader, $begin, $params, '', '', $options->(access_key => qq("$token{used}"), request_id => '"r"'));
is($work->works('again', $reader, $begin, $params, '', '', $options->(access_key => qq("$token{used}"), request_id => '"r"')), $call, 'the same call');
$work->works('by its hash', $reader, $begin, $params, '', '', $options->(access_key_hash => '"' . sha256_hex($token{used}) . '"'));
like($work->tells('with the key of the vendor', $reader, 'SELECT headers FROM llm_admin.begin_call($1::json, $2, options => $3::jsonb)', $params, 'bob', '{"with_key": true}'), qr/\Q$platform\E/, 'its answer shows it');
like($work->tells("with a tenant's", $reader, 'SELECT headers FROM llm_admin.begin_call($1::json, $2, $3, options => $4::jsonb)', $params, 'bob', 'acme', '{"with_key": true, "requested": "byollm"}'), qr/\Q$of_tenant\E/, 'and that');
$work->works('revoking', $writer, 'SELECT llm_admin.revoke_access_key($1::uuid)', $revoked);
(my $changed = $token{used}) =~ s/^(la_.{10})(.)/$1 . ($2 eq 'A' ? 'B' : 'A')/e;
foreach (
  [ 'a key that is revoked', 'LA011', '', access_key => qq("$token{revoked}") ], [ 'one character changed', 'LA011', '', access_key => qq("$changed") ],
  [ 'another user', 'LA011', 'eve', access_key => qq("$token{used}") ], [ 'a limit', 'LA010', 'none', with_key => 'true' ],
  [ 'a token for a hash', '22023', '', access_key_hash => qq("$token{used}") ], [ 'a token for an option', '22023', '', $token{used} => '1' ],
  [ 'a token for a provider', '42704', '', provider => qq("$token{used}") ], [ 'a token for an account', '22023', '', account_id => qq("$token{used}") ],
  [ 'a token for a word', '22023', '', requested => qq("$token{used}") ], [ 'a token that is repeated', '22023', '', access_key => qq(["$token{used}"]) ])
{
  my ($what, $state, $user, %more) = @$_;
  $work->fails($what, $state, $reader, $begin, $params, $user, '', $options->(%more));
}
$work->fails('a token for a tier', 'LA011', $reader, 'SELECT llm_admin.begin_call($1::json, tier => $2)', $params, $token{used});
$work->fails('a token for a model', '54000', $reader, $begin, $params =~ s/gpt-4o/@{[ $token{used} x 60 ]}/r, '', '', '{}');
$work->fails('a token for a number', 'LA002', $reader, $begin, $params =~ s/100/"$token{used}"/r, '', '', '{}');
$work->fails('a token for a parameter', 'LA002', $reader, $begin, $params =~ s/"max_tokens"/"$token{used}"/r, '', '', '{}');

# ---- ended ------------------------------------------------------------------------------------------------

my $finish = 'SELECT result, warnings FROM llm_admin.finish_call($1::uuid, $2, $3, options => $4::jsonb)';
$work->works('an answer', $reader, $finish, $call, '{"model": "gpt-4o", "choices": [], "usage": {"prompt_tokens": 8, "completion_tokens": 2}}', 200, '{}');
my $next = sub { return $work->works('another call', $reader, $begin, $params, 'bob', $_[0] // '', $_[1] // '{}') };
$work->works('a vendor that quotes its key', $reader, $finish, $next->(), qq({"error": {"message": "Incorrect API key provided: $platform."}}), 401, '{}');
$work->works('in words that are no JSON', $reader, $finish, $next->(), "<html>key $platform is unknown</html>", 403, '{}');
$work->works('a client that does', $reader, $finish, $next->(), undef, undef, qq({"error": "401: wrong key $platform"}));
$work->works('both', $reader, $finish, $next->(), qq({"error": {"message": "wrong: $platform"}}), 500, qq({"error": "wrong: $platform", "headers": {"x-key": "$platform"}}));
$work->works("a tenant's", $reader, $finish, $next->('acme', '{"requested": "byollm"}'), qq({"error": {"message": "wrong: $of_tenant"}}), 401, qq({"error": "wrong: $of_tenant"}));
$work->fails('a key for an option', '22023', $reader, $finish, $next->(), undef, undef, qq({"$platform": 1}));
$work->fails('a key for usage', '22023', $reader, $finish, $next->(), undef, undef, qq({"usage": "$platform"}));
$work->works('a key for usage of tokens', $reader, $finish, $next->(), undef, 200, qq({"usage": {"prompt_tokens": "$platform"}}));
$work->fails('a key for a receipt', 'LA002', $reader, $finish, '8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a', undef, undef, qq({"receipt": "$platform"}));
$work->works('explained', $reader, 'SELECT llm_admin.explain_call($1::uuid)', $call);

# ---- sent by somebody else --------------------------------------------------------------------------------

my $open = $next->();
my $ticket = $work->tells('a ticket', $reader, 'SELECT llm_admin.open_sender_ticket($1::uuid)', $open);
my $left = $work->tells('a ticket that is left', $reader, 'SELECT llm_admin.open_sender_ticket($1::uuid)', $open);
my $redeem = 'SELECT headers FROM llm_admin.redeem_sender_ticket($1)';
like($work->tells('redeemed', $sender, $redeem, $ticket), qr/\Q$platform\E/, 'it gives the key');
$work->fails('again', 'LA004', $sender, $redeem, $ticket);
$work->fails('by whom it is not for', '42501', $reader, $redeem, $left);
(my $wrong = $left) =~ s/^(lt_.{10})(.)/$1 . ($2 eq 'A' ? 'B' : 'A')/e;
$work->fails('one character changed', 'LA004', $sender, $redeem, $wrong);
$work->fails('for a call', '22P02', $reader, 'SELECT llm_admin.open_sender_ticket($1::text::uuid)', 'x');
$work->works('calls', $checker, 'SELECT c::text FROM llm_admin.llm_calls c');
$work->works('the log', $checker, 'SELECT l::text FROM llm_admin.llm_usage_logs l');
$work->works('the audit log', $checker, 'SELECT l::text, p::text FROM llm_admin.audit_log l LEFT JOIN llm_admin.audit_payloads p ON p.audit_id = l.id');

# ---- the look ---------------------------------------------------------------------------------------------

$node->safe_psql('shop', q{SELECT llm_admin.record_provider_test('groq', true, 1)});
my %text = ($work->finish, $noise->places(qr/begin_call/));
$text{log} = join "\n", $noise->log_lines;
$text{rows} = join "\n", map { $node->safe_psql('shop', "SELECT t::text FROM llm_admin.$_ t") } qw(llm_calls sender_tickets llm_usage_logs usage_requests limit_counters limit_events account_state config_changes audit_log);
like($text{log}, qr/finish_call/, 'the log was searched');
like($text{rows}, qr/Incorrect API key provided/, 'rows were searched, and words of vendors are kept');
like($text{pg_dump}, qr/Incorrect API key provided/, 'and the dump');
is(found_in($text{$_}, qr/^calls-/), '', "no key of a vendor in $_") for sort keys %text;
my %secret = ((map { ("token $_" => $token{$_}) } keys %token), 'ticket' => $ticket, 'ticket that is left' => $left);
sub seen_in
{
  my ($text, $secret) = @_;
  my %form = LlmAdmin::Canary::forms($secret);
  return join ', ', grep { index($text, $form{$_}) >= 0 } sort keys %form;
}
foreach my $name (sort keys %secret)
{
  is(seen_in($text{$_}, $secret{$name}), '', "no $name in $_") for sort keys %text;
}
is(seen_in($text{$_}, sha256_hex($token{used})), '', "no hash of a token in $_") for grep { !/^(?:decoding|pg_dump)$/ } sort keys %text;
like($text{rows}, qr/@{[ sha256_hex($left) ]}/, 'the look finds the hash of a ticket where it is stored');
is($noise->files_with(qr/^calls-/), '', 'no key of a vendor in any file of the data directory');
my @found;
my @folders = ($node->data_dir);
while (defined(my $folder = shift @folders))
{
  foreach my $file (glob "$folder/*")
  {
    if (-d $file && !-l $file) { push @folders, $file; next; }
    open my $in, '<:raw', $file or next;    # a file may go meanwhile
    my $bytes = do { local $/; <$in> } // '';
    close $in;
    push @found, map { "$_ in $file" } grep { index($bytes, $secret{$_}) >= 0 } sort keys %secret;
  }
}
is(join("\n", @found), '', 'nor a token or a ticket');

done_testing();
