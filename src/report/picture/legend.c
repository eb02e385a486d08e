/* report/picture/legend.c - the explanations below the cells of a contact sheet. */
#include "report/picture/sheet.h"

enum { BAR = 120, GREY_BAR = 60, HATCHED = 24, TALL = 10, BETWEEN = 24, SPACE = 6, TEXT = 96 };

typedef struct pen {
    size_t left, x, y, end;
    sal_canvas *canvas; /* NULL: only measures */
} pen;

typedef void paint(sal_canvas *c, size_t x, size_t y, size_t width);

static void paint_diverging(sal_canvas *c, size_t x, size_t y, size_t width)
{
    for (size_t i = 0; i < width; i++)
        sal_canvas_fill_(c, x + i, y, 1, TALL,
                         sal_diverging_(2 * (double)i / (double)(width - 1) - 1));
}

static void paint_grey(sal_canvas *c, size_t x, size_t y, size_t width)
{
    for (size_t i = 0; i < width; i++)
        sal_canvas_fill_(c, x + i, y, 1, TALL, sal_grey_((double)i / (double)(width - 1)));
}

static void paint_hatch(sal_canvas *c, size_t x, size_t y, size_t width)
{
    sal_hatch_(c, x, y, width, TALL);
}

/* A swatch with a text after it; on a new line when it would not fit beside the last one. */
static void item(pen *p, paint *swatch, size_t width, const char *text)
{
    static const sal_rgb ink = {70, 70, 70}, frame = {176, 176, 176};
    size_t widest, room = p->end - p->left, text_x = width ? width + SPACE : 0;
    sal_count_lines_(text, SIZE_MAX, &widest);
    if (p->x > p->left && p->x + text_x + widest * SAL_FONT_ADVANCE > p->end) {
        p->x = p->left;
        p->y += SAL_FONT_LINE + 2;
    }
    if (p->canvas && swatch) {
        sal_canvas_fill_(p->canvas, p->x - 1, p->y - 1, width + 2, TALL + 2, frame);
        swatch(p->canvas, p->x, p->y, width);
    }
    size_t columns = room > text_x + SAL_FONT_ADVANCE ? (room - text_x) / SAL_FONT_ADVANCE : 1;
    size_t y = p->y;
    for (sal_line line; sal_next_line_(&text, columns, &line); y += SAL_FONT_LINE) {
        if (p->canvas)
            sal_canvas_text_(p->canvas, p->x + text_x, y, 1, ink, line.start, line.bytes);
        p->y = y;
    }
    p->x += text_x + widest * SAL_FONT_ADVANCE + BETWEEN;
}

size_t sal_legend_(const sal_sheet_layout *l, size_t x, size_t y, size_t width, sal_canvas *c)
{
    pen p = {.left = x, .x = x, .y = y, .end = x + width, .canvas = c};
    if (l->any_map) item(&p, paint_diverging, BAR, "maps: -max of the row to +max, 0 white");
    if (l->any_picture)
        item(&p, paint_grey, GREY_BAR, "pictures: 0 (or least) black, largest white");
    if (l->any_undefined) item(&p, paint_hatch, HATCHED, "undefined: NaN or infinity in the map");
    if (l->largest_block > 1) {
        char text[TEXT];
        sal_text t = sal_text_into_(text, sizeof text);
        sal_text_add_(&t, "large maps shrunk up to %zu times, means of blocks", l->largest_block);
        item(&p, NULL, 0, text);
    }
    return p.x == x && p.y == y ? 0 : p.y + SAL_FONT_LINE - y;
}
