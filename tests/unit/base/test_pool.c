#include "support.h"

#include "base/base.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { MOST_JOBS = 1000 };

typedef struct {
    atomic_int runs[MOST_JOBS];
    atomic_size_t workers;  /* highest worker seen, plus one */
    size_t bad_from;        /* jobs from here on fail */
    size_t order, in_order; /* meaningful with one worker */
} ledger;

static sal_status job(void *self, size_t index, size_t worker, sal_error *err)
{
    ledger *l = self;
    atomic_fetch_add(&l->runs[index], 1);
    size_t seen = atomic_load(&l->workers);
    while (worker + 1 > seen && !atomic_compare_exchange_weak(&l->workers, &seen, worker + 1)) {
    }
    if (index >= l->bad_from) return sal_fail_(err, SAL_E_VALUE, "job %zu", index);
    return SAL_OK;
}

static sal_status job_in_order(void *self, size_t index, size_t worker, sal_error *err)
{
    ledger *l = self;
    (void)worker;
    (void)err;
    l->in_order += index == l->order++;
    return SAL_OK;
}

static const struct {
    const char *name;
    size_t workers, jobs, bad_from;
} cases[] = {
    {"nothing to do", 4, 0, MOST_JOBS},
    {"one worker", 1, 100, MOST_JOBS},
    {"no worker", 0, 10, MOST_JOBS},
    {"more workers than jobs", 8, 3, MOST_JOBS},
    {"two workers", 2, MOST_JOBS, MOST_JOBS},
    {"too many workers", 5000, MOST_JOBS, MOST_JOBS},
    {"first fails", 3, 50, 0},
    {"late ones fail", 3, MOST_JOBS, 700},
    {"the last fails", 2, MOST_JOBS, MOST_JOBS - 1},
};

static void every_job_runs_once(void **state)
{
    static ledger l;
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        memset(&l, 0, sizeof l);
        l.bad_from = cases[k].bad_from;
        sal_error err = {SAL_OK, ""};
        bool good = cases[k].bad_from >= cases[k].jobs;
        sal_status st = sal_parallel_(cases[k].workers, cases[k].jobs, job, &l, &err);
        if (st != (good ? SAL_OK : SAL_E_VALUE)) fail_msg("%s: status %d", cases[k].name, st);
        for (size_t i = 0; i < cases[k].jobs; i++) {
            int runs = atomic_load(&l.runs[i]);
            /* jobs are taken in order: all those before the first bad one have been run */
            if (runs > 1 || (i <= cases[k].bad_from && runs != 1))
                fail_msg("%s: job %zu ran %d times", cases[k].name, i, runs);
        }
        char want[32];
        snprintf(want, sizeof want, "job %zu", cases[k].bad_from);
        if (!good && strcmp(err.text, want))
            fail_msg("%s: '%s', wanted '%s'", cases[k].name, err.text, want);
        size_t most = cases[k].workers < cases[k].jobs ? cases[k].workers : cases[k].jobs;
        if (atomic_load(&l.workers) > (most ? most : 1))
            fail_msg("%s: %zu workers", cases[k].name, atomic_load(&l.workers));
    }
}

static void one_worker_keeps_the_order(void **state)
{
    static ledger l;
    (void)state;
    assert_int_equal(sal_parallel_(1, 500, job_in_order, &l, NULL), SAL_OK);
    assert_int_equal(l.in_order, 500);
}

static void an_error_needs_no_place(void **state)
{
    static ledger l;
    (void)state;
    assert_int_equal(sal_parallel_(2, 10, job, &l, NULL), SAL_E_VALUE);
}

static void thread_counts_have_bounds(void **state)
{
    (void)state;
    assert_true(sal_threads_(NULL) >= 1);
    assert_int_equal(sal_threads_(&(sal_env){.threads = 3}), 3);
    assert_true(sal_threads_(&(sal_env){.threads = 100000}) <= 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_runs_once),
        cmocka_unit_test(one_worker_keeps_the_order),
        cmocka_unit_test(an_error_needs_no_place),
        cmocka_unit_test(thread_counts_have_bounds),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
