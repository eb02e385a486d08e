/* check/picture.c - what a failing check saw: inputs, their edges, the maps, and what became of them.
 * The maps are made again, for a few inputs only. */
#include "check/check.h"

#include "base/save.h"

#include <salcheck/report.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { ROWS = 4, CHANGED = 3, COLUMNS = 3 + CHANGED };

typedef struct {
    sal_run *run;
    size_t rows, size;
    float *data; /* [ROWS, COLUMNS, input] */
    char labels[ROWS][32], change[CHANGED][64];
    size_t changed; /* columns after the map */
} album;

static float *place(album *a, size_t row, size_t column)
{
    return a->data + (row * COLUMNS + column) * a->size;
}

static sal_status take(album *a, const char *method, size_t column, sal_error *err)
{
    sal_method m;
    sal_status st = method ? sal_method_open_(a->run->m, method, NULL, NULL, &m, err) : SAL_OK;
    for (size_t i = 0; st == SAL_OK && i < a->rows; i++) {
        sal_explain_job job = sal_run_job_(a->run, i, NULL);
        st = sal_team_explain_(a->run->team, method ? &m : &a->run->method, 1, &job,
                               place(a, i, column), err);
    }
    return st;
}

/* Maps under a few randomised models of the step that decided. */
static sal_status take_randomised(album *a, size_t step, sal_error *err)
{
    const sal_check_args *args = a->run->args;
    sal_randomiser r;
    sal_status st = sal_randomiser_open_(a->run->m, args->randomisation, args->initialiser,
                                         args->inputs, &r, err);
    for (size_t k = 0; st == SAL_OK && k < CHANGED; k++) {
        sal_params *p;
        st = sal_randomiser_make_(&r, step, false, a->run->seed, k, &p, err);
        if (st != SAL_OK) return st;
        for (size_t i = 0; st == SAL_OK && i < a->rows; i++) {
            sal_explain_job job = sal_run_job_(a->run, i, p);
            st = sal_team_explain_(a->run->team, &a->run->method, 1, &job, place(a, i, 3 + k), err);
        }
        snprintf(a->change[k], sizeof a->change[k], "randomised %zu", k + 1);
        sal_params_free(p);
    }
    a->changed = CHANGED;
    return st;
}

static sal_status take_twin(album *a, sal_error *err)
{
    const sal_check_args *args = a->run->args;
    sal_method m;
    sal_team *team = NULL;
    sal_status st =
        sal_method_open_(args->twin, args->method, args->layer, args->own_method, &m, err);
    if (st == SAL_OK) st = sal_team_create_(args->twin, args->batch, m.def->one_thread, &team, err);
    for (size_t i = 0; st == SAL_OK && i < a->rows; i++) {
        sal_explain_job job = sal_run_job_(a->run, i, NULL);
        st = sal_team_explain_(team, &m, 1, &job, place(a, i, 3), err);
    }
    snprintf(a->change[0], sizeof a->change[0], "the twin's");
    a->changed = 1;
    sal_team_free_(team);
    return st;
}

static sal_status take_again(album *a, sal_error *err)
{
    a->changed = CHANGED;
    for (size_t k = 0; k < CHANGED; k++) {
        snprintf(a->change[k], sizeof a->change[k], "again %zu", k + 1);
        for (size_t i = 0; i < a->rows; i++) {
            sal_explain_job job = sal_run_job_(a->run, i, NULL);
            job.noise = sal_index_pair_(job.noise, k + 1);
            sal_status st =
                sal_team_explain_(a->run->team, &a->run->method, 1, &job, place(a, i, 3 + k), err);
            if (st != SAL_OK) return st;
        }
    }
    return SAL_OK;
}

