# Nobody sends a key elsewhere. An operator, who may write every column of every provider, but not decrypt, tries
# whatever might make a key go to another place: URL, way of authenticating, endpoint, headers, mapping. After each
# attempt the application builds its requests with keys, and each that holds one goes to the key's own origin.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Vendor;
use PostgreSQL::Test::Utils;
use Test::More;

start_vendor('redirect');
my @now = requests();
is(scalar(grep { /KEY-/ } @now), 4, 'four keys are in use');
is(join("\n", astray(@now)), '', 'each goes where it belongs');
is(scalar(astray(map { s/api\.vendor/evil.vendor/r } @now)), 4, 'and the look at it would see them go astray');
like((grep { /^holes/ } @now)[0], qr/^holes LA002 /, 'a hole in a host is filled by nothing');

# ---- base_url ----------------------------------------------------------------------------------------------

my $set_url = "UPDATE $configs SET base_url = \$1 WHERE provider_name = 'vault'";
foreach my $url (
  'https://evil.example', 'https://evil.example/api.vendor.example', 'http://api.vendor.example/v1',
  'HTTP://api.vendor.example/v1', 'http://localhost/v1', 'https://api.vendor.example:8443/v1',
  'https://api.vendor.example:0443/v1',
  'https://user:secret@api.vendor.example/v1', 'https://api.vendor.example@evil.example/v1',
  'https://api.vendor.example:443@evil.example', 'https://evil.example\@api.vendor.example/v1',
  'https://api.vendor.example\.evil.example', 'https://api.vendor.example#@evil.example',
  'https://api.vendor.example?@evil.example',
  'https://api.vendor.example.evil.example', 'https://api.vendor.example.', 'https://vendor.example',
  'https://.api.vendor.example',
  "https://api.vendor.example\r\nHost: evil.example", "https://api.vendor.example\t.evil.example",
  'https://api.vendor.example .evil.example',
  'https://{x}.vendor.example/v1', 'https://api.vendor.example{x}/v1', 'https://api.vendor.example:{x}/v1',
  'https://{api_key}.evil.example',
  'https://%65vil.example', 'https://api%2evendor.example', "https://\x{430}pi.vendor.example", 'https://2130706433',
  'https://0x7f000001',
  'https://[::1]/v1', '//evil.example', 'https:///evil.example', 'https:/evil.example', 'evil.example',
  'ftp://api.vendor.example', '')
{
  refused('base_url ' . ($url =~ s/[^\x20-\x7e]/?/gr), 'LA001', $set_url, $url);
}
harmless('base_url with its own port and in capitals', $set_url, 'https://API.Vendor.example:443/v1/');
is(value_of('service', "SELECT llm_admin.decrypt_provider_key('vault')"), 'KEY-vault-0123456789',
  'that is the same origin');
