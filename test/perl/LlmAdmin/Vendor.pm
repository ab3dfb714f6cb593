# A vendor whose keys are kept, an operator who is after them, and the application that uses them.
#
#   my $node = start_vendor('name');     # a server with four keys for $vendor, and wires as desk (operator),
#                                        # service (app), checker (auditor) and officer (security)
#   refused('what', 'LA001', $sql, ...); # the operator's statement raises that, and no key goes astray
#   harmless('what', $sql, ...);         # it works, and no key goes astray
#   state_of('service', $sql, ...);      # the SQLSTATE, '' when it works
#   requests($params)                    # what the application would send now, one text a provider
#   astray(requests())                   # those that would send a key elsewhere than where it belongs
package LlmAdmin::Vendor;

use strict;
use warnings;

use Exporter 'import';
use LlmAdmin::Session qw(new_keyring);
use LlmAdmin::Wire;
use PostgreSQL::Test::Cluster;
use Test::More;

our @EXPORT = qw($vendor $mapping $configs start_vendor stop_vendor state_of value_of requests astray refused harmless);


# Three keys for one vendor, one for each way of sending it; `path` fills its URL, `holes` has one in its host.
our $vendor = 'https://api.vendor.example';
our $mapping = q({"version": "1.0", "payload_structure": {"model": {"source": "param:model_name", "required": true%s},
  "messages": {"source": "param:messages"}, "user": {"source": "param:user"%s}}});
my ($node, %as);

sub start_vendor
{
  my ($name) = @_;
  $node = PostgreSQL::Test::Cluster->new($name);
  $node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
  my $keyring = new_keyring();
  $node->append_conf('postgresql.conf', "llm_admin.keyring_file = '$keyring'\nclient_encoding = 'UTF8'\n");
  $node->start;
  my $in_path = sprintf $mapping, ', "path": "url:model"', '';
  my $in_host = sprintf $mapping, '', ', "path": "url:x"';
  $node->safe_psql('postgres', <<"SQL");
CREATE ROLE desk LOGIN; CREATE ROLE service LOGIN; CREATE ROLE checker LOGIN; CREATE ROLE officer LOGIN;
CREATE EXTENSION llm_admin;
SELECT llm_admin.grant_access('desk', 'operator'), llm_admin.grant_access('service', 'app'),
  llm_admin.grant_access('checker', 'auditor'), llm_admin.grant_access('officer', 'security');
SELECT llm_admin.create_provider('Vault', '$vendor/v1', 'm', api_key => 'KEY-vault-0123456789');
SELECT llm_admin.create_provider('Named', '$vendor/v1', 'm', api_key => 'KEY-named-0123456789',
  options => '{"auth_scheme": "api_key_header", "auth_header_template": "X-Vendor-Key: {api_key}"}');
SELECT llm_admin.create_provider('Query', '$vendor/v1', 'm', api_key => 'KEY-query-0123456789',
  options => '{"auth_scheme": "query_param", "auth_header_template": "key"}');
SELECT llm_admin.create_provider('Path', '$vendor/v1', 'm', api_key => 'KEY-path-0123456789',
  options => '{"endpoint_path_template": "/models/{model}:generate", "request_builder_config": $in_path}');
SELECT llm_admin.create_provider('Holes', 'https://{x}.vendor.example/v1', 'm', api_key => 'KEY-holes-0123456789',
  options => '{"request_builder_config": $in_host}');
SELECT llm_admin.create_provider('Mine', 'https://evil.example', 'm', api_key => 'own-of-the-operator-0123456789');
SELECT llm_admin.switch_active_provider('mine');
CREATE SCHEMA tools;
GRANT USAGE ON SCHEMA tools TO PUBLIC;
CREATE FUNCTION tools.try_build(name text, params jsonb) RETURNS text LANGUAGE plpgsql AS \$\$
BEGIN
  RETURN (SELECT b.url || ' ' || b.headers::text || ' ' || b.body::text FROM llm_admin.build_request(params, name, true) AS b);
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END \$\$;
SQL
  %as = map { $_ => LlmAdmin::Wire->new($node, 'postgres', $_) } qw(desk service checker officer);
  return $node;
}

sub stop_vendor
{
  $_->finish for values %as;
  $node->stop;
  return;
}

our $configs = 'llm_admin.llm_provider_configs';

# Runs one statement; returns its SQLSTATE, '' when it worked.
sub state_of
{
  my ($role, $sql, @values) = @_;
  utf8::encode($_) for $sql, grep { defined } @values;
  my $answer = $as{$role}->run($sql, @values);
  return $answer->{error} ? $answer->{error}{C} : '';
}

sub value_of
{
  my ($role, $sql, @values) = @_;
  my $answer = $as{$role}->run($sql, @values);
  return $answer->{error} ? "$answer->{error}{C} $answer->{error}{M}" : $answer->{rows}[0][0];
}

my $hello = '{"messages": [{"role": "user", "content": "hello"}], "drop_params": true, "user": "u1"}';

# Every request with a key, as the application builds them now.
sub requests
{
  my ($params) = @_;
  my $answer = $as{service}->run(
    'SELECT p.provider_name || \' \' || tools.try_build(p.provider_name, $1::jsonb) FROM llm_admin.provider_settings p ORDER BY p.id',
    $params // $hello);
  die $answer->{error}{M} if $answer->{error};
  return map { $_->[0] } @{ $answer->{rows} };
}

# What would be sent to another place than the vendor's, or in another place of the request.
sub astray
{
  my $origin = qr{(?i:\Q$vendor\E)(?::443)?};
  return grep {
         /KEY-/
      && !m{^\w+ $origin/v1/\S* [^\r\n]*"Authorization": "Bearer KEY-(?:vault|path)-0123456789"}
      && !m{^\w+ $origin/v1/\S* [^\r\n]*"X-Vendor-Key": "KEY-named-0123456789"}
      && !m{^\w+ $origin/v1/\S*[?&]key=KEY-query-0123456789 \{}
      || (() = /KEY-/g) > 1
  } @_;
}

# One attempt of the operator's: raises one of these states, and no key goes astray.
sub refused
{
  my ($what, $states, $sql, @values) = @_;
  like(state_of('desk', $sql, @values), qr/^(?:$states)$/, "refused: $what");
  is(join("\n", astray(requests())), '', "$what: no key goes astray");
  return;
}

# One that is allowed, and does no harm.
sub harmless
{
  my ($what, $sql, @values) = @_;
  is(state_of('desk', $sql, @values), '', "allowed: $what");
  is(join("\n", astray(requests())), '', "$what: no key goes astray");
  return;
}

1;
