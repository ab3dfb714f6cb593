# What crosses the bridge between C++ and the server is what it is read as: parameters of statements, columns
# of results, arguments, result columns. Each mismatch is an internal error in words, and the session goes on.
use strict;
use warnings;

use Cwd 'abs_path';
use File::Basename 'dirname';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $tree = dirname(dirname(dirname(abs_path(__FILE__))));

my $node = PostgreSQL::Test::Cluster->new('types');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "jit = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION llm_admin_test; CREATE EXTENSION llm_admin;');

# What a statement says: its rows, or "SQLSTATE message".
sub says
{
  my ($sql) = @_;
  my ($stdout, $stderr);
  $node->psql('postgres', $sql, stdout => \$stdout, stderr => \$stderr,
    on_error_stop => 0, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
  return $stderr =~ /ERROR:  (\w{5}): (.*)/ ? "$1 $2" : $stdout . $stderr;
}

# ---- statements: parameters and columns --------------------------------------------------------------------

my @mismatch = (
  [ 'right', 'a 1b 2' ],
  [ 'null fits', 'two nulls' ],
  [ 'one value too few', 'XX000 a statement of 2 parameters was given 1 values' ],
  [ 'none given', 'XX000 a statement of 2 parameters was given 0 values' ],
  [ 'one value too many', 'XX000 a statement of 2 parameters was given 3 values' ],
  [ 'values for none', 'XX000 a statement of 0 parameters was given 1 values' ],
  [ 'latest, too few', 'XX000 a statement of 2 parameters was given 1 values' ],
  [ 'int for text', 'XX000 parameter 1 of a statement is of type text and was given a value of type integer' ],
  [ 'text for int', 'XX000 parameter 2 of a statement is of type integer and was given a value of type text' ],
  [ 'bigint for int', 'XX000 parameter 2 of a statement is of type integer and was given a value of type bigint' ],
  [
    'bool for int, latest',
    'XX000 parameter 2 of a statement is of type integer and was given a value of type boolean'
  ],
  [ 'bytea for text', 'XX000 parameter 1 of a statement is of type text and was given a value of type bytea' ],
  [ 'columns', '1a2t-' ],
  [ 'domains', 'word4' ],
  [ 'text of int', 'XX000 result column 1 is of type integer and was read as text' ],
  [ 'text of bigint', 'XX000 result column 3 is of type bigint and was read as text' ],
  [ 'integer of text', 'XX000 result column 2 is of type text and was read as integer' ],
  [ 'bigint of int', 'XX000 result column 1 is of type integer and was read as bigint' ],
  [ 'boolean of text', 'XX000 result column 2 is of type text and was read as boolean' ],
  [ 'null', 'XX000 unexpected null in a result column' ],
  [ 'column 0', 'XX000 a result of 5 columns has no column 0' ],
  [ 'column 6', 'XX000 a result of 5 columns has no column 6' ],
  [ 'row 1 of 1', 'XX000 a result of 1 rows has no row 1' ],
  [ '32 columns', '32' ],
  [ '33 columns', 'XX000 a result row has at most 32 columns' ]);
is(says("SELECT llm_admin_test.mismatch('$_->[0]')"), $_->[1], $_->[0]) foreach @mismatch;

# All in one session: none of them leaves a connection to the server open, which a later one would be given.
my $all = join ";\n", map { "SELECT llm_admin_test.mismatch('$_->[0]')" } @mismatch;
my ($stdout, $stderr);
$node->psql('postgres', "$all;\nSELECT 'still here'", stdout => \$stdout, stderr => \$stderr, on_error_stop => 0);
like($stdout, qr/still here$/, 'the session goes on after all of them');
unlike($stderr, qr/WARNING/, 'and nothing is left open');

# ---- results -----------------------------------------------------------------------------------------------

foreach my $function (qw(result results))
{
  my $from = "FROM llm_admin_test.$function";
  is(says("SELECT a, b, c $from('right')"), 'a|7|{}', "$function: as declared");
  is(says("SELECT a, b, c $from('null')"), 'a|7|', "$function: a null");
  is(says("SELECT a, b, c $from('more')"), 'a|7|{}', "$function: an older version declares fewer");
  is(says("SELECT * $from('too few')"),
    'XX000 the function declares 3 result columns, and the library makes 1', "$function: too few");
  is(says("SELECT * $from('int for text')"),
    'XX000 result column a is declared as text, and the library makes integer', "$function: integer for text");
  is(says("SELECT * $from('text for int')"),
    'XX000 result column b is declared as integer, and the library makes text', "$function: text for integer");
}
$node->safe_psql('postgres', <<'SQL');
CREATE DOMAIN word AS text;
CREATE TYPE as_domain AS (a word, b int);
CREATE TYPE reversed AS (a int, b text, c jsonb);
CREATE FUNCTION by_domain(text) RETURNS as_domain LANGUAGE c AS 'llm_admin_test', 'llm_admin_test_result';
CREATE FUNCTION by_reversed(text) RETURNS SETOF reversed LANGUAGE c AS 'llm_admin_test', 'llm_admin_test_results';
CREATE FUNCTION by_record(text) RETURNS SETOF record LANGUAGE c AS 'llm_admin_test', 'llm_admin_test_results';
CREATE FUNCTION by_text(text) RETURNS text LANGUAGE c AS 'llm_admin_test', 'llm_admin_test_result';
SQL
is(says("SELECT a || b FROM by_domain('right')"), 'a7', 'a domain over text is text');
is(says("SELECT * FROM by_reversed('right')"),
  'XX000 result column a is declared as integer, and the library makes text', 'a type in another order');
is(says("SELECT * FROM by_record('right') AS r (a text, b int, c jsonb)"), 'a|7|{}', 'columns that the query names');
is(says("SELECT * FROM by_record('right') AS r (a text, b text, c jsonb)"),
  'XX000 result column b is declared as text, and the library makes integer', 'columns that the query names wrong');
is(says("SELECT by_text('right')"), '42804 function must return a row', 'no row at all');

# ---- arguments ---------------------------------------------------------------------------------------------

is(says("SELECT llm_admin_test.arguments('a', 1, true, '{}')"), 'a 1 true json', 'arguments as declared');
is(says('SELECT llm_admin_test.arguments(NULL, NULL, NULL, NULL)'), '- - - -', 'nulls');
my @declared = (
  [ 'text', q{'a'}, 'a - - -' ],
  [ 'text, int', q{'a', 1}, 'a 1 - -' ],
  [ 'varchar, int, bool', q{'a', 1, false}, 'a 1 false -' ],
  [ 'word', q{'a'}, 'a - - -' ],
  [ '', '', '- - - -' ],
  [ 'int', '4096', 'XX000 argument 1 is declared as integer, and the library reads text' ],
  [ 'bigint', '4096', 'XX000 argument 1 is declared as bigint, and the library reads text' ],
  [ 'bytea', q{'a'}, 'XX000 argument 1 is declared as bytea, and the library reads text' ],
  [ 'int', 'NULL', '- - - -' ],
  [ 'text, text', q{'a', 'b'}, 'XX000 argument 2 is declared as text, and the library reads integer' ],
  [ 'text, int, text', q{'a', 1, 'c'}, 'XX000 argument 3 is declared as text, and the library reads boolean' ],
  [ 'text, int, bool, text', q{'a', 1, true, 'd'}, 'XX000 argument 4 is declared as text, and the library reads jsonb' ],
  [ 'text, int, bool, int', q{'a', 1, true, 4}, 'XX000 argument 4 is declared as integer, and the library reads jsonb' ]);
my $n = 0;
foreach my $case (@declared)
{
  my ($types, $values, $expected) = @$case;
  my $name = 'evil' . ++$n;
  $node->safe_psql('postgres',
    "CREATE FUNCTION $name($types) RETURNS text LANGUAGE c AS 'llm_admin_test', 'llm_admin_test_arguments'");
  is(says("SELECT $name($values)"), $expected, "declared with ($types)");
}
# The declaration is looked at anew when it changes.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION changing(a text) RETURNS text LANGUAGE c AS 'llm_admin_test', 'llm_admin_test_arguments';
SQL
is(
  says(
    "SELECT changing('a'); DROP FUNCTION changing; "
      . "CREATE FUNCTION changing(a int) RETURNS text LANGUAGE c AS 'llm_admin_test', 'llm_admin_test_arguments'; "
      . 'SELECT changing(4096)'),
  'XX000 argument 1 is declared as integer, and the library reads text',
  'declared anew');

# Every C function of the product, declared with integers in place of its arguments.
my @functions = split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT DISTINCT ON (p.prosrc) p.prosrc || '|' || p.pronargs || '|' || p.proretset || '|' ||
  format_type(p.prorettype, NULL)
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN pg_depend d ON d.classid = 'pg_proc'::regclass
  AND d.objid = p.oid AND d.deptype = 'e' JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'llm_admin'
WHERE l.lanname = 'c' AND p.pronargs > 0 AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
  AND p.prosrc NOT IN ('llm_admin_record_migration', 'llm_admin_check_schema') ORDER BY p.prosrc
SQL
cmp_ok(scalar @functions, '>', 20, 'the product has functions');
foreach my $function (@functions)
{
  my ($symbol, $arguments, $set, $result) = split /\|/, $function;
  $set = $set eq 'true' ? 'SETOF ' : '';
  my $types = join ', ', ('int') x $arguments;
  my $values = join ', ', map { 4096 + $_ } 1 .. $arguments;
  $result = 'llm_admin.provider_listing' if $result eq 'record';
  $node->safe_psql('postgres', "CREATE SCHEMA evil; CREATE FUNCTION evil.$symbol($types) RETURNS $set$result "
      . "LANGUAGE c AS 'llm_admin', '$symbol'");
  my $said = says("SELECT * FROM evil.$symbol($values)");
  unlike($said, qr/server closed|connection/, "$symbol over integers: the session lives");
  $node->safe_psql('postgres', 'DROP SCHEMA evil CASCADE');
}

# ---- at compile time ---------------------------------------------------------------------------------------

SKIP:
{
  my $compiler = (grep { -x } map { ("$_/g++", "$_/clang++") } split /:/, $ENV{PATH})[0];
  skip 'no C++ compiler', 2 unless defined $compiler;
  my $include = `pg_config --includedir-server`;
  chomp $include;
  skip 'no headers of the server', 2 unless -e "$include/postgres.h";
  my $compiles = sub {
    my ($count) = @_;
    my $file = PostgreSQL::Test::Utils::tempdir() . "/statement_$count.cpp";
    append_to_file($file, "#include \"pg/spi.hpp\"\nllm_admin::pg::statement s{\"SELECT 1\", {"
        . join(', ', ('TEXTOID') x $count) . "}};\n");
    return system("CCACHE_DISABLE=1 $compiler -std=c++20 -Wno-register -fsyntax-only -I $tree/src -I $include $file >/dev/null 2>&1") == 0;
  };
  ok($compiles->(20), 'a statement of 20 parameters compiles');
  ok(!$compiles->(21), 'a statement of 21 does not');
}

# ---- declared results --------------------------------------------------------------------------------------

# Every function of the library, declared by hand to return something else: a number, a text, a document, a set of them.
my @mine = split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT concat_ws('|', p.proname, p.prosrc, '', p.prorettype::regtype::text, p.proretset,
  (SELECT coalesce(string_agg('NULL::' || format_type(t, NULL), ', '), '') FROM unnest(p.proargtypes::oid[]) AS t),
  (SELECT coalesce(string_agg(format_type(t, NULL), ', '), '') FROM unnest(p.proargtypes::oid[]) AS t))
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang AND l.lanname = 'c'
WHERE p.pronamespace = 'llm_admin'::regnamespace AND p.prorettype <> 'trigger'::regtype ORDER BY 1
SQL
cmp_ok(scalar @mine, '>', 40, 'the library has functions');
my $library = $node->safe_psql('postgres', "SELECT DISTINCT probin FROM pg_proc WHERE pronamespace = 'llm_admin'::regnamespace AND probin IS NOT NULL");
my $scalars = 0;
foreach (@mine)
{
  my ($name, $symbol, undef, $type, $set, $nulls, $types) = split /\|/;
  my $is_scalar = $set eq 'f' && $type =~ /^(?:text|boolean|jsonb|integer)$/;
  $scalars += $is_scalar;
  foreach my $declared (grep { $_ ne $type } qw(bigint text boolean jsonb), 'double precision', 'SETOF text')
  {
    my $other = $declared;
    my $said = says("BEGIN; CREATE FUNCTION pg_temp.by_hand(" . ($types // '') . ") RETURNS $other LANGUAGE c AS '$library', '$symbol'; "
        . "SELECT pg_temp.by_hand(" . ($nulls // '') . '); ROLLBACK');
    $other =~ s/SETOF /a set of /;
    is($said, "XX000 the result is declared as $other, and the library returns $type", "$name, declared as $other") if $is_scalar;
    like($said, qr/^(?:XX000|22\w{3}|0A000|42\w{3}|25\w{3}|55000|LA\w{3}) /, "$name, declared as $other: an error in words: $said") if !$is_scalar;
  }
}
cmp_ok($scalars, '>', 20, "scalars among them: $scalars");
$node->safe_psql('postgres', 'CREATE DOMAIN masked AS varchar');
is(says("CREATE FUNCTION pg_temp.by_hand(text) RETURNS masked LANGUAGE c AS '$library', 'llm_admin_mask_key'; SELECT pg_temp.by_hand('sk-0123456789abcdefghij')"),
  says("SELECT llm_admin.mask_key('sk-0123456789abcdefghij')"), 'a domain over a text is a text');

$node->stop;
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC/, 'no backend died');
done_testing();
