/* SPDX-License-Identifier: Apache-2.0 */
/* tests/reports/print_play.c - prints a play as the page has it, for checks that are not in C.
 * usage: print_play sample BLOCKS | text TEXT */
#include "reports/html_play.h"
#include "tests/reports/sample_timeline.h"

#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    struct timeline timeline;
    struct finding finding = {.at_ns = SIM_NEVER};
    struct play_result play = {.findings = &finding, .findings_len = 1};
    char folder[] = "plays/PWR-04";
    if (argc != 3) {
        return 2;
    }
    const bool sample = strcmp(argv[1], "sample") == 0;
    if (sample) {
        sample_timeline_make(&timeline, (unsigned)strtoul(argv[2], NULL, 10));
    } else {
        sample_timeline_make_of(&timeline, argv[2]);
    }
    play.folder = sample ? folder : argv[2];
    html_play_print(&(struct html){stdout},
                    &(struct html_play){.id = "PWR-04-1",
                                        .of = &(struct case_result){.id = folder},
                                        .play = &play,
                                        .timeline = &timeline,
                                        .output = argv[2],
                                        .output_len = strlen(argv[2])});
    timeline_release(&timeline);
    return ferror(stdout) ? 1 : 0;
}
