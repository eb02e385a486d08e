# Runs a test program with SALCHECK_CTEST under "ctest -T Test", without a dashboard, in a scratch folder:
# the measurements must be in the Test.xml that would go to one.
#   cmake -DPROGRAM=texts_program -DFOLDER=scratch -P measurements.cmake
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
file(WRITE ${FOLDER}/CTestTestfile.cmake "
add_test(pass ${PROGRAM} passes)
add_test(caught ${PROGRAM} params)
add_test(quiet ${PROGRAM} passes)
set_tests_properties(pass caught PROPERTIES
  ENVIRONMENT \"SALCHECK_CTEST=1;SALCHECK_OUT=${FOLDER}/pictures\")
")
file(WRITE ${FOLDER}/DartConfiguration.tcl
     "BuildDirectory: ${FOLDER}\nSourceDirectory: ${FOLDER}\nSite: here\nBuildName: scratch\n")
unset(ENV{SALCHECK_CTEST})
execute_process(COMMAND ${CMAKE_CTEST_COMMAND} -T Test -M Experimental WORKING_DIRECTORY ${FOLDER}
                OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE ignored) # one test fails
file(GLOB result ${FOLDER}/Testing/*/Test.xml)
if(NOT result)
  message(FATAL_ERROR "ctest left no Test.xml; it said:\n${said}")
endif()
file(READ ${result} xml)
set(number "<NamedMeasurement type=\"numeric/double\" name=\"whole_numbers: ")
set(value "\">[ \n\t]*<Value>[0-9.]+</Value>")
foreach(name "random-from-params params fc D" "random-from-params params fc D low" "sobel params fc D high")
  if(NOT xml MATCHES "${number}${name}${value}")
    message(FATAL_ERROR "no measurement '${name}' in ${result}:\n${xml}")
  endif()
endforeach()
if(NOT xml MATCHES "name=\"whole_numbers: sobel params fc\" type=\"image/png\" encoding=\"base64\"")
  message(FATAL_ERROR "no picture in ${result}:\n${xml}")
endif()
string(REGEX MATCHALL "random-from-params params fc D\"" found "${xml}")
list(LENGTH found n)
if(NOT n EQUAL 1)
  message(FATAL_ERROR "measured ${n} times, wanted once: without SALCHECK_CTEST nothing is printed")
endif()
