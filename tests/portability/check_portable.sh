#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The bootloader and the protocol code compile without a warning for a 16-bit-int and a 32-bit
# bare-metal target, need nothing of a C library but mem*, and fit the protected region.
#
# usage: check_portable.sh [SOURCE_DIR]
set -eu

source_dir=${1:-$(cd "$(dirname "$0")/../.." && pwd)}
size_limit=24576 # 24 KB: what the protected region of the paper's flash layout offers.
targets="msp430 thumbv6m-none-eabi"
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes -Wvla -Wswitch-enum -Wundef -Wcast-qual -Wwrite-strings -Werror"
allowed='^(mem(cpy|move|set|cmp)|proto_check_failed|__aeabi_.*|__mspabi_.*|__.*[sdt]i[34])$'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# LLVM's tools carry a version in their name on some systems.
tool() {
    for name in "$1" "$1-14" "$1-15" "$1-16" "$1-19"; do
        if command -v "$name" >/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "check_portable.sh: $1 is missing; install the packages llvm and lld" >&2
    exit 2
}
nm=$(tool llvm-nm)
lld=$(tool ld.lld)
size=$(tool llvm-size)

compile() { # target folder option...
    target=$1 folder=$work/$2
    shift 2
    mkdir "$folder"
    for file in "$source_dir"/sim/proto/*.c "$source_dir"/sim/ecus/bootloader/*.c; do
        case $file in
        */proto_check_host.c | *'*.c') continue ;;
        esac
        # shellcheck disable=SC2086
        clang --target="$target" -std=c11 -ffreestanding -ffunction-sections -fdata-sections "$@" \
            $warnings -I"$source_dir" -isystem "$source_dir/tests/portability/include" \
            -c "$file" -o "$folder/$(basename "$file" .c).o"
    done
}

foreign_symbols() { # target
    "$nm" --defined-only --extern-only --format=just-symbols "$work/$1"/*.o | sort -u >"$work/defined"
    "$nm" --undefined-only --format=just-symbols "$work/$1"/*.o | sort -u >"$work/wanted"
    grep -v -x -F -f "$work/defined" "$work/wanted" | grep -v ':$' | grep -v '^$' |
        grep -v -E "$allowed" || true
}

# Writable data would be global state.
writable_bytes() { # target
    "$size" "$work/$1"/*.o | awk 'NR > 1 { sum += $2 + $3 } END { print sum + 0 }'
}

status=0
for target in $targets; do
    compile "$target" "$target" -Os
    foreign=$(foreign_symbols "$target")
    if [ -n "$foreign" ]; then
        echo "FAIL $target: needs more than mem* and proto_check_failed:" $foreign
        status=1
    fi
    writable=$(writable_bytes "$target")
    if [ "$writable" -ne 0 ]; then
        echo "FAIL $target: $writable bytes of writable global data"
        status=1
    fi
done

# What a linker leaves of all files, from the functions that a main loop calls, built for size as a
# port would be: what the default personality does not name is left out.
thumb=$work/thumbv6m-none-eabi
compile thumbv6m-none-eabi whole -Oz -flto
set --
for name in init on_frame on_confirm run deadline_ns; do
    set -- "$@" -u "bootloader_$name"
done
"$lld" --gc-sections -e bootloader_init "$@" --unresolved-symbols=ignore-all \
    -o "$work/resident.elf" "$work"/whole/*.o
# The column "text" of this format includes read-only data.
sum_of() { # object...
    "$size" "$@" | awk 'NR > 1 { sum += $1 } END { print sum + 0 }'
}
"$size" "$thumb"/*.o | awk 'NR > 1 { sub(".*/", "", $6); print $1 "\t" $6 }' | sort -rn
resident=$(sum_of "$work/resident.elf")
echo "Thumb code and constants: the bootloader with what it links: $resident bytes of $size_limit;" \
    "all portable files: $(sum_of "$thumb"/*.o)"
if [ "$resident" -ge "$size_limit" ]; then
    echo "FAIL the bootloader does not fit the protected region"
    status=1
fi
exit $status
