# salcheck_add_gate(NAME SUITE [INCONCLUSIVE_SKIPS] [ARGUMENTS ...] [WORKING_DIRECTORY FOLDER]
#                   [PROGRAM PATH])
#
# Adds the test NAME, which runs "salcheck run SUITE ARGUMENTS...". It passes when every check of the suite
# passes (exit code 0) and fails on every other: 1 a check failed, 2 misused, 3 inconclusive or invalid,
# 4 could not run. INCONCLUSIVE_SKIPS shows 3 as a skipped test instead. SUITE is relative to the current
# source folder; it runs in the current binary folder unless told otherwise.
function(salcheck_add_gate name suite)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "INCONCLUSIVE_SKIPS" "WORKING_DIRECTORY;PROGRAM" "ARGUMENTS")
  if(ARG_UNPARSED_ARGUMENTS OR ARG_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "salcheck_add_gate(${name}): unknown or without a value: "
                        "${ARG_UNPARSED_ARGUMENTS} ${ARG_KEYWORDS_MISSING_VALUES}")
  endif()
  if(NOT IS_ABSOLUTE "${suite}") # an absolute one may be made by the build
    set(suite ${CMAKE_CURRENT_SOURCE_DIR}/${suite})
    if(NOT EXISTS ${suite})
      message(FATAL_ERROR "salcheck_add_gate(${name}): no such file: ${suite}")
    endif()
  endif()
  if(NOT ARG_PROGRAM)
    if(NOT TARGET salcheck::program)
      message(FATAL_ERROR "salcheck_add_gate(${name}): salcheck was built without its program; give PROGRAM")
    endif()
    set(ARG_PROGRAM salcheck::program)
  endif()
  if(NOT ARG_WORKING_DIRECTORY)
    set(ARG_WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  endif()
  add_test(NAME ${name} COMMAND ${ARG_PROGRAM} run ${suite} ${ARG_ARGUMENTS}
           WORKING_DIRECTORY ${ARG_WORKING_DIRECTORY})
  if(ARG_INCONCLUSIVE_SKIPS)
    set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 3)
  endif()
endfunction()
