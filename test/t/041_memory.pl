# No call takes more memory than max_output_bytes x 4 beyond its arguments and one copy of them, whatever a vendor, a
# caller or a config sends. The peak of the backend's own memory is read from /proc.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Session qw(new_node failure);
use PostgreSQL::Test::Utils;
use Test::More;

my $output = 4 * 1024 * 1024;
my $node = new_node('memory', settings => <<"CONF");
llm_admin.max_output_bytes = $output
shared_buffers = 2MB
CONF
plan skip_all => 'no peak of memory to read here' unless -w "/proc/$$/clear_refs";

# Kilobytes of a line of /proc/PID/status.
sub kilobytes
{
  my ($pid, $what) = @_;
  my ($line) = grep { /^$what:/ } split /\n/, slurp_file("/proc/$pid/status");
  return $line =~ /(\d+)/ ? $1 : die "no $what";
}

# The bytes that the statement added to the session's memory at its worst.
sub peak_of
{
  my ($session, $statement) = @_;
  append_to_file('/proc/' . $session->pid . '/clear_refs', "5\n");  # forgets the peak
  my $before = kilobytes($session->pid, 'VmRSS');
  my (undef, $stderr) = $session->ask($statement);
  return ((kilobytes($session->pid, 'VmHWM') - $before) * 1024, failure($stderr));
}

# ---- configs -------------------------------------------------------------------------------------------------

# A definition with an `enum`, used with something laid over it by each member of another, used likewise.
sub config
{
  my ($values, $inner, $outer, $base) = @_;
  $base //= '{"source": "param:top_p", "enum": [' . join(',', (1) x $values) . ']}';
  my $fields = join ',', map { qq("$_": {"use": "b", "default": 1}) } 1 .. $inner;
  my $rules = join ',', map { qq("k$_": {"use": "L", "omit_empty": true}) } 1 .. $outer;
  return qq({"version": "1.1", "defs": {"b": $base, "L": {"fields": {$fields}}}, "payload_structure":
    {"model": {"source": "param:model_name"}, "messages": {"source": "param:messages"}, $rules}});
}

my %configs = (
  'an enum of 3,000' => config(3000, 60, 20),
  'an enum of 12,000' => config(12000, 60, 20),
  'an enum of 28,000' => config(28000, 60, 60),
  'a map' => config(0, 60, 60,
    '{"source": "param:user", "map": {' . join(',', map { qq("$_": $_) } 1 .. 3000) . '}}'),
  'a text' => config(0, 60, 60, '{"format": "' . 'x' x 40000 . '"}'),
  'conditions' => config(0, 60, 60, '{"each": "param:tools[*]", "where": {"all": [' .
    join(',', ('{"path": "@", "exists": true}') x 1500) . ']}}'),
  'paths' => config(0, 60, 60, '{"paths": [' . join(',', ('"param:top_p"') x 3000) . ']}'));
my $warm = "SELECT count(*) FROM llm_admin.config_problems('{}', '{}')";

foreach my $what (sort keys %configs)
{
  my $session = LlmAdmin::Session->new($node);
  $session->ask($warm);
  my ($most, $failed) = peak_of($session, "SELECT count(*) FROM llm_admin.config_problems('$configs{$what}', NULL)");
  cmp_ok($most, '<', 4 * $output + 2 * length($configs{$what}), "config_problems, $what");
  is($failed, undef, "config_problems, $what: it answers");
  ($most, $failed) = peak_of($session, "SELECT llm_admin.validate_request_builder_config('$configs{$what}')");
  cmp_ok($most, '<', 4 * $output + 2 * length($configs{$what}), "validate_request_builder_config, $what");
  ok(!defined $failed || $failed->{state} eq 'LA001', "validate_request_builder_config, $what: it answers");
}

like($node->safe_psql('postgres', "SELECT code, message FROM llm_admin.config_problems('$configs{conditions}', NULL)"),
  qr/^program_too_large\|the compiled mapping takes more than \d+ bytes$/m, 'a config that grows too large says so');

# ---- answers -------------------------------------------------------------------------------------------------

