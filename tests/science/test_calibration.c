/* The promise of the rule: a method on the limit goes the wrong way with chance <= alpha/2 a side,
 * and the interval misses D with chance <= alpha. Gates are resampled from pools of measured or
 * made draws that were moved exactly onto the limit. SALCHECK_QUICK=1: fewer gates.
 *
 * Pools: pools/NAME.csv, one per method, with a first line "r,a,u", as the demo's network gave
 * them; and synthetic ones of awkward shapes. */
#define _POSIX_C_SOURCE 200809L
#include "support.h"

#include "stats/betting.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUDGET = 256, SYNTHETIC = 2000, SEED = 31 };

typedef struct {
    char name[64];
    sal_rule rule; /* limit, range, mean, fixed_r, steps; alpha is set later */
    size_t n;
    sal_draw *draws;
} pool;

static size_t gates(void)
{
    const char *quick = getenv("SALCHECK_QUICK");
    return quick && *quick && strcmp(quick, "0") ? 300 : 4000;
}

/* ---- pools ---------------------------------------------------------------------------------- */

static double middle_of_three(sal_rng *rng) /* Beta(2, 2) */
{
    double x = sal_rng_uniform_(rng), y = sal_rng_uniform_(rng), z = sal_rng_uniform_(rng);
    return fmax(fmin(x, y), fmin(fmax(x, y), z));
}

static double bounded(double x, double low, double high)
{
    return fmin(fmax(x, low), high);
}

static sal_draw two_point(sal_rng *rng)
{
    return (sal_draw){1, sal_rng_uniform_(rng) < .6, .1, true};
}

static sal_draw beta(sal_rng *rng)
{
    double u = sal_rng_uniform_(rng);
    return (sal_draw){1, middle_of_three(rng), u * u * u, true}; /* u: Beta(1/3, 1) */
}

static sal_draw rare_bad(sal_rng *rng)
{
    return (sal_draw){1, sal_rng_uniform_(rng) < .08 ? 1 : .48, .02, true};
}

static sal_draw rare_good(sal_rng *rng)
{
    return (sal_draw){1, sal_rng_uniform_(rng) < .08 ? 0 : .55, .02, true};
}

static sal_draw near_normal(sal_rng *rng)
{
    return (sal_draw){1, bounded(.53 + .12 * sal_rng_normal_(rng), 0, 1),
                      bounded(.07 + .03 * sal_rng_normal_(rng), 0, 1), true};
}

static sal_draw random_r(sal_rng *rng)
{
    return (sal_draw){bounded(.8 + .08 * sal_rng_normal_(rng), 0, 1), middle_of_three(rng),
                      bounded(.1 + .1 * sal_rng_normal_(rng), 0, 1), true};
}

static sal_draw with_signs(sal_rng *rng)
{
    return (sal_draw){1, sal_rng_uniform_(rng) < .3 ? -.6 : .95, .2 * sal_rng_normal_(rng) / 3,
                      sal_rng_uniform_(rng) < .8};
}

static sal_draw share_of_eight(sal_rng *rng) /* as faithful measures it */
{
    return (sal_draw){0, floor(middle_of_three(rng) * 17) / 16, 0, true};
}

static const struct {
    const char *name;
    sal_draw (*draw)(sal_rng *);
    sal_rule rule;
} synthetic[] = {
    {"two-point", two_point, {.limit = .5, .highest = 1, .fixed_r = true, .steps = 1}},
    {"beta", beta, {.limit = .5, .highest = 1, .fixed_r = true, .steps = 1}},
    {"rare-bad", rare_bad, {.limit = .5, .highest = 1, .fixed_r = true, .steps = 1}},
    {"rare-good", rare_good, {.limit = .5, .highest = 1, .fixed_r = true, .steps = 1}},
    {"near-normal", near_normal, {.limit = .5, .highest = 1, .fixed_r = true, .steps = 1}},
    {"beta, high limit", beta, {.limit = .8, .highest = 1, .fixed_r = true, .steps = 1}},
    {"two-point, 4 steps", two_point, {.limit = .5, .highest = 1, .fixed_r = true, .steps = 4}},
    {"random r", random_r, {.limit = .5, .highest = 1, .steps = 1}},
    {"with signs",
     with_signs,
     {.limit = .5, .lowest = -1, .highest = 1, .fixed_r = true, .steps = 1}},
    {"share of eight", share_of_eight, {.limit = .65, .highest = 1, .mean = true, .steps = 1}},
};

