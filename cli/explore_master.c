/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explore_master.c - the master of a sweep as a guest: its adapter, and where it works. */
#include "cli/explore.h"
#include "cli/run_report.h"
#include "scenarios/engine/case_play.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* In memory where there is such a folder: a sweep writes small files by the thousand. */
static int make_temporary(struct explore_master *master, struct err *err)
{
    static const char memory[] = "/dev/shm";
    const char *temporary = getenv("TMPDIR");
    const char *base = access(memory, W_OK | X_OK) == 0 ? memory
                       : temporary != NULL              ? temporary
                                                        : "/tmp";
    (void)snprintf(master->folder, sizeof master->folder, "%s/limphome-XXXXXX", base);
    return mkdtemp(master->folder) != NULL
               ? 0
               : err_set(err, ERR_IO, "%s: cannot be made: %s", master->folder, strerror(errno));
}

static int make_kept(struct explore_master *master, const char *keep, struct err *err)
{
    if (mkdir(keep, 0755) != 0 && errno != EEXIST) {
        return err_set(err, ERR_IO, "%s: cannot be made: %s", keep, strerror(errno));
    }
    char *plain = realpath(keep, NULL);
    const bool fits = plain != NULL && strlen(plain) < sizeof master->folder;
    if (fits) {
        memcpy(master->folder, plain, strlen(plain) + 1);
    }
    free(plain);
    return fits ? 0 : err_set(err, ERR_IO, "%s: is no folder that can be used", keep);
}

int cli_explore_master_open(struct explore_master *master, struct explore_arguments *a,
                            const char *keep, struct err *err)
{
    *master = (struct explore_master){.adapter = calloc(1, sizeof *master->adapter)};
    int rc = master->adapter != NULL ? cli_load_master(a->master, master->adapter, err)
                                     : err_set(err, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    if (rc == 0) {
        rc = keep != NULL ? make_kept(master, keep, err) : make_temporary(master, err);
    }
    if (rc != 0) {
        master->folder[0] = '\0';
        return rc;
    }
    master->guest = (struct explore_guest_cfg){
        .adapter = master->adapter,
        .folder = master->folder,
        .preload_path = cli_find_preload(master->preload, sizeof master->preload),
        .keep_folder = keep != NULL};
    explore_guest_fit(master->adapter, &a->power.world);
    return 0;
}

void cli_explore_master_release(struct explore_master *master)
{
    if (master->folder[0] != '\0' && !master->guest.keep_folder) {
        case_play_remove(master->folder);
    }
    free(master->adapter);
    *master = (struct explore_master){.adapter = NULL};
}
