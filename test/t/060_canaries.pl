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
use LlmAdmin::Session qw(new_keyring);
use LlmAdmin::Wire;
use MIME::Base64;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# ---- a noisy server ----------------------------------------------------------------------------------------

my $node = PostgreSQL::Test::Cluster->new('canaries');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
my $keyring = new_keyring();
$node->append_conf('postgresql.conf', <<"CONF");
llm_admin.keyring_file = '$keyring'
wal_level = logical
max_replication_slots = 4
max_wal_senders = 4
wal_keep_size = '1GB'
shared_preload_libraries = 'pg_stat_statements, auto_explain'
pg_stat_statements.track = all
pg_stat_statements.track_utility = on
auto_explain.log_min_duration = 0
auto_explain.log_analyze = on
auto_explain.log_verbose = on
auto_explain.log_settings = on
auto_explain.log_triggers = on
auto_explain.log_nested_statements = on
track_activities = on
track_activity_query_size = '100kB'
log_min_messages = debug2
log_min_error_statement = debug2
log_error_verbosity = verbose
log_statement = all
log_min_duration_statement = 0
log_parameter_max_length = -1
log_parameter_max_length_on_error = -1
log_lock_waits = on
log_temp_files = 0
debug_pretty_print = off
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE DATABASE shop;
CREATE ROLE writer LOGIN;
CREATE ROLE reader LOGIN;
CREATE ROLE checker LOGIN;
SQL
$node->safe_psql('shop', <<'SQL');
CREATE EXTENSION llm_admin;
CREATE EXTENSION pgcrypto;
CREATE EXTENSION pg_stat_statements;
SELECT llm_admin.grant_access('writer', 'operator'), llm_admin.grant_access('reader', 'app'),
  llm_admin.grant_access('checker', 'security');
SELECT * FROM llm_admin.seed();
SELECT provider_name FROM llm_admin.create_provider('In URL', 'https://in-url.example.com', 'm', 'in_url',
  options => '{"auth_scheme": "query_param", "auth_header_template": "key"}');
SELECT pg_create_logical_replication_slot('canaries', 'test_decoding');
SQL
my $settings = 'llm_admin.import_admin_settings($1::jsonb, $2)';
my $on_error = '"version": "1.0"';

# ---- the work ----------------------------------------------------------------------------------------------

