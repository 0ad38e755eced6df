/* SPDX-License-Identifier: Apache-2.0 */
/* master/ota_campaign.c - what is to be done with the ECU that was found: nothing, everything, the
 * rest of what was cut, or the way back. */
#include "master/ota_inventory.h"
#include "master/ota_machine.h"
#include "master/ota_package.h"

#include <inttypes.h>
#include <string.h>

enum { SMALL_FILES_BYTES = 32 * 1024 };

static void refuse(struct ota_master *m, uint64_t now_ns)
{
    ota_end(m, OTA_REFUSED, now_ns);
}

static bool image_unchanged(const struct ota_image *image)
{
    uint8_t sha256[OTA_SHA256_LEN];
    ota_image_content_hash(image, sha256);
    return memcmp(sha256, image->content_sha256, sizeof sha256) == 0;
}

static bool check_image(struct ota_master *m)
{
    const struct ota_job *job = m->job;
    struct ota_trouble trouble = job->trouble;
    if (trouble.why == OTA_WHY_NONE && (!job->image || job->image->segments_len == 0)) {
        trouble = (struct ota_trouble){.why = OTA_WHY_FORMAT, .text = "there is no image"};
    }
    if (trouble.why != OTA_WHY_NONE ||
        !ota_package_is_declared(job, job->image->file_bytes, job->image->sha256, &trouble)) {
        ota_reason(m, trouble.why, "%s", trouble.text);
        return false;
    }
    if (!image_unchanged(job->image)) {
        ota_reason(m, OTA_WHY_INTEGRITY, "the image has changed in memory since it was read");
        return false;
    }
    return true;
}

bool ota_campaign_check(struct ota_master *m, uint64_t now_ns)
{
    const bool unread = m->journal.error != 0 && m->job->action != OTA_ACTION_NONE;
    if (unread) {
        ota_reason(m, OTA_WHY_STORAGE, "the journal cannot be read: %.100s",
                   strerror(-m->journal.error));
    } else if (m->job->action != OTA_ACTION_UPDATE || check_image(m)) {
        return true;
    }
    /* An earlier life may have begun: then its traces go, and a right package can go on. */
    const struct ota_record *record = &m->progress;
    bool begun = m->recorded && strcmp(record->campaign, m->job->campaign) == 0 &&
                 record->erase != OTA_ERASE_NONE;
    m->touched = m->recorded && record->quiet;
    ota_end(m, begun || unread ? OTA_INTERRUPTED : OTA_REFUSED, now_ns);
    return false;
}

static void use_image(struct ota_master *m, const struct ota_image *image, const char *version)
{
    m->image = image;
    memcpy(m->version, version, strlen(version) + 1);
}

/* Backups newest first, until one is whole and wanted. */
typedef bool wanted_fn(const struct ota_master *m, const struct ota_backup *backup,
                       const struct ota_image *image);

static bool load_backup(struct ota_master *m, wanted_fn *wanted)
{
    struct ota_backups backups;
    struct ota_error error;
    if (ota_backups_read(m->port, &backups) != 0) {
        ota_log(m, "the list of backups cannot be read");
    }
    for (size_t i = 0; i < backups.len; i++) {
        const struct ota_backup *backup = &backups.list[i];
        ota_image_release(&m->stored);
        if (ota_backup_load(m->port, backup, &m->stored, &error) != 0) {
            ota_log(m, "%s", error.text);
            continue;
        }
        if (!wanted(m, backup, &m->stored)) {
            continue;
        }
        m->staged = *backup;
        use_image(m, &m->stored, backup->version);
        return true;
    }
    return false;
}

static bool is_recorded(const struct ota_master *m, const struct ota_backup *backup,
                        const struct ota_image *image)
{
    (void)backup;
    return memcmp(image->content_sha256, m->progress.image_sha256, OTA_SHA256_LEN) == 0;
}

/* For a rollback that was ordered: not what runs. */
static bool is_previous(const struct ota_master *m, const struct ota_backup *backup,
                        const struct ota_image *image)
{
    (void)image;
    return strcmp(backup->version, m->running_version) != 0;
}

