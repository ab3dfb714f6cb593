# Rows for test/t/079_rows_in_errors.pl: what breaks each CHECK, what a row of each table needs to come as far as its
# constraints, and rows that are there. A text not named here is a key.
#
#   @{ $breaks{tiers_price_check} }        # columns and values that break it
#   value($key, 'tiers', 'price_usd', 'numeric', \$number)
#   seed($node)                            # a row at least in every table
package LlmAdmin::RowData;

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(breaks value is_usual seed);

my $server = '11111111-0000-4000-8000-000000000001';
my $model = '22222222-0000-4000-8000-000000000001';
my $deployment = '33333333-0000-4000-8000-000000000001';
my $limit = '66666666-0000-4000-8000-000000000001';

sub not_objects
{
  my ($key, @tables) = @_;
  return map { $_->[0] => [ $_->[1], qq(["$key"]) ] } @tables;
}

sub breaks
{
  my ($key) = @_;
  my $negative = sub { map { $_->[0] => [ $_->[1], '-2' ] } @_ };
  my $is_key = sub { map { $_->[0] => [ $_->[1], $key ] } @_ };
  my $is_empty = sub { map { $_->[0] => [ $_->[1], '' ] } @_ };
  return (
    llm_provider_configs_provider_name_check => [ 'provider_name', $key =~ tr/a-z0-9/_/cr . '-' ],
    llm_provider_configs_http_method_check => [ 'http_method', substr $key, 8, 10 ],
    llm_provider_configs_active_check => [ 'is_enabled', 'false' ],
    llm_provider_configs_supported_models_check => [ 'supported_models', qq({"$key": 1}) ],
    provider_aliases_alias_check => [ 'alias', uc $key ],
    own_alias => [ 'alias', 'none' ],
    llm_providers_priority_check => [ 'metadata', qq({"priority": "$key"}) ],
    account_state_until_check => [ 'state', 'open', 'until', undef ],
    model_permissions_model_id_check => [ 'model_id', "*$key" ],
    model_aliases_pattern_check => [ 'pattern', "*$key*" ],
    model_aliases_canonical_check => [ 'canonical', "*$key*" ],
    access_keys_key_hash_check => [ 'key_hash', '\x00' ],
    access_keys_previous_hash_check => [ 'previous_hash', '\x00' ],
    access_keys_prefix_check => [ 'prefix', $key ],
    access_keys_tier_code_check => [ 'tier_code', uc $key ],
    access_keys_allow_check => [ 'allow', qq({"$key",NULL}) ],
    access_keys_deny_check => [ 'deny', qq({"$key",NULL}) ],
    user_tiers_valid_check => [ 'valid_until', '1999-01-01' ],
    tiers_tier_code_check => [ 'tier_code', uc $key ],
    model_pricing_currency_check => [ 'currency', lc substr $key, 8, 3 ],
    model_price_history_currency_check => [ 'currency', lc substr $key, 8, 3 ],
    exchange_rates_currency_check => [ 'currency', lc substr $key, 8, 3 ],
    exchange_rates_usd_check => [ 'usd', 'Infinity' ],
    llm_usage_logs_finite_cost_check => [ 'cost_usd', 'NaN' ],
    limits_concurrent_check => [ 'what', 'concurrent', 'period', 'day' ],
    limits_downgrade_to_check => [ 'on_exceed', 'downgrade', 'downgrade_to', undef ],
    limit_overrides_valid_check => [ 'valid_until', '1999-01-01' ],
    limit_counters_slot_check => [ 'slot', 16 ],
    llm_calls_expires_check => [ 'expires_at', '1999-01-01' ],
    llm_calls_reservations_check => [ 'reservations', qq({"$key": 1}) ],
    llm_calls_models_check => [ 'models', qq({"$key": 1}) ],
    not_objects($key,
      [ 'llm_provider_configs_additional_headers_check', 'additional_headers' ],
      [ 'llm_provider_configs_model_capabilities_check', 'model_capabilities' ],
      [ 'llm_providers_metadata_check', 'metadata' ], [ 'model_servers_metadata_check', 'metadata' ],
      [ 'installed_models_metadata_check', 'metadata' ], [ 'model_deployments_metadata_check', 'metadata' ],
      [ 'model_pricing_rates_check', 'rates' ], [ 'model_price_history_rates_check', 'rates' ],
      [ 'llm_usage_logs_quantities_check', 'quantities' ], [ 'llm_usage_logs_tags_check', 'tags' ],
      [ 'llm_usage_logs_metadata_check', 'metadata' ], [ 'access_keys_tags_check', 'tags' ], [ 'limits_metadata_check', 'metadata' ],
      [ 'llm_calls_access_check', 'access' ], [ 'llm_calls_tags_check', 'tags' ]),
    $is_empty->(
      [ 'own_note', 'note' ], [ 'access_keys_name_check', 'name' ], [ 'llm_providers_name_check', 'name' ], [ 'model_servers_name_check', 'name' ],
      [ 'installed_models_model_name_check', 'model_name' ], [ 'model_deployments_alias_check', 'alias' ],
      [ 'tier_model_rules_pattern_check', 'model_pattern' ], [ 'model_aliases_provider_check', 'provider' ],
      [ 'model_permissions_access_value_check', 'access_value' ], [ 'model_pricing_model_id_check', 'model_id' ]),
    $is_key->(
      [ 'llm_provider_configs_auth_scheme_check', 'auth_scheme' ],
      [ 'llm_provider_configs_endpoint_path_check', 'endpoint_path_template' ],
      [ 'llm_provider_config_history_action_check', 'action' ], [ 'llm_configs_policy_check', 'policy' ],
      [ 'access_grants_level_check', 'level' ], [ 'schema_migrations_direction_check', 'direction' ],
      [ 'config_changes_op_check', 'op' ], [ 'llm_providers_type_check', 'type' ], [ 'account_state_state_check', 'state' ],
      [ 'model_servers_type_check', 'type' ], [ 'model_servers_location_check', 'location' ],
      [ 'model_servers_health_check', 'health_status' ], [ 'model_deployments_status_check', 'status' ],
      [ 'tiers_billing_period_check', 'billing_period' ], [ 'tiers_quota_period_check', 'quota_period' ],
      [ 'tiers_quota_scope_check', 'quota_scope' ], [ 'model_permissions_access_type_check', 'access_type' ],
      [ 'model_pricing_source_check', 'source' ], [ 'llm_usage_logs_kind_check', 'kind' ],
      [ 'llm_usage_logs_key_source_check', 'key_source' ],
      [ 'llm_usage_logs_cost_status_check', 'cost_status' ], [ 'limits_scope_check', 'scope' ],
      [ 'limits_what_check', 'what' ], [ 'limits_period_check', 'period' ], [ 'limits_on_exceed_check', 'on_exceed' ],
      [ 'limits_unpriced_check', 'unpriced' ], [ 'quota_tickets_kind_check', 'kind' ], [ 'llm_calls_key_source_check', 'key_source' ]),
    $negative->(
      [ 'llm_provider_configs_context_window_check', 'context_window_tokens' ],
      [ 'llm_provider_configs_max_output_check', 'max_output_tokens_limit' ],
      [ 'provider_tests_latency_ms_check', 'latency_ms' ], [ 'root_keys_root_id_check', 'root_id' ],
      [ 'data_keys_version_check', 'version' ], [ 'llm_configs_last_test_latency_check', 'last_test_latency' ],
      [ 'schema_migrations_execution_time_ms_check', 'execution_time_ms' ],
      [ 'account_state_failures_check', 'consecutive_failures' ],
      [ 'account_state_remaining_check', 'remaining_requests' ], [ 'model_servers_port_check', 'port' ],
      [ 'model_servers_gpu_check', 'gpu_id' ], [ 'installed_models_size_check', 'size_bytes' ],
      [ 'model_deployments_context_check', 'context_length' ], [ 'model_deployments_layers_check', 'gpu_layers' ],
      [ 'model_deployments_batch_check', 'batch_size' ], [ 'model_deployments_vram_check', 'vram_usage_mb' ],
      [ 'model_deployments_tokens_check', 'tokens_per_sec' ], [ 'tiers_price_check', 'price_usd' ],
      [ 'tiers_quota_check', 'quota_requests' ], [ 'tier_model_rules_requests_check', 'max_requests_per_day' ],
      [ 'tier_model_rules_context_check', 'max_context_length' ],
      [ 'model_pricing_input_price_check', 'input_price_per_1k' ],
      [ 'model_pricing_output_price_check', 'output_price_per_1k' ],
      [ 'model_pricing_max_input_tokens_check', 'max_input_tokens' ],
      [ 'model_pricing_max_output_tokens_check', 'max_output_tokens' ],
      [ 'llm_usage_logs_tokens_check', 'prompt_tokens' ], [ 'llm_usage_logs_cost_check', 'list_cost_usd' ],
      [ 'llm_usage_logs_latency_ms_check', 'latency_ms' ], [ 'llm_usage_logs_attempt_check', 'attempt' ],
      [ 'limits_amount_check', 'amount' ], [ 'limit_overrides_extra_check', 'extra' ],
      [ 'limit_counters_figures_check', 'used' ], [ 'llm_calls_attempt_check', 'attempt' ],
      [ 'llm_calls_estimate_check', 'input_estimate' ]));
}

