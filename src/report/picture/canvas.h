/* report/picture/canvas.h - a grid of pixels, rectangles, and text in an own 5x10 bitmap font. */
#ifndef SAL_REPORT_CANVAS_H
#define SAL_REPORT_CANVAS_H

#include "base/base.h"

typedef struct sal_rgb {
    unsigned char r, g, b;
} sal_rgb;

typedef struct sal_canvas {
    const sal_env *env;
    size_t width, height;
    unsigned char *pixels; /* [height, width, 3] */
} sal_canvas;

sal_status sal_canvas_make_(const sal_env *env, size_t width, size_t height, sal_rgb ground,
                            sal_canvas *out, sal_error *err);
void sal_canvas_release_(sal_canvas *c);

/* What lies outside of the canvas is left out. */
void sal_canvas_fill_(sal_canvas *c, size_t x, size_t y, size_t width, size_t height,
                      sal_rgb colour);

/* ---- text: a character takes SAL_FONT_ADVANCE x SAL_FONT_LINE pixels, times scale ------- */

enum { SAL_GLYPH_WIDE = 5, SAL_GLYPH_HIGH = 10, SAL_FONT_ADVANCE = 6, SAL_FONT_LINE = 13 };

/* Rows of a glyph from the top, bit 4 = left; a box for what is not printable ASCII. */
const unsigned char *sal_glyph_(unsigned char character);

/* Draws one line: the first `bytes` bytes of text. */
void sal_canvas_text_(sal_canvas *c, size_t x, size_t y, size_t scale, sal_rgb colour,
                      const char *text, size_t bytes);

/* The same upwards, from y (exclusive) on; scale 1. */
void sal_canvas_text_up_(sal_canvas *c, size_t x, size_t y, sal_rgb colour, const char *text,
                         size_t bytes);

/* One line of a text. */
typedef struct sal_line {
    const char *start;
    size_t bytes, characters;
} sal_line;

/* Cuts the first line of at most `columns` (>= 1) characters off *rest: at a newline, a space,
 * after a mark such as - / _ or, failing these, anywhere. false: nothing is left. */
bool sal_next_line_(const char **rest, size_t columns, sal_line *line);
/* Lines of the whole text (NULL: 0) and the longest of them; widest may be NULL. */
size_t sal_count_lines_(const char *text, size_t columns, size_t *widest);

#endif
