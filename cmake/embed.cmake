# SPDX-License-Identifier: Apache-2.0
# embed.cmake - a file as C data, so that a program carries it: NAME (a text that ends with NUL) and
# NAME_len, its length without that.
# usage: cmake -D FROM=file -D TO=file.c -D NAME=identifier -D HEADER=that-declares-it -P embed.cmake
file(READ ${FROM} bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
file(WRITE ${TO}
    "#include \"${HEADER}\"\n"
    "const char ${NAME}[] = {${bytes}0};\n"
    "const size_t ${NAME}_len = sizeof ${NAME} - 1;\n")
