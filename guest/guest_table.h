/* SPDX-License-Identifier: Apache-2.0 */
/* guest/guest_table.h - who is there: birth and end of threads and processes. */
#ifndef GUEST_TABLE_H
#define GUEST_TABLE_H

#include "guest/supervisor_internal.h"

/* Null: too many, or out of memory. parent may be null. */
struct guest_process *guest_table_add_process(struct supervisor *s, pid_t pid,
                                              struct guest_process *parent, bool same_memory);
struct guest_thread *guest_table_add_thread(struct supervisor *s, struct guest_process *process,
                                            pid_t tid);
/* The kernel knows it by another identifier from now on. */
void guest_table_rename_thread(struct supervisor *s, struct guest_thread *t, pid_t tid);
/* The thread is gone: nobody waits for it or is woken by it any more. */
void guest_table_remove_thread(struct supervisor *s, struct guest_thread *t);
/* All threads of a process that has ended; the process stays, dead. */
void guest_table_end_process(struct supervisor *s, struct guest_process *process);
/* Forgets a dead process. */
void guest_table_forget(struct supervisor *s, struct guest_process *process);
/* Kills all that live and awaits their ends. Before the listener is closed: a call that waits for
 * an answer would return ENOSYS then, and its thread would go on. */
void guest_table_kill(struct supervisor *s);
/* After guest_table_kill(). */
void guest_table_free(struct supervisor *s);

/* The last part of a path, as a guest gave it: what cannot be printed becomes '?'. */
void guest_process_rename(char name[static GUEST_NAME_SIZE], const char *path);

/* Keeps the count of unsettled threads: the one place where a state is written. */
void guest_set_state(struct supervisor *s, struct guest_thread *t, enum guest_thread_state state);
void guest_ready_push(struct supervisor *s, struct guest_thread *t);
struct guest_thread *guest_ready_pop(struct supervisor *s);

#endif
