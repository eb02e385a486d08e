/* The contract finds what it is there to find: each faulty engine breaks it, in a process of its own
 * whose output is not shown. */
#include "contract.h"
#include "faulty_engine.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INPUTS = 8 };

static fault current;
static faulty_engine engine;
static float x[INPUTS * FAULTY_SIZE];

static const char *make(contract_engine *out)
{
    make_faulty(&engine, current);
    engine.late = INPUTS / 2;
    faulty_inputs(INPUTS, x);
    *out = (contract_engine){.ops = &engine.ops, .self = &engine, .n = INPUTS, .x = x};
    return NULL;
}

static const char *make_none(contract_engine *out)
{
    (void)out;
    return "no such engine";
}

/* The exit code of the contract; the output goes nowhere. */
static int run(const contract *c)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
        _exit(contract_run(c));
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}

int main(void)
{
    static const struct {
        const char *name;
        fault fault;
        int code;
    } rows[] = {
        {"no fault", NO_FAULT, 0},
        {"saliency is edges", SALIENCY_IS_EDGES, 0}, /* wrong, but not the adapter's fault */
        {"set_params is ignored", SET_IS_IGNORED, 1},
        {"set_params is unused", SET_IS_UNUSED, 1},
        {"hidden layer is unused", HIDDEN_IS_UNUSED, 1},
        {"get_params rounds", GET_ROUNDS, 1},
        {"set_params rounds", SET_ROUNDS, 1},
        {"forward drifts", FORWARD_DRIFTS, 1},
        {"forward remembers", FORWARD_REMEMBERS, 1},
        {"forward mixes", FORWARD_MIXES, 1},
        {"forward is NaN", FORWARD_IS_NAN, 1},
        {"forward writes nothing", FORWARD_WRITES_NOTHING, 1},
        {"gradient is negated", GRADIENT_IS_NEGATED, 1},
        {"gradient is halved", GRADIENT_IS_HALVED, 1},
        {"gradient is zero", GRADIENT_IS_ZERO, 1},
        {"gradient is turned", GRADIENT_IS_TURNED, 1},
        {"gradient of the first class", GRADIENT_OF_FIRST_CLASS, 1},
        {"gradient is NaN", GRADIENT_IS_NAN, 1},
        {"gradient writes nothing", GRADIENT_WRITES_NOTHING, 1},
        {"saliency is noisy", SALIENCY_IS_NOISY, 1},
        {"saliency changes later", SALIENCY_CHANGES_LATER, 1},
        {"saliency is NaN", SALIENCY_IS_NAN, 1},
        {"saliency is added", SALIENCY_IS_ADDED, 1},
        {"saliency writes nothing", SALIENCY_WRITES_NOTHING, 1},
        {"saliency changes weights", SALIENCY_LEAVES_WEIGHTS_CHANGED, 1}};
    const contract c = {.name = "acme", .make = make}, none = {.name = "none", .make = make_none};
    int bad = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        current = rows[i].fault;
        int code = run(&c);
        if (code != rows[i].code) {
            fprintf(stderr, "%s: %d, wanted %d\n", rows[i].name, code, rows[i].code);
            bad = 1;
        }
    }
    if (run(&none) != CONTRACT_ABSENT) {
        fprintf(stderr, "an absent engine is not left out\n");
        bad = 1;
    }
    return bad;
}
