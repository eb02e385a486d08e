# The ONNX schema of the system, made into C by protoc-c while building. Sets SALCHECK_ONNX_FOLDER and
# adds to SALCHECK_SOURCES.
salcheck_needs(PROTOBUF_C libprotobuf-c)
find_program(PROTOC_C protoc-c REQUIRED)
find_path(ONNX_SCHEMA_FOLDER onnx.proto PATH_SUFFIXES onnx REQUIRED)

set(SALCHECK_ONNX_FOLDER ${PROJECT_BINARY_DIR}/onnx-schema)
set(schema ${SALCHECK_ONNX_FOLDER}/onnx.pb-c.c ${SALCHECK_ONNX_FOLDER}/onnx.pb-c.h)
file(MAKE_DIRECTORY ${SALCHECK_ONNX_FOLDER})
add_custom_command(
  OUTPUT ${schema}
  COMMAND ${PROTOC_C} --proto_path=${ONNX_SCHEMA_FOLDER} --c_out=${SALCHECK_ONNX_FOLDER} onnx.proto
  DEPENDS ${ONNX_SCHEMA_FOLDER}/onnx.proto
  COMMENT "Compiling the ONNX schema" VERBATIM)
set_source_files_properties(${schema} PROPERTIES COMPILE_OPTIONS -w)

file(GLOB_RECURSE onnx CONFIGURE_DEPENDS src/onnx/*.c)
list(FILTER onnx EXCLUDE REGEX absent.c$)
list(APPEND SALCHECK_SOURCES ${onnx} ${schema})
