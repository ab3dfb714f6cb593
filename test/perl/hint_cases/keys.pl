# Cases of test/t/062_hints.pl: keys, what a session holds, settings of the server, mappings.
use strict;
use warnings;

our ($node, $path, %used);

# ---- keys that do not open ---------------------------------------------------------------------------------

my $bend = sub {
  my ($table, $where) = @_;
  return ("ALTER TABLE llm_admin.$table DISABLE TRIGGER USER",
    "UPDATE llm_admin.$table SET api_key_encrypted = overlay(api_key_encrypted PLACING 'AAAA' FROM 60) WHERE $where",
    "ALTER TABLE llm_admin.$table ENABLE TRIGGER USER");
};
mends('an envelope that does not open', "SELECT llm_admin.decrypt_provider_key('groq')",
  before => [ $bend->('llm_provider_configs', "provider_name = 'groq'") ]);
mends('what encrypt_key did not make', "SELECT llm_admin.decrypt_key('groq')", gives => qr/^sealed by hand$/,
  fill => { envelope => $node->safe_psql('postgres', "SELECT llm_admin.encrypt_key('sealed by hand')") });
mends('a key that no header takes',
  q{SELECT (llm_admin.build_request('{"messages": [{"role": "user", "content": "x"}]}', 'groq', true)).headers},
  before => [ "SELECT llm_admin.set_provider_key('groq', 'ключ-0123456789abcdef')" ]);
mends('a host with a hole', q{SELECT (llm_admin.build_request('{"messages": [{"role": "user", "content": "x"}]}', 'holed')).url}, gives => qr/\{region\}/,
  before => [ q{SELECT llm_admin.create_provider('Holed', 'https://{region}.example.com', 'm', options => '{"auth_scheme": "none"}')} ],
  after => [ q{SELECT llm_admin.purge_provider('holed')} ]);
mends('pgcrypto is not there', q{SELECT llm_admin.import_pgcrypto_key('\xc30d04070302' || repeat('11', 8) || '60' || 'd20101', 'pass')},
  db => 'empty', then => 'SELECT 1');

# ---- data keys ---------------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{SELECT llm_admin.put_llm_config('full', '{"provider": "groq", "apiKey": "gsk-0123456789abcdefghij"}')});
mends('the last version of a data key', "SELECT llm_admin.rotate_data_key('full')",
  before => [ "UPDATE llm_admin.data_keys SET version = 2147483647 WHERE tenant_id = 'full'" ],
  then => q{SELECT llm_admin.put_llm_config('full', '{"apiKey": "gsk-0123456789abcdefghij"}')});
mends('all tenants within one', 'SELECT llm_admin.rotate_root_key(1)', before => [ 'BEGIN', "SELECT llm_admin.enter_tenant('full')", 'SAVEPOINT s' ],
  rollback => 1, gives => qr/^1\|0$/);
mends('a root key that is not there', 'SELECT llm_admin.rotate_root_key(77)', gives => qr/^keyring content\|root keys 1/m);
{
  # Shredding does not wait for a row that somebody holds.
  my ($holder, $officer) = (session(), session());
  $holder->ask(q{BEGIN; SELECT 1 FROM llm_admin.llm_configs WHERE tenant_id = 'full' FOR UPDATE});
  my (undef, $stderr) = $officer->ask("SELECT llm_admin.shred_tenant_keys('full')");
  my ($hint) = $stderr =~ /HINT:\s+(.*)/;
  $holder->ask('COMMIT');
  $used{$hint} = 'a row that another transaction holds';
  is($officer->ask(statement_in($hint)), '0|1', 'a row that is held: afterwards the statement blanks it');
  is($officer->ask("SELECT api_key_encrypted FROM llm_admin.llm_configs WHERE tenant_id = 'full'"), '', 'and it is blank');
  $_->quit foreach $holder, $officer;
}
mends('within a tenant', 'SELECT * FROM llm_admin.new_installation()',
  before => [ 'BEGIN', "SELECT llm_admin.enter_tenant('full')", 'SAVEPOINT s' ], gives => qr/^/, after => ['ROLLBACK']);
mends('a copy with a key that does not open', 'SELECT * FROM llm_admin.new_installation()',
  before => [ $bend->('llm_provider_configs', "provider_name = 'groq'") ]);
mends('the same, let go', 'SELECT * FROM llm_admin.new_installation()',
  before => [ $bend->('llm_provider_configs', "provider_name = 'groq'") ], pick => qr/(UPDATE .*)/);
