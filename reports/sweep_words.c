/* SPDX-License-Identifier: Apache-2.0 */
/* reports/sweep_words.c - a dictionary of the verdicts, numbers and phases of sweeps. */
#include "reports/sweep_words.h"

#include "sim/base.h"

#include <string.h>

static const char *const words[][2] = {
    {"faults", "故障"},
    {"updated", "已更新"},
    {"the new version runs, and the master says so", "新版本在运行，主控也如此报告"},
    {"old version runs", "旧版本在运行"},
    {"the old version runs, the master says so, and a clean retry updates it",
     "旧版本在运行，主控也如此报告，无干扰的重试能完成更新"},
    {"updated by a retry", "重试后更新"},
    {"nothing runs at the end, but a clean retry ends well",
     "结束时没有程序运行，但无干扰的重试能成功"},
    {"stopped", "已停止"},
    {"the new version runs, the master was stopped before it could say so, and a clean retry ends "
     "well",
     "新版本在运行，主控未及报告就被停止，无干扰的重试能成功"},
    {"success denied", "否认成功"},
    {"the new version runs, but the master denies it", "新版本在运行，但主控予以否认"},
    {"success too early", "过早报告成功"},
    {"the new version is there, but only the bootloader ran when success was claimed",
     "新版本已写入，但报告成功时只有引导程序在运行"},
    {"work repeated", "重复工作"},
    {"what the master had confirmed before it lost its power was erased and done again",
     "主控断电前已确认的内容被擦除并重做"},
    {"begun without room", "空间不足仍开始"},
    {"the flash was erased, and then there was no room for what had to be recorded",
     "闪存已被擦除，之后却没有空间记录必要的内容"},
    {"flash rule broken", "违反闪存规则"},
    {"the flash was used as its manual forbids", "以手册禁止的方式使用了闪存"},
    {"update lost", "更新丢失"},
    {"an application runs, but a clean retry does not end well",
     "有应用在运行，但无干扰的重试不能成功"},
    {"without end", "没有结束"},
    {"the campaign does not end within the bound", "更新活动未在期限内结束"},
    {"wrong contents", "内容错误"},
    {"something ran that nobody has approved, or another ECU or the boot block changed",
     "运行了未经批准的程序，或其他 ECU 或引导块被改动"},
    {"false success", "虚假成功"},
    {"the master claims success, and it is none", "主控声称成功，实际并未成功"},
    {"bricked", "变砖"},
    {"nothing runs, and a clean retry does not mend it", "没有程序运行，无干扰的重试也无法恢复"},
    {"limphome failed", "limphome 失败"},
    {"the play itself crashed or hung: no verdict", "执行本身崩溃或挂起：没有判定"},

    {"operations of the update", "更新的操作"},
    {"flash commands", "闪存命令"},
    {"steps of emulated EEPROM", "模拟 EEPROM 的步骤"},
    {"bus frames", "总线帧"},
    {"cuts", "断电"},
    {"first cuts", "第一次断电"},
    {"second cuts, in the recoveries after these", "其后恢复过程中的第二次断电"},
    {"points: each operation before, after 1/5 to 4/5, after; of flash also after 7 and 93 %",
     "测试点：每个操作之前、进行到 1/5 至 4/5、之后；闪存操作另加 7 % 和 93 %"},
    {"left out: not in this mode", "略去：此模式不包含"},
    {"left out: the ECU has no supply then", "略去：此时 ECU 没有供电"},
    {"left out: another point has the same instant", "略去：另一测试点是同一时刻"},
    {"left out: not in the sample", "略去：不在抽样之内"},
    {"recoveries swept up to a state that was swept before", "扫描到已扫描过的状态为止的恢复"},
    {"recoveries with more operations than there is room for", "操作过多、容纳不下的恢复"},
    {"calls of the update on the state folder", "更新对状态文件夹的调用"},
    {"writes", "写入"},
    {"syncs", "同步"},
    {"renames", "重命名"},
    {"removals", "删除"},
    {"reads", "读取"},
    {"cuts of the ECU's supply", "ECU 断电"},
    {"points", "测试点"},
    {"points: what may happen at each call", "测试点：每次调用可能发生的情况"},
    {"left out: another point leaves the same at the same instant",
     "略去：另一测试点在同一时刻留下相同结果"},
    {"second faults, in the recoveries from these", "其后恢复过程中的第二个故障"},
    {"recoveries", "恢复"},
    {"tried", "已尝试"},
    {"different states of flash after them", "其后闪存的不同状态"},
    {"different states of flash and state folder after the fault",
     "故障后闪存与状态文件夹的不同状态"},
    {"not gone through: nothing but the clock has moved since the last",
     "未执行：与上一个相比只有时钟变化"},
    {"not gone through to the end: from a state whose end was known",
     "未执行到底：到达了结局已知的状态"},
    {"verdicts", "判定"},

    {"instant of the cut", "断电时刻"},
    {"instant of the first cut", "第一次断电的时刻"},
    {"instant of the fault", "故障时刻"},
    {"instant of the first fault", "第一个故障的时刻"},
    {"idle", "空闲"},
    {"check", "检查"},
    {"ready", "就绪"},
    {"pre-programming", "编程前"},
    {"unlock", "解锁"},
    {"erase", "擦除"},
    {"transfer", "传输"},
    {"dependency check", "依赖性检查"},
    {"reset", "复位"},
    {"post-programming", "编程后"},
    {"report", "上报"},
};

const char *sweep_words_zh(const char *english)
{
    for (size_t i = 0; english != NULL && i < ARRAY_SIZE(words); i++) {
        if (strcmp(words[i][0], english) == 0) {
            return words[i][1];
        }
    }
    return NULL;
}
