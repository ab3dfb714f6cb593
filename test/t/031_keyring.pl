# The keyring file: every way in which it may be wrong gives LA030 with what is wrong and what mends it, writes nothing
# and leaves the session as it was. Sessions that have keys keep them when the file goes bad, and find it again when it
# is put right. Envelopes open in their place only.
use strict;
use warnings;

use Cwd ();
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use File::Basename qw(dirname);
use LlmAdmin::Hints;
use LlmAdmin::Session qw(new_node new_keyring write_file failure);

my $node = new_node('keyring', keyring => '');
my $hex = join '', map { sprintf '%02x', $_ } 1 .. 32;
my $folder = PostgreSQL::Test::Utils::tempdir('rings');
chmod 0700, $folder or die $!;

# ---- tools -------------------------------------------------------------------------------------------------

sub sql_quoted
{
  my ($text) = @_;
  $text =~ s/'/''/g;
  return "'$text'";
}

# Makes the setting known to every session that begins from now on.
sub use_keyring
{
  my ($path) = @_;
  my $quoted = sql_quoted($path);
  $node->safe_psql('postgres', "LOAD 'llm_admin';\nALTER SYSTEM SET llm_admin.keyring_file = $quoted;\nSELECT pg_reload_conf();");
  $node->poll_query_until('postgres', "SELECT current_setting('llm_admin.keyring_file') = $quoted") or die;
  return;
}

# All that a failure could have written.
sub state_of_tables
{
  return $node->safe_psql('postgres', <<'SQL');
SELECT 'root', * FROM llm_admin.root_keys ORDER BY root_id;
SELECT 'data', * FROM llm_admin.data_keys ORDER BY key_id;
SELECT 'row', p.xmin, p.ctid, p.* FROM llm_admin.llm_provider_configs p ORDER BY id;
SELECT 'history', count(*) FROM llm_admin.llm_provider_config_history;
SQL
}

my $before = state_of_tables();

