# What the extension is in a database, and what its tables hold, as lines of text that can be compared.
#
#   difference(catalog($node, 'one'), catalog($node, 'two'))    # '' when equal; else the lines of one side only
#   sums($node, 'one')                                          # a line for every table and sequence
#   listing($node, 'one')                                       # the same in every installation: test/catalog keeps it
#   kept_listing($file, $major)                                 # what test/catalog/list wrote there
#   born('0.3')                                                 # SQL that makes that version as it was when it was new
#
# catalog() is written apart from the extension's own fingerprint on purpose: it reads the catalogs as the server
# tells them (pg_get_functiondef, pg_get_constraintdef ...), owners, grants and initial privileges included, and
# no OIDs.
package LlmAdmin::Catalog;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Exporter 'import';

our @EXPORT_OK = qw(born catalog difference kept_listing listing sums);

my $acl = q{coalesce((SELECT string_agg(concat_ws(' ', 'from', x.grantor::regrole, 'to',
  CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END, x.privilege_type, x.is_grantable), ', '
  ORDER BY x.grantee::regrole::text COLLATE "C", x.privilege_type COLLATE "C", x.grantor)
  FROM aclexplode(ACL) x), CASE WHEN (ACL) IS NULL THEN 'default' ELSE 'nobody' END)};

# Months of the logs are no part of it: which there are depends on the clock, and a restore puts their rows elsewhere.
my $month = qr/(?:llm_usage_logs|audit_log|audit_payloads)_\d{4}_\d\d(?:_\w+)?/;

sub acl { my ($column) = @_; return $acl =~ s/ACL/$column/gr }

my $catalog = <<"SQL";
SET search_path = pg_catalog;
WITH e AS (SELECT * FROM pg_extension WHERE extname = 'llm_admin'),
member AS (SELECT d.classid, d.objid FROM pg_depend d, e
  WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'),
relation AS (SELECT c.*, c.oid::regclass::text AS name FROM pg_class c WHERE EXISTS (SELECT FROM member m
  WHERE (m.classid = 'pg_class'::regclass AND m.objid = c.oid) OR (m.classid = 'pg_type'::regclass AND m.objid = c.reltype))),
line (text) AS (
  SELECT concat_ws(' | ', 'extension', e.extversion, e.extowner::regrole, e.extnamespace::regnamespace, e.extrelocatable,
    obj_description(e.oid, 'pg_extension')) FROM e
  UNION ALL SELECT concat_ws(' | ', 'schema', n.nspname, n.nspowner::regrole, @{[ acl('n.nspacl') ]},
    obj_description(n.oid, 'pg_namespace')) FROM pg_namespace n, e WHERE n.oid = e.extnamespace
  UNION ALL SELECT concat_ws(' | ', 'member', i.type, i.identity) FROM member m, pg_identify_object(m.classid, m.objid, 0) i
  UNION ALL SELECT concat_ws(' | ', 'dump filter', c.relation::regclass, c.condition) FROM e, ROWS FROM
    (unnest(e.extconfig), unnest(e.extcondition)) AS c (relation, condition)
  UNION ALL SELECT concat_ws(' | ', 'relation', r.name, r.relkind, r.relpersistence, r.relowner::regrole, r.relrowsecurity,
    r.relforcerowsecurity, r.relreplident, r.reloptions, a.amname, @{[ acl('r.relacl') ]},
    obj_description(r.oid, 'pg_class')) FROM relation r LEFT JOIN pg_am a ON a.oid = r.relam
  UNION ALL SELECT concat_ws(' | ', 'column', r.name,
    -- Its place among those that are left: a column that a step dropped leaves a gap.
    (SELECT count(*) FROM pg_attribute b WHERE b.attrelid = r.oid AND b.attnum BETWEEN 1 AND a.attnum AND NOT b.attisdropped), a.attname, format_type(a.atttypid, a.atttypmod),
    a.attcollation::regcollation, a.attnotnull, a.attidentity, a.attgenerated, a.attstorage, a.attcompression,
    (SELECT array_agg(o ORDER BY o) FROM unnest(a.attoptions) o WHERE o LIKE 'n!_distinct%' ESCAPE '!'), pg_get_expr(d.adbin, d.adrelid), @{[ acl('a.attacl') ]}, col_description(r.oid, a.attnum))
    FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
  UNION ALL SELECT concat_ws(' | ', 'constraint', r.name, c.conname, pg_get_constraintdef(c.oid), c.convalidated,
    c.conislocal, c.connoinherit, obj_description(c.oid, 'pg_constraint'))
    FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid
  UNION ALL SELECT concat_ws(' | ', 'index', r.name, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisprimary,
    i.indisunique, i.indisclustered, i.indisreplident, obj_description(i.indexrelid, 'pg_class'))
    FROM relation r JOIN pg_index i ON i.indrelid = r.oid
  UNION ALL SELECT concat_ws(' | ', 'trigger', r.name, pg_get_triggerdef(t.oid), t.tgenabled, obj_description(t.oid, 'pg_trigger'))
    FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
  UNION ALL SELECT concat_ws(' | ', 'policy', r.name, p.polname, p.polcmd, p.polpermissive, p.polroles::regrole[],
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid), obj_description(p.oid, 'pg_policy'))
    FROM relation r JOIN pg_policy p ON p.polrelid = r.oid
  UNION ALL SELECT concat_ws(' | ', 'rule', r.name, pg_get_ruledef(w.oid), w.ev_enabled, obj_description(w.oid, 'pg_rewrite'))
    FROM relation r JOIN pg_rewrite w ON w.ev_class = r.oid
  UNION ALL SELECT concat_ws(' | ', 'sequence', r.name, s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
    s.seqcache, s.seqcycle) FROM relation r JOIN pg_sequence s ON s.seqrelid = r.oid
  UNION ALL SELECT concat_ws(' | ', 'type', t.oid::regtype, t.typtype, t.typcategory, t.typowner::regrole, t.typnotnull,
    t.typdefault, @{[ acl('t.typacl') ]}, obj_description(t.oid, 'pg_type'))
    FROM member m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND m.objid = t.oid
  UNION ALL SELECT concat_ws(' | ', 'function', p.oid::regprocedure, p.proowner::regrole, p.proleakproof, p.procost, p.prorows,
    @{[ acl('p.proacl') ]}, obj_description(p.oid, 'pg_proc'), pg_get_functiondef(p.oid))
    FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
  UNION ALL SELECT concat_ws(' | ', 'initial', pg_describe_object(i.classoid, i.objoid, i.objsubid), i.privtype,
    @{[ acl('i.initprivs') ]}) FROM member m JOIN pg_init_privs i ON i.classoid = m.classid AND i.objoid = m.objid
  UNION ALL SELECT concat_ws(' | ', 'dependency', pg_describe_object(d.classid, d.objid, d.objsubid), d.deptype,
    pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)) FROM member m JOIN pg_depend d
    ON d.classid = m.classid AND d.objid = m.objid
)
SELECT replace(text, E'\\n', ' ') FROM line ORDER BY text COLLATE "C";
SQL

