# Where does a key go? Real work with marked keys at the noisiest settings a server has, then a search for the
# marks, as they are and as hex and base64, wherever a server keeps text: log, activity, statistics, heap, WAL,
# logical decoding, dumps, messages. Keys are passed as the documentation says, as bound parameters.
#
# Nothing may be found but in lines by which the server itself, being told to, logs parameters; and nothing at
# all once the writing role is set up as docs/security.md says.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Canary qw(canary found_in);
use LlmAdmin::Noise;
use LlmAdmin::Wire;
use MIME::Base64;
use PostgreSQL::Test::Utils;
use Test::More;

my $noise = LlmAdmin::Noise->start('canaries', qw(writer reader checker));
my $node = $noise->node;
$node->safe_psql('shop', <<'SQL');
SELECT llm_admin.grant_access('writer', 'operator'), llm_admin.grant_access('reader', 'app'),
  llm_admin.grant_access('checker', 'security');
SELECT provider_name FROM llm_admin.create_provider('In URL', 'https://in-url.example.com', 'm', 'in_url',
  options => '{"auth_scheme": "query_param", "auth_header_template": "key"}');
SQL
my $settings = 'llm_admin.import_admin_settings($1::jsonb, $2)';
my $on_error = '"version": "1.0"';

# ---- the work ----------------------------------------------------------------------------------------------

