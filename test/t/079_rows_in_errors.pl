# What a row holds is in no error about it: every NOT NULL, CHECK and unique constraint of every table of ours is broken
# with a key in all texts of the row, by INSERT, UPDATE and COPY, also in a load. Neither MESSAGE, DETAIL, HINT, CONTEXT
# nor the server's log holds the key. The constraints are the catalog's: one that is new needs a way to break it here.
#
# Of a unique violation the server tells the columns of the index, whose values are in the table already; they are names.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Canary qw(canary found_in);
use LlmAdmin::RowData qw(breaks is_usual seed value);
use LlmAdmin::Session qw(new_node);
use LlmAdmin::Wire;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('rows_in_errors', settings => <<'CONF');
log_min_messages = debug1
log_error_verbosity = verbose
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
CONF
seed($node);
my $client = LlmAdmin::Wire->new($node, 'postgres', $node->safe_psql('postgres', 'SELECT session_user'));
my $key = canary('row');

my %breaks = breaks($key);

my @tables = split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT c.relname FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'llm_admin' WHERE c.relkind IN ('r', 'p') ORDER BY 1
SQL
cmp_ok(scalar @tables, '>=', 39, 'there are tables');

my $file = "${PostgreSQL::Test::Utils::tmp_check}/line";
my (%told, $said);

sub run_silently
{
  my ($what, $sql, @values) = @_;
  my $answer = $client->run($sql, @values);
  my $error = $answer->{error} // {};
  $said = join ' | ', map { "$_: $error->{$_}" } grep { /[CMDHWs]/ } sort keys %$error;
  is(found_in($said, qr/^row/), '', "$what: $said") if found_in($said, qr/^row/);
  return $error->{C} // '';
}

foreach my $table (@tables)
{
  my (%type, %null, @columns);
  foreach (split /\n/, $node->safe_psql('postgres', <<"SQL"))
SELECT quote_ident(attname), format_type(atttypid, NULL), attnotnull FROM pg_attribute
WHERE attrelid = 'llm_admin.$table'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
SQL
  {
    my ($name, $type, $not_null) = split /\|/;
    push @columns, $name;
    $type{$name} = $type;
    $null{$name} = $not_null eq 't';
  }
  my ($mapping, $answers) = map { $node->safe_psql('postgres',
    "SELECT $_ FROM llm_admin.llm_provider_configs WHERE provider_name = 'groq'") } qw(request_builder_config response_extractor_config);
  my $number = 4096;
  # Of a partition a row has a time within its bounds; those of the default one are before all months.
  my ($time_column, $bounds) = split /\|/, $node->safe_psql('postgres', <<"SQL");
SELECT quote_ident(a.attname), pg_get_expr(c.relpartbound, c.oid) FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
  JOIN pg_partitioned_table p ON p.partrelid = coalesce(i.inhparent, c.oid)
  JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0] WHERE c.oid = 'llm_admin.$table'::regclass