harmless('base_url as it was', $set_url, "$vendor/v1");
refused('base_url of all rows', 'LA001', "UPDATE $configs SET base_url = 'https://evil.example'");
refused(
  'base_urls swapped', 'LA001', "UPDATE $configs a SET base_url = b.base_url FROM $configs b
  WHERE (a.provider_name, b.provider_name) IN (('vault', 'mine'), ('mine', 'vault'))");
refused(
  'base_url with the same key named again', 'LA001',
  "UPDATE $configs SET base_url = 'https://evil.example', api_key_encrypted = api_key_encrypted WHERE provider_name = 'vault'"
);
refused(
  'base_url by settings file', 'LA001',
  q{SELECT * FROM llm_admin.import_admin_settings('{"provider": "vault", "base_url": "https://evil.example"}')});
refused(
  'base_url by ON CONFLICT', 'LA001', "INSERT INTO $configs (provider_name, display_name, base_url,
    endpoint_path_template, request_builder_config, response_extractor_config, default_model)
  SELECT 'vault', 'x', 'https://evil.example', '/x', request_builder_config, response_extractor_config, 'm' FROM $configs
  WHERE provider_name = 'mine' ON CONFLICT (provider_name) DO UPDATE SET base_url = excluded.base_url");
refused(
  'base_url by MERGE', 'LA001',
  "MERGE INTO $configs AS p USING (VALUES ('vault')) AS v (name) ON p.provider_name = v.name
  WHEN MATCHED THEN UPDATE SET base_url = 'https://evil.example'");

# ---- how the key is sent -----------------------------------------------------------------------------------

refused("auth_scheme $_", 'LA001', "UPDATE $configs SET auth_scheme = \$1 WHERE provider_name = 'vault'", $_)
  for qw(api_key_header query_param none);
refused('auth_scheme of its own', 'LA001|23514',
  "UPDATE $configs SET auth_scheme = 'basic' WHERE provider_name = 'vault'");
my $set_template = "UPDATE $configs SET auth_header_template = \$1 WHERE provider_name = \$2";
foreach my $template (
  'X-Leak: {api_key}', 'Host: {api_key}', 'Referer: https://evil.example/{api_key}', 'Authorization: Basic {api_key}',
  "Authorization: Bearer {api_key}\r\nHost: evil.example", "Authorization: Bearer {api_key}\nX-A: {api_key}",
  '{api_key}', undef, '')
{
  refused('auth_header_template ' . (($template // 'null') =~ s/[\r\n]/?/gr), 'LA001', $set_template, $template,
    'vault');
}
refused('auth_header_template of a named header', 'LA001', $set_template, 'Authorization: Bearer {api_key}', 'named');
refused("query parameter $_", 'LA001', $set_template, $_, 'query')
  for 'callback', 'a&b', 'key#', "key\r\nHost: evil", 'url=https://evil.example?key';

# ---- endpoint, method, headers -----------------------------------------------------------------------------

foreach my $path (
  '//evil.example/x', '@evil.example/x', '.evil.example/x', ':8443/x', 'https://evil.example/x',
  "/x\r\nHost: evil.example",
  "/x HTTP/1.1\r\nHost: evil.example", '\\\\evil.example', '/\\evil.example', '/x#', '/{api_key}', '')
{
  foreach my $provider (qw(vault query))
  {
    refused(
      "endpoint of $provider " . ($path =~ s/[\r\n]/?/gr), 'LA001|23514',
      "UPDATE $configs SET endpoint_path_template = \$1 WHERE provider_name = \$2", $path, $provider);
  }
}
harmless('another path of the same origin',
  "UPDATE $configs SET endpoint_path_template = '/other' WHERE provider_name IN ('vault', 'query')");
harmless('a query in the path',
  "UPDATE $configs SET endpoint_path_template = '/other?next=https://evil.example/' WHERE provider_name IN ('vault', 'query')"
);
refused('method CONNECT', '23514', "UPDATE $configs SET http_method = 'CONNECT' WHERE provider_name = 'vault'");
foreach my $headers (
  '{"Host": "evil.example"}', '{"hOsT": "evil.example"}', '{"Authorization": "Bearer x"}', '{"AUTHORIZATION": "x"}',
  '{"X-Forwarded-Host": "evil.example"}', '{"Forwarded": "host=evil.example"}',
  '{"X-Original-URL": "//evil.example"}', '{"Cookie": "a"}',
  '{"X-Rewrite-URL": "//evil.example"}', '{"X-HTTP-Method": "GET"}', '{"X-Method-Override": "GET"}',
  '{"Proxy": "//evil.example"}', '{"Proxy-Connection": "keep-alive"}', '{"Keep-Alive": "timeout=5"}',
  '{"Expect": "100-continue"}', '{"HTTP2-Settings": "a"}',
  '{"X-A\r\nHost": "evil.example"}', '{"X-A": "x\r\nHost: evil.example"}', '{"X-A": "{api_key}"}',
  '{":authority": "evil.example"}',
  '{"X-A: b": "c"}', '{"": "x"}', '{"X-A": ["evil"]}', '{"Transfer-Encoding": "chunked"}',
  '{"Proxy-Authorization": "x"}', '["Host"]', '"Host: evil"',
  # U+010D and U+010A end a line where only the low byte of a character is sent, as C1's U+0085 may.
  '{"X-A": "x\u010d\u010aHost: evil"}', '{"X-A": "x\u0085Host: evil"}')
{
  refused("additional_headers $headers", 'LA001|23514',
    "UPDATE $configs SET additional_headers = \$1::jsonb WHERE provider_name = 'vault'", $headers);
}
refused(
  'additional_headers over the named one', 'LA001',
  q{UPDATE llm_admin.llm_provider_configs SET additional_headers = '{"x-vendor-KEY": "other"}' WHERE provider_name = 'named'}
);

# ---- mapping -----------------------------------------------------------------------------------------------

foreach
  my $source ('provider:api_key_encrypted', 'provider:api_key', 'provider:id', 'header:Authorization', 'keyring:1')
{
  refused(
    "a rule that reads $source", 'LA001',
    "UPDATE $configs SET request_builder_config = \$1::jsonb WHERE provider_name = 'vault'",
    sprintf $mapping, '', qq(, "path": "leak"}, "other": {"source": "$source"));
}
harmless('a mapping that fills the host by itself',
  "UPDATE $configs SET request_builder_config = \$1::jsonb WHERE provider_name = 'holes'", sprintf($mapping, '', ', "path": "url:x", "default": "evil"'));
like((grep { /^holes/ } requests())[0], qr/^holes LA002 /, 'still nothing fills the host');
is(value_of('service', q{SELECT config_status FROM llm_admin.list_providers() WHERE provider_name = 'holes'}),
  'incomplete', 'and the list says so');
harmless(
  'a rule that writes {api_key}',
  "UPDATE $configs SET request_builder_config = \$1::jsonb WHERE provider_name = 'vault'",
  sprintf $mapping, '', ', "default": "{api_key}"');

# ---- the application's own parameters ----------------------------------------------------------------------

my $with = sub {
  my ($more) = @_;
  return qq({"messages": [{"role": "user", "content": "{api_key}"}], "drop_params": true, $more});
};
foreach my $more (
  '"extra_body": {"url": "https://evil.example", "base_url": "https://evil.example", "headers": {"Host": "evil.example"}, "method": "GET"}',
  '"extra_body": {"Host": "evil.example", "api_key": "{api_key}"}', '"user": "{api_key}"', '"user": "evil.example/"',
  '"user": "x.evil.example"',
  map { qq("model_name": "$_") } '../../../x', '..', '.', '@evil.example', '//evil.example', '\\\\evil.example',
  'x\r\nHost: evil.example',
  'x?y#z', '%2e%2e', '.evil.example', ':8443', 'https://evil.example/', '{api_key}', '{x}')
{
  my @made = requests($with->($more));
  is(join("\n", astray(@made)), '', "params with $more: no key goes astray");
  my ($path) = grep { /^path/ } @made;
  like($path, qr{^path (?:LA002 |\Q$vendor\E/v1/models/(?!\.{0,2}:)[\w.~%-]*:generate )},
    "params with $more: one segment of the path");
}
foreach my $name (qw(url base_url headers endpoint_path_template provider auth_scheme with_key))
{
  my @made = map { /^(?:holes|mine)/ ? () : $_ }
    requests(qq({"messages": [{"role": "user", "content": "x"}], "$name": "https://evil.example"}));
  is(scalar(grep { !/^\w+ LA002 / } @made), 0, "a parameter $name is unknown to every provider");
}

stop_vendor();
done_testing();
