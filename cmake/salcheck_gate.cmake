# salcheck_add_gate(NAME SUITE [INCONCLUSIVE_SKIPS] [SHARDS N] [ARGUMENTS ...] [WORKING_DIRECTORY FOLDER]
#                   [PROGRAM PATH])
#
# Adds the test NAME, which runs "salcheck run SUITE ARGUMENTS...". It passes when every check of the suite
# passes (exit code 0) and fails on every other: 1 a check failed, 2 misused, 3 inconclusive or invalid,
# 4 could not run. INCONCLUSIVE_SKIPS shows 3 as a skipped test instead. SUITE is relative to the current
# source folder; it runs in the current binary folder unless told otherwise.
#
# SHARDS N, for "ctest -j": tests NAME.part1 to NAME.partN measure a share of the draws each, on one thread,
# and leave NAME.part1.jsonl ...; NAME merges them into NAME.jsonl and ends as the whole would have.
function(salcheck_add_gate name suite)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "INCONCLUSIVE_SKIPS" "WORKING_DIRECTORY;PROGRAM;SHARDS" "ARGUMENTS")
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
  if(ARG_SHARDS)
    set(parts)
    foreach(part RANGE 1 ${ARG_SHARDS})
      add_test(NAME ${name}.part${part}
               COMMAND ${ARG_PROGRAM} run ${suite} --threads 1 ${ARG_ARGUMENTS} --shard ${part}/${ARG_SHARDS}
                       --out ${name}.part${part}.jsonl
               WORKING_DIRECTORY ${ARG_WORKING_DIRECTORY})
      set_tests_properties(${name}.part${part} PROPERTIES FIXTURES_SETUP ${name}.parts)
      list(APPEND parts ${name}.part${part}.jsonl)
    endforeach()
    add_test(NAME ${name} COMMAND ${ARG_PROGRAM} merge ${parts} --out ${name}.jsonl
             WORKING_DIRECTORY ${ARG_WORKING_DIRECTORY})
    set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED ${name}.parts)
  else()
    add_test(NAME ${name} COMMAND ${ARG_PROGRAM} run ${suite} ${ARG_ARGUMENTS}
             WORKING_DIRECTORY ${ARG_WORKING_DIRECTORY})
  endif()
  if(ARG_INCONCLUSIVE_SKIPS)
    set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 3)
  endif()
endfunction()
