# The setting behind enter_tenant(): whoever sets it by any other way, before or after the library is loaded, at
# connection, in a role, a database or a function, sees no row of a tenant that was not entered.
use strict;
use warnings;

use LlmAdmin::Session qw(new_node failure);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('setting');
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE service LOGIN; CREATE ROLE clerk LOGIN; CREATE ROLE pinned LOGIN; CREATE ROLE landlord LOGIN;
SELECT llm_admin.grant_access(role, level) FROM (VALUES ('service'::regrole, 'app'), ('clerk', 'operator'), ('pinned', 'app'),
  ('landlord', 'app')) AS v(role, level);
INSERT INTO llm_admin.llm_configs (tenant_id, api_key_encrypted) VALUES ('a', 'kms:of-a'), ('b', 'kms:of-b');
GRANT CREATE, USAGE ON SCHEMA public TO service;
ALTER ROLE pinned SET llm_admin.entered_tenant = 'a';
ALTER DATABASE postgres OWNER TO landlord;
SQL

my $rows = 'SELECT coalesce(string_agg(tenant_id, \',\'), \'none\') FROM llm_admin.llm_configs';
my $whose = 'SELECT coalesce(llm_admin.entered_tenant(), \'none\')';
my $enter = 'SELECT llm_admin.enter_tenant(\'a\')';
my $set = 'SET llm_admin.entered_tenant = \'b\'';

# A session of its own runs the statements; returns all it printed, and its errors' SQLSTATEs.
sub session
{
  my ($options, @statements) = @_;
  my $role = $options->{role} // 'service';
  my ($status, $out, $err) = $node->psql('postgres', join('', "\\set VERBOSITY verbose\n", map { "$_;\n" } @statements),
    connstr => $node->connstr('postgres') . " user=$role" . ($options->{at_start} ? " options='$options->{at_start}'" : ''),
    on_error_stop => 0, on_error_die => 0);
  return ($out, join(' ', $err =~ /(?:ERROR|FATAL):  (\w{5}):/g), $err);
}

# ---- by a statement ----------------------------------------------------------------------------------------

# Loaded by the first statement, or not: then the server takes any name for a setting of somebody else's.
my %ways = (
  'SET' => $set,
  'SET LOCAL' => 'SET LOCAL llm_admin.entered_tenant = \'b\'',
  'set_config' => 'SELECT set_config(\'llm_admin.entered_tenant\', \'b\', false)',
  'set_config for the transaction' => 'SELECT set_config(\'llm_admin.entered_tenant\', \'b\', true)',
  'pg_settings' => 'UPDATE pg_settings SET setting = \'b\' WHERE name = \'llm_admin.entered_tenant\'',
  'SET in upper case' => 'SET "LLM_ADMIN.ENTERED_TENANT" = \'b\'');

foreach my $way (sort keys %ways)
{
  my ($out, $states) = session({}, $whose, 'BEGIN', $ways{$way}, 'ROLLBACK', $rows);
  is($states, '42501', "$way: refused");
  like($out, qr/none\z/, "$way: and nothing is seen");
  ($out, $states) = session({}, 'BEGIN', $enter, 'SAVEPOINT s', $ways{$way}, 'ROLLBACK TO s', $rows);
  is($states, '42501', "$way, within another tenant's transaction: refused");
  like($out, qr/a\z/, "$way: it goes on with its own row");

  my @quiet = $way eq 'pg_settings' ? ('none') : ();
  ($out, $states) = session({}, $ways{$way}, $rows, $whose);
  like($out, qr/none\nnone\z/, "$way, before the library is there: no row");
  is($states, '', "$way: no error either") if !@quiet;
  ($out) = session({}, 'BEGIN', $ways{$way}, $rows, $whose, 'COMMIT', $rows, $whose);
  like($out, qr/none\nnone\nnone\nnone\z/, "$way, in a transaction: no row, then or later");
  ($out, $states) = session({}, $ways{$way}, 'BEGIN', $enter, $rows, 'COMMIT', $rows, $whose);
  like($out, qr/a\na\nnone\nnone\z/, "$way, then a tenant entered: its row, and none after it");
  ($out) = session({}, 'BEGIN', $ways{$way}, 'SAVEPOINT s', $rows, 'ROLLBACK TO s', $rows, $ways{$way}, 'ROLLBACK', $rows);
  unlike($out, qr/\b[ab]\b.*none|\b[a]\b/s, "$way, around a savepoint: no row") if $way !~ /set_config/;
  like($out, qr/none\z/, "$way, around a savepoint: none at the end");
}

# ---- taken back --------------------------------------------------------------------------------------------

