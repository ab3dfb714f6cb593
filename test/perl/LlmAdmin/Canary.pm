# Marked keys, and the search for their marks in whatever form they may have taken.
#
#   my $key = canary('name');            # a new key that nobody else has
#   found_in($text, qr/^name/);          # "name (raw), name (base64 at 1)": those of matching names in the text
#
# A part of a key is found as long as it holds the whole mark, the 16 random characters in its middle.
package LlmAdmin::Canary;

use strict;
use warnings;

use Exporter 'import';
use MIME::Base64;

our @EXPORT_OK = qw(canary found_in);

my %mark;    # name -> 16 random hex digits, the part of a key that is looked for

sub random_hex
{
  my ($count) = @_;
  open my $random, '<:raw', '/dev/urandom' or die "no random bytes: $!";
  read($random, my $bytes, $count / 2) or die 'no random bytes';
  close $random;
  return unpack 'H*', $bytes;
}

# A new key that nobody else has.
sub canary
{
  my ($name) = @_;
  $mark{$name} = random_hex(16);
  return "sk-proj-$mark{$name}-$name";
}

# All that a mark may look like: itself, hex of its bytes (which are digits and a to f, so their hex has no
# letters), base64 from any of the three offsets.
sub forms
{
  my ($text) = @_;
  my %form = (raw => $text, hex => unpack('H*', $text));
  foreach my $offset (0 .. 2)
  {
    (my $encoded = encode_base64(('.' x $offset) . $text, '')) =~ s/=+$//;
    # The characters at both ends depend on the neighbours.
    $form{"base64 at $offset"} = substr $encoded, $offset ? $offset + 1 : 0, -2;
  }
  return %form;
}

# "name (form)" for each canary in the text, those of the names that match only.
sub found_in
{
  my ($text, $names) = @_;
  my %what;
  foreach my $name (grep { $_ =~ $names } keys %mark)
  {
    my %form = forms($mark{$name});
    $what{ $form{$_} } = "$name ($_)" for keys %form;
  }
  my $any = join '|', map { quotemeta } keys %what;
  my %seen;
  $seen{ $what{$1} }++ while $text =~ /($any)/g;
  return join ', ', sort keys %seen;
}

1;
