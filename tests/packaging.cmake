# What is installed, tried by a stranger's project (install/), and the manual pages.
if(SALCHECK_INSTALL AND SALCHECK_SHARED AND CMAKE_BUILD_TYPE STREQUAL Release)
  foreach(way pkg-config find_package add_subdirectory deb)
    add_test(NAME install.${way}
             COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/install/stranger.sh ${way} ${PROJECT_SOURCE_DIR}
                     ${PROJECT_BINARY_DIR} ${CMAKE_CURRENT_BINARY_DIR}/install/${way})
    set_tests_properties(install.${way} PROPERTIES SKIP_RETURN_CODE 77
                         ENVIRONMENT CC=${CMAKE_C_COMPILER})
  endforeach()
  set_tests_properties(install.add_subdirectory PROPERTIES LABELS slow) # compiles everything
  add_test(NAME install.fresh_root COMMAND bash ${PROJECT_SOURCE_DIR}/ci/check-package)
  set_tests_properties(install.fresh_root PROPERTIES SKIP_RETURN_CODE 77 LABELS "slow;network" TIMEOUT 1200)
endif()

add_test(NAME install.gate
         COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_CURRENT_SOURCE_DIR}/gate
                 -DFOLDER=${CMAKE_CURRENT_BINARY_DIR}/gate -P ${CMAKE_CURRENT_SOURCE_DIR}/gate/run.cmake)

# groff says nothing about the pages
find_program(GROFF groff)
if(TARGET salcheck_manual AND GROFF)
  add_test(NAME install.manual
           COMMAND ${CMAKE_COMMAND} -DGROFF=${GROFF} -DMANUAL=${PROJECT_BINARY_DIR}/man
                   -P ${CMAKE_CURRENT_SOURCE_DIR}/install/manual.cmake)
endif()
