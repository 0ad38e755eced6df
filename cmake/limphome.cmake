# SPDX-License-Identifier: Apache-2.0
# What all targets share: language, warnings, and one function for a library and one for a test.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()
# -O3 and not -O2: a simulated update runs 4 to 8 % faster.
set(CMAKE_C_FLAGS_RELEASE "-O3 -g")

find_package(PkgConfig REQUIRED)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(LIBXML REQUIRED IMPORTED_TARGET libxml-2.0)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(LUA REQUIRED IMPORTED_TARGET lua5.4)
find_library(LIBEV_LIBRARY ev REQUIRED) # Comes without a .pc file.

option(LIMPHOME_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(LIMPHOME_TESTS "Build the tests and benchmarks as well" ON)
if(LIMPHOME_TESTS)
    pkg_check_modules(CRITERION REQUIRED IMPORTED_TARGET criterion)
endif()

add_library(limphome_options INTERFACE)
target_include_directories(limphome_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(limphome_options INTERFACE _GNU_SOURCE)
target_compile_options(limphome_options INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes -Wvla -Wswitch-enum -Wundef -Wformat=2 -Wcast-qual -Wwrite-strings
    -Werror -fno-common)
if(LIMPHOME_SANITIZE)
    target_compile_options(limphome_options INTERFACE
        -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(limphome_options INTERFACE -fsanitize=address,undefined)
endif()

# The programs are optimised as a whole, across files: that is a third of the speed of a simulated
# update. Objects hold ordinary code as well, so that the many test programs link quickly (-fno-lto
# below).
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT LIMPHOME_SANITIZE)
    target_compile_options(limphome_options INTERFACE -flto=auto -ffat-lto-objects)
    set(LIMPHOME_TEST_LINK_OPTIONS -fno-lto)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        # Without this GCC writes copies of a few bytes, such as a frame's, as "rep movs", which
        # takes longer to start than they take.
        target_compile_options(limphome_options INTERFACE
            -mmemcpy-strategy=unrolled_loop:64:noalign,libcall:-1:noalign
            -mmemset-strategy=unrolled_loop:64:noalign,libcall:-1:noalign)
    endif()
endif()

# limphome_library(NAME [USES target...] [EXCEPT file...]): all .c files of the current folder.
function(limphome_library name)
    cmake_parse_arguments(ARG "" "" "USES;EXCEPT" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *.c)
    if(ARG_EXCEPT)
        list(REMOVE_ITEM sources ${ARG_EXCEPT})
    endif()
    if(NOT sources)
        add_library(${name} INTERFACE)
        target_link_libraries(${name} INTERFACE limphome_options ${ARG_USES})
        return()
    endif()
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC limphome_options ${ARG_USES})
endfunction()

# limphome_embed(TARGET HEADER NAME FILE [HASH]): a file that the target carries as data; HEADER declares it (embed.cmake).
function(limphome_embed target header name file)
    set(from ${file})
    cmake_path(ABSOLUTE_PATH from BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    set(to ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.c)
    set(embed ${CMAKE_SOURCE_DIR}/cmake/embed.cmake)
    set(hash 0)
    if("HASH" IN_LIST ARGN)
        set(hash 1)
    endif()
    add_custom_command(OUTPUT ${to} DEPENDS ${from} ${embed} VERBATIM
        COMMAND ${CMAKE_COMMAND} -D FROM=${from} -D TO=${to} -D NAME=${name} -D HEADER=${header} -D HASH=${hash} -P ${embed})
    target_sources(${target} PRIVATE ${to})
endfunction()

# limphome_tests(AREA USES target...): each tests/AREA/test_*.c is one Criterion program.
function(limphome_tests area)
    cmake_parse_arguments(ARG "" "" "USES" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${area}/test_*.c)
    foreach(source ${sources})
        get_filename_component(name ${source} NAME_WE)
        add_executable(${name} ${source})
        target_link_libraries(${name} PRIVATE limphome_options ${ARG_USES} PkgConfig::CRITERION)
        target_link_options(${name} PRIVATE ${LIMPHOME_TEST_LINK_OPTIONS})
        target_compile_definitions(${name} PRIVATE
            LIMPHOME_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LIMPHOME_BINARY_DIR="${CMAKE_BINARY_DIR}")
        set_target_properties(${name} PROPERTIES
            RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/${area})
        add_test(NAME ${area}.${name} COMMAND ${name})
    endforeach()
endfunction()