SQL
  my $time = !$time_column ? undef : ($bounds // '') =~ /FROM \('([^']+)'\)/ ? $1 : '2002-02-02';
  my $value_of = sub {
    my ($column) = @_;
    return $time if defined $time && $column eq $time_column;
    return $mapping if $column eq 'request_builder_config';
    return $answers if $column eq 'response_extractor_config';
    return value($key, $table, $column, $type{$column}, \$number);
  };
  my %in_index = map { $_ => 1 } split /\n/, $node->safe_psql('postgres', <<"SQL");
SELECT DISTINCT quote_ident(a.attname) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
WHERE i.indrelid = 'llm_admin.$table'::regclass AND i.indisunique
SQL
  my $try = sub {
    my ($what, %with) = @_;
    my %row = map { $_ => exists $with{$_} ? $with{$_} : $value_of->($_) } @columns;
    my $places = join ', ', map { "\$$_\::$type{$columns[$_ - 1]}" } 1 .. @columns;
    my @states;
    foreach my $load (0, 1)
    {
      $client->run('BEGIN');
      $client->run('SET llm_admin.restoring = on') if $load;
      push @states, run_silently("$table, $what" . ($load ? ', in a load' : ''),
        "INSERT INTO llm_admin.$table (" . join(', ', @columns) . ") VALUES ($places)", @row{@columns});
      $client->run('ROLLBACK');
    }
    $client->run('RESET llm_admin.restoring');
    # An UPDATE of a row that is there, by the columns that break it and all texts that are not names.
    {
      next if $what =~ /another partition/;    # of a row on its way into another one nothing is asked
      my @others = grep { !exists $with{$_} && !$in_index{$_} && !is_usual($table, $_) && $_ !~ /_config$/
          && ($table !~ /_configs$/ || $_ =~ /description|display|default_model|updated_by|result/) && $type{$_} =~ /^(?:text|character varying|jsonb)$/ } @columns;
      my $n = 1;
      my $sets = join ', ', map { "$_ = \$" . $n++ . "::$type{$_}" } sort(keys %with), @others;
      $client->run('BEGIN');
      push @states, run_silently("$table, $what, by UPDATE", "UPDATE llm_admin.$table SET $sets", @row{ sort(keys %with), @others });
      $client->run('ROLLBACK');
    }
    # COPY tells its line; of a unique index that is the server's own error, as docs/security.md says. As dumps have it, a
    # text of all columns is a load, and a CSV is none.
    return @states if $what =~ /^another of the same/;
    my $text = join "\t", map { !defined $_ ? '\N' : s/\\/\\\\/gr =~ s/\t/\\t/gr =~ s/\n/\\n/gr } @row{@columns};
    my $csv = join ',', map { !defined $_ ? '' : '"' . s/"/""/gr . '"' } @row{@columns};
    foreach ([ 'text', $text ], [ 'csv', $csv ])
    {
      my ($format, $line) = @$_;
      open my $out, '>', $file or die $!;
      print $out "$line\n";
      close $out;
      $client->run('BEGIN');
      push @states, run_silently("$table, $what, by COPY of $format",
        "COPY llm_admin.$table (" . join(', ', @columns) . ") FROM '$file' (FORMAT $format)");
      $client->run('ROLLBACK');
    }
    return @states;
  };

  foreach my $column (grep { $null{$_} } @columns)
  {
    my @states = $try->("$column is null", $column => undef);
    ok((grep { /^(?:23502|22023|LA001|42704|LA020)$/ } @states) > 0, "$table.$column NOT NULL: refused: @states");
    $told{23502} += grep { $_ eq '23502' } @states;
  }
  foreach my $check (split /\n/, $node->safe_psql('postgres',
    "SELECT conname FROM pg_constraint WHERE conrelid = 'llm_admin.$table'::regclass AND contype = 'c' ORDER BY 1"))
  {
    my $broken = $breaks{$check};
    ok($broken, "$check: there is a way to break it") or next;
    my @states = $try->($check, @$broken);
    ok((grep { /^(?:23514|LA001|55000|22023)$/ } @states) > 0, "$check: refused: @states");
    $told{23514} += grep { $_ eq '23514' } @states;
  }
  # Texts that name a row of another table, and texts too long for their column. A load brings tables in any order.
  foreach my $foreign (split /\n/, $node->safe_psql('postgres', <<"SQL"))
SELECT quote_ident(a.attname) FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.conrelid = 'llm_admin.$table'::regclass AND c.contype = 'f' ORDER BY 1
SQL
  {
    next if $type{$foreign} eq 'uuid';    # which a key is none of
    my @states = $try->("$foreign is nowhere", $foreign => $key);
    ok((grep { /^(?:23503|42704)$/ } @states) > 0, "$table.$foreign is nowhere: refused: @states");
    $told{foreign}++;
  }
  foreach my $column (grep { $type{$_} eq 'character varying' } @columns)
  {
    my @states = run_silently("$table.$column is too long",
      "INSERT INTO llm_admin.$table ($column) VALUES (\$1::text)", $key x 20);
    ok((grep { /^(?:22001|LA001|22023)$/ } @states) > 0, "$table.$column is too long: refused: @states");
  }
  if ($bounds)
  {
    my @states = $try->('another partition has the time', $time_column => $time =~ /^2002/ ? scalar $node->safe_psql('postgres', 'SELECT now()') : '2002-02-02');
    ok((grep { $_ eq '23514' } @states) > 0, "$table: a row of another partition: refused: @states");
    $told{bounds} += grep { $_ eq '23514' } @states;
  }
  # Rows that are there already, with the key in every text that no unique index has.
  foreach my $index (split /\n/, $node->safe_psql('postgres', <<"SQL"))
SELECT string_agg(quote_ident(a.attname), ','), i.indpred IS NULL AND i.indexprs IS NULL FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
WHERE i.indrelid = 'llm_admin.$table'::regclass AND i.indisunique GROUP BY i.indexrelid, 2
SQL
  {
    ($index, my $of_all) = split /\|/, $index;
    my @named = split /,/, $index;
    my @same = split /\t/, $node->safe_psql('postgres', 'SELECT ' . join(q( || E'\t' || ), map { "${_}::text" } @named)
        . " FROM llm_admin.$table WHERE " . join(' AND ', map { "$_ IS NOT NULL" } @named) . ' LIMIT 1'), -1;
    is(scalar @same, scalar @named, "$table: a row of $index is there") or next;
    my %same;
    @same{@named} = @same;
    my @states = $try->("another of the same $index", %same);
    next if $of_all ne 't';
    ok((grep { /^(?:23505|LA...|55000|22023)$/ } @states) > 0, "$table: another row of the same $index: refused: @states");
    $told{23505} += grep { $_ eq '23505' } @states;
  }
}
cmp_ok($told{23502}, '>=', 500, "NOT NULL errors were seen: $told{23502}");
cmp_ok($told{23514}, '>=', 200, "CHECK errors were seen: $told{23514}");
cmp_ok($told{foreign}, '>=', 2, "texts that should name a row elsewhere: $told{foreign}");
cmp_ok($told{bounds}, '>=', 20, "rows of other partitions: $told{bounds}");
cmp_ok($told{23505}, '>=', 50, "unique errors were seen: $told{23505}");

# The message still says what is wrong.
$client->run("INSERT INTO llm_admin.provider_aliases VALUES ('Upper', 'groq')");
run_silently('an alias', 'INSERT INTO llm_admin.provider_aliases VALUES ($1, $2)', 'Upper', 'groq');
is($said, q{C: 23514 | D: CHECK ((alias = lower(alias))) | M: new row for relation "provider_aliases" violates check constraint "provider_aliases_alias_check"},
  'the constraint is told with its rule');
$node->safe_psql('postgres', q{ALTER TABLE llm_admin.provider_aliases ADD CONSTRAINT own_table CHECK (tableoid = 'llm_admin.provider_aliases'::regclass)});
is(run_silently('a generated column', 'INSERT INTO llm_admin.provider_aliases (alias, provider_name, note) VALUES ($1, $2, $3)',
  'kept', 'groq', 'a note'), '', 'a row that breaks nothing is stored, generated columns, constraints of the user\'s and one over a system column included');
# What our own functions write is asked by the server, with the constraints of the user's.
$node->safe_psql('postgres', q{ALTER TABLE llm_admin.llm_usage_logs ADD CONSTRAINT own_error CHECK (error_message IS NULL)});
is(run_silently('a call that is recorded', 'SELECT llm_admin.record_usage($1, $2, $3::jsonb, options => $4::jsonb)', 'groq', 'a-model',
  '{"prompt_tokens": 1, "completion_tokens": 1}', qq({"error": "$key"})), '23514', 'a constraint of the user\'s is asked of what is recorded');
$node->safe_psql('postgres', 'ALTER TABLE llm_admin.llm_usage_logs DROP CONSTRAINT own_error');
# 18 has virtual columns. A trigger sees neither kind computed, so a CHECK of the whole row is the server's.
my $kind = $node->pg_version >= 18 ? 'VIRTUAL' : 'STORED';
$node->safe_psql('postgres', <<"SQL");
ALTER TABLE llm_admin.provider_aliases DROP COLUMN size;
ALTER TABLE llm_admin.provider_aliases ADD COLUMN half int GENERATED ALWAYS AS (length(note) / 2) $kind;
ALTER TABLE llm_admin.provider_aliases ADD CONSTRAINT own_row CHECK (to_jsonb(provider_aliases) ->> 'half' IS NOT NULL);
SQL
is(run_silently('a generated column', 'INSERT INTO llm_admin.provider_aliases (alias, provider_name, note) VALUES ($1, $2, $3)',
  'kept_row', 'groq', 'a note'), '', 'so is one under a CHECK of the whole row');

is(found_in(slurp_file($node->logfile), qr/^row/), '', 'nor does the log hold it');
$client->close if $client->can('close');
$node->stop;
done_testing();
