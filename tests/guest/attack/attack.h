/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/attack/attack.h - the attacks that have files of their own. */
#ifndef TESTS_GUEST_ATTACK_ATTACK_H
#define TESTS_GUEST_ATTACK_ATTACK_H

/* Every call that a supervisor answers, with every kind of wild argument in every place. */
void attack_pointers(void);
/* Calls and arguments by chance, the same in each run. */
void attack_random(void);
/* What the supervisor has put into the process: gone, or full of rubbish. */
void attack_page_unmap(void);
void attack_page_write(void);

#endif
