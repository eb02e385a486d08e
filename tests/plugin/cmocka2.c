/* The plugin for CMocka against the names of CMocka 2 (cmocka2_stub/), which this file answers to: a
 * pass returns; a failure goes line by line through the new error channel and then to _fail; a skip
 * tells its text as a message. Compiled with -Werror: the deprecated name must not be used. */
#include <salcheck/cmocka.h>
#include <salcheck/salcheck.h>

#include <stdio.h>

enum { RETURNED, FAILED, SKIPPED, INPUTS = 20, PIXELS = 36 };

static jmp_buf end_of_test;
static char errors[SAL_TEXT_MAX], messages[SAL_TEXT_MAX];
static int calls, wrong;

static void __attribute__((format(printf, 2, 0))) add(char *text, const char *format, va_list args)
{
    size_t n = strlen(text);
    vsnprintf(text + n, SAL_TEXT_MAX - n, format, args);
    calls++;
}

void cmocka_print_error(const char *const format, ...)
{
    va_list args;
    va_start(args, format);
    add(errors, format, args);
    va_end(args);
}

void print_message(const char *const format, ...)
{
    va_list args;
    va_start(args, format);
    add(messages, format, args);
    va_end(args);
}

static _Noreturn void end(const char *file, int line, int how)
{
    if (strcmp(file, __FILE__) != 0 || line <= 0) {
        fprintf(stderr, "ended at %s:%d\n", file, line);
        wrong++;
    }
    longjmp(end_of_test, how);
}

void _fail(const char *const file, const int line)
{
    end(file, line, FAILED);
}

void _skip(const char *const file, const int line)
{
    end(file, line, SKIPPED);
}

static sal_model *model;
static sal_tensor *inputs;

static void passes(void)
{
    assert_saliency_depends_on_params(model, inputs, SAL_RANDOM_FROM_PARAMS);
}

static void fails(void)
{
    assert_saliency_depends_on_params(model, inputs, SAL_SOBEL, .alpha = 0.05);
}

static void skips(void)
{
    assert_saliency_depends_on_params(model, inputs, SAL_RANDOM_FROM_PARAMS, .max_draws = 2,
                                      .inconclusive = SAL_SKIP);
}

static void is_refused(void)
{
    assert_saliency_is_sane(model, inputs, "gradiant");
}

/* How a test ends; apart from what is compared, which a jump would clobber. */
static int run(void (*test)(void))
{
    int got = setjmp(end_of_test);
    if (got == RETURNED) test();
    return got;
}

/* The text must start so, in as many calls as it has lines. */
static void expect(const char *name, void (*test)(void), int want, const char *channel,
                   const char *start)
{
    int lines = 0;
    errors[0] = messages[0] = '\0';
    calls = 0;
    int got = run(test);
    for (const char *c = channel; *c; c++) lines += *c == '\n';
    if (got == want && calls == lines && strncmp(channel, start, strlen(start)) == 0) return;
    fprintf(stderr, "%s: end %d, wanted %d; %d calls, %d lines; %s%s", name, got, want, calls,
            lines, errors, messages);
    wrong++;
}

static int make(sal_graph **graph, sal_error *err)
{
    static float pixels[INPUTS * PIXELS];
    sal_params *params = NULL;
    for (size_t i = 0; i < INPUTS * PIXELS; i++) pixels[i] = (float)(i * i * 7 % 11);
    sal_status st =
        sal_tensor_view_of(NULL, pixels, 4, (const int64_t[]){INPUTS, 1, 6, 6}, &inputs, err);
    if (st == SAL_OK) st = sal_graph_create(NULL, "net", graph, err);
    if (st != SAL_OK) return -1;
    sal_value x = sal_graph_input(*graph, "input", 3, (const int64_t[]){1, 6, 6});
    sal_value y = sal_nn_apply(*graph, "Flatten", "flatten", x);
    y = sal_nn_dense(*graph, "fc", y, &(sal_dense_options){.units = 3});
    st = sal_params_create(*graph, &params, err);
    if (st == SAL_OK) st = sal_nn_initialise(*graph, params, 1, err);
    if (st == SAL_OK) st = sal_model_from_graph(*graph, x, y, params, &model, err);
    sal_params_free(params);
    return st == SAL_OK ? 0 : -1;
}

int main(void)
{
    sal_error err = {SAL_OK, ""};
    sal_graph *graph = NULL;
    if (make(&graph, &err)) {
        fprintf(stderr, "no model: %s\n", err.text);
        return 1;
    }
    expect("pass", passes, RETURNED, errors, "");
    expect("fail", fails, FAILED, errors,
           "saliency check FAILED: sobel does not depend on params\n");
    expect("skip", skips, SKIPPED, messages, "saliency check INCONCLUSIVE: random-from-params");
    expect("refused", is_refused, FAILED, errors, "saliency check could not run: unknown method");
    sal_model_free(model);
    sal_graph_free(graph);
    sal_tensor_free(inputs);
    return wrong != 0;
}