$node->safe_psql('postgres', q{SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij');
  SELECT llm_admin.put_llm_config('full', '{"apiKey": "gsk-0123456789abcdefghij"}')});
mends('a copy with a key of a tenant that does not open', 'SELECT * FROM llm_admin.new_installation()',
  before => [ $bend->('llm_configs', "tenant_id = 'full'") ]);
mends('the same, without it', 'SELECT * FROM llm_admin.new_installation()',
  before => [ $bend->('llm_configs', "tenant_id = 'full'") ], pick => qr/or (SELECT .*)/);
mends('a copy with a tenant of no provider', 'SELECT * FROM llm_admin.new_installation()',
  before => [ q{SELECT llm_admin.create_provider('Lone', 'https://lone.example.com', 'm', api_key => 'sk-lone-0123456789abcdef')},
    q{SELECT llm_admin.put_llm_config('lone', '{"provider": "lone", "apiKey": "sk-lone-0123456789abcdef"}')},
    'SET session_replication_role = replica', q{DELETE FROM llm_admin.llm_provider_configs WHERE provider_name = 'lone'}, 'RESET session_replication_role' ]);

# ---- loads -------------------------------------------------------------------------------------------------

my $loads = q{SELECT hint FROM llm_admin.key_status() WHERE item IN ('this session loads rows without history and checks', 'llm_admin.restoring')};
foreach my $case (
  [ 'the setting', 'SET llm_admin.restoring = on', '' ],
  [ 'the settings of a dump', q{SELECT set_config('search_path', '', false); SET check_function_bodies = off; SET client_min_messages = warning}, '' ])
{
  my ($what, $begin, $left) = @$case;
  my $session = session();
  $session->ask($begin);
  my $hint = $session->ask($loads);
  $used{$hint} = $what;
  my ($first, $look) = $hint =~ /^(RESET \S+); afterwards (SELECT .*)/;
  $session->ask($first);
  is($session->ask($loads), $left, "$what: after the statement the session loads no more");
  like($session->ask($look), qr/^provider\|/m, "$what: and the other one looks at what was loaded");
  $session->quit;
}
{
  $node->safe_psql('postgres', 'ALTER DATABASE postgres SET llm_admin.restoring = on');
  my $session = session();
  my $hint = $session->ask($loads);
  $used{$hint} = 'a setting of the database';
  $session->ask($hint =~ /^(SET .*?),/);
  like($session->ask($loads), qr/^RESET llm_admin\.restoring/, 'a setting of the database: set in the session it has effect');
  $session->ask('ALTER DATABASE postgres RESET llm_admin.restoring');
  $session->ask(q{UPDATE llm_admin.llm_provider_configs SET description = 'loaded' WHERE provider_name = 'xai'});
  $session->quit;
  my ($logged) = slurp_file($node->logfile) =~ /rows are loaded into .*\n(?:.*DETAIL.*\n)?.*HINT:\s+(.*)/;
  $used{$logged} = 'the log of a load';
  like($node->safe_psql('postgres', $logged), qr/^provider\|/m, 'what the log of a load says runs');
}
$node->safe_psql('postgres', 'CREATE DATABASE none');
$node->safe_psql('none', 'CREATE EXTENSION llm_admin');
mends('a row of a dump whose provider is not here', q{INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted) VALUES ('dumped', 'gone', 'kms:x')},
  db => 'none', before => ['BEGIN', 'SAVEPOINT s'], back => 's', pick => qr/(SET llm_admin\.restoring = on)/, after => ['ROLLBACK']);

# ---- mappings ----------------------------------------------------------------------------------------------

my $amplified = <<'SQL';
SELECT hint FROM llm_admin.config_problems((SELECT jsonb_build_object('version', '1.1', 'defs', jsonb_build_object('b', jsonb_build_object('format', repeat('x', 30000)),
    'L', jsonb_build_object('fields', (SELECT jsonb_object_agg('f' || i, '{"use": "b", "default": 1}'::jsonb) FROM generate_series(1, 20) i))),
  'payload_structure', '{"model": "param:model", "messages": "param:messages"}'::jsonb ||
    (SELECT jsonb_object_agg('k' || i, '{"use": "L", "omit_empty": true}'::jsonb) FROM generate_series(1, 20) i))),
  '{"version": "1.0", "extraction_rules": {"text_content": "$.t", "usage_stats": "$.u"}}') WHERE code = 'program_too_large'
