/* method/plane.c - see plane.h. */
#include "method/plane.h"

#include <string.h>

sal_status sal_plane_of_(const sal_method *m, sal_plane *out, sal_error *err)
{
    const sal_shape *s = &m->model->input; /* with N */
    const int64_t *d = s->dims;
    char text[SAL_SHAPE_TEXT];
    switch (s->rank) {
    case 2:
        *out = (sal_plane){1, 1, (size_t)d[1]};
        return SAL_OK;
    case 3:
        *out = (sal_plane){(size_t)d[1], 1, (size_t)d[2]};
        return SAL_OK;
    case 4:
        *out = (sal_plane){(size_t)d[1], (size_t)d[2], (size_t)d[3]};
        return SAL_OK;
    default:
        break;
    }
    return sal_fail_(
        err, SAL_E_UNSUPPORTED,
        "method '%s' needs inputs [N, C, H, W], [N, C, L] or [N, F]; model '%s' takes %s",
        m->def->info.name, m->model->name, sal_shape_text_(s, text, sizeof text));
}

void sal_plane_mean_(const sal_plane *p, const float *x, double *gray)
{
    size_t n = p->height * p->width;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t c = 0; c < p->channels; c++) sum += (double)x[c * n + i];
        gray[i] = sum / (double)p->channels;
    }
}

void sal_plane_repeat_(const sal_plane *p, float *map)
{
    size_t n = p->height * p->width;
    for (size_t c = 1; c < p->channels; c++) memcpy(map + c * n, map, n * sizeof *map);
}
