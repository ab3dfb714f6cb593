package LlmAdmin::Trials;

# Trials: one input of a kind that went wrong somewhere, and what must be true of what comes out. A file of
# test/trials holds {kind: build | extract | stream | operation | replay, provider, input, http_status, headers, want}.
# `want` is a set of checks, all of which must hold: body, result, headers (a part of the value; null in an array
# stands for anything, null as a member for absent), absent, not_null (pointers), match (pointer => regular
# expression), equal, distinct, less (of two pointers), count, type (an object stands there), order (the `type` members
# of an array), contains (in the whole result's text), url_contains, error_contains, no_error, either.
use strict;
use warnings;

use Exporter 'import';
use JSON::PP;
use List::Util qw(all any);

our @EXPORT_OK = qw(run_trial holds);

my $json = JSON::PP->new->utf8(0)->allow_nonref->canonical;
# What `contains` is looked for in: a blank after each comma and colon.
my $spaced = JSON::PP->new->utf8(0)->allow_nonref->canonical->space_after;

sub dollar { my ($text) = @_; return "\$trial\$$text\$trial\$" }

sub ask
{
  my ($node, $sql) = @_;
  my ($rc, $out, $error) = $node->psql('postgres', "SET search_path = llm_admin, public;\n$sql");
  utf8::decode($out);
  return { sql_error => $error } if $rc != 0 || $out eq '';
  return $json->decode($out);
}

sub built
{
  my ($node, $input, $provider) = @_;
  my $text = $json->encode($input);
  return ask($node, "SELECT jsonb_build_object('url', url, 'headers', headers, 'body', body::jsonb) "
      . 'FROM build_request_text(' . dollar($text) . "::json, '$provider')");
}

# What the functions say, or {sql_error}.
sub run_trial
{
  my ($node, $trial) = @_;
  my ($kind, $provider, $input) = @$trial{qw(kind provider input)};
  my $status = $trial->{http_status} // 'NULL';
  my $headers = $trial->{headers} ? dollar($json->encode($trial->{headers})) . '::jsonb' : 'NULL';
  my $body = ref $input ? $json->encode($input) : $input;
  return built($node, $input, $provider) if $kind eq 'build';
  if ($kind eq 'replay')
  {
    my $answer = ref $input->{answer} ? $json->encode($input->{answer}) : $input->{answer};
    my $message = ask($node, "SELECT read_answer(" . dollar($answer) . ", '$provider', 200) -> 'message'");
    return $message if ref $message eq 'HASH' && exists $message->{sql_error};
    return built($node, { %{ $input->{params} }, messages => [@{ $input->{before} }, $message, @{ $input->{after} }] },
      $provider);
  }
  return ask($node, 'SELECT read_answer(' . dollar($body) . ", '$provider', $status, $headers)")
    if $kind eq 'extract' || $kind eq 'stream';
  return ask($node, "SELECT read_operation('$trial->{operation}', " . dollar($body) . ", '$provider', 200)")
    if ($trial->{direction} // '') eq 'extract';
  return ask($node, "SELECT jsonb_build_object('url', url, 'body', body::jsonb) FROM build_request_text("
      . dollar($body) . "::json, '$provider', '{\"operation\": \"$trial->{operation}\"}')");
}

sub at
{
  my ($value, $pointer) = @_;
  $pointer =~ s{^/}{};
  foreach my $token (split m{/}, $pointer)
  {
    if    (ref $value eq 'ARRAY') { $value = $token =~ /^\d+$/ && $token < @$value ? $value->[$token] : undef }
    elsif (ref $value eq 'HASH')  { $value = $value->{$token} }
    else                          { return undef }
  }
  return $value;
}

sub same { my ($one, $other) = @_; return $json->encode($one) eq $json->encode($other) }

sub part_of
{
  my ($want, $got) = @_;
  return 1 unless defined $want;
  if (ref $want eq 'HASH')
  {
    return ref $got eq 'HASH'
      && all { defined $want->{$_} ? part_of($want->{$_}, $got->{$_}) : !defined $got->{$_} } keys %$want;
  }
  if (ref $want eq 'ARRAY')
  {
    return ref $got eq 'ARRAY' && @$got >= @$want && all { part_of($want->[$_], $got->[$_]) } 0 .. $#$want;
  }
  my ($one, $other) = map { $json->encode($_) } $want, $got;
  return $one eq $other || $one =~ /^-?\d/ && $other =~ /^-?\d/ && $one == $other;
}

sub length_at { my ($value) = @_; return ref $value eq 'ARRAY' ? @$value : ref $value eq 'HASH' ? keys %$value : 0 }

my %check = (
  body => sub { my ($w, $g) = @_; part_of($w, $g->{body}) },
  result => sub { my ($w, $g) = @_; part_of($w, $g) },
  headers => sub { my ($w, $g) = @_; part_of($w, $g->{headers}) },
  absent => sub { my ($w, $g) = @_; all { !defined at($g, $_) } @$w },
  not_null => sub { my ($w, $g) = @_; all { defined at($g, $_) } @$w },
  match => sub {
    my ($w, $g) = @_;
    all { my $v = at($g, $_); defined $v && !ref $v && $v =~ /$w->{$_}/s } keys %$w;
  },
  equal => sub { my ($w, $g) = @_; same(at($g, $w->[0]), at($g, $w->[1])) },
  distinct => sub { my ($w, $g) = @_; !same(at($g, $w->[0]), at($g, $w->[1])) },
  less => sub {
    my ($w, $g) = @_;
    my ($one, $other) = map { at($g, $_) } @$w;
    defined $one && defined $other && $one < $other;
  },
  contains => sub { my ($w, $g) = @_; index($spaced->encode($g), $w) >= 0 },
  count => sub { my ($w, $g) = @_; all { length_at(at($g, $_)) == $w->{$_} } keys %$w },
  type => sub { my ($w, $g) = @_; all { ref at($g, $_) eq 'HASH' } keys %$w },
  order => sub {
    my ($w, $g) = @_;
    all { same([map { $_->{type} } @{ at($g, $_) // [] }], $w->{$_}) } keys %$w;
  },
  url_contains => sub { my ($w, $g) = @_; index($g->{url} // '', $w) >= 0 },
);

# Whether all checks of `want` hold.
sub holds
{
  my ($want, $got) = @_;
  my $error = ref $got eq 'HASH' ? $got->{sql_error} : undef;
  foreach my $name (sort keys %$want)
  {
    my $w = $want->{$name};
    my $ok;
    if    ($name eq 'either')         { $ok = any { holds($_, $got) } @$w }
    elsif ($name eq 'error_contains') { $ok = defined $error && index($error, $w) >= 0 }
    elsif ($name eq 'no_error')       { $ok = !defined $error }
    elsif (defined $error)            { $ok = 0 }
    else                              { $ok = ($check{$name} // die "unknown check $name\n")->($w, $got) }
    return 0 unless $ok;
  }
  return 1;
}

1;
