/* onnx/read/names.h - finds a number by its name: a file may hold very many. Names are borrowed. */
#ifndef SAL_ONNX_NAMES_H
#define SAL_ONNX_NAMES_H

#include "base/base.h"

typedef struct sal_names {
    const sal_env *env;
    size_t n, room; /* room: a power of 2, or 0 */
    struct sal_name {
        const char *name; /* NULL: free */
        size_t number;
    } * rows;
} sal_names;

#define SAL_NO_NAME SIZE_MAX

/* The number of a name, or SAL_NO_NAME. */
size_t sal_names_find_(const sal_names *t, const char *name);
/* Adds it, or changes the number it has. False: no memory. */
bool sal_names_set_(sal_names *t, const char *name, size_t number);
void sal_names_free_(sal_names *t);

#endif
