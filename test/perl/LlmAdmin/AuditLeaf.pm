# Leaves and commitments of the audit log by another hand than the library's: docs/audit.md in Perl. Shares no code.
package LlmAdmin::AuditLeaf;
use strict;
use warnings;
use Digest::SHA qw(sha256);
use Exporter qw(import);
our @EXPORT_OK = qw(canonical_json commitment leaf);

sub counted { my ($bytes) = @_; return pack('N', length $bytes) . $bytes }
sub field   { my ($bytes) = @_; return defined $bytes ? "\1" . counted($bytes) : "\0" }

# JSON text (bytes) to canonical bytes; digits stay as they are written.
sub canonical_json {
  my ($text) = @_;
  my $value;
  $value = sub {
    $text =~ /\G\s+/gc;
    return 'n' if $text =~ /\Gnull/gc;
    return 't' if $text =~ /\Gtrue/gc;
    return 'f' if $text =~ /\Gfalse/gc;
    return 'd' . counted($1) if $text =~ /\G(-?[0-9][0-9.eE+-]*)/gc;
    return 's' . counted(string()) if $text =~ /\G(?=")/gc;
    if ($text =~ /\G\[\s*/gc) {
      my @elements;
      until ($text =~ /\G\s*\]/gc) { push @elements, $value->(); $text =~ /\G\s*,/gc }
      return 'a' . pack('N', scalar @elements) . join '', @elements;
    }
    if ($text =~ /\G\{\s*/gc) {
      my %members;
      until ($text =~ /\G\s*\}/gc) {
        $text =~ /\G\s+/gc;
        my $key = string();
        $text =~ /\G\s*:/gc or die 'no colon';
        $members{$key} = $value->();
        $text =~ /\G\s*,/gc;
      }
      return 'o' . pack('N', scalar keys %members)
        . join '', map { counted($_) . $members{$_} } sort { length $a <=> length $b || $a cmp $b } keys %members;
    }
    die 'no JSON at ' . (pos($text) // 0);
  };
  # A string's bytes; escapes as the server writes them.
  no warnings 'redefine';
  local *string = sub {
    $text =~ /\G"((?:[^"\\]|\\.)*)"/gcs or die 'no string';
    my $raw = $1;
    my %one = (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t");
    $raw =~ s/\\(?:u([0-9a-f]{4})|(.))/defined $1 ? chr hex $1 : $one{$2} \/\/ $2/gesi;
    return $raw;
  };
  return $value->();
}
sub string { die 'outside of canonical_json' }

sub json_field { my ($text) = @_; return field(defined $text ? canonical_json($text) : undef) }

# Salt in bytes, old and new as JSON text or undef.
sub commitment {
  my ($salt, $old, $new) = @_;
  return sha256("\3" . $salt . json_field($old) . json_field($new));
}

sub inet_bytes {
  my ($text) = @_;
  return undef unless defined $text;
  my ($address, $mask) = split m{/}, $text;
  return pack('CCC4', 4, $mask // 32, split /\./, $address) if $address !~ /:/;
  require Socket;
  return pack('CC', 6, $mask // 128) . Socket::inet_pton(Socket::AF_INET6(), $address);
}

# A row: id, microseconds, tenant_id, user_id, session_user_name, action_type, resource_type, resource_id, details (JSON
# text), ip_address (text), user_agent, commitment (bytes).
sub leaf {
  my ($row) = @_;
  return "\1" . sha256(join '', "\0\1",
    (map { field(pack 'q>', $row->{$_}) } qw(id microseconds)),
    (map { field($row->{$_}) } qw(tenant_id user_id session_user_name action_type resource_type resource_id)),
    json_field($row->{details}), field(inet_bytes($row->{ip_address})), field($row->{user_agent}),
    field($row->{commitment}));
}

1;
