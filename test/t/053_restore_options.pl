# Every option of pg_dump, pg_restore and psql that bears on how rows come back: after each the tables and sequences are
# equal row for row, history is not doubled, and nothing is said where the tool allows. By another superuser than the
# one who installed, on a server without a keyring.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Catalog qw(sums);
use LlmAdmin::Past qw(make_past make_roles run_program);
use LlmAdmin::Session qw(new_keyring write_file);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $source = PostgreSQL::Test::Cluster->new('source');
$source->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$source->append_conf('postgresql.conf', "llm_admin.keyring_file = '" . new_keyring() . "'\n");
$source->start;
make_past($source);
my $expected = sums($source, 'shop');
my @tables = map { /^(llm_admin\.\S+?)\|\d+ \S+$/ ? $1 : () } split /\n/, $expected;
my @sequences = $source->safe_psql('shop', "SELECT s.oid::regclass FROM pg_class s JOIN pg_namespace n ON n.oid = s.relnamespace WHERE relkind = 'S' AND nspname = 'llm_admin' ORDER BY 1") =~ /^(.+)$/mg;
@tables = grep { my $name = $_; !grep { $_ eq $name } @sequences } @tables;
cmp_ok(scalar @tables, '>=', 9, 'every table is among those to be restored one by one');
cmp_ok(scalar @sequences, '>=', 5, 'and every sequence');

my $target = PostgreSQL::Test::Cluster->new('target');
$target->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$target->start;
make_roles($target);
$target->safe_psql('postgres', 'CREATE ROLE first_admin SUPERUSER LOGIN; CREATE ROLE second_admin SUPERUSER LOGIN;');
my @second_admin = (extra_params => [ '-U', 'second_admin' ]);

my $folder = $source->basedir;
my $count = 0;

# Writes a dump and returns its path.
sub dump_shop
{
  my (@options) = @_;
  my $path = "$folder/dump" . ++$count;
  my ($status, $stderr) = run_program($source, 'first_admin', 'pg_dump', @options, '-f', $path, 'shop');
  is("$status $stderr", '0 ', join ' ', 'pg_dump', @options);
  return $path;
}

sub new_database
{
  my (@sql) = @_;
  my $name = 'restored_' . ++$count;
  $target->safe_psql('postgres', "CREATE DATABASE $name", @second_admin);
  $target->safe_psql($name, $_, @second_admin) foreach @sql;
  return $name;
}

my $installed = 'CREATE EXTENSION llm_admin';

# Runs one program after the other on a new database, each quiet; then compares. Returns the database.
sub restores
{
  my ($what, $prepare, @commands) = @_;
  my $database = new_database($prepare ? @$prepare : ());
  foreach my $command (@commands)
  {
    my ($program, @options) = @$command;
    my ($status, $stderr) = run_program($target, 'second_admin', $program, '-d', $database, @options);
    is("$status $stderr", '0 ', "$what: quiet");
  }
  is(sums($target, $database), $expected, "$what: tables and sequences equal, row for row");
  return $database;
}

my @psql = ('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-f');
my @restore = ('pg_restore', '--exit-on-error');

# ---- plain dumps -------------------------------------------------------------------------------------------

foreach my $options (
  [], ['--inserts'], ['--column-inserts'], ['--rows-per-insert=7'], [ '--inserts', '--on-conflict-do-nothing' ],
  ['--enable-row-security'], [ '--enable-row-security', '--column-inserts' ], [ '--no-owner', '--no-privileges' ],
  ['--use-set-session-authorization'], [ '--use-set-session-authorization', '--inserts' ], [ '-c', '--if-exists' ],
  ['--quote-all-identifiers'], ['--disable-dollar-quoting'])
{
  my $path = dump_shop('-Fp', @$options);
  restores(join(' ', 'plain', @$options), undef, [ @psql, $path ]);
}
restores('plain in one transaction', undef, [ @psql, dump_shop('-Fp'), '-1' ]);
foreach my $options (['--data-only'], [ '--data-only', '--inserts' ], [ '--data-only', '--column-inserts', '--on-conflict-do-nothing' ],
  [ '--section=data' ], [ '--data-only', '--enable-row-security' ], [ '--data-only', '--disable-triggers' ])
{
  restores(join(' ', 'plain', @$options), [$installed], [ @psql, dump_shop('-Fp', @$options) ]);
}