foreach my $way ('RESET llm_admin.entered_tenant', 'SET llm_admin.entered_tenant TO DEFAULT', 'SET LOCAL llm_admin.entered_tenant = \'\'')
{
  my ($out, $states) = session({}, 'BEGIN', $enter, $way, 'ROLLBACK', $rows);
  is($states, '42501', "$way: refused");
  like($out, qr/none\z/, "$way: nothing is left");
}

# ---- at connection -----------------------------------------------------------------------------------------

my ($out, $states, $err) = session({ at_start => '-c llm_admin.entered_tenant=b' }, $rows, $whose);
unlike($out, qr/b/, 'given at connection: no row');
($out) = session({ at_start => '-c llm_admin.entered_tenant=b' }, 'BEGIN', $enter, $rows, 'COMMIT', $rows);
unlike($out, qr/b/, 'given at connection, then a entered: no row of b');
($out) = session({ at_start => '-c session_preload_libraries=llm_admin -c llm_admin.entered_tenant=b' }, $rows);
unlike($out, qr/b/, 'with the library to be loaded at connection: no row');

# ---- in a role, a database, a function ---------------------------------------------------------------------

($out, $states) = session({}, $whose, 'ALTER ROLE service SET llm_admin.entered_tenant = \'b\'');
is($states, '42501', 'a role cannot pin itself');
session({}, 'ALTER ROLE service SET llm_admin.entered_tenant = \'b\'');
($out) = session({}, $rows, $whose);
is($out, "none\nnone", 'not before the library is there either');
session({ role => 'landlord' }, 'ALTER DATABASE postgres SET llm_admin.entered_tenant = \'b\'');
foreach my $role ('service', 'landlord')
{
  ($out) = session({ role => $role }, $rows, $whose);
  is($out, "none\nnone", "nor can the database's owner: $role");
}
session({}, <<'SQL');
CREATE FUNCTION public.as_b() RETURNS text LANGUAGE sql SET llm_admin.entered_tenant = 'b'
AS $$ SELECT coalesce(string_agg(tenant_id, ','), 'none') FROM llm_admin.llm_configs $$;
CREATE FUNCTION public.leave_b() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('llm_admin.entered_tenant', 'b', false);
  RETURN (SELECT coalesce(string_agg(tenant_id, ','), 'none') FROM llm_admin.llm_configs);
END $$
SQL
foreach my $function ('as_b', 'leave_b')
{
  ($out) = session({}, "SELECT public.$function()", $rows);
  unlike($out, qr/\bb\b/, "$function: a function that sets it sees no row");
  ($out) = session({}, 'BEGIN', $enter, "SELECT public.$function()", 'ROLLBACK', $rows);
  unlike($out, qr/^b\b/m, "$function: nor within a's transaction");
}
($out) = session({}, 'BEGIN', $enter, 'SET LOCAL ROLE NONE', 'SET SESSION AUTHORIZATION DEFAULT', $rows);
like($out, qr/a\z/, 'the role has no say in it');

# ---- by a superuser ----------------------------------------------------------------------------------------

($out, $states) = session({ role => 'pinned' }, $rows, 'SELECT llm_admin.get_llm_config(\'b\')', 'BEGIN',
  'SELECT llm_admin.enter_tenant(\'b\')');
is($out, 'a', 'a role that a superuser has pinned sees its tenant');
is($states, '42501 55000', 'and can neither name nor enter another');
($out) = session({ role => 'pinned' }, 'BEGIN', 'SELECT llm_admin.enter_tenant(\'a\')', 'COMMIT', $rows);
is($out, "a\na", 'it may enter its own');

# ---- what row-level security shows to whom -----------------------------------------------------------------

foreach my $role ('service', 'clerk')
{
  ($out) = session({ role => $role }, $rows, 'BEGIN', $enter, $rows, 'COMMIT', $rows);
  is($out, "none\na\na\nnone", "$role: the tenant entered, in its transaction");
}
($out) = session({ role => 'clerk' }, 'SELECT string_agg(tenant_id, \',\' ORDER BY tenant_id) FROM llm_admin.list_llm_configs()');
is($out, 'a,b', 'an operator has the list of all');
($out, $states, $err) = session({}, $enter, $rows);
like($err, qr/WARNING:  \w{5}: enter_tenant lasts for one transaction/, 'outside of a transaction enter_tenant() warns');
is($out, "a\nnone", 'and has no effect on the next statement');
($out, $states) = session({}, 'BEGIN', $enter, 'SELECT llm_admin.put_llm_config(\'b\', \'{"policy": "choice"}\')');
is($states, '42501', 'another tenant cannot be named in the transaction');


# ---- what reaches around a WHERE clause --------------------------------------------------------------------

