/* figures.h - the pictures of a cascade: maps step by step, and curves of their similarity. */
#ifndef FIGURES_H
#define FIGURES_H

#include <salcheck/salcheck.h>

enum { FIGURE_METRICS = 4 };

/* A cascade that has been walked. Arrays are the caller's. */
typedef struct cascade_results {
    size_t methods, steps, photos; /* steps: of the randomisation; maps have one more, trained */
    const char *const *method_labels;
    const char *const *step_labels;   /* [steps] */
    const char *const *metric_labels; /* [FIGURE_METRICS] */
    size_t height, width;
    float *planes; /* [steps + 1][methods][photos][height][width], 0 to 1 */
    const sal_tensor *inputs;
    const int64_t *classes;
    double *means; /* [FIGURE_METRICS][methods][steps]; NaN where not defined */
} cascade_results;

/* One sheet of a photograph: a row per method, the trained map and then one per step. */
sal_status figure_sheet(const cascade_results *r, size_t photo, const char *path, sal_error *err);

/* Four panels, a curve per method. */
sal_status figure_curves(const cascade_results *r, const char *path, sal_error *err);

#endif
