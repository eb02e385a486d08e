/* Randomisations of a model with blocks: which layers each step changes, what the steps are called,
 * and that a check walks them. The network: conv1, relu1, pool1, conv2, relu2, fc1, relu3, fc2; the
 * blocks tail (conv1 and conv2) and head (fc2) leave fc1 alone. */
#include "checks.h"
#include "small_nets.h"
#include "support.h"

#include "randomise/randomise.h"

#include <string.h>

enum { LAYERS = 4 };

static small_world world;
static sal_model *some, *all; /* blocks of some layers, of all */

static int make(void **state)
{
    const char *const of_some[] = {"head=fc2", "tail=conv"}, *const of_all[] = {"tail=conv",
                                                                                "head=fc"};
    (void)state;
    make_world(&world, NULL);
    return sal_model_with_blocks(world.net.model, 2, of_some, &some, NULL) != SAL_OK ||
           sal_model_with_blocks(world.net.model, 2, of_all, &all, NULL) != SAL_OK;
}

static int drop(void **state)
{
    (void)state;
    sal_model_free(some);
    sal_model_free(all);
    free_world(&world);
    return 0;
}

/* Which layers differ from the trained ones: X, of conv1 conv2 fc1 fc2. */
static void changes(const sal_model *m, const sal_params *p, char text[LAYERS + 1])
{
    strcpy(text, "....");
    for (size_t i = 0; i < m->n_params; i++)
        if (m->infos[i].role == SAL_WEIGHT &&
            memcmp(sal_params_get(p, i), sal_params_get(m->params, i),
                   sal_params_size(p, i) * sizeof(float)) != 0)
            text[m->layer_of[i]] = 'X';
}

static void steps_change_their_blocks(void **state)
{
    static const struct {
        const char *randomisation;
        bool all;
        size_t steps;
        const char *changed[2], *name[2], *text[2];
    } rows[] = {
        {"top", false, 1, {"...X"}, {"head"}, {"block \"head\" re-initialised"}},
        {"top", true, 1, {"..XX"}, {"head"}, {"block \"head\" re-initialised"}},
        {"cascade",
         false,
         2,
         {"...X", "XX.X"},
         {"head", "tail"},
         {"block \"head\" re-initialised", "all 2 blocks re-initialised"}},
        {"bottom-up",
         true,
         2,
         {"XX..", "XXXX"},
         {"tail", "head"},
         {"block \"tail\" re-initialised", "all 2 blocks re-initialised"}},
        {"independent",
         true,
         2,
         {"..XX", "XX.."},
         {"head", "tail"},
         {"block \"head\" re-initialised", "block \"tail\" re-initialised"}},
        {"full", false, 1, {"XX.X"}, {"all blocks"}, {"all 2 blocks re-initialised"}},
        {"full", true, 1, {"XXXX"}, {"all blocks"}, {"all 2 blocks re-initialised"}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const sal_model *m = rows[i].all ? all : some;
        sal_randomiser r;
        assert_int_equal(sal_randomise_steps(m, rows[i].randomisation), rows[i].steps);
        assert_int_equal(sal_randomiser_open_(m, rows[i].randomisation, NULL, NULL, &r, NULL),
                         SAL_OK);
        for (size_t step = 0; step < rows[i].steps; step++) {
            sal_params *p = NULL;
            char changed[LAYERS + 1], text[100];
            sal_text t = sal_text_into_(text, sizeof text);
            assert_int_equal(sal_randomise(m, rows[i].randomisation, step, NULL, &p, NULL), SAL_OK);
            changes(m, p, changed);
            sal_randomiser_describe_(&r, step, &t);
            if (strcmp(changed, rows[i].changed[step]) || strcmp(text, rows[i].text[step]) ||
                strcmp(sal_randomiser_step_name_(&r, step), rows[i].name[step]))
                fail_msg("row %zu, step %zu: %s, %s", i, step, changed, text);
            if (sal_randomiser_is_full_(&r, step) != !strchr(changed, '.'))
                fail_msg("row %zu, step %zu: full", i, step);
            sal_params_free(p);
        }
    }
}

/* Numbers follow the tensor, not its block: a layer drawn alone or in a block is the same. */
static void numbers_are_those_without_blocks(void **state)
{
    (void)state;
    sal_params *p = NULL, *q = NULL;
    assert_int_equal(sal_randomise(world.net.model, "top", 0, NULL, &p, NULL), SAL_OK);
    assert_int_equal(sal_randomise(some, "top", 0, NULL, &q, NULL), SAL_OK);
    for (size_t i = 0; i < sal_params_count(p); i++)
        assert_memory_equal(sal_params_get(p, i), sal_params_get(q, i),
                            sal_params_size(p, i) * sizeof(float));
    sal_params_free(p);
    sal_params_free(q);
}

/* Unrelated maps come from a model in which nothing is left as trained. */
static void the_pool_is_random_everywhere(void **state)
{
    (void)state;
    sal_randomiser r;
    sal_params *p = NULL;
    char changed[LAYERS + 1];
    assert_int_equal(sal_randomiser_open_(some, "top", NULL, NULL, &r, NULL), SAL_OK);
    assert_int_equal(sal_randomiser_make_(&r, 0, true, 1, 0, &p, NULL), SAL_OK);
    changes(some, p, changed);
    assert_string_equal(changed, "XXXX");
    sal_params_free(p);
}

static void checks_walk_blocks(void **state)
{
    (void)state;
    sal_check_args args = {.check = "params",
                           .model = some,
                           .inputs = world.inputs,
                           .method = "gradient",
                           .randomisation = "cascade"};
    sal_verdict *v = run_check("cascade", &args);
    assert_int_equal(v->n_steps, 2);
    assert_string_equal(v->steps[0].step, "head");
    assert_string_equal(v->steps[1].step, "tail");
    assert_string_equal(v->steps[1].change, "all 2 blocks re-initialised");
    assert_int_equal(v->outcome, SAL_PASS);
    sal_verdict_free(v);
    args.method = "sobel";
    expect_verdict("sobel", &args, SAL_FAIL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_change_their_blocks),
        cmocka_unit_test(numbers_are_those_without_blocks),
        cmocka_unit_test(the_pool_is_random_everywhere),
        cmocka_unit_test(checks_walk_blocks),
    };
    return !!cmocka_run_group_tests(tests, make, drop);
}
