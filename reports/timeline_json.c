/* SPDX-License-Identifier: Apache-2.0 */
/* reports/timeline_json.c - a timeline to JSON and back. Rows are arrays, not objects: there are
 * many, and a report holds hundreds of timelines. */
#include "reports/timeline_json.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT "limphome-timeline/1"

/* A play is far shorter than what a number of JSON holds exactly: 104 days. */
#define TIME_MAX_NS 9007199254740992.0
enum { SECTORS_MAX = 1 << 16, FILE_BYTES_MAX = 16 << 20 };

static void add_number(cJSON *row, double value)
{
    cJSON_AddItemToArray(row, cJSON_CreateNumber(value));
}

static void add_text(cJSON *row, const char *text)
{
    cJSON_AddItemToArray(row, cJSON_CreateString(text));
}

static cJSON *add_row(cJSON *list)
{
    cJSON *row = cJSON_CreateArray();
    cJSON_AddItemToArray(list, row);
    return row;
}

static void print_lane(cJSON *list, const struct timeline_lane *lane)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToArray(list, object);
    cJSON_AddStringToObject(object, "kind", timeline_lane_name(lane->kind));
    cJSON_AddStringToObject(object, "of", lane->of);
    cJSON *spans = cJSON_AddArrayToObject(object, "spans");
    for (size_t i = 0; i < lane->spans_len; i++) {
        const struct timeline_span *span = &lane->spans[i];
        cJSON *row = add_row(spans);
        add_number(row, (double)span->from_ns);
        add_number(row, (double)span->to_ns);
        add_text(row, span->text);
        add_text(row, timeline_tone_name(span->tone));
        add_number(row, span->count);
    }
    cJSON *points = cJSON_AddArrayToObject(object, "points");
    for (size_t i = 0; i < lane->points_len; i++) {
        cJSON *row = add_row(points);
        add_number(row, (double)lane->points[i].at_ns);
        add_number(row, lane->points[i].value);
    }
}

static void print_message(cJSON *list, const struct timeline_message *message)
{
    cJSON *row = add_row(list);
    add_number(row, message->focus);
    add_number(row, message->bus_line);
    add_number(row, (double)message->begin_ns);
    cJSON_AddItemToArray(row, message->end_ns != SIM_NEVER
                                  ? cJSON_CreateNumber((double)message->end_ns)
                                  : cJSON_CreateNull());
    add_text(row, message->bus);
    add_text(row, message->from);
    add_text(row, message->to);
    add_text(row, message->service);
    add_text(row, message->meaning);
    add_text(row, message->shape);
    add_text(row, message->bytes);
    add_number(row, message->len_bytes);
    add_text(row, timeline_tone_name(message->tone));
    cJSON_AddItemToArray(row, cJSON_CreateBool(message->struck));
    cJSON_AddItemToArray(row, cJSON_CreateBool(message->lost));
}

/* Neighbours that are alike are one row: what it is, and how many. */
static void print_state(cJSON *list, const char *state, size_t len)
{
    for (size_t i = 0, next = 0; i < len; i = next) {
        while (next < len && state[next] == state[i]) {
            next++;
        }
        cJSON *row = add_row(list);
        add_text(row, (const char[]){state[i], '\0'});
        add_number(row, (double)(next - i));
    }
}

static void print_counts(cJSON *list, const uint32_t *counts, size_t len)
{
    for (size_t i = 0, next = 0; i < len; i = next) {
        while (next < len && counts[next] == counts[i]) {
            next++;
        }
        cJSON *row = add_row(list);
        add_number(row, counts[i]);
        add_number(row, (double)(next - i));
    }
}

static void print_flash(cJSON *list, const struct timeline_flash *flash)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToArray(list, object);
    cJSON_AddStringToObject(object, "ecu", flash->ecu);
    cJSON_AddNumberToObject(object, "base", flash->base);
    cJSON_AddNumberToObject(object, "sector_bytes", flash->sector_bytes);
    print_state(cJSON_AddArrayToObject(object, "state"), flash->state, flash->sectors_len);
    print_counts(cJSON_AddArrayToObject(object, "erased"), flash->erased, flash->sectors_len);
}

