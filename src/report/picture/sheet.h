/* report/picture/sheet.h - where everything on a contact sheet stands. */
#ifndef SAL_REPORT_SHEET_H
#define SAL_REPORT_SHEET_H

#include "report/picture/cell.h"

typedef struct sal_span {
    size_t at, size; /* first pixel, pixels */
} sal_span;

typedef struct sal_sheet_layout {
    const sal_env *env;
    size_t width, height;
    sal_span *columns, *rows;
    double *scales;         /* [rows]: value of full colour; < 0: no map in this row */
    sal_cell_range *ranges; /* [rows][columns] */
    size_t labels_y, legend_y, note_y;
    bool any_map, any_picture, any_undefined;
    size_t largest_block; /* of a shrunk cell; 1: none is */
} sal_sheet_layout;

/* Checks the sheet and lays it out. */
sal_status sal_sheet_layout_(const sal_env *env, const sal_sheet *sheet, sal_sheet_layout *out,
                             sal_error *err);
void sal_sheet_layout_release_(sal_sheet_layout *l);

/* "max 3.2e-02", with " rms" where the maps are drawn by their rms. */
void sal_scale_text_(const sal_sheet *sheet, double scale, sal_text *out);

/* The explanations below the cells, as many as apply, in lines of at most `width` pixels from x, y
 * on; the height is returned. c NULL: only measures. */
size_t sal_legend_(const sal_sheet_layout *l, size_t x, size_t y, size_t width, sal_canvas *c);

enum {
    SAL_SHEET_MARGIN = 12,
    SAL_SHEET_GAP = 8, /* between title, labels, cells, legend */
    SAL_SHEET_TITLE_SCALE = 2,
    SAL_SHEET_LABEL_COLUMNS = 24
};

#endif
