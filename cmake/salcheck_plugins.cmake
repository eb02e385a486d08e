# salcheck::cmocka, salcheck::check, salcheck::criterion, salcheck::gtest: the library with a test
# framework, where pkg-config finds that. Nothing is to be built: the plugins are headers.
function(salcheck_plugins) # [GLOBAL]: for the folders above as well
  foreach(framework cmocka check criterion gtest)
    set(module ${framework})
    if(framework STREQUAL "gtest")
      set(module gtest_main)
    endif()
    string(TOUPPER SALCHECK_${framework} name)
    if(TARGET salcheck::${framework} OR NOT PKG_CONFIG_FOUND)
      continue()
    endif()
    pkg_check_modules(${name} QUIET IMPORTED_TARGET ${ARGN} ${module})
    if(${name}_FOUND)
      add_library(salcheck::${framework} INTERFACE IMPORTED ${ARGN})
      target_link_libraries(salcheck::${framework} INTERFACE salcheck::salcheck PkgConfig::${name})
    endif()
  endforeach()
endfunction()
