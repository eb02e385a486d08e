# groff must have nothing to say about any manual page, and each must have a name and a synopsis.
#   cmake -DGROFF=groff -DMANUAL=folder -P manual.cmake
file(GLOB pages ${MANUAL}/*.1)
list(LENGTH pages n)
if(n LESS 2)
  message(FATAL_ERROR "${n} manual pages in ${MANUAL}")
endif()
foreach(page ${pages})
  execute_process(COMMAND ${GROFF} -man -Tascii -P -cbou -ww ${page}
                  RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE warnings)
  if(NOT code EQUAL 0 OR NOT warnings STREQUAL "")
    message(FATAL_ERROR "${page}: groff ends with ${code}: ${warnings}")
  endif()
  if(NOT text MATCHES "NAME.*salcheck.*SYNOPSIS.*salcheck.*EXIT STATUS")
    message(FATAL_ERROR "${page} lacks a part:\n${text}")
  endif()
endforeach()
