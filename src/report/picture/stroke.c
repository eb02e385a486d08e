/* report/picture/stroke.c - see stroke.h. A pixel is covered by how far its middle is from the edge. */
#include "report/picture/stroke.h"

#include <math.h>

/* Distance of a point to a shape's edge, negative inside. */
typedef struct shape {
    double (*distance)(const struct shape *s, double x, double y);
    sal_point from, to;
    double radius; /* half the width of a line */
} shape;

static double least(double a, double b)
{
    return a < b ? a : b;
}

static double most(double a, double b)
{
    return a > b ? a : b;
}

static void blend(sal_canvas *c, size_t x, size_t y, sal_rgb colour, double cover)
{
    unsigned char *at = c->pixels + 3 * (y * c->width + x);
    const unsigned char to[3] = {colour.r, colour.g, colour.b};
    for (size_t i = 0; i < 3; i++) at[i] = (unsigned char)(at[i] + (to[i] - at[i]) * cover + 0.5);
}

/* The first and last pixel of a range of coordinates, within a side of the canvas. */
static size_t clip(double at, size_t side)
{
    return at <= 0 ? 0 : at >= (double)side ? side : (size_t)at;
}

static void draw(sal_canvas *c, const shape *s, sal_rgb colour)
{
    double reach = s->radius + 1;
    size_t right = clip(most(s->from.x, s->to.x) + reach + 1, c->width),
           below = clip(most(s->from.y, s->to.y) + reach + 1, c->height);
    for (size_t y = clip(least(s->from.y, s->to.y) - reach, c->height); y < below; y++)
        for (size_t x = clip(least(s->from.x, s->to.x) - reach, c->width); x < right; x++) {
            double cover = 0.5 - s->distance(s, (double)x + 0.5, (double)y + 0.5);
            if (cover > 0) blend(c, x, y, colour, least(cover, 1));
        }
}

static double of_line(const shape *s, double x, double y)
{
    double dx = s->to.x - s->from.x, dy = s->to.y - s->from.y, length = dx * dx + dy * dy;
    double t = length > 0 ? ((x - s->from.x) * dx + (y - s->from.y) * dy) / length : 0;
    t = least(most(t, 0), 1);
    dx = x - s->from.x - t * dx;
    dy = y - s->from.y - t * dy;
    return sqrt(dx * dx + dy * dy) - s->radius;
}

static double of_square(const shape *s, double x, double y)
{
    return most(fabs(x - s->from.x), fabs(y - s->from.y)) - 0.85 * s->radius;
}

static double of_diamond(const shape *s, double x, double y)
{
    return (fabs(x - s->from.x) + fabs(y - s->from.y)) * sqrt(0.5) - 0.85 * s->radius;
}

/* Equal sides, the middle of its circle at s->from. */
static double of_triangle(const shape *s, double x, double y)
{
    double across = fabs(x - s->from.x), down = y - s->from.y;
    return most(across * sqrt(0.75) - down / 2, down) - 0.6 * s->radius;
}

static double of_triangle_down(const shape *s, double x, double y)
{
    return of_triangle(s, x, 2 * s->from.y - y);
}

void sal_stroke_(sal_canvas *c, sal_point from, sal_point to, double width, sal_rgb colour)
{
    shape s = {of_line, from, to, width / 2};
    draw(c, &s, colour);
}

void sal_mark_(sal_canvas *c, sal_point at, double radius, sal_mark mark, sal_rgb colour)
{
    static double (*const distances[SAL_MARKS])(const shape *, double, double) = {
        of_line, of_square, of_diamond, of_triangle, of_triangle_down};
    shape s = {distances[mark], at, at, radius};
    draw(c, &s, colour);
}