# One round of everything that touches a key, in three sessions. Returns what the server said to the clients, and
# what pg_stat_activity and pg_prepared_statements showed on the way.
sub round
{
  my ($round) = @_;
  my $work = $noise->round($round);
  my ($writer, $reader, $checker) = map { $work->client($_) } qw(writer reader checker);
  my $key = sub { return $work->key(@_) };
  my $fails = sub { return $work->fails(@_) };
  # Some answers hold a key, which is what they are for.
  my $works = sub { return $_[0] =~ /^(?:open|echo)/ ? $work->tells(@_) : $work->works(@_) };

  # Ways in.
  my $set = $key->('set');
  $works->('set_provider_key', $writer, 'SELECT llm_admin.set_provider_key($1, $2)', 'groq', $set);
  my $envelope = $works->('encrypt_key', $writer, 'SELECT llm_admin.encrypt_key($1)', $key->('encrypted'));
  $works->(
    'storing the envelope', $writer,
    q{UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = $1 WHERE provider_name = 'openrouter'}, $envelope
  );
  $works->(
    'encrypting in the UPDATE', $writer,
    q{UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = llm_admin.encrypt_key($1) WHERE provider_name = 'google_ai'},
    $key->('inline'));
  $works->(
    'create_provider', $writer,
    'SELECT * FROM llm_admin.create_provider($1, $2, $3, api_key => $4)', "Made $round",
    'https://made.example.com/v1',
    'm', $key->('created'));
  $works->(
    'import_admin_settings', $writer, "SELECT * FROM $settings",
    '{"provider": "chatgpt", "api_key": "' . $key->('imported') . '"}', 'importer');
  $works->('list_providers', $writer, 'SELECT * FROM llm_admin.list_providers()');

  # Values of pgcrypto, and their passphrase.
  my $passphrase = $key->('passphrase');
  my $old =
    $works->('pgp_sym_encrypt', $writer, 'SELECT pgp_sym_encrypt($1, $2)::text', $key->('pgcrypto'), $passphrase);
  $works->('import_pgcrypto_key', $writer, 'SELECT llm_admin.import_pgcrypto_key($1, $2)', $old, $passphrase);
  $works->(
    'storing a pgcrypto value', $writer,
    "UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = \$1 WHERE provider_name = 'made_$round'", $old);
  $works->('adopt_pgcrypto_keys', $writer, 'SELECT * FROM llm_admin.adopt_pgcrypto_keys($1)', $passphrase);

  # What moves keys, and what talks about them.
  $works->(
    'renaming', $writer,
    "UPDATE llm_admin.llm_provider_configs SET provider_name = \$1 WHERE provider_name = 'made_$round'",
    "renamed_$round");
  $works->('switch_active_provider', $writer, 'SELECT llm_admin.switch_active_provider($1)', "renamed_$round");
  $works->(
    'record_provider_test', $writer, 'SELECT llm_admin.record_provider_test($1, false, 3, $2)', 'groq',
    "401 Incorrect API key provided: $set");
  # The parameters of a URL are percent-encoded, and clients name the URL that failed.
  my $in_url = $key->('in-url') . '+/=';
  $works->('set_provider_key in a URL', $writer, 'SELECT llm_admin.set_provider_key($1, $2)', 'in_url', $in_url);
  $works->(
    'enabling', $writer,
    q{UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'in_url'});
  (my $encoded = $in_url) =~ s/([^\w.~-])/sprintf '%%%02X', ord $1/ge;
  $works->(
    'record_provider_test with a URL', $writer, 'SELECT llm_admin.record_provider_test($1, false, 3, $2)', 'in_url',
    "cannot reach https://in-url.example.com/chat/completions?key=$encoded");
  $works->('mask_key', $writer, 'SELECT llm_admin.mask_key($1)', $key->('masked'));
  $works->(
    'key_fingerprint', $writer, q{SELECT llm_admin.key_fingerprint(api_key_encrypted)
    FROM llm_admin.llm_provider_configs WHERE provider_name = 'groq'});

  # What goes wrong.
  my $raw = 'UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = $1 WHERE provider_name = \'groq\'';
  my $make = 'SELECT llm_admin.create_provider($1, $2, $3, $4, api_key => $5)';
  $fails->('a key for nobody', '42704', $writer, 'SELECT llm_admin.set_provider_key($1, $2)', 'nobody',
    $key->('nobody'));
  $fails->('a key with a newline', '22023', $writer, 'SELECT llm_admin.set_provider_key($1, $2)', 'groq',
    $key->('newline') . "\n");
  $fails->('a key too long', '22023', $writer, 'SELECT llm_admin.set_provider_key($1, $2)', 'groq',
    $key->('long') . 'x' x 200000);
  $fails->('a raw key stored', 'LA001', $writer, $raw, $key->('raw'));
  $fails->('a broken envelope', 'LA031', $writer, $raw, 'lma1.' . $key->('broken'));
  $fails->('a bad URL', 'LA001', $writer, $make, 'Bad', 'ftp://bad.example.com', 'm', 'bad_url', $key->('bad-url'));
  $fails->('a bad name', '23514', $writer, $make, 'Bad', 'https://bad.example.com', 'm', 'Bad Name',
    $key->('bad-name'));
  $fails->('a name that is taken', '23505', $writer, $make, 'Bad', 'https://bad.example.com', 'm', 'groq',
    $key->('taken'));
  $fails->(
    'a bad configuration', 'LA001', $writer,
    'SELECT llm_admin.create_provider($1, $2, $3, $4, api_key => $5, options => $6)', 'Bad',
    'https://bad.example.com', 'm',
    'bad_config', $key->('bad-config'), "{\"request_builder_config\": {$on_error}}");
  $fails->(
    'settings of no provider', '42704', $writer, "SELECT * FROM $settings",
    '{"provider": "nobody", "api_key": "' . $key->('import-nobody') . '"}', undef);
  $fails->(
    'settings with an unknown member', '22023', $writer, "SELECT * FROM $settings",
    '{"provider": "groq", "api_key": "' . $key->('import-member') . '", "colour": "red"}', undef);
  $fails->(
    'settings with a key in a list', '22023', $writer, "SELECT * FROM $settings",
    '{"provider": "groq", "api_key": ["' . $key->('import-list') . '"]}', undef);
  $fails->('a wrong passphrase', '22023', $writer, 'SELECT llm_admin.import_pgcrypto_key($1, $2)', $old,
    $key->('wrong-passphrase'));
  $fails->('a ciphertext that is a key', '22023', $writer, 'SELECT llm_admin.import_pgcrypto_key($1, $2)',
    $key->('no-pgcrypto'), 'x');
  $fails->('decrypt_key without the right', '42501', $writer, 'SELECT llm_admin.decrypt_key($1)', $key->('no-right'));
  $fails->('an envelope that is a key', '22023', $writer, 'SELECT llm_admin.key_fingerprint($1)',
    $key->('no-envelope'));

  # Ways out: the answer holds the key, and nothing else does.
  my $params = '{"messages": [{"role": "user", "content": "hello"}]}';
  is(
    $works->('opening with decrypt_provider_key', $reader, 'SELECT llm_admin.decrypt_provider_key($1)', 'groq'), $set,
    "$round: it is the key");
  like(
    $works->(
      'opening with build_request', $reader, 'SELECT (llm_admin.build_request($1::jsonb, $2, true)).headers',
      $params, 'groq'),
    qr/\Q$set\E/,
    "$round: the request holds the key");
  my $operation = 'SELECT llm_admin.build_operation($1, $2, $3::jsonb, true)';
  like(
    $works->('opening with build_operation', $reader, $operation, 'list_models', 'groq', '{}'),
    qr/\Q$set\E/, "$round: the operation's request holds the key");
  like(
    $works->(
      'opening in a URL', $reader, 'SELECT (llm_admin.build_request($1::jsonb, $2, true)).url', $params, 'in_url'),
    qr/\?key=\Q$encoded\E$/,
    "$round: the URL holds the key");
  $works->('explain_request', $reader, 'SELECT * FROM llm_admin.explain_request($1::jsonb, $2)', $params, 'in_url');
  $fails->('an operation for nobody', '42704', $reader, $operation, 'list_models', 'nobody', '{}');
  $fails->('an operation that is none', '42704', $reader, $operation, 'list_model', 'groq', '{}');
  $fails->('an operation as operator', '42501', $writer, $operation, 'list_models', 'groq', '{}');

  # A vendor that quotes the key it was sent. Who asks gets the quotation without it; an error goes to the log.
  my $response = 'SELECT llm_admin.extract_response($1::jsonb, $2, $3::integer)';
  my $stream = 'SELECT llm_admin.extract_stream($1, $2, $3::integer)';
  my $models = 'SELECT llm_admin.extract_operation($1, $2::jsonb, $3, $4::integer)';
  my $refusal = qq({"error": {"message": "Incorrect API key provided: $set", "code": "$set"}});
  unlike($works->('echo in an error', $reader, $response, $refusal, 'groq', 401), qr/\Q$set\E/, "$round: it is blanked");
  $works->('echo in an error of a stream', $reader, $stream, "data: $refusal\n\n", 'chatgpt', undef);
  $works->('echo in a page', $reader, $stream, "<html>$set</html>", 'chatgpt', 401);
  $works->('echo in models', $reader, $models, 'list_models', qq({"data": [{"id": "$set"}]}), 'groq', 200);
  my $quoting = qq({"choices": [{"message": {"content": {"a": "$in_url"}}, "finish_reason": ["$in_url"]}], )
    . qq("usage": {"prompt_tokens": "given: $in_url"}, "model": ["$in_url"]});
  $works->('echo in an answer of wrong kinds', $reader, $response, $quoting, 'in_url', 200);
  $fails->('a refused operation', 'LA003', $reader, $models, 'list_models', $refusal, 'groq', 401);
  $fails->('an operation that failed with 200', 'LA003', $reader, $models, 'list_models', $refusal, 'groq', 200);
  my $claude = $key->('claude');
  $works->('set_provider_key again', $writer, 'SELECT llm_admin.set_provider_key($1, $2)', 'anthropic', $claude);
  $fails->(
    'an operation of wrong kinds', 'LA003', $reader, $models, 'count_tokens', qq({"input_tokens": "is $claude"}),
    'anthropic', 200);
  # As it stands in a stream: the same rules run over what its events make.
  (my $event = $quoting) =~ s/"message"/"delta"/;
  $works->('echo in a stream of wrong kinds', $reader, $stream, "data: $event\n\ndata: [DONE]\n\n", 'in_url', 200);
  $fails->('a request without messages', 'LA002', $reader, 'SELECT llm_admin.build_request($1::jsonb, $2, true)',
    '{}', 'groq');
  $fails->('decrypting for nobody', '42704', $reader, 'SELECT llm_admin.decrypt_provider_key($1)', 'nobody');
  $fails->('building a request as operator', '42501', $writer, 'SELECT llm_admin.build_request($1::jsonb, $2, true)',
    $params, 'groq');
  foreach my $options ('VERBOSE', 'VERBOSE, ANALYZE, BUFFERS', 'VERBOSE, FORMAT JSON')
  {
    $works->("EXPLAIN ($options) of decrypting", $reader,
      "EXPLAIN ($options) SELECT llm_admin.decrypt_provider_key('groq')");
    $works->(
      "EXPLAIN ($options) of building", $reader,
      "EXPLAIN ($options) SELECT * FROM llm_admin.build_request('$params', 'groq', true) WHERE url > ''");
  }
  $writer->prepare('kept', 'SELECT llm_admin.set_provider_key($1, $2)');
  my $prepared = join "\n", map { @$_ } @{ $writer->run('SELECT statement FROM pg_prepared_statements')->{rows} };

  $works->('verify_keys', $checker, 'SELECT * FROM llm_admin.verify_keys()');
  $works->('key_status', $checker, 'SELECT * FROM llm_admin.key_status()');
  my %text = $work->finish;
  like($text{pg_stat_activity}, qr/set_provider_key\(\$1, \$2\)/, "$round: statements were seen while they ran");
  return (%text, pg_prepared_statements => $prepared);
}

