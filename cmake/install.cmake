# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where. The program finds the rest from its own place (cli/places.c), so the folders are
# the same on every system, and the whole may be moved.

install(TARGETS limphome limphome-master RUNTIME DESTINATION bin)
install(TARGETS limphome_clock LIBRARY DESTINATION lib/limphome)

install(DIRECTORY vehicles masters DESTINATION share/limphome
    FILES_MATCHING PATTERN "*.json" PATTERN "*.s19" PATTERN "*.lua")
install(PROGRAMS vehicles/demo.sh vehicles/make-image.sh DESTINATION share/limphome/vehicles)
install(PROGRAMS masters/minimal_master.py DESTINATION share/limphome/masters)
install(DIRECTORY scenarios DESTINATION share/limphome
    FILES_MATCHING PATTERN "*.lua" PATTERN engine EXCLUDE PATTERN explore EXCLUDE)

install(FILES README.md README.zh-CN.md package/copyright DESTINATION share/doc/limphome)
install(DIRECTORY docs DESTINATION share/doc/limphome)

# What the programs print themselves.
set(share ${CMAKE_BINARY_DIR}/share)
add_custom_command(OUTPUT ${share}/man/man1/limphome.1.gz VERBATIM
    DEPENDS limphome limphome-master cmake/share.sh package/changelog
    COMMAND ${CMAKE_SOURCE_DIR}/cmake/share.sh $<TARGET_FILE:limphome> $<TARGET_FILE:limphome-master>
        ${CMAKE_SOURCE_DIR}/package/changelog ${share})
add_custom_target(limphome_share ALL DEPENDS ${share}/man/man1/limphome.1.gz)
install(DIRECTORY ${share} DESTINATION .)
