/* base/pool.c - a parallel loop. Threads live for one call: no state survives it, fork is safe.
 * Which worker takes which job varies; a job's result must not depend on it. */
#define _POSIX_C_SOURCE 200809L
#include "base/base.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { MAX_WORKERS = 64 };

typedef struct {
    sal_job_ job;
    void *self;
    size_t n;
    atomic_size_t next;
    atomic_bool stop;
    pthread_mutex_t lock; /* guards the three below */
    sal_status status;
    size_t failed;
    sal_error error;
} loop;

typedef struct {
    loop *l;
    size_t worker;
} seat;

size_t sal_threads_(const sal_env *env)
{
    if (env && env->threads) return env->threads < MAX_WORKERS ? env->threads : MAX_WORKERS;
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    if (n < 1) return 1;
    return n < MAX_WORKERS ? (size_t)n : MAX_WORKERS;
}

static void *work(void *arg)
{
    seat *s = arg;
    loop *l = s->l;
    while (!atomic_load(&l->stop)) {
        size_t job = atomic_fetch_add(&l->next, 1);
        if (job >= l->n) break;
        sal_error err = {SAL_OK, ""};
        sal_status st = l->job(l->self, job, s->worker, &err);
        if (st == SAL_OK) continue;
        pthread_mutex_lock(&l->lock);
        if (l->status == SAL_OK || job < l->failed) {
            l->status = st;
            l->failed = job;
            l->error = err;
        }
        pthread_mutex_unlock(&l->lock);
        atomic_store(&l->stop, true);
    }
    return NULL;
}

sal_status sal_parallel_(size_t workers, size_t n, sal_job_ job, void *self, sal_error *err)
{
    loop l = {.job = job, .self = self, .n = n, .status = SAL_OK};
    pthread_t threads[MAX_WORKERS];
    seat seats[MAX_WORKERS];
    size_t started = 0;
    if (workers > n) workers = n;
    if (workers > MAX_WORKERS) workers = MAX_WORKERS;
    atomic_init(&l.next, 0);
    atomic_init(&l.stop, false);
    if (pthread_mutex_init(&l.lock, NULL)) return sal_no_memory_(err, "a lock");
    for (size_t i = 1; i < workers; i++) { /* a thread that cannot start costs only time */
        seats[i] = (seat){&l, i};
        if (pthread_create(&threads[started], NULL, work, &seats[i])) break;
        started++;
    }
    seats[0] = (seat){&l, 0};
    work(&seats[0]);
    for (size_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&l.lock);
    if (l.status != SAL_OK && err) *err = l.error;
    return l.status;
}
