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
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE somebody;
SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij');
SELECT llm_admin.put_llm_config('acme', '{"apiKey": "sk-or-0123456789abcdefghij"}');
SELECT llm_admin.record_provider_test('groq', true, 1);
SELECT llm_admin.grant_access('somebody', 'app');
SELECT llm_admin.seed_provider_aliases();
ALTER TABLE llm_admin.provider_aliases ADD COLUMN note text NOT NULL DEFAULT 'a note', ADD COLUMN size int GENERATED ALWAYS AS (length(note)) STORED NOT NULL,
  ADD CONSTRAINT own_note CHECK (note <> ''), ADD CONSTRAINT own_alias CHECK (alias <> 'none');
SQL
my $client = LlmAdmin::Wire->new($node, 'postgres', $node->safe_psql('postgres', 'SELECT session_user'));
my $key = canary('row');

# How each CHECK is broken: its column and the value.
my %breaks = (
  llm_provider_configs_provider_name_check => [ 'provider_name', $key =~ tr/a-z0-9/_/cr . '-' ],
  llm_provider_configs_auth_scheme_check => [ 'auth_scheme', $key ],
  llm_provider_configs_endpoint_path_check => [ 'endpoint_path_template', $key ],
  llm_provider_configs_http_method_check => [ 'http_method', substr $key, 8, 10 ],
  llm_provider_configs_active_check => [ 'is_enabled', 'false' ],
  llm_provider_configs_additional_headers_check => [ 'additional_headers', qq(["$key"]) ],
  llm_provider_configs_supported_models_check => [ 'supported_models', qq({"$key": 1}) ],
  llm_provider_configs_model_capabilities_check => [ 'model_capabilities', qq(["$key"]) ],
  llm_provider_configs_context_window_check => [ 'context_window_tokens', '0' ],
  llm_provider_configs_max_output_check => [ 'max_output_tokens_limit', '0' ],
  llm_provider_config_history_action_check => [ 'action', $key ],
  provider_tests_latency_ms_check => [ 'latency_ms', '-1' ],
  root_keys_root_id_check => [ 'root_id', '0' ],
  data_keys_version_check => [ 'version', '0' ],
  llm_configs_policy_check => [ 'policy', $key ],
  llm_configs_last_test_latency_check => [ 'last_test_latency', '-1' ],
  provider_aliases_alias_check => [ 'alias', uc $key ],
  own_note => [ 'note', '' ],
  own_alias => [ 'alias', 'none' ],
  access_grants_level_check => [ 'level', $key ],
  schema_migrations_direction_check => [ 'direction', $key ],
  schema_migrations_execution_time_ms_check => [ 'execution_time_ms', '-1' ]);
# Texts that a row needs to come as far as its constraints; every other text is the key.
my %usual = (
  auth_scheme => 'bearer', http_method => 'POST', endpoint_path_template => '/v1/chat', policy => 'choice', level => 'app',
  action => 'updated', direction => 'up', base_url => 'https://api.example.com/v1', provider => 'groq', alias => "k$key",
  is_active => 'false', api_key_encrypted => undef);
my %of_table = (
  llm_configs => { api_key_encrypted => '' }, root_keys => {},
  llm_provider_configs => { provider_name => 'fresh', is_enabled => 'true', is_active => 'true' });