char *timeline_print(const struct timeline *timeline)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "format", FORMAT);
    cJSON_AddNumberToObject(object, "end_ns", (double)timeline->end_ns);
    cJSON *lanes = cJSON_AddArrayToObject(object, "lanes");
    for (size_t i = 0; i < timeline->lanes_len; i++) {
        print_lane(lanes, &timeline->lanes[i]);
    }
    cJSON *foci = cJSON_AddArrayToObject(object, "foci");
    for (size_t i = 0; i < timeline->foci_len; i++) {
        cJSON *row = add_row(foci);
        add_number(row, (double)timeline->foci[i].at_ns);
        add_text(row, timeline->foci[i].text);
    }
    cJSON *messages = cJSON_AddArrayToObject(object, "messages");
    for (size_t i = 0; i < timeline->messages_len; i++) {
        print_message(messages, &timeline->messages[i]);
    }
    cJSON *flashes = cJSON_AddArrayToObject(object, "flashes");
    for (size_t i = 0; i < timeline->flashes_len; i++) {
        print_flash(flashes, &timeline->flashes[i]);
    }
    char *text = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    CHECK(text != NULL);
    return text;
}

/* Reading. The first thing that is wrong is told; what is read after it does not count. */
struct reading {
    struct err *err;
    bool bad;
    char place[64]; /* "messages[3]" */
    char empty[1];  /* Stands for a text that is none. */
};

static void at(struct reading *r, const char *list, size_t index)
{
    snprintf(r->place, sizeof r->place, "%s[%zu]", list, index);
}

static void refuse(struct reading *r, const char *what, const char *reason)
{
    if (!r->bad) {
        (void)err_set(r->err, ERR_SYNTAX, "the timeline is not good: %s%s%s %s", r->place,
                      r->place[0] != '\0' ? ": " : "", what, reason);
    }
    r->bad = true;
}

static double number_in(struct reading *r, const cJSON *item, const char *what, double max)
{
    const double value = item != NULL ? item->valuedouble : -1;
    if (!cJSON_IsNumber(item) || !(value >= 0 && value <= max) ||
        value != (double)(uint64_t)value) {
        refuse(r, what, "is no whole number within its limits");
        return 0;
    }
    return value;
}

static sim_ns_t time_in(struct reading *r, const cJSON *item, const char *what)
{
    return (sim_ns_t)number_in(r, item, what, TIME_MAX_NS);
}

static uint32_t u32_in(struct reading *r, const cJSON *item, const char *what)
{
    return (uint32_t)number_in(r, item, what, UINT32_MAX);
}

static char *text_in(struct reading *r, const cJSON *item, const char *what)
{
    if (item == NULL || !cJSON_IsString(item)) {
        refuse(r, what, "is no text");
        return r->empty;
    }
    return item->valuestring;
}

static enum timeline_tone tone_in(struct reading *r, const cJSON *item)
{
    const char *name = text_in(r, item, "tone");
    for (int i = 0; i < TONES; i++) {
        if (strcmp(name, timeline_tone_name((enum timeline_tone)i)) == 0) {
            return (enum timeline_tone)i;
        }
    }
    refuse(r, "tone", "is none that there is");
    return TONE_PLAIN;
}

static enum timeline_lane_kind kind_in(struct reading *r, const cJSON *item)
{
    const char *name = text_in(r, item, "kind");
    for (int i = 0; i < LANE_KINDS; i++) {
        if (strcmp(name, timeline_lane_name((enum timeline_lane_kind)i)) == 0) {
            return (enum timeline_lane_kind)i;
        }
    }
    refuse(r, "kind", "is none that there is");
    return LANE_PHASE;
}

static const cJSON *list_in(struct reading *r, const cJSON *object, const char *name)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsArray(list)) {
        refuse(r, name, "is no list");
        return NULL;
    }
    return list;
}

/* The cells of a row, of exactly len; all null if it is no such row. */
enum { CELLS_MAX = 15 };
static void cells_of(struct reading *r, const cJSON *row, const char *what, size_t len,
                     const cJSON *cells[static CELLS_MAX])
{
    size_t seen = 0;
    const cJSON *cell = NULL;
    memset(cells, 0, CELLS_MAX * sizeof(cJSON *));
    cJSON_ArrayForEach(cell, row)
    {
        if (seen < len) {
            cells[seen] = cell;
        }
        seen++;
    }
    if (!cJSON_IsArray(row) || seen != len) {
        refuse(r, what, "is no row of the right length");
        memset(cells, 0, CELLS_MAX * sizeof(cJSON *));
    }
}

static void read_span(struct reading *r, struct timeline_lane *lane, const cJSON *row)
{
    const cJSON *cells[CELLS_MAX];
    cells_of(r, row, "span", 5, cells);
    const sim_ns_t from_ns = time_in(r, cells[0], "begin of a span");
    const sim_ns_t to_ns = time_in(r, cells[1], "end of a span");
    const char *text = text_in(r, cells[2], "text of a span");
    const enum timeline_tone tone = tone_in(r, cells[3]);
    const uint32_t count = u32_in(r, cells[4], "count of a span");
    if (to_ns < from_ns || count == 0) {
        refuse(r, "span", "ends before it begins, or stands for nothing");
    }
    if (!r->bad) {
        timeline_lane_span(lane, from_ns, to_ns, text, tone);
        lane->spans[lane->spans_len - 1].count = count;
    }
}