# One round of everything that touches a key, in two sessions; canaries are named after the round. Returns what
# the server said to the clients, and what pg_stat_activity and pg_prepared_statements showed on the way.
sub round
{
  my ($round) = @_;
  my $writer = LlmAdmin::Wire->new($node, 'shop', 'writer');
  my $reader = LlmAdmin::Wire->new($node, 'shop', 'reader');
  my $watcher = LlmAdmin::Wire->new($node, 'shop', $node->safe_psql('postgres', 'SELECT current_user'));
  my ($results, $watched) = ('', '');
  my $key = sub { return canary("$round-$_[0]") };
  my $works = sub {
    my ($what, $client, $sql, @values) = @_;
    my $answer = $client->run($sql, @values);
    is($answer->{error} && "$answer->{error}{C} $answer->{error}{M}", undef, "$round: $what works");
    $watched .= join "\n", map { $_->[0] } @{ $watcher->run('SELECT query FROM pg_stat_activity')->{rows} };
    my $value = $answer->{rows}[0] ? $answer->{rows}[0][0] : undef;
    $results .= join(' ', map { $_ // '' } map { @$_ } @{ $answer->{rows} }) . "\n" unless $what =~ /^(?:open|echo)/;
    return $value;
  };
  my $fails = sub {
    my ($what, $state, $client, $sql, @values) = @_;
    my $answer = $client->run($sql, @values);
    is($answer->{error} && $answer->{error}{C}, $state, "$round: $what fails");
    $watched .= join "\n", map { $_->[0] } @{ $watcher->run('SELECT query FROM pg_stat_activity')->{rows} };
    return;
  };

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
  $fails->('an envelope that is a key', 'LA031', $writer, 'SELECT llm_admin.key_fingerprint($1)',
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

  # A vendor that quotes the key it was sent. Who asks gets the quotation; an error goes to the log.
  my $response = 'SELECT llm_admin.extract_response($1::jsonb, $2, $3::integer)';
  my $stream = 'SELECT llm_admin.extract_stream($1, $2, $3::integer)';
  my $models = 'SELECT llm_admin.extract_operation($1, $2::jsonb, $3, $4::integer)';
  my $refusal = qq({"error": {"message": "Incorrect API key provided: $set", "code": "$set"}});
  like($works->('echo in an error', $reader, $response, $refusal, 'groq', 401), qr/\Q$set\E/, "$round: it is there");
  $works->('echo in an error of a stream', $reader, $stream, "data: $refusal\n\n", 'chatgpt', undef);
  $works->('echo in a page', $reader, $stream, "<html>$set</html>", 'chatgpt', 401);
  $works->('echo in models', $reader, $models, 'list_models', qq({"data": [{"id": "$set"}]}), 'groq', 200);
  my $quoting = qq({"choices": [{"message": {"content": {"a": "$in_url"}}, "finish_reason": ["$in_url"]}], )
    . qq("usage": {"prompt_tokens": "given: $in_url"}, "model": ["$in_url"]});
  $fails->('an answer of wrong kinds', 'LA003', $reader, $response, $quoting, 'in_url', 200);
  $fails->('a refused operation', 'LA003', $reader, $models, 'list_models', $refusal, 'groq', 401);
  $fails->('an operation that failed with 200', 'LA003', $reader, $models, 'list_models', $refusal, 'groq', 200);
  my $claude = $key->('claude');
  $works->('set_provider_key again', $writer, 'SELECT llm_admin.set_provider_key($1, $2)', 'anthropic', $claude);
  $fails->(
    'an operation of wrong kinds', 'LA003', $reader, $models, 'count_tokens', qq({"input_tokens": "is $claude"}),
    'anthropic', 200);
  # As it stands in a stream: the same rules run over what its events make.
  (my $event = $quoting) =~ s/"message"/"delta"/;
  $fails->('a stream of wrong kinds', 'LA003', $reader, $stream, "data: $event\n\ndata: [DONE]\n\n", 'in_url', 200);
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
  $watched .= join "\n", map { @$_ } @{ $writer->run('SELECT statement FROM pg_prepared_statements')->{rows} };
  like($watched, qr/set_provider_key\(\$1, \$2\)/, "$round: statements were seen while they ran");

  my $checker = LlmAdmin::Wire->new($node, 'shop', 'checker');
  $works->('verify_keys', $checker, 'SELECT * FROM llm_admin.verify_keys()');
  $works->('key_status', $checker, 'SELECT * FROM llm_admin.key_status()');
  my $messages = join '', map { $_->messages } $writer, $reader, $checker, $watcher;
  $_->finish for $writer, $reader, $checker, $watcher;
  return ('answers' => $results, 'messages' => $messages, 'pg_stat_activity' => $watched);
}

# ---- where text is kept ------------------------------------------------------------------------------------

# The server's log, its continuation lines joined to the line they belong to.
sub log_lines
{
  my $log = slurp_file($node->logfile);
  $log =~ s/\n\t/ /g;
  return split /\n/, $log;
}

my $dumps = 0;

sub places
{
  my $dump = $node->basedir . '/dump_' . ++$dumps . '.sql';
  $node->command_ok([ 'pg_dump', '-f', $dump, 'shop' ], 'pg_dump');
  $node->safe_psql('shop', 'ANALYZE');
  my $all = sub { return $node->safe_psql('shop', $_[0]) };
  my %text = (
    pg_stat_statements => $all->('SELECT query FROM pg_stat_statements'),
    history => $all->('SELECT h::text FROM llm_admin.llm_provider_config_history h'),
    provider_tests => $all->('SELECT t::text FROM llm_admin.provider_tests t'),
    pg_stats => $all->('SELECT s::text FROM pg_stats s'),
    decoding => $all->(q{SELECT data FROM pg_logical_slot_peek_changes('canaries', NULL, NULL)}),
    pg_dump => slurp_file($dump));
  like($text{$_}, qr/groq/, "$_ was searched") for qw(history decoding pg_dump);
  like($text{pg_stat_statements}, qr/set_provider_key/, 'pg_stat_statements was searched');
  return %text;
}

# Files of the data directory that hold one of the canaries, heap, WAL and temporary files alike. The log and
# the configuration are not in there.
sub files_with_canaries
{
  my ($names) = @_;
  $node->safe_psql('shop', 'CHECKPOINT');
  my @found;
  my ($heap, $wal) = (0, 0);
  my @folders = ($node->data_dir);
  while (defined(my $folder = shift @folders))
  {
    opendir my $entries, $folder or next;
    foreach my $entry (grep { !/^\.\.?$/ } readdir $entries)
    {
      my $file = "$folder/$entry";
      if (-d $file && !-l $file) { push @folders, $file; next; }
      open my $in, '<:raw', $file or next;    # a file may go meanwhile
      my $bytes = do { local $/; <$in> };
      close $in;
      next unless defined $bytes;
      $heap++ if $folder =~ m{/base/};
      $wal++ if $folder =~ m{/pg_wal$};
      my $found = found_in($bytes, $names);
      push @found, "$file: $found" if $found;
    }
    closedir $entries;
  }
  cmp_ok($heap, '>', 300, 'heap files were read');
  cmp_ok($wal, '>', 0, 'WAL was read');
  return join "\n", @found;
}

# ---- at the noisiest settings ------------------------------------------------------------------------------

# Lines by which the server logs what was bound: after a statement, at an error, in a plan.
my $parameters = qr/(?:DETAIL|CONTEXT):  .*\bparameters: |Query Parameters: /i;
# auto_explain with log_verbose shows plans, and a plan made for bound values has these in it.
my $plans = qr/LOG:  00000: duration: [0-9.]+ ms  plan:/;

my %noisy = round('noisy');
my %text = (%noisy, places());
# An error that names the portal quotes its parameters to the client as well.
$text{messages} =~ s/^.*\bportal with parameters: .*$//mg;
is(found_in($text{$_}, qr/^noisy/), '', "noisy: none in $_") for sort keys %text;
my @log = log_lines();
is(
  found_in(join("\n", grep { $_ !~ $parameters && $_ !~ $plans } @log), qr/^noisy/),
  '', "noisy: none in the log but where the server logs parameters");
like(
  found_in(join("\n", grep { $_ =~ $parameters } @log), qr/^noisy/), qr/noisy-set \(raw\)/,
  'noisy: and there it does, so this look at the log is worth something');
like(
  found_in(join("\n", grep { $_ =~ $plans } @log), qr/^noisy/), qr/noisy-set \(raw\)/,
  'noisy: auto_explain shows bound values of plans made for them, which is why the role plans without');
is(files_with_canaries(qr/^noisy/), '', 'noisy: none in any file of the data directory');

# ---- with the writing role set up as docs/security.md says -------------------------------------------------

my @quiet = ('log_parameter_max_length = 0', 'log_parameter_max_length_on_error = 0',
  'plan_cache_mode = force_generic_plan');
# From 16 on auto_explain shows parameters by a setting of its own.
push @quiet, 'auto_explain.log_parameter_max_length = 0' if $node->pg_version >= 16;

foreach my $role (qw(writer reader checker))
{
  $node->safe_psql('postgres', "ALTER ROLE $role SET $_") for @quiet;
}
my %quiet = round('quiet');
%text = (%quiet, places());
is(found_in($text{$_}, qr/^quiet/), '', "quiet: none in $_") for sort keys %text;
@log = log_lines();
is(found_in(join("\n", @log), qr/^quiet/), '', 'quiet: none in the log at all');
cmp_ok(scalar(grep { /renamed_quiet/ || /set_provider_key\(\$1, \$2\)/ } @log), '>', 1,
  'quiet: though the round is in it');
is(files_with_canaries(qr/./), '', 'none in any file of the data directory');

# ---- the instrument: what is done wrong is found -----------------------------------------------------------

my $literal = canary('wrong-literal');
$node->safe_psql('shop', "SELECT llm_admin.set_provider_key('groq', '$literal')");
like(found_in(join("\n", log_lines()), qr/^wrong/), qr/wrong-literal \(raw\)/, 'a literal is in the log');
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
my $files = files_with_canaries(qr/^wrong/);

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
