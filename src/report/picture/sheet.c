/* report/picture/sheet.c - contact sheets: title, column labels, labelled rows of cells, legend, note. */
#include "report/picture/sheet.h"

#include "report/picture/png.h"

#include <math.h>
#include <string.h>

enum { MOST_LINES = 4096, NARROWEST = 400, NARROWEST_COLUMN = 72, TICK = 4, SCALE_TEXT = 48 };

static const sal_rgb paper = {246, 246, 244}, ink = {24, 24, 24}, faint = {110, 110, 110},
                     rule = {176, 176, 176};

void sal_scale_text_(const sal_sheet *sheet, double scale, sal_text *out)
{
    int exponent = scale > 0 ? (int)floor(log10(scale)) : 0;
    double mantissa = scale > 0 ? scale / pow(10, exponent) : 0;
    if (mantissa >= 9.95) { /* would print as 10.0 */
        mantissa = 1;
        exponent++;
    }
    sal_text_add_(out, "max ");
    if (!(scale > 0))
        sal_text_add_(out, "0");
    else if (exponent >= -2 && exponent <= 2)
        sal_text_number_(out, scale, 1 - exponent < 0 ? 0 : 1 - exponent);
    else {
        sal_text_number_(out, mantissa, 1);
        sal_text_add_(out, "e%c%02d", exponent < 0 ? '-' : '+',
                      exponent < 0 ? -exponent : exponent);
    }
    if (sheet->each_by_its_rms) sal_text_add_(out, " rms");
}

static const char *label_of(const char *const *labels, size_t i)
{
    return labels ? labels[i] : NULL;
}

/* Column labels keep one character clear of their neighbours. */
static size_t column_characters(const sal_span *column)
{
    size_t n = column->size / SAL_FONT_ADVANCE;
    return n > 1 ? n - 1 : 1;
}

static sal_status check_sheet(const sal_sheet *sheet, sal_error *err)
{
    for (size_t i = 0; i < sizeof sheet->reserved_ / sizeof sheet->reserved_[0]; i++)
        if (sheet->reserved_[i])
            return sal_fail_(err, SAL_E_ARG, "reserved_ of the sheet is not 0");
    if (!sheet->cells) return sal_fail_(err, SAL_E_ARG, "the sheet has no cells");
    if (sheet->columns < 1 || sheet->columns > MOST_LINES || sheet->rows < 1 ||
        sheet->rows > MOST_LINES)
        return sal_fail_(err, SAL_E_ARG, "a sheet of %zu rows and %zu columns, wanted 1 to %d each",
                         sheet->rows, sheet->columns, MOST_LINES);
    for (size_t i = 0; i < sheet->rows * sheet->columns; i++) {
        const sal_cell *cell = &sheet->cells[i];
        size_t n, row = i / sheet->columns, column = i % sheet->columns;
        if (!cell->data) continue;
        if (cell->kind != SAL_CELL_MAP && cell->kind != SAL_CELL_PICTURE)
            return sal_fail_(err, SAL_E_ARG, "cell at row %zu, column %zu: unknown kind %d", row,
                             column, (int)cell->kind);
        if (!cell->channels || !cell->height || !cell->width ||
            !sal_mul_size_(cell->channels, cell->height, &n) || !sal_mul_size_(n, cell->width, &n))
            return sal_fail_(err, SAL_E_SHAPE,
                             "cell at row %zu, column %zu: [%zu, %zu, %zu], wanted 1 or more each",
                             row, column, cell->channels, cell->height, cell->width);
    }
    return SAL_OK;
}

/* Ranges of all cells, scales of the rows, and what the legend has to explain. */
static void measure_values(const sal_sheet *sheet, sal_sheet_layout *l)
{
    for (size_t r = 0; r < sheet->rows; r++) {
        l->scales[r] = -1;
        for (size_t k = 0; k < sheet->columns; k++) {
            const sal_cell *cell = &sheet->cells[r * sheet->columns + k];
            sal_cell_range *range = &l->ranges[r * sheet->columns + k];
            *range = sal_cell_range_(cell);
            if (!cell->data) continue;
            if (!range->finite)
                l->any_undefined = true;
            else if (cell->kind == SAL_CELL_PICTURE)
                l->any_picture = true;
            else {
                double most = sal_largest_magnitude_(range);
                if (sheet->each_by_its_rms && range->rms > 0) most /= range->rms;
                if (most > l->scales[r]) l->scales[r] = most;
                l->any_map = true;
            }
        }
    }
}

static void measure_cells(const sal_sheet *sheet, sal_sheet_layout *l)
{
    l->largest_block = 1;
    for (size_t r = 0; r < sheet->rows; r++)
        for (size_t k = 0; k < sheet->columns; k++) {
            sal_cell_size s = sal_cell_size_(&sheet->cells[r * sheet->columns + k]);
            if (s.wide > l->columns[k].size) l->columns[k].size = s.wide;
            if (s.high > l->rows[r].size) l->rows[r].size = s.high;
            if (s.block > l->largest_block) l->largest_block = s.block;
        }
    for (size_t k = 0; k < sheet->columns; k++)
        if (l->columns[k].size < NARROWEST_COLUMN) l->columns[k].size = NARROWEST_COLUMN;
}

