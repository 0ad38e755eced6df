# SPDX-License-Identifier: Apache-2.0
# The Debian package, by `cpack` in a build folder; `./dev package` does all of it.

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME limphome)
set(CPACK_PACKAGE_CONTACT "The limphome maintainers <maintainers@limphome.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# Of the demo, and of the example of a foreign master.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "srecord, openssl, can-utils, python3, python3-can, tshark, gdb")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Runs any OTA master, unmodified and in virtual time, against an ECU that is
flashed for real: bootloader code on a cycle-timed model of the flash module,
on a CAN bus timed to the bit. It needs neither CAN in the kernel nor root.
.
A catalogue of test cases breaks bus, supply, flash, storage and ECU at any
instant, judges what the master does, and repeats each run byte for byte.")

install(FILES package/lintian-overrides DESTINATION share/lintian/overrides RENAME limphome)

include(CPack)