/* For a rollback after a failure: not what failed. */
static bool is_other(const struct ota_master *m, const struct ota_backup *backup,
                     const struct ota_image *image)
{
    (void)backup;
    return memcmp(image->content_sha256, m->progress.image_sha256, OTA_SHA256_LEN) != 0;
}

static bool same_ecu(const struct ota_master *m)
{
    return m->recorded && strcmp(m->progress.hardware_id, m->hardware_id) == 0 &&
           strcmp(m->progress.serial_number, m->serial_number) == 0;
}

/* True if the record speaks of this campaign on this ECU with this image, and of something to take
 * up. */
static bool takes_up(struct ota_master *m)
{
    const struct ota_record *record = &m->progress;
    if (!same_ecu(m) || strcmp(record->campaign, m->job->campaign) != 0) {
        return false;
    }
    if (record->erase == OTA_ERASE_NONE && record->stage != OTA_STAGE_POST) {
        return false;
    }
    if (record->rollback) {
        return m->image == &m->stored || load_backup(m, is_recorded);
    }
    if (m->job->action != OTA_ACTION_UPDATE || !is_recorded(m, NULL, m->job->image)) {
        return false;
    }
    use_image(m, m->job->image, m->job->version);
    return record->segment <= m->image->segments_len;
}

static void new_record(struct ota_master *m)
{
    struct ota_record *record = &m->progress;
    /* A flash that was erased for another image holds no software either. */
    enum ota_erase erase =
        same_ecu(m) && record->erase != OTA_ERASE_NONE ? OTA_ERASE_REQUESTED : OTA_ERASE_NONE;
    memset(record, 0, sizeof *record);
    record->erase = erase;
    memcpy(record->campaign, m->job->campaign, sizeof record->campaign);
    memcpy(record->hardware_id, m->hardware_id, sizeof record->hardware_id);
    memcpy(record->serial_number, m->serial_number, sizeof record->serial_number);
    memcpy(record->old_version, m->running_version, sizeof record->old_version);
    memcpy(record->image_sha256, m->image->content_sha256, sizeof record->image_sha256);
    record->rollback = m->job->action == OTA_ACTION_ROLLBACK;
}

/* The copy that is kept, the journal, and the small files, each twice while it is replaced. */
static uint64_t need_bytes(const struct ota_master *m)
{
    return ota_backup_need_bytes(m->image) + (uint64_t)OTA_JOURNAL_SLOTS * OTA_JOURNAL_SLOT_BYTES +
           SMALL_FILES_BYTES;
}

static bool make_room(struct ota_master *m)
{
    if (m->job->action == OTA_ACTION_ROLLBACK) {
        return true;
    }
    struct ota_error error;
    uint64_t free_bytes = m->port->free_bytes(m->port->ctx);
    if (free_bytes < need_bytes(m)) {
        ota_reason(m, OTA_WHY_NO_SPACE,
                   "%" PRIu64 " bytes free in the state folder, %" PRIu64
                   " needed for the image, the journal and the result",
                   free_bytes, need_bytes(m));
        return false;
    }
    int code = ota_backup_stage(m->port, m->image, m->version, &m->staged, &error);
    if (code) {
        m->staged.file[0] = '\0';
        ota_reason(m, ota_why_of(code), "%.150s", error.text);
    }
    return code == 0;
}

static bool choose_image(struct ota_master *m)
{
    if (m->job->action == OTA_ACTION_UPDATE) {
        use_image(m, m->job->image, m->job->version);
        return true;
    }
    if (load_backup(m, is_previous)) {
        return true;
    }
    ota_reason(m, OTA_WHY_NO_BACKUP,
               "there is no whole known-good image other than the running one");
    return false;
}