SQL
{
  my $session = session();
  my $hint = $session->ask($amplified);
  $used{$hint} = 'a mapping that is too large';
  $session->ask($hint =~ /(SET llm_admin\.mapping_cache_size = )/ ? "$1'256MB'" : 'SELECT 1 / 0');
  is($session->ask($amplified), '', 'a mapping that is too large: with a larger cache it compiles');
  $session->quit;
}
mends('an answer that takes too much memory', <<'SQL', before => [ q{SET llm_admin.max_output_bytes = '1MB'} ], fill => { size => '256MB' });
SELECT length(llm_admin.extract_response(jsonb_build_object('choices', jsonb_build_array(jsonb_build_object('message', jsonb_build_object('tool_calls',
  jsonb_build_array(jsonb_build_object('id', '1', 'type', 'function', 'function', jsonb_build_object('name', 'f', 'arguments', '[' || repeat('1,', 100000) || '1]'))))))), 'chatgpt')::text)
SQL

# ---- providers ---------------------------------------------------------------------------------------------

mends('the last version of a provider', q{UPDATE llm_admin.llm_provider_configs SET http_method = 'PUT' WHERE provider_name = 'deepseek'},
  before => [ 'ALTER TABLE llm_admin.llm_provider_configs DISABLE TRIGGER USER',
    q{UPDATE llm_admin.llm_provider_configs SET config_version = 2147483647 WHERE provider_name = 'deepseek'},
    'ALTER TABLE llm_admin.llm_provider_configs ENABLE TRIGGER USER' ],
  then => q{SELECT llm_admin.create_provider('Deepseek', 'https://x.example.com', 'm')});
mends('a trigger that swallows the change', q{SELECT llm_admin.switch_active_provider('xai')}, gives => qr/^zz_swallow$/m,
  before => [ q{SELECT llm_admin.set_provider_key('xai', 'xai-0123456789abcdefghij')}, q{UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'xai'},
    q{CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'},
    q{CREATE TRIGGER zz_swallow BEFORE UPDATE ON llm_admin.llm_provider_configs FOR EACH ROW WHEN (NEW.provider_name = 'xai') EXECUTE FUNCTION swallow()} ],
  after => [ 'DROP FUNCTION swallow() CASCADE' ]);
$node->safe_psql('postgres', q{SELECT llm_admin.switch_active_provider('groq')});
foreach my $case ([ 'enabled', 'true' ], [ 'disabled', 'false' ])
{
  my ($outcome, $enabled) = @$case;
  my $hint = $node->safe_psql('postgres', qq{UPDATE llm_admin.llm_provider_configs SET is_enabled = $enabled WHERE provider_name = 'xai';
    SELECT detail FROM llm_admin.import_admin_settings('{"xai": {"api_key": "xai-0123456789abcdefghij"}}') WHERE step = 'provider'});
  $used{$hint} = "settings of a provider that is $outcome";
  $node->safe_psql('postgres', statement_in($hint));
  is($node->safe_psql('postgres', q{SELECT is_enabled FROM llm_admin.llm_provider_configs WHERE provider_name = 'xai'}), 't', "$outcome: it is of use then");
  $node->safe_psql('postgres', q{SELECT llm_admin.switch_active_provider('groq')});
}

# ---- settings of the server --------------------------------------------------------------------------------

foreach my $case ([ 'auto_explain.log_min_duration', '0' ], [ 'auto_explain.log_parameter_max_length', '-1' ], [ 'auto_explain.log_verbose', 'on' ])
{
  my ($name, $value) = @$case;
  my $session = session();
  $session->ask("LOAD 'auto_explain'");
  if ($session->ask("SELECT current_setting('$name', true) IS NULL") eq 't')
  {
    push our @nobody, [ 'keys/status_server.cpp', qr/\Q$name\E/, 'this server does not have the setting' ];
    $session->quit;
    next;
  }
  $session->ask("LOAD 'auto_explain'; ALTER SYSTEM SET auto_explain.log_min_duration = " . ($name =~ /duration/ ? 0 : -1) . "; ALTER SYSTEM SET $name = $value; SELECT pg_reload_conf()");
  my $is_so = sub { my ($setting) = @_; foreach (1 .. 1000) { return 1 if $session->ask("SHOW $name") eq $setting } return 0 };
  ok($is_so->($value eq '0' ? '0' : $value), "$name is set") or diag $session->ask("SHOW $name");
  $session->ask('SET auto_explain.log_min_duration = 0') if $name !~ /duration/;
  my $hint = $session->ask("SELECT hint FROM llm_admin.key_status() WHERE item = '$name'");
  $used{$hint} = $name;
  $session->ask(statement_in($hint) . '; SELECT pg_reload_conf()');
  my $verdict = '';
  foreach (1 .. 1000) { last if ($verdict = $session->ask("SELECT verdict FROM llm_admin.key_status() WHERE item = '$name'")) eq 'ok' }
  is($verdict, 'ok', "$name: mended");
  $session->ask("ALTER SYSTEM RESET auto_explain.log_min_duration; ALTER SYSTEM RESET $name");
  $session->quit;
}
{
  my $hint = $node->safe_psql('postgres', q{SELECT hint FROM llm_admin.key_status() WHERE item = 'log_min_error_statement'});
  $used{$hint} = 'failing statements in the log';
  $node->safe_psql('postgres', $hint =~ /or (ALTER ROLE .*)/ ? $1 =~ s/<role>/op/r : 'SELECT 1 / 0');
  is($node->safe_psql('postgres', q{SELECT setconfig FROM pg_db_role_setting WHERE setrole = 'op'::regrole}), '{log_min_error_statement=panic}', 'failing statements: the role logs none');
}

# ---- the keyring -------------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{CREATE ROLE looker LOGIN; SELECT llm_admin.grant_access('looker', 'auditor'); LOAD 'llm_admin';
  ALTER SYSTEM SET llm_admin.keyring_command = 'cat /nowhere'});
