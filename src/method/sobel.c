/* method/sobel.c - sqrt(gx^2 + gy^2) of the channel mean: smooth [1, 2, 1] across, difference
 * [-1, 0, 1] along, edges repeated, no scale factor. On a line: 4 |x[i+1] - x[i-1]|. */
#include "method/plane.h"

#include <math.h>

static void draw(const sal_plane *p, const double *gray, float *map)
{
    size_t h = p->height, w = p->width;
    for (size_t r = 0; r < h; r++) {
        const double *mid = gray + r * w, *up = r ? mid - w : mid,
                     *down = r + 1 < h ? mid + w : mid;
        for (size_t c = 0; c < w; c++) {
            size_t left = c ? c - 1 : c, right = c + 1 < w ? c + 1 : c;
            double gx =
                up[right] - up[left] + 2 * (mid[right] - mid[left]) + down[right] - down[left];
            double gy = down[left] - up[left] + 2 * (down[c] - up[c]) + down[right] - up[right];
            map[r * w + c] = (float)sqrt(gx * gx + gy * gy);
        }
    }
}

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    (void)w;
    sal_plane p;
    sal_status st = sal_plane_of_(m, &p, err);
    if (st != SAL_OK) return st;
    double *gray = sal_method_scratch_(m, p.height * p.width, sizeof *gray);
    if (!gray) return sal_no_memory_(err, m->def->info.name);
    for (size_t i = 0; i < n; i++) {
        float *map = maps + i * m->model->input_count;
        sal_plane_mean_(&p, jobs[i].job.x, gray);
        draw(&p, gray, map);
        sal_plane_repeat_(&p, map);
    }
    sal_method_release_(m, gray);
    return SAL_OK;
}

static sal_status setup(sal_method *m, sal_spec *spec, sal_error *err)
{
    (void)spec;
    sal_plane p;
    return sal_plane_of_(m, &p, err);
}

const sal_method_def sal_method_sobel = {
    .info = {.name = SAL_SOBEL,
             .summary = "edges of the input: Sobel magnitude of the channel mean",
             .source = "Sobel & Feldman 1968",
             .is_control = true,
             .ignores_model = true},
    .setup = setup,
    .explain = explain,
};
