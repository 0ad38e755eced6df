#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# share.sh LIMPHOME MASTER CHANGELOG OUT - what an installation has below share/ and the programs print themselves: the
# manual pages and the completion of shells. The date in them is that of the last entry in CHANGELOG.
set -euo pipefail
limphome=$1
master=$2
changelog=$3
out=$4
rm -rf "$out"
mkdir -p "$out/man/man1" "$out/bash-completion/completions" "$out/zsh/vendor-completions" \
    "$out/fish/vendor_completions.d" "$out/doc/limphome"

date=$(date -u -d "$(sed -n 's/^ -- .*>  //p' "$changelog" | head -n 1)" +%F)
pack() { gzip -9nc >"$out/$1.gz"; }

"$limphome" help --man --date "$date" | pack man/man1/limphome.1
for command in $("$limphome" help | sed -n 's/^  \([a-z-]*\) .*/\1/p'); do
    "$limphome" help --man --date "$date" "$command" | pack "man/man1/limphome-$command.1"
done
"$master" --help | "$limphome" help --man --date "$date" \
    --page "limphome-master=reference OTA master for CAN, with a journal" | pack man/man1/limphome-master.1

"$limphome" help --completion bash >"$out/bash-completion/completions/limphome"
"$limphome" help --completion zsh >"$out/zsh/vendor-completions/_limphome"
"$limphome" help --completion fish >"$out/fish/vendor_completions.d/limphome.fish"
pack doc/limphome/changelog <"$changelog"