# Without their SET lines: COPY is known by itself, INSERTs by the setting.
sub stripped
{
  my ($path, $before) = @_;
  my $text = slurp_file($path);
  my $lines = () = $text =~ /^(?:SET |SELECT pg_catalog\.set_config)/mg;
  cmp_ok($lines, '>', 6, 'SET lines are taken out');
  $text =~ s/^(?:SET .*|SELECT pg_catalog\.set_config.*)\n//mg;
  return write_file("$path.stripped", $before . $text);
}
restores('stripped SET lines, COPY', undef, [ @psql, stripped(dump_shop('-Fp'), '') ]);
restores('stripped SET lines, COPY of the data', [$installed], [ @psql, stripped(dump_shop('-Fp', '-a'), '') ]);
foreach my $options (['--inserts'], ['--column-inserts'], [ '--rows-per-insert=5', '--on-conflict-do-nothing' ])
{
  restores(join(' ', 'stripped SET lines', @$options, 'and llm_admin.restoring'), undef,
    [ @psql, stripped(dump_shop('-Fp', @$options), "SET llm_admin.restoring = on;\n") ]);
}

# ---- archives ----------------------------------------------------------------------------------------------

my $custom = dump_shop('-Fc');
my $directory = dump_shop('-Fd', '-j4');
my $row_security = dump_shop('-Fc', '--enable-row-security');
my $inserts = dump_shop('-Fc', '--inserts');
foreach my $options (
  [], ['-1'], ['-j4'], ['--enable-row-security'], [ '--enable-row-security', '-j2' ], [ '--no-owner', '--no-privileges' ],
  ['--use-set-session-authorization'], ['--role=first_admin'], [ '-c', '--if-exists' ])
{
  restores(join(' ', 'custom', @$options), undef, [ @restore, @$options, $custom ]);
}
restores('directory, four jobs', undef, [ @restore, '-j4', $directory ]);
restores('directory, one transaction', undef, [ @restore, '-1', $directory ]);
restores('archive made with --enable-row-security', undef, [ @restore, '--enable-row-security', $row_security ]);
restores('archive of INSERTs', undef, [ @restore, $inserts ]);
restores('archive of INSERTs, one transaction, --enable-row-security', undef, [ @restore, '-1', '--enable-row-security', $inserts ]);
restores('section by section', undef, map { [ @restore, "--section=$_", $custom ] } qw(pre-data data post-data));
foreach my $options (['-a'], [ '-a', '-j4' ], [ '-a', '-1' ], ['--section=data'], [ '-a', '--enable-row-security' ], [ '-a', '-n', 'llm_admin' ],
  [ '-a', '-N', 'public' ])
{
  restores(join(' ', 'custom', @$options), [$installed], [ @restore, @$options, $custom ]);
}
restores('clean over a full database', undef, [ @restore, $custom ], [ @restore, '-c', $custom ], [ @restore, '-c', '--if-exists', $custom ]);

# By schema: with the extension named as well. Without, pg_dump of 15 itself crashes at a partition that an extension marks
# for dumping; of an archive of all pg_restore takes the schema alone.
restores('pg_dump -n llm_admin -e llm_admin', undef, [ @psql, dump_shop('-Fp', '-n', 'llm_admin', '-e', 'llm_admin') ]);
restores('pg_dump -a -n llm_admin -e llm_admin', [$installed], [ @psql, dump_shop('-Fp', '-a', '-n', 'llm_admin', '-e', 'llm_admin') ]);
restores('pg_dump -N of another schema', undef, [ @restore, dump_shop('-Fc', '-N', 'public') ]);
# -N of the extension's own leaves the rows out and the extension in, and it wants the schema.
restores('pg_dump -N llm_admin, and its rows after it', ['CREATE SCHEMA llm_admin'],
  [ @psql, dump_shop('-Fp', '-N', 'llm_admin') ], [ @restore, '-a', '-n', 'llm_admin', $custom ]);

# ---- single tables, in any order ---------------------------------------------------------------------------

