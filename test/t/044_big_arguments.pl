# An argument of 64 MB is refused, or read where it stands, before it is copied: each text, jsonb and bytea argument of
# every function in the catalog, and each column of the tables that triggers look through. The backend's memory stays
# below one fetched copy and what an answer may take.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Session qw(new_node failure);
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'no peak of memory to read here' unless -w "/proc/$$/clear_refs";

my $node = new_node('big_arguments', settings => "shared_buffers = 1MB\nllm_admin.max_output_bytes = '16MB'\njit = off\n");
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE somebody;
SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij');
SELECT llm_admin.put_llm_config('acme', '{"provider": "groq", "apiKey": "gsk-0123456789abcdefghij"}');
SELECT llm_admin.switch_active_provider('groq');
CREATE TABLE big (name text, t text, j jsonb, b bytea);
ALTER TABLE big ALTER t SET STORAGE EXTERNAL, ALTER j SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL;
INSERT INTO big (name, t) VALUES ('letters', repeat('k', 64 << 20)), ('a url', 'https://api.example.com/' || repeat('a/', 32 << 20)),
  ('the beginning of an envelope', 'lma1.' || repeat('A', 64 << 20)), ('hex', '\xc30d04070302' || repeat('11', 32 << 20));
INSERT INTO big (name, j) VALUES ('a message', jsonb_build_object('messages', jsonb_build_array(jsonb_build_object('role', 'user', 'content', repeat('x', 64 << 20)))));
INSERT INTO big (name, j) VALUES ('numbers', jsonb_build_object('messages', (SELECT jsonb_agg(n) FROM generate_series(1, 4 << 20) n)));
INSERT INTO big (name, b) VALUES ('bytes', decode(repeat('00', 64 << 20), 'hex'));
SQL

my $copy = 64 << 10;        # kB
my $answer = 4 * (16 << 10);
my $slack = 24 << 10;

# The most that the backend had resident while it ran the statement, above what it had before, in kB.
sub peak
{
  my ($session, $sql) = @_;
  my $proc = '/proc/' . $session->pid;
  open my $clear, '>', "$proc/clear_refs" or die "$proc: $!";
  print $clear "5\n";
  close $clear;
  my $status = sub {
    my ($name) = @_;
    return slurp_file("$proc/status") =~ /^$name:\s+(\d+) kB/m ? $1 : die "no $name";
  };
  my $before = $status->('VmRSS');
  my (undef, $stderr) = $session->ask($sql);
  return ($status->('VmHWM') - $before, failure($stderr));
}

my %usual = (
  provider_name => q{'groq'}, new_provider_name => q{'groq'}, provider => q{'groq'}, tenant_id => q{'acme'}, level => q{'app'},
  dialect => q{'openai'}, operation => q{'list_models'}, base_url => q{'https://api.example.com/v1'}, passphrase => q{'pass'});
