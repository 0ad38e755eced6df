/* SPDX-License-Identifier: Apache-2.0 */
/* reports/requirement.c - the tables of traceability. */
#include "reports/requirement.h"

#include "sim/base.h"

#include <string.h>

static const struct requirement gb_44496[] = {
    {"5.1.1 / 6.1", "Authenticity and integrity of the package", "升级包的真实性和完整性",
     "SEC-01 SEC-02 SEC-03 SEC-04 SEC-05 SEC-12 SEC-13 STO-03"},
    {"5.1.2, 5.1.3 / 6.2",
     "Software identification code and version are updated and can be read at the OBD port",
     "软件识别码和软件版本能更新，并能从OBD接口读取", "AUD-01 AUD-02 SEQ-18"},
    {"5.1.4", "Identification code and version are protected against change",
     "软件识别码和软件版本免受未经授权的修改", "AUD-03"},
    {"5.2.1",
     "The user is told before: purpose, changes, time, functions not available, safety advice",
     "升级前告知用户：目的、变更、时间、不可用的功能、安全提示", "HMI-01"},
    {"5.2.2", "The user confirms the update", "升级由用户确认", "HMI-02 HMI-03"},
    {"5.2.3", "Preconditions of the update", "升级的先决条件",
     "PRE-01 PRE-02 PRE-10 PRE-11 PWR-12"},
    {"5.2.4", "Enough electric energy", "电量保障", "PRE-04 PRE-05"},
    {"5.2.5", "The update does not endanger the vehicle", "升级不影响车辆安全",
     "PRE-03 PRE-05 PRE-07 PRE-09"},
    {"5.2.6", "The update does not endanger driving", "升级不影响驾驶安全", "PRE-03 FUN-07"},
    {"5.2.7", "Doors during the update: nobody is locked in", "升级期间的车门：人员不被锁在车内",
     "PRE-06"},
    {"5.2.8", "The user is told the result", "告知用户升级结果", "HMI-06 HMI-08"},
    {"5.2.9", "Update failed or interrupted: previous version or a safe state",
     "升级失败或中断：恢复原版本或进入安全状态",
     "RBK-02 RBK-03 PWR-04 PWR-05 PWR-07 PWR-11 HMI-05 MEC-04 SEQ-03"},
};

static const struct requirement un_r156[] = {
    {"7.2.1.1", "Authenticity and integrity of updates", "升级的真实性和完整性",
     "SEC-01 SEC-02 SEC-03 SEC-04 STO-03"},
    {"7.2.1.2.1, 7.2.1.2.2", "RXSWIN unique, updated, and readable at the OBD port",
     "RXSWIN唯一、能更新，并能从OBD接口读取", "AUD-01"},
    {"7.2.1.2.3", "RXSWIN and versions are protected against change",
     "RXSWIN和软件版本免受未经授权的修改", "AUD-03"},
    {"7.2.2.1.1", "After a failure: previous version restored, or a safe state",
     "失败后：恢复原版本或进入安全状态", "RBK-01 RBK-02 PWR-07 PWR-10 PWR-11 MEC-04 HMI-05 SEQ-03"},
    {"7.2.2.1.2", "Enough power to complete the update, recovery included",
     "电量足够完成升级，包括恢复", "PRE-04"},
    {"7.2.2.1.3", "Safe execution by technical means", "以技术手段保证安全执行",
     "PRE-01 PRE-03 PRE-07"},
    {"7.2.2.2 (a)-(e)", "Information for the user before the update", "升级前给用户的信息",
     "HMI-01 HMI-02 STB-05"},
    {"7.2.2.3 (a)(b)", "No driving, and no function that interferes with the update, while it runs",
     "升级期间不能行驶，也不能使用影响升级的功能", "PRE-03 FUN-07 PRE-09"},
    {"7.2.2.4 (a)(b)", "The user is told the result and the changes", "告知用户结果和变更",
     "HMI-06 AUD-02"},
    {"7.2.2.5", "Preconditions hold before the update runs", "升级执行前满足先决条件",
     "PRE-01 PRE-02 PRE-10 PWR-12"},
    {"7.1.2.3-5, 7.1.4.2", "Side of the processes: records, compatibility, skilled persons",
     "过程方面：记录、兼容性、专业人员", "AUD-04 MEC-02 AFT-05"},
};

