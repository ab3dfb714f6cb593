# scripts/llm-admin and docs/connect.md: the four commands over a socket, over a cloud's socket folder, over TCP with
# and without TLS, through a pooler; what they say when something is wrong; the compose file and its first start.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use CPAN::Meta::YAML;
use File::Copy qw(copy);
use LlmAdmin::Pooler;
use LlmAdmin::Session qw(new_keyring write_file);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $tree = $ENV{LLM_ADMIN_TREE} // '.';
my $script = "$tree/scripts/llm-admin";
my $folder = PostgreSQL::Test::Utils::tempdir_short();
my $password = 'changeme';

# ---- a server with certificates -----------------------------------------------------------------------------


# An authority, and a server's certificate of it for these names.
sub authority
{
  my ($name) = @_;
  system_or_bail('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', "/CN=$name",
    '-keyout', "$folder/$name.key", '-out', "$folder/$name.crt");
  return "$folder/$name.crt";
}
my ($right, $wrong) = map { authority($_) } qw(right wrong);
write_file("$folder/names", "subjectAltName = DNS:localhost, DNS:db.example.com\n");
system_or_bail('openssl', 'req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=server', '-keyout', "$folder/server.key",
  '-out', "$folder/server.csr");
system_or_bail('openssl', 'x509', '-req', '-in', "$folder/server.csr", '-days', '2', '-CA', $right, '-CAkey', "$folder/right.key",
  '-set_serial', '1', '-extfile', "$folder/names", '-out', "$folder/server.crt");
chmod 0600, "$folder/server.key" or die;

my $node = PostgreSQL::Test::Cluster->new('connect');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', <<"CONF");
llm_admin.keyring_file = '@{[ new_keyring() ]}'
listen_addresses = '127.0.0.1'
ssl = on
ssl_cert_file = '$folder/server.crt'
ssl_key_file = '$folder/server.key'
CONF
unlink $node->data_dir . '/pg_hba.conf' or die;
$node->append_conf('pg_hba.conf', <<'HBA');
local all all trust
host plain all 127.0.0.1/32 scram-sha-256
hostssl all all 127.0.0.1/32 scram-sha-256
HBA
$node->start;
my $port = $node->port;
my $postgres = $node->safe_psql('postgres', q{SELECT count(*) FROM pg_roles WHERE rolname = 'postgres'});
$node->safe_psql('postgres', ($postgres ? '' : 'CREATE ROLE postgres SUPERUSER LOGIN;') . <<"SQL");
CREATE ROLE cloudtolocalllm SUPERUSER LOGIN PASSWORD '$password';
CREATE ROLE admin SUPERUSER LOGIN PASSWORD '$password';
CREATE ROLE poor LOGIN PASSWORD '$password';
SQL
$node->safe_psql('postgres', "CREATE DATABASE $_") foreach qw(shop cloudtolocalllm plain tls versions empty);

# ---- running it ---------------------------------------------------------------------------------------------

my @unset = grep { /^(?:PG|DB_)/ } keys %ENV;

# Runs the shell's lines with these variables and no others of a database's: exit status, output, complaints.
sub shell
{
  my ($lines, %environment) = @_;
  local %ENV = %ENV;
  delete @ENV{ @unset };
  %ENV = (%ENV, HOME => $folder, %environment);
  delete @ENV{ grep { !defined $ENV{$_} } keys %ENV };
  my ($out, $err) = ('', '');
  IPC::Run::run([ 'bash', '-c', "set -e\ncd '$tree'\n$lines" ], '<', \undef, '>', \$out, '2>', \$err);
  my $status = $? >> 8;
  unlike($out . $err, qr/\Q$password\E|another-word/, 'no password is printed');
  return ($status, $out, $err);
}
sub run { my ($command, %environment) = @_; return shell("'$script' $command", %environment) }

sub works
{
  my ($what, $command, $output, %environment) = @_;
  my ($status, $out, $err) = run($command, %environment);
  is("$status $err", '0 ', "$what: $command works");
  like($out, $output, "$what: $command says what is");
  return $out;
}
sub fails
{
  my ($what, $command, $expected, $words, %environment) = @_;
  my ($status, $out, $err) = run($command, %environment);
  is($status, $expected, "$what: the exit status of $command is $expected") or diag($err);
  like($err, $words, "$what: it says so");
  unlike($err, qr/psql:<stdin>|\bline \d+:/, "$what: without the inside of the script");
  return;
}