static void read_point(struct reading *r, struct timeline_lane *lane, const cJSON *row)
{
    const cJSON *cells[CELLS_MAX];
    cells_of(r, row, "point", 2, cells);
    const sim_ns_t at_ns = time_in(r, cells[0], "instant of a point");
    if (!cJSON_IsNumber(cells[1]) || !isfinite(cells[1]->valuedouble)) {
        refuse(r, "value of a point", "is no number");
    }
    if (lane->points_len > 0 && lane->points[lane->points_len - 1].at_ns >= at_ns) {
        refuse(r, "point", "does not come after the one before");
    }
    if (!r->bad) {
        timeline_lane_point(lane, at_ns, cells[1]->valuedouble);
    }
}

static void read_lane(struct reading *r, struct timeline *timeline, const cJSON *object)
{
    const cJSON *item = NULL;
    const char *of = text_in(r, cJSON_GetObjectItemCaseSensitive(object, "of"), "of");
    const enum timeline_lane_kind kind =
        kind_in(r, cJSON_GetObjectItemCaseSensitive(object, "kind"));
    struct timeline_lane *lane = timeline_add_lane(timeline, kind, of);
    cJSON_ArrayForEach(item, list_in(r, object, "spans"))
    {
        read_span(r, lane, item);
    }
    cJSON_ArrayForEach(item, list_in(r, object, "points"))
    {
        read_point(r, lane, item);
    }
}

static void read_focus(struct reading *r, struct timeline *timeline, const cJSON *row)
{
    const cJSON *cells[CELLS_MAX];
    cells_of(r, row, "focus", 2, cells);
    const sim_ns_t at_ns = time_in(r, cells[0], "instant");
    timeline_add_focus(timeline, at_ns, text_in(r, cells[1], "text"));
}

static bool flag_in(struct reading *r, const cJSON *item, const char *what)
{
    if (!cJSON_IsBool(item)) {
        refuse(r, what, "is neither true nor false");
    }
    return cJSON_IsTrue(item);
}

static void read_message(struct reading *r, struct timeline *timeline, const cJSON *row)
{
    const cJSON *cells[CELLS_MAX];
    cells_of(r, row, "message", CELLS_MAX, cells);
    const struct timeline_message message = {
        .focus = u32_in(r, cells[0], "focus"),
        .bus_line = u32_in(r, cells[1], "line of bus.log"),
        .begin_ns = time_in(r, cells[2], "begin"),
        .end_ns = cJSON_IsNull(cells[3]) ? SIM_NEVER : time_in(r, cells[3], "end"),
        .bus = text_in(r, cells[4], "bus"),
        .from = text_in(r, cells[5], "sender"),
        .to = text_in(r, cells[6], "receiver"),
        .service = text_in(r, cells[7], "service"),
        .meaning = text_in(r, cells[8], "meaning"),
        .shape = text_in(r, cells[9], "shape"),
        .bytes = text_in(r, cells[10], "bytes"),
        .len_bytes = u32_in(r, cells[11], "length"),
        .tone = tone_in(r, cells[12]),
        .struck = flag_in(r, cells[13], "struck"),
        .lost = flag_in(r, cells[14], "lost"),
    };
    if (message.focus >= timeline->foci_len) {
        refuse(r, "focus", "is none that there is");
    }
    timeline_add_message(timeline, &message);
}

/* What the rows of a map stand for, one by one. */
struct map {
    size_t len;
    char state[SECTORS_MAX + 1];
    uint32_t erased[SECTORS_MAX + 1];
};

static char state_in(struct reading *r, const cJSON *item)
{
    static const char states[] = {SECTOR_ERASED, SECTOR_FULL,   SECTOR_PART, SECTOR_TORN,
                                  SECTOR_WEAK,   SECTOR_BROKEN, SECTOR_BOOT};
    const char *name = text_in(r, item, "state");
    if (strlen(name) != 1 || memchr(states, name[0], sizeof states) == NULL) {
        refuse(r, "state", "is none that there is");
        return SECTOR_ERASED;
    }
    return name[0];
}

static size_t run_in(struct reading *r, const cJSON *item, size_t before)
{
    const size_t len = (size_t)number_in(r, item, "run of sectors", SECTORS_MAX);
    if (len == 0 || len > SECTORS_MAX - before) {
        refuse(r, "run of sectors", "is empty, or too long");
        return 0;
    }
    return len;
}

