# cpack -G DEB (or TGZ). Build with the preset "package", whose prefix is /usr, for the usual folders.
set(CPACK_PACKAGE_NAME salcheck)
set(CPACK_PACKAGE_VENDOR "the authors of salcheck")
set(CPACK_PACKAGE_CONTACT "the authors of salcheck <salcheck@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "sanity checks for saliency maps as failing unit tests")
set(CPACK_PACKAGE_DESCRIPTION
"Tells whether the maps that a neural network's explanation method draws depend
on what the network has learned: as assertions for CMocka, Check, Criterion and
GoogleTest, and as a program for ONNX files. Library, headers, program, manual.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libcmocka-dev, pkg-config, cmake")
include(CPack)
