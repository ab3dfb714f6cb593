# A logical subscriber with the publication printed in docs/deployment.md: it holds the same rows, opens the same
# keys, follows changes, and can take over as that page says. (A standby has its own test, 032_standby.)
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Session qw(new_keyring);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $tree = $ENV{LLM_ADMIN_TREE} // '.';
my $first_key = 'gsk_replicated_0123456789abcdef';
my $second_key = 'gsk_replicated_fedcba9876543210';
my $messages = q{'{"messages": [{"role": "user", "content": "Hi"}]}'};
my $keyring = new_keyring();

my $primary = PostgreSQL::Test::Cluster->new('publisher');
$primary->init(allows_streaming => 'logical', extra => [ '--encoding=UTF8', '--locale=C' ]);
$primary->append_conf('postgresql.conf', "llm_admin.keyring_file = '$keyring'\n");
$primary->start;
$primary->safe_psql('postgres', <<"SQL");
CREATE EXTENSION llm_admin;
SELECT * FROM llm_admin.seed();
SELECT llm_admin.set_provider_key('groq', '$first_key');
SELECT llm_admin.put_llm_config('acme', '{"apiKey": "$first_key"}');
INSERT INTO llm_admin.llm_providers (name, type, api_key_encrypted) VALUES ('main', 'mistral', llm_admin.encrypt_key('$first_key'));
INSERT INTO llm_admin.model_servers (name, type, host, port) VALUES ('gpu1', 'ollama', 'h', 1);
SELECT llm_admin.install_model('gpu1', 'llama3');
INSERT INTO llm_admin.user_tiers (tenant_id, user_id, tier_code) VALUES ('acme', 'u1', 'free');
SELECT llm_admin.set_model_price('a/b', '{"input": 0.001}');
INSERT INTO llm_admin.access_keys (key_hash, name) VALUES (sha256('sk-replicated'), 'replicated'), (sha256('sk-revoked'), 'revoked');
SQL

# ---- the same rows -----------------------------------------------------------------------------------------

my ($publication) = slurp_file("$tree/docs/deployment.md") =~ /^(CREATE PUBLICATION .*?;)$/ms;
ok($publication, 'docs/deployment.md has a publication');
$primary->safe_psql('postgres', $publication);

my $subscriber = PostgreSQL::Test::Cluster->new('subscriber');
$subscriber->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$subscriber->append_conf('postgresql.conf', "llm_admin.keyring_file = '$keyring'\n");
$subscriber->start;
$subscriber->safe_psql('postgres', 'CREATE EXTENSION llm_admin');
my $connection = $primary->connstr('postgres');
$connection =~ s/'/''/g;
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION llm_admin CONNECTION '$connection' PUBLICATION llm_admin");
$subscriber->wait_for_subscription_sync($primary, 'llm_admin');

my $rows = q{SELECT md5(string_agg(t::text, ';' ORDER BY t::text COLLATE "C")) FROM };
# But for uses of data keys, which are counted in place; see below.
my @published = ((map { "llm_admin.$_ t" } qw(llm_provider_configs llm_provider_config_history provider_tests llm_configs provider_aliases root_keys
    llm_providers account_state model_servers installed_models model_deployments model_permissions tiers user_tiers tier_model_rules model_aliases
    model_pricing model_price_history exchange_rates access_keys)),
  q{(SELECT to_jsonb(k) - 'uses' FROM llm_admin.data_keys k) t});
sub is_equal
{
  my ($when) = @_;
  is($subscriber->safe_psql('postgres', $rows . $_), $primary->safe_psql('postgres', $rows . $_), "subscriber, $when: $_")
    foreach @published;
}

is_equal('at first');
is($subscriber->safe_psql('postgres', q{SELECT llm_admin.decrypt_provider_key('groq')}),
  $first_key, 'subscriber: opens the key');
$primary->safe_psql('postgres', <<"SQL");
SELECT llm_admin.set_provider_key('groq', '$second_key');
SELECT llm_admin.set_provider_key('openrouter', '$first_key');
UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'openrouter';
SELECT llm_admin.switch_active_provider('openrouter');
SELECT llm_admin.record_provider_test('openrouter', true, 12);
SELECT * FROM llm_admin.purge_provider('chatgpt');
SELECT llm_admin.put_llm_config('acme', '{"policy": "byollm_only"}');
SELECT llm_admin.rotate_data_key('acme');
SELECT * FROM llm_admin.reseal_keys();
SELECT llm_admin.put_llm_config('globex', '{"apiKey": "$second_key"}');
SELECT * FROM llm_admin.shred_tenant_keys('globex');
UPDATE llm_admin.llm_providers SET metadata = '{"priority": 3}';
SELECT llm_admin.install_model('gpu1', 'mistral'), llm_admin.grant_model('user', 'u1', 'openai/gpt-4o', '{"allowed": false}');
DELETE FROM llm_admin.user_tiers;
SELECT llm_admin.revoke_access_key(id) FROM llm_admin.access_keys WHERE name = 'revoked';
UPDATE llm_admin.tiers SET display_name = 'For nothing' WHERE tier_code = 'free';
SELECT llm_admin.set_model_price('a/b', '{"input": 0.002}'), llm_admin.set_model_price('a/c', '{"input": 0.002}');
INSERT INTO llm_admin.exchange_rates VALUES ('EUR', '2026-01-01', 1.09);
SQL
$primary->wait_for_catchup('llm_admin');
is_equal('after changes');
is( $subscriber->safe_psql('postgres',
    "SELECT provider_name, headers ->> 'Authorization' FROM llm_admin.build_request($messages, with_key => true)"),
  "openrouter|Bearer $first_key", 'subscriber: follows the switch');
