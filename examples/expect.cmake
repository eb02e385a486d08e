# Runs an example: it must end with exit code CODE, and the text of the file EXPECT must stand, byte for
# byte, somewhere in what it prints.
#   cmake -DPROGRAM=first_check -DARGUMENTS=name -DCODE=1 -DEXPECT=caught.txt -P expect.cmake
execute_process(COMMAND ${PROGRAM} ${ARGUMENTS}
                RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE errors)
file(READ ${EXPECT} expected)
string(APPEND output "${errors}")
string(FIND "${output}" "${expected}" at)
string(FIND "${output}" "Sanitizer" sanitizer)

if(NOT code STREQUAL CODE)
  set(wrong "it ended with '${code}', wanted exit code ${CODE}")
elseif(expected STREQUAL "")
  set(wrong "${EXPECT} is empty")
elseif(at EQUAL -1)
  set(wrong "it did not print the text of ${EXPECT}")
elseif(NOT sanitizer EQUAL -1)
  set(wrong "a sanitizer reported something")
endif()
if(DEFINED wrong)
  message(NOTICE "It printed:\n${output}") # as it is: an error would break the lines anew
  message(FATAL_ERROR "${PROGRAM} ${ARGUMENTS}: ${wrong}")
endif()