/* Columns from left to right; the width of the sheet follows. */
static void place_columns(const sal_sheet *sheet, sal_sheet_layout *l)
{
    size_t widest = 0, x = SAL_SHEET_MARGIN;
    for (size_t r = 0; r < sheet->rows; r++) {
        char text[SCALE_TEXT];
        sal_text scale = sal_text_into_(text, sizeof text);
        size_t longest;
        sal_count_lines_(label_of(sheet->row_labels, r), SAL_SHEET_LABEL_COLUMNS, &longest);
        if (l->scales[r] >= 0) sal_scale_text_(sheet, l->scales[r], &scale);
        if (scale.length > longest) longest = scale.length;
        if (longest > widest) widest = longest;
    }
    if (widest) x += widest * SAL_FONT_ADVANCE + SAL_SHEET_GAP;
    for (size_t k = 0; k < sheet->columns; k++) {
        l->columns[k].at = x;
        x += l->columns[k].size;
    }
    x += SAL_SHEET_MARGIN;
    l->width = x > NARROWEST ? x : NARROWEST;
}

/* Lines of text over the whole width; c NULL: only measures. The height is returned. */
static size_t paragraph(const sal_sheet_layout *l, size_t y, size_t scale, sal_rgb colour,
                        const char *text, sal_canvas *c)
{
    size_t columns = (l->width - 2 * SAL_SHEET_MARGIN) / (SAL_FONT_ADVANCE * scale), high = 0;
    for (sal_line line; sal_next_line_(&text, columns, &line); high += SAL_FONT_LINE * scale)
        if (c)
            sal_canvas_text_(c, SAL_SHEET_MARGIN, y + high, scale, colour, line.start, line.bytes);
    return high;
}

static size_t with_gap(size_t high)
{
    return high ? high + SAL_SHEET_GAP : 0;
}

/* Everything from top to bottom; the height of the sheet follows. */
static void place_rows(const sal_sheet *sheet, sal_sheet_layout *l)
{
    size_t y = SAL_SHEET_MARGIN, label_lines = 0;
    y += with_gap(paragraph(l, y, SAL_SHEET_TITLE_SCALE, ink, sheet->title, NULL));
    for (size_t k = 0; k < sheet->columns; k++) {
        size_t n = sal_count_lines_(label_of(sheet->column_labels, k),
                                    column_characters(&l->columns[k]), NULL);
        if (n > label_lines) label_lines = n;
    }
    y += label_lines * SAL_FONT_LINE + TICK;
    l->labels_y = y - TICK;
    for (size_t r = 0; r < sheet->rows; r++) {
        size_t lines =
            sal_count_lines_(label_of(sheet->row_labels, r), SAL_SHEET_LABEL_COLUMNS, NULL);
        if (l->scales[r] >= 0) lines++;
        if (lines * SAL_FONT_LINE > l->rows[r].size) l->rows[r].size = lines * SAL_FONT_LINE;
        l->rows[r].at = y + 1; /* below the rule between rows */
        y += l->rows[r].size + 1;
    }
    y += 1 + SAL_SHEET_GAP;
    l->legend_y = y;
    y += with_gap(sal_legend_(l, SAL_SHEET_MARGIN, y, l->width - 2 * SAL_SHEET_MARGIN, NULL));
    l->note_y = y;
    y += with_gap(paragraph(l, y, 1, ink, sheet->note, NULL));
    l->height = y - SAL_SHEET_GAP + SAL_SHEET_MARGIN;
}

sal_status sal_sheet_layout_(const sal_env *env, const sal_sheet *sheet, sal_sheet_layout *out,
                             sal_error *err)
{
    sal_status st = check_sheet(sheet, err);
    if (st != SAL_OK) return st;
    sal_sheet_layout l = {.env = env};
    l.columns = sal_alloc_zero_(env, sheet->columns, sizeof *l.columns);
    l.rows = sal_alloc_zero_(env, sheet->rows, sizeof *l.rows);
    l.scales = sal_alloc_zero_(env, sheet->rows, sizeof *l.scales);
    l.ranges = sal_alloc_zero_(env, sheet->rows * sheet->columns, sizeof *l.ranges);
    if (!l.columns || !l.rows || !l.scales || !l.ranges) {
        sal_sheet_layout_release_(&l);
        return sal_no_memory_(err, "a sheet");
    }
    measure_values(sheet, &l);
    measure_cells(sheet, &l);
    place_columns(sheet, &l);
    place_rows(sheet, &l);
    if (l.width > SAL_SHEET_MAX_SIDE || l.height > SAL_SHEET_MAX_SIDE ||
        l.width * l.height > SAL_SHEET_MAX_PIXELS) {
        st = sal_fail_(err, SAL_E_NOMEM,
                       "a sheet of %zu x %zu pixels, at most %d each way and %zu in all", l.width,
                       l.height, SAL_SHEET_MAX_SIDE, SAL_SHEET_MAX_PIXELS);
        sal_sheet_layout_release_(&l);
        return st;
    }
    *out = l;
    return SAL_OK;
}

