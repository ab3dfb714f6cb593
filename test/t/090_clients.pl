# The tenants' table under real clients: Prisma, node-postgres and psycopg each make, read, change, upsert and delete
# a tenant's configuration, and use it in a call. What each did is in its report; test/clients has the programs.
use strict;
use warnings;

use JSON::PP ();
use LlmAdmin::Clients;
use LlmAdmin::Pooler;
use LlmAdmin::Session qw(new_node);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# Any zone but UTC: a client that drops or adds an offset is five hours wrong.
my $node = new_node('clients', settings => "timezone = 'America/New_York'\nlog_statement = all\n");
my $key = 'sk-or-v1-' . join '', map { sprintf '%02x', int rand 256 } 1 .. 16;
my $endpoint = LlmAdmin::Clients::Endpoint->start($key);
my $url = $endpoint->url . '/v1';
# The platform's key is another one, which the endpoint refuses.
$node->safe_psql('postgres', <<"SQL");
CREATE ROLE shop LOGIN; CREATE ROLE vault LOGIN; CREATE ROLE pooled LOGIN;
ALTER ROLE pooled SET timezone = 'UTC';
SELECT llm_admin.grant_access('shop', 'app'), llm_admin.grant_access('shop', 'operator'), llm_admin.grant_access('vault', 'app');
SELECT llm_admin.grant_access('pooled', 'app'), llm_admin.grant_access('pooled', 'operator');
SELECT llm_admin.create_provider('Local demo', '$url', 'demo-model', provider_name => 'local_demo',
  api_key => 'sk-platform-0123456789abcdef');
INSERT INTO llm_admin.llm_configs (tenant_id, api_key_encrypted, policy) VALUES ('other', 'kms:of-other', 'aegis_only');
SQL

my $other = "SELECT c::text FROM llm_admin.llm_configs AS c WHERE tenant_id LIKE 'other%'";
my $other_before = $node->safe_psql('postgres', $other);
my %instant = (skipped => 1772937000123, doubled => 1793511000456);    # as in common.mjs and psycopg.py