static pool make_pool(size_t k)
{
    sal_rng rng = sal_rng_for(SEED, "pool", k);
    pool p = {.rule = synthetic[k].rule, .n = SYNTHETIC};
    snprintf(p.name, sizeof p.name, "%s", synthetic[k].name);
    p.draws = malloc(p.n * sizeof *p.draws);
    for (size_t i = 0; i < p.n; i++) p.draws[i] = synthetic[k].draw(&rng);
    return p;
}

/* Lines "r,a,u" after a heading; false when anything else is there. */
static bool read_pool(FILE *f, pool *p)
{
    char line[256];
    *p = (pool){.rule = {.limit = .5, .highest = 1, .fixed_r = true, .steps = 1}};
    if (!fgets(line, sizeof line, f) || strncmp(line, "r,a,u", 5)) return false;
    while (fgets(line, sizeof line, f)) {
        double v[3];
        char *at = line, *end = line;
        for (size_t i = 0; i < 3; i++, at = end + (*end == ',')) {
            v[i] = strtod(at, &end);
            if (end == at || (i < 2 && *end != ',') || !(v[i] >= -1 && v[i] <= 1)) return false;
        }
        p->draws = realloc(p->draws, (p->n + 1) * sizeof *p->draws);
        p->draws[p->n++] = (sal_draw){v[0], v[1], v[2], true};
        if (v[0] != 1) p->rule.fixed_r = false;
        if (v[0] < 0 || v[1] < 0 || v[2] < 0) p->rule.lowest = -1;
    }
    return p->n > 0;
}

/* Until the means of the pool lie exactly on the limit, random draws get a = 0 or 1; the last one
 * gets what is missing. */
static void move_onto_limit(pool *p)
{
    double r = 0, a = 0, u = 0, n = 0, limit = p->rule.limit;
    for (size_t i = 0; i < p->n; i++) {
        if (!p->draws[i].defined) continue;
        r += p->draws[i].r;
        a += p->draws[i].a;
        u += p->draws[i].u;
        n++;
    }
    double missing = (p->rule.mean ? limit * n : (1 - limit) * r + limit * u) - a;
    double end = missing > 0 ? 1 : 0;
    sal_rng rng = sal_rng_for(SEED, "move", 0);
    size_t *order = malloc(p->n * sizeof *order);
    sal_rng_shuffle_(&rng, p->n, order);
    for (size_t i = 0; i < p->n && missing != 0; i++) {
        sal_draw *d = &p->draws[order[i]];
        double step = end - d->a;
        if (!d->defined || step * missing <= 0) continue;
        if (fabs(step) > fabs(missing)) step = missing;
        d->a += step;
        missing -= step;
    }
    free(order);
}

/* ---- gates ---------------------------------------------------------------------------------- */

/* Chance of `count` or more successes among n. */
static double binomial_tail(size_t n, size_t count, double chance)
{
    double sum = 0;
    for (size_t k = count; k <= n; k++)
        sum += exp(lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1) +
                   (double)k * log(chance) + (double)(n - k) * log1p(-chance));
    return sum;
}

/* More than chance explains at the promised rate? One honest setting in 10,000 is called that. */
static bool too_many(size_t n, size_t count, double promised)
{
    return binomial_tail(n, count, promised) < 1e-4;
}

typedef sal_outcome (*decider)(const sal_rule *rule, const pool *p, sal_rng *rng);

