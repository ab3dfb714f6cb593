# Damage is told apart from a wrong keyring: check values of root keys and data keys, rows that are gone, a data key that
# does not open. What opens goes on opening, what can be sealed safely is sealed, nothing is overwritten where nobody can
# tell, each HINT mends its cause, and one damaged key stops no rotation.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use File::Basename qw(dirname);
use LlmAdmin::Hints;
use LlmAdmin::Session qw(new_node new_keyring write_file failure);

my %root = map { $_ => join '', map { sprintf '%02x', int rand 256 } 1 .. 32 } 1 .. 3;
my $ring = new_keyring(1, $root{1});
sub keyring_holds
{
  my $mark = ':active';    # on the first one
  return write_file($ring, join '', map { my $line = "$_->[0]:$root{$_->[1]}$mark\n"; $mark = ''; $line } @_);
}
my $node = new_node('damaged', keyring => $ring, settings => "autovacuum = off\n");
keyring_holds([ 1, 1 ], [ 2, 2 ]);
my $databases = 0;
my $key = 'sk-or-of-a-tenant-0123456789';

# A database with the platform's key and those of tenants t1 to t4; then what is done to it.
sub database
{
  my ($damage) = @_;
  my $name = 'db' . ++$databases;
  $node->safe_psql('postgres', "CREATE DATABASE $name");
  $node->safe_psql($name, <<"SQL");
CREATE EXTENSION llm_admin;
SELECT count(*) FROM llm_admin.seed();
SELECT llm_admin.set_provider_key('groq', 'gsk-of-the-platform-0123456789');
SELECT llm_admin.put_llm_config('t' || n, '{"apiKey": "$key"}') FROM generate_series(1, 4) AS n;
SELECT root_id FROM llm_admin.rotate_root_key(1);
$damage;
SQL
  return $name;
}

# The SQLSTATE, message and DETAIL of a statement in a session of its own; '' for success, and its result.
sub outcome
{
  my ($database, $sql) = @_;
  my $session = LlmAdmin::Session->new($node, $database);
  my ($out, $stderr) = $session->ask($sql);
  $session->quit;
  my $failure = failure($stderr) // { state => '', message => '', detail => '', hint => '' };
  return { %$failure, out => $out, said => $stderr };
}
sub status { return $node->safe_psql($_[0], "SELECT value, verdict, hint FROM llm_admin.key_status() WHERE item = '$_[1]'") }

my %uses = (
  'a key opens' => q{SELECT llm_admin.decrypt_tenant_key('t1')},
  'a key is replaced' => qq{SELECT llm_admin.put_llm_config('t1', '{"apiKey": "$key"}') IS NOT NULL},
  'a new tenant' => qq{SELECT llm_admin.put_llm_config('new', '{"apiKey": "$key"}') IS NOT NULL},
  'a provider\'s key' => q{SELECT llm_admin.set_provider_key('groq', 'gsk-another-0123456789')},
  'a new data key' => q{SELECT llm_admin.rotate_data_key('t1')});

# ---- the check value of the active root key ----------------------------------------------------------------

foreach my $case ([ 'altered', "UPDATE llm_admin.root_keys SET check_value = 'feedfacefeedface'" ], [ 'empty', "UPDATE llm_admin.root_keys SET check_value = ''" ],
  [ 'altered, and one data key damaged', "UPDATE llm_admin.root_keys SET check_value = 'x'; UPDATE llm_admin.data_keys SET wrapped_key = '\\x00' WHERE tenant_id = 't4'" ])
{
  my ($what, $damage) = @$case;
  my $database = database($damage);
  like(status($database, 'root key 1'), qr/^active, 5 data keys, its check value is damaged: data keys open with the key in the keyring\|error\|SELECT \* FROM llm_admin\.rotate_root_key\(1\)$/,
    "$what: key_status says which of the two is wrong");
  foreach my $use (sort keys %uses)
  {
    is(outcome($database, $uses{$use})->{said}, '', "$what: $use");
  }
  (my $mend) = status($database, 'root key 1') =~ /(SELECT.*)$/;
  my $mended = outcome($database, $mend);
  LlmAdmin::Hints::followed($mend);
  is($mended->{out}, '1|0', "$what: the statement of the HINT works");
  like(status($database, 'root key 1'), qr/^active, 7 data keys, matches the keyring\|ok\|$/, "$what: and mends it");
  is(outcome($database, 'SELECT root_id FROM llm_admin.rotate_root_key(2)')->{out}, '2', "$what: another root key");
}

