# SPDX-License-Identifier: Apache-2.0
# embed.cmake - a file as C data, so that a program carries it: NAME (a text that ends with NUL),
# NAME_len, its length without that, and with HASH NAME_sha256, its SHA-256 in base64.
# usage: cmake -D FROM=file -D TO=file.c -D NAME=identifier -D HEADER=that-declares-it [-D HASH=1]
#        -P embed.cmake
file(READ ${FROM} bytes HEX)
string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${bytes}") # Of the type char, whatever its sign.
set(hash "")
if(HASH)
    set(digits "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    file(SHA256 ${FROM} sum)
    # 32 bytes are ten groups of three and one of two, which is padded.
    string(REGEX MATCHALL "......" groups "${sum}00")
    foreach(group ${groups})
        foreach(shift 18 12 6 0)
            math(EXPR digit "(0x${group} >> ${shift}) & 63")
            string(SUBSTRING "${digits}" ${digit} 1 digit)
            string(APPEND base64 "${digit}")
        endforeach()
    endforeach()
    string(REGEX REPLACE "A$" "=" base64 "${base64}")
    set(hash "const char ${NAME}_sha256[] = \"${base64}\";\n")
endif()
file(WRITE ${TO}
    "#include \"${HEADER}\"\n"
    "const char ${NAME}[] = {${bytes}0};\n"
    "const size_t ${NAME}_len = sizeof ${NAME} - 1;\n"
    "${hash}")