sub check_failure
{
  my ($what, $stderr, $message, $detail, $hint, $state) = @_;
  my $failure = failure($stderr) // {};
  is($failure->{state}, $state // 'LA030', "$what: SQLSTATE");
  is($failure->{message}, $message, "$what: message");
  ref $detail ? like($failure->{detail}, $detail, "$what: detail") : is($failure->{detail}, $detail, "$what: detail");
  ref $hint ? like($failure->{hint}, $hint, "$what: hint") : is($failure->{hint}, $hint, "$what: hint");
  return $failure;
}

# The keyring at $path is refused in a new session, whatever is asked of it; nothing else happens.
sub refused
{
  my ($what, $path, $message, $detail, $hint) = @_;
  use_keyring($path) if defined $path;
  my $session = LlmAdmin::Session->new($node);
  my (undef, $stderr) = $session->ask("SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij')");
  my $failure = check_failure($what, $stderr, $message, $detail, $hint);
  unlike($stderr, qr/\Q@{[ substr $hex, 0, 8 ]}\E|gsk-01/, "$what: no key in the texts");
  (undef, $stderr) = $session->ask("SELECT llm_admin.encrypt_key('secret')");
  is_deeply(failure($stderr), $failure, "$what: the same for encrypt_key");
  is($session->ask('SELECT pg_backend_pid()'), $session->pid, "$what: the session lives");
  $session->quit;
  is(state_of_tables(), $before, "$what: nothing is written");
  return $failure;
}

my $cannot = 'keyring file cannot be used';
my $invalid = 'keyring is not valid';
my $shape = 'write each line as id:key or id:key:active, the key as 64 hexadecimal digits; scripts/new-keyring PATH makes a keyring';
my $other_path = q{LOAD 'llm_admin'; ALTER SYSTEM SET llm_admin.keyring_file = '/path'; SELECT pg_reload_conf();};
my $good = write_file("$folder/good", "1:$hex:active\n");
my $uid = $<;

# ---- where it is -------------------------------------------------------------------------------------------

my $unset = refused('unset', undef, 'no keyring is configured',
  'llm_admin.keyring_file and llm_admin.keyring_command are both empty',
  q{make one with scripts/new-keyring, then: LOAD 'llm_admin'; ALTER SYSTEM SET llm_admin.keyring_file = }
    . q{'/path/to/keyring'; SELECT pg_reload_conf();});
refused('missing', "$folder/it's not here", $cannot,
  qq{"$folder/it's not here" cannot be opened: No such file or directory},
  qq{make the keyring with scripts/new-keyring '$folder/it'\\''s not here'});
refused('in no folder', "$folder/none/keyring", $cannot,
  qq{directory "$folder/none/" cannot be resolved: No such file or directory},
  "make the keyring with scripts/new-keyring '$folder/none/keyring'");
refused('relative path', 'keyring', $cannot, '"keyring" is not an absolute path', $other_path);
refused('a folder', $folder, $cannot, qq{"$folder" is not a regular file}, $other_path);
refused('a folder with its slash', "$folder/", $cannot, qq{"$folder/" names a directory}, $other_path);
refused('a device', '/dev/null', $cannot, '"/dev/null" is not a regular file', $other_path)
  if (stat '/dev')[2] % 8 < 2;    # not where everybody may write to /dev

POSIX::mkfifo("$folder/fifo", 0600) or die $!;
refused('a FIFO', "$folder/fifo", $cannot, qq{"$folder/fifo" is not a regular file}, $other_path);

my $data = $node->data_dir;
my $real_data = Cwd::realpath($data);
my $elsewhere = qq{move the file elsewhere, then: $other_path};
write_file("$data/keyring", "1:$hex\n");
refused('inside the data directory', "$data/keyring", $cannot,
  qr/^"\Q$real_data\E\/keyring" lies in "\Q$data\E", whose backups would carry the keys along$/, $elsewhere);
unlink "$data/keyring";
mkdir "$data/ours" or die $!;
write_file("$data/ours/keyring", "1:$hex\n");
symlink $data, "$folder/way_in" or die $!;
refused('inside the data directory by a linked folder', "$folder/way_in/ours/keyring", $cannot,
  qr/^"\Q$real_data\E\/ours\/keyring" lies in /, $elsewhere);
unlink "$data/ours/keyring";
rmdir "$data/ours";

my $space = PostgreSQL::Test::Utils::tempdir('space');
$node->safe_psql('postgres', "CREATE TABLESPACE space LOCATION '$space'");
write_file("$space/keyring", "1:$hex\n");
refused('inside a tablespace', "$space/keyring", $cannot,
  qr/^"\Q@{[ Cwd::realpath($space) ]}\E\/keyring" lies in "\Q$data\E\/pg_tblspc\/\d+", whose backups /, $elsewhere);
unlink "$space/keyring";

# ---- whose it is, and who else may touch it ----------------------------------------------------------------

foreach my $mode (0644, 0640, 0660, 0602, 0700)
{
  my $octal = sprintf '%04o', $mode;
  write_file("$folder/open", "1:$hex\n", $mode);
  refused("mode $octal", "$folder/open", $cannot,
    qq{"$folder/open" has mode $octal, more than 0600 for a file of the server's user},
    "run: chmod 0600 '$folder/open'");
}
write_file("$folder/closed", "1:$hex\n", 0000);
SKIP:
{
  skip 'root may read everything', 1 if $uid == 0;
  refused('unreadable', "$folder/closed", $cannot, qq{"$folder/closed" cannot be opened: Permission denied},
    "run: chown <server user> '$folder/closed'; chmod 0600 '$folder/closed'");
}
SKIP:
{
  # A file of root that everybody may read is refused for its mode; root's own may be 0640.
  my @status = stat '/etc/passwd';
  skip 'no plain file of root at hand', 1 unless @status && $status[4] == 0 && ($status[2] & 07777) == 0644 && $uid != 0;
  refused('a file of root open to all', '/etc/passwd', $cannot,
    '"/etc/passwd" has mode 0644, more than 0640 for a file of root', q{run: chmod 0640 '/etc/passwd'});
}
my $common = "$folder/common";
mkdir $common or die $!;
chmod 0777, $common or die $!;
write_file("$common/keyring", "1:$hex\n");
refused('a folder that everybody may write to', "$common/keyring", $cannot,
  qr/^everybody can write to its directory "\Q@{[ Cwd::realpath($common) ]}\E" \(mode 0777\)$/,
  qr/^move the file to a directory of its own and set that path, or run: chmod o-w '/);

# ---- what is in it -----------------------------------------------------------------------------------------

my $other_hex = reverse $hex;
my @contents = (
  [ 'a short key', '1:' . substr($hex, 2), 'line 1: the key has 62 characters instead of 64' ],
  [ 'an odd number of digits', '1:' . substr($hex, 1), 'line 1: the key has 63 characters instead of 64' ],
  [ 'a wrong digit', '1:' . substr($hex, 1) . 'g', 'line 1: the key holds a character that is not a hexadecimal digit' ],
  [ 'an id twice', "1:$hex\n2:$other_hex\n1:$other_hex", 'line 3: id 1 already stands on line 1' ],
  [ 'two marked active', "1:$hex:active\n2:$other_hex:active", 'line 2: a second key is marked active' ],
  [ 'another mark', "1:$hex:passive", 'line 1: what follows the key is not :active' ],
  [ 'an id of zero', "0:$hex", 'line 1: the id before the colon is not a number from 1 to 2147483647' ],
  [ 'an id too large', "2147483648:$hex", 'line 1: the id before the colon is not a number from 1 to 2147483647' ],
  [ 'no id', "# ours\n\n$hex", 'line 3: there is no colon after the id' ],
  [ 'nothing', '', 'it holds no key' ],
  [ 'only a comment', '# later', 'it holds no key' ]);
foreach my $case (@contents)
{
  my ($what, $content, $detail) = @$case;
  write_file("$folder/content", $content eq '' ? '' : "$content\n");
  refused($what, "$folder/content", $invalid, $detail, $shape);
}
write_file("$folder/large", "1:$hex\n" . ("#\n" x (1024 * 1024)));
refused('2 MB', "$folder/large", $cannot, qq{"$folder/large" is larger than 1 MB},
  "make a keyring with scripts/new-keyring '$folder/large'");

# ---- links, and hints that work as they stand --------------------------------------------------------------

symlink $good, "$folder/link" or die $!;
symlink "$folder/nowhere", "$folder/dangling" or die $!;
refused('a link that leads nowhere', "$folder/dangling", $cannot,
  qq{"$folder/dangling" is a symbolic link that leads nowhere}, $other_path);
my $real_good = Cwd::realpath($good);

# Pasted into a session that has not loaded the library, the hint mends it.
sub follow
{
  my ($what, $statements, $path) = @_;
  my $session = LlmAdmin::Session->new($node);
  my (undef, $stderr) = $session->ask($statements);
  is($stderr, '', "the hint for $what runs");
  $session->quit;
  $node->poll_query_until('postgres', "SELECT current_setting('llm_admin.keyring_file') = " . sql_quoted($path)) or die;
  is($node->safe_psql('postgres', "SELECT length(llm_admin.encrypt_key('secret')) > 0; ROLLBACK;", extra_params => ['-1']),
    't', "the hint for $what mends it");
  return;
}

LlmAdmin::Hints::followed($unset->{hint});
my ($pasted) = $unset->{hint} =~ /then: (.*)/;
$pasted =~ s{/path/to/keyring}{$real_good};
$node->safe_psql('postgres', "LOAD 'llm_admin';\nALTER SYSTEM RESET llm_admin.keyring_file;\nSELECT pg_reload_conf();");
$node->poll_query_until('postgres', "SELECT coalesce(current_setting('llm_admin.keyring_file', true), '') = ''") or die;
follow('an unset keyring', $pasted, $real_good);
use_keyring("$folder/link");
is($node->safe_psql('postgres', "SELECT length(llm_admin.encrypt_key('secret')) > 0"), 't', 'a link to the file is fine');

# A folder on the way may be a link.
my $away = PostgreSQL::Test::Utils::tempdir('away');
symlink $folder, "$away/to_rings" or die $!;
use_keyring("$away/to_rings/good");
is($node->safe_psql('postgres', "SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij')"),
  'gsk-0***hij', 'a linked folder on the way is fine');
is($node->safe_psql('postgres', 'SELECT root_id, is_active FROM llm_admin.root_keys'), '1|t', 'its key is in use');

# ---- it goes bad under a session that has keys -------------------------------------------------------------

my $path = write_file("$folder/current", "1:$hex:active\n");
use_keyring($path);
my $holder = LlmAdmin::Session->new($node);
is($holder->ask("SELECT llm_admin.decrypt_provider_key('groq')"), 'gsk-0123456789abcdefghij', 'a session reads its keys');

# Makes $holder open its data key anew, with the root key that it holds.
sub forget_data_keys
{
  return $node->safe_psql('postgres', 'UPDATE llm_admin.data_keys SET created_at = created_at');
}

$before = state_of_tables();
chmod 0644, $path;
$node->reload;
forget_data_keys();
$before = state_of_tables();
refused('gone bad', $path, $cannot, qr/has mode 0644/, qr/^run: chmod 0600/);
is($holder->ask("SELECT llm_admin.decrypt_provider_key('groq')"), 'gsk-0123456789abcdefghij',
  'a session that has keys keeps them when the file goes bad');

use_keyring("$folder/missing");
$holder->ask('SELECT 1') until $holder->ask('SHOW llm_admin.keyring_file') eq "$folder/missing";
forget_data_keys();
is($holder->ask("SELECT llm_admin.decrypt_provider_key('groq')"), 'gsk-0123456789abcdefghij',
  'and when the setting leads nowhere');
my (undef, $kept) = $holder->ask("SELECT llm_admin.set_provider_key('groq', 'gsk-jihgfedcba9876543210')");
is($kept, '', 'and seals with them');
$holder->quit;

# ---- another keyring: right ids, other bytes ---------------------------------------------------------------

$path = write_file("$folder/restored", "1:$other_hex:active\n");
use_keyring($path);
$before = state_of_tables();
my $check = $node->safe_psql('postgres', 'SELECT check_value FROM llm_admin.root_keys');
my $wrong = refused('another keyring', undef, 'root key 1 of the keyring is not the one this database uses',
  qr/^expected check value \Q$check\E, found (?!\Q$check\E)\S+ \(file \Q$path\E\)$/,
  q{put the right keyring in place; SELECT * FROM llm_admin.key_status() tells more});
my $waiting = LlmAdmin::Session->new($node);
my (undef, $stderr) = $waiting->ask("SELECT llm_admin.decrypt_provider_key('groq')");
is_deeply(failure($stderr), $wrong, 'another keyring: the same when a key is read');
is($waiting->ask('SELECT * FROM llm_admin.verify_keys()'), '0|1|0|0', 'another keyring: verify_keys counts it');

write_file($path, "7:$other_hex:active\n");
refused('another id', undef, 'the keyring does not hold root key 1',
  "expected root key 1 with check value $check, found 7 in the keyring (file $path)",
  q{put root key 1 back into the keyring; SELECT * FROM llm_admin.key_status() tells more});
is($waiting->ask('SELECT * FROM llm_admin.verify_keys()'), '0|1|0|0', 'another id: verify_keys counts it');
is(state_of_tables(), $before, 'nothing is overwritten');

write_file($path, "7:$other_hex:active\n1:$hex\n");
is($waiting->ask("SELECT llm_admin.decrypt_provider_key('groq')"), 'gsk-jihgfedcba9876543210',
  'the right keyring in place: the session that saw the wrong one goes on');
is($waiting->ask('SELECT * FROM llm_admin.verify_keys()'), '1|0|0|0', 'and verify_keys is content');

# The same with nothing read in between: wrong bytes under the right id, then the right ones.
write_file($path, "1:$other_hex:active\n");
$waiting->quit;
$waiting = LlmAdmin::Session->new($node);
(undef, $stderr) = $waiting->ask("SELECT llm_admin.decrypt_provider_key('groq')");
is(failure($stderr)->{state}, 'LA030', 'wrong bytes are refused');
write_file($path, "1:$hex:active\n");
is($waiting->ask("SELECT llm_admin.decrypt_provider_key('groq')"), 'gsk-jihgfedcba9876543210',
  'and the right ones found, under the same path and id');
$waiting->quit;

# ---- envelopes open in their place only --------------------------------------------------------------------

my $session = LlmAdmin::Session->new($node);
$session->ask("SELECT llm_admin.set_provider_key('openrouter', 'sk-or-0123456789abcdefghij')");
my %rejected;

# What does not begin as an envelope is no envelope, and nothing was tried.
sub no_envelope
{
  my ($what, $sql) = @_;
  my ($out, $error) = $session->ask($sql);
  is((failure($error) // {})->{state}, '22023', "$what: is no envelope");
  is($out, '', "$what: nothing comes back");
  return;
}

sub rejected
{
  my ($what, $sql) = @_;
  my ($out, $error) = $session->ask($sql);
  my $failure = failure($error) // {};
  is($failure->{state}, 'LA031', "$what: rejected");
  is($out, '', "$what: nothing comes back");
  $rejected{ join '|', map { $_ // '' } @$failure{qw(message detail hint)} }++;
  return;
}

$before = state_of_tables();
my $keys_swapped = <<'SQL';
UPDATE llm_admin.llm_provider_configs p SET api_key_encrypted = o.api_key_encrypted
FROM llm_admin.llm_provider_configs o
WHERE (p.provider_name, o.provider_name) IN (('groq', 'openrouter'), ('openrouter', 'groq'))
SQL
rejected('moved to another row', <<'SQL');
UPDATE llm_admin.llm_provider_configs SET api_key_encrypted =
  (SELECT api_key_encrypted FROM llm_admin.llm_provider_configs WHERE provider_name = 'groq')
WHERE provider_name = 'openrouter'
SQL
rejected('two rows swapped', $keys_swapped);
rejected("cut by $_ in the row", <<"SQL") foreach 1 .. 4;
UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = left(api_key_encrypted, -$_) WHERE provider_name = 'groq'
SQL
rejected('an unbound envelope of another context in the row', <<'SQL');
UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = llm_admin.encrypt_key('secret', 'elsewhere')
WHERE provider_name = 'groq'
SQL
is(state_of_tables(), $before, 'none of it is stored');

rejected('an unbound envelope of another context', "SELECT llm_admin.decrypt_key(llm_admin.encrypt_key('secret', 'a'), 'b')");
rejected('a bound envelope as an unbound one', <<'SQL');
SELECT llm_admin.decrypt_key(api_key_encrypted) FROM llm_admin.llm_provider_configs WHERE provider_name = 'groq'
SQL
no_envelope('another text', "SELECT llm_admin.decrypt_key('secret')");
no_envelope('nothing', "SELECT llm_admin.decrypt_key('')");
my $envelope = $session->ask("SELECT llm_admin.encrypt_key('secret')");
is($session->ask("SELECT llm_admin.decrypt_key('$envelope')"), 'secret', 'whole, it opens');
rejected("cut to $_ characters", "SELECT llm_admin.decrypt_key('" . substr($envelope, 0, $_) . "')")
  foreach 5, 6, 30, length($envelope) - 2, length($envelope) - 1;
no_envelope('cut within its prefix', "SELECT llm_admin.decrypt_key('" . substr($envelope, 0, 4) . "')");
rejected('with a character more', "SELECT llm_admin.decrypt_key('${envelope}A')");
# Its eighth character belongs to the id of the data key: it names one that is not here.
{
  my $changed = $envelope;
  substr($changed, 8, 1) = substr($changed, 8, 1) eq 'A' ? 'Q' : 'A';
  my (undef, $error) = $session->ask("SELECT llm_admin.decrypt_key('$changed')");
  is(failure($error)->{state}, 'LA031', 'with another data key named: rejected');
  like(failure($error)->{detail}, qr/data key that it names is not in this database/, 'and that is said');
}
foreach my $place (40, length($envelope) - 1)
{
  my $changed = $envelope;
  substr($changed, $place, 1) = substr($changed, $place, 1) eq 'A' ? 'Q' : 'A';
  rejected("with character $place changed", "SELECT llm_admin.decrypt_key('$changed')");
}

# What a superuser writes past the triggers does not open either.
$session->ask('ALTER TABLE llm_admin.llm_provider_configs DISABLE TRIGGER USER');
$session->ask($keys_swapped);
rejected("swapped behind the triggers' back: $_", "SELECT llm_admin.decrypt_provider_key('$_')") foreach qw(groq openrouter);
is($session->ask('SELECT * FROM llm_admin.verify_keys()'), '0|0|2|0', 'verify_keys counts them');
$session->ask($keys_swapped);
is($session->ask('SELECT * FROM llm_admin.verify_keys()'), '2|0|0|0', 'back in their places they open');
$session->ask(q{UPDATE llm_admin.llm_provider_configs SET base_url = 'https://evil.example.com' WHERE provider_name = 'groq'});
rejected("redirected behind the triggers' back", q{SELECT llm_admin.decrypt_provider_key('groq')});
is(scalar(keys %rejected), 1, 'all with the same words');
$session->quit;

$node->stop;
my $log = slurp_file($node->logfile);
unlike($log, qr/PANIC|terminated by signal/, 'no backend died');
unlike($log, qr/\Q$hex\E|\Q$other_hex\E/i, 'no root key is in the log');

LlmAdmin::Hints::proves('031_keyring', dirname(__FILE__) . '/../..');
done_testing();
