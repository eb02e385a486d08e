/* Shards: whatever number of them measures the draws, the merged file is the single run's, byte for
 * byte; and a set of files that is not all shards of one run is refused with what is wrong. */
#define _XOPEN_SOURCE 700
#include "checks.h"
#include "memory_loop.h"
#include "mixed_method.h"
#include "scratch.h"
#include "small_nets.h"
#include "support.h"

#include <salcheck/report.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_SHARDS = 40, N = 20 };

static small_world world;
static test_net line, line_twin, one; /* `one` says class 1 whatever it sees */
static sal_tensor *numbers;
static int64_t ones[N];
static scratch *room;

static test_net net_of_one_class(uint64_t seed)
{
    static const float bias[3] = {0, 10000, 0};
    test_net net = whole_net(NULL, "one", seed);
    set_param(&net, "fc.bias", bias);
    sal_model_free(net.model);
    make_model(&net, sal_graph_find(net.g, "input"), sal_graph_find(net.g, "fc"));
    return net;
}

static int make(void **state)
{
    make_world(&world, NULL);
    line = whole_net(NULL, "line", 1);
    line_twin = whole_net(NULL, "line_twin", 2);
    one = net_of_one_class(1);
    numbers = whole_inputs(N);
    for (size_t i = 0; i < N; i++) ones[i] = 1;
    int bad = make_scratch(state);
    room = *state;
    return bad;
}

static int drop(void **state)
{
    free_world(&world);
    free_net(&line);
    free_net(&line_twin);
    free_net(&one);
    sal_tensor_free(numbers);
    return drop_scratch(state);
}

/* ---- the checks of the run ------------------------------------------------------------------- */

static int fit(void *self, size_t n, const int64_t *labels, uint64_t seed, sal_model **twin)
{
    test_net *last = self; /* whose graph the twin needs */
    (void)n, (void)labels;
    if (last->g) free_net(last);
    *last = net_of_one_class(seed);
    *twin = last->model;
    last->model = NULL;
    return 0;
}

/* Some inputs' maps under the trained model are not finite, or constant. */
static int spoil(mixed_method *m, const sal_model *model, const float *x, int64_t target,
                 float *map)
{
    (void)target;
    size_t i = (size_t)(x - sal_tensor_get_data(world.inputs)) / m->size;
    if (whose_params(model, world.net.model, NULL) != TRAINED) return 0;
    if (m->context && (i == 7 || i == 11)) map[i] = (float)NAN;
    if (!m->context && i % 5 == 0) memset(map, 0, m->size * sizeof *map);
    return 0;
}

enum { PIXELS = BARS_SIDE * BARS_SIDE };
static mixed_method nan_maps = {.params = 1,
                                .input = 0.2,
                                .size = PIXELS,
                                .also = spoil,
                                .context = &world},
                    flat_maps = {.params = 1, .size = PIXELS, .also = spoil};
static test_net last_twin;

static size_t checks_of_a_run(sal_check_args all[32])
{
    static sal_own_method own[2];
    own[0] = mixed(&nan_maps, "nan-maps");
    own[1] = mixed(&flat_maps, "flat-maps");
    const sal_check_args rows[] = {
        {.check = "params", .method = "gradient"},
        {.check = "params", .method = "guided-backprop", .min_draws = 40, .id = "named"},
        {.check = "params", .method = "random-from-params", .randomisation = "cascade"},
        {.check = "params", .method = "sobel", .randomisation = "cascade"},
        {.check = "params",
         .method = "guided-backprop",
         .randomisation = "bottom-up",
         .alpha = 0.2,
         .max_draws = 45},
        {.check = "params", .method = "gradient", .limit = 0.9, .id = "strict", .max_draws = 37},
        {.check = "params", .method = "gradient", .controls = true, .id = "with controls"},
        {.check = "params", .method = "constant", .randomisation = "independent"},
        {.check = "params",
         .own_method = &own[0],
         .randomisation = "independent",
         .max_draws = 100},
        {.check = "params", .own_method = &own[1], .min_draws = 100},
        {.check = "edges", .method = "input"},
        {.check = "edges", .own_method = &own[0]},
        {.check = "edges", .method = "random", .metric = "ssim"},
        {.check = "reproducible", .method = "smoothgrad:samples=3"},
        {.check = "labels", .method = "gradient", .twin = world.twin.model},
        {.check = "faithful", .method = "gradient", .model = line.model, .inputs = numbers},
        {.check = "sane", .method = "gradient", .model = line.model, .inputs = numbers},
        {.check = "sane", .method = "random", .model = line.model, .inputs = numbers},
        {.check = "labels",
         .method = "gradient",
         .model = line.model,
         .twin = line_twin.model,
         .inputs = numbers,
         .id = "labels of line"},
        {.check = "params", .method = "gradient", .model = one.model, .inputs = numbers},
        {.check = "sane", .method = "gradient", .model = one.model, .inputs = numbers},
        {.check = "labels",
         .method = "gradient",
         .model = one.model,
         .inputs = numbers,
         .labels = ones,
         .fit = fit,
         .fit_self = &last_twin,
         .train_inputs = numbers,
         .train_labels = ones,
         .max_draws = 20},
    };
    size_t n = sizeof rows / sizeof rows[0];
    for (size_t i = 0; i < n; i++) {
        all[i] = rows[i];
        if (!all[i].model) all[i].model = world.net.model;
        if (!all[i].inputs) all[i].inputs = world.inputs;
    }
    return n;
}

