# Cases of test/t/062_hints.pl: levels of access, the ledger.
use strict;
use warnings;

our ($node, %used);

mends('a role of the server', "SELECT llm_admin.grant_access('pg_monitor', 'app')", fill => { role => 'op' },
  then => "SELECT llm_admin.grant_access('llm_app', 'app')");
mends('no role of that name', "SELECT llm_admin.revoke_gone_role('never_there')", gives => qr/^op\|operator/m);
mends('a role that is there', "SELECT llm_admin.revoke_gone_role('looker')", then => 'SELECT 1');
is($node->safe_psql('postgres', "SELECT count(*) FROM llm_admin.access_grants WHERE role_name = 'looker'"), '0', 'a role that is there: its level is revoked');

# Rows of missing_access(): what is done to a role with a level, and what is left afterwards.
foreach my $case (
  [ 'rights taken away', 'REVOKE SELECT ON llm_admin.provider_aliases FROM lacking' ],
  [ 'what is new', q{REVOKE EXECUTE ON FUNCTION llm_admin.mask_key(text) FROM lacking; UPDATE llm_admin.access_grants SET rights = array_remove(rights, 'EXECUTE mask_key') WHERE role_name = 'lacking'} ],
  [ 'a row of another role', q{UPDATE llm_admin.access_grants SET role_oid = 1 WHERE role_name = 'lacking'; REVOKE EXECUTE ON FUNCTION llm_admin.mask_key(text) FROM lacking} ],
  [ 'the same, given again', q{UPDATE llm_admin.access_grants SET role_oid = 1 WHERE role_name = 'lacking'; REVOKE EXECUTE ON FUNCTION llm_admin.mask_key(text) FROM lacking}, qr/(SELECT llm_admin\.grant_access.*)/ ],
  [ 'a role renamed', 'ALTER ROLE lacking RENAME TO renamed' ],
  [ 'a role dropped', 'DROP OWNED BY lacking; DROP ROLE lacking' ],
  [ 'a level that is none', q{ALTER TABLE llm_admin.access_grants DROP CONSTRAINT access_grants_level_check; UPDATE llm_admin.access_grants SET level = 'odd' WHERE role_name = 'lacking'} ])
{
  my ($what, $sql, $pick) = @$case;
  my $session = session();
  $session->ask(q{BEGIN; CREATE ROLE lacking; SELECT llm_admin.grant_access('lacking', 'app')});
  my (undef, $failed) = $session->ask($sql);
  is($failed, '', "$what: done");
  my $hint = $session->ask('SELECT statement FROM llm_admin.missing_access()');
  $used{$hint} = $what;
  my (undef, $stderr) = $session->ask($pick ? ($hint =~ $pick)[0] : statement_in($hint));
  is($stderr, '', "$what: the statement runs: $hint");
  is($session->ask('SELECT * FROM llm_admin.missing_access()'), '', "$what: and nothing lacks any more");
  $session->ask('ROLLBACK');
  $session->quit;
}
{
  my $session = session();
  $session->ask(q{BEGIN; CREATE ROLE lacking; SELECT llm_admin.grant_access('lacking', 'app'); DROP OWNED BY lacking; DROP ROLE lacking});
  my $hint = $session->ask(q{SELECT hint FROM llm_admin.key_status() WHERE item = 'levels without their role'});
  $used{$hint} = 'a level without its role';
  like($session->ask(statement_in($hint)), qr/^lacking\|app\|/m, 'a level without its role: the statement says of which');
  like($hint, qr/revoke_gone_role\(\) takes out/, 'and what takes it out');
  $session->ask(q{SELECT llm_admin.revoke_gone_role('lacking')});
  is($session->ask(q{SELECT count(*) FROM llm_admin.key_status() WHERE item = 'levels without their role'}), '0', 'does so');
  $session->ask('ROLLBACK');
  $session->quit;
}
{
  my $session = session();
  $session->ask('BEGIN; DROP INDEX llm_admin.llm_provider_config_history_provider');
  my $hint = $session->ask(q{SELECT hint FROM llm_admin.key_status() WHERE hint ~ 'validate_schema' LIMIT 1});
  $used{$hint} = 'drift in key_status';
  like($session->ask($hint =~ /(SELECT .*)/ ? $1 : 'SELECT 1 / 0'), qr/llm_provider_config_history_provider/, 'drift: the statement names it');
  $session->ask('ROLLBACK');
  $session->quit;
}
{
  $node->safe_psql('postgres', 'CREATE DATABASE owned; CREATE ROLE second SUPERUSER; CREATE ROLE plain;');
  $node->safe_psql('owned', 'SET ROLE second; CREATE EXTENSION llm_admin; RESET ROLE; REASSIGN OWNED BY second TO plain;');
  my $owner = q{SELECT statement FROM llm_admin.validate_schema() WHERE kind = 'extension owner'};
  my $hint = $node->safe_psql('owned', $owner);
  $used{$hint} = 'an owner who is no superuser';
  $node->safe_psql('owned', $hint);
  is($node->safe_psql('owned', $owner), '', 'an owner who is no superuser: handed over');
}
mends('a step by hand', "SELECT llm_admin.record_migration('llm_admin--0.3--0.4.sql')", pick => qr/or (ALTER .*)/, gives => qr/^/);
{
  my $hint = $node->safe_psql('postgres', q{SELECT statement FROM llm_admin.validate_schema() WHERE kind = 'key' AND object = 'stored keys'});
  $used{$hint} = 'keys that were not opened';
  like($node->safe_psql('postgres', $hint), qr/^\d+\|\d+\|\d+\|\d+$/, 'keys that were not opened: the statement opens them');
}
1;