# With the wrong keyring in place it is the keyring, whatever the check value.
foreach my $damage ('SELECT 1', "UPDATE llm_admin.root_keys SET check_value = 'feedfacefeedface'", 'DELETE FROM llm_admin.root_keys')
{
  my $database = database($damage);
  my $held = $node->safe_psql($database, 'SELECT * FROM llm_admin.root_keys; SELECT * FROM llm_admin.data_keys ORDER BY key_id');
  keyring_holds([ 1, 3 ], [ 2, 2 ]);
  foreach my $use (sort keys %uses, 'rotate')
  {
    my $got = outcome($database, $uses{$use} // 'SELECT * FROM llm_admin.rotate_root_key(1)');
    is($got->{state}, 'LA030', "another key under the id, $damage: $use is refused");
  }
  is($node->safe_psql($database, 'SELECT * FROM llm_admin.root_keys; SELECT * FROM llm_admin.data_keys ORDER BY key_id'), $held, "$damage: nothing is overwritten");
  like(status($database, 'root key 1'), qr/\|error\|/, "$damage: key_status: an error");
  is($node->safe_psql($database, 'SELECT ok, wrong_key, tampered FROM llm_admin.verify_keys()'), '0|5|0', "$damage: verify_keys: wrong keys");
  keyring_holds([ 1, 1 ], [ 2, 2 ]);
  is(outcome($database, $uses{$_})->{said}, '', "$damage, the right keyring: $_") for sort keys %uses;
}

# No data key under it: nothing tells which is wrong, and that is said.
my $database = database("SELECT root_id FROM llm_admin.rotate_root_key(2); UPDATE llm_admin.root_keys SET check_value = 'feed' WHERE root_id = 1");
my $refused = outcome($database, 'SELECT * FROM llm_admin.rotate_root_key(1)');
is($refused->{state}, 'LA030', 'no data key under it: refused');
like($refused->{detail}, qr/no data key is wrapped by it/, 'with what is known');
like(status($database, 'root key 1'), qr/or the check value is damaged: no data key tells which\|warning\|/, 'as key_status says');
(my $delete) = $refused->{hint} =~ /(DELETE FROM .*)$/;
my ($look) = $refused->{hint} =~ /(SELECT .*?) tells more/;
like(outcome($database, $look)->{out}, qr/^root key 1\|/m, 'what the HINT says tells more');
LlmAdmin::Hints::followed($refused->{hint});
is(outcome($database, $delete)->{said}, '', 'the statement of the HINT');
is(outcome($database, 'SELECT * FROM llm_admin.rotate_root_key(1)')->{out}, '1|5', 'mends it');
is(outcome($database, $uses{$_})->{said}, '', "then $_") for sort keys %uses;

# ---- rows of root_keys -------------------------------------------------------------------------------------

$database = database('UPDATE llm_admin.root_keys SET is_active = false');
like(status($database, 'active root key'), qr/^none\|warning\|SELECT \* FROM llm_admin\.rotate_root_key\(1\)$/, 'no row active: key_status says so');
is(outcome($database, $uses{'a new tenant'})->{said}, '', 'a new data key makes the one in use active');
is($node->safe_psql($database, 'SELECT root_id, is_active FROM llm_admin.root_keys'), '1|t', 'again');
is(status($database, 'active root key'), '', 'and key_status has nothing to say');
$database = database('SELECT root_id FROM llm_admin.rotate_root_key(2); UPDATE llm_admin.root_keys SET is_active = false');
is(outcome($database, $uses{'a new tenant'})->{said}, '', 'no row active after a rotation');
is($node->safe_psql($database, 'SELECT root_id FROM llm_admin.root_keys WHERE is_active'), '2', 'the one that wraps the data keys becomes it');
$database = database('DELETE FROM llm_admin.root_keys');
like(status($database, 'root key 1'), qr/^not in llm_admin\.root_keys, 5 data keys, which open with the key in the keyring\|warning\|SELECT \* FROM llm_admin\.rotate_root_key\(1\)$/, 'no row at all: key_status says so');
is(outcome($database, $uses{$_})->{said}, '', "no row at all: $_") for sort keys %uses;
like(status($database, 'root key 1'), qr/^active, \d data keys, matches the keyring\|ok\|$/, 'which makes the row anew');

# ---- check values of data keys -----------------------------------------------------------------------------

$database = database("UPDATE llm_admin.data_keys SET check_value = 'feed' WHERE tenant_id IN ('t1', 't2')");
like(status($database, 'data keys with a damaged check value'), qr/^2: tenant t[12], tenant t[12]\|warning\|SELECT \* FROM llm_admin\.rotate_root_key\(1\)$/, 'damaged check values of data keys are counted');
is(outcome($database, $uses{$_})->{said}, '', "damaged check value of a data key: $_") for sort keys %uses;
my ($again) = (split /\|/, status($database, 'data keys with a damaged check value'))[2];
is(outcome($database, $again)->{out}, '1|0', 'the same root key again');
LlmAdmin::Hints::followed($again);
is(status($database, 'data keys with a damaged check value'), '', 'writes them anew');
is($node->safe_psql($database, "SELECT count(*) FROM llm_admin.data_keys WHERE check_value = 'feed'"), '0', 'in the rows');

# ---- data keys that do not open ----------------------------------------------------------------------------

foreach my $case (
  [ 'a byte of its wrap', "UPDATE llm_admin.data_keys SET wrapped_key = set_byte(wrapped_key, 20, get_byte(wrapped_key, 20) # 1) WHERE tenant_id = 't1'", 'tenant t1' ],
  [ 'no wrap', "UPDATE llm_admin.data_keys SET wrapped_key = '' WHERE tenant_id = 't1'", 'tenant t1' ],
  [ 'another tenant', "UPDATE llm_admin.data_keys SET tenant_id = 'cafe' WHERE tenant_id = 't1'", 'tenant cafe' ],
  [ 'the installation\'s', "UPDATE llm_admin.data_keys SET wrapped_key = '' WHERE tenant_id IS NULL", 'the installation' ])
{
  my ($what, $damage, $owner) = @$case;
  $database = database($damage);
  like(status($database, 'data keys that do not open'), qr/^1: \Q$owner\E\|error\|/, "$what: key_status counts and names it");
  my $done = outcome($database, 'SELECT * FROM llm_admin.rotate_root_key(2)');
  is($done->{out}, '2|4', "$what: the others are wrapped anew");
  like($done->{said}, qr/WARNING:  01000: 1 data key does not open and stays under its old root key\nDETAIL:  They belong to \Q$owner\E\./, "$what: a WARNING counts and names it");
  is(outcome($database, 'SELECT * FROM llm_admin.rotate_root_key(2)')->{out}, '2|0', "$what: the rotation can be repeated");
  is(outcome($database, q{SELECT llm_admin.decrypt_tenant_key('t2')})->{out}, $owner eq 'the installation' ? $key : $key, "$what: others' keys open");
  my $opens = outcome($database, $owner eq 'the installation' ? q{SELECT llm_admin.decrypt_provider_key('groq')} : q{SELECT llm_admin.decrypt_tenant_key('t1')});
  is($opens->{state}, 'LA031', "$what: its own do not") unless $what eq 'another tenant' && $opens->{state} eq '';
  # Restored, the next call takes it along.
  if ($what eq 'another tenant')
  {
    $node->safe_psql($database, "UPDATE llm_admin.data_keys SET tenant_id = 't1' WHERE tenant_id = 'cafe'");
    is(outcome($database, 'SELECT * FROM llm_admin.rotate_root_key(2)')->{out}, '2|1', "$what: put right, it is wrapped anew");
    is(status($database, 'data keys that do not open'), '', "$what: and key_status has nothing to say");
    is(outcome($database, q{SELECT llm_admin.decrypt_tenant_key('t1')})->{out}, $key, "$what: its key opens");
  }
  elsif ($owner ne 'the installation')
  {
    my ($told) = (split /\|/, status($database, 'data keys that do not open'))[2];
    my ($warned) = $done->{said} =~ /^HINT:  (.*)/m;
    my @shred = map { /or (SELECT .*?) and store/ } $told, $warned;
    is("@shred", "SELECT * FROM llm_admin.shred_tenant_keys('t1') SELECT * FROM llm_admin.shred_tenant_keys('t1')",
      "$what: both say how to give it up");
    is(outcome($database, $shred[0])->{said}, '', "$what: shredded");
    LlmAdmin::Hints::followed($told, $warned);
    is(status($database, 'data keys that do not open'), '', "$what: it is counted no more");
    is(outcome($database, $uses{'a key is replaced'})->{said}, '', "$what: and a key can be stored again");
  }
}

# Many: the first few are named, and all are counted.
$database = database(qq{SELECT llm_admin.put_llm_config('m' || n, '{"apiKey": "$key"}') FROM generate_series(1, 300) AS n;
UPDATE llm_admin.data_keys SET wrapped_key = '' WHERE tenant_id ~ '^m.*5\$'});
my $many = outcome($database, 'SELECT * FROM llm_admin.rotate_root_key(2)');
is($many->{out}, '2|275', 'many damaged ones: all others are wrapped anew');
like($many->{said}, qr/30 data keys do not open .*\nDETAIL:  They belong to (?:tenant m\d+, ){4}tenant m\d+ and 25 more\./, 'they are counted, and five are named');
# A root key that is missing altogether is another matter: nothing is left behind by mistake.
keyring_holds([ 2, 2 ], [ 3, 3 ]);
$refused = outcome($database, 'SELECT * FROM llm_admin.rotate_root_key(3)');
is("$refused->{state} $refused->{message}", 'LA030 the keyring does not hold root key 1', 'a root key that data keys still need must be in the keyring');
($look) = $refused->{hint} =~ /(SELECT .*?) tells more/;
like(outcome($database, $look)->{out}, qr/^root key 1\|.*missing in the keyring/m, 'and what the HINT says tells it');
LlmAdmin::Hints::followed($refused->{hint});

$node->stop;
unlike(slurp_file($node->logfile), qr/XX000|PANIC|terminated by signal/, 'no internal error, no crash');

LlmAdmin::Hints::proves('038_damaged_keys', dirname(__FILE__) . '/../..');
done_testing();