/* ---- files ------------------------------------------------------------------------------------ */

static const char *path_of(size_t shard, size_t shards)
{
    static char paths[8][128];
    static size_t next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%zu-of-%zu.jsonl", room->folder, shard, shards);
    return path;
}

static void run_shard(size_t from, size_t to, size_t shard, size_t shards)
{
    sal_check_args all[32];
    sal_verdict *verdicts[32];
    sal_error err = {SAL_OK, ""};
    for (size_t i = (checks_of_a_run(all), from); i < to; i++) {
        all[i].shard = shard;
        all[i].shards = shards;
        verdicts[i - from] = run_check(all[i].check, &all[i]);
    }
    if (sal_report_jsonl(NULL, (const sal_verdict *const *)verdicts, to - from,
                         path_of(shard, shards), &err) != SAL_OK)
        fail_msg("%s", err.text);
    for (size_t i = from; i < to; i++) sal_verdict_free(verdicts[i - from]);
}

static void forget(size_t shards)
{
    for (size_t k = shards ? 1 : 0; k <= shards; k++) unlink(path_of(k, shards));
}

static sal_status read_and_merge(const sal_env *env, const char *const *paths, size_t n,
                                 sal_records **out, sal_error *err)
{
    sal_records *files[MOST_SHARDS] = {NULL};
    sal_status st = SAL_OK;
    for (size_t k = 0; st == SAL_OK && k < n; k++)
        st = sal_records_read_parts(env, paths[k], &files[k], err);
    if (st == SAL_OK)
        st = sal_check_merge(env, (const sal_records *const *)files, paths, n, out, err);
    for (size_t k = 0; k < n; k++) sal_records_free(files[k]);
    return st;
}

static char *text_of(const char *path)
{
    size_t n;
    char *text = (char *)read_bytes(path, &n), *end = realloc(text, n + 1);
    end[n] = '\0';
    return end;
}

static char *merged(size_t shards)
{
    sal_records *r = NULL;
    sal_error err = {SAL_OK, ""};
    char own[MOST_SHARDS][128];
    const char *paths[MOST_SHARDS];
    for (size_t k = 0; k < shards; k++) { /* in any order of files */
        snprintf(own[k], sizeof own[k], "%s", path_of((k + shards / 2) % shards + 1, shards));
        paths[k] = own[k];
    }
    if (read_and_merge(NULL, paths, shards, &r, &err) != SAL_OK) fail_msg("%s", err.text);
    if (sal_report_jsonl(NULL, (const sal_verdict *const *)r->verdicts, r->n, room->file, &err) !=
        SAL_OK)
        fail_msg("%s", err.text);
    sal_records_free(r);
    return text_of(room->file);
}

static void expect_equal_lines(size_t shards, const char *a, const char *b)
{
    for (size_t at = 1;; at++) {
        size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
        if (n != m || memcmp(a, b, n) != 0)
            fail_msg("%zu shards, line %zu:\n%.*s\n%.*s", shards, at, (int)n, a, (int)m, b);
        if (!a[n] && !b[m]) return;
        a += n + 1;
        b += m + 1;
    }
}

static void any_number_of_shards_is_one_run(void **state)
{
    static const size_t counts[] = {1, 2, 7, 40};
    static const char *const parts[] = {
        "\"outcome\":\"pass\"", "\"outcome\":\"fail\"", "\"outcome\":\"inconclusive\"",
        "model not trained",    "are undefined",        "is not finite at element",
        ",null,null,null],",    "against twins",        "\"statistic\":\"F\""};
    sal_check_args all[32];
    size_t n = checks_of_a_run(all);
    (void)state;
    run_shard(0, n, 0, 0);
    char *whole = text_of(path_of(0, 0));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!strstr(whole, parts[i])) fail_msg("no %s among the verdicts", parts[i]);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        for (size_t k = 1; k <= counts[i]; k++) run_shard(0, n, k, counts[i]);
        char *text = merged(counts[i]);
        expect_equal_lines(counts[i], whole, text);
        free(text);
        forget(counts[i]);
    }
    free(whole);
    forget(0);
    unlink(room->file);
    free_net(&last_twin);
}

