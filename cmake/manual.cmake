# Writes the manual pages, one of the program and one of each command it lists, and its completion script.
#   cmake -DPROGRAM=salcheck -DMANUAL=folder -DCOMPLETION=file -P manual.cmake
function(page name)
  execute_process(COMMAND ${PROGRAM} man ${ARGN} OUTPUT_FILE ${MANUAL}/${name}.1
                  COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${MANUAL}) # pages of commands that are gone
file(MAKE_DIRECTORY ${MANUAL})
execute_process(COMMAND ${PROGRAM} --help OUTPUT_VARIABLE help COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\n  [a-z-]+ " lines "${help}")
foreach(line ${lines})
  string(STRIP "${line}" command)
  page(salcheck-${command} ${command})
endforeach()
get_filename_component(folder ${COMPLETION} DIRECTORY)
file(MAKE_DIRECTORY ${folder})
execute_process(COMMAND ${PROGRAM} completion bash OUTPUT_FILE ${COMPLETION} COMMAND_ERROR_IS_FATAL ANY)
page(salcheck) # last: what the build looks at
