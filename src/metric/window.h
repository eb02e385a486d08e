/* metric/window.h - weighted means over a sliding window, row by row: rows of the map go in, rows
 * of means come out once the window is full. Only where the whole window lies on the map. */
#ifndef SAL_METRIC_WINDOW_H
#define SAL_METRIC_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

enum { SAL_WINDOW_UNIFORM7, SAL_WINDOW_UNIFORM5, SAL_WINDOW_GAUSSIAN };
extern const char *const sal_window_names_[]; /* in that order; ends with NULL */

typedef struct sal_window {
    size_t kind, size;  /* size x size pixels */
    size_t width, rows; /* of the means; rows taken so far */
    double *ring;       /* [size, width] the last rows, filtered along the row */
    double *sum;        /* [width] uniform: running sum of the ring */
} sal_window;

size_t sal_window_size_(size_t kind);
size_t sal_window_scratch_(size_t kind, size_t map_width); /* doubles */
sal_window sal_window_start_(size_t kind, size_t map_width, double *scratch);

/* Takes the next row [map_width]; true when means[map_width - size + 1] were written. */
bool sal_window_push_(sal_window *w, const double *row, double *means);

#endif