/* ---- what is refused --------------------------------------------------------------------------- */

static void expect_merge(const char *name, const char *const *paths, size_t n, const char *text)
{
    sal_records *r = NULL;
    sal_error err = {SAL_OK, ""};
    sal_status st = read_and_merge(NULL, paths, n, &r, &err);
    if (r || st != SAL_E_FORMAT || !strstr(err.text, text))
        fail_msg("%s: %s: \"%s\", wanted \"%s\"", name, sal_status_name(st), err.text, text);
}

static void sets_that_are_not_all_shards(void **state)
{
    char a[128], b[128], c[128], of_two[128], whole[128];
    (void)state;
    for (size_t k = 1; k <= 3; k++) run_shard(0, 2, k, 3);
    run_shard(0, 2, 2, 2);
    run_shard(0, 1, 0, 0);
    snprintf(a, sizeof a, "%s", path_of(1, 3));
    snprintf(b, sizeof b, "%s", path_of(2, 3));
    snprintf(c, sizeof c, "%s", path_of(3, 3));
    snprintf(of_two, sizeof of_two, "%s", path_of(2, 2));
    snprintf(whole, sizeof whole, "%s", path_of(0, 0));
    expect_merge("one lost", (const char *const[]){a, c}, 2, "shard 2 of 3 is missing among ");
    expect_merge("two lost", (const char *const[]){b}, 1, "shards 1, 3 of 3 are missing among ");
    expect_merge("twice", (const char *const[]){a, b, c, b}, 4,
                 "2-of-3.jsonl: shard 2 of 3, as is ");
    expect_merge("others", (const char *const[]){a, b, of_two}, 3,
                 "2-of-2.jsonl: shard 2 of 2, but ");
    expect_merge("a whole", (const char *const[]){whole}, 1,
                 "a whole verdict, wanted what a shard");
    run_shard(0, 1, 3, 3);
    expect_merge("interrupted", (const char *const[]){a, b, c}, 3,
                 "3-of-3.jsonl: shard 3 of 3 lacks the check 'named' of ");
    run_shard(1, 2, 3, 3);
    expect_merge("another", (const char *const[]){a, b, c}, 3, "3-of-3.jsonl: shard 3 of 3 lacks ");
    sal_records *r = NULL;
    sal_error err = {SAL_OK, ""};
    assert_int_equal(sal_records_read(NULL, a, &r, &err), SAL_E_FORMAT);
    assert_non_null(
        strstr(err.text, "line 1: what one shard has measured, wanted a whole verdict"));
    forget(3);
    unlink(of_two);
    unlink(whole);
}

