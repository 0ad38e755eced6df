/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios/explore/explore_seat.c - the reference master in this process. */
#include "scenarios/explore/explore_seat.h"

#include "master/ota_backup.h"
#include "master/ota_package.h"
#include "scenarios/explore/explore_world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void master_stepped(void *ctx, sim_ns_t now_ns)
{
    struct explore_world *world = ctx;
    (void)now_ns;
    explore_world_look(world);
    if (world->on_step != NULL) {
        world->on_step(world);
    }
}

static void master_done(void *ctx, sim_ns_t now_ns)
{
    struct explore_world *world = ctx;
    (void)now_ns;
    sim_stop(&world->sim);
}

static void master_port(void *ctx, struct ota_port *port)
{
    struct explore_world *world = ctx;
    if (world->on_port != NULL) {
        world->on_port(world->port_ctx, port);
    }
}

/* As the program does it, from a file. */
static int read_package(struct explore_world *world, struct err *err)
{
    struct ota_job *job = &world->job;
    ota_image_release(&world->package_image);
    job->trouble = (struct ota_trouble){.why = OTA_WHY_NONE};
    job->image = &world->new_image;
    if (world->package == NULL) {
        return 0;
    }
    const int fd = memfd_create("package", MFD_CLOEXEC);
    if (fd < 0 || write(fd, world->package, world->package_len) != (ssize_t)world->package_len) {
        const int why = errno;
        (void)close(fd);
        return err_set(err, ERR_IO, "a package in memory: %s", strerror(why));
    }
    (void)snprintf(job->image_path, sizeof job->image_path, "/proc/self/fd/%d", fd);
    const bool good = ota_package_load(job, &world->package_image, &job->trouble);
    job->image = good ? &world->package_image : NULL;
    job->image_path[0] = '\0';
    (void)close(fd);
    return 0;
}

static int start(void *ctx, struct explore_world *world, bool first, struct err *err)
{
    struct ota_error why = {.code = 0};
    const struct master_node_ops ops = {
        .ctx = world, .on_step = master_stepped, .on_done = master_done, .on_port = master_port};
    (void)ctx;
    master_node_release(&world->master);
    int rc = read_package(world, err);
    rc = rc != 0 ? rc
                 : master_node_init(&world->master, s12x_ecu_base(world->target)->bus, &world->job,
                                    &world->files, &ops, world->sim.now_ns, err);
    if (rc == 0 && first &&
        ota_backup_add(&world->master.port, &world->old_image, EXPLORE_OLD_VERSION, &why) != 0) {
        return err_set(err, ERR_IO, "%s", why.text);
    }
    return rc;
}

static void run(void *ctx, struct explore_world *world, sim_ns_t until_ns)
{
    (void)ctx;
    sim_run_until(&world->sim, until_ns);
}

static enum explore_claim claim(const void *ctx, const struct explore_world *world)
{
    (void)ctx;
    if (!world->master.done) {
        return EXPLORE_CLAIMS_NOTHING;
    }
    const enum ota_result_code code = world->master.report.code;
    switch (code) {
    case OTA_SUCCESS:
    case OTA_UP_TO_DATE: return EXPLORE_CLAIMS_SUCCESS;
    case OTA_INTERRUPTED: return EXPLORE_CLAIMS_INTERRUPTED;
    case OTA_ROLLED_BACK: return explore_world_claim_of_rollback(world);
    case OTA_REFUSED:
    case OTA_CANCELLED:
    case OTA_FAILED_OLD:
    case OTA_PARTIAL:
    case OTA_FAILED_SAFE: break;
    }
    return EXPLORE_CLAIMS_NO_SUCCESS;
}

static const struct can_node *node(const void *ctx, const struct explore_world *world)
{
    (void)ctx;
    return &world->master.node;
}

static void leave(void *ctx, struct explore_world *world)
{
    (void)ctx;
    master_node_release(&world->master);
}

static uint64_t digest(const void *ctx, const struct explore_world *world)
{
    (void)ctx;
    return ota_master_state_hash(world->master.master) * 31 + (uint64_t)world->master.report.code;
}

const struct explore_seat explore_seat_in_process = {
    .start = start, .run = run, .claim = claim, .node = node, .leave = leave, .digest = digest};
