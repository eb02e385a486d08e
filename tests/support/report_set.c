/* tests/support/report_set.c - see report_set.h. */
#include "report_set.h"

#include <string.h>

const char set_hostile[] = "]]></failure> <script>alert(1)</script> a|b `c` *d* [e](http://f.g) "
                           "\"h\" 'i' \\j # k @l $m$ _n_\nnot ok 1\tgr\xc3\xb6\xc3\x9f"
                           "e \xe2\x80\xae \xc2\x9b \xff &amp; ...\n---";

#define SET(field, text) put(field, sizeof field, text)

/* Cut where the field ends, within a character if need be. */
static void put(char *field, size_t size, const char *text)
{
    size_t n = strlen(text);
    if (n >= size) n = size - 1;
    memcpy(field, text, n);
    field[n] = '\0';
}

static void pass(made_verdict *m)
{
    SET(m->v.id, "mnist_cnn/params/gradient");
    SET(m->v.method, "gradient");
    SET(m->v.claim, "depends on params");
    m->v.outcome = m->steps[0].outcome = SAL_PASS;
    m->steps[0].statistic = 0.9597;
    m->steps[0].low = 0.5078;
    m->steps[0].high = 1.8483;
}

/* The third of four steps fails. */
static void cascade(made_verdict *m)
{
    static const sal_outcome outcomes[] = {SAL_PASS, SAL_INCONCLUSIVE, SAL_FAIL};
    static const char *const names[] = {"fc2", "fc1", "conv2"};
    static const double values[] = {0.91, 0.501, 0.2};
    SET(m->v.id, "mnist_cnn/params:cascade/gradient-x-input");
    SET(m->v.method, "gradient-x-input");
    SET(m->v.randomisation, "cascade");
    m->v.n_steps = 3;
    m->v.total_steps = 4;
    m->v.decisive = 2;
    for (size_t i = 0; i < 3; i++) {
        m->steps[i].outcome = outcomes[i];
        m->steps[i].statistic = values[i];
        m->steps[i].low = values[i] - 0.1;
        m->steps[i].high = values[i] + 0.1;
        SET(m->steps[i].step, names[i]);
    }
    SET(m->steps[1].reason, "the draws were used up");
}

static void invalid(made_verdict *m)
{
    sal_step_verdict *s = &m->steps[0];
    SET(m->v.id, "mnist_cnn/params/constant");
    SET(m->v.method, "constant");
    SET(m->v.claim, "does not get a verdict on params");
    SET(m->v.picture, "elsewhere/no_such.png");
    SET(s->reason, "16 of 16 draws are undefined: a map is constant or has no value");
    m->v.outcome = s->outcome = SAL_INVALID;
    s->has_statistic = false;
    s->draws = s->undefined = 16;
    m->v.distinct = 8;
}

static void hostile(made_verdict *m)
{
    sal_step_verdict *s = &m->steps[0];
    SET(m->v.id, set_hostile);
    SET(m->v.check, "rep|ro`<i>");
    SET(m->v.method, set_hostile);
    SET(m->v.metric, "a\"b");
    SET(m->v.model, set_hostile);
    SET(m->v.claim, "does not <b>repeat</b> itself");
    SET(m->v.picture, "../../smooth.jpg");
    SET(s->check, "rep|ro`<i>");
    SET(s->step, set_hostile);
    SET(s->change, set_hostile);
    SET(s->scale, "1 = \"same\"");
    SET(s->meaning, "one ]]> line\n<two>\n\n```\n| three |");
    s->statistic_name = 'R';
    s->statistic = -0.8;
    s->low = -1.5;
    s->high = 0.1;
}

/* Read from a file that had lost its end. */
static void cut(made_verdict *m)
{
    pass(m);
    SET(m->v.id, "resnet8/sane/gradcam");
    SET(m->v.check, "sane");
    SET(m->v.method, "gradcam:layer=op12,with=a-long-option");
    SET(m->v.model, "resnet8");
    SET(m->v.claim, "is sane");
    m->v.outcome = SAL_INCONCLUSIVE;
    m->v.n_steps = 2;
    m->v.total_steps = 3;
    m->v.decisive = 1;
    m->steps[1].outcome = SAL_PASS;
    SET(m->steps[1].check, "reproducible");
    SET(m->steps[1].step, "");
    SET(m->steps[1].change, "");
    m->steps[1].statistic_name = 'R';
    m->steps[1].statistic = 1;
    m->steps[1].low = 0.62;
    m->steps[1].high = 2;
}

/* Numbers that no plot has room for. */
static void endless(made_verdict *m)
{
    SET(m->v.id, "my-id");
    SET(m->v.model, "resnet8");
    m->steps[0].statistic = 1e300;
    m->steps[0].low = -1e300;
    m->steps[0].high = 1e300;
    m->steps[0].limit = 2;
}

static void make_trends(report_set *set)
{
    static const sal_trend_point points[] = {{"3f1c09a", SAL_PASS, true, .91, .71, .99},
                                             {"8d20e11", SAL_PASS, true, .88, .70, .97},
                                             {"b77ab02", SAL_INVALID, false, 0, 0, 0},
                                             {"c0ffee1", SAL_PASS, true, .86, .66, .95},
                                             {"d1e2f3a", SAL_INCONCLUSIVE, true, .52, .41, .63},
                                             {"e5f6a7b", SAL_FAIL, true, .31, .22, .44}};
    static sal_trend_point one[] = {{NULL, SAL_FAIL, true, -.4, -.9, .1}};
    one[0].label = set_hostile;
    set->trends[0] = (sal_trend){.title = "mnist_cnn/params/gradient",
                                 .statistic_name = 'D',
                                 .limit = 0.5,
                                 .n = sizeof points / sizeof points[0],
                                 .points = points};
    set->trends[1] = (sal_trend){
        .title = set_hostile, .statistic_name = 'R', .limit = 0.5, .n = 1, .points = one};
}

void make_report_set(report_set *set)
{
    static void (*const make[SET_VERDICTS])(made_verdict *) = {pass,    NULL, cascade, invalid,
                                                               hostile, cut,  endless};
    for (size_t i = 0; i < SET_VERDICTS; i++) {
        make_verdict(&set->made[i]);
        if (make[i]) make[i](&set->made[i]);
        set->verdicts[i] = &set->made[i].v;
    }
    SET(set->made[1].v.picture, "anywhere/picture.png");
    make_trends(set);
    set->options = (sal_report_options){.title = "Release 2.1 <rc|1>",
                                        .pictures = "fuzz/corpus/picture",
                                        .trends = set->trends,
                                        .n_trends = SET_TRENDS};
}
