/* onnx/write/wire.c - varints, 32-bit numbers and blocks with a length, little-endian. */
#include "onnx/write/wire.h"

#include <string.h>

void sal_wire_bytes_(sal_wire *w, const void *bytes, size_t n)
{
    size_t wanted;
    if (w->failed || !n) return;
    if (!sal_add_size_(w->n, n, &wanted) || wanted > SIZE_MAX / 4) {
        w->failed = true;
        return;
    }
    if (wanted > w->room) {
        size_t room = w->room ? 2 * w->room : 256;
        while (room < wanted) room *= 2;
        unsigned char *bigger = sal_alloc_(w->env, room);
        if (!bigger) {
            w->failed = true;
            return;
        }
        if (w->n) memcpy(bigger, w->data, w->n);
        sal_free_(w->env, w->data);
        w->data = bigger;
        w->room = room;
    }
    memcpy(w->data + w->n, bytes, n);
    w->n = wanted;
}

void sal_wire_varint_(sal_wire *w, uint64_t value)
{
    unsigned char bytes[10];
    size_t n = 0;
    do {
        bytes[n] = (unsigned char)(value & 0x7f);
        value >>= 7;
        if (value) bytes[n] |= 0x80;
        n++;
    } while (value);
    sal_wire_bytes_(w, bytes, n);
}

void sal_wire_int_(sal_wire *w, unsigned field, int64_t value)
{
    sal_wire_varint_(w, (uint64_t)field << 3);
    sal_wire_varint_(w, (uint64_t)value);
}

void sal_wire_float_(sal_wire *w, unsigned field, float value)
{
    uint32_t bits;
    unsigned char bytes[4];
    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 4; i++) bytes[i] = (unsigned char)(bits >> 8 * i);
    sal_wire_varint_(w, (uint64_t)field << 3 | 5);
    sal_wire_bytes_(w, bytes, sizeof bytes);
}

void sal_wire_block_(sal_wire *w, unsigned field, const void *bytes, size_t n)
{
    sal_wire_varint_(w, (uint64_t)field << 3 | 2);
    sal_wire_varint_(w, n);
    sal_wire_bytes_(w, bytes, n);
}

void sal_wire_text_(sal_wire *w, unsigned field, const char *text)
{
    sal_wire_block_(w, field, text, strlen(text));
}

void sal_wire_message_(sal_wire *w, unsigned field, sal_wire *part)
{
    w->failed = w->failed || part->failed;
    sal_wire_block_(w, field, part->data, part->n);
    part->n = 0;
}

void sal_wire_free_(sal_wire *w)
{
    sal_free_(w->env, w->data);
    *w = (sal_wire){.env = w->env};
}
