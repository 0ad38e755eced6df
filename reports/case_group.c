/* SPDX-License-Identifier: Apache-2.0 */
/* reports/case_group.c - the groups of the catalogue as a table. */
#include "reports/case_group.h"

#include "sim/base.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_LEN = 3 };

const struct case_group case_groups[] = {
    {"FUN", "Functional flow", "功能流程", 8, "01 02 08"},
    {"SEQ", "Diagnostic and flash sequence", "诊断与刷写时序", 19,
     "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19"},
    {"COM", "Communications", "通信", 17, "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16"},
    {"PWR", "Power and resume", "供电与断点续刷", 15, "01 02 03 04 05 06 07 08 09 13 14 15"},
    {"STO", "Storage", "存储", 7, "01 02 03 04 05 06 07"},
    {"SEC", "Package integrity and security", "升级包完整性与安全", 15, "01 03 13"},
    {"PRE", "Preconditions and vehicle state", "前提条件与整车状态", 12, "11"},
    {"HMI", "User interaction", "人机交互", 8, ""},
    {"NET", "Download link", "下载链路", 8, ""},
    {"MEC", "Several ECUs", "多ECU", 10, ""},
    {"RBK", "Rollback", "回滚", 7, "01 02 03 04 07"},
    {"STB", "Stability and performance", "稳定性与性能", 6, "01 04 05 06"},
    {"AFT", "After-sales", "售后", 5, ""},
    {"AUD", "Audit and reporting", "审计与上报", 6, "02"},
};
const size_t case_groups_len = ARRAY_SIZE(case_groups);

size_t case_group_rank(const char *name)
{
    size_t rank = 0;
    while (rank < case_groups_len && strcmp(case_groups[rank].name, name) != 0) {
        rank++;
    }
    return rank;
}

const struct case_group *case_group_find(const char *name)
{
    const size_t rank = case_group_rank(name);
    return rank < case_groups_len ? &case_groups[rank] : NULL;
}

/* The group of "FUN-01"; null: the id is not made like that. */
static const struct case_group *group_of(const char *id)
{
    char name[NAME_LEN + 1] = "";
    if (strlen(id) != NAME_LEN + 3 || id[NAME_LEN] != '-' ||
        strspn(id + NAME_LEN + 1, "0123456789") != 2) {
        return NULL;
    }
    memcpy(name, id, NAME_LEN);
    return case_group_find(name);
}

bool case_id_is_known(const char *id)
{
    const struct case_group *group = group_of(id);
    const unsigned long number = group != NULL ? strtoul(id + NAME_LEN + 1, NULL, 10) : 0;
    return number > 0 && number <= group->cases_len;
}

bool case_id_is_built(const char *id)
{
    return case_id_is_known(id) && strstr(group_of(id)->built, id + NAME_LEN + 1) != NULL;
}
