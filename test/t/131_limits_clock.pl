# Limits by a simulated clock: how much a minute lets through, windows of the calendar, a clock that steps back, and tickets
# that are overdue.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Limits qw(clock_cases);
use LlmAdmin::Session qw(new_node);
use Test::More;

clock_cases(new_node('limits_clock'));
done_testing();