# Each command of the seed, in its order.
sub all_four
{
  my ($what, %environment) = @_;
  works($what, 'init', qr/llm_admin \S+ made\n.*\bgroq +\| added\n.*\(\d+ rows\)/s, %environment);
  works($what, 'init', qr/llm_admin \S+ is there already\n.*\bgroq +\| already there\n/s, %environment);
  works($what, 'validate', qr/^\d+ looked at, 0 errors, \d+ remarks$/m, %environment);
  works($what, 'status', qr/installed version +\| \d.* ok .*roles that lack something of their level +\| none +\| ok/s, %environment);
  works($what, 'stats', qr/llm_provider_configs +\| +(?:\d+|unknown) +\| +\d+ +\| +\d+ kB\n.*schema_migrations/s, %environment);
  return;
}

my %socket = (DB_TYPE => 'postgres', DB_HOST => $node->host, DB_PORT => $port, DB_USER => 'cloudtolocalllm');
my %tcp = (%socket, DB_HOST => 'localhost', DB_PASSWORD => $password);
my %tls = (%tcp, DB_SSL => 'true', PGSSLROOTCERT => $right);

all_four('socket', %socket, DB_NAME => 'empty');
all_four('TCP without TLS', %tcp, DB_NAME => 'plain', DB_SSL => 'false', PGSSLMODE => 'disable');
all_four('TCP with TLS', %tls, DB_NAME => 'tls');
works('a socket, whatever DB_SSL says', 'status', qr/installed version/, %socket, DB_NAME => 'empty', DB_SSL => 'true');
# The cloud's socket lies at the port that is usual, in a folder with colons.
mkdir "$folder/cloudsql" or die;
mkdir "$folder/cloudsql/my-project:europe-west1:my-instance" or die;
symlink $node->host . "/.s.PGSQL.$port", "$folder/cloudsql/my-project:europe-west1:my-instance/.s.PGSQL.5432" or die;
my %cloud = (%socket, DB_HOST => "$folder/cloudsql/my-project:europe-west1:my-instance", DB_SSL => 'true', DB_NAME => 'empty');
works('a cloud\'s folder', 'status', qr/installed version/, %cloud, DB_PORT => undef);

# ---- which variables win ------------------------------------------------------------------------------------

works('PGHOST wins over DB_HOST, and leaves the others', 'status', qr/installed/, %socket, DB_NAME => 'empty', DB_HOST => '/nowhere', PGHOST => $node->host);
works('PGPORT, PGDATABASE and PGUSER', 'status', qr/installed/, %socket, DB_NAME => 'absent', DB_PORT => 1, DB_USER => 'nobody',
  PGPORT => $port, PGDATABASE => 'empty', PGUSER => 'admin');
works('PGPASSWORD', 'status', qr/installed/, %tls, DB_NAME => 'tls', DB_PASSWORD => 'another-word', PGPASSWORD => $password);
works('PGSSLMODE', 'status', qr/installed/, %tls, DB_NAME => 'tls', PGSSLMODE => 'require', PGSSLROOTCERT => "$folder/none");
write_file("$folder/passwords", "localhost:$port:*:admin:$password\n");
works('a file of passwords', 'status', qr/installed/, %tls, DB_NAME => 'tls', DB_USER => 'admin', DB_PASSWORD => undef, PGPASSFILE => "$folder/passwords");
write_file("$folder/services", "[ours]\nhost=@{[ $node->host ]}\nport=$port\ndbname=empty\nuser=admin\n");
works('a service', 'status', qr/installed/, PGSERVICE => 'ours', PGSERVICEFILE => "$folder/services", DB_NAME => 'absent');
write_file("$folder/.psqlrc", "\\echo read\n\\q\n");
works('a .psqlrc is not read', 'status', qr/\A +item/, %socket, DB_NAME => 'empty');

# ---- TLS ----------------------------------------------------------------------------------------------------