# A reference to the list of lines.
sub catalog
{
  my ($node, $database) = @_;
  return [ grep { !/\b$month\b/ } split /\n/, $node->safe_psql($database, $catalog) ];
}

# catalog() without what differs between installations of one version: the owner's name. Long lines, which are
# functions with whole configurations in them, are cut, and told apart by a digest.
sub listing
{
  my ($node, $database) = @_;
  my $owner = $node->safe_psql($database, q{SELECT extowner::regrole FROM pg_extension WHERE extname = 'llm_admin'});
  my @lines = map { s/(?<![\w".])\Q$owner\E(?![\w".])/owner/gr } @{ catalog($node, $database) };
  return [ sort map { length > 1000 ? substr($_, 0, 200) . ' ... sha256 ' . sha256_hex($_) : $_ } map { s/\t/ /gr } @lines ];
}

# The lines of one major version of the server; undef when the file has none of it.
sub kept_listing
{
  my ($file, $major) = @_;
  open my $in, '<', $file or die "$file: $!\n";
  my @lines;
  while (my $line = <$in>)
  {
    next if $line =~ /^#/;
    chomp $line;
    my ($majors, $text) = split /\t/, $line, 2;
    push @lines, $text if grep { $_ == $major } split /,/, $majors;
  }
  return @lines ? [ sort @lines ] : undef;
}

# Only the first version and the newest have whole scripts, so that the server makes those between by the shorter way,
# which may lead down from the newest. This one leads up from the first.
sub born
{
  my ($version) = @_;
  my $first = q{CREATE EXTENSION llm_admin VERSION '0.1';};
  return $version eq '0.1' ? $first : "$first ALTER EXTENSION llm_admin UPDATE TO '$version';";
}

# The lines that only one of two catalogs has, marked with - and +.
sub difference
{
  my ($one, $two) = @_;
  my (%one, %two);
  $one{$_}++ foreach @$one;
  $two{$_}++ foreach @$two;
  return join "\n", (map { "- $_" } grep { ($two{$_} // 0) != $one{$_} } sort keys %one),
    (map { "+ $_" } grep { ($one{$_} // 0) != $two{$_} } sort keys %two);
}

# One line for every table and sequence of the extension: whole rows as text, in a fixed order. Of the ledger the
# rows that a dump holds, which are all but those of installs. With in_place => 1 where the rows lie and who wrote
# them is part of it, so that a row written anew with the same content shows; the ledger is left out then. With
# like => 'other' only the columns count that the tables have in that database, which may be at an older version.
sub sums
{
  my ($node, $database, %options) = @_;
  my $relations = $node->safe_psql($database, <<'SQL');
SELECT c.relkind, c.oid::regclass FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'llm_admin') AND c.relkind IN ('r', 'p', 'S')
  AND NOT c.relispartition  -- their rows are those of the whole
ORDER BY c.oid::regclass::text COLLATE "C"
SQL
  my %columns = map { split /\|/ } split /\n/, !$options{like} ? '' : $node->safe_psql($options{like}, <<'SQL');
SELECT a.attrelid::regclass, array_agg(a.attname) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'llm_admin'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped GROUP BY a.attrelid
SQL
  my @sql;
  foreach (split /\n/, $relations)
  {
    my ($kind, $name) = split /\|/;
    my $where = '';
    next if $name =~ /^llm_admin\.(?:cache_versions|config_changes)$/;    # numbers of this database's own, no rows of anybody's
    if ($name eq 'llm_admin.schema_migrations')
    {
      next if $options{in_place};
      $where = "WHERE direction <> 'install'";
    }
    my $row = !$options{like} ? 't::text' : sprintf q{(SELECT jsonb_object_agg(j.key, j.value)::text FROM jsonb_each(to_jsonb(t)) j
      WHERE j.key = ANY ('%s'))}, $columns{$name} // '{}';
    my $written = $options{in_place} ? "concat_ws(' ', t.ctid, t.xmin, t.xmax, $row)" : $row;
    push @sql, $kind eq 'S'
      ? "SELECT '$name', last_value || ' ' || is_called FROM $name;"
      : "SELECT '$name', count(*) || ' ' || coalesce(md5(string_agg($written, E'\\n' ORDER BY $row COLLATE \"C\")), '') "
        . "FROM $name t $where;";
  }
  return $node->safe_psql($database, join "\n", @sql);
}

1;
