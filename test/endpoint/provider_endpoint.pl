#!/usr/bin/perl
# A small provider on the loopback address, for the quickstart and the tests. Core Perl only.
#
#   provider_endpoint.pl --port-file FILE --key-file FILE [--parent PID] [--lifetime SECONDS]
#
# Listens on 127.0.0.1 at a port the system chooses and writes that port to --port-file. --key-file holds the
# one API key it accepts, which is printed nowhere. Ends on TERM or INT, when --parent (default: the process
# that started it) is gone, and after --lifetime (default 900).
#
# Answered, in the vendors' documented shapes:
#   POST .../chat/completions              OpenAI chat, usage included; `Authorization: Bearer KEY`; with
#                                          `stream` as events, the usage in the last one if it is asked for
#   POST .../responses                     OpenAI Responses: a reasoning item, then text in two parts
#   POST /v1beta/models/M:generateContent  Gemini; `x-goog-api-key: KEY`
#   GET  .../models                        list of models, for either kind of key
# Every answer repeats the last user message, so that a test can tell its own request. Token counts are
# counts of words: the same request always has the same usage. It is strict: an unknown top-level member of
# the body, a missing one, or one of the wrong type is a 400.
use strict;
use warnings;

use Errno ();
use Getopt::Long qw(GetOptions);
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();

my ($BODY_LIMIT, $HEADER_LIMIT, $READ_SECONDS) = (4 * 1024 * 1024, 64 * 1024, 10);

my %REASON = (
    200 => 'OK', 400 => 'Bad Request', 401 => 'Unauthorized', 403 => 'Forbidden', 404 => 'Not Found',
    405 => 'Method Not Allowed', 411 => 'Length Required', 413 => 'Payload Too Large',
);
my %CHAT_MEMBERS = map { $_ => 1 } qw(
    model messages temperature top_p n stop seed tools tool_choice parallel_tool_calls response_format
    reasoning_effort user metadata stream stream_options max_tokens max_completion_tokens presence_penalty
    frequency_penalty logit_bias logprobs top_logprobs service_tier store verbosity);
my %RESPONSES_MEMBERS = map { $_ => 1 } qw(
    model input instructions max_output_tokens temperature top_p text tools tool_choice parallel_tool_calls
    reasoning store previous_response_id user metadata stream service_tier include truncation);
my %GEMINI_MEMBERS = map { $_ => 1 } qw(
    contents systemInstruction generationConfig tools toolConfig safetySettings cachedContent);

my $json = JSON::PP->new->utf8->canonical;

my ($port_file, $key_file, $parent, $lifetime) = (undef, undef, getppid(), 900);
GetOptions('port-file=s' => \$port_file, 'key-file=s' => \$key_file, 'parent=i' => \$parent,
    'lifetime=i' => \$lifetime)
    && defined $port_file && defined $key_file && !@ARGV
    or die "usage: provider_endpoint.pl --port-file FILE --key-file FILE [--parent PID] [--lifetime SECONDS]\n";
my $key = first_line($key_file);

my $stop = 0;
$SIG{TERM} = $SIG{INT} = sub { $stop = 1 };
$SIG{PIPE} = 'IGNORE';
my $deadline = time + $lifetime;

my $server = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', Listen => 16, ReuseAddr => 1)
    or die "cannot listen on 127.0.0.1: $@\n";
write_whole($port_file, $server->sockport . "\n");

my $ready = IO::Select->new($server);
# A process of another user counts as alive: kill may not reach it, but knows that it is there.
while (!$stop && time < $deadline && (kill(0, $parent) || $!{EPERM})) {
    next unless $ready->can_read(0.5);
    my $client = $server->accept or next;
    serve($client);
    close $client;
}
unlink $port_file;
exit 0;