/* From the first step: nothing was begun, or what was begun does not count. */
static void begin(struct ota_master *m, uint64_t now_ns)
{
    const struct ota_job *job = m->job;
    if (!choose_image(m)) {
        refuse(m, now_ns);
        return;
    }
    new_record(m);
    bool runs = m->progress.erase == OTA_ERASE_NONE && *m->running_version;
    if (runs && strcmp(m->running_version, m->version) == 0) {
        ota_reason(m, OTA_WHY_UP_TO_DATE, "version %s runs already", m->version);
        ota_end(m, OTA_UP_TO_DATE, now_ns);
        return;
    }
    if (runs && *job->from_version && strcmp(m->running_version, job->from_version) != 0) {
        ota_reason(m, OTA_WHY_BASE_MISMATCH, "version %s runs, the job is for %s",
                   m->running_version, job->from_version);
        refuse(m, now_ns);
        return;
    }
    ota_set_phase(m, OTA_PH2_READY, now_ns);
    if (!make_room(m)) {
        refuse(m, now_ns);
        return;
    }
    if (!ota_save(m)) {
        ota_reason(m, m->journal_why, "the journal cannot be written");
        if (!m->recorded) {
            ota_journal_clear(&m->journal);
        }
        refuse(m, now_ns);
        return;
    }
    m->recorded = true;
    ota_enter(m, OTA_STEP_EXTENDED, now_ns);
}

/* The paper, 4.1.2: cut in post-programming: only that; in programming, erased: go on; not known to
 * be erased: all steps, erase included. */
static void take_up(struct ota_master *m, uint64_t now_ns)
{
    struct ota_error error;
    ota_log(m, "taking up the %s at segment %u, %u bytes of it confirmed",
            m->progress.rollback ? "rollback" : "update", m->progress.segment + 1u,
            (unsigned)m->progress.confirmed);
    if (!*m->staged.file &&
        ota_backup_stage(m->port, m->image, m->version, &m->staged, &error) != 0) {
        m->staged.file[0] = '\0';
        ota_log(m, "no backup will be kept: %s", error.text);
    }
    if (m->progress.segment == m->image->segments_len &&
        strcmp(m->running_version, m->version) == 0) {
        m->progress.stage = OTA_STAGE_POST; /* The answer to the last check was lost. */
    }
    m->touched = m->touched || m->progress.quiet;
    ota_enter(m, m->progress.stage == OTA_STAGE_POST ? OTA_STEP_ACTIVATE : OTA_STEP_EXTENDED,
              now_ns);
}

struct ota_campaign_key ota_campaign_key(const struct ota_master *m)
{
    struct ota_campaign_key key = {.rollback = m->job->action == OTA_ACTION_ROLLBACK};
    memcpy(key.campaign, m->job->campaign, sizeof key.campaign);
    memcpy(key.serial_number, m->serial_number, sizeof key.serial_number);
    if (m->job->action == OTA_ACTION_UPDATE) {
        memcpy(key.image_sha256, m->job->image->content_sha256, sizeof key.image_sha256);
    }
    return key;
}

/* Whether this campaign has ended before, and what it led to still holds. A package that has failed
 * is not tried again, unless the ECU is without software: then a try is all that is left. */
static bool has_ended(const struct ota_master *m, struct ota_ended *ended)
{
    struct ota_campaign_key key = ota_campaign_key(m);
    if (!ota_ended_read(m->port, ended) || !ota_campaign_key_equal(&ended->key, &key)) {
        return false;
    }
    bool achieved = ended->code == OTA_SUCCESS || key.rollback;
    return achieved ? strcmp(ended->version, m->running_version) == 0 : *m->running_version != '\0';
}

static void answer_again(struct ota_master *m, const struct ota_ended *ended, uint64_t now_ns)
{
    m->repeated_end = true;
    bool bad = ended->code != OTA_SUCCESS && m->job->action == OTA_ACTION_UPDATE;
    ota_reason(m, bad ? OTA_WHY_BAD_MARKED : OTA_WHY_NONE, "this campaign has ended before%s%.110s",
               *ended->reason ? ": " : "", ended->reason);
    ota_end(m, ended->code, now_ns);
}

void ota_campaign_take_stock(struct ota_master *m, const char *version)
{
    struct ota_error error;
    struct ota_inventory_row row = {.name = m->job->ecu_name,
                                    .hardware_id = m->hardware_id,
                                    .serial_number = m->serial_number,
                                    .version = version};
    if (ota_inventory_set(m->port, &row, &error) != 0) {
        ota_log(m, "the inventory is out of date: %s", error.text);
    }
}

