/* cli/options.c - see options.h. */
#include "cli/options.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW(name, field, kind, value, help)                                                        \
    {                                                                                              \
        name, kind, value, help, offsetof(settings, field), false                                  \
    }

static const option table[] = {
    ROW("method", method, OPTION_TEXT, "NAME[:KEY=VALUE,...]",
        "explanation method ('salcheck methods'); check takes several, with commas"),
    ROW("metric", metric, OPTION_TEXT, "NAME[:KEY=VALUE,...]", "similarity ('salcheck metrics')"),
    ROW("target", target, OPTION_TEXT, "K|FILE.npy|predicted",
        "class that is explained: one for all inputs, one per input, or the model's own"),
    ROW("layer", layer, OPTION_TEXT, "NAME", "node or tensor for gradcam"),
    ROW("output", output, OPTION_TEXT, "NAME", "tensor or node to explain, instead of the logits"),
    ROW("mode", mode, OPTION_TEXT, "NAME", "randomisation ('salcheck randomisations')"),
    ROW("randomisation", randomisation, OPTION_TEXT, "NAME",
        "which layers become random ('salcheck randomisations'; top)"),
    ROW("initialiser", initialiser, OPTION_TEXT, "NAME",
        "how: permute, gaussian, or an initialiser such as he-normal"),
    ROW("step", step, OPTION_INDEX, "K", "step of a cascade, from 0 (0)"),
    ROW("blocks", blocks, OPTION_TEXT, "FILE|NAME=PATTERN,...",
        "layers that are randomised as one, by name, its beginning or with '*'"),
    ROW("labels", labels, OPTION_TEXT, "FILE.npy",
        "true classes: is the model better than chance?"),
    ROW("train", train, OPTION_TEXT, "FILE.npy", "training inputs: do both models fit them?"),
    ROW("train-labels", train_labels, OPTION_TEXT, "FILE.npy", "their classes"),
    ROW("permuted-labels", permuted_labels, OPTION_TEXT, "FILE.npy",
        "the classes that the twin was trained on"),
    ROW("maps", maps, OPTION_TEXT, "FILE.npy",
        "judges maps made elsewhere, without a model: those of the trained one"),
    ROW("maps-randomised", maps_randomised, OPTION_TEXT, "FILE.npy,...",
        "and of randomised ones, a file for each"),
    ROW("alpha", alpha, OPTION_NUMBER, "A", "chance of a wrong outcome (0.01; gate: alarm, 0.05)"),
    ROW("limit", limit, OPTION_NUMBER, "D", "least D, R or F of a pass (the check's own)"),
    ROW("draws", draws, OPTION_COUNT, "N", "most draws (256)"),
    ROW("min-draws", min_draws, OPTION_COUNT, "N", "go on after the decision"),
    ROW("controls", controls, OPTION_FLAG, NULL,
        "sobel must fail and random-from-params must not, in the same run"),
    ROW("size", size, OPTION_SIZE, "HEIGHTxWIDTH", "of the pictures (the model's)"),
    ROW("scale", scale, OPTION_NUMBER, "S",
        "numbers become S times themselves (pictures: 1/255); needed for integers"),
    ROW("mean", mean, OPTION_CHANNELS, "M[,M,M]", "taken away after scaling, per channel"),
    ROW("std", std, OPTION_CHANNELS, "S[,S,S]", "divides what is left, per channel"),
    ROW("bgr", bgr, OPTION_FLAG, NULL, "pictures: blue first"),
    ROW("grey", grey, OPTION_FLAG, NULL, "pictures: one channel"),
    ROW("stretch", stretch, OPTION_FLAG, NULL,
        "pictures: the whole, instead of the largest central part of the wanted shape"),
    ROW("resize", resize, OPTION_TEXT, "bilinear|bicubic|area", "pictures: how (bilinear)"),
    ROW("signals", signals, OPTION_FLAG, NULL, "arrays of rank 3 are [N, channels, length]"),
    ROW("classes", classes, OPTION_TEXT, "FILE", "names of classes, one a line"),
    ROW("top", top, OPTION_COUNT, "K", "classes printed per input (1)"),
    ROW("batch", batch, OPTION_COUNT, "N", "evaluations in one run; changes no result"),
    ROW("out", out, OPTION_TEXT, "FILE", "file that is written"),
    ROW("png", png, OPTION_TEXT, "FOLDER", "also draws every input and its map there"),
    ROW("pictures", pictures, OPTION_TEXT, "FOLDER",
        "pictures of failing checks (salcheck-out; '' = none)"),
    ROW("title", title, OPTION_TEXT, "TEXT", "above the report (Saliency checks)"),
    ROW("shard", shard, OPTION_TEXT, "I/N|auto",
        "does part I of N; auto: what GitLab or Slurm says"),
    ROW("baseline", baseline, OPTION_TEXT, "FILE", "what was accepted (salcheck-baseline.jsonl)"),
    ROW("prune", prune, OPTION_FLAG, NULL, "forgets what is not among the new verdicts"),
    ROW("waivers", waivers, OPTION_TEXT, "FILE",
        "JSON Lines: check, [step,] reason, owner, expires"),
    ROW("margin", margin, OPTION_NUMBER, "D", "a drop of D, R or F that does not count (0.05)"),
    ROW("test", test, OPTION_TEXT, "t|betting", "how draws are compared (t)"),
    ROW("today", today, OPTION_TEXT, "YYYY-MM-DD", "for waivers, instead of the clock"),
    ROW("commit", commit, OPTION_TEXT, "NAME", "whose verdicts they are"),
    ROW("date", date, OPTION_TEXT, "YYYY-MM-DD", "of the commit; THH:MM:SSZ may follow"),
    ROW("from-git", from_git, OPTION_TEXT, "FOLDER", "repository with the file in its past"),
    ROW("history", history, OPTION_TEXT, "DATABASE",
        "adds these checks' past ('salcheck history')"),
    ROW("only", only, OPTION_TEXT, "PART", "checks whose id holds this"),
    ROW("json", json, OPTION_FLAG, NULL, "prints JSON"),
    ROW("quiet", quiet, OPTION_FLAG, NULL, "no progress"),
    ROW("seed", seed, OPTION_SEED, "S", "of every random number (0x5a11)"),
    ROW("threads", threads, OPTION_COUNT, "N", "at most N threads (all processors)"),
    ROW("help", help, OPTION_FLAG, NULL, "prints this"),
};