is($subscriber->safe_psql('postgres', q{SELECT llm_admin.decrypt_provider_key('groq')}),
  $second_key, 'subscriber: opens the new key');
is($subscriber->safe_psql('postgres', q{SELECT llm_admin.decrypt_tenant_key('acme'), reason FROM llm_admin.resolve_llm('acme')}),
  "$first_key|policy_byollm_only", "subscriber: opens a tenant's key, sealed anew");
is($subscriber->safe_psql('postgres', q{SELECT llm_admin.get_llm_config('globex') -> 'maskedKey', count(*) FROM llm_admin.data_keys WHERE tenant_id = 'globex'}),
  'null|0', 'subscriber: a destroyed one is gone');

is($subscriber->safe_psql('postgres', q{SELECT name FROM llm_admin.check_access_key('sk-replicated')}), 'replicated', 'subscriber: takes a token');
like(($subscriber->psql('postgres', q{SELECT llm_admin.check_access_key('sk-revoked')}))[2], qr/the access key is revoked/, 'subscriber: not a revoked one');

# The audit log is each side's own: what was replicated is told where it was done.
is($subscriber->safe_psql('postgres', q{SELECT count(*) FROM llm_admin.audit_log WHERE resource_type IN ('tiers', 'model_servers', 'exchange_rates')}), 0,
  'subscriber: its log tells of nothing that was done elsewhere');

# ---- taking over -------------------------------------------------------------------------------------------

# Uses are counted in place, which replication does not carry; an UPDATE by hand, which changes nothing, does.
my $uses = q{SELECT string_agg(concat(key_id, ' ', uses), ', ' ORDER BY key_id) FROM llm_admin.data_keys};
isnt($subscriber->safe_psql('postgres', $uses), $primary->safe_psql('postgres', $uses), 'subscriber: uses are behind');
$primary->safe_psql('postgres', 'UPDATE llm_admin.data_keys SET uses = uses');
$primary->wait_for_catchup('llm_admin');
is($subscriber->safe_psql('postgres', $uses), $primary->safe_psql('postgres', $uses), 'subscriber: uses are those of the publisher');

# The sequences are brought past the publisher's by hand; then it works on.
my @sequences = map { "llm_admin.$_" } qw(llm_provider_configs_id_seq model_price_history_price_id_seq key_use_blocks);
$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION llm_admin');
foreach my $sequence (@sequences)
{
  my $last = $primary->safe_psql('postgres', "SELECT last_value FROM $sequence");
  like($last, qr/^\d+$/, "publisher: $sequence has a value");
  $subscriber->safe_psql('postgres', "SELECT setval('$sequence', $last)");
}
$primary->stop;
is($subscriber->safe_psql('postgres',
    q{SELECT key_hint FROM llm_admin.create_provider('New', 'https://llm.example.com', 'm', api_key => 'gsk_after_takeover_0123456789')}),
  'gsk_a***789', 'subscriber, alone: makes a provider with a key');
is($subscriber->safe_psql('postgres', q{SELECT llm_admin.decrypt_provider_key('new')}),
  'gsk_after_takeover_0123456789', 'subscriber, alone: opens it');
is($subscriber->safe_psql('postgres', 'SELECT count(*) FROM llm_admin.data_keys'), '3',
  'subscriber, alone: with the data keys that came over');
is($subscriber->safe_psql('postgres', q{SELECT price_id > (SELECT max(h.price_id) FROM llm_admin.model_price_history h) FROM llm_admin.set_model_price('a/d', '{"input": 0.003}')}), 't',
  'subscriber, alone: sets a price');
is($subscriber->safe_psql('postgres', q{SELECT llm_admin.switch_active_provider('new')}), 't', 'subscriber, alone: switches');
is($subscriber->safe_psql('postgres', 'SELECT * FROM llm_admin.verify_keys()'), '5|0|0|0', 'subscriber, alone: every key opens');

done_testing();