static void decide_campaign(struct ota_master *m, uint64_t now_ns)
{
    struct ota_ended ended;
    if (*m->job->hardware_id && strcmp(m->job->hardware_id, m->hardware_id) != 0) {
        ota_reason(m, OTA_WHY_TARGET, "the ECU's hardware is \"%s\", the job is for \"%s\"",
                   m->hardware_id, m->job->hardware_id);
        refuse(m, now_ns);
    } else if (has_ended(m, &ended)) {
        answer_again(m, &ended, now_ns);
    } else if (takes_up(m)) {
        take_up(m, now_ns);
    } else {
        begin(m, now_ns);
    }
}

void ota_campaign_decide(struct ota_master *m, uint64_t now_ns)
{
    m->identified = true;
    ota_campaign_take_stock(m, m->running_version);
    m->touched = m->touched || (same_ecu(m) && m->progress.quiet);
    if (m->job->action == OTA_ACTION_NONE) {
        ota_reason(m, OTA_WHY_NO_CAMPAIGN, "nothing is ordered");
        ota_end(m, OTA_UP_TO_DATE, now_ns);
    } else {
        decide_campaign(m, now_ns);
    }
}

/* The storage may have changed since the package was verified: what is sent is what is read and
 * verified now. A damaged copy is made again while the package is at hand. */
static int load_staged(struct ota_master *m, struct ota_error *error)
{
    int code = ota_backup_load(m->port, &m->staged, &m->stored, error);
    if (code && !m->progress.rollback && image_unchanged(m->job->image)) {
        ota_log(m, "%s; storing the image again", error->text);
        code = ota_backup_stage(m->port, m->job->image, m->version, &m->staged, error);
        code = code ? code : ota_backup_load(m->port, &m->staged, &m->stored, error);
    }
    return code;
}

/* Of the record, everything about how far the image in hand has got. */
static void from_the_start(struct ota_master *m)
{
    struct ota_record *record = &m->progress;
    record->segment = 0;
    record->confirmed = 0;
    record->lines = 0;
    record->segment_tries = 0;
    record->update_tries = 0;
    memcpy(record->image_sha256, m->image->content_sha256, OTA_SHA256_LEN);
}

/* The backup that was chosen has been damaged meanwhile: the other one. */
static bool use_other_backup(struct ota_master *m)
{
    if (!m->progress.rollback || !load_backup(m, is_previous)) {
        return false;
    }
    if (m->progress.erase != OTA_ERASE_NONE) {
        m->progress.erase = OTA_ERASE_REQUESTED;
    }
    from_the_start(m);
    return true;
}

void ota_campaign_unlocked(struct ota_master *m, uint64_t now_ns)
{
    struct ota_error error;
    m->progress.keys_refused = 0;
    m->refused_seed_known = false;
    m->unlock_waits = 0;
    if (*m->staged.file) {
        ota_image_release(&m->stored);
        m->image = &m->stored;
        int code = load_staged(m, &error);
        if (code && !use_other_backup(m)) {
            ota_reason(m, ota_why_of(code), "%.150s", error.text);
            ota_fail(m, now_ns);
            return;
        }
    }
    ota_enter(m, OTA_STEP_FINGERPRINT, now_ns);
}

void ota_campaign_transfer(struct ota_master *m, uint64_t now_ns)
{
    if (!image_unchanged(m->image)) {
        ota_reason(m, OTA_WHY_INTEGRITY, "the image has changed in memory since it was checked");
        ota_fail(m, now_ns);
        return;
    }
    ota_transfer_start(m);
    ota_enter(m, OTA_STEP_DOWNLOAD, now_ns);
}

bool ota_campaign_roll_back(struct ota_master *m, uint64_t now_ns)
{
    if (m->progress.rollback || m->job->action == OTA_ACTION_ROLLBACK || ota_is_locked_out(m)) {
        return false;
    }
    struct ota_backup failed = m->staged;
    if (!load_backup(m, is_other)) {
        return false;
    }
    if (*failed.file) {
        ota_backup_unstage(m->port);
    }
    ota_log(m, "%s; rolling back to %s", m->report.reason, m->version);
    m->progress.rollback = true;
    m->progress.stage = OTA_STAGE_PROGRAMMING;
    m->progress.erase = OTA_ERASE_REQUESTED;
    from_the_start(m);
    ota_save(m);
    ota_link_abort(&m->link);
    ota_restart(m, now_ns);
    return true;
}
