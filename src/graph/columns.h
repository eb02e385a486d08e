/* graph/columns.h - the patches under a window as a matrix: row (channel, tap), column = pixel of
 * the output, padded with zeros to a multiple of 16 so that every pixel adds up in one order. */
#ifndef SAL_GRAPH_COLUMNS_H
#define SAL_GRAPH_COLUMNS_H

#include "graph/op.h"

typedef struct sal_columns {
    sal_window w;
    size_t channels;           /* of a group */
    size_t rows, pixels, wide; /* of the matrix; wide = pixels padded */
} sal_columns;

sal_columns sal_columns_of_(const sal_window *w, size_t channels);
void sal_columns_take_(const sal_columns *g, const float *x, float *columns);
/* The way back: adds every entry to the place it was taken from. */
void sal_columns_add_(const sal_columns *g, const float *columns, float *x);

#endif