# Of any table, then of one.
my %usual = (
  auth_scheme => 'bearer', http_method => 'POST', endpoint_path_template => '/v1/chat', policy => 'choice', level => 'app',
  action => 'updated', direction => 'up', base_url => 'https://api.example.com/v1', is_active => 'false',
  api_key_encrypted => undef, currency => 'EUR', rates => '{}', valid_until => '2027-01-01', tier_code => 'gold',
  server_id => $server, deployment_id => $deployment, kind => 'call', key_source => 'platform', cost_status => 'free',
  billing_period => 'month', quota_period => 'month', quota_scope => 'user', access_type => 'user', op => 'put',
  scope => 'user', what => 'requests', period => 'day', on_exceed => 'deny', downgrade_to => undef, unpriced => 'deny', slot => 3);
my %of_table = (
  llm_configs => { api_key_encrypted => '', provider => 'groq' },
  llm_provider_configs => { provider_name => 'fresh', is_enabled => 'true', is_active => 'true' },
  llm_providers => { type => 'groq' }, model_servers => { type => 'ollama', location => 'local', health_status => 'unknown' },
  model_deployments => { model_id => $model, status => 'stopped' }, account_state => { state => 'closed' },
  model_pricing => { source => 'manual' },
  access_keys => { prefix => '', key_hash => '\x' . 'ab' x 32, previous_hash => undef },
  limit_overrides => { limit_id => $limit }, quota_tickets => { kind => 'quota' },
  llm_calls => { key_source => 'platform', started_at => '2026-01-01', expires_at => '2026-01-02', reservations => '[]', models => '[]' });

