/* False alarms of a gate where the truth is a drop of just the margin: at most alpha. Truths are pools
 * of measured draws (pools/NAME.csv, made with one seed: line j of two of them is the same input and
 * the same random network, so two methods are a before and an after with true pairs), and each pool
 * with itself, moved. SALCHECK_QUICK=1: fewer. */
#define _POSIX_C_SOURCE 200809L
#include "histories.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS = 256, SEED = 61, POOLS = 8, MOST = 512 };

static const char *const names[POOLS] = {
    "gradient",       "gradient-x-input", "vargrad",         "gradcam",
    "guided-gradcam", "deconvnet",        "guided-backprop", "sobel"};

typedef struct {
    size_t n;
    sal_draw draws[MOST];
} pool;

static size_t times(size_t n)
{
    const char *quick = getenv("SALCHECK_QUICK");
    return quick && *quick && strcmp(quick, "0") ? n / 20 : n;
}

static void read_pool(const char *name, pool *p)
{
    char path[512], line[256];
    snprintf(path, sizeof path, SAL_TESTS_DIR "/science/pools/%s.csv", name);
    FILE *f = fopen(path, "r");
    if (!f || !fgets(line, sizeof line, f)) fail_msg("%s cannot be read", path);
    for (p->n = 0; p->n < MOST && fgets(line, sizeof line, f); p->n++) {
        sal_draw *d = &p->draws[p->n];
        d->defined = true;
        if (sscanf(line, "%lf,%lf,%lf", &d->r, &d->a, &d->u) != 3) fail_msg("%s: %s", path, line);
    }
    fclose(f);
}

static double d_of(const pool *p)
{
    double r = 0, a = 0, u = 0;
    for (size_t i = 0; i < p->n; i++) {
        r += p->draws[i].r;
        a += p->draws[i].a;
        u += p->draws[i].u;
    }
    return (r - a) / (r - u);
}

/* ---- gates from pools ------------------------------------------------------------------------- */

typedef struct {
    const pool *before, *now;
    bool pairs; /* line j of one goes with line j of the other */
} truth;

static void take(sal_records *r, size_t i, const sal_draw *d)
{
    sal_draw_record *to = &r->verdicts[0]->steps[0].records[i];
    to->r = d->r;
    to->a = d->a;
    to->u = d->u;
}

/* Before and after, whose draws are exchanged from gate to gate; outcomes do not matter here. */
typedef struct {
    sal_records *before, *now;
} runs;

/* One gate of DRAWS draws; is the check called worse? */
static bool alarms(const truth *t, const runs *of, size_t gate, const sal_gate_options *o)
{
    sal_rng rng = sal_rng_for(SEED, "gate", gate);
    sal_baseline *b = NULL;
    sal_gate_result *r = NULL;
    sal_error err = {SAL_OK, ""};
    for (size_t i = 0; i < DRAWS; i++) {
        size_t j = sal_rng_below_(&rng, t->before->n);
        take(of->before, i, &t->before->draws[j]);
        take(of->now, i, &t->now->draws[t->pairs ? j : sal_rng_below_(&rng, t->now->n)]);
    }
    if (sal_baseline_of(NULL, of->before, &b, &err) != SAL_OK ||
        sal_gate_run(of->now, b, NULL, o, &r, &err) != SAL_OK)
        fail_msg("%s", err.text);
    assert_int_equal(r->rows[0].how, t->pairs ? SAL_COMPARED_PAIRS : SAL_COMPARED_TWO_SAMPLE);
    bool worse = r->rows[0].worse;
    sal_gate_free(r);
    sal_baseline_free(b);
    return worse;
}

static double binomial_tail(size_t n, size_t count, double chance)
{
    double sum = 0;
    for (size_t k = count; k <= n; k++)
        sum += exp(lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1) +
                   (double)k * log(chance) + (double)(n - k) * log1p(-chance));
    return sum;
}

typedef struct {
    size_t truths, gates, alarms;
    double worst;
} tally;

/* More alarms than chance explains at alpha? One honest setting in 10,000 is called that. */
static bool keeps(const char *name, const truth *t, const sal_gate_options *o, tally *all)
{
    static const quality any = {.5, 0};
    const runs of = {made_records(1, &any, DRAWS, SEED, 0), made_records(1, &any, DRAWS, SEED, 0)};
    size_t n = times(2000), count = 0;
    if (!t->pairs) of.now->verdicts[0]->model_hash++;
    for (size_t g = 0; g < n; g++) count += alarms(t, &of, g, o);
    sal_records_free(of.before);
    sal_records_free(of.now);
    all->truths++;
    all->gates += n;
    all->alarms += count;
    double rate = (double)count / (double)n;
    if (rate > all->worst) all->worst = rate;
    bool kept = binomial_tail(n, count, o->alpha) >= 1e-4;
    if (!kept) print_message("%s: %zu alarms in %zu gates at alpha %g\n", name, count, n, o->alpha);
    return kept;
}

