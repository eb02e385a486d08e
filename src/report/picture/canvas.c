/* report/picture/canvas.c - see canvas.h. */
#include "report/picture/canvas.h"

#include <ctype.h>
#include <string.h>

sal_status sal_canvas_make_(const sal_env *env, size_t width, size_t height, sal_rgb ground,
                            sal_canvas *out, sal_error *err)
{
    size_t count;
    sal_canvas c = {.env = env, .width = width, .height = height};
    if (sal_mul_size_(width, height, &count)) c.pixels = sal_alloc_array_(env, count, 3);
    if (!c.pixels) return sal_no_memory_(err, "a picture");
    sal_canvas_fill_(&c, 0, 0, width, height, ground);
    *out = c;
    return SAL_OK;
}

void sal_canvas_release_(sal_canvas *c)
{
    sal_free_(c->env, c->pixels);
    c->pixels = NULL;
}

void sal_canvas_fill_(sal_canvas *c, size_t x, size_t y, size_t width, size_t height,
                      sal_rgb colour)
{
    if (x >= c->width || y >= c->height) return;
    if (width > c->width - x) width = c->width - x;
    if (height > c->height - y) height = c->height - y;
    for (size_t i = 0; i < height; i++) {
        unsigned char *at = c->pixels + 3 * ((y + i) * c->width + x);
        for (size_t j = 0; j < width; j++, at += 3) {
            at[0] = colour.r;
            at[1] = colour.g;
            at[2] = colour.b;
        }
    }
}

/* The bytes 80 to bf of UTF-8 continue a character. */
static bool continues(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

void sal_canvas_text_(sal_canvas *c, size_t x, size_t y, size_t scale, sal_rgb colour,
                      const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (continues(text[i])) continue;
        const unsigned char *rows = sal_glyph_((unsigned char)text[i]);
        for (size_t row = 0; row < SAL_GLYPH_HIGH; row++)
            for (size_t column = 0; column < SAL_GLYPH_WIDE; column++)
                if (rows[row] >> (SAL_GLYPH_WIDE - 1 - column) & 1)
                    sal_canvas_fill_(c, x + column * scale, y + row * scale, scale, scale, colour);
        x += SAL_FONT_ADVANCE * scale;
    }
}

void sal_canvas_text_up_(sal_canvas *c, size_t x, size_t y, sal_rgb colour, const char *text,
                         size_t bytes)
{
    for (size_t i = 0; i < bytes && y >= SAL_FONT_ADVANCE; i++) {
        if (continues(text[i])) continue;
        const unsigned char *rows = sal_glyph_((unsigned char)text[i]);
        for (size_t row = 0; row < SAL_GLYPH_HIGH; row++)
            for (size_t column = 0; column < SAL_GLYPH_WIDE; column++)
                if (rows[row] >> (SAL_GLYPH_WIDE - 1 - column) & 1)
                    sal_canvas_fill_(c, x + row, y - 1 - column, 1, 1, colour);
        y -= SAL_FONT_ADVANCE;
    }
}

/* Not inside of numbers such as 3.2e-02. */
static bool may_break_after(const char *at)
{
    return strchr("/_", *at) ||
           (strchr("-.,:;", *at) && at[1] != ' ' && !isdigit((unsigned char)at[1]));
}

bool sal_next_line_(const char **rest, size_t columns, sal_line *line)
{
    const char *at = *rest;
    if (!at || !*at) return false;
    sal_line full = {.start = at}, cut = {0}; /* cut: up to the last good place */
    const char *after_cut = NULL;
    for (; *at && *at != '\n'; at++) {
        if (!continues(*at)) {
            if (*at == ' ') {
                cut = full;
                after_cut = at + 1;
            }
            if (full.characters == columns) break;
            full.characters++;
        }
        full.bytes++;
        if (full.characters > 1 && may_break_after(at)) {
            cut = full;
            after_cut = at + 1;
        }
    }
    if (!*at || *at == '\n' || !after_cut) {
        *line = full;
        *rest = *at == '\n' ? at + 1 : at;
    } else {
        *line = cut;
        *rest = after_cut;
    }
    return true;
}

size_t sal_count_lines_(const char *text, size_t columns, size_t *widest)
{
    size_t lines = 0, longest = 0;
    for (sal_line line; sal_next_line_(&text, columns, &line); lines++)
        if (line.characters > longest) longest = line.characters;
    if (widest) *widest = longest;
    return lines;
}