void sal_sheet_layout_release_(sal_sheet_layout *l)
{
    sal_free_(l->env, l->columns);
    sal_free_(l->env, l->rows);
    sal_free_(l->env, l->scales);
    sal_free_(l->env, l->ranges);
    *l = (sal_sheet_layout){0};
}

/* Centred over its column, the last line just above the cells. */
static void draw_column_label(const sal_sheet *sheet, const sal_sheet_layout *l, size_t k,
                              sal_canvas *c)
{
    const sal_span *column = &l->columns[k];
    const char *text = label_of(sheet->column_labels, k);
    size_t characters = column_characters(column);
    size_t y = l->labels_y - SAL_FONT_LINE * sal_count_lines_(text, characters, NULL);
    for (sal_line line; sal_next_line_(&text, characters, &line); y += SAL_FONT_LINE) {
        size_t wide = line.characters * SAL_FONT_ADVANCE;
        size_t x = column->at + (wide < column->size ? (column->size - wide) / 2 : 0);
        sal_canvas_text_(c, x, y, 1, ink, line.start, line.bytes);
    }
}

static void draw_row_label(const sal_sheet *sheet, const sal_sheet_layout *l, size_t r,
                           sal_canvas *c)
{
    const sal_span *row = &l->rows[r];
    const char *text = label_of(sheet->row_labels, r);
    char buffer[SCALE_TEXT];
    sal_text scale = sal_text_into_(buffer, sizeof buffer);
    if (l->scales[r] >= 0) sal_scale_text_(sheet, l->scales[r], &scale);
    size_t lines = sal_count_lines_(text, SAL_SHEET_LABEL_COLUMNS, NULL) + (scale.length > 0);
    size_t y = row->at + (row->size - lines * SAL_FONT_LINE) / 2 + 1;
    for (sal_line line; sal_next_line_(&text, SAL_SHEET_LABEL_COLUMNS, &line); y += SAL_FONT_LINE)
        sal_canvas_text_(c, SAL_SHEET_MARGIN, y, 1, ink, line.start, line.bytes);
    sal_canvas_text_(c, SAL_SHEET_MARGIN, y, 1, faint, buffer, scale.length);
}

/* Cells stand in the middle of their place; equal ones fill it and touch. */
static void draw_row(const sal_sheet *sheet, const sal_sheet_layout *l, size_t r, sal_canvas *c)
{
    for (size_t k = 0; k < sheet->columns; k++) {
        const sal_cell *cell = &sheet->cells[r * sheet->columns + k];
        const sal_cell_range *range = &l->ranges[r * sheet->columns + k];
        sal_cell_size s = sal_cell_size_(cell);
        double scale = l->scales[r];
        if (sheet->each_by_its_rms && range->rms > 0) scale *= range->rms;
        sal_cell_draw_(c, l->columns[k].at + (l->columns[k].size - s.wide) / 2,
                       l->rows[r].at + (l->rows[r].size - s.high) / 2, cell, range, scale);
    }
}

static void draw(const sal_sheet *sheet, const sal_sheet_layout *l, sal_canvas *c)
{
    const sal_span *last = &l->columns[sheet->columns - 1];
    size_t left = l->columns[0].at, wide = last->at + last->size - left;
    paragraph(l, SAL_SHEET_MARGIN, SAL_SHEET_TITLE_SCALE, ink, sheet->title, c);
    for (size_t k = 0; k < sheet->columns; k++) {
        draw_column_label(sheet, l, k, c);
        if (k) sal_canvas_fill_(c, l->columns[k].at, l->labels_y, 1, TICK, rule);
    }
    for (size_t r = 0; r < sheet->rows; r++) {
        sal_canvas_fill_(c, left, l->rows[r].at - 1, wide, 1, rule);
        draw_row(sheet, l, r, c);
        draw_row_label(sheet, l, r, c);
    }
    sal_canvas_fill_(c, left, l->rows[sheet->rows - 1].at + l->rows[sheet->rows - 1].size, wide, 1,
                     rule);
    sal_legend_(l, SAL_SHEET_MARGIN, l->legend_y, l->width - 2 * SAL_SHEET_MARGIN, c);
    paragraph(l, l->note_y, 1, ink, sheet->note, c);
}

sal_status sal_sheet_write(const sal_env *env, const sal_sheet *sheet, const char *path,
                           sal_error *err)
{
    sal_sheet_layout layout = {0};
    sal_canvas canvas = {.env = env};
    if (!sheet || !path) return sal_fail_(err, SAL_E_ARG, "sheet or path is NULL");
    sal_status st = sal_sheet_layout_(env, sheet, &layout, err);
    if (st != SAL_OK) return st;
    st = sal_canvas_make_(env, layout.width, layout.height, paper, &canvas, err);
    if (st == SAL_OK) {
        draw(sheet, &layout, &canvas);
        st = sal_png_write_(env, &canvas, path, err);
    }
    sal_canvas_release_(&canvas);
    sal_sheet_layout_release_(&layout);
    return st;
}