$node->reload;
$node->poll_query_until('postgres', q{SELECT verdict = 'info' FROM llm_admin.key_status() WHERE item = 'keyring'}) or die;
status_mends('a command beside the file', 'keyring');
chmod 0644, $path or die;
{
  my $content = q{SELECT verdict || '|' || value || '|' || hint FROM llm_admin.key_status() WHERE item = '%s'};
  my $looker = session('looker');
  my ($verdict, undef, $hint) = split /\|/, $looker->ask(sprintf $content, 'keyring content');
  is($verdict, 'error', 'a keyring that others can read is refused');
  $used{$hint} = 'a keyring that is refused, to an auditor';
  my ($out, $err) = ('', '');
  like(session()->ask($hint =~ /(SELECT .*)/), qr/^keyring content\|.*\Q$path\E/m, 'a superuser sees more: where it lies');
  is($node->safe_psql('postgres', q{SELECT verdict FROM llm_admin.key_status() WHERE item = 'keyring'}), 'error',
    'the row of the source does not say ok of a keyring that is refused');
  my (undef, $stderr) = $looker->ask("SELECT llm_admin.key_fingerprint(api_key_encrypted) FROM llm_admin.llm_provider_configs");
  $looker->quit;
}
chmod 0600, $path or die;
is($node->safe_psql('postgres', q{SELECT verdict FROM llm_admin.key_status() WHERE item = 'keyring'}), 'ok', 'mended, it is ok');
{
  open my $keep, '<', $path or die;
  my $lines = do { local $/; <$keep> };
  close $keep;
  open my $spoil, '>', $path or die;
  print $spoil "no keyring\n";
  close $spoil;
  is($node->safe_psql('postgres', q{SELECT string_agg(verdict, ' ' ORDER BY item) FROM llm_admin.key_status() WHERE item IN ('keyring', 'keyring content')}),
    'error error', 'nor of one that is malformed');
  open my $again, '>', $path or die;
  print $again $lines;
  close $again;
}
$node->safe_psql('postgres', "ALTER SYSTEM SET llm_admin.keyring_file = ''");
$node->reload;
$node->poll_query_until('postgres', q{SELECT value = 'not configured' FROM llm_admin.key_status() WHERE item = 'keyring'}) or die;
{
  my $hint = $node->safe_psql('postgres', q{SELECT hint FROM llm_admin.key_status() WHERE item = 'keyring'});
  $used{$hint} = 'no keyring';
  my ($statements) = $hint =~ /then: (.*)/;
  my $session = session();
  $session->ask($statements =~ s{/path/to/keyring}{$path}r);
  $session->quit;
  $node->poll_query_until('postgres', q{SELECT verdict = 'ok' FROM llm_admin.key_status() WHERE item = 'keyring content'}) or die;
  pass('no keyring: with the statements there is one');
}
1;