static const struct requirement uptane[] = {
    {"", "Eavesdrop", "窃听", "SEC-14"},
    {"", "Drop request, denial of service", "丢弃请求、拒绝服务", "NET-06 COM-02"},
    {"", "Slow retrieval", "缓慢下载", "NET-05"},
    {"", "Freeze", "冻结（只提供旧的元数据）", "SEC-07"},
    {"", "Partial bundle", "部分安装", "SEC-09 MEC-03"},
    {"", "Rollback", "版本回退攻击", "SEC-05 SEC-06 RBK-05"},
    {"", "Endless data", "无尽数据", "SEC-10"},
    {"", "Mix and match", "混搭", "SEC-08"},
    {"", "Arbitrary software", "任意软件", "SEC-01 SEC-02 SEC-11 SEC-12"},
    {"", "Replay of reports", "重放上报", "SEC-15"},
};

static const struct requirement seed_list[] = {
    {"", "Booked, leave-car and unnoticed upgrade", "预约升级、离车升级、无感升级",
     "FUN-03 FUN-07"},
    {"", "Package, strategy and task at the back end, as the master sees them",
     "后台的升级包、策略和任务（主控看到的结果）", "FUN-04 FUN-05 MEC-01"},
    {"", "Task detected, downloaded, installed, reported", "任务检测、下载、安装、上报",
     "FUN-01 FUN-02 NET-02 AUD-05"},
    {"", "Weak network", "弱网", "NET-01 NET-02"},
    {"", "Abnormal power loss", "异常断电", "PWR-01 PWR-02 PWR-03 PWR-04 PWR-05 PWR-07"},
    {"", "Storage full", "存储空间不足", "STO-01 STO-02"},
    {"", "Abnormal package", "异常升级包", "SEC-01 SEC-03 SEC-13"},
    {"", "Preconditions not met", "前提条件不满足", "PRE-01 PRE-02"},
    {"", "Large package", "大升级包", "NET-07"},
    {"", "Load on the cloud (no property of a master)", "云端负载（不是主控的属性）", "STB-03"},
    {"", "Several ECUs", "多ECU升级", "MEC-01 MEC-04 STB-03"},
    {"", "Repeated upgrades, stability", "反复升级、稳定性", "STB-01 STB-02"},
    {"", "Baseline by tester, by WiFi, by dealer", "通过诊断仪、WiFi、经销商恢复基线",
     "AFT-01 AFT-02 AFT-03"},
    {"", "OBD arbitration, charging, emergency call, OTA mode", "OBD仲裁、充电、紧急呼叫、OTA模式",
     "PRE-08 PRE-05 PRE-07 PRE-09"},
    {"", "Delegated, sliced, restored while flashing, installed beforehand",
     "代理刷写、分片、边还原边刷写、预安装", "MEC-08 FUN-06 FUN-07"},
};

static const struct requirement paper[] = {
    {"5 (1)", "Flash many rounds", "多轮次刷写", "FUN-01 STB-01"},
    {"5 (2)", "Congestion of the network", "网络拥塞", "COM-14 COM-01"},
    {"5 (3)", "Power cut and under-voltage", "断电与欠压",
     "PWR-01 PWR-02 PWR-04 PWR-05 PWR-06 PWR-14"},
    {"5 (4)", "One bit of the image changed", "镜像中改变1位", "PWR-15"},
    {"5 (5)", "Rollback", "回滚", "RBK-01"},
    {"4.1.1", "At most 3 resends; services that must not be repeated",
     "最多重发3次；不可重复执行的服务", "COM-01 COM-02 COM-03 COM-05"},
    {"4.1.2 (1)", "Interrupted in pre-programming: start over", "预编程阶段中断：按原流程重新开始",
     "PWR-01"},
    {"4.1.2 (2)", "Interrupted in post-programming: only this phase again",
     "编程后阶段中断：仅执行编程后阶段", "PWR-05"},
    {"4.1.2 (3)", "Interrupted in programming: once erased, go on from the break point",
     "编程阶段中断：若已擦除，从断点处继续", "PWR-02 PWR-03 PWR-04"},
    {"4.1.2, point (1)", "No second erase", "不重复擦除", "PWR-04"},
    {"4.1.2, point (2)", "Progress in non-volatile memory", "进度存入非易失存储",
     "PWR-07 PWR-08 STO-06"},
    {"4.1.2, point (3)", "Finished segments are checked by 34 and 37 alone",
     "已完成的段只用34和37检查", "PWR-04"},
    {"4.1.2, point (4)", "A strong checksum: SHA-1 over the segment",
     "更强的校验算法：对程序段计算SHA-1", "PWR-09 PWR-15"},
    {"4.1.2", "The driver is asked after a long interruption", "长时间中断后提示驾驶员", "HMI-07"},
    {"4.2", "Backups, rule of success, version read back", "备份、成功判据、回读版本",
     "RBK-03 STO-07 SEQ-18"},
};

