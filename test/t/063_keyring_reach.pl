# Who learns where the keyring lies: nobody but superusers, level security and who reads all settings, neither by the
# settings, of which a session that has not loaded the library hides none, nor by messages. And a keyring behind the
# links of a mounted Secret, exchanged under a running server.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use File::Basename qw(dirname);
use LlmAdmin::Hints;
use LlmAdmin::Session qw(new_node new_keyring write_file failure);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('keyring_reach', settings => "session_preload_libraries = 'auto_explain'\n");
my $path = $node->safe_psql('postgres', "LOAD 'llm_admin'; SHOW llm_admin.keyring_file");
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE nobody LOGIN; CREATE ROLE app LOGIN; CREATE ROLE officer LOGIN; CREATE ROLE reader LOGIN;
GRANT pg_read_all_settings TO reader;
SELECT llm_admin.grant_access('app', 'app'), llm_admin.grant_access('officer', 'security');
SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij');
CREATE DATABASE other;
SQL

# What a role reads of a setting in a session of its own: the value, or the error's SQLSTATE.
sub shown
{
  my ($role, $setting, $database) = @_;
  my ($out, $err);
  $node->psql($database // 'other', "\\set VERBOSITY verbose\nSHOW llm_admin.$setting", stdout => \$out, stderr => \$err,
    extra_params => [ '-U', $role ]);
  return $err =~ /(?:ERROR|FATAL):\s+(\w{5})/ ? $1 : $out;
}

sub status
{
  my ($column, $item) = @_;
  return $node->safe_psql('postgres', "SELECT $column FROM llm_admin.key_status() WHERE item = '$item'");
}

# Runs a hint's statements, as one pastes them into psql.
sub follow
{
  my ($hint) = @_;
  LlmAdmin::Hints::followed($hint);
  my ($out, $err);
  is($node->psql('postgres', $hint, stdout => \$out, stderr => \$err, on_error_stop => 1), 0, "the hint runs: $hint")
    or diag($err);
  return;
}

my $item = 'library in every session';

# ---- the settings ------------------------------------------------------------------------------------------

is(shown('nobody', 'keyring_file'), $path, 'where no session loads the library, any role reads the path in any database');
is(status('verdict', $item), 'warning', 'key_status warns of it');
my $hint = status('hint', $item);
is($hint, q{ALTER SYSTEM SET session_preload_libraries = 'auto_explain', 'llm_admin'; SELECT pg_reload_conf();},
  'with a statement that keeps what is there');
follow($hint);
$node->poll_query_until('postgres', "SELECT current_setting('session_preload_libraries') ~ 'llm_admin'") or die;
is($node->safe_psql('postgres', 'SHOW session_preload_libraries'), 'auto_explain, llm_admin', 'both are loaded');
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_settings WHERE name ~ '^auto_explain'") > 0 ? 1 : 0, 1, 'really');
is(status("verdict || ' | ' || value", $item), 'ok | by session_preload_libraries', 'key_status is content');
foreach my $setting (qw(keyring_file keyring_command keyring_command_timeout))
{
  foreach my $database (qw(other postgres))
  {
    is(shown($_, $setting, $database), '42501', "$_ is not shown $setting in $database") foreach qw(nobody app officer);
  }
}
is(shown('reader', 'keyring_file'), $path, 'who reads all settings is');

# All the others are for everybody's eyes; a new one that is not has to be named here.
my $readable = $node->safe_psql('other', q{SELECT string_agg(substr(name, 11), ' ' ORDER BY name COLLATE "C")
  FROM pg_settings WHERE name ~ '^llm_admin[.]'}, extra_params => [ '-U', 'nobody' ]);
unlike($readable, qr/keyring/, 'pg_settings shows no setting of the keyring to nobody');
like($readable, qr/\bmax_matches\b/, "but others: $readable");

# A list of its own, of a database or a role, takes the library out again.
foreach my $of ([ 'DATABASE other', 'other' ], [ 'ROLE nobody', 'other' ], [ 'ROLE nobody IN DATABASE other', 'other' ])
{
  my ($what, $database) = @$of;
  $node->safe_psql('postgres', "ALTER $what SET session_preload_libraries = 'auto_explain'");
  is(shown('nobody', 'keyring_file', $database), $path, "$what: there it is read");
  is(status('verdict', $item), 'warning', "$what: key_status warns");
  my $mend = status('hint', $item);
  is($mend, "ALTER $what SET session_preload_libraries = 'auto_explain', 'llm_admin';", "$what: with what mends it");
  follow($mend);
  is(status('verdict', $item), 'ok', "$what: and it does");
  is(shown('nobody', 'keyring_file', $database), '42501', "$what: it is read no more");
  $node->safe_psql('postgres', "ALTER $what RESET session_preload_libraries");
}
# As seen from a session that has a list of its own.
$node->safe_psql('postgres', q{ALTER DATABASE postgres SET session_preload_libraries = 'llm_admin'});
is(status('verdict', $item), 'ok', 'the list of this database is not taken for that of the server');
$node->safe_psql('postgres', q{ALTER SYSTEM SET session_preload_libraries = 'auto_explain'});
is(status('verdict', $item), 'warning', 'of which it says that it lacks the library');
is(status('hint', $item), $hint, 'with the same statement');
follow($hint);
$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET session_preload_libraries');
is(status('verdict', $item), 'ok', 'and all is well again');

# ---- the messages ------------------------------------------------------------------------------------------

rename $path, "$path.away" or die $!;
my $from = length slurp_file($node->logfile);

