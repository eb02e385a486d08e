/* onnx/write/wire.h - protocol buffers being written: bytes that grow. The first lack of memory sticks. */
#ifndef SAL_ONNX_WIRE_H
#define SAL_ONNX_WIRE_H

#include "base/base.h"

typedef struct sal_wire {
    const sal_env *env;
    unsigned char *data;
    size_t n, room;
    bool failed;
} sal_wire;

void sal_wire_bytes_(sal_wire *w, const void *bytes, size_t n);
void sal_wire_varint_(sal_wire *w, uint64_t value);
/* Fields: number and value. */
void sal_wire_int_(sal_wire *w, unsigned field, int64_t value);
void sal_wire_float_(sal_wire *w, unsigned field, float value);
void sal_wire_block_(sal_wire *w, unsigned field, const void *bytes, size_t n);
void sal_wire_text_(sal_wire *w, unsigned field, const char *text);
/* part becomes a message inside of w, and empty. */
void sal_wire_message_(sal_wire *w, unsigned field, sal_wire *part);
void sal_wire_free_(sal_wire *w);

#endif
