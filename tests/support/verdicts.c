/* tests/support/verdicts.c - see verdicts.h. */
#include "verdicts.h"
#include "support.h"

#include <stdio.h>
#include <string.h>

void make_verdict(made_verdict *m)
{
    static const sal_draw_record draws[MADE_DRAWS] = {{0, 3, 5, 1, 0.9, 0.05, true},
                                                      {1, 7, 2, 1, 0.925, 0.075, true},
                                                      {2, 0, 31, 1, 0, 0, false},
                                                      {3, 5, 3, 1, 0.95, 0.1, true}};
    memset(m, 0, sizeof *m);
    m->v = (sal_verdict){.id = "mnist_cnn/params/guided-backprop",
                         .check = "params",
                         .method = "guided-backprop",
                         .metric = "pearson-folded",
                         .randomisation = "top",
                         .model = "mnist_cnn",
                         .claim = "does not depend on params",
                         .model_hash = 0x1234,
                         .inputs_hash = UINT64_MAX,
                         .outcome = SAL_FAIL,
                         .alpha = 0.01,
                         .seed = 0x5a11,
                         .inputs = 32,
                         .distinct = 32,
                         .max_draws = 256,
                         .total_steps = 1,
                         .n_steps = 1,
                         .steps = m->steps};
    for (size_t i = 0; i < MADE_STEPS; i++) {
        m->steps[i] = (sal_step_verdict){
            .check = "params",
            .step = "fc2",
            .change = "output layer \"fc2\" re-initialised",
            .meaning =
                "the map stays the same when the layer that separates the classes is random:\n"
                "it shows the input's structure, not what the model learned",
            .statistic_name = 'D',
            .scale = "0 = map unchanged, 1 = nothing of it is left",
            .outcome = SAL_FAIL,
            .has_statistic = true,
            .statistic = 0.081081,
            .low = 0.0571,
            .high = 0.4949,
            .limit = 0.5,
            .mean_r = 1,
            .mean_a = 0.926,
            .mean_u = 0.077,
            .draws = 4,
            .undefined = 1,
            .n_records = 4,
            .records = m->records[i]};
        memcpy(m->records[i], draws, sizeof draws);
    }
}

/* Bytes of the UTF-8 character at c, 0 when it is none. */
static size_t character(const unsigned char *c)
{
    static const unsigned least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = c[0] < 0x80 ? 1 : c[0] >> 5 == 6 ? 2 : c[0] >> 4 == 14 ? 3 : c[0] >> 3 == 30 ? 4 : 0;
    unsigned value = n > 1 ? c[0] & (0x7fu >> n) : c[0];
    for (size_t i = 1; i < n; i++) {
        if (c[i] >> 6 != 2) return 0;
        value = value << 6 | (c[i] & 0x3fu);
    }
    bool surrogate = value >= 0xd800 && value < 0xe000;
    return n && value >= least[n] && value < 0x110000 && !surrogate && value != 0xfffe &&
                   value != 0xffff
               ? n
               : 0;
}

void expect_clean_text(const char *name, const char *text)
{
    size_t line = 1, length = 0, n;
    if (strstr(text, "]]>")) fail_msg("%s: ends a CDATA section", name);
    if (!*text || text[strlen(text) - 1] != '\n') fail_msg("%s: the last line has no end", name);
    for (const unsigned char *c = (const unsigned char *)text; *c; c += n) {
        n = character(c);
        if (!n) fail_msg("%s: line %zu, byte %zu (%#x) is not UTF-8", name, line, length + 1, *c);
        if ((*c < ' ' && *c != '\n') || *c == 127)
            fail_msg("%s: line %zu holds control byte %#x", name, line, *c);
        length = *c == '\n' ? 0 : length + n;
        line += *c == '\n';
        if (length >= 100)
            fail_msg("%s: line %zu has %zu bytes or more:\n%s", name, line, length, text);
    }
}