static const struct requirement nrc_and_transport[] = {
    {"NRC 78", "requestCorrectlyReceived-ResponsePending", "正确接收请求，响应未决",
     "SEQ-04 SEQ-05 SEQ-06 SEQ-07 STB-04"},
    {"NRC 21", "busyRepeatRequest", "忙，请重复请求", "SEQ-08"},
    {"NRC 73", "wrongBlockSequenceCounter", "块序号错误", "SEQ-11 SEQ-10"},
    {"NRC 72", "generalProgrammingFailure", "一般编程失败", "SEQ-12 STO-04"},
    {"NRC 92, 93", "voltageTooHigh, voltageTooLow", "电压过高、电压过低", "SEQ-15"},
    {"NRC 31, 70, 71, 24, 33, 7E, 7F, 13", "Final answers, which no repetition helps",
     "终结性否定响应，重复无用", "SEQ-13 STO-02"},
    {"NRC 35, 36, 37", "invalidKey, exceedNumberOfAttempts, requiredTimeDelayNotExpired",
     "密钥无效、超过尝试次数、延时未到", "SEQ-14"},
    {"NRC 22, 83, 88, 90", "Conditions of the vehicle are not met", "车辆条件不满足", "PRE-11"},
    {"NRC 25, 94", "A component behind the gateway does not answer; resource not available",
     "网关后的部件无响应；资源暂不可用", "MEC-07"},
    {"ISO-TP", "FC WAIT, OVFLW, block size, STmin, N_Bs, N_Cr",
     "流控WAIT、OVFLW、块大小、STmin、N_Bs、N_Cr", "COM-09 COM-10 COM-11 COM-12 COM-13"},
    {"S3, P2, P2*", "Timing of the session and of answers", "会话定时与响应定时",
     "SEQ-04 SEQ-06 SEQ-17"},
    {"DoIP", "Diagnostics over IP", "基于IP的诊断", "COM-17"},
};

const struct requirement_table requirement_tables[] = {
    {"page-gb-44496", "GB 44496-2024", "GB 44496-2024", gb_44496, ARRAY_SIZE(gb_44496)},
    {"page-un-r156", "UN R156", "UN R156", un_r156, ARRAY_SIZE(un_r156)},
    {"page-uptane", "Attacks named by Uptane", "Uptane所列攻击", uptane, ARRAY_SIZE(uptane)},
    {"page-seed-list", "OTA test list", "OTA测试评价清单", seed_list, ARRAY_SIZE(seed_list)},
    {"page-paper", "Paper: a UDS boot loader on CAN", "论文：基于CAN的UDS Bootloader", paper,
     ARRAY_SIZE(paper)},
    {"page-nrc", "Negative answers and transport", "否定响应与传输层", nrc_and_transport,
     ARRAY_SIZE(nrc_and_transport)},
};
const size_t requirement_tables_len = ARRAY_SIZE(requirement_tables);

const char *requirement_next_case(const char **cases, char id[static REQUIREMENT_CASE_SIZE])
{
    *cases += strspn(*cases, " ");
    const size_t len = strcspn(*cases, " ");
    if (len == 0) {
        return NULL;
    }
    CHECK(len < REQUIREMENT_CASE_SIZE);
    memcpy(id, *cases, len);
    id[len] = '\0';
    *cases += len;
    return id;
}
