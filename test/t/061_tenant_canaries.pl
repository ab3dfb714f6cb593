# Where does a tenant's key go? The work of tenants and the life of keys with marked keys, at the noisiest settings a
# server has and then as docs/security.md sets it up: the look of 060_canaries.pl for the calls of both.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Canary qw(canary found_in);
use LlmAdmin::Noise;
use PostgreSQL::Test::Utils;
use Test::More;

my $noise = LlmAdmin::Noise->start('tenant_canaries', qw(writer reader checker));
my $node = $noise->node;
$node->safe_psql('shop', <<'SQL');
SELECT llm_admin.grant_access('writer', 'operator'), llm_admin.grant_access('reader', 'app'),
  llm_admin.grant_access('checker', 'security');
SELECT provider_name FROM llm_admin.create_provider('In URL', 'https://in-url.example.com', 'm', 'in_url',
  options => '{"auth_scheme": "query_param", "auth_header_template": "key"}');
SELECT provider_name FROM llm_admin.create_provider('Moves', 'https://moves.example.com', 'm', 'moves');
SQL
append_to_file($noise->keyring, '2:' . join('', map { sprintf '%02x', int rand 256 } 1 .. 32) . "\n");

# One round of everything that touches a tenant's key; `root` is the root key that it ends with.
sub round
{
  my ($round, $root) = @_;
  my $work = $noise->round($round);
  my ($writer, $reader, $checker) = map { $work->client($_) } qw(writer reader checker);
  my $put = 'SELECT llm_admin.put_llm_config($1, $2::jsonb)';
  my $with = sub { return qq({"apiKey": "$_[0]") . ($_[1] ? ", $_[1]" : '') . '}' };
  my $puts = sub {
    my ($what, $key, $tenant, $more) = @_;
    $work->works("put: $what", $reader, $put, $tenant, $with->($key, $more));
  };
  my $refused = sub {
    my ($what, $state, $tenant, $name, $config) = @_;
    $config //= '%s';
    my $key = $work->key($name);
    $work->fails("put: $what", $state, $reader, $put, $tenant, $config =~ s/%s/$key/gr);
  };

  # Ways in: by function, and by DML in the tenant's transaction.
  my ($set, $in_url) = ($work->key('put'), $work->key('in-url') . '+/=');
  $puts->('a first key', $set, 'a', '"provider": "groq"');
  $puts->('one that goes into URLs', $in_url, 'url', '"provider": "in_url", "baseUrl": "https://own.example.com"');
  $puts->('a key for a place that moves', $work->key('moves'), 'moves', '"provider": "moves"');
  $puts->('another key', $work->key('first'), 'changed', '"defaultModel": "m"');
  $puts->('in its place', $work->key('second'), 'changed',
    '"provider": "openai", "baseUrl": null, "policy": "byollm_only"');
  $work->works('put: a key kept', $reader, $put, 'changed', '{"provider": "groq", "keepKey": true}');
  my $long = $work->key('long') . 'x' x 8000;
  $puts->('a key of 8 kB', $long, 'long', '"provider": "groq"');
  my $passphrase = $work->key('passphrase');
  my $old =
    $work->works('pgp_sym_encrypt', $writer, 'SELECT pgp_sym_encrypt($1, $2)::text', $work->key('pgcrypto'), $passphrase);
  my $insert = 'INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted) VALUES';

  foreach my $row (
    [ 'sealed', 'llm_admin.encrypt_key($2)', $work->key('inline') ],
    [ 'old', '$2', $old ],
    [ 'other', '$2', 'kms:opaque' ])
  {
    my ($tenant, $value, $key) = @$row;
    $work->works('BEGIN', $writer, 'BEGIN');
    $work->works("entering $tenant", $writer, 'SELECT llm_admin.enter_tenant($1)', $tenant);
    $work->works("storing $tenant", $writer, "$insert (\$1, 'groq', $value)", $tenant, $key);
    $work->works(
      "changing $tenant",
      $writer,
      q{UPDATE llm_admin.llm_configs SET api_key_encrypted = llm_admin.encrypt_key($1) RETURNING tenant_id},
      $work->key('updated')) if $tenant eq 'sealed';
    $work->works('COMMIT', $writer, 'COMMIT');
  }
  $work->works('adopt_pgcrypto_keys', $writer, 'SELECT * FROM llm_admin.adopt_pgcrypto_keys($1)', $passphrase);

  # What talks about them.
  $work->works("$_", $writer, "SELECT * FROM llm_admin.$_") for 'list_llm_configs()', 'verify_llm_configs()';
  $work->works("get_llm_config of $_", $reader, 'SELECT llm_admin.get_llm_config($1)', $_)
    for qw(a url long sealed old other nobody);
  $work->works('resolve_llm', $reader, 'SELECT * FROM llm_admin.resolve_llm($1, $2)', 'a', 'byollm');
  my $record = 'SELECT llm_admin.record_llm_test($1, false, 3, $2)';
  (my $encoded = $in_url) =~ s/([^\w.~-])/sprintf '%%%02X', ord $1/ge;
  (my $escaped = $in_url) =~ s{/}{\\/}g;
  $work->works('record_llm_test with the key', $reader, $record, 'a', "401 Incorrect API key provided: $set");
  my $platform = $work->key('platform');
  $work->works('set_provider_key', $writer, 'SELECT llm_admin.set_provider_key($1, $2)', 'groq', $platform);
  $work->works('switch_active_provider', $writer, 'SELECT llm_admin.switch_active_provider($1)', 'groq');
  $work->works("record_llm_test with the platform's key", $reader, $record, 'a', "fell back, and: invalid key $platform");
  $work->works('record_llm_test with a part of it', $reader, $record, 'a', '401: ' . substr $set, 0, 30);
  $work->works('record_llm_test with a URL',
    $reader, $record, 'url', "cannot reach https://own.example.com/chat?key=$encoded");
  $work->works('record_llm_test with JSON', $reader, $record, 'url', qq({"error": "$escaped"}) . 'x' x 5000);
  $work->works(
    'record_llm_test that went well',
    $reader, 'SELECT llm_admin.record_llm_test($1, true, 3, $2)',
    'a', "used $set");
  $work->works(
    'key_fingerprint', $writer,
    'SELECT llm_admin.key_fingerprint($1)',
    $node->safe_psql('shop', q{SELECT api_key_encrypted FROM llm_admin.llm_configs WHERE tenant_id = 'a'}));

  # Ways out: the answer holds the key, and nothing else does.
  my $params = '{"messages": [{"role": "user", "content": "hello"}]}';
  my $build = 'SELECT llm_admin.build_tenant_request($1, $2::jsonb, $3, true)';
  is($work->tells('decrypt_tenant_key', $reader, 'SELECT llm_admin.decrypt_tenant_key($1)', 'a'),
    $set, "$round: it is the key");
  like($work->tells('a request', $reader, $build, 'a', $params, 'byollm'), qr/\Q$set\E/, "$round: the request holds it");
  like($work->tells('a URL', $reader, $build, 'url', $params, 'byollm'),
    qr/\?key=\Q$encoded\E,/, "$round: the URL holds it");
  $work->works(
    'a request without it',
    $reader, 'SELECT llm_admin.build_tenant_request($1, $2::jsonb, $3)',
    'url', $params, 'byollm');
  foreach my $options ('VERBOSE', 'VERBOSE, ANALYZE, BUFFERS', 'VERBOSE, FORMAT JSON')
  {
    $work->works("EXPLAIN ($options) of decrypting", $reader,
      "EXPLAIN ($options) SELECT llm_admin.decrypt_tenant_key('a')");
    $work->works("EXPLAIN ($options) of building",
      $reader,
      "EXPLAIN ($options) SELECT * FROM llm_admin.build_tenant_request('url', '$params', 'byollm', true) WHERE url > ''");
  }

  # Some clients send the low bytes of such characters, which here would end the line.
  $puts->(
    'a key of many scripts',
    $work->key('scripts') . '\u010d\u010aHost: evil.example',
    'scripts', '"provider": "groq"');
  $work->fails('a request with it', 'LA002', $reader, $build, 'scripts', $params, 'byollm');
  $work->fails('a request without messages', 'LA002', $reader, $build, 'a', '{}', 'byollm');
  $work->fails('a request with an opaque key', '55000', $reader, $build, 'other', $params, 'byollm');
  $work->fails('decrypting as operator', '42501', $writer, 'SELECT llm_admin.decrypt_tenant_key($1)', 'a');
  $work->fails('building as operator', '42501', $writer, $build, 'a', $params, 'byollm');

  # What goes wrong on the way in.
  $refused->('an unknown member', 'LA001', 'a', 'member', '{"apiKey": "%s", "colour": "%s"}');
  $refused->('a misspelt one', 'LA001', 'a', 'misspelt', '{"apikey": "%s"}');
  $refused->('a masked key', 'LA001', 'a', 'masked', '{"maskedKey": "%s"}');
  $refused->("a key in $_", 'LA001', 'a', 'type', $_)
    for '{"apiKey": ["%s"]}', '{"apiKey": {"%s": true}}', '["%s"]', '"%s"';
  $refused->("a key as $_", 'LA001', 'a', 'other', "{\"$_\": \"%s\"}") for qw(policy keepKey baseUrl);
  $refused->("a key with $_", 'LA001', 'a', 'characters', "{\"apiKey\": \"%s$_\"}") for '\n', '\r\nHost: x', '\t', '\u007f';
  $refused->('a key and keepKey', 'LA001', 'a', 'keep', '{"apiKey": "%s", "keepKey": true}');
  $refused->('no such provider', '42704', 'a', 'nobody', '{"apiKey": "%s", "provider": "nobody"}');
  $refused->('no such policy', 'LA001', 'a', 'policy', '{"apiKey": "%s", "policy": "mine"}');
  $refused->("baseUrl $_", 'LA001', 'a', 'url', "{\"apiKey\": \"%s\", \"baseUrl\": \"$_\"}")
    for 'ftp://x.example', 'https://user:%s@x.example', 'https://x.example?key=%s', 'https://x.example/#%s', 'http://%s',
    '%s';
  $refused->('no tenant\'s name', '22023', $_, 'name', '{"apiKey": "%s"}') for '', "a\tb", 'x' x 300;
  $refused->(
    'another provider without its key',
    'LA001', 'a', 'provider', '{"provider": "openrouter", "defaultModel": "%s"}');
  $work->fails('put: 10 kB', 'LA001', $reader, $put, 'a', $with->($work->key('too-long') . 'x' x 10240));
  $work->fails('put: by security', '42501', $checker, $put, 'a', $with->($work->key('security')));
  $work->works('BEGIN', $reader, 'BEGIN');
  $work->works('entering a', $reader, 'SELECT llm_admin.enter_tenant($1)', 'a');
  $work->fails('put: another tenant', '42501', $reader, $put, 'b', $with->($work->key('entered')));
  $work->works('ROLLBACK', $reader, 'ROLLBACK');
  my $update = 'UPDATE llm_admin.llm_configs SET api_key_encrypted = $1';

  foreach my $case (
    [ 'a raw key stored', 'LA001', $update, $work->key('raw') ],
    [ 'a raw key of 10 kB', 'LA001', $update, $work->key('raw-long') . 'x' x 10240 ],
    [ 'a broken envelope', 'LA031', $update, 'lma1.' . $work->key('broken') ],
    [ 'an opaque one with a blank', 'LA001', $update, 'kms: ' . $work->key('blank') ],
    [ 'a raw key in a new row', 'LA001', "$insert ('a', 'groq', \$1)", $work->key('raw-new') ],
    [ 'one for another tenant', 'LA001', "$insert ('b', 'groq', \$1)", $work->key('raw-b') ],
    [ 'a sealed one for another tenant', '42501',
      "$insert ('b', 'groq', llm_admin.encrypt_key(\$1))", $work->key('sealed-b') ],
    [ 'a sealed one of no provider', '42704',
      "$insert ('a', 'nobody', llm_admin.encrypt_key(\$1))", $work->key('sealed-nobody') ],
    [ 'a sealed one and a bad policy',
      'LA001',
      'UPDATE llm_admin.llm_configs SET policy = \'x\', api_key_encrypted = llm_admin.encrypt_key($1)',
      $work->key('sealed-policy') ],
    [ 'a sealed one and a bad latency',
      '23514',
      'UPDATE llm_admin.llm_configs SET last_test_latency = -1, api_key_encrypted = llm_admin.encrypt_key($1)',
      $work->key('sealed-latency') ],
    [ 'a sealed one twice', '23505', "$insert ('a', 'groq', llm_admin.encrypt_key(\$1))", $work->key('sealed-twice') ])
  {
    my ($what, $state, $sql, $key) = @$case;
    $work->works('BEGIN', $writer, 'BEGIN');
    $work->works('entering a', $writer, 'SELECT llm_admin.enter_tenant($1)', 'a');
    $work->fails($what, $state, $writer, $sql, $key);
    $work->works('ROLLBACK', $writer, 'ROLLBACK');
  }

  # Keys that no longer open, and the life of data keys.
  my $move = q{UPDATE llm_admin.llm_provider_configs SET base_url = $1 WHERE provider_name = 'moves'};
  $work->works('moving a provider', $writer, $move, "https://moved-$round.example.com");
  $work->works('resolve_llm of an unreadable key', $reader, 'SELECT llm_admin.get_llm_config($1)', 'moves');
  $work->works('its only one', $reader, $put, 'moves', '{"policy": "byollm_only"}');
  $work->fails($_->[0], 'LA031', $reader, $_->[1], 'moves', @$_[ 2 .. $#$_ ])
    for [ 'resolving an unreadable key', 'SELECT llm_admin.resolve_llm($1, $2)', 'byollm' ],
    [ 'building with it', $build, $params, 'byollm' ],
    [ 'decrypting it', 'SELECT llm_admin.decrypt_tenant_key($1)' ];
  $work->works('moving it back', $writer, $move, 'https://moves.example.com');
  $work->works("rotate_data_key of " . ($_ // 'all'), $checker, 'SELECT llm_admin.rotate_data_key($1)', $_)
    for 'a', 'url', undef;
  $work->works('reseal_keys', $checker, 'SELECT * FROM llm_admin.reseal_keys($1)', $_) for 1, 1000;
  $work->works('rotate_root_key', $checker, 'SELECT * FROM llm_admin.rotate_root_key($1)', $root);
  $work->fails('an unknown root key', 'LA030', $checker, 'SELECT * FROM llm_admin.rotate_root_key($1)', 77);
  is($work->tells('decrypting after it', $reader, 'SELECT llm_admin.decrypt_tenant_key($1)', 'a'),
    $set, "$round: the key is the same");
  $work->works($_, $checker, "SELECT * FROM llm_admin.$_")
    for 'new_installation()', 'verify_keys()', 'key_status()', 'list_llm_configs()', 'migration_status()';
  is($work->tells('decrypting after a new installation', $reader, 'SELECT llm_admin.decrypt_tenant_key($1)', 'a'),
    $set, "$round: in another installation, too");
  $work->works("shred_tenant_keys of $_", $checker, 'SELECT * FROM llm_admin.shred_tenant_keys($1)', $_) for qw(a url);
  $work->fails('decrypting a shredded key', '55000', $reader, 'SELECT llm_admin.decrypt_tenant_key($1)', 'a');
  $work->works("delete_llm_config of $_", $reader, 'SELECT llm_admin.delete_llm_config($1)', $_)
    for qw(a url changed long sealed old other scripts);
  return $work->finish;
}

my %noisy = round('noisy', 2);
$noise->none_but_parameters(\%noisy, 'noisy', 'noisy-put', qr/put_llm_config/);
$noise->make_quiet;
my %quiet = round('quiet', 1);
$noise->none_at_all(\%quiet, 'quiet', qr/moved-quiet|put_llm_config\(\$1, \$2/);

# ---- the instrument: what is done wrong is found -----------------------------------------------------------

my $literal = canary('wrong-literal');
$node->safe_psql('shop', qq{SELECT llm_admin.put_llm_config('wrong', '{"apiKey": "$literal", "provider": "groq"}')});
like(found_in(join("\n", $noise->log_lines), qr/^wrong/), qr/wrong-literal \(raw\)/, 'a literal is in the log');
my $result = canary('wrong-result');
$node->safe_psql('shop',
  q{UPDATE llm_admin.llm_configs SET last_test_result = $1 WHERE tenant_id = 'wrong'} =~ s/\$1/'$result'/r);
my %wrong = $noise->places(qr/put_llm_config/);
like(found_in($wrong{$_}, qr/^wrong/), qr/wrong-result \(raw\)/, "written into the row it is seen in $_")
  for qw(llm_configs decoding pg_dump);
like($noise->files_with(qr/^wrong/), qr{/base/.*wrong-result.*\n?.*}, 'and in a heap file');
$node->stop;

done_testing();