static sal_outcome by_betting(const sal_rule *rule, const pool *p, sal_rng *rng)
{
    sal_trial t;
    sal_trial_start_(&t, rule);
    while (!t.stop && t.counted < BUDGET) sal_trial_add_(&t, &p->draws[sal_rng_below_(rng, p->n)]);
    return t.outcome;
}

/* What not to do: a look at a t value after each draw from the 10th on. */
static sal_outcome by_peeking(const sal_rule *rule, const pool *p, sal_rng *rng)
{
    double sum = 0, squares = 0, bound = rule->alpha < .02 ? 2.576 : 1.96;
    for (size_t n = 1; n <= BUDGET; n++) {
        double z = sal_rule_z_(rule, rule->limit, &p->draws[sal_rng_below_(rng, p->n)]);
        sum += z;
        squares += z * z;
        double mean = sum / (double)n;
        double error = sqrt((squares / (double)n - mean * mean) / (double)n);
        if (n >= 10 && fabs(mean) > bound * error) return mean > 0 ? SAL_PASS : SAL_FAIL;
    }
    return SAL_INCONCLUSIVE;
}

/* Resamples gates of BUDGET draws; true when passes and fails are as rare as promised. */
static bool keeps_promise(const pool *p, double alpha, decider decide)
{
    size_t n = gates(), wrong[3] = {0};
    sal_rule rule = p->rule;
    rule.alpha = alpha;
    for (size_t g = 0; g < n; g++) {
        sal_rng rng = sal_rng_for(SEED, p->name, g);
        wrong[decide(&rule, p, &rng)]++;
    }
    print_message("%-24s alpha %.2f: of %zu gates %zu wrong passes, %zu wrong fails\n", p->name,
                  alpha, n, wrong[SAL_PASS], wrong[SAL_FAIL]);
    return !too_many(n, wrong[SAL_PASS], alpha / 2) &&
           !too_many(n, wrong[SAL_FAIL], alpha / 2 / (double)rule.steps);
}

static const double alphas[] = {.05, .01};

static void judge(pool *p)
{
    move_onto_limit(p);
    for (size_t i = 0; i < 2; i++)
        if (!keeps_promise(p, alphas[i], by_betting))
            fail_msg("%s: more wrong outcomes than alpha %g allows", p->name, alphas[i]);
}

static void synthetic_pools_keep_the_promise(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof synthetic / sizeof synthetic[0]; k++) {
        pool p = make_pool(k);
        judge(&p);
        free(p.draws);
    }
}

static void measured_pools_keep_the_promise(void **state)
{
    const char *folder = SAL_TESTS_DIR "/science/pools";
    struct dirent **files = NULL;
    int n = scandir(folder, &files, NULL, alphasort), read = 0;
    (void)state;
    for (int i = 0; i < n; i++) {
        char path[1024];
        const char *type = strrchr(files[i]->d_name, '.');
        pool p;
        if (type && !strcmp(type, ".csv")) {
            snprintf(path, sizeof path, "%s/%s", folder, files[i]->d_name);
            FILE *f = fopen(path, "r");
            if (!f || !read_pool(f, &p)) fail_msg("%s: not lines of r,a,u", files[i]->d_name);
            fclose(f);
            snprintf(p.name, sizeof p.name, "%.*s", (int)(type - files[i]->d_name),
                     files[i]->d_name);
            judge(&p);
            free(p.draws);
            read++;
        }
        free(files[i]);
    }
    free(files);
    print_message("%d measured pools\n", read);
    if (!read) skip();
}

/* The judge is worth something only if it finds a rule that breaks the promise. */
static void peeking_is_caught(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        pool p = make_pool(4);
        move_onto_limit(&p);
        snprintf(p.name, sizeof p.name, "peeking");
        bool kept = keeps_promise(&p, alphas[i], by_peeking);
        free(p.draws);
        if (kept) fail_msg("peeking at alpha %g was not noticed", alphas[i]);
    }
}