is($node->safe_psql('tls', 'SELECT count(*) FROM llm_admin.llm_provider_configs') > 0, 1, 'what init did over TLS is there');
fails('another authority', 'status', 3, qr/not of the authority that is trusted here.*certificate verify failed.*HINT:  PGSSLROOTCERT/s, %tls, DB_NAME => 'tls', PGSSLROOTCERT => $wrong);
fails('another name', 'status', 3, qr/certificate is for another name.*does not match host name "127.0.0.1"/s, %tls, DB_NAME => 'tls', DB_HOST => '127.0.0.1');
fails('no authority', 'status', 3, qr/authority's certificate is missing.*PGSSLROOTCERT/s, %tls, DB_NAME => 'tls', PGSSLROOTCERT => "$folder/none");
fails('no TLS where the server wants it', 'status', 3, qr/lets nobody in from here in this way.*no pg_hba\.conf entry/s, %tcp, DB_NAME => 'tls', PGSSLMODE => 'disable');

# ---- what can be wrong --------------------------------------------------------------------------------------

fails('no server', 'status', 3, qr{no server answers at /nowhere, port 5432.*/nowhere/\.s\.PGSQL\.5432}s, DB_HOST => '/nowhere');
fails('no server at the port', 'init', 3, qr/no server answers at 127\.0\.0\.1, port 1\b/, DB_HOST => '127.0.0.1', DB_PORT => 1);
fails('no host', 'stats', 3, qr/there is no host no\.such\.host\.invalid/, DB_HOST => 'no.such.host.invalid');
fails('a wrong password', 'status', 3, qr/password is wrong/, %tls, DB_NAME => 'tls', DB_PASSWORD => 'another-word');
fails('no password', 'status', 3, qr/asks for a password, and none is given/, %tls, DB_NAME => 'tls', DB_PASSWORD => undef);
fails('no database', $_, 3, qr/no database absent.*HINT:  CREATE DATABASE "absent"/s, %socket, DB_NAME => 'absent') foreach qw(init validate status stats);
fails('no database of a quoted name', 'status', 3, qr/HINT:  CREATE DATABASE "an ""absent"" one"/, %socket, DB_NAME => 'an "absent" one');
fails('no service', 'status', 3, qr/there is no service theirs.*HINT:  PGSERVICEFILE/s, PGSERVICE => 'theirs', PGSERVICEFILE => "$folder/services");
fails('no port', 'status', 3, qr/the port is no number of one.*HINT:  DB_PORT/s, %socket, DB_PORT => $_) foreach 'abc', 99999;
fails('no role', 'status', 3, qr/no such role/, %socket, DB_NAME => 'empty', DB_USER => 'nobody');
fails('not installed', $_, 4, qr/not installed in this database.*llm-admin init/s, %socket, DB_NAME => 'versions') foreach qw(validate status stats);
fails('no superuser', 'init', 4, qr/the role poor may not make.*HINT:  DB_USER or PGUSER names a superuser/s, %socket, DB_NAME => 'versions', DB_USER => 'poor');
fails('no level', $_, 4, qr/has not got the rights.*permission denied/s, %socket, DB_NAME => 'empty', DB_USER => 'poor') foreach qw(validate status stats);
fails('another kind of database', 'status', 2, qr/DB_TYPE is sqlite/, DB_TYPE => 'sqlite');
fails('no truth value', 'status', 2, qr/DB_SSL is maybe/, DB_SSL => 'maybe');
fails("'$_'", $_, 2, qr/^usage:/) foreach '', 'migrate', 'init now', '--init';
fails('no psql', 'status', 2, qr/no psql on the PATH/, PATH => dirname_of('bash'));
works('help', $_, qr/^usage: .*DB_PASSWORD.*Exit status: 0/s) foreach '--help', '-h';

# A folder with bash and nothing else that is called psql.
sub dirname_of
{
  my ($program) = @_;
  mkdir "$folder/bin" or die;
  foreach my $name ($program, 'cat', 'env')
  {
    my ($path) = grep { -x } map { "$_/$name" } split /:/, $ENV{PATH};
    symlink $path, "$folder/bin/$name" or die;
  }
  return "$folder/bin";
}

# ---- versions -----------------------------------------------------------------------------------------------

my %versions = (%socket, DB_NAME => 'versions');
$node->safe_psql('versions', "CREATE EXTENSION llm_admin VERSION '0.1'; SELECT llm_admin.grant_access('poor', 'auditor')");
fails('an older version', 'status', 4, qr/version 0\.1 .* does not have migration_status\(\).*llm-admin init/s, %versions);
my ($status, $updated) = run('init', %versions);
is($status, 0, 'init updates it');
like($updated, qr/llm_admin updated from 0\.1 to \d.*poor +\| auditor +\| granted/s, 'and completes the levels');
works('a level may look', $_, qr/\d/, %versions, DB_USER => 'poor') foreach qw(status stats);
# Drift: what is not as the scripts left it.
$node->safe_psql('versions', q{UPDATE pg_extension SET extversion = '9.9' WHERE extname = 'llm_admin';
  ALTER TABLE llm_admin.llm_provider_configs DISABLE TRIGGER trg_validate_provider_config});
my ($drift, $findings) = run('validate', %versions);
is($drift, 1, 'validate: the exit status says that something drifted');
like($findings, qr/^error: .*\n  \S.*^\d+ looked at, [1-9]\d* errors, /ms, 'and its words what');
$node->safe_psql('versions', 'ALTER TABLE llm_admin.llm_provider_configs ENABLE TRIGGER trg_validate_provider_config;'
  . "UPDATE pg_extension SET extversion = (SELECT default_version FROM pg_available_extensions WHERE name = 'llm_admin') WHERE extname = 'llm_admin'");
works('mended', 'validate', qr/ 0 errors, /, %versions);
# Damage that breaks the way to the checks: a schema or function of another name is called by that one, and one that is
# gone is no "ok" and no older version.
$node->safe_psql('versions', 'ALTER SCHEMA llm_admin RENAME TO moved');
($drift, $findings) = run('validate', %versions);
is($drift, 1, 'a renamed schema: validate tells it');
like($findings, qr/^error: schema llm_admin\n.*\n  HINT:  ALTER SCHEMA moved RENAME TO llm_admin$/m, 'with the statement that mends it');
fails('a renamed schema', 'status', 4, qr/HINT:  ALTER SCHEMA moved RENAME TO llm_admin/, %versions);
works('a renamed schema', 'stats', qr/\d/, %versions);
$node->safe_psql('versions', 'ALTER SCHEMA moved RENAME TO llm_admin; ALTER FUNCTION llm_admin.validate_schema() RENAME TO other');
($drift, $findings) = run('validate', %versions);
is($drift, 1, 'a renamed validate_schema(): it is called all the same');
like($findings, qr/ALTER FUNCTION llm_admin\.other\(.*\) RENAME TO validate_schema$/m, 'and tells of itself');
$node->safe_psql('versions', 'ALTER FUNCTION llm_admin.other() RENAME TO validate_schema; ALTER EXTENSION llm_admin DROP FUNCTION llm_admin.validate_schema(); DROP FUNCTION llm_admin.validate_schema();'
  . q{ALTER EXTENSION llm_admin DROP FUNCTION llm_admin.repair_schema(boolean);
  CREATE OR REPLACE FUNCTION llm_admin.repair_schema(dry_run boolean DEFAULT true, OUT object text, OUT statement text, OUT outcome text) RETURNS SETOF record LANGUAGE sql AS $$ SELECT 'all', 'is', 'well' $$;});
my (undef, undef, $gone) = run('validate', %versions);
fails('no validate_schema()', 'validate', 1, qr/^llm-admin: function validate_schema\(\) of llm_admin is missing/, %versions);
my ($mend) = $gone =~ /^  HINT:  (.*)$/m;
isnt($node->safe_psql('versions', $mend), '', 'the hint brings both functions back');
works('mended', 'validate', qr/ 0 errors, /, %versions);
# What fails in the middle of init leaves nothing behind.
$node->safe_psql('shop', 'CREATE SCHEMA llm_admin; CREATE TABLE llm_admin.mine ()');
fails('a schema that is in use', 'init', 4, qr/schema llm_admin is not empty/, %socket, DB_NAME => 'shop');
$node->safe_psql('shop', 'DROP SCHEMA llm_admin CASCADE');

# ---- the page -----------------------------------------------------------------------------------------------

my $page = slurp_file("$tree/docs/connect.md");
$node->safe_psql('cloudtolocalllm', 'SELECT 1');
my @blocks = $page =~ /^```sh\n(.*?)^```$/gms;
is(scalar @blocks, 5, 'docs/connect.md: its commands were found');
my $pooler = LlmAdmin::Pooler->start($node, 'watcher');
write_file("$folder/passwords", "*:*:*:admin:$password\n");
my ($levels) = $page =~ /^```sql\n(.*?)^```$/ms;
foreach my $block (@blocks)
{
  my ($first) = split /\n/, $block;
  SKIP: {
    my $pooled = $block =~ /pgbouncer/;
    skip 'there is no pgbouncer', 3 if $pooled && !$pooler;
    $node->safe_psql('shop', $levels) if $pooled;
    my $here = $block;
    my $host = $node->host;
    $here =~ s{/var/run/postgresql}{$host PGPORT=$port};
    $here =~ s{/cloudsql/}{$folder/cloudsql/};
    $here =~ s{/etc/llm_admin/ca\.crt}{$right};
    $here =~ s{/etc/llm_admin/passwords}{$folder/passwords};
    $here =~ s{/var/run/pgbouncer}{$pooler->host}e if $pooler;
    $here =~ s{DB_PORT=5432}{DB_PORT=$port} unless $here =~ /cloudsql/;
    # The name is the certificate's, the address is this machine's.
    my ($exit, $out, $err) = shell($here, $here =~ /db\.example\.com/ ? (PGHOSTADDR => '127.0.0.1') : ());
    is("$exit $err", '0 ', "docs/connect.md: $first and what follows works") or diag($out);
  }
}
is(join(' ', $page =~ /^\| `scripts\/llm-admin (\w+)` \|/mg), 'init validate status stats', 'it lists the commands');

# ---- compose ------------------------------------------------------------------------------------------------

my $compose = CPAN::Meta::YAML->read("$tree/compose.yaml")->[0];
my $db = $compose->{services}{db};
is(join(' ', sort keys %$compose), 'services volumes', 'compose.yaml is YAML');
ok(-e "$tree/$db->{build}{dockerfile}", 'its Dockerfile is there');
is_deeply([ sort map { (split /:/)[0] } @{ $db->{volumes} } ], [ sort keys %{ $compose->{volumes} } ], 'its volumes are declared');
is(scalar(grep { !/^127\.0\.0\.1:/ } @{ $db->{ports} }), 0, 'it listens on this machine only');
like($db->{environment}{POSTGRES_PASSWORD}, qr/:\?/, 'and ships no password');
foreach my $copied (slurp_file("$tree/docker/Dockerfile") =~ /^COPY (?!--)(\S+) /mg)
{
  ok(-e "$tree/$copied", "the Dockerfile copies $copied, which is there");
}
# The first start, as the image runs it; and once more with the keyring of before.
mkdir "$folder/keys", 0700 or die;
copy("$tree/scripts/new-keyring", "$folder/new-keyring") or die;
chmod 0755, "$folder/new-keyring" or die;
my %image = (PGHOST => $node->host, PGPORT => $port, POSTGRES_USER => 'cloudtolocalllm', POSTGRES_DB => 'plain',
  KEYRING => "$folder/keys/keyring", PATH => "$folder:$ENV{PATH}");
my $ring;
foreach my $time ('first', 'second')
{
  my ($exit, undef, $err) = shell("bash docker/first-start.sh", %image);
  is("$exit $err", '0 ', "the $time start works");
  $ring //= slurp_file("$folder/keys/keyring");
  is(slurp_file("$folder/keys/keyring"), $ring, 'with a keyring that stays');
}
$node->restart;
is($node->safe_psql('plain', q{SELECT value FROM llm_admin.key_status() WHERE item = 'keyring'}), "file $folder/keys/keyring",
  'which the server uses');
is($node->safe_psql('plain', q{SELECT llm_admin.set_provider_key('groq', 'gsk-of-compose-0123456789')}), 'gsk-o***789', 'for keys');

$pooler->stop if $pooler;
done_testing();
