/* onnx/file/file.h - an ONNX file as protobuf-c structures; nothing in them can be trusted yet. */
#ifndef SAL_ONNX_FILE_H
#define SAL_ONNX_FILE_H

#include "base/base.h"

#include <onnx.pb-c.h>

/* A whole file, at most `most` bytes from `offset` on (SIZE_MAX: to the end). *bytes is released by
 * sal_free_. */
sal_status sal_onnx_read_bytes_(const sal_env *env, const char *path, size_t offset, size_t most,
                                unsigned char **bytes, size_t *size, sal_error *err);

/* Unpacks a message after a look at its nesting and at the memory that it asks for: protobuf-c
 * recurses, and makes hundreds of bytes out of two. name is for messages. Release with
 * sal_onnx_release_. */
sal_status sal_onnx_unpack_(const sal_env *env, const char *name,
                            const ProtobufCMessageDescriptor *kind, size_t size,
                            const unsigned char *bytes, ProtobufCMessage **out, sal_error *err);
void sal_onnx_release_(const sal_env *env, ProtobufCMessage *message); /* NULL is fine */

/* The end of a long path or name says more than its start. */
const char *sal_onnx_shown_(const char *text);

#endif