my $row_of_b = 'SELECT c::text FROM llm_admin.llm_configs AS c WHERE tenant_id = \'b\'';
my $before = $node->safe_psql('postgres', $row_of_b);
my $id_of_b = $node->safe_psql('postgres', 'SELECT id FROM llm_admin.llm_configs WHERE tenant_id = \'b\'');
my $insert = 'INSERT INTO llm_admin.llm_configs (id, tenant_id, api_key_encrypted)';
my @attempts = (
  [ 'an id of b\'s', "$insert VALUES ('$id_of_b', 'z', 'kms:x') ON CONFLICT (id) DO UPDATE SET tenant_id = 'z'", '' ],    # it gets another id
  [ 'b\'s row in conflict', "$insert VALUES ('n', 'b', 'kms:x') ON CONFLICT (tenant_id) DO UPDATE SET policy = 'aegis_only'", '42501' ],
  [ 'b\'s row passed over', "$insert VALUES ('n', 'b', 'kms:x') ON CONFLICT DO NOTHING", '42501' ],
  [ 'MERGE', 'MERGE INTO llm_admin.llm_configs AS c USING (VALUES (\'b\')) AS v(t) ON c.tenant_id = v.t WHEN MATCHED THEN DELETE', '' ],
  [ 'the own row given away', 'UPDATE llm_admin.llm_configs SET tenant_id = \'b2\'', '42501' ],
  [ 'TRUNCATE', 'TRUNCATE llm_admin.llm_configs', '42501' ],
  [ 'ALTER TABLE', 'ALTER TABLE llm_admin.llm_configs DISABLE ROW LEVEL SECURITY', '42501' ],
  [ 'a new policy', 'CREATE POLICY mine ON llm_admin.llm_configs USING (true)', '42501' ],
  [ 'row_security = off', "SET LOCAL row_security = off; $rows", '42501' ]);
foreach my $role ('service', 'clerk')
{
  foreach my $attempt (@attempts)
  {
    my ($what, $sql, $state) = @$attempt;
    my $tenant = $sql =~ /'z'/ ? 'z' : 'a';
    ($out, $states) = session({ role => $role }, 'BEGIN', "SELECT llm_admin.enter_tenant('$tenant')", $sql, 'COMMIT');
    is($states, $state, "$role: $what");
    is($node->safe_psql('postgres', $row_of_b), $before, "$role: $what leaves b alone");
    $node->safe_psql('postgres', q{DELETE FROM llm_admin.llm_configs WHERE tenant_id = 'z'});
  }
}
is($node->safe_psql('postgres', 'SELECT string_agg(tenant_id, \',\' ORDER BY tenant_id) FROM llm_admin.llm_configs'), 'a,b',
  'all is there');
$node->safe_psql('postgres', 'ANALYZE llm_admin.llm_configs');
my $values = 'SELECT count(*) FROM pg_stats WHERE tablename = \'llm_configs\'';
($out) = session({}, 'BEGIN', $enter, $values, 'COPY llm_admin.llm_configs (tenant_id) TO STDOUT');
is($out, "a\n0\na", 'the planner\'s samples are not shown, and COPY shows one row');
isnt($node->safe_psql('postgres', $values), '0', 'a superuser does see samples');

# ---- transactions within statements ------------------------------------------------------------------------

($out, $states) = session({}, <<'SQL');
CREATE PROCEDURE public.each_tenant(INOUT seen text) LANGUAGE plpgsql AS $$
BEGIN
  FOR n IN 1 .. 2 LOOP
    PERFORM llm_admin.enter_tenant(CASE n WHEN 1 THEN 'a' ELSE 'b' END);
    seen := seen || (SELECT string_agg(tenant_id, ',') FROM llm_admin.llm_configs);
    COMMIT;
    seen := seen || (SELECT count(*) FROM llm_admin.llm_configs);
  END LOOP;
END $$;
CALL public.each_tenant('')
SQL
is($out, 'a0b0', 'a procedure that commits: a tenant for each of its transactions');
# A function with a SET clause takes back what it has set for itself, which the tenant is not.
session({}, 'CREATE FUNCTION public.pre_request() RETURNS text LANGUAGE sql SET search_path = \'\'
  AS $$ SELECT llm_admin.enter_tenant(\'a\') $$');
($out, $states) = session({}, 'BEGIN', 'SELECT public.pre_request()', $rows, 'SAVEPOINT s', 'SELECT llm_admin.enter_tenant(\'b\')',
  'ROLLBACK TO s', $enter, $rows);
is($out, "a\na\na\na", 'entered in a function with a SET clause: it lasts for the transaction');
is($states, '55000', 'which has no other tenant');

done_testing();