static sal_status draw_sheet(album *a, const sal_verdict *v, const char *path, sal_error *err)
{
    const char *columns[COLUMNS] = {"input",      "edges",      "map",
                                    a->change[0], a->change[1], a->change[2]};
    const char *rows[ROWS];
    sal_cell cells[ROWS * COLUMNS];
    size_t used = 3 + a->changed;
    sal_map_shape shape = a->run->metric.shape;
    for (size_t i = 0; i < a->rows; i++) {
        snprintf(a->labels[i], sizeof a->labels[i], "input %zu", a->run->place[i]);
        rows[i] = a->labels[i];
        for (size_t k = 0; k < used; k++)
            cells[i * used + k] = (sal_cell){place(a, i, k), shape.channels, shape.height,
                                             shape.width, k < 2 ? SAL_CELL_PICTURE : SAL_CELL_MAP};
    }
    char title[256], note[320];
    sal_text t = sal_text_into_(title, sizeof title), n = sal_text_into_(note, sizeof note);
    sal_text_add_(&t, "%s %s", v->method, v->claim);
    sal_text_add_(&n, "%s, %s", v->model, v->steps[v->decisive].change);
    sal_sheet sheet = {.title = title,
                       .note = note,
                       .columns = used,
                       .rows = a->rows,
                       .column_labels = columns,
                       .row_labels = rows,
                       .cells = cells,
                       .each_by_its_rms = true};
    return sal_sheet_write(a->run->env, &sheet, path, err);
}

/* salcheck-out/test_model_42_params_guided-backprop.png, by the line of the assertion; where there is
 * none but an id of the caller's, salcheck-out/digits-params-guided-backprop.png. */
static sal_status set_path(const sal_run *run, sal_verdict *v, sal_error *err)
{
    const char *file = run->args->file ? run->args->file : "check", *slash = strrchr(file, '/');
    const char *out = run->args->out;
    if (slash) file = slash + 1;
    sal_text t = sal_text_into_(v->picture, sizeof v->picture);
    if (run->args->id && run->args->id[0] && !run->args->file)
        sal_text_add_(&t, "%s/%s.png", out, v->id);
    else
        sal_text_add_(&t, "%s/%.*s_%d_%s_%s.png", out, (int)strcspn(file, "."), file,
                      run->args->line, v->check, v->method);
    if (t.truncated) {
        v->picture[0] = '\0';
        return sal_save_refused_(out, "the picture's path is too long", err);
    }
    for (char *c = v->picture + strlen(out) + 1; *c; c++)
        if (*c == '/' || *c == ':' || *c == ' ') *c = '-';
    if (mkdir(out, 0777) && errno != EEXIST)
        return sal_fail_(err, SAL_E_IO, "%s: cannot be made: %s", sal_save_shown_(out),
                         strerror(errno));
    return SAL_OK;
}

sal_status sal_run_picture_(sal_run *run, sal_verdict *v, sal_error *err)
{
    const sal_step_verdict *s = &v->steps[v->decisive];
    album a = {.run = run, .rows = run->n < ROWS ? run->n : ROWS, .size = run->m->input_count};
    sal_status st = set_path(run, v, err);
    if (st != SAL_OK) return st;
    a.data = sal_alloc_zero_(run->env, ROWS * COLUMNS * a.size, sizeof *a.data);
    if (!a.data) return sal_no_memory_(err, "a picture");
    st = take(&a, SAL_INPUT, 0, err);
    if (st == SAL_OK) st = take(&a, SAL_SOBEL, 1, err);
    if (st == SAL_OK) st = take(&a, NULL, 2, err);
    if (st == SAL_OK && !strcmp(s->check, SAL_CHECK_PARAMS))
        st = take_randomised(&a, v->decisive, err);
    if (st == SAL_OK && !strcmp(s->check, SAL_CHECK_LABELS) && run->args->twin)
        st = take_twin(&a, err);
    if (st == SAL_OK && !strcmp(s->check, SAL_CHECK_REPRODUCIBLE)) st = take_again(&a, err);
    if (st == SAL_OK) st = draw_sheet(&a, v, v->picture, err);
    sal_free_(run->env, a.data);
    return st;
}
