# validate_schema() and repair_schema() over what no reference names: months of logs, which are made as time passes, and
# rates that a load took unread; migration_status() tells rows that wait for a month.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Hints;
use LlmAdmin::Session qw(new_node);
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::Bin/../..";
my $node = new_node('schema_months');
sub ask { return $node->safe_psql('postgres', $_[0]) }
my $errors = q{SELECT kind, object FROM llm_admin.validate_schema() WHERE verdict = 'error' ORDER BY 1, 2};

# ---- rows that wait -----------------------------------------------------------------------------------------

my $waiting = q{SELECT item, value, verdict, hint FROM llm_admin.migration_status() WHERE item ~ '^months of'};
ask('SELECT llm_admin.maintain_partitions()') for 1 .. 3;
is(ask($waiting), '', 'no row waits at first');
ask(q{INSERT INTO llm_admin.llm_usage_logs (provider, model_id, prompt_tokens, "timestamp") SELECT 'openai', 'm', 1, '2020-02-10 00:00:00+00'::timestamptz + n * interval '1 month' FROM generate_series(0, 4) n});
is(ask($waiting), 'months of llm_usage_logs|rows of 2020-02, 2020-03, 2020-04 and 2 more wait in the default partition|warning|SELECT * FROM llm_admin.maintain_partitions()',
  'rows of months that are not there: told');
my $hint = (split /\|/, ask($waiting))[3];
ask($hint) for 1 .. 5;
LlmAdmin::Hints::followed($hint);
is(ask($waiting), '', 'the statement makes a month a call; then none waits');

# ---- months -------------------------------------------------------------------------------------------------

ask('CREATE ROLE mallory');
my $shape = q{SELECT string_agg(concat_ws(' ', c.relname, c.relacl, pg_get_expr(c.relpartbound, c.oid), (SELECT string_agg(concat_ws(' ', g.tgname, g.tgenabled, pg_get_triggerdef(g.oid), obj_description(g.oid, 'pg_trigger')), ', ' ORDER BY g.tgname) FROM pg_trigger g
  WHERE g.tgrelid = c.oid AND NOT g.tgisinternal)), E'\n' ORDER BY c.relname) FROM pg_class c WHERE c.relispartition AND c.relkind = 'r'};
my $as_made = ask($shape);
like($as_made, qr/^llm_usage_logs_2020_02 /m, 'months are there');
is(ask($errors), '', 'months are no drift');
is(ask(q{SELECT object, detail FROM llm_admin.validate_schema() WHERE verdict = 'yours'}), '', 'nor the users own');
like(ask(q{SELECT verdict, detail FROM llm_admin.validate_schema() WHERE kind = 'month'}), qr/^ok\|\d\d months are as made$/, 'they are looked at');
is(ask('SELECT * FROM llm_admin.repair_schema(false)'), '', 'there is nothing to mend');