static void pools_end_up_on_the_limit(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof synthetic / sizeof synthetic[0]; k++) {
        pool p = make_pool(k);
        double sum = 0;
        move_onto_limit(&p);
        for (size_t i = 0; i < p.n; i++) {
            sal_error err = {SAL_OK, ""};
            if (sal_rule_check_draw_(&p.rule, &p.draws[i], i, &err) != SAL_OK)
                fail_msg("%s: %s", p.name, err.text);
            if (p.draws[i].defined) sum += sal_rule_z_(&p.rule, p.rule.limit, &p.draws[i]);
        }
        assert_near(p.name, sum / (double)p.n, 0, 1e-12);
        free(p.draws);
    }
}

/* Away from the limit: the interval at the stop holds the pool's own D in 1 - alpha of gates. */
static void intervals_cover(void **state)
{
    size_t n = gates() / 4;
    (void)state;
    for (size_t k = 0; k < sizeof synthetic / sizeof synthetic[0]; k++) {
        pool p = make_pool(k);
        double r = 0, a = 0, u = 0, defined = 0;
        for (size_t i = 0; i < p.n; i++) {
            if (!p.draws[i].defined) continue;
            r += p.draws[i].r;
            a += p.draws[i].a;
            u += p.draws[i].u;
            defined++;
        }
        double truth = p.rule.mean ? a / defined : (r - a) / (r - u);
        for (size_t i = 0; i < 2; i++) {
            size_t missed = 0;
            sal_rule rule = p.rule;
            rule.alpha = alphas[i];
            for (size_t g = 0; g < n; g++) {
                sal_draw draws[BUDGET / 4];
                sal_decision d;
                sal_rng rng = sal_rng_for(SEED + 1, p.name, g);
                for (size_t j = 0; j < BUDGET / 4; j++)
                    draws[j] = p.draws[sal_rng_below_(&rng, p.n)];
                assert_int_equal(sal_decide(&rule, draws, BUDGET / 4, g % 2 ? BUDGET : 0, &d, NULL),
                                 SAL_OK);
                missed += truth < d.low || truth > d.high;
            }
            if (too_many(n, missed, alphas[i]))
                fail_msg("%s: D %.3f missed %zu times in %zu at alpha %g", p.name, truth, missed, n,
                         alphas[i]);
        }
        free(p.draws);
    }
}

static void pool_files_are_read_strictly(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        bool fixed_r;
    } cases[] = {{"r,a,u\n1,0.25,0.1\n1,.5,1e-3\n", 2, true},
                 {"r,a,u\n.9,.25,.1\n", 1, false},
                 {"a,r,u\n1,.2,.1\n", 0, true},
                 {"r,a,u\n", 0, true},
                 {"r,a,u\n1,.2\n", 0, true},
                 {"r,a,u\n1,.2,x\n", 0, true},
                 {"r,a,u\n1,nan,.1\n", 0, true},
                 {"r,a,u\n1,2,.1\n", 0, true}};
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        FILE *f = tmpfile();
        pool p;
        assert_non_null(f);
        fputs(cases[k].text, f);
        rewind(f);
        bool good = read_pool(f, &p);
        fclose(f);
        if (good != (cases[k].n > 0) ||
            (good &&
             (p.n != cases[k].n || p.rule.fixed_r != cases[k].fixed_r || p.draws[0].a != .25)))
            fail_msg("case %zu: read %d, %zu draws", k, good, p.n);
        free(p.draws);
    }
}

static void the_tail_is_exact(void **state)
{
    (void)state;
    assert_near("all", binomial_tail(10, 0, .3), 1, 1e-12);
    assert_near("8 of 10 at .5", binomial_tail(10, 8, .5), 56. / 1024, 1e-12);
    assert_near("one of 3", binomial_tail(3, 1, .1), .271, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tail_is_exact),
        cmocka_unit_test(pool_files_are_read_strictly),
        cmocka_unit_test(pools_end_up_on_the_limit),
        cmocka_unit_test(synthetic_pools_keep_the_promise),
        cmocka_unit_test(measured_pools_keep_the_promise),
        cmocka_unit_test(peeking_is_caught),
        cmocka_unit_test(intervals_cover),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
