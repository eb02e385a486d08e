# An engine that crashes or ends the process in a callback never ends as a pass, and it is said which check was
# running. Calls differ: in the probes before the draws, and among the draws.
set(ENV{ASAN_OPTIONS} "$ENV{ASAN_OPTIONS}:detect_leaks=0") # CMocka jumps out of the check
set(unfinished "check 'params' did not come to its end: a callback of the engine")

function(run callback way call code)
  execute_process(COMMAND ${PROGRAM} ${callback} ${way} ${call}
                  OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE result)
  if(NOT result MATCHES "^(${code})$")
    message(SEND_ERROR "${callback} ${way} ${call}: ended with ${result}, wanted ${code}:\n${said}")
  endif()
  foreach(part ${ARGN})
    string(FIND "${said}" "${part}" at)
    if(at LESS 0)
      message(SEND_ERROR "${callback} ${way} ${call}: does not say '${part}':\n${said}")
    endif()
  endforeach()
endfunction()

foreach(callback forward input_gradient saliency get_params set_params)
  foreach(call 1 3)
    run(${callback} segfault ${call} 1 "Test failed with exception: Segmentation fault(11)"
        "[  FAILED  ] crashes" "[       OK ] afterwards")
    run(${callback} exit ${call} 1 "[ RUN      ] crashes" "${unfinished}")
    run(${callback} abort ${call} "[^0].*" "[ RUN      ] crashes")
  endforeach()
endforeach()
run(set_params segfault 9 1 "[       OK ] afterwards") # with random parameters in the engine
run(none none 1 0 "[       OK ] crashes" "[       OK ] afterwards")
