/* report/picture/cell.h - one cell of a sheet: its size on the sheet, its range, its pixels. */
#ifndef SAL_REPORT_CELL_H
#define SAL_REPORT_CELL_H

#include "report/picture/canvas.h"

#include <salcheck/report.h>

/* How a cell's elements become pixels: enlarged (zoom) or shrunk (block), never both. */
typedef struct sal_cell_size {
    size_t zoom_x, zoom_y, block;
    size_t wide, high; /* pixels on the sheet; 0 for an empty cell */
} sal_cell_size;

/* The cell has been checked: no side is 0 and their product fits. */
sal_cell_size sal_cell_size_(const sal_cell *cell);

/* What a cell's values are like; a map's after its channels are summed. */
typedef struct sal_cell_range {
    bool finite;
    double low, high; /* of a picture: low <= 0 */
    double rms;
} sal_cell_range;

sal_cell_range sal_cell_range_(const sal_cell *cell);
double sal_largest_magnitude_(const sal_cell_range *r);

/* t in [-1, 1]: blue, white at 0, red. */
sal_rgb sal_diverging_(double t);
sal_rgb sal_grey_(double t); /* t in [0, 1] */

/* Draws the cell with its top left corner at x, y. scale: the map's value of full colour. */
void sal_cell_draw_(sal_canvas *c, size_t x, size_t y, const sal_cell *cell,
                    const sal_cell_range *range, double scale);

/* A hatched rectangle: what stands for no defined value. */
void sal_hatch_(sal_canvas *c, size_t x, size_t y, size_t width, size_t height);

#endif
