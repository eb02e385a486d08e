/* metric/hog.c - correlation of histograms of oriented gradients (Dalal & Triggs 2005): of the map
 * scaled to [0, 1], magnitudes of differences summed in 9 bins of 20 degrees per cell, blocks of
 * cells normalised, cut at 0.2 and normalised again (their L2-Hys). A pixel counts in one bin; what
 * lies beyond the last whole cell is dropped. Details as in scikit-image (published values use it).
 * Prepared: the descriptor [block row, block column, cell row, cell column, bin] (or its ranks),
 * centred, of norm 1. */
#include "metric/vector.h"
#include "stats/rank.h"

#include <math.h>
#include <string.h>

enum { BINS = 9, ROWS = 3 };      /* ROWS: work space of fill_cells */
enum { BY_PEARSON, BY_SPEARMAN }; /* m->by */

typedef struct grid {
    size_t rows, columns; /* cells */
    size_t down, along;   /* blocks */
    size_t cells, values; /* doubles in the histograms and in the descriptor */
} grid;

static grid grid_of(const sal_metric *m)
{
    grid g = {.rows = m->shape.height / m->cell, .columns = m->shape.width / m->cell};
    g.down = g.rows - m->block + 1;
    g.along = g.columns - m->block + 1;
    g.cells = g.rows * g.columns * BINS;
    g.values = g.down * g.along * m->block * m->block * BINS;
    return g;
}

static sal_status setup(sal_metric *m, sal_spec *spec, sal_error *err)
{
    static const char *const ways[] = {"pearson", "spearman", NULL};
    static const char *const channels[] = {"sum", "each", NULL};
    size_t each = 0;
    m->cell = 8;
    m->block = 3;
    sal_status st = sal_spec_count_(spec, "cell", 2, 512, &m->cell, err);
    if (st == SAL_OK) st = sal_spec_count_(spec, "block", 2, 3, &m->block, err);
    if (st == SAL_OK) st = sal_spec_choice_(spec, "by", ways, &m->by, err);
    if (st == SAL_OK) st = sal_spec_choice_(spec, "channels", channels, &each, err);
    if (st != SAL_OK) return st;
    const size_t least = m->block * m->cell;
    if (m->shape.height < least || m->shape.width < least)
        return sal_fail_(err, SAL_E_SHAPE,
                         "hog with blocks of %zu x %zu cells of %zu x %zu needs maps of at least "
                         "%zu x %zu, got %zu x %zu",
                         m->block, m->block, m->cell, m->cell, least, least, m->shape.height,
                         m->shape.width);
    if (each) m->planes = m->shape.channels;
    const grid g = grid_of(m);
    m->prepared = g.values;
    m->scratch = m->planes * m->shape.height * m->shape.width + ROWS * m->shape.width + g.cells;
    if (m->by == BY_SPEARMAN) m->scratch += 3 * g.values; /* before ranking, and to rank */
    return SAL_OK;
}

/* One row of one plane: differences between neighbours, 0 at the border, where their magnitude is
 * above what is there (so the first of equal planes counts). square: their squared magnitude. */
static void differences(size_t n, const double *restrict above, const double *restrict row,
                        const double *restrict below, double *restrict down, double *restrict along,
                        double *restrict square)
{
    for (size_t j = 1; j + 1 < n; j++) {
        double d = below[j] - above[j], a = row[j + 1] - row[j - 1], s = d * d + a * a;
        double had_d = down[j], had_a = along[j], had_s = square[j]; /* read: no branch is needed */
        down[j] = s > had_s ? d : had_d;
        along[j] = s > had_s ? a : had_a;
        square[j] = s > had_s ? s : had_s;
    }
    for (size_t j = 0; j < n; j += n - 1) {
        double d = below[j] - above[j];
        if (!(d * d > square[j])) continue;
        down[j] = d;
        along[j] = 0;
        square[j] = d * d;
    }
}

/* square becomes the magnitude, down the bin: how many of the borders at 20 .. 80 degrees |along|,
 * |down| has reached, counted from 8 in the second quadrant. A direction within rounding of 180 is
 * 0. Comparisons without branches instead of an arc tangent: the compiler makes vectors of them. */