sub first_line {
    my ($path) = @_;
    open my $in, '<', $path or die "cannot read $path: $!\n";
    chomp(my $line = <$in> // '');
    close $in;
    die "$path holds no key\n" if $line eq '';
    return $line;
}

# A reader of the file sees nothing or all of it.
sub write_whole {
    my ($path, $text) = @_;
    open my $out, '>', "$path.new" or die "cannot write $path.new: $!\n";
    print {$out} $text;
    close $out or die "cannot write $path.new: $!\n";
    return rename("$path.new", $path) || die "cannot rename $path.new: $!\n";
}

# One connection, one request: it answers with `Connection: close`. A client that stalls is dropped.
sub serve {
    my ($client) = @_;
    my $answer = eval {
        local $SIG{ALRM} = sub { die "timeout\n" };
        alarm $READ_SECONDS;
        my $request = read_request($client) or return;
        return answer($request);
    };
    alarm 0;
    $answer = $@ if ref $@ eq 'HASH';
    return unless $answer;

    my $type = $answer->{events} ? 'text/event-stream' : 'application/json';
    my $body = $answer->{events}
        ? join('', map { 'data: ' . (ref $_ ? $json->encode($_) : $_) . "\n\n" } @{$answer->{events}})
        : $json->encode($answer->{body});
    my $head = "HTTP/1.1 $answer->{status} $REASON{$answer->{status}}\r\n"
        . "Content-Type: $type\r\nContent-Length: " . length($body) . "\r\n"
        . "x-request-id: req_local\r\nConnection: close\r\n\r\n";
    return print {$client} $head, $body;
}

sub read_request {
    my ($client) = @_;
    my $buffer = '';
    until ($buffer =~ /\r\n\r\n/) {
        more($client, \$buffer) or return;
        openai_error(413, 'request header is too large') if length $buffer > $HEADER_LIMIT;
    }
    my ($head, $body) = split /\r\n\r\n/, $buffer, 2;
    my ($first, @lines) = split /\r\n/, $head;
    my ($method, $target) = $first =~ m{^([A-Z]+) (\S+) HTTP/1\.[01]$}
        or openai_error(400, 'this is not an HTTP/1.1 request');
    my %header;
    for (@lines) {
        my ($name, $value) = /^([^:\s]+):[ \t]*(.*?)[ \t]*$/ or openai_error(400, 'malformed header line');
        $header{lc $name} = $value;
    }
    openai_error(411, 'send the body with a Content-Length') if exists $header{'transfer-encoding'};
    my $length = $header{'content-length'} // 0;
    openai_error(400, 'malformed Content-Length') if $length !~ /^[0-9]{1,9}$/;
    openai_error(413, 'request body is too large') if $length > $BODY_LIMIT;
    if (lc($header{expect} // '') eq '100-continue' && length $body < $length) {
        print {$client} "HTTP/1.1 100 Continue\r\n\r\n";
        $client->flush;
    }
    while (length $body < $length) { more($client, \$body) or return }
    my ($path) = split /\?/, $target, 2;
    return {method => $method, path => $path, header => \%header, body => substr($body, 0, $length)};
}

sub more { return sysread $_[0], ${$_[1]}, 65536, length ${$_[1]} }

sub answer {
    my ($request) = @_;
    my ($method, $path) = @{$request}{qw(method path)};
    if ($path =~ m{/chat/completions$}) { return post($request, \&chat) }
    if ($path =~ m{/responses$})        { return post($request, \&responses) }
    if ($path =~ m{^/v1beta/models/([^/:]+):generateContent$}) {
        my $model = $1;
        gemini_error(405, 'METHOD_NOT_ALLOWED', 'use POST') if $method ne 'POST';
        check_gemini_key($request);
        return gemini($request, $model);
    }
    if ($path =~ m{/models$}) {
        openai_error(405, "Not allowed to $method on $path.") if $method ne 'GET';
        exists $request->{header}{'x-goog-api-key'} ? check_gemini_key($request) : check_bearer($request);
        my %model = (id => 'demo-model', object => 'model', created => 1735689600, owned_by => 'local');
        return ok({object => 'list', data => [\%model]});
    }
    return openai_error(404, "Invalid URL ($method $path)");
}

sub post {
    my ($request, $handler) = @_;
    openai_error(405, "Not allowed to $request->{method} on $request->{path}.") if $request->{method} ne 'POST';
    check_bearer($request);
    my $body = eval { $json->decode($request->{body}) };
    openai_error(400, 'We could not parse the JSON body of your request.') if ref $body ne 'HASH';
    return $handler->($body);
}

sub ok { return {status => 200, body => $_[0]} }

# The two errors are thrown; serve() sends them.
sub openai_error {
    my ($status, $message, $code, $param) = @_;
    die {status => $status, body => {error => {
        message => $message, type => 'invalid_request_error', param => $param, code => $code}}};
}

sub gemini_error {
    my ($status, $name, $message) = @_;
    die {status => $status, body => {error => {code => $status, message => $message, status => $name}}};
}

sub check_bearer {
    my ($request) = @_;
    my $given = $request->{header}{authorization} // '';
    openai_error(401, q{You didn't provide an API key. Send it as `Authorization: Bearer YOUR_KEY`.}) if $given eq '';
    return $given eq "Bearer $key" || openai_error(401, 'Incorrect API key provided.', 'invalid_api_key');
}

sub check_gemini_key {
    my ($request) = @_;
    return ($request->{header}{'x-goog-api-key'} // '') eq $key
        || gemini_error(401, 'UNAUTHENTICATED', 'API key not valid. Please pass a valid API key.');
}

sub only_known {
    my ($body, $known) = @_;
    for (sort keys %{$body}) {
        openai_error(400, "Unknown parameter: '$_'.", 'unknown_parameter', $_) if !$known->{$_};
    }
    return;
}

sub require_model {
    my ($body) = @_;
    openai_error(400, 'you must provide a model parameter', undef, 'model')
        if ref $body->{model} || ($body->{model} // '') eq '';
    return $body->{model};
}

sub words { my @words = split ' ', join(' ', @_); return scalar @words }

# Text of a message's content: a string, or an array of parts with a text member.
sub text_of {
    my ($content) = @_;
    return $content // '' if !ref $content;
    return join ' ', map { ref $_ eq 'HASH' && !ref $_->{text} ? $_->{text} // '' : '' }
        ref $content eq 'ARRAY' ? @{$content} : ();
}

# Last user text and the number of words in all messages.
sub read_messages {
    my ($messages, $param) = @_;
    openai_error(400, "Invalid type for '$param': expected a non-empty array.", 'invalid_type', $param)
        if ref $messages ne 'ARRAY' || !@{$messages};
    my ($last, $count, $index) = ('', 0, 0);
    for (@{$messages}) {
        openai_error(400, "Invalid '$param\[$index]': expected an object with a role.", undef, "$param\[$index]")
            if ref $_ ne 'HASH' || ref $_->{role} || ($_->{role} // '') eq '';
        my $text = text_of($_->{content});
        $last = $text if $_->{role} eq 'user';
        $count += words($text);
        $index++;
    }
    return ($last, $count);
}

sub chat {
    my ($body) = @_;
    only_known($body, \%CHAT_MEMBERS);
    my $model = require_model($body);
    my ($last, $prompt) = read_messages($body->{messages}, 'messages');
    my $text = "You said: $last";
    my %usage = (prompt_tokens => $prompt, completion_tokens => words($text),
        total_tokens => $prompt + words($text), prompt_tokens_details => {cached_tokens => 0},
        completion_tokens_details => {reasoning_tokens => 0});
    return chat_stream($body, $model, $text, \%usage) if $body->{stream};
    return ok({
        id => 'chatcmpl-local', object => 'chat.completion', created => 1735689600, model => $model,
        choices => [{index => 0, finish_reason => 'stop', logprobs => undef,
            message => {role => 'assistant', content => $text, refusal => undef}}],
        usage => \%usage});
}

sub chat_stream {
    my ($body, $model, $text, $usage) = @_;
    my $chunk = sub {
        my ($choices, %more) = @_;
        return {id => 'chatcmpl-local', object => 'chat.completion.chunk', created => 1735689600, model => $model,
            choices => $choices, %more};
    };
    my $delta = sub { $chunk->([{index => 0, delta => $_[0], finish_reason => $_[1]}]) };
    my @events = ($delta->({role => 'assistant', content => ''}),
        (map { $delta->({content => $_}) } $text =~ /\S+\s*/g), $delta->({}, 'stop'));
    my $options = $body->{stream_options};
    push @events, $chunk->([], usage => $usage) if ref $options eq 'HASH' && $options->{include_usage};
    return {status => 200, events => [@events, '[DONE]']};
}

sub responses {
    my ($body) = @_;
    only_known($body, \%RESPONSES_MEMBERS);
    my $model = require_model($body);
    my ($last, $prompt) = ref $body->{input}
        ? read_messages($body->{input}, 'input') : ($body->{input} // '', words($body->{input} // ''));
    openai_error(400, "Missing required parameter: 'input'.", 'missing_required_parameter', 'input') if !$prompt;
    $prompt += words(text_of($body->{instructions}));
    my @parts = ('You said: ', $last);
    my ($reasoning, $output) = (4, 4 + words(@parts));
    return ok({
        id => 'resp_local', object => 'response', created_at => 1735689600, status => 'completed',
        error => undef, incomplete_details => undef, model => $model,
        output => [
            {type => 'reasoning', id => 'rs_local', summary => [{type => 'summary_text', text => 'Repeat it.'}]},
            {type => 'message', id => 'msg_local', role => 'assistant', status => 'completed', content => [
                map { +{type => 'output_text', text => $_, annotations => []} } @parts]}],
        usage => {input_tokens => $prompt, input_tokens_details => {cached_tokens => 0},
            output_tokens => $output, output_tokens_details => {reasoning_tokens => $reasoning},
            total_tokens => $prompt + $output}});
}

sub gemini {
    my ($request, $model) = @_;
    my $body = eval { $json->decode($request->{body}) };
    gemini_error(400, 'INVALID_ARGUMENT', 'Invalid JSON payload received.') if ref $body ne 'HASH';
    for (sort keys %{$body}) {
        gemini_error(400, 'INVALID_ARGUMENT', "Unknown name \"$_\": Cannot find field.") if !$GEMINI_MEMBERS{$_};
    }
    my $contents = $body->{contents};
    gemini_error(400, 'INVALID_ARGUMENT', 'contents is not specified') if ref $contents ne 'ARRAY' || !@{$contents};
    my ($last, $prompt) = ('', 0);
    for (@{$contents}) {
        gemini_error(400, 'INVALID_ARGUMENT', 'contents.parts must not be empty.')
            if ref $_ ne 'HASH' || ref $_->{parts} ne 'ARRAY' || !@{$_->{parts}};
        my $text = text_of($_->{parts});
        $last = $text if ($_->{role} // 'user') eq 'user';
        $prompt += words($text);
    }
    my $text = "You said: $last";
    return ok({
        candidates => [{index => 0, finishReason => 'STOP', content => {role => 'model', parts => [{text => $text}]}}],
        usageMetadata => {promptTokenCount => $prompt, candidatesTokenCount => words($text),
            thoughtsTokenCount => 0, totalTokenCount => $prompt + words($text)},
        modelVersion => $model, responseId => 'local'});
}
