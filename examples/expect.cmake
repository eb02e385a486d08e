# Runs an example: it must end with exit code CODE, and the text of each file of TEXTS must stand, byte for
# byte, somewhere in what it prints.
#   cmake -DPROGRAM=first_check -DARGUMENTS=name -DCODE=1 -DTEXTS=caught.txt -P expect.cmake
execute_process(COMMAND ${PROGRAM} ${ARGUMENTS}
                RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE errors)
string(APPEND output "${errors}")
string(FIND "${output}" "Sanitizer" sanitizer)

if(NOT code STREQUAL CODE)
  set(wrong "it ended with '${code}', wanted exit code ${CODE}")
elseif(NOT sanitizer EQUAL -1)
  set(wrong "a sanitizer reported something")
endif()
foreach(text ${TEXTS})
  file(READ ${text} expected)
  string(FIND "${output}" "${expected}" at)
  if(expected STREQUAL "")
    set(wrong "${text} is empty")
  elseif(at EQUAL -1)
    set(wrong "it did not print the text of ${text}")
  endif()
endforeach()
if(DEFINED wrong)
  message(NOTICE "It printed:\n${output}") # as it is: an error would break the lines anew
  message(FATAL_ERROR "${PROGRAM} ${ARGUMENTS}: ${wrong}")
endif()
