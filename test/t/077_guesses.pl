# What is blanked in a message tells nothing of the key. An operator may not open keys but may have messages recorded
# in which a key is blanked: a guess that is right for some characters more than get_llm_config() shows must come
# back as one that is wrong, or keys could be read letter by letter.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Session qw(new_node);
use LlmAdmin::Wire;
use PostgreSQL::Test::Utils;
use Test::More;

my @letters = ('A' .. 'Z', 'a' .. 'z', '0' .. '9', '_', '-');
my %key = map {
  $_ => 'sk-proj-' . join '', map { $letters[ rand @letters ] } 1 .. 40
} qw(tenant provider);
my $node = new_node('guesses');
$node->safe_psql('postgres', <<"SQL");
CREATE ROLE desk LOGIN;
SELECT llm_admin.grant_access('desk', 'operator');
SELECT llm_admin.put_llm_config('a', '{"apiKey": "$key{tenant}", "provider": "groq"}');
SELECT llm_admin.set_provider_key('groq', '$key{provider}');
SELECT llm_admin.switch_active_provider('groq');
SQL
my $desk = LlmAdmin::Wire->new($node, 'postgres', 'desk');

# What each way answers to a message.
my %ways = (
  'record_llm_test' => [
    'tenant',
    sub {
      my $answer = $desk->run(q{SELECT llm_admin.record_llm_test('a', false, 1, $1)->>'lastTestResult'}, $_[0]);
      return $answer->{rows}[0][0];
    }
  ],
  'record_llm_test, of the platform' => [
    'provider',
    sub {
      my $answer = $desk->run(q{SELECT llm_admin.record_llm_test('a', false, 1, $1)->>'lastTestResult'}, $_[0]);
      return $answer->{rows}[0][0];
    }
  ],
  'record_provider_test' => [
    'provider',
    sub {
      $desk->run(q{SELECT llm_admin.record_provider_test('groq', false, 1, $1)}, $_[0]);
      return $desk->run(q{SELECT result FROM llm_admin.provider_tests WHERE provider_name = 'groq'})->{rows}[0][0];
    }
  ],
  'extract_operation' => [
    'provider',
    sub {
      my $answer = $desk->run(
        q{SELECT llm_admin.extract_operation('list_models', jsonb_build_object('error', jsonb_build_object('message', $1::text)), 'groq', 401)},
        $_[0]);
      return join '|', map { $answer->{error}{$_} // '' } qw(M D H);
    }
  ],
  'read_answer' => [
    'provider',
    sub {
      return $desk->run(
        q{SELECT llm_admin.read_answer(jsonb_build_object('error', jsonb_build_object('message', $1::text))::text, 'groq', 401)::text},
        $_[0])->{rows}[0][0];
    }
  ]);

foreach my $way (sort keys %ways)
{
  my ($whose, $answer) = @{ $ways{$way} };
  my $key = $key{$whose};
  foreach my $form (
    [ 'as it is', '%s' ],
    [ 'cut', 'wrong key %s...' ],
    [ 'in a URL', 'https://h.example/x?key=%s&a=1' ],
    [ 'in JSON', '{"key": "%s"}' ])
  {
    my ($how, $message) = @$form;
    my $blanked = $answer->(sprintf $message, $key);
    like($blanked, qr/\*{3}/, "$way, $how: a key is blanked");
    unlike($blanked, qr/\Q@{[ substr $key, 8, 8 ]}\E|\Q@{[ substr $key, -8 ]}\E/, "$way, $how: entirely");
    my @told;
    foreach my $known (6 .. length $key)
    {
      my $right = substr $key, 0, $known;
      (my $wrong = $right) =~ s/(.)\z/$1 eq 'x' ? 'y' : 'x'/e;
      my ($to_right, $to_wrong) =
        map { my $guess = $_; $answer->(sprintf $message, $guess) =~ s/\Q$guess\E/guess/gr } $right, $wrong;
      push @told, $known if $to_right ne $to_wrong;
    }
    is("@told", '', "$way, $how: no guess is told from another");
  }
}
$desk->finish;
$node->stop;
done_testing();
