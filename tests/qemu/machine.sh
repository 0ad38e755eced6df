# SPDX-License-Identifier: Apache-2.0
# machine.sh - an emulated machine with Debian's kernel, which has CAN: what the scripts that boot one share.
# Sourced, with $work set: where the kernel is kept, in $work/kernel, and everything else left.
# TCG, not KVM: it runs everywhere, and nested virtualisation is known to hang.

fail() {
    echo "qemu: $*" >&2
    exit 1
}

# The kernel package, once, even if two tests begin together: 70 MB, of which the kernel and six modules are kept.
fetch_kernel() {
    local package
    exec 9>"$work/kernel.lock"
    flock 9
    package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
    [ -n "$package" ] || fail "apt knows no kernel linux-image-amd64; run 'apt-get update'"
    if [ ! -f "$work/kernel.name" ] || [ "$(cat "$work/kernel.name")" != "$package" ]; then
        unpack_kernel "$package"
        echo "$package" >"$work/kernel.name"
    fi
    exec 9>&-
}

unpack_kernel() { # PACKAGE
    rm -rf "$work/kernel" "$work/package"
    mkdir -p "$work/kernel" "$work/package"
    (cd "$work/package" && apt-get download "$1") || fail "$1 cannot be downloaded; run 'apt-get update'"
    dpkg-deb --fsys-tarfile "$work"/package/*.deb |
        tar -x -C "$work/package" --wildcards './boot/vmlinuz*' './lib/modules/*/net/can/*'
    cp "$work"/package/boot/vmlinuz-* "$work/kernel/vmlinuz"
    local module
    for module in can can-dev can-raw can-isotp can-bcm vcan; do
        find "$work/package/lib" -name "$module.ko*" -exec cp {} "$work/kernel/" \;
    done
    if compgen -G "$work/kernel/*.xz" >/dev/null; then
        xz -d "$work"/kernel/*.xz
    fi
    rm -rf "$work/package"
}

# A tree with busybox, the modules and a first process; $tree is where it grows.
begin_tree() { # NAME INIT
    tree=$work/$1
    rm -rf "$tree"
    mkdir -p "$tree"/{bin,dev,proc,sys,test,modules}
    cp /bin/busybox "$tree/bin/"
    cp "$work"/kernel/*.ko "$tree/modules/"
    cp "$2" "$tree/init"
    chmod +x "$tree/init"
}

put_program() { # FILE: it and the libraries it needs
    cp "$1" "$tree/bin/"
    ldd "$1" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*ld-linux[^ ]*\) .*/\1/p' |
        while read -r library; do
            mkdir -p "$tree$(dirname "$library")"
            cp -nL "$library" "$tree$library"
        done
}

# Boots the tree. The console goes to CONSOLE, without carriage returns, the second serial line to FILE.
boot() { # CONSOLE FILE LIMIT_S [QEMU_OPTION...]
    local console=$1 second=$2 limit_s=$3
    shift 3
    rm -f "$console" "$second"
    (cd "$tree" && find . | cpio --quiet -o -H newc | gzip -1) >"$tree.gz"
    timeout --kill-after=5 "$limit_s" qemu-system-x86_64 -accel tcg -cpu max -m 512 -nographic -no-reboot \
        -nodefaults -chardev "file,id=console,path=$console.raw" -serial chardev:console \
        -chardev "file,id=second,path=$second" -serial chardev:second "$@" \
        -kernel "$work/kernel/vmlinuz" -initrd "$tree.gz" \
        -append "console=ttyS0 panic=-1 quiet" </dev/null ||
        { tail -n 40 "$console.raw"; fail "the machine did not end within $limit_s s, or qemu failed"; }
    tr -d '\r' <"$console.raw" >"$console"
    rm -f "$console.raw"
}