my @tables = split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT c.relname FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'llm_admin' WHERE c.relkind IN ('r', 'p') ORDER BY 1
SQL
cmp_ok(scalar @tables, '>=', 9, 'there are tables');

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
SELECT attname, format_type(atttypid, NULL), attnotnull FROM pg_attribute
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
  my $value_of = sub {
    my ($column) = @_;
    return $of_table{$table}{$column} if exists $of_table{$table}{$column};
    return $usual{$column} if exists $usual{$column};
    return $mapping if $column eq 'request_builder_config';
    return $answers if $column eq 'response_extractor_config';
    my $type = $type{$column};
    return $type =~ /^(?:text|character varying)$/ ? $key
      : $type eq 'jsonb' ? ($column eq 'supported_models' ? qq(["$key"]) : qq({"x-note": "$key"}))
      : $type eq 'text[]' ? qq({"$key"})
      : $type eq 'bytea' ? '\x' . unpack('H*', $key)
      : $type =~ /int|oid/ ? ++$number
      : $type eq 'boolean' ? 'true'
      : $type eq 'uuid' ? sprintf('%08d-0000-4000-8000-000000000000', ++$number)
      : $type =~ /^timestamp/ ? '2026-01-01' : die "a value of $type for $column";
  };
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
    foreach my $column (keys %with)
    {
      my @others = grep { $_ ne $column && $_ =~ /description|display|default_model|updated_by|check_value|result|note|granted_by|applied_by/ } @columns;
      my $n = 1;
      my $sets = join ', ', map { "$_ = \$" . $n++ . "::$type{$_}" } $column, @others;
      $client->run('BEGIN');
      push @states, run_silently("$table, $what, by UPDATE", "UPDATE llm_admin.$table SET $sets", @row{ $column, @others });
      $client->run('ROLLBACK');
    }
    # COPY tells its line; of a unique index that is the server's own error, as docs/security.md says.
    return @states if $what =~ /^another/;
    my $line = join "\t", map { !defined $_ ? '\N' : s/\\/\\\\/gr =~ s/\t/\\t/gr =~ s/\n/\\n/gr } @row{@columns};
    my ($out, $err) = ('', '');
    PostgreSQL::Test::Utils::append_to_file("${PostgreSQL::Test::Utils::tmp_check}/line", '');
    open my $file, '>', "${PostgreSQL::Test::Utils::tmp_check}/line" or die $!;
    print $file "$line\n";
    close $file;
    $node->psql('postgres', "\\copy llm_admin.$table (" . join(', ', @columns) . ") FROM '${PostgreSQL::Test::Utils::tmp_check}/line'",
      stdout => \$out, stderr => \$err, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
    is(found_in($err, qr/^row/), '', "$table, $what, by COPY: $err") if found_in($err, qr/^row/);
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
    my ($column, $value) = @$broken;
    my @states = $try->($check, $column => $value);
    ok((grep { /^(?:23514|LA001|55000|22023)$/ } @states) > 0, "$check: refused: @states");
    $told{23514} += grep { $_ eq '23514' } @states;
  }
  # Rows that are there already, with the key in every text that no unique index has.
  foreach my $index (split /\n/, $node->safe_psql('postgres', <<"SQL"))
SELECT string_agg(a.attname, ',') FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
WHERE i.indrelid = 'llm_admin.$table'::regclass AND i.indisunique GROUP BY i.indexrelid
SQL
  {
    my @named = split /,/, $index;
    my %same;
    foreach (@named)
    {
      my $value = $node->safe_psql('postgres', "SELECT $_ FROM llm_admin.$table ORDER BY " . join(', ', @named) . ' LIMIT 1');
      $same{$_} = $value if $value ne '';
    }
    $told{23505} += grep { $_ eq '23505' } $try->("another of the same $index", %same) if %same;
  }
}
cmp_ok($told{23502}, '>=', 50, "NOT NULL errors were seen: $told{23502}");
cmp_ok($told{23514}, '>=', 30, "CHECK errors were seen: $told{23514}");
cmp_ok($told{23505}, '>=', 5, "unique errors were seen: $told{23505}");

# The message still says what is wrong.
$client->run("INSERT INTO llm_admin.provider_aliases VALUES ('Upper', 'groq')");
run_silently('an alias', 'INSERT INTO llm_admin.provider_aliases VALUES ($1, $2)', 'Upper', 'groq');
is($said, q{C: 23514 | D: CHECK ((alias = lower(alias))) | M: new row for relation "provider_aliases" violates check constraint "provider_aliases_alias_check"},
  'the constraint is told with its rule');
$node->safe_psql('postgres', q{ALTER TABLE llm_admin.provider_aliases ADD CONSTRAINT own_table CHECK (tableoid = 'llm_admin.provider_aliases'::regclass)});
is(run_silently('a generated column', 'INSERT INTO llm_admin.provider_aliases (alias, provider_name, note) VALUES ($1, $2, $3)',
  'kept', 'groq', 'a note'), '', 'a row that breaks nothing is stored, generated columns, constraints of the user\'s and one over a system column included');
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
