/* io/resize.c - a window of a picture in another size, axis by axis: rows first, then columns.
 * Making smaller, each filter is as wide as what falls on one pixel (antialiased), as in PIL; sums
 * in double, nothing is rounded in between. bilinear 1 - |t|    bicubic a = -1/2 (Keys 1981) area:
 * the covered share of each pixel */
#include "io/picture.h"

#include <math.h>

typedef struct filter {
    double radius;
    double (*weight)(double t);
} filter;

static double box(double t)
{
    return fabs(t) <= 0.5 ? 1 : 0;
}

static double triangle(double t)
{
    return fmax(0, 1 - fabs(t));
}

static double cubic(double t)
{
    t = fabs(t);
    if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
    return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
}

static const filter filters[] = {{1, triangle}, {2, cubic}, {0.5, box}};

/* Weights of the source pixels below one target pixel. */
typedef struct taps {
    size_t first, count;
    double *weight;
} taps;

static double share(double low, double high, double from, double to)
{
    return fmax(0, fmin(high, to) - fmax(low, from));
}

/* from pixels, of which [start, start + length) become `to` pixels; this one is number i. */
static void make_taps(sal_resize how, size_t from, double start, double length, size_t to, size_t i,
                      taps *out)
{
    const filter *f = &filters[how];
    double scale = length / (double)to, wide = fmax(scale, 1);
    double centre = start + ((double)i + 0.5) * scale, sum = 0;
    double low = fmax(floor(centre - f->radius * wide - 0.5), 0);
    double high = fmin(ceil(centre + f->radius * wide + 0.5), (double)from);
    out->first = (size_t)low;
    out->count = (size_t)(high - low);
    for (size_t k = 0; k < out->count; k++) {
        double at = low + (double)k;
        double w = how == SAL_RESIZE_AREA && scale > 1
                       ? share(at, at + 1, centre - scale / 2, centre + scale / 2)
                       : f->weight((at + 0.5 - centre) / wide);
        out->weight[k] = w;
        sum += w;
    }
    for (size_t k = 0; k < out->count; k++) out->weight[k] /= sum;
}

static size_t most_taps(double scale)
{
    return (size_t)(4 * fmax(scale, 1)) + 4;
}

/* rgb rows [height, width, 3] to columns of the target: [to, height, 3], all rows that are there.
 */
static void across(const sal_picture *p, const sal_window *part, sal_resize how, size_t to,
                   double *out, double *weights)
{
    taps t = {.weight = weights};
    for (size_t x = 0; x < to; x++) {
        make_taps(how, p->width, part->left, part->width, to, x, &t);
        for (size_t y = 0; y < p->height; y++) {
            const unsigned char *row = p->rgb + 3 * (y * p->width + t.first);
            double sum[3] = {0};
            for (size_t k = 0; k < t.count; k++)
                for (size_t c = 0; c < 3; c++) sum[c] += t.weight[k] * row[3 * k + c];
            for (size_t c = 0; c < 3; c++) out[3 * (x * p->height + y) + c] = sum[c];
        }
    }
}

static void down(const sal_picture *p, const sal_window *part, sal_resize how, size_t width,
                 size_t height, const double *columns, double *weights, float *planes)
{
    taps t = {.weight = weights};
    for (size_t y = 0; y < height; y++) {
        make_taps(how, p->height, part->top, part->height, height, y, &t);
        for (size_t x = 0; x < width; x++) {
            const double *column = columns + 3 * (x * p->height + t.first);
            double sum[3] = {0};
            for (size_t k = 0; k < t.count; k++)
                for (size_t c = 0; c < 3; c++) sum[c] += t.weight[k] * column[3 * k + c];
            for (size_t c = 0; c < 3; c++)
                planes[(c * height + y) * width + x] = (float)fmin(fmax(sum[c], 0), 255);
        }
    }
}

sal_status sal_picture_resize_(const sal_env *env, const sal_picture *from, const sal_window *part,
                               sal_resize how, size_t width, size_t height, float *planes,
                               sal_error *err)
{
    size_t n = 0;
    double across_scale = part->width / (double)width, down_scale = part->height / (double)height;
    size_t weights = most_taps(fmax(across_scale, down_scale));
    bool fits = sal_mul_size_(3 * width, from->height, &n) && sal_add_size_(n, weights, &n);
    double *scratch = fits ? sal_alloc_array_(env, n, sizeof *scratch) : NULL;
    if (!scratch) return sal_no_memory_(err, "a picture that is resized");
    double *columns = scratch + weights;
    across(from, part, how, width, columns, scratch);
    down(from, part, how, width, height, columns, scratch, planes);
    sal_free_(env, scratch);
    return SAL_OK;
}