# The rows of a log stand in a dump under its default partition, which pg_restore can take out singly and pg_dump cannot dump.
my %logs = map { $_ => 1 } split /\n/, $source->safe_psql('shop', "SELECT relname FROM pg_class WHERE relnamespace = 'llm_admin'::regnamespace AND relkind = 'p'");
my @plain_names = grep { !$logs{$_} } map { s/^llm_admin\.//r } @tables, @sequences;
my @names = (@plain_names, map { "${_}_default" } sort keys %logs);
my $without_logs = sub { return join "\n", grep { !/^llm_admin\.(\w+)\|/ || !$logs{$1} } split /\n/, $_[0] };
foreach my $order ([ sort @names ], [ reverse sort @names ], [ sort { substr($a, -3) cmp substr($b, -3) } @names ])
{
  restores("one by one: $order->[0] first", [$installed], map { [ @restore, '-a', '-t', $_, $custom ] } @$order);
}
{
  my $database = new_database($installed);
  foreach my $name (sort { ($b eq 'llm_configs') <=> ($a eq 'llm_configs') } @plain_names)
  {
    my ($status, $stderr) = run_program($target, 'second_admin', @psql, dump_shop('-Fp', '-a', '-t', "llm_admin.$name"), '-d', $database);
    is("$status $stderr", '0 ', "pg_dump -t $name: quiet");
  }
  is($without_logs->(sums($target, $database)), $without_logs->($expected), 'pg_dump -t, one by one, tenants first: tables and sequences equal, row for row');
  $database = new_database($installed);
  my ($status, $stderr) = run_program($target, 'second_admin', @psql, dump_shop('-Fp', '-a', '--inserts', map { ('-t', "llm_admin.$_") } @plain_names), '-d', $database);
  is("$status $stderr", '0 ', 'pg_dump -t of all, INSERTs: quiet');
  is($without_logs->(sums($target, $database)), $without_logs->($expected), 'pg_dump -t of all, INSERTs: tables and sequences equal, row for row');
}

# psql's \copy, from a session without any setting; sequences are no part of it.
my $no_sequences = join "\n", grep { my $line = $_; !grep { $line =~ /^\Q$_\E\|/ } @sequences } split /\n/, $expected;
foreach my $format ('text', 'binary')
{
  my @lines;
  foreach my $table (@tables)
  {
    run_program($source, 'first_admin', 'psql', '-X', '-q', '-d', 'shop', '-c', "\\copy (SELECT * FROM $table"
      . ($table =~ /schema_migrations/ ? " WHERE direction <> 'install'" : '') . ") to '$folder/$table.$format' (format $format)");
    push @lines, "\\copy $table from '$folder/$table.$format' (format $format)\n";
  }
  foreach my $order ([@lines], [ reverse @lines ])
  {
    my $database = new_database($installed);
    my ($status, $stderr) = run_program($target, 'second_admin', @psql, write_file("$folder/copy.sql", join '', @$order), '-d', $database);
    is("$status $stderr", '0 ', "\\copy, $format: quiet");
    is(join("\n", grep { my $line = $_; !grep { $line =~ /^\Q$_\E\|/ } @sequences } split /\n/, sums($target, $database)),
      $no_sequences, "\\copy, $format: tables equal, row for row");
    my $statements = $target->safe_psql($database, "SELECT statement FROM llm_admin.validate_schema() WHERE kind = 'sequence' AND verdict = 'error'");
    like($statements, qr/setval\('llm_admin\.llm_provider_configs_id_seq', \d+\)/, 'validate_schema() has the setval() of the sequence');
    unlike($statements, qr/key_use_blocks/, 'uses are counted in the rows of data keys, and came with them');
    $target->safe_psql($database, join ";\n", split /\n/, $statements);
    is($target->safe_psql($database, "SELECT count(*) FROM llm_admin.validate_schema() WHERE kind = 'sequence' AND verdict <> 'ok'"), 0, 'which mends it');
  }
}

# ---- triggers disabled -------------------------------------------------------------------------------------

# The tool enables what it disabled, and no more: what was on for replicas too has to be made so again.
my $not_origin = $source->safe_psql('shop', <<'SQL');
SELECT format('%1$s on %2$s|ALTER TABLE %2$s ENABLE %3$s TRIGGER %1$s', tgname, tgrelid::regclass, CASE tgenabled WHEN 'A' THEN 'ALWAYS' ELSE 'REPLICA' END)
FROM pg_trigger, pg_extension WHERE extname = 'llm_admin' AND tgrelid = ANY (extconfig) AND tgenabled IN ('A', 'R')
ORDER BY format('%s on %s', tgname, tgrelid::regclass)
SQL
foreach my $one ('trg_refuse_history_change on llm_admin.llm_provider_config_history', 'trg_refuse_audit_change on llm_admin.audit_log_default',
  'trg_data_key_replicated on llm_admin.data_keys')
{
  like($not_origin, qr/^\Q$one\E\|/m, "$one is one of them");
}
foreach my $case ([ 'pg_restore', @restore, '-a', '--disable-triggers', '-n', 'llm_admin', $custom ], [ 'psql', @psql, dump_shop('-Fp', '-a', '--disable-triggers') ])
{
  my ($what, @command) = @$case;
  my $database = restores("$what, triggers disabled", [$installed], [@command]);
  my $told = $target->safe_psql($database, "SELECT object, statement FROM llm_admin.validate_schema() WHERE kind = 'trigger' AND verdict = 'error' ORDER BY 1");
  is($told, $not_origin, "$what: validate_schema() names the triggers that are not as installed");
  $target->safe_psql($database, join ";\n", map { (split /\|/)[1] } split /\n/, $told);
  is($target->safe_psql($database, "SELECT object, verdict FROM llm_admin.validate_schema() WHERE kind IN ('trigger', 'catalog')"), 'llm_admin|ok', "$what: which mends them");
  my ($status, $stderr) = run_program($target, 'second_admin', 'psql', '-X', '-q', '-d', $database, '-c',
    'SET session_replication_role = replica', '-c', 'DELETE FROM llm_admin.llm_provider_config_history');
  like($stderr, qr/append-only/, "$what: history is append-only for replicas again");
}

$source->stop;
$target->stop;
done_testing();