static void report(const char *what, double alpha, const tally *t)
{
    print_message("%-40s alpha %.2f: %zu truths, %zu gates, %.2f %% alarms, most %.2f %%\n", what,
                  alpha, t->truths, t->gates, 100 * (double)t->alarms / (double)t->gates,
                  100 * t->worst);
}

static const double alphas[] = {.05, .01};

/* One method before, another after; the margin is what lies between them. */
static void two_methods(bool pairs, sal_gate_test test)
{
    static pool p[POOLS];
    for (size_t i = 0; i < POOLS; i++) read_pool(names[i], &p[i]);
    for (size_t k = 0; k < 2; k++) {
        tally t = {0, 0, 0, 0};
        bool kept = true;
        for (size_t i = 0; i < POOLS; i++)
            for (size_t j = 0; j < POOLS; j++) {
                char name[96];
                double drop = d_of(&p[i]) - d_of(&p[j]);
                if (drop <= 0 || (pairs && p[i].n != p[j].n)) continue;
                sal_gate_options o = {.margin = drop, .alpha = alphas[k], .test = test};
                truth one = {&p[i], &p[j], pairs};
                snprintf(name, sizeof name, "%s, then %s", names[i], names[j]);
                kept &= keeps(name, &one, &o, &t);
            }
        report(pairs ? "two methods, pairs" : "two methods, two samples", alphas[k], &t);
        assert_true(t.truths > 9);
        if (!kept) fail_msg("more alarms than alpha %g allows", alphas[k]);
    }
}

static void measured_pairs_keep_alpha(void **state)
{
    (void)state;
    two_methods(true, SAL_GATE_T);
}

static void measured_sides_keep_alpha(void **state)
{
    (void)state;
    two_methods(false, SAL_GATE_T);
}

/* Some draws, at random, become total failures (a = 1) until D is lower by the margin: rare and large
 * differences, the hardest for a t test. */
static void spoil(const pool *from, double drop, pool *to)
{
    double range = 0, missing;
    size_t order[MOST];
    sal_rng rng = sal_rng_for(SEED, "spoil", 0);
    *to = *from;
    for (size_t i = 0; i < from->n; i++) range += from->draws[i].r - from->draws[i].u;
    missing = drop * range;
    sal_rng_shuffle_(&rng, from->n, order);
    for (size_t i = 0; i < from->n && missing > 0; i++) {
        double step = fmin(1 - to->draws[order[i]].a, missing);
        to->draws[order[i]].a += step;
        missing -= step;
    }
    assert_true(missing <= 0);
}

static void spoilt_draws_keep_alpha(void **state)
{
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        tally t = {0, 0, 0, 0};
        bool kept = true;
        for (size_t i = 0; i < POOLS - 2; i++) {
            static pool before, now;
            sal_gate_options o = {.margin = .05, .alpha = alphas[k]};
            read_pool(names[i], &before);
            spoil(&before, o.margin, &now);
            truth one = {&before, &now, true};
            kept &= keeps(names[i], &one, &o, &t);
        }
        report("some draws spoilt", alphas[k], &t);
        if (!kept) fail_msg("more alarms than alpha %g allows", alphas[k]);
    }
}

/* The judge is worth something only if it finds a test that breaks the promise: a margin that is a
 * little too small. */
static void a_wrong_margin_is_caught(void **state)
{
    static pool before, now;
    tally t = {0, 0, 0, 0};
    (void)state;
    read_pool("gradient", &before);
    read_pool("vargrad", &now);
    double drop = d_of(&before) - d_of(&now);
    truth one = {drop > 0 ? &before : &now, drop > 0 ? &now : &before, true};
    sal_gate_options o = {.margin = .6 * fabs(drop), .alpha = .05};
    assert_true(before.n == now.n);
    assert_false(keeps("a wrong margin", &one, &o, &t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measured_pairs_keep_alpha),
        cmocka_unit_test(measured_sides_keep_alpha),
        cmocka_unit_test(spoilt_draws_keep_alpha),
        cmocka_unit_test(a_wrong_margin_is_caught),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
