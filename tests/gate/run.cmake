# cmake -DSOURCE=tests/gate -DFOLDER=scratch -P run.cmake
file(REMOVE_RECURSE ${FOLDER})
execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${FOLDER} OUTPUT_VARIABLE said ERROR_VARIABLE said
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_CTEST_COMMAND} -V WORKING_DIRECTORY ${FOLDER}
                OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE ignored)
foreach(row "gate_0 [.]+   Passed" "gate_1 [.]+[*]+Failed" "gate_2 [.]+[*]+Failed" "gate_3 [.]+[*]+Failed"
            "gate_4 [.]+[*]+Failed" "skips_1 [.]+[*]+Failed" "skips_3 [.]+[*]+Skipped" "relative [.]+   Passed"
            "<run><[^>]*/tests/gate/suite.yaml><--out><a file.jsonl>" "shared [.]+   Passed"
            "<run><[^>]*/ends_0.yaml><--threads><1><--seed><7><--shard><3/3><--out><shared.part3.jsonl>"
            "<merge><shared.part1.jsonl><shared.part2.jsonl><shared.part3.jsonl><--out><shared.jsonl>"
            "lost [.]+[*]+Not Run")
  if(NOT said MATCHES "${row}")
    message(FATAL_ERROR "not as wanted: ${row}\n${said}")
  endif()
endforeach()

foreach(wrong "file:no such file: [^\n]*/no_such.yaml" "word:unknown or without a value: SKIP" "program:give PROGRAM")
  string(REGEX MATCH "^[a-z]+" kind "${wrong}")
  string(REGEX REPLACE "^[a-z]+:" "" text "${wrong}")
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${FOLDER}/${kind} -DWRONG=${kind}
                  OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE code)
  string(REGEX REPLACE "\n +" " " said "${said}") # messages wrap
  if(code EQUAL 0 OR NOT said MATCHES "${text}")
    message(FATAL_ERROR "${kind}: ended with ${code}, wanted '${text}'\n${said}")
  endif()
endforeach()