sub error_of
{
  my ($role, $sql) = @_;
  my ($out, $err);
  $node->psql('postgres', "\\set VERBOSITY verbose\n$sql", stdout => \$out, stderr => \$err, extra_params => [ '-U', $role ]);
  return ($err, $out);
}
my ($error) = error_of('app', "SELECT llm_admin.decrypt_provider_key('groq')");
unlike($error, qr/\Q$path\E/, 'the level app is not told the path');
like($error, qr/LA030: keyring file cannot be used\n/, 'but what is wrong');
is(failure($error)->{hint}, 'a superuser or a role of level security sees more: SELECT * FROM llm_admin.key_status()',
  'and who sees more');
my $logged = substr slurp_file($node->logfile), $from;
like($logged, qr/DETAIL:  "\Q$path\E" cannot be opened: No such file/, 'the log has it');
($error) = error_of('officer', 'SELECT * FROM llm_admin.rotate_root_key(1)');
like($error, qr/\Q$path\E/, 'level security is told');
($error, my $told) = error_of('officer', 'SELECT item, value FROM llm_admin.key_status()');
like($told, qr/keyring\|file \Q$path\E, which is refused: see keyring content\n/, 'and by key_status');
$node->safe_psql('postgres', "SELECT llm_admin.grant_access('nobody', 'auditor')");
($error, $told) = error_of('nobody', 'SELECT * FROM llm_admin.key_status()');
unlike($told, qr/\Q$path\E/, 'an auditor is not');
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION public.through() RETURNS text LANGUAGE sql SECURITY DEFINER AS
  $$SELECT llm_admin.decrypt_provider_key('groq')$$;
SQL
($error) = error_of('app', 'SELECT public.through()');
unlike($error, qr/\Q$path\E/, "nor is the path told through a superuser's function");
like($error, qr/LA030/, 'which fails as well');
write_file($path, '7:' . ('ab' x 32) . ":active\n");
($error) = error_of('app', "SELECT llm_admin.decrypt_provider_key('groq')");
like($error, qr/LA030: the keyring does not hold root key 1\n/, 'of a keyring without the root key the same');
unlike($error, qr/\Q$path\E|check value/, 'is told to app without its place');
rename "$path.away", $path or die $!;
is((error_of('app', "SELECT llm_admin.decrypt_provider_key('groq')"))[1], 'gsk-0123456789abcdefghij', 'put right, keys open');

# ---- a mounted Secret --------------------------------------------------------------------------------------

my $secret = PostgreSQL::Test::Utils::tempdir('secret');
chmod 0755, $secret or die $!;
my $content = slurp_file($path);

# As the kubelet does: a new folder, a new link, renamed over the old one; then the old folder goes.
sub mount_secret
{
  my ($version, $text) = @_;
  my $old = readlink "$secret/..data";
  mkdir "$secret/..$version" or die $!;
  chmod 0755, "$secret/..$version" or die $!;
  write_file("$secret/..$version/keyring", $text, 0400);
  symlink "..$version", "$secret/..data_tmp" or die $!;
  rename "$secret/..data_tmp", "$secret/..data" or die $!;
  return if !defined $old;
  unlink "$secret/$old/keyring";
  rmdir "$secret/$old" or die $!;
  return;
}
mount_secret('2026_11_01', $content);
symlink '..data/keyring', "$secret/keyring" or die $!;
$node->safe_psql('postgres', "ALTER SYSTEM SET llm_admin.keyring_file = '$secret/keyring'");
$node->reload;
$node->poll_query_until('postgres', "SELECT current_setting('llm_admin.keyring_file') = '$secret/keyring'") or die;
is($node->safe_psql('postgres', "SELECT llm_admin.decrypt_provider_key('groq')"), 'gsk-0123456789abcdefghij',
  'keys open with a keyring behind two links');
my $holder = LlmAdmin::Session->new($node);
is($holder->ask("SELECT llm_admin.decrypt_provider_key('groq')"), 'gsk-0123456789abcdefghij', 'one session stays');
mount_secret('2026_11_02', $content . '2:' . ('cd' x 32) . "\n");
ok(!-e "$secret/..2026_11_01", 'the Secret is exchanged, the old folder gone');
is($holder->ask('SELECT * FROM llm_admin.rotate_root_key(2)'), '2|1', 'that session finds the new root key');
is($node->safe_psql('postgres', "SELECT llm_admin.decrypt_provider_key('groq')"), 'gsk-0123456789abcdefghij',
  'and new ones open with it');
mount_secret("2026_11_0$_", $content . '2:' . ('cd' x 32) . "\n") foreach 3 .. 9;
is($node->safe_psql('postgres', "SELECT llm_admin.decrypt_provider_key('groq')"), 'gsk-0123456789abcdefghij',
  'after each further exchange');
chmod 0777, $secret or die $!;
($error) = error_of('officer', 'SELECT * FROM llm_admin.rotate_root_key(1)');
is($holder->ask("SELECT llm_admin.decrypt_provider_key('groq')"), 'gsk-0123456789abcdefghij', 'who has keys keeps them');
like($error, qr/others can write to directory "\Q$secret\E" on the way through links \(mode 0777\)/,
  'a folder of links that others may write to is refused');
like($error, qr/HINT:  run: chmod go-w '\Q$secret\E'/, 'with what mends it');
chmod 0755, $secret or die $!;
mkdir "$secret/..2026_12" or die $!;
write_file("$secret/..2026_12/keyring", $content, 0444);
symlink '..2026_12', "$secret/..data_tmp" or die $!;
rename "$secret/..data_tmp", "$secret/..data" or die $!;
($error) = error_of('officer', 'SELECT * FROM llm_admin.rotate_root_key(1)');
like($error, qr/has mode 0444, more than 0600/, "a Secret with the usual defaultMode is refused for the file's own mode");
$holder->quit;
$node->stop;
LlmAdmin::Hints::proves('063_keyring_reach', dirname(__FILE__) . '/../..');
done_testing();