enum { ROWS = sizeof table / sizeof table[0] };

static const option *format_get(size_t i)
{
    static option formats[MOST_FORMATS];
    const sal_report_format *f = i < MOST_FORMATS ? sal_report_format_get(i) : NULL;
    if (!f) return NULL;
    formats[i] = (option){.name = f->name,
                          .kind = OPTION_TEXT,
                          .value = "FILE",
                          .help = f->summary,
                          .offset = offsetof(settings, reports) + i * sizeof(const char *),
                          .is_format = true};
    return &formats[i];
}

const option *option_get(size_t i)
{
    return i < ROWS ? &table[i] : format_get(i - ROWS);
}

bool takes(const command *c, const option *o)
{
    static const char common[] = "seed threads help ";
    const char *lists[] = {c->options, common}, *name = o->is_format ? "FORMATS" : o->name;
    size_t n = strlen(name);
    for (size_t i = 0; i < 2; i++)
        for (const char *at = lists[i]; *at; at += strcspn(at, " ") + 1)
            if (strcspn(at, " ") == n && !strncmp(at, name, n)) return true;
    return false;
}

static bool read_number(const char *text, const char **end, double *value)
{
    char *stop;
    errno = 0;
    *value = strtod(text, &stop); /* the program never leaves the C locale */
    *end = stop;
    return stop > text && !errno && isfinite(*value) && *text != ' ';
}

static bool set_number(const char *text, double *value)
{
    const char *end;
    double below;
    if (!read_number(text, &end, value)) return false;
    if (*end == '/') {
        if (!read_number(end + 1, &end, &below) || below <= 0) return false;
        *value /= below;
    }
    return !*end;
}

static bool set_whole(const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, strncmp(text, "0x", 2) ? 10 : 16);
    return text[0] >= '0' && text[0] <= '9' && !*end && !errno && *value >= least && *value <= most;
}