# What a report has to say. A shop seals its keys with the extension; a vault has envelopes of its own.
sub check_report
{
  my ($name, $how, $report) = @_;
  my $tenant = "$name-$how";
  my $own = $how eq 'own';
  my %is = (sealed => qr/^lma1\.[\w-]{60,}\z/, own => qr/^kms:projects\/p\/keys\/k:CiQAKmNsaWVudA\z/);

  is_deeply($report->{outside}, { rows => 0, create => '42501' }, "$tenant: without enter_tenant no row is seen or made");
  foreach my $step (qw(created updated tested upserted made))
  {
    my $times = $report->{$step};
    is_deeply($times->{client}, $times->{server}, "$tenant, $step: client and server mean the same instants");
    is($times->{row}{tenantId}, $tenant, "$tenant, $step: of this tenant");
    is($times->{row}{provider}, 'local_demo', "$tenant, $step: its provider");
    like($times->{row}{apiKeyEncrypted}, $is{$how}, "$tenant, $step: the stored key");
  }
  my %row = map { $_ => $report->{$_}{row} } qw(created updated tested upserted made);
  my %at = map { $_ => $report->{$_}{server} } keys %row;

  is($at{created}{created}, $instant{skipped}, "$tenant: createdAt is the instant that was written");
  is($at{created}{tested}, $instant{doubled}, "$tenant: so is lastTestedAt");
  is_deeply([ @{ $row{created} }{qw(policy baseUrl defaultModel lastTestResult)} ], [ 'choice', undef, undef, undef ],
    "$tenant: the rest is the table's or the client's default");
  is_deeply($report->{found}, $row{created}, "$tenant: found as it was made");
  is_deeply([ @{ $row{updated} }{qw(id policy defaultModel)} ], [ $row{created}{id}, 'byollm_only', 'demo-model' ], "$tenant: updated");
  cmp_ok($at{updated}{updated}, '>', $at{created}{updated}, "$tenant: updatedAt moves on");
  is($at{updated}{created}, $instant{skipped}, "$tenant: createdAt does not");
  is($row{updated}{apiKeyEncrypted}, $row{created}{apiKeyEncrypted}, "$tenant: nor does the key change");
  is_deeply($report->{foreign}, { seen => 0, all => 1, updated => 0, deleted => 0 }, "$tenant: another tenant's row is not there");
  is_deeply([ @$report{qw(foreignCreate foreignMove)} ], [ '42501', '42501' ], "$tenant: nor can one be made");
  is_deeply($report->{switched}, [ ([$tenant], ['other']) x 3 ], "$tenant: a prepared statement follows the tenant")
    if $report->{switched};

  is($report->{opaque}, $own ? '55000' : undef, "$tenant: a key of its own cannot be opened here");
  my $request = $report->{request};
  is_deeply([ @$request{qw(method url provider_name model source fallback_allowed)} ],
    [ 'POST', "$url/chat/completions", 'local_demo', 'demo-model', 'byollm', JSON::PP::false ], "$tenant: the request");
  is($request->{headers}{Authorization}, $own ? undef : "Bearer $key", "$tenant: its key");
  is($report->{status}, 200, "$tenant: the provider takes it");
  is($report->{extracted}{text}, 'You said: Good morning', "$tenant: and answers");
  is($report->{extracted}{usage}{input_tokens}, 2, "$tenant: what it used");
  is_deeply([ @{ $row{tested} }{qw(lastTestResult lastTestLatency)} ], [ 'success', 12 ], "$tenant: the test is recorded");
  cmp_ok($at{tested}{tested}, '>=', $at{updated}{updated}, "$tenant: with its time");
  is_deeply([ @{ $report->{settings} }{qw(configured provider maskedKey baseUrl defaultModel policy)} ],
    [ JSON::PP::true, 'local_demo', $own ? '***' : substr($key, 0, 5) . '***' . substr($key, -3), undef, undef, 'byollm_only' ],
    "$tenant: put_llm_config shows no key");

  is_deeply([ @{ $row{upserted} }{qw(id policy defaultModel)} ], [ $row{created}{id}, 'byollm_only', 'demo-model-2' ],
    "$tenant: upsert changes the row that is there");
  is($at{upserted}{updated}, $instant{doubled}, "$tenant: updatedAt is what the client wrote");
  is_deeply($report->{gone}, { id => $row{created}{id}, left => 0 }, "$tenant: deleted");
  isnt($row{made}{id}, $row{created}{id}, "$tenant: upsert makes a row where there is none");
  is($row{made}{defaultModel}, 'demo-model-3', "$tenant: of what the client gave");
  is_deeply($report->{listed}, [ $row{made} ], "$tenant: a list of statements in one transaction") if $report->{listed};

  is($node->safe_psql('postgres', "SELECT id, api_key_encrypted, extract(epoch FROM updated_at) * 1000 = $at{made}{updated}
    FROM llm_admin.llm_configs WHERE tenant_id = '$tenant'"), "$row{made}{id}|$row{made}{apiKeyEncrypted}|t", "$tenant: which is there");
  is($node->safe_psql('postgres', "SELECT llm_admin.decrypt_tenant_key('$tenant')"), $key, "$tenant: with its key") if !$own;
  is($node->safe_psql('postgres', $other), $other_before, "$tenant: the other tenant's row is as it was");
  return;
}

foreach my $name (LlmAdmin::Clients::names())
{
SKIP:
  {
    my ($command, $missing) = LlmAdmin::Clients::command($name);
    skip "$name: $missing", 1 if $missing;
    foreach my $pair ([ 'sealed', 'shop' ], [ 'own', 'vault' ])
    {
      my ($how, $role) = @$pair;
      my ($report, $said) = LlmAdmin::Clients::run($node, $role,
        { TENANT => "$name-$how", OTHER => 'other', API_KEY => $key, OPTIONS => '-c timezone=UTC' }, @$command, $how);
      is($said, '', "$name, $how: it has nothing to complain of");
      ok($report, "$name, $how: it has a report") or next;
      check_report($name, $how, $report);
    }
    # The same program with a key that the endpoint does not know.
    my ($report) = LlmAdmin::Clients::run($node, 'shop',
      { TENANT => "$name-refused", OTHER => 'other', API_KEY => "$key-not" }, @$command, 'sealed');
    is($report->{status}, 401, "$name: the provider refuses another key");
    is($report->{extracted}{error}{code}, 'invalid_api_key', "$name: and why");
  }
}

# Prisma behind a transaction pooler, all its transactions in turns on one connection.
SKIP:
{
  my ($command, $missing) = LlmAdmin::Clients::command('prisma');
  skip "prisma: $missing", 1 if $missing;
  my $pooler = LlmAdmin::Pooler->start($node, 'pooled') or skip 'there is no pgbouncer', 1;
  my ($report, $said) = LlmAdmin::Clients::run($pooler, 'pooled',
    { TENANT => 'pooled-sealed', OTHER => 'other', API_KEY => $key }, @$command, 'sealed');
  is($said, '', 'prisma, pooled: it has nothing to complain of');
  ok($report, 'prisma, pooled: it has a report') and check_report('pooled', 'sealed', $report);
  $pooler->stop;
}

is($node->safe_psql('postgres', 'SELECT wrong_key + tampered FROM llm_admin.verify_keys()'), '0', 'every key opens');
is($node->safe_psql('postgres', "SELECT string_agg(v::text, ' ') FROM llm_admin.verify_llm_configs() AS v WHERE verdict <> 'ok'"), '',
  'the table is as it should be');

$endpoint->stop;
$node->stop;
# Bound values are in the server's lines of parameters only, which a setting turns off.
my @lines = grep { /\Q$key\E/ && !/DETAIL:  parameters:/i } split /\n/, slurp_file($node->logfile);
is_deeply(\@lines, [], 'no statement that any client sent holds the key');

done_testing();
