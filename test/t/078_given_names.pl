# A key that is given where a name belongs is not repeated. Every function of the catalog is called with a key in the
# place of each text, and in names and values of each JSON, bound by protocol, as somebody does who exchanges two
# arguments: neither messages nor the server's log may hold it. A function that is new is called like all others.
#
# The server's own lines of parameters are switched off here, as docs/security.md asks.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Canary qw(canary found_in);
use LlmAdmin::Session qw(new_node);
use LlmAdmin::Wire;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('given_names', settings => <<'CONF');
log_min_messages = debug1
log_min_error_statement = debug1
log_error_verbosity = verbose
log_statement = all
log_min_duration_statement = 0
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
CONF
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE somebody;
SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij');
SELECT llm_admin.put_llm_config('acme', '{"apiKey": "sk-or-0123456789abcdefghij"}');
SELECT llm_admin.switch_active_provider('groq');
SQL
my $client = LlmAdmin::Wire->new($node, 'postgres', $node->safe_psql('postgres', 'SELECT session_user'));
my $key = canary('exchanged');

# ---- the calls ---------------------------------------------------------------------------------------------

# What is right for the other arguments.
my %usual = (
  provider_name => 'groq', new_provider_name => 'groq', provider => 'groq', tenant_id => 'acme', tenant => 'acme',
  level => 'app', dialect => 'openai', operation => 'list_models', base_url => 'https://api.example.com/v1');
my $messages = '"messages": [{"role": "user", "content": "hello"}]';
my @json = (
  qq({"$key": 1}), qq({"$key": {"api_key": "x"}}), qq({"groq": {"$key": "x"}}), qq({"providers": {"$key": {"key": "x"}}}),
  qq({"provider": "$key", "api_key": "x"}), qq({"groq": {"provider": "$key", "api_key": "x"}}),
  qq({"provider": "$key", "apiKey": "sk-or-0123456789abcdefghij"}), qq({"policy": "$key"}), qq({"baseUrl": "$key"}),
  qq({"baseUrl": "https://$key"}), qq({"baseUrl": "https://api.example.com/$key?x"}), qq({"base_url": "$key", "api_key": "x"}),
  qq({"keepKey": "$key"}), qq({"apiKey": ["$key"]}), qq({"defaultModel": {"$key": "$key"}}),
  qq({$messages, "$key": 1}), qq({$messages, "temperature": "$key"}), qq({"messages": "$key"}), qq({"messages": ["$key"]}),
  qq({"messages": [{"role": "$key", "content": "hello"}]}), qq({"messages": [{"role": "user", "content": {"$key": 1}}]}),
  qq({$messages, "max_output_tokens": "$key"}), qq({$messages, "extra_body": "$key"}), qq({$messages, "tools": "$key"}),
  qq({$messages, "tool_choice": "$key"}), qq({$messages, "reasoning_effort": "$key"}), qq({$messages, "stop": {"$key": 1}}),
  qq({$messages, "response_format": {"type": "$key"}}), qq({"version": "$key"}), qq("$key"), qq(["$key"]));
push @json, map {; qq({"$_": "$key"}), qq({"$_": {"$key": "$key"}}) } qw(description auth_scheme auth_header_template
  endpoint_path_template http_method additional_headers supported_models model_capabilities context_window_tokens
  is_enabled updated_by request_builder_config response_extractor_config);
push @json, qq({"auth_scheme": "api_key_header", "auth_header_template": "$key: {api_key}"}),
  qq({"additional_headers": {"$key": "ü€"}}), qq({"additional_headers": {"x-$key": 1}}),
  qq({"additional_headers": {"Authorization": "Bearer $key"}});

my @functions = split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT p.proname || ' ' || coalesce(string_agg(coalesce(p.proargnames[a.n], 'a') || ':' || format_type(a.type, NULL), ','
  ORDER BY a.n), '')
FROM pg_proc p LEFT JOIN LATERAL unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a(type, n) ON true
WHERE p.pronamespace = 'llm_admin'::regnamespace AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype
GROUP BY p.oid, p.proname ORDER BY 1
SQL
cmp_ok(scalar @functions, '>', 40, 'the catalog has functions');