sub own_value
{
  my ($key, $table, $column) = @_;
  return \"k$key" if $table eq 'provider_aliases' && $column eq 'alias';
  return \$key if $table eq 'tiers' && $column eq 'tier_code';
  return \$of_table{$table}{$column} if exists $of_table{$table}{$column};
  return exists $usual{$column} ? \$usual{$column} : undef;
}

sub is_usual { return defined own_value('', @_) }

my %of_type = ('numeric[]' => '{0.5}', date => '2026-01-01', 'date[]' => '{2026-01-01}', inet => '10.0.0.1', boolean => 'true');

# What a row has in a column. `number` is counted on.
sub value
{
  my ($key, $table, $column, $type, $number) = @_;
  my $own = own_value($key, $table, $column);
  return $$own if $own;
  return $of_type{$type} if exists $of_type{$type};
  return $key if $type =~ /^(?:text|character varying)$/;
  return qq({"$key"}) if $type eq 'text[]';
  return '\x' . unpack('H*', $key) if $type eq 'bytea';
  return '2026-01-01' if $type =~ /^timestamp/;
  return $column eq 'supported_models' ? qq(["$key"]) : qq({"x-note": "$key"}) if $type eq 'jsonb';
  ++$$number;
  return "[$$number," . ($$number + 1) . ')' if $type eq 'int8range';
  return sprintf '%08d-0000-4000-8000-000000000000', $$number if $type eq 'uuid';
  return $$number if $type =~ /int|oid|numeric|xid8/;
  die "a value of $type for $column";
}

