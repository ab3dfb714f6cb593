# docs/gateways.md: what is typed there gives what is printed, with the examples' programs and a vendor that stands in for one;
# and what it says of files and of Envoy's configuration is so.
use strict;
use warnings;

use LlmAdmin::DocSessions;
use LlmAdmin::Gateways;
use LlmAdmin::Session qw(new_node write_file);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($tree, $python) = ($ENV{LLM_ADMIN_TREE} // '.', '/usr/bin/python3');
my $page = slurp_file("$tree/docs/gateways.md");

# ---- files ---------------------------------------------------------------------------------------------------

my @examples = map { s{.*/}{}r } glob("$tree/examples/gateways/*");
cmp_ok(scalar @examples, '>', 4, 'there are examples');
is(join(' ', grep { $page !~ m{\]\(\.\./examples/gateways/\Q$_\E\)} } @examples), '', 'the page leads to each of them');
my $litellm = slurp_file("$tree/examples/gateways/litellm_hooks.py");
my ($settings) = $page =~ /^```yaml\n(.*?)^```$/ms;
is(join('', map { "$_\n" } $litellm =~ /^    (\w+_settings: .*)$/mg), $settings, "the page has LiteLLM's settings as the file has them");

# ---- sessions ------------------------------------------------------------------------------------------------

SKIP:
{
  my ($missing) = grep { defined } map { LlmAdmin::Gateways::missing($_) } qw(node python);
  $missing //= 'curl is not installed' if system('curl --version >/dev/null 2>&1') != 0;
  skip $missing, 1 if $missing;
  my $node = new_node('pages');
  $node->safe_psql('postgres', 'CREATE DATABASE demo');
  $node->safe_psql('demo', 'CREATE EXTENSION llm_admin; SELECT llm_admin.seed()');
  my $vendor = LlmAdmin::Gateways->start('vendor', {}, $python, "$tree/test/gateways/vendor.py");
  # The page's own statements, but for where the vendor is.
  $node->safe_psql('demo', "UPDATE llm_admin.llm_provider_configs SET base_url = 'http://127.0.0.1:$vendor->{port}/v1' WHERE provider_name = 'chatgpt'");
  my ($session) = $page =~ /^```psql\n(.*?)^```$/ms;
  my @statements = map { s/^\w+[-=('"\$][*!]?[#>] ?//r } grep { /^\w+[-=('"\$][*!]?[#>]/ } split /\n/, $session;
  $node->safe_psql('demo', join "\n", @statements);

  my %database = (PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'demo');
  my %gateway = (%database, PGUSER => 'gateway', PORT => 0);
  my $proxy = LlmAdmin::Gateways->start('proxy', \%gateway, 'node', "$ENV{LLM_ADMIN_CLIENTS}/openai_proxy.mjs");
  my $sidecar = LlmAdmin::Gateways->start('sidecar', { %gateway, PROVIDER => 'chatgpt', VENDOR_HOST => "127.0.0.1:$vendor->{port}" },
    $python, "$tree/examples/gateways/envoy_ext_authz.py");
  my $envoy = LlmAdmin::Gateways->start('Envoy', {}, $python, "$tree/test/gateways/envoy.py", "$tree/examples/gateways/envoy.yaml", $sidecar->{port}, $vendor->{port});
  my $hooks = LlmAdmin::Gateways->start('LiteLLM', { %gateway, PYTHONPATH => "$tree/examples/gateways:$tree/test/gateways/modules" },
    $python, "$tree/test/gateways/litellm_proxy.py", $vendor->{port});

  my ($now, $count) = LlmAdmin::DocSessions::console($page, { 8080 => $proxy->{port}, 10000 => $envoy->{port}, 4000 => $hooks->{port} }, %database);
  cmp_ok($count, '>=', 12, 'its commands were found');
  if (!is_deeply([ split /\n/, $now ], [ split /\n/, $page ], 'they give what is printed'))
  {
    write_file("$PostgreSQL::Test::Utils::log_path/gateways.md", $now);
    diag("gateways.md beside the test's log is the page with what came out");
  }
  $_->stop foreach $hooks, $envoy, $sidecar, $proxy, $vendor;
  $node->stop;
}

# The running itself sees a difference.
my ($run) = LlmAdmin::DocSessions::console("```console\n\$ A=1\n\$ echo \$A 127.0.0.1:8080\nnonsense\n```\n", { 8080 => 4711 });
is($run, "```console\n\$ A=1\n\$ echo \$A 127.0.0.1:8080\n1 127.0.0.1:8080\n```\n", 'output is replaced by what comes out');
done_testing();