my ($calls, %errors) = (0);
sub call
{
  my ($name, $types, @values) = @_;
  my $places = join ', ', map { "\$$_\::$types->[$_ - 1]" } 1 .. @$types;
  my $answer = $client->run("SELECT * FROM llm_admin.$name($places)", @values);
  $calls++;
  $errors{ $answer->{error}{C} }++ if $answer->{error};
  my $told = $answer->{error} ? join ' | ', map { "$_: $answer->{error}{$_}" } grep { /[MDHWs]/ } keys %{ $answer->{error} } : '';
  is(found_in($told, qr/^exchanged/), '', "$name with a key in the place of a name: $told") if found_in($told, qr/^exchanged/);
  return;
}

foreach my $function (@functions)
{
  my ($name, $arguments) = split / /, $function, 2;
  my (@names, @types, @values);
  foreach (split /,/, $arguments // '')
  {
    my ($argument, $type) = /^(.*?):(.*)$/;
    push @names, $argument;
    push @types, $type;
    push @values, $type =~ /^(?:text|character varying)$/ ? $usual{$argument} // 'x'
      : $type eq 'jsonb' ? "{$messages}"
      : $type eq 'boolean' ? 'true'
      : $type eq 'regrole' ? 'somebody'
      : $type =~ /^(?:integer|bigint|smallint)$/ ? '1' : undef;
  }
  $client->run('BEGIN');
  my $try = sub {
    $client->run('SAVEPOINT s');
    call($name, \@types, @_);
    $client->run('ROLLBACK TO SAVEPOINT s');
  };
  my @texts = grep { $types[$_] =~ /^(?:text|character varying)$/ } 0 .. $#types;
  foreach my $n (@texts)
  {
    foreach my $given ($key, "Bearer $key", "$key\n", "https://$key/", ucfirst($key), substr($key, 3))
    {
      my @with = @values;
      $with[$n] = $given;
      $try->(@with);
      # And the other way round.
      foreach my $m (grep { $_ != $n } @texts) { my @exchanged = @with; $exchanged[$m] = $values[$n]; $try->(@exchanged) }
    }
  }
  $try->(map { my $n = $_; (grep { $_ == $n } @texts) ? $key : $values[$n] } 0 .. $#types) if @texts;
  foreach my $n (grep { $types[$_] eq 'jsonb' } 0 .. $#types)
  {
    foreach my $given (@json) { my @with = @values; $with[$n] = $given; $try->(@with) }
  }
  $client->run('ROLLBACK');
}
cmp_ok($calls, '>', 1000, "calls were made: $calls");
cmp_ok($errors{$_} // 0, '>', 0, "some ended in $_") foreach qw(42704 22023 LA001 LA002);

# Two in one transaction, as the first is remembered.
$client->run('BEGIN');
$client->run('SELECT llm_admin.enter_tenant($1)', $key);
foreach my $call (
  [ 'SELECT llm_admin.enter_tenant($1)', 'b' ],
  [ 'SELECT llm_admin.get_llm_config($1)', 'acme' ],
  [ 'SELECT llm_admin.put_llm_config($1, $2::jsonb)', 'acme', '{}' ])
{
  $client->run('SAVEPOINT s');
  my $answer = $client->run(@$call);
  ok($answer->{error}, "$call->[0] after a key was entered is refused");
  $client->run('ROLLBACK TO SAVEPOINT s');
}
$client->run('ROLLBACK');

is(found_in($client->messages, qr/^exchanged/), '', 'no message holds the key');
$client->finish;
my @log = split /\n/, slurp_file($node->logfile);
my @lines = grep { found_in($_, qr/^exchanged/) } @log;
is(join("\n", @lines[0 .. ($#lines < 9 ? $#lines : 9)]), '', 'no line of the log holds the key');
cmp_ok(scalar(grep { /set_provider_key/ } @log), '>', 0, 'the log was looked at');

# ---- names are still told ----------------------------------------------------------------------------------

my $named = LlmAdmin::Wire->new($node, 'postgres', $node->safe_psql('postgres', 'SELECT session_user'));
foreach my $case (
  [ 'an unknown name', 'nobody', 'Provider nobody does not exist' ],
  [ 'one that is near', 'Chat-GPT', 'Provider Chat-GPT does not exist' ],
  [ 'a long one', 'a' x 25, 'Provider (a text of 25 characters) does not exist' ],
  [ 'one that is no name', 'no body', 'Provider (a text of 7 characters) does not exist' ],
  [ 'one character', "\xc3\xa9", 'Provider (a text of 1 character) does not exist' ])
{
  my ($what, $given, $message) = @$case;
  is($named->run('SELECT llm_admin.get_provider($1)', $given)->{error}{M}, $message, $what);
}
$named->finish;
$node->stop;
done_testing();
