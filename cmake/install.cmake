# The install target: headers, both libraries, the program with its manual and completion, and what
# find_package(salcheck) and pkg-config need. cmake/package.cmake makes packages of it.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/salcheck)

function(salcheck_export target name set)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(${target} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  install(TARGETS ${target} EXPORT ${set})
  install(EXPORT ${set} NAMESPACE salcheck:: FILE ${set}.cmake DESTINATION ${config_folder})
endfunction()

install(DIRECTORY include/salcheck DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)
if(SALCHECK_SHARED)
  salcheck_export(salcheck_shared salcheck salcheckShared)
  salcheck_export(salcheck static salcheckStatic)
else()
  salcheck_export(salcheck salcheck salcheckStatic)
endif()

configure_package_config_file(cmake/salcheckConfig.cmake.in ${PROJECT_BINARY_DIR}/salcheckConfig.cmake
                              INSTALL_DESTINATION ${config_folder} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/salcheckConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/salcheckConfig.cmake ${PROJECT_BINARY_DIR}/salcheckConfigVersion.cmake
              cmake/salcheck_gate.cmake cmake/salcheck_plugins.cmake
        DESTINATION ${config_folder})

# Libs.private, not Requires.private: that would need the development files of all for the shared library.
file(RELATIVE_PATH SALCHECK_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" SALCHECK_PC_PREFIX ${SALCHECK_PC_PREFIX})
list(REMOVE_DUPLICATES SALCHECK_LDFLAGS)
string(JOIN " " SALCHECK_PC_LIBRARIES ${SALCHECK_LDFLAGS} -lpng -lz -lm -pthread)
configure_file(cmake/salcheck.pc.in ${PROJECT_BINARY_DIR}/salcheck.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/salcheck.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(FILES LICENSE CHANGELOG.md README.md docs/gate.md docs/onnx.md docs/suite.md cmake/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The program has the library in it: it runs wherever it is put.
if(SALCHECK_WITH_CLI)
  set_target_properties(salcheck_cli PROPERTIES EXPORT_NAME program)
  install(TARGETS salcheck_cli EXPORT salcheckProgram)
  install(EXPORT salcheckProgram NAMESPACE salcheck:: FILE salcheckProgram.cmake
          DESTINATION ${config_folder})
  set(manual ${PROJECT_BINARY_DIR}/man)
  set(completion ${PROJECT_BINARY_DIR}/completion/salcheck)
  add_custom_command(OUTPUT ${manual}/salcheck.1 BYPRODUCTS ${completion}
    COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:salcheck_cli> -DMANUAL=${manual}
            -DCOMPLETION=${completion} -P ${PROJECT_SOURCE_DIR}/cmake/manual.cmake
    DEPENDS salcheck_cli cmake/manual.cmake COMMENT "Writing the manual pages" VERBATIM)
  add_custom_target(salcheck_manual ALL DEPENDS ${manual}/salcheck.1)
  install(DIRECTORY ${manual}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${completion} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endif()

if(PROJECT_IS_TOP_LEVEL)
  include(cmake/package.cmake)
endif()
