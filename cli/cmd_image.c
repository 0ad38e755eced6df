/* SPDX-License-Identifier: Apache-2.0 */
/* cli/cmd_image.c - limphome image: the header of a sample application, to be merged into an image
 * with srec_cat. */
#include "cli/cli.h"

#include <errno.h>
#include <string.h>

static const char help[] =
    "usage: limphome image --version V --hardware ID -o FILE [OPTION...]\n"
    "\n"
    "Writes the 96 bytes of an image header (docs/formats.md) as a binary file.\n"
    "\n"
    "  --version V           version that the application answers, 1 to 16 printable characters, "
    "as the\n"
    "                        next three\n"
    "  --hardware ID         hardware that it is for\n"
    "  --part P              part number\n"
    "  --build B             build identifier\n"
    "  --segments N          number of segments of the image; 0 (default): not checked\n"
    "  --behaviour SET       faults of the application: sum of 1 does not boot, 2 raises a "
    "trouble\n"
    "                        code, 4 no cyclic frame, 8 wrong version, 16 mute, 32 boots slowly\n"
    "  --cyclic-id ID        identifier of its cyclic frame\n"
    "  --cyclic-ms MS        its period; 0 (default): none\n"
    "  -o, --output FILE     where to write\n";

enum option_id {
    OPT_VERSION = 256,
    OPT_HARDWARE,
    OPT_PART,
    OPT_BUILD,
    OPT_SEGMENTS,
    OPT_BEHAVIOUR,
    OPT_CYCLIC_ID,
    OPT_CYCLIC_MS,
    OPT_HELP
};

static const struct option options[] = {
    {"version", required_argument, NULL, OPT_VERSION},
    {"hardware", required_argument, NULL, OPT_HARDWARE},
    {"part", required_argument, NULL, OPT_PART},
    {"build", required_argument, NULL, OPT_BUILD},
    {"segments", required_argument, NULL, OPT_SEGMENTS},
    {"behaviour", required_argument, NULL, OPT_BEHAVIOUR},
    {"cyclic-id", required_argument, NULL, OPT_CYCLIC_ID},
    {"cyclic-ms", required_argument, NULL, OPT_CYCLIC_MS},
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

struct arguments {
    struct boot_header header;
    const char *output;
    bool help;
};

static const char *take_u16(const char *text, uint16_t *to)
{
    uint64_t value = 0;
    const bool good = cli_parse_u64(text, UINT16_MAX, &value);
    *to = (uint16_t)value;
    return good ? NULL : "must be a whole number, 0 to 65535";
}

static const char *take_behaviour(const char *text, uint32_t *to)
{
    uint64_t value = 0;
    const bool good = cli_parse_u64(text, 63, &value);
    *to = (uint32_t)value;
    return good ? NULL : "must be a sum of 1, 2, 4, 8, 16 and 32, each once at most";
}

static const char *take_id(const char *text, uint32_t *to)
{
    uint64_t value = 0;
    const bool good = cli_parse_u64(text, CAN_EXT_ID_MAX, &value);
    *to = (uint32_t)value;
    return good ? NULL : "must be a CAN identifier, 0 to 0x1FFFFFFF";
}

/* Null, or what is wrong with the value. */
static const char *take(void *arguments, int option, const char *value)
{
    struct arguments *a = arguments;
    switch (option) {
    case OPT_VERSION: return cli_parse_header_text(value, a->header.version);
    case OPT_HARDWARE: return cli_parse_header_text(value, a->header.hardware_id);
    case OPT_PART: return cli_parse_header_text(value, a->header.part_number);
    case OPT_BUILD: return cli_parse_header_text(value, a->header.build_id);
    case OPT_SEGMENTS: return take_u16(value, &a->header.segments);
    case OPT_BEHAVIOUR: return take_behaviour(value, &a->header.behaviour);
    case OPT_CYCLIC_ID: return take_id(value, &a->header.cyclic_id);
    case OPT_CYCLIC_MS: return take_u16(value, &a->header.cyclic_ms);
    case 'o': return cli_parse_path(value, &a->output);
    default: a->help = true; return NULL;
    }
}

const struct cli_syntax cli_image_syntax = {"image", help, "o:", options, take};

static int parse(struct arguments *a, int argc, char **argv)
{
    const int rc = cli_take_options(&cli_image_syntax, a, argc, argv);
    if (rc != CLI_OK || a->help) {
        return rc;
    }
    if (optind < argc) {
        return cli_usage_error("image", "\"%s\" belongs to no option", argv[optind]);
    }
    if (a->header.version[0] == '\0' || a->header.hardware_id[0] == '\0' || a->output == NULL) {
        return cli_usage_error("image", "--version, --hardware and -o are needed");
    }
    return CLI_OK;
}

int cli_image(int argc, char **argv)
{
    struct arguments a = {.help = false};
    uint8_t bytes[BOOT_HEADER_LEN];
    int rc = parse(&a, argc, argv);
    if (rc != CLI_OK || a.help) {
        fputs(a.help ? help : "", stdout);
        return rc;
    }
    boot_header_encode(&a.header, bytes);
    FILE *out = fopen(a.output, "wb");
    bool good = out != NULL && fwrite(bytes, sizeof bytes, 1, out) == 1;
    good = (out == NULL || fclose(out) == 0) && good;
    if (!good) {
        struct err err;
        (void)err_set(&err, ERR_IO, "%s: cannot be written: %s; check the path", a.output,
                      strerror(errno));
        return cli_error(&err);
    }
    return CLI_OK;
}