/* One place of the second shard's file changed. */
static void parts_of_something_else(void **state)
{
    static const struct {
        const char *from, *to, *text;
    } rows[] = {
        {"\"model_hash\":\"", "\"model_hash\":\"f", "has another model_hash than in "},
        {"\"inputs_hash\":\"", "\"inputs_hash\":\"f", "has another inputs_hash than in "},
        {"\"seed\":\"0", "\"seed\":\"1", "has another seed than in "},
        {"\"alpha\":0.01", "\"alpha\":0.02", "has another alpha than in "},
        {"\"limit\":0.5", "\"limit\":0.6", "has another limit than in "},
        {"\"options\":\"\"", "\"options\":\"layer=a\"", "has another options than in "},
        {"\"metric\":\"pearson-folded\"", "\"metric\":\"pearson\"", "has another metric than in "},
        {"\"method\":\"gradient\"", "\"method\":\"gradcam\"", "has another method than in "},
        {"\"max_draws\":256", "\"max_draws\":255", "has another max_draws than in "},
        {"\"min_draws\":0", "\"min_draws\":1", "has another min_draws than in "},
        {"\"measured_r\":false", "\"measured_r\":true", "has another measured_r than in "},
        {"\"lowest\":0", "\"lowest\":-1", "has another lowest than in "},
        {"\"wave\":16", "\"wave\":15", "has another wave than in "},
        {"\"version\":\"", "\"version\":\"9", "line 1: written by salcheck 9"},
        {"\"schema\":\"salcheck.part/1", "\"schema\":\"salcheck.part/2",
         "schema \"salcheck.part/2\""},
        {"\"shard\":2", "\"shard\":3", "\"shard\" is none of \"shards\""},
        {"\"shard\":2", "\"shard\":1", "shard 1 of 2, as is "},
        {"\"per_draw\":[[", "\"per_draw\":[[7", "is missing"},
        {"\"per_draw\":[", "\"per_draw\":[[300,0,1,0.5,0.5],", "is missing"},
        {"]],\"version", "],[300,0,1,0.5,0.5]],\"version", "draw 300 is not of shard 2 of 2"},
        {",1.0,", ",0.5,", "r is 0.5, wanted 1"},
    };
    char b[128], a[128];
    (void)state;
    run_shard(0, 1, 1, 2);
    run_shard(0, 1, 2, 2);
    snprintf(a, sizeof a, "%s", path_of(1, 2));
    snprintf(b, sizeof b, "%s", path_of(2, 2));
    char *good = text_of(b), *bad = calloc(strlen(good) + 100, 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *from = rows[i].from, *at = strstr(good, from);
        if (!at) fail_msg("no %s in %s", from, good);
        size_t skip = strlen(from);
        sprintf(bad, "%.*s%s%s", (int)(at - good), good, rows[i].to, at + skip);
        if (strstr(from, "_hash")) { /* keeps its length */
            char *extra = bad + (at - good) + strlen(rows[i].to);
            memmove(extra, extra + 1, strlen(extra));
        }
        write_bytes(b, bad, strlen(bad));
        expect_merge(from, (const char *const[]){a, b}, 2, rows[i].text);
    }
    size_t n = strlen(good);
    write_bytes(b, good, n - 20);
    expect_merge("cut", (const char *const[]){a, b}, 2, "line 1 is cut short");
    write_bytes(b, "", 0);
    expect_merge("empty", (const char *const[]){a, b}, 2, "2-of-2.jsonl: no check in it");
    free(good);
    free(bad);
    forget(2);
}

static void a_wrong_shard_is_an_argument(void **state)
{
    static const size_t rows[][2] = {{1, 0}, {0, 3}, {4, 3}, {1, SIZE_MAX}};
    sal_check_args all[32];
    (void)state;
    checks_of_a_run(all);
    for (size_t i = 0; i < 4; i++) {
        all[0].shard = rows[i][0];
        all[0].shards = rows[i][1];
        expect_refused("shard", &all[0], SAL_E_ARG, "wanted 1 to the number");
    }
    char text[SAL_TEXT_MAX];
    sal_outcome o;
    all[0].shard = all[0].shards = 1;
    assert_int_equal(sal_check_text(&all[0], &o, text, sizeof text), SAL_E_ARG);
    assert_non_null(strstr(text, "a shard has no outcome"));
}

/* What an interrupted shard has measured is not a part. */
static bool stop(void *self, size_t draws, size_t most)
{
    (void)self;
    return draws < most / 2;
}

static void a_shard_that_is_ended(void **state)
{
    sal_check_args all[32];
    (void)state;
    checks_of_a_run(all);
    all[0].shard = 1;
    all[0].shards = 2;
    all[0].progress = stop;
    expect_refused("ended", &all[0], SAL_E_CALLBACK, "shard 1 of 2 was ended by the caller");
}

/* ---- memory ------------------------------------------------------------------------------------ */

static sal_status merge_two(void *self, sal_error *err)
{
    sal_records *r = NULL;
    char a[128], b[128];
    snprintf(a, sizeof a, "%s", path_of(1, 2));
    snprintf(b, sizeof b, "%s", path_of(2, 2));
    sal_status st = read_and_merge(self, (const char *const[]){b, a}, 2, &r, err);
    if ((st == SAL_OK) != (r != NULL)) fail_msg("records and an error");
    sal_records_free(r);
    return st;
}

static void memory_runs_out(void **state)
{
    short_memory memory = {.after = SIZE_MAX};
    sal_env env = short_memory_env(&memory);
    (void)state;
    run_shard(0, 4, 1, 2);
    run_shard(0, 4, 2, 2);
    memory_loop l = {"merge", &memory, merge_two, &env};
    assert_true(refuse_each_request(&l) > 30);
    forget(2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_shards_is_one_run),
        cmocka_unit_test(sets_that_are_not_all_shards),
        cmocka_unit_test(parts_of_something_else),
        cmocka_unit_test(a_wrong_shard_is_an_argument),
        cmocka_unit_test(a_shard_that_is_ended),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
