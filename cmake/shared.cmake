# libsalcheck.so from the static library's objects. What is not SAL_API is hidden; the version script
# gives the rest a version. Before 1.0 a minor release may change the interface, so it is in the SONAME.
configure_file(cmake/salcheck.map.in ${PROJECT_BINARY_DIR}/salcheck.map @ONLY)
add_library(salcheck_shared SHARED $<TARGET_OBJECTS:salcheck>)
set_target_properties(salcheck_shared PROPERTIES
  OUTPUT_NAME salcheck VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  LINK_DEPENDS ${PROJECT_BINARY_DIR}/salcheck.map)
target_include_directories(salcheck_shared INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
target_link_libraries(salcheck_shared PRIVATE ${SALCHECK_LIBRARIES} Threads::Threads m)
target_link_options(salcheck_shared PRIVATE LINKER:--version-script=${PROJECT_BINARY_DIR}/salcheck.map
                    $<$<CONFIG:Release>:LINKER:-z,defs>)