# Tool arguments, inside a JSON text.
my %arguments = (
  'ones' => '[' . '1,' x 5_000_000 . '1]',
  'arrays' => '[' . '[],' x 3_000_000 . '1]',
  'members' => '{' . join(',', map { qq(\\"k$_\\":1) } 1 .. 700_000) . '}',
  'exponents' => '[' . '1e4000,' x 1_000_000 . '1]',
  'a long text' => '[\"' . 'x' x 9_000_000 . '\"]',
  'blanks' => ' ' x 10_000_000 . '1',
  'cut off' => '[' . '1,' x 5_000_000);
my $statement = "SELECT length(llm_admin.extract_response(j, 'chatgpt')::text) FROM a";
foreach my $what (sort keys %arguments)
{
  my $session = LlmAdmin::Session->new($node);
  my $answer = '{"choices": [{"message": {"tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "';
  $session->ask("CREATE TEMP TABLE a (j jsonb); INSERT INTO a VALUES ('${answer}[]\"}}]}}]}')");
  $session->ask($statement);
  $session->ask("TRUNCATE a; INSERT INTO a VALUES ('$answer$arguments{$what}\"}}]}}]}')");
  my ($most, $failed) = peak_of($session, $statement);
  cmp_ok($most, '<', 4 * $output + 2 * length($arguments{$what}), "extract_response, arguments of $what");
  ok(!defined $failed || $failed->{state} eq '54000', "extract_response, arguments of $what: refused, if at all, by the bound");
}

# Bodies of streams.
my %streams = (
  'one event' => 'data: {"choices":[{"delta":{"content":[' . '1,' x 1_900_000 . "1]}}]}\n\n",
  'a million events' => "data: {}\n\n" x 1_000_000,
  'many texts' => qq(data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n) x 100_000,
  'many tool calls' => join('', map {
    qq(data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":$_,"id":"$_","function":{"name":"f","arguments":"[1,1]"}}]}}]}\n\n)
  } 0 .. 49_999),
  'blank lines' => "\n" x 10_000_000);
$statement = "SELECT length(llm_admin.extract_stream(b, 'chatgpt')::text) FROM a";
foreach my $what (sort keys %streams)
{
  my $session = LlmAdmin::Session->new($node);
  $session->ask("CREATE TEMP TABLE a (b text); INSERT INTO a VALUES (E'data: {}\\n\\n')");
  $session->ask($statement);
  $session->ask("TRUNCATE a; INSERT INTO a VALUES ('$streams{$what}')");
  my ($most, $failed) = peak_of($session, $statement);
  cmp_ok($most, '<', 4 * $output + 2 * length($streams{$what}), "extract_stream, $what");
  ok(!defined $failed || $failed->{state} =~ /^(?:54000|LA003)$/, "extract_stream, $what: refused, if at all, by the bound");
}

# ---- parameters and other documents ----------------------------------------------------------------------------

my $members = '(SELECT jsonb_object_agg(i::text, i) FROM generate_series(1, 300000) i)';
my %calls = (
  'put_llm_config' => [ "SELECT llm_admin.put_llm_config('a', j) FROM d", $members ],
  'create_provider' => [
    "SELECT llm_admin.create_provider('X', 'https://x.example.com', 'm', options => j) FROM d",
    "jsonb_build_object('additional_headers', $members)" ],
  'build_request, unknown parameters' => [ "SELECT llm_admin.build_request(j, 'chatgpt') FROM d", $members ],
  'build_request, extra_body' => [
    "SELECT llm_admin.build_request(j, 'chatgpt') FROM d",
    "jsonb_build_object('model', 'm', 'messages', '[]'::jsonb, 'extra_body', $members)" ],
  'config_problems' => [ 'SELECT (SELECT count(*) FROM llm_admin.config_problems(j, j)) FROM d', $members ]);
foreach my $what (sort keys %calls)
{
  my ($call, $argument) = @{ $calls{$what} };
  my $session = LlmAdmin::Session->new($node);
  $session->ask("CREATE TEMP TABLE d (j jsonb); INSERT INTO d VALUES ('{\"x y\": 1}')");
  $session->ask($call);
  $session->ask("TRUNCATE d; INSERT INTO d VALUES ($argument)");
  my ($most) = peak_of($session, $call);
  # Its argument, a copy of it, and what the server makes of it for the statement that is to store it.
  cmp_ok($most, '<', 4 * $output + 4 * 10_000_000, $what);
}

done_testing();