static bool set_count(const char *text, uint64_t least, size_t *value)
{
    uint64_t whole;
    if (!set_whole(text, least, SIZE_MAX / 2, &whole)) return false;
    *value = (size_t)whole;
    return true;
}

static bool set_size(const char *text, int64_t size[2])
{
    char *end;
    errno = 0;
    size[0] = size[1] = strtoll(text, &end, 10);
    if (*end == 'x' && end[1] >= '0' && end[1] <= '9') size[1] = strtoll(end + 1, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && !*end && !errno && size[0] > 0 && size[1] > 0 &&
           size[0] <= INT32_MAX && size[1] <= INT32_MAX;
}

static bool set_channels(const char *text, float values[3])
{
    size_t n = 0;
    do {
        double value;
        if (n == 3 || !read_number(text, &text, &value)) return false;
        values[n++] = (float)value;
    } while (*text++ == ',');
    if (n == 1) values[1] = values[2] = values[0];
    return !text[-1] && n != 2;
}

static const char *const wanted[] = {[OPTION_COUNT] = "a whole number from 1 on",
                                     [OPTION_INDEX] = "a whole number",
                                     [OPTION_SEED] = "a whole number",
                                     [OPTION_NUMBER] = "a number",
                                     [OPTION_SIZE] = "a size such as 224 or 96x128",
                                     [OPTION_CHANNELS] = "one number, or three with commas"};

static bool set(const option *o, const char *text, settings *s)
{
    void *to = (char *)s + o->offset;
    switch (o->kind) {
    case OPTION_FLAG:
        *(bool *)to = true;
        return true;
    case OPTION_TEXT:
        *(const char **)to = text;
        return true;
    case OPTION_COUNT:
        return set_count(text, 1, to);
    case OPTION_INDEX:
        return set_count(text, 0, to);
    case OPTION_SEED:
        return set_whole(text, 0, UINT64_MAX, to);
    case OPTION_NUMBER:
        return set_number(text, to);
    case OPTION_SIZE:
        return set_size(text, to);
    case OPTION_CHANNELS:
        return set_channels(text, to);
    }
    return false;
}

static const option *find(const command *c, const char *name, size_t length)
{
    for (size_t i = 0; option_get(i); i++) {
        const option *o = option_get(i);
        if (takes(c, o) && strlen(o->name) == length && !strncmp(o->name, name, length)) return o;
    }
    return NULL;
}

static int unknown(const command *c, const char *text, size_t length, const settings *s)
{
    const char *names[ROWS + MOST_FORMATS + 1];
    char name[64];
    size_t n = 0;
    for (size_t i = 0; option_get(i); i++)
        if (takes(c, option_get(i))) names[n++] = option_get(i)->name;
    names[n] = NULL;
    snprintf(name, sizeof name, "%.*s", (int)(length < 60 ? length : 60), text);
    const char *near = nearest(name, names);
    return near ? misused(s, "unknown option '--%s'; did you mean '--%s'?", name, near)
                : misused(s, "unknown option '--%s'", name);
}

int options_parse(const command *c, int argc, char **argv, settings *s)
{
    bool options = true;
    for (int i = 0; i < argc; i++) {
        const char *text = argv[i];
        if (!options || text[0] != '-' || !text[1]) {
            s->arguments[s->n++] = argv[i];
            continue;
        }
        if (!strcmp(text, "--")) {
            options = false;
            continue;
        }
        if (!strcmp(text, "-h")) text = "--help";
        if (text[1] != '-') return misused(s, "unknown option '%s'", text);
        text += 2;
        size_t length = strcspn(text, "=");
        const option *o = find(c, text, length);
        if (!o) return unknown(c, text, length, s);
        const char *value = text[length] ? text + length + 1 : NULL;
        if (o->kind == OPTION_FLAG && value)
            return misused(s, "--%s takes no value, got '%s'", o->name, value);
        if (o->kind != OPTION_FLAG && !value) {
            if (++i == argc) return misused(s, "--%s needs a value: %s", o->name, o->value);
            value = argv[i];
        }
        if (!set(o, value, s))
            return misused(s, "--%s is '%s', wanted %s", o->name, value, wanted[o->kind]);
    }
    return 0;
}
