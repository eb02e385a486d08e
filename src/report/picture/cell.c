/* report/picture/cell.c - see cell.h. */
#include "report/picture/cell.h"

#include "tensor/tensor.h"

#include <math.h>
#include <string.h>

enum { SMALL = 64, ENLARGED = 96, LARGEST = 256, STRIP = 24, HATCH = 6, COLOURS = 3 };

sal_cell sal_cell_of(const sal_tensor *t, size_t n, sal_cell_kind kind)
{
    sal_cell cell = {.kind = kind};
    size_t rank = t ? t->shape.rank : 0;
    if (rank < 2 || rank > 4 || n >= (size_t)t->shape.dims[0]) return cell;
    cell.channels = rank == 2 ? 1 : (size_t)t->shape.dims[1];
    cell.height = rank == 4 ? (size_t)t->shape.dims[2] : 1;
    cell.width = (size_t)t->shape.dims[rank - 1];
    cell.data = t->data + n * sal_shape_count_from_(&t->shape, 1);
    return cell;
}

sal_cell_size sal_cell_size_(const sal_cell *cell)
{
    sal_cell_size s = {.zoom_x = 1, .zoom_y = 1, .block = 1};
    size_t side = cell->width > cell->height ? cell->width : cell->height;
    if (!cell->data) return (sal_cell_size){0};
    if (side > LARGEST) s.block = (side - 1) / LARGEST + 1;
    if (side <= SMALL) s.zoom_x = s.zoom_y = side > ENLARGED / 2 ? 2 : ENLARGED / side;
    if (cell->height == 1)
        s.zoom_y = STRIP;
    else if (cell->width == 1)
        s.zoom_x = STRIP;
    s.wide = ((cell->width - 1) / s.block + 1) * s.zoom_x;
    s.high = ((cell->height - 1) / s.block + 1) * s.zoom_y;
    return s;
}

static bool is_colour(const sal_cell *cell)
{
    return cell->kind == SAL_CELL_PICTURE && cell->channels == COLOURS;
}

/* The value at y, x: of one channel of a colour picture, else the sum of the channels. */
static double value_at(const sal_cell *cell, size_t channel, size_t y, size_t x)
{
    size_t plane = cell->height * cell->width;
    const float *at = cell->data + y * cell->width + x;
    if (is_colour(cell)) return (double)at[channel * plane];
    double sum = 0;
    for (size_t i = 0; i < cell->channels; i++) sum += (double)at[i * plane];
    return sum;
}

static double block_mean(const sal_cell *cell, size_t channel, size_t top, size_t left,
                         size_t block)
{
    double sum = 0;
    size_t n = 0;
    for (size_t y = top; y < top + block && y < cell->height; y++)
        for (size_t x = left; x < left + block && x < cell->width; x++, n++)
            sum += value_at(cell, channel, y, x);
    return sum / (double)n;
}

sal_cell_range sal_cell_range_(const sal_cell *cell)
{
    sal_cell_range r = {.finite = true};
    size_t plane = cell->height * cell->width, shown = is_colour(cell) ? COLOURS : 1;
    double squares = 0;
    if (!cell->data) return r;
    r.finite = sal_first_not_finite_(cell->channels * plane, cell->data) == cell->channels * plane;
    for (size_t k = 0; k < shown && r.finite; k++)
        for (size_t i = 0; i < plane; i++) {
            double v = value_at(cell, k, i / cell->width, i % cell->width);
            squares += v * v;
            if (v < r.low) r.low = v;
            if (v > r.high || (k == 0 && i == 0)) r.high = v;
        }
    r.rms = sqrt(squares / (double)(plane * shown));
    return r;
}

double sal_largest_magnitude_(const sal_cell_range *r)
{
    return fmax(-r->low, fabs(r->high));
}

static sal_rgb mix(sal_rgb a, sal_rgb b, double share)
{
    double keep = 1 - share;
    return (sal_rgb){(unsigned char)(a.r * keep + b.r * share + 0.5),
                     (unsigned char)(a.g * keep + b.g * share + 0.5),
                     (unsigned char)(a.b * keep + b.b * share + 0.5)};
}

sal_rgb sal_diverging_(double t)
{
    static const sal_rgb white = {255, 255, 255}, half[] = {{118, 164, 236}, {244, 132, 112}},
                         full[] = {{10, 44, 140}, {150, 6, 24}};
    size_t side = t > 0;
    double size = fmin(fabs(t), 1);
    return size <= 0.5 ? mix(white, half[side], 2 * size)
                       : mix(half[side], full[side], 2 * size - 1);
}

sal_rgb sal_grey_(double t)
{
    return mix((sal_rgb){0, 0, 0}, (sal_rgb){255, 255, 255}, fmin(fmax(t, 0), 1));
}

void sal_hatch_(sal_canvas *c, size_t x, size_t y, size_t width, size_t height)
{
    static const sal_rgb ground = {236, 236, 236}, line = {150, 150, 150};
    sal_canvas_fill_(c, x, y, width, height, ground);
    for (size_t i = 0; i < height; i++)
        for (size_t j = 0; j < width; j++)
            if ((i + j) % HATCH == 0) sal_canvas_fill_(c, x + j, y + i, 1, 1, line);
}

static void draw_undefined(sal_canvas *c, size_t x, size_t y, size_t width, size_t height)
{
    static const char word[] = "undefined";
    static const sal_rgb ground = {236, 236, 236}, ink = {60, 60, 60};
    const size_t n = sizeof word - 1, wide = n * SAL_FONT_ADVANCE + 3, high = SAL_FONT_LINE;
    sal_hatch_(c, x, y, width, height);
    if (wide > width || high > height) return;
    x += (width - wide) / 2;
    y += (height - high) / 2;
    sal_canvas_fill_(c, x, y, wide, high, ground);
    sal_canvas_text_(c, x + 2, y + 2, 1, ink, word, n);
}

static sal_rgb colour_at(const sal_cell *cell, const sal_cell_range *range, double scale, size_t y,
                         size_t x, size_t block)
{
    double v = block_mean(cell, 0, y, x, block), span = range->high - range->low;
    if (cell->kind == SAL_CELL_MAP) return sal_diverging_(scale > 0 ? v / scale : 0);
    if (!(span > 0)) return sal_grey_(0);
    sal_rgb grey = sal_grey_((v - range->low) / span);
    if (!is_colour(cell)) return grey;
    sal_rgb green = sal_grey_((block_mean(cell, 1, y, x, block) - range->low) / span);
    sal_rgb blue = sal_grey_((block_mean(cell, 2, y, x, block) - range->low) / span);
    return (sal_rgb){grey.r, green.g, blue.b};
}

void sal_cell_draw_(sal_canvas *c, size_t x, size_t y, const sal_cell *cell,
                    const sal_cell_range *range, double scale)
{
    sal_cell_size s = sal_cell_size_(cell);
    if (!cell->data) return;
    if (!range->finite) {
        draw_undefined(c, x, y, s.wide, s.high);
        return;
    }
    for (size_t i = 0; i * s.block < cell->height; i++)
        for (size_t j = 0; j * s.block < cell->width; j++)
            sal_canvas_fill_(c, x + j * s.zoom_x, y + i * s.zoom_y, s.zoom_x, s.zoom_y,
                             colour_at(cell, range, scale, i * s.block, j * s.block, s.block));
}
