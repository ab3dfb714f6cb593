# Levels and what the server's own statements do to roles: renamed, dropped and made again, DROP OWNED, REVOKE by hand,
# restored elsewhere, brought along from 0.3. refresh_access() gives what is new to those who still hold what they had,
# and nothing to anybody else.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Catalog qw(born);
use LlmAdmin::Session qw(new_keyring failure);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('levels');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "llm_admin.keyring_file = '" . new_keyring() . "'\n");
$node->start;

my $databases = 0;

sub database_with
{
  my ($sql, $where) = @_;
  $where //= $node;
  my $name = 'levels_' . ++$databases;
  $where->safe_psql('postgres', "CREATE DATABASE $name");
  $where->safe_psql($name, $sql) if $sql;
  return $name;
}

sub one { my ($database, $sql, $where) = @_; return ($where // $node)->safe_psql($database, $sql) }

sub failed
{
  my ($database, $sql) = @_;
  my ($out, $stderr);
  $node->psql($database, "\\set VERBOSITY verbose\n$sql", stdout => \$out, stderr => \$stderr, on_error_stop => 0);
  return failure($stderr) // {};
}

my $refresh = 'SELECT role_name, level, outcome FROM llm_admin.refresh_access()';
my $by_name = 'SELECT role_name, level, outcome FROM llm_admin.refresh_access_by_name()';
my $another = 'another role of this name: grant_access or revoke_access';
my $taken = 'rights were taken away: grant_access or revoke_access';

# How many rights on our objects a role holds itself.
sub held
{
  my ($database, $role, $where) = @_;
  return one($database, <<"SQL", $where);
SELECT count(*) FROM (SELECT proacl FROM pg_proc WHERE pronamespace = 'llm_admin'::regnamespace
  UNION ALL SELECT relacl FROM pg_class WHERE relnamespace = 'llm_admin'::regnamespace
  UNION ALL SELECT attacl FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'llm_admin'::regnamespace
  UNION ALL SELECT nspacl FROM pg_namespace WHERE nspname = 'llm_admin') AS a (acl), aclexplode(acl) x
WHERE x.grantee = '$role'::regrole
SQL
}

# ---- one role after the other ------------------------------------------------------------------------------

my $db = database_with('CREATE EXTENSION llm_admin');
one($db, 'CREATE ROLE bob LOGIN; CREATE ROLE owner_of_databases LOGIN');
my $grant = q{SELECT llm_admin.grant_access('bob', 'app')};
one($db, $grant);
my $app = held($db, 'bob');
cmp_ok($app, '>', 20, 'the level app is many rights');
is(one($db, $refresh), 'bob|app|granted', 'who holds all is granted what there is');
is(one($db, q{SELECT role_oid = 'bob'::regrole, cardinality(rights) FROM llm_admin.access_grants}), "t|$app", 'role and rights are written down');

# A row that a dump brings may name any rights: what is not there, USAGE alone, or what another level gave is no proof.
one($db, 'CREATE ROLE carl LOGIN; GRANT USAGE ON SCHEMA llm_admin TO carl');
foreach my $given ("ARRAY['EXECUTE gone_function']", "ARRAY['USAGE llm_admin']", "ARRAY['USAGE llm_admin', 'EXECUTE gone_function']")
{
  one($db, "INSERT INTO llm_admin.access_grants (role_name, level, granted_by, role_oid, rights) SELECT r, l, 'dump', r::regrole, $given FROM (VALUES ('carl', 'security'), ('bob', 'security')) AS v (r, l)");
  is(one($db, "$refresh WHERE level = 'security'"), "bob|security|$taken\ncarl|security|$taken", "not by a row with $given");
  is(held($db, 'carl'), 1, "and nothing is given for $given");
  one($db, q{DELETE FROM llm_admin.access_grants WHERE level = 'security'});
}
one($db, 'DROP OWNED BY carl; DROP ROLE carl');

# DROP OWNED by the role itself, and a namesake.
one($db, 'DROP OWNED BY bob');
is(one($db, $refresh), "bob|app|$taken", 'DROP OWNED is not undone');
is(held($db, 'bob'), 0, 'nothing was given');
is(one($db, $by_name), "bob|app|$taken", 'nor by name');
one($db, $grant);
is(held($db, 'bob'), $app, 'grant_access gives it again');
one($db, 'DROP OWNED BY bob; DROP ROLE bob');
is(one($db, $refresh), 'bob|app|role does not exist', 'a role that is gone');
is(one($db, $by_name), 'bob|app|role does not exist', 'by name, too');
like(one($db, q{SELECT value || ' ' || verdict FROM llm_admin.key_status() WHERE item = 'levels without their role'}),
  qr/^1: app of bob: no role warning$/, 'key_status() warns');
one($db, 'CREATE ROLE bob LOGIN');
is(one($db, $refresh), "bob|app|$another", 'a new role of the old name gets nothing');
is(held($db, 'bob'), 0, 'nothing at all');
like(one($db, q{SELECT value FROM llm_admin.key_status() WHERE item = 'levels without their role'}),
  qr/^1: app of bob: another role of this name$/, 'key_status() names it');
is(one($db, q{SELECT llm_admin.revoke_gone_role('bob')}), 'app revoked from bob', 'the old role is taken out');
is(one($db, 'SELECT count(*) FROM llm_admin.access_grants'), '0', 'no row is left');
is(failed($db, q{SELECT llm_admin.revoke_gone_role('bob')})->{state}, '42704', 'once');
one($db, $grant);
my $exists = failed($db, q{SELECT llm_admin.revoke_gone_role('bob')});
is($exists->{state}, '55000', 'a role that exists is not gone');
is($exists->{hint}, q{SELECT llm_admin.revoke_access('bob', 'app')}, 'and the hint revokes');
one($db, $exists->{hint});
is(held($db, 'bob'), 0, 'which works');

# One right, or all of one kind, taken by hand.
foreach my $revoke (
  'REVOKE EXECUTE ON FUNCTION llm_admin.decrypt_provider_key(text) FROM bob',
  'REVOKE ALL ON ALL FUNCTIONS IN SCHEMA llm_admin FROM bob',
  'REVOKE ALL ON ALL TABLES IN SCHEMA llm_admin FROM bob',
  'REVOKE SELECT (base_url) ON llm_admin.llm_provider_configs FROM bob',
  'REVOKE UPDATE ON llm_admin.llm_configs FROM bob',
  'REVOKE USAGE ON SCHEMA llm_admin FROM bob')
{
  one($db, "$grant; $revoke");
  my $left = held($db, 'bob');
  cmp_ok($left, '<', $app, "$revoke: takes something");
  is(one($db, $refresh), "bob|app|$taken", "$revoke: is reported");
  is(one($db, $by_name), "bob|app|$taken", "$revoke: by name, too");
  is(held($db, 'bob'), $left, "$revoke: and not undone");
}
one($db, $grant);

# Rights through another role are not one's own.
one($db, q{CREATE ROLE crew; SELECT llm_admin.grant_access('crew', 'app'); GRANT crew TO bob; DROP OWNED BY bob; GRANT crew TO bob});
is(one($db, $refresh), "bob|app|$taken\ncrew|app|granted", 'membership in a role with the level replaces nothing');
one($db, "$grant; SELECT llm_admin.revoke_access('crew', 'app')");

# A superuser of an old name is another role all the same.
one($db, q{CREATE ROLE chief; SELECT llm_admin.grant_access('chief', 'security'); DROP OWNED BY chief; DROP ROLE chief; CREATE ROLE chief SUPERUSER});
like(one($db, $refresh), qr/^chief\|security\|\Q$another\E$/m, 'nor does being a superuser');
one($db, q{SELECT llm_admin.revoke_gone_role('chief')});

# ---- names that change -------------------------------------------------------------------------------------

one($db, 'ALTER ROLE bob RENAME TO "Bob, Jr."');
is(one($db, $refresh), 'Bob, Jr.|app|granted; the role was called bob', 'a renamed role is followed');
is(one($db, $refresh), 'Bob, Jr.|app|granted', 'once');
is(one($db, 'SELECT role_name FROM llm_admin.access_grants'), 'Bob, Jr.', 'in the table, too');
one($db, 'ALTER ROLE "Bob, Jr." RENAME TO bob; CREATE ROLE "Bob, Jr."');
is(one($db, $refresh), 'bob|app|granted; the role was called Bob, Jr.', 'also where its old name is taken');
is(held($db, '"Bob, Jr."'), 0, 'whoever took it gets nothing');
one($db, q{DROP ROLE "Bob, Jr."; CREATE ROLE amy; SELECT llm_admin.grant_access('amy', 'app')});
one($db, 'ALTER ROLE amy RENAME TO other; ALTER ROLE bob RENAME TO amy; ALTER ROLE other RENAME TO bob');
is(one($db, $refresh), "bob|app|granted; the role was called amy\namy|app|granted; the role was called bob", 'names may change places');
is(one($db, q{SELECT string_agg(role_name, ',' ORDER BY role_name) FROM llm_admin.access_grants WHERE role_name::regrole = role_oid}),
  'amy,bob', 'and both rows are right');
one($db, 'DROP OWNED BY amy; ALTER ROLE amy RENAME TO amanda');
is(one($db, $refresh), "amy|app|role does not exist\nbob|app|granted", 'a renamed role whose rights were taken is not followed');
is(one($db, q{SELECT llm_admin.revoke_access('amanda', 'app')}), 'app revoked from amanda', 'its level can be revoked by the new name');
one($db, 'DROP ROLE amanda');

# Granted anew under the new name: the old row goes.
one($db, q{CREATE ROLE ann; SELECT llm_admin.grant_access('ann', 'auditor'); ALTER ROLE ann RENAME TO anna; SELECT llm_admin.grant_access('anna', 'auditor')});
is(one($db, $refresh), "anna|auditor|granted\nbob|app|granted", 'a level granted anew under the new name has one row');
one($db, q{SELECT llm_admin.revoke_access('anna', 'auditor'); DROP ROLE anna});

# The last one dropped, and a renamed role has its name.
one($db, q{CREATE ROLE eve; SELECT llm_admin.grant_access('eve', 'app'); DROP OWNED BY bob; DROP ROLE bob; ALTER ROLE eve RENAME TO bob});
is(one($db, $refresh), "bob|app|$another\neve|app|role does not exist", 'no row takes the place of one that stays');
one($db, q{SELECT llm_admin.revoke_gone_role('bob')});
is(one($db, $refresh), 'bob|app|granted; the role was called eve', 'until that is taken out');

# ---- several levels ----------------------------------------------------------------------------------------

one($db, q{SELECT llm_admin.grant_access('bob', 'operator'), llm_admin.grant_access('bob', 'auditor')});
one($db, q{REVOKE EXECUTE ON FUNCTION llm_admin.decrypt_provider_key(text), llm_admin.list_providers() FROM bob});
one($db, q{SELECT llm_admin.revoke_access('bob', 'operator')});
is(one($db, q{SELECT has_function_privilege('bob', 'llm_admin.decrypt_provider_key(text)', 'execute'),
    has_function_privilege('bob', 'llm_admin.list_providers()', 'execute'),
    has_function_privilege('bob', 'llm_admin.build_request(jsonb, text, boolean)', 'execute'),
    has_column_privilege('bob', 'llm_admin.llm_provider_configs', 'base_url', 'select'),
    has_column_privilege('bob', 'llm_admin.llm_provider_configs', 'api_key_encrypted', 'select'),
    has_table_privilege('bob', 'llm_admin.llm_provider_configs', 'update')}), 'f|f|t|t|f|f',
  'revoking one level leaves what others need and gives nothing back');
is(one($db, $refresh), "bob|app|$taken\nbob|auditor|$taken", 'both miss what was taken');
one($db, q{SELECT llm_admin.revoke_access('bob', 'app'), llm_admin.revoke_access('bob', 'auditor')});
is(held($db, 'bob'), 0, 'the last one takes the rest');
one($db, q{SELECT llm_admin.grant_access('bob', 'app'); DROP OWNED BY bob; DROP ROLE bob; CREATE ROLE bob; SELECT llm_admin.grant_access('bob', 'auditor')});
one($db, q{SELECT llm_admin.revoke_access('bob', 'app')});
is(one($db, q{SELECT has_function_privilege('bob', 'llm_admin.decrypt_provider_key(text)', 'execute')}), 'f', 'revoking gives a namesake nothing either');

# ---- restored ----------------------------------------------------------------------------------------------

my $source = database_with(q{CREATE EXTENSION llm_admin; CREATE ROLE web; CREATE ROLE web2;
  SELECT llm_admin.grant_access('web', 'app'), llm_admin.grant_access('web2', 'operator')});
my $dump = $node->basedir . '/levels.dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $source ], 'dumped');
my $other = PostgreSQL::Test::Cluster->new('elsewhere');
$other->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$other->start;
# Made in another order, with others between: no OID is the one it was, but some are of other roles.
one('postgres', join(' ', (map { "CREATE ROLE filler$_;" } 1 .. 40), 'CREATE ROLE web2; CREATE ROLE web;'), $other);
sub restored
{
  my (@options) = @_;
  my $name = database_with('', $other);
  $other->command_ok([ 'pg_restore', '-d', $name, @options, $dump ], "restored (@options)");
  return $name;
}
my $elsewhere = restored();
is(one($elsewhere, $refresh, $other), "web|app|$another\nweb2|operator|$another", 'restored elsewhere: no OID agrees');
is(one($elsewhere, $by_name, $other), "web|app|granted\nweb2|operator|granted", 'by name they are known');
is(one($elsewhere, $refresh, $other), "web|app|granted\nweb2|operator|granted", 'and from then on by both');
my $without = restored('--no-acl');
is(one($without, $refresh, $other), "web|app|$another\nweb2|operator|$another", 'restored without rights');
is(held($without, 'web', $other), 0, 'nothing is given');
is(one($without, $by_name, $other), "web|app|granted\nweb2|operator|granted", 'by name');
is(held($without, 'web', $other), $app, 'all of it is given');

one($without, 'DROP OWNED BY web', $other);
is(one($without, $by_name, $other), "web|app|$taken\nweb2|operator|granted", 'what was taken after that is not given back, by name either');
one($without, q{SELECT llm_admin.grant_access('web', 'app')}, $other);
# On the same server names and OIDs agree.
{
  my $beside = database_with('');
  $node->command_ok([ 'pg_restore', '-d', $beside, '--no-acl', $dump ], 'restored beside it, without rights');
  is(one($beside, $refresh), "web|app|$taken\nweb2|operator|$taken", 'beside it: nothing is given');
  is(one($beside, $by_name), "web|app|granted\nweb2|operator|granted", 'beside it: by name');
}

# What an edited dump could ask for.
one($without, q{INSERT INTO llm_admin.access_grants (role_name, level, granted_by) VALUES ('pg_database_owner', 'app', 'x'),
  ('public', 'app', 'x'), ('downer', 'security', 'x'), (current_user, 'app', 'x'); CREATE ROLE downer;}, $other);
my %asked = map { (split /\|/)[0] => (split /\|/)[2] } split /\n/, one($without, $refresh, $other);
is($asked{pg_database_owner}, q{role is one of the server's own}, q{the server's own roles get nothing});
is($asked{public}, 'role does not exist', 'PUBLIC neither');
is($asked{downer}, $taken, 'nor does a name alone');
%asked = map { (split /\|/)[0] => (split /\|/)[2] } split /\n/, one($without, $by_name, $other);
is($asked{pg_database_owner}, q{role is one of the server's own}, q{by name: not the server's own});
is($asked{public}, 'role does not exist', 'by name: not PUBLIC');
is($asked{$other->safe_psql('postgres', 'SELECT current_user')}, 'role owns the extension', 'by name: the owner has all');
is(one($without, q{SELECT has_function_privilege('public', 'llm_admin.decrypt_provider_key(text)', 'execute'),
  has_function_privilege('pg_database_owner', 'llm_admin.decrypt_provider_key(text)', 'execute')}, $other), 'f|f', 'and holds nothing');
$other->stop;

# ---- from 0.3 ----------------------------------------------------------------------------------------------

# Made under 0.1, with levels given there and in 0.3; $what happens to a role before the step to 0.4. What later
# versions give to the level app is given to no role that lost something.
my $in_0_4 = held(database_with(q{CREATE EXTENSION llm_admin VERSION '0.4'; CREATE ROLE of_0_4; SELECT llm_admin.grant_access('of_0_4', 'app')}), 'of_0_4');
cmp_ok($in_0_4, '<', $app, 'later versions give more to the level app');
sub from_old
{
  my ($what, $sql, $outcome, $holds) = @_;
  my $role = 'old_' . ($databases + 1);
  my $old = database_with(born('0.3') . "CREATE ROLE $role; SELECT llm_admin.grant_access('$role', 'app')");
  one($old, $sql =~ s/ROLE_HERE/$role/gr) if $sql;
  one($old, 'ALTER EXTENSION llm_admin UPDATE');
  is(one($old, $refresh), "$role|app|$outcome", "from 0.3, $what: $outcome");
  is(held($old, $role), $holds, "from 0.3, $what: it holds $holds rights") if defined $holds;
  is(one($old, qq{SELECT role_oid IS NOT DISTINCT FROM '$role'::regrole FROM llm_admin.access_grants}),
    $outcome eq 'granted' ? 't' : 'f', "from 0.3, $what: the OID is taken over if that is safe");
  return;
}
from_old('as it was', '', 'granted', $app);
from_old('a new role of the old name', 'DROP OWNED BY ROLE_HERE; DROP ROLE ROLE_HERE; CREATE ROLE ROLE_HERE', $taken, 0);
from_old('DROP OWNED', 'DROP OWNED BY ROLE_HERE', $taken, 0);
from_old('a function revoked', 'REVOKE EXECUTE ON FUNCTION llm_admin.decrypt_provider_key(text) FROM ROLE_HERE', $taken, $in_0_4 - 1);
from_old('a function of 0.3 revoked', 'REVOKE EXECUTE ON FUNCTION llm_admin.decrypt_tenant_key(text) FROM ROLE_HERE', $taken, $in_0_4 - 1);
from_old('all functions of 0.3 and their table revoked', q{REVOKE ALL ON llm_admin.llm_configs, llm_admin.provider_aliases FROM ROLE_HERE;
  REVOKE ALL ON ALL FUNCTIONS IN SCHEMA llm_admin FROM ROLE_HERE}, $taken);
my $first = database_with(q{CREATE EXTENSION llm_admin VERSION '0.1'; CREATE ROLE since_first; SELECT llm_admin.grant_access('since_first', 'app');
  ALTER EXTENSION llm_admin UPDATE});
is(one($first, $refresh), 'since_first|app|granted', 'from 0.1 in one go, never refreshed');
is(held($first, 'since_first'), $app, 'it holds all');
# The levels' changes stand in the audit log, which leaves.
one($first, q{SET llm_admin.allow_data_loss = on; ALTER EXTENSION llm_admin UPDATE TO '0.1'; ALTER EXTENSION llm_admin UPDATE});
is(one($first, $refresh), 'since_first|app|granted', 'down to 0.1 and up again');
is(held($first, 'since_first'), $app, 'it holds all again');
one($first, q{SET llm_admin.allow_data_loss = on; ALTER EXTENSION llm_admin UPDATE TO '0.3'});
one($first, q{REVOKE EXECUTE ON FUNCTION llm_admin.mask_key(text) FROM since_first});
is(one($first, $refresh), "since_first|app|$taken", 'at 0.3 the library of today gives nothing back either');
is(one($first, q{SELECT llm_admin.revoke_access('since_first', 'app'), llm_admin.grant_access('since_first', 'app')}),
  'app revoked from since_first|app granted to since_first', 'and takes and gives levels');

$node->stop;
done_testing();