# Rows that are there. Some are written as a load, where nobody may write them otherwise.
sub seed
{
  my ($node) = @_;
  $node->safe_psql('postgres', <<"SQL");
CREATE ROLE somebody;
SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij');
SELECT llm_admin.put_llm_config('acme', '{"apiKey": "sk-or-0123456789abcdefghij"}');
SELECT llm_admin.record_provider_test('groq', true, 1);
SELECT llm_admin.grant_access('somebody', 'app');
SELECT llm_admin.seed_provider_aliases();
ALTER TABLE llm_admin.provider_aliases ADD COLUMN note text NOT NULL DEFAULT 'a note', ADD COLUMN size int GENERATED ALWAYS AS (length(note)) STORED NOT NULL,
  ADD CONSTRAINT own_note CHECK (note <> ''), ADD CONSTRAINT own_alias CHECK (alias <> 'none');
INSERT INTO llm_admin.llm_providers (name, type) VALUES ('an account', 'groq');
INSERT INTO llm_admin.account_state (subject) VALUES ('groq');
INSERT INTO llm_admin.model_servers (id, name, type, host, port) VALUES ('$server', 'a server', 'ollama', 'a.example.com', 11434);
INSERT INTO llm_admin.installed_models (id, server_id, model_name, version) VALUES ('$model', '$server', 'a-model', '1');
INSERT INTO llm_admin.model_deployments (id, server_id, model_id, alias, status) VALUES ('$deployment', '$server', '$model', 'a-model', 'stopped');
INSERT INTO llm_admin.tiers (tier_code, display_name, sort_order) VALUES ('gold', 'Gold', 1);
INSERT INTO llm_admin.user_tiers (tenant_id, user_id, tier_code) VALUES ('acme', 'ann', 'gold');
INSERT INTO llm_admin.tier_model_rules (tier_code, model_pattern) VALUES ('gold', 'a-*');
INSERT INTO llm_admin.access_keys (key_hash, previous_hash, name) VALUES (sha256('a token'), sha256('a token of before'), 'a key');
INSERT INTO llm_admin.model_permissions (model_id, access_type, access_value) VALUES ('a-model', 'user', 'ann');
INSERT INTO llm_admin.model_aliases (provider, pattern, canonical) VALUES ('groq', 'a-model', 'maker/a-model');
INSERT INTO llm_admin.model_pricing (model_id, input_price_per_1k) VALUES ('maker/a-model', 0.001);
INSERT INTO llm_admin.exchange_rates VALUES ('EUR', '2026-01-01', 1.1);
SELECT count(*) FROM llm_admin.maintain_partitions();
SELECT * FROM llm_admin.record_usage('groq', 'a-model', '{"prompt_tokens": 1, "completion_tokens": 1}', request_id => 'a request');
INSERT INTO llm_admin.job_usage VALUES ('44444444-0000-4000-8000-000000000001', 1, '2026-01-01');
INSERT INTO llm_admin.daily_cost_summary (date, tenant_id, user_id, provider, model_id) VALUES ('2026-01-01', 'acme', 'ann', 'groq', 'a-model');
INSERT INTO llm_admin.usage_daily_tags (date, tenant_id, tag, value) VALUES ('2026-01-01', 'acme', 'team', 'blue');
INSERT INTO llm_admin.frontiers (name) VALUES ('a frontier');
INSERT INTO llm_admin.frontier_gaps (name, ids, closes_at) VALUES ('a frontier', '[1,2)', '7');
INSERT INTO llm_admin.limits (id, scope, what, amount, period) VALUES ('$limit', 'user', 'requests', 1, 'day');
INSERT INTO llm_admin.limit_overrides (limit_id, extra) VALUES ('$limit', 1);
INSERT INTO llm_admin.limit_events VALUES ('$limit', 'acme', 'ann', '2026-01-01', 1, '2026-01-01', 1);
INSERT INTO llm_admin.limit_counters VALUES ('$limit', 'acme', 'ann', 0, '2026-01-01');
INSERT INTO llm_admin.llm_calls (call_id, request_id, fingerprint, provider, started_at, expires_at)
  VALUES ('$limit', 'a call', 'f', 'groq', '2026-01-01', '2999-01-01');
INSERT INTO llm_admin.sender_tickets VALUES ('\\x00', '$limit', '2026-01-02');
INSERT INTO llm_admin.quota_tickets VALUES ('$limit', 'acme', 'quota', '2026-01-01', '2026-01-02', '[]');
INSERT INTO llm_admin.cache_versions VALUES ('a subject', 1) ON CONFLICT DO NOTHING;
INSERT INTO llm_admin.config_changes (number, version, kind, id, op) VALUES (-1, -1, 'price', 'a-model', 'put');
BEGIN;
SET LOCAL llm_admin.restoring = on;
INSERT INTO llm_admin.llm_usage_logs_default (id, "timestamp") VALUES (-1, '2001-01-01');
INSERT INTO llm_admin.audit_log_default SELECT -1, '2001-01-01', 'ann', 'loaded', 'tiers', '', '{}', NULL, NULL, '', 'ann', '7', NULL, '\\x00';
INSERT INTO llm_admin.audit_payloads_default VALUES (-1, '2001-01-01', '\\x00', NULL, NULL);
COMMIT;
UPDATE llm_admin.usage_requests SET call_id = '55555555-0000-4000-8000-000000000001';
SQL
  my %row = (
    llm_usage_logs => q{(id, "timestamp") VALUES (-1, 'TIME')},
    audit_log => q{SELECT -1, 'TIME', 'ann', 'loaded', 'tiers', '', '{}', NULL, NULL, '', 'ann', '7', NULL, '\\x00'},
    audit_payloads => q{VALUES (-1, 'TIME', '\\x00', NULL, NULL)});
  foreach (split /\n/, $node->safe_psql('postgres', <<'SQL'))
SELECT c.relname, p.relname, substring(pg_get_expr(c.relpartbound, c.oid) FROM $$FROM \('([^']+)'$$) FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
WHERE c.relnamespace = 'llm_admin'::regnamespace AND c.relkind = 'r' AND c.relname ~ '\d$'
SQL
  {
    my ($month, $log, $time) = split /\|/;
    my $values = $row{$log} =~ s/TIME/$time/r;
    $node->safe_psql('postgres', "SET llm_admin.restoring = on; INSERT INTO llm_admin.$month $values");
  }
}

1;