my @functions = split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT p.proname || ' ' || string_agg(coalesce(p.proargnames[a.n], 'a') || ':' || format_type(a.type, NULL), ',' ORDER BY a.n)
FROM pg_proc p CROSS JOIN LATERAL unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a(type, n)
WHERE p.pronamespace = 'llm_admin'::regnamespace AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype
GROUP BY p.oid, p.proname ORDER BY 1
SQL
cmp_ok(scalar @functions, '>', 30, 'the catalog has functions with arguments');
my ($calls, $refused, $most) = (0, 0, 0);
foreach my $function (@functions)
{
  my ($name, $arguments) = split / /, $function, 2;
  my (@names, @types, @values);
  foreach (split /,/, $arguments)
  {
    my ($argument, $type) = /^(.*?):(.*)$/;
    push @names, $argument;
    push @types, $type;
    push @values, $type =~ /^(?:text|character varying)$/ ? $usual{$argument} // q{'x'}
      : $type eq 'jsonb' ? q('{"messages": [{"role": "user", "content": "x"}]}')
      : $type eq 'boolean' ? 'false'
      : $type eq 'regrole' ? q{'somebody'}
      : $type =~ /^(?:integer|bigint|smallint)$/ ? '1' : 'NULL';
  }
  my $session = LlmAdmin::Session->new($node);
  # What is loaded and compiled once is not the argument's.
  $session->ask("BEGIN; SAVEPOINT s; SELECT * FROM llm_admin.$name(" . join(', ', map { "$values[$_]::$types[$_]" } 0 .. $#types) . '); ROLLBACK');
  foreach my $n (0 .. $#types)
  {
    my ($column) = $types[$n] =~ /^(?:text|character varying)$/ ? 't' : $types[$n] eq 'jsonb' ? 'j' : $types[$n] eq 'bytea' ? 'b' : next;
    foreach my $big (split /\n/, $node->safe_psql('postgres', "SELECT name FROM big WHERE $column IS NOT NULL ORDER BY 1"))
    {
      my @with = map { "$values[$_]::$types[$_]" } 0 .. $#types;
      $with[$n] = "big.$column";
      my ($peak, $failure) = peak($session, "BEGIN; SELECT count(*) FROM big, LATERAL (SELECT llm_admin.$name(" . join(', ', @with) . ")) f WHERE big.name = '$big'; ROLLBACK");
      $calls++;
      $refused++ if $failure;
      $most = $peak if $peak > $most;
      my $state = $failure ? $failure->{state} : '';
      ok($peak < $copy + $answer + $slack && $state !~ /^(?:XX|53)/, "$name: $names[$n], $big: $peak kB $state");
      $session->ask('ROLLBACK');
    }
  }
  $session->quit;
}
cmp_ok($calls, '>', 150, "calls: $calls, of which $refused were refused; the most was $most kB");

# Names and the like are refused before anything of them is fetched.
my $session = LlmAdmin::Session->new($node);
foreach my $call (
  'get_provider(t)', "record_provider_test(t, true, 1)", "create_provider(t, 'https://x.example.com', 'm')",
  "create_provider('x', t, 'm')", "encrypt_key(t)", "encrypt_key('x', t)", "set_provider_key('groq', t)", "set_provider_key(t, 'x')",
  "get_llm_config(t)", "build_request('{}', t)", "mask_key(t)", "decrypt_key(t)", "import_pgcrypto_key(t, 'x')", "put_llm_config('acme', (SELECT j FROM big WHERE name = 'numbers'))")
{
  my ($peak, $failure) = peak($session, "SELECT llm_admin.$call FROM big WHERE name = 'hex'");
  is($failure->{state}, '54000', "$call: refused");
  like($failure->{message}, qr/^argument \w+ is longer than \d+ bytes$/, "$call: in words");
  cmp_ok($peak, '<', 16 << 10, "$call: nothing was fetched: $peak kB");
}
# A message is kept cut, and so is one that is long.
foreach my $call (
  [ "record_provider_test('groq', false, 1, t)", "SELECT length(result) FROM llm_admin.provider_tests WHERE provider_name = 'groq'" ],
  [ "record_llm_test('acme', false, 1, t)", "SELECT length(last_test_result) FROM llm_admin.llm_configs WHERE tenant_id = 'acme'" ])
{
  my ($peak, $failure) = peak($session, "SELECT count(llm_admin.$call->[0]) FROM big WHERE name = 'letters'");
  is($failure, undef, "$call->[0]: taken");
  cmp_ok($peak, '<', 16 << 10, "$call->[0]: the beginning is fetched: $peak kB");
  cmp_ok($session->ask($call->[1]), '>', 1000, "$call->[0]: and kept");
}

# ---- rows --------------------------------------------------------------------------------------------------

foreach my $case (
  [ 'llm_provider_configs', "provider_name = 'groq'", qw(base_url endpoint_path_template auth_header_template description api_key_encrypted
      additional_headers supported_models model_capabilities request_builder_config response_extractor_config) ],
  [ 'llm_configs', "tenant_id = 'acme'", qw(base_url provider default_model policy api_key_encrypted last_test_result id tenant_id) ])
{
  my ($table, $where, @columns) = @$case;
  foreach my $column (@columns)
  {
    my $json = $column =~ /_config$|headers|models|capabilities/;
    my $value = $json ? "(SELECT j FROM big WHERE name = 'numbers')" : "(SELECT t FROM big WHERE name = 'a url')";
    my ($peak, $failure) = peak($session, "UPDATE llm_admin.$table SET $column = $value WHERE $where");
    is($failure->{state}, 'LA001', "$table.$column: refused");
    like($failure->{message}, qr/^$column is longer than \d+ bytes$/, "$table.$column: in words");
    cmp_ok($peak, '<', 2 * $copy + $slack, "$table.$column: $peak kB");
  }
}
# What was as long before this version stays, and other columns of its row can be changed.
$session->ask("SET session_replication_role = replica; UPDATE llm_admin.llm_provider_configs SET description = repeat('d', 100000) WHERE provider_name = 'groq'; RESET session_replication_role");
my (undef, $stderr) = $session->ask("UPDATE llm_admin.llm_provider_configs SET default_model = 'other' WHERE provider_name = 'groq'");
is(failure($stderr), undef, 'a row that was as long before can be changed');
$session->quit;
$node->stop;
done_testing();