static void read_state(struct reading *r, struct map *map, const cJSON *list)
{
    const cJSON *row = NULL;
    const cJSON *cells[CELLS_MAX];
    cJSON_ArrayForEach(row, list)
    {
        cells_of(r, row, "run of states", 2, cells);
        const char state = state_in(r, cells[0]);
        const size_t len = run_in(r, cells[1], map->len);
        memset(&map->state[map->len], state, len);
        map->len += len;
    }
}

static void read_erased(struct reading *r, struct map *map, const cJSON *list)
{
    const cJSON *row = NULL;
    const cJSON *cells[CELLS_MAX];
    size_t filled = 0;
    cJSON_ArrayForEach(row, list)
    {
        cells_of(r, row, "run of counts", 2, cells);
        const uint32_t count = u32_in(r, cells[0], "count");
        for (size_t left = run_in(r, cells[1], filled); left > 0; left--) {
            map->erased[filled++] = count;
        }
    }
    if (filled != map->len) {
        refuse(r, "erased", "has not as many sectors as state");
    }
}

static void read_flash(struct reading *r, struct timeline *timeline, const cJSON *object)
{
    struct map *map = calloc(1, sizeof *map);
    CHECK(map != NULL);
    const struct timeline_flash head = {
        .ecu = text_in(r, cJSON_GetObjectItemCaseSensitive(object, "ecu"), "ecu"),
        .base = u32_in(r, cJSON_GetObjectItemCaseSensitive(object, "base"), "base"),
        .sector_bytes =
            u32_in(r, cJSON_GetObjectItemCaseSensitive(object, "sector_bytes"), "sector_bytes")};
    read_state(r, map, list_in(r, object, "state"));
    read_erased(r, map, list_in(r, object, "erased"));
    if (!r->bad) {
        struct timeline_flash flash = head;
        flash.sectors_len = map->len;
        flash.state = map->state;
        flash.erased = map->erased;
        timeline_add_flash(timeline, &flash);
    }
    free(map);
}

static void read_list(struct reading *r, struct timeline *timeline, const cJSON *object,
                      const char *name,
                      void (*read)(struct reading *r, struct timeline *timeline, const cJSON *item))
{
    const cJSON *item = NULL;
    size_t index = 0;
    cJSON_ArrayForEach(item, list_in(r, object, name))
    {
        at(r, name, index++);
        read(r, timeline, item);
        if (r->bad) {
            return;
        }
    }
    r->place[0] = '\0';
}

static void read_all(struct reading *r, struct timeline *timeline, const cJSON *object)
{
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(object, "format");
    if (!cJSON_IsString(format) || strcmp(format->valuestring, FORMAT) != 0) {
        refuse(r, "format", "is not \"" FORMAT "\"");
        return;
    }
    timeline->end_ns = time_in(r, cJSON_GetObjectItemCaseSensitive(object, "end_ns"), "end_ns");
    read_list(r, timeline, object, "lanes", read_lane);
    read_list(r, timeline, object, "foci", read_focus);
    read_list(r, timeline, object, "messages", read_message);
    read_list(r, timeline, object, "flashes", read_flash);
}

int timeline_parse(struct timeline *timeline, const char *text, size_t len_bytes, struct err *err)
{
    struct err own = {.code = 0};
    struct reading r = {.err = err != NULL ? err : &own};
    cJSON *object = cJSON_ParseWithLength(text, len_bytes);
    if (object == NULL) {
        return err_set(err, ERR_SYNTAX, "the timeline is not JSON");
    }
    read_all(&r, timeline, object);
    cJSON_Delete(object);
    return r.bad ? ERR_SYNTAX : 0;
}

static int read_file(FILE *in, const char *path, char **text, size_t *len, struct err *err)
{
    *text = malloc(FILE_BYTES_MAX);
    CHECK(*text != NULL);
    *len = fread(*text, 1, FILE_BYTES_MAX, in);
    if (ferror(in)) {
        return err_set(err, ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
    }
    return *len < FILE_BYTES_MAX ? 0
                                 : err_set(err, ERR_RANGE, "%s: is too long for a timeline", path);
}

int timeline_load(struct timeline *timeline, const char *path, struct err *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *in = fopen(path, "r");
    if (in == NULL) {
        return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: cannot be read: %s",
                       path, strerror(errno));
    }
    struct err why = {.code = 0};
    int code = read_file(in, path, &text, &len, err);
    if (code == 0 && (code = timeline_parse(timeline, text, len, &why)) != 0) {
        (void)err_set(err, code, "%s: %s", path, why.text);
    }
    fclose(in);
    free(text);
    return code;
}