static void directions(size_t n, double *restrict down, const double *restrict along,
                       double *restrict square)
{
    const double cos20 = 0.9396926207859084, sin20 = 0.3420201433256687;
    const double cos40 = 0.766044443118978, sin40 = 0.6427876096865393;
    const double cos60 = 0.5, sin60 = 0.8660254037844386;
    const double cos80 = 0.17364817766693036, sin80 = 0.984807753012208;
    for (size_t j = 0; j < n; j++) {
        double d = fabs(down[j]), a = fabs(along[j]), zero = 0, one = 1;
        double bin = (d * cos20 >= a * sin20 ? one : zero) + (d * cos40 >= a * sin40 ? one : zero) +
                     (d * cos60 >= a * sin60 ? one : zero) + (d * cos80 >= a * sin80 ? one : zero);
        double mirrored = 8 - bin;
        bin = down[j] * along[j] < 0 ? mirrored : bin;
        down[j] = d <= 0x1p-52 * a ? zero : bin;
    }
    for (size_t j = 0; j < n; j++) square[j] = sqrt(square[j]);
}

/* Histograms of all cells. Sums are rounded to single precision, as in scikit-image: which sums tie
 * hangs on it, and so does a rank correlation of descriptors (2e-4 seen with sums in double). */
static void fill_cells(const sal_metric *m, const grid *g, const double *map, double *cells,
                       double *scratch)
{
    const size_t height = m->shape.height, width = m->shape.width;
    const float area = (float)(m->cell * m->cell);
    double *down = scratch, *along = down + width, *size = along + width;
    memset(cells, 0, g->cells * sizeof *cells);
    for (size_t i = 0; i < g->rows * m->cell; i++) {
        double *into = cells + i / m->cell * g->columns * BINS;
        memset(scratch, 0, ROWS * width * sizeof *scratch);
        for (size_t p = 0; p < m->planes; p++) {
            const double *row = map + (p * height + i) * width;
            bool inside = i > 0 && i + 1 < height;
            differences(width, inside ? row - width : row, row, inside ? row + width : row, down,
                        along, size);
        }
        directions(g->columns * m->cell, down, along, size);
        for (size_t j = 0; j < m->cell; j++)
            for (size_t c = 0; c < g->columns; c++) {
                double *sum = &into[c * BINS + (size_t)(int)down[c * m->cell + j]];
                *sum = (double)(float)(*sum + size[c * m->cell + j]);
            }
    }
    for (size_t i = 0; i < g->cells; i++) cells[i] = (double)((float)cells[i] / area);
}

static void normalise(size_t n, double *v)
{
    for (int again = 0; again < 2; again++) {
        const double by = 1 / sqrt(sal_dot_(n, v, v) + 1e-10);
        for (size_t i = 0; i < n; i++) v[i] *= by;
        for (size_t i = 0; i < n && !again; i++) v[i] = v[i] < 0.2 ? v[i] : 0.2;
    }
}

static void fill_blocks(const sal_metric *m, const grid *g, const double *cells, double *out)
{
    const size_t row = m->block * BINS;
    for (size_t y = 0; y < g->down; y++)
        for (size_t x = 0; x < g->along; x++, out += m->block * row) {
            for (size_t k = 0; k < m->block; k++)
                memcpy(out + k * row, cells + ((y + k) * g->columns + x) * BINS, row * sizeof *out);
            normalise(m->block * row, out);
        }
}

/* To [0, 1], before the differences are taken: what is lost beside the range is no edge. */
static bool scale(size_t n, const double *map, double *out)
{
    double least, largest;
    sal_extremes_(n, map, &least, &largest);
    if (least == largest) return false;
    for (size_t i = 0; i < n; i++) out[i] = (map[i] - least) / (largest - least);
    return true;
}

static const char *prepare(const sal_metric *m, const double *map, double *out, double *scratch)
{
    const size_t n = m->planes * m->shape.height * m->shape.width;
    const grid g = grid_of(m);
    double *scaled = scratch, *rows = scaled + n, *cells = rows + ROWS * m->shape.width;
    double *values = m->by == BY_SPEARMAN ? cells + g.cells : out;
    if (!scale(n, map, scaled)) return SAL_MAP_CONSTANT;
    fill_cells(m, &g, scaled, cells, rows);
    fill_blocks(m, &g, cells, values);
    if (m->by == BY_SPEARMAN) sal_rank_(g.values, values, out, values + g.values);
    return sal_centre_(g.values, out, out) ? "a map's gradient histograms are all equal" : NULL;
}

const sal_metric_def sal_metric_hog = {
    .info = {.name = SAL_HOG,
             .summary = "correlation of histograms of oriented gradients, each signed map scaled "
                        "to [0, 1]",
             .options = "cell=8|NUMBER, block=3|2, by=pearson|spearman, channels=sum|each",
             .source = "Dalal & Triggs 2005",
             .lowest = 0,
             .highest = 1,
             .for_checks = true},
    .setup = setup,
    .prepare = prepare,
    .compare = sal_compare_units_,
};