my $m = 'llm_admin.llm_usage_logs_2020_02';
my ($audit) = map { "llm_admin.$_" } ask(q{SELECT c.relname FROM pg_class c WHERE c.relname ~ '^audit_log_2' AND c.relkind = 'r' ORDER BY 1 LIMIT 1});
my ($trigger) = split /\n/, ask("SELECT tgname FROM pg_trigger WHERE tgrelid = '$m'::regclass AND tgtype & 33 = 32 AND NOT tgisinternal");
foreach my $one (
  [ "DROP TRIGGER $trigger ON $m", "month|$m", qr/^its trigger \Q$trigger\E is missing/ ],
  [ "DROP TRIGGER trg_refuse_audit_truncate ON $audit", "month|$audit", qr/^its trigger trg_refuse_audit_truncate is missing/ ],
  [ "DROP TRIGGER $trigger ON $m; CREATE TRIGGER $trigger BEFORE TRUNCATE ON $m FOR EACH STATEMENT EXECUTE FUNCTION suppress_redundant_updates_trigger()", "month|$m", qr/is another one/ ],
  [ "ALTER TABLE $audit DISABLE TRIGGER trg_refuse_audit_truncate", "month|$audit", qr/fires at other times/ ],
  [ "ALTER TABLE $m DISABLE TRIGGER USER", "month|$m", qr/fires at other times/ ],
  [ "ALTER TABLE llm_admin.llm_usage_logs DETACH PARTITION $m; ALTER TABLE llm_admin.llm_usage_logs ATTACH PARTITION $m FOR VALUES FROM ('2020-01-01 00:00:00+00') TO ('2020-03-01 00:00:00+00')",
    "month|$m", qr/^it is there FOR VALUES FROM .*, and its name says FOR VALUES FROM / ],
  [ "GRANT SELECT ON $m TO mallory", "grant|$m to mallory", qr/^SELECT is given by no level/ ],
  [ "GRANT SELECT ON $audit TO PUBLIC", "grant|$audit to PUBLIC", qr/^SELECT is given by no level/ ],
  [ "ALTER TABLE $m OWNER TO mallory", "owner|table $m", qr/^it belongs to mallory/ ])
{
  my ($damage, $told, $detail) = @$one;
  ask("BEGIN; $damage; COMMIT");
  my %lines = map { $_ => 1 } split /\n/, ask($errors);
  is(join("\n", sort keys %lines), $told, "$damage: told, and it alone");
  like((split /\n/, ask(q{SELECT detail FROM llm_admin.validate_schema() WHERE verdict = 'error'}))[0], $detail, "$damage: what it is");
  LlmAdmin::Hints::followed(split /\x01/, ask('SELECT string_agg(statement, chr(1)) FROM llm_admin.repair_schema()'));
  is(ask(q{SELECT DISTINCT outcome FROM llm_admin.repair_schema(false)}), 'done', "$damage: mended");
  is(ask($errors), '', "$damage: then nothing is wrong");
  is(ask('SELECT * FROM llm_admin.repair_schema(false)'), '', "$damage: nor left to mend");
}
is(ask($shape) =~ s/ \{[^}]*\}//gr, $as_made =~ s/ \{[^}]*\}//gr, 'months are as they were');
is(ask(q{SELECT count(*) FROM pg_class c, aclexplode(c.relacl) a WHERE c.relispartition AND a.grantee <> c.relowner}), 0, 'and granted to nobody');

# ---- procedures ---------------------------------------------------------------------------------------------

my $p = 'llm_admin.maintain_all_partitions()';
foreach my $one ([ "GRANT EXECUTE ON PROCEDURE $p TO mallory", "grant|$p to mallory" ], [ "ALTER PROCEDURE $p OWNER TO mallory", "owner|procedure $p" ],
  [ "ALTER PROCEDURE $p SECURITY DEFINER", "procedure|$p" ], [ "COMMENT ON PROCEDURE $p IS 'x'", "comment|procedure $p" ],
  [ "ALTER PROCEDURE $p RENAME TO gone", "procedure|$p" ], [ "ALTER EXTENSION llm_admin DROP PROCEDURE $p", "procedure|$p" ],
  [ "ALTER EXTENSION llm_admin DROP PROCEDURE $p; DROP PROCEDURE $p", "procedure|$p" ])
{
  my ($damage, $told) = @$one;
  ask("BEGIN; $damage; COMMIT");
  is(ask($errors), $told, "$damage: told, and it alone");
  is(ask(q{SELECT DISTINCT outcome FROM llm_admin.repair_schema(false)}), 'done', "$damage: mended");
  is(ask($errors), '', "$damage: then nothing is wrong");
}

# ---- prices -------------------------------------------------------------------------------------------------

ask(q{SET session_replication_role = replica;
  INSERT INTO llm_admin.model_pricing (model_id, rates) VALUES ('openai/bad', '{"inputt": 1}'), ('openai/good', '{"cached_input": 0.1}');
  INSERT INTO llm_admin.model_price_history (model_id, valid_from, price_id, rates, source, changed_by) VALUES ('openai/bad', '2020-01-01', 900001, '{"input": -1}', 'manual', 'x'), ('openai/bad', '2020-02-01', 900000, NULL, 'manual', 'x')});
is(ask($errors), "former price|openai/bad 900001\nprice|openai/bad\nsequence|model_price_history_price_id_seq", 'rates that are none, and ids that the sequence has yet to give: told');
like(ask(q{SELECT detail FROM llm_admin.validate_schema() WHERE verdict = 'error' AND kind = 'price'}), qr/^no call can be priced by its rates: .*inputt/, 'what is wrong with them');
ask($_) foreach split /\n/, ask(q{SELECT statement FROM llm_admin.validate_schema() WHERE verdict = 'error'});
is(ask($errors), '', 'the statements mend it');
is(ask(q{SELECT string_agg(price_id::text, ', ') FROM llm_admin.model_price_history WHERE changed_by = 'x'}), '900000', 'and take nothing else away');

$node->stop;
LlmAdmin::Hints::proves('044_months', $top);
done_testing();
