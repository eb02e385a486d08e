# A package that the library is linked to: PkgConfig::NAME, for this build and for those that link the
# installed static library. Adds to SALCHECK_LIBRARIES, SALCHECK_NEEDS and SALCHECK_LDFLAGS.
macro(salcheck_needs name module)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET GLOBAL ${module})
  list(APPEND SALCHECK_LIBRARIES PkgConfig::${name})
  list(APPEND SALCHECK_LDFLAGS ${${name}_LDFLAGS})
  string(APPEND SALCHECK_NEEDS "\n  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${module})")
endmacro()