my %noisy = round('noisy');
$noise->none_but_parameters(\%noisy, 'noisy', 'noisy-set', qr/set_provider_key/);
$noise->make_quiet;
my %quiet = round('quiet');
$noise->none_at_all(\%quiet, 'quiet', qr/renamed_quiet|set_provider_key\(\$1, \$2\)/);

# ---- the instrument: what is done wrong is found -----------------------------------------------------------

my $literal = canary('wrong-literal');
$node->safe_psql('shop', "SELECT llm_admin.set_provider_key('groq', '$literal')");
like(found_in(join("\n", $noise->log_lines), qr/^wrong/), qr/wrong-literal \(raw\)/, 'a literal is in the log');
my $malformed = LlmAdmin::Wire->new($node, 'shop', 'writer');
my $answer = $malformed->run("SELECT * FROM $settings", '{"api_key": "' . canary('wrong-json') . '",}', undef);
is($answer->{error}{C}, '22P02', 'malformed settings are refused by the server, before the extension sees them');
like(found_in($malformed->messages, qr/^wrong/), qr/wrong-json \(raw\)/, 'and its error quotes them');
$malformed->finish;
my $plain = canary('wrong-heap');
my $hex = unpack 'H*', canary('wrong-hex');
my $encoded = encode_base64('.' . canary('wrong-base64'), '');
$node->safe_psql('shop',
  "CREATE TABLE public.wrong AS SELECT '$plain' AS a, '$hex' AS b, '$encoded' AS c, '\\x$hex'::bytea AS d");
my $files = $noise->files_with(qr/^wrong/);

foreach my $form ('wrong-heap \(raw\)', 'wrong-hex \(hex\)', 'wrong-hex \(raw\)', 'wrong-base64 \(base64 at \d\)')
{
  like($files, qr{/base/.*$form}, "a heap file shows $form");
  like($files, qr{/pg_wal/.*$form}, "WAL shows $form");
}
like(
  found_in(
    $node->safe_psql('shop', q{SELECT data FROM pg_logical_slot_peek_changes('canaries', NULL, NULL)}), qr/^wrong/),
  qr/wrong-heap \(raw\)/,
  'logical decoding shows it');
$node->stop;

done_testing();
