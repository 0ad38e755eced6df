#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# unprivileged.sh BUILD - rows of the transcripts once more, by a user who may nothing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd)
nobody=65534
if [ "$(id -u)" -ne 0 ]; then
    echo "this run is an unprivileged user's already: the other tests have shown it"
    exit 0
fi

# A place that everybody can read, whatever the rights of the build folder are.
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"
mkdir "$place/programs"
cp "$build"/bin/{limphome,liblimphome-clock.so} "$place/"
find "$build/tests/guest/time" -maxdepth 1 -type f -perm -u+x -exec cp {} "$place/programs/" \;
cat >"$place/as-nobody" <<END
#!/bin/sh
exec setpriv --reuid=$nobody --regid=$nobody --clear-groups "$place/limphome" "\$@"
END
chmod 755 "$place/as-nobody" "$place/limphome"
cd "$place"
python3 "$here/transcript.py" --limphome "$place/as-nobody" --path "$place/programs" \
    --only '^(sleeps|threads|futex|locks|processes|signals|timers|waits|pipes|cxx)\.' "$here/time/time.rows"
"$place/as-nobody" exec -- sh -c 'candump -n 1 can0 >/dev/null && id -u' | grep -qx $nobody
