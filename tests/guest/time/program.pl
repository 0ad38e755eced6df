#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# tests/guest/time/program.pl - alarm, select, pipes and sleeps of Perl.
use strict;
use warnings;
use Time::HiRes qw(time sleep alarm clock_gettime CLOCK_MONOTONIC);

my $unit  = ($ENV{TIME_UNIT_NS} // 1e9) / 1e9;
my $begin = clock_gettime(CLOCK_MONOTONIC);

sub stamp {
    my $quarters = int((clock_gettime(CLOCK_MONOTONIC) - $begin) / $unit * 4 + 0.125);
    syswrite STDOUT, join(" ", $quarters / 4, @_) . "\n";
}

$SIG{ALRM} = sub { die "alarm\n" };
eval { alarm 1.5 * $unit; sleep 10 * $unit; };
stamp("died of", $@ =~ /alarm/ ? "alarm" : "?");
select undef, undef, undef, 0.75 * $unit;
stamp("select");
pipe my $read, my $write;
if (my $pid = fork) {
    close $write;
    while (my $line = <$read>) {
        chomp $line;
        stamp($line);
    }
    waitpid $pid, 0;
    stamp("code", $? >> 8);
} else {
    close $read;
    $write->autoflush(1);
    for my $number (1 .. 3) {
        sleep $unit;
        print $write "line $number\n";
    }
    exit 5;
}
my $seconds = 2 * $unit;
stamp("backticks", `sleep $seconds; echo -n hello`);
