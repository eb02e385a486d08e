/* figures.c - see figures.h. */
#include "figures.h"

#include <stdio.h>
#include <stdlib.h>

static const float *plane(const cascade_results *r, size_t step, size_t method, size_t photo)
{
    return r->planes + ((step * r->methods + method) * r->photos + photo) * r->height * r->width;
}

sal_status figure_sheet(const cascade_results *r, size_t photo, const char *path, sal_error *err)
{
    size_t columns = r->steps + 2;
    char title[128];
    sal_status st = SAL_OK;
    sal_cell *cells = calloc(columns * r->methods, sizeof *cells);
    const char **labels = calloc(columns, sizeof *labels);
    if (!cells || !labels) abort();
    labels[0] = "input";
    labels[1] = "trained";
    for (size_t s = 0; s < r->steps; s++) labels[s + 2] = r->step_labels[s];
    for (size_t m = 0; m < r->methods; m++) {
        sal_cell *row = cells + m * columns;
        if (m == 0) row[0] = sal_cell_of(r->inputs, photo, SAL_CELL_PICTURE);
        for (size_t s = 0; s <= r->steps; s++)
            row[s + 1] =
                (sal_cell){plane(r, s, m, photo), 1, r->height, r->width, SAL_CELL_PICTURE};
    }
    snprintf(title, sizeof title, "Maps of class %lld while the network is randomised from the top",
             (long long)r->classes[photo]);
    sal_sheet sheet = {.title = title,
                       .note = "each column: this block and all before it random; a row that stays "
                               "the same does not explain the model",
                       .columns = columns,
                       .rows = r->methods,
                       .column_labels = labels,
                       .row_labels = r->method_labels,
                       .cells = cells};
    st = sal_sheet_write(NULL, &sheet, path, err);
    free(cells);
    free((void *)labels);
    return st;
}

sal_status figure_curves(const cascade_results *r, const char *path, sal_error *err)
{
    char note[160];
    sal_panel panels[FIGURE_METRICS];
    for (size_t k = 0; k < FIGURE_METRICS; k++) {
        sal_panel *p = &panels[k];
        *p = (sal_panel){.title = r->metric_labels[k],
                         .low = 0,
                         .high = 1,
                         .values = r->means + k * r->methods * r->steps};
        for (size_t i = 0; i < r->methods * r->steps; i++)
            while (p->values[i] < p->low - 0.02 && p->low > -0.9) p->low -= 0.2;
    }
    snprintf(note, sizeof note,
             "%zu photograph%s; each point: this block and all before it random; a gap: a map of "
             "zeros, which is like nothing",
             r->photos, r->photos == 1 ? "" : "s, mean");
    sal_chart chart = {.title = "Similarity to the trained network's map",
                       .note = note,
                       .points = r->steps,
                       .point_labels = r->step_labels,
                       .curves = r->methods,
                       .curve_labels = r->method_labels,
                       .n_panels = FIGURE_METRICS,
                       .panels = panels};
    return sal_chart_write(NULL, &chart, path, err);
}
