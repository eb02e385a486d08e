/* suite/raw.c - the schema of suite files for libcyaml, and its complaints as one line. */
#include "suite/raw.h"

#include <cyaml/cyaml.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ENTRIES = 4096, LONGEST = 4096 };

#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define TEXT(key, type, member) CYAML_FIELD_STRING_PTR(key, OPTIONAL, type, member, 0, LONGEST)
#define NEEDED(key, type, member)                                                                  \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, LONGEST)
#define TEXTS(key, flags, type, member, most)                                                      \
    CYAML_FIELD_SEQUENCE_COUNT(key, flags, type, member, n_##member, &text_value, 1, most)

static const cyaml_schema_value_t text_value = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, LONGEST)};

static const cyaml_schema_field_t model_fields[] = {NEEDED("name", sal_raw_model, name),
                                                    NEEDED("file", sal_raw_model, file),
                                                    TEXT("output", sal_raw_model, output),
                                                    TEXT("blocks", sal_raw_model, blocks),
                                                    TEXT("size", sal_raw_model, size),
                                                    TEXT("grey", sal_raw_model, grey),
                                                    CYAML_FIELD_END};

static const cyaml_schema_field_t inputs_fields[] = {
    NEEDED("name", sal_raw_inputs, name),
    TEXTS("files", CYAML_FLAG_POINTER, sal_raw_inputs, files, MOST_ENTRIES),
    TEXT("scale", sal_raw_inputs, scale),
    TEXTS("mean", OPTIONAL, sal_raw_inputs, mean, 3),
    TEXTS("std", OPTIONAL, sal_raw_inputs, std, 3),
    TEXT("size", sal_raw_inputs, size),
    TEXT("bgr", sal_raw_inputs, bgr),
    TEXT("grey", sal_raw_inputs, grey),
    TEXT("stretch", sal_raw_inputs, stretch),
    TEXT("resize", sal_raw_inputs, resize),
    TEXT("labels", sal_raw_inputs, labels),
    CYAML_FIELD_END};

#define OPTIONS_OF_CHECKS                                                                          \
    TEXT("model", sal_raw_check, model), TEXT("inputs", sal_raw_check, inputs),                    \
        TEXT("twin", sal_raw_check, twin), TEXTS("methods", OPTIONAL, sal_raw_check, methods, 64), \
        TEXT("metric", sal_raw_check, metric), TEXT("layer", sal_raw_check, layer),                \
        TEXT("target", sal_raw_check, target),                                                     \
        TEXT("randomisation", sal_raw_check, randomisation),                                       \
        TEXT("initialiser", sal_raw_check, initialiser), TEXT("labels", sal_raw_check, labels),    \
        TEXT("train", sal_raw_check, train), TEXT("train-labels", sal_raw_check, train_labels),    \
        TEXT("permuted-labels", sal_raw_check, permuted_labels),                                   \
        TEXT("alpha", sal_raw_check, alpha), TEXT("limit", sal_raw_check, limit),                  \
        TEXT("draws", sal_raw_check, draws), TEXT("min-draws", sal_raw_check, min_draws),          \
        TEXT("batch", sal_raw_check, batch), TEXT("seed", sal_raw_check, seed),                    \
        TEXT("controls", sal_raw_check, controls), CYAML_FIELD_END

static const cyaml_schema_field_t check_fields[] = {
    NEEDED("check", sal_raw_check, check), TEXT("name", sal_raw_check, name), OPTIONS_OF_CHECKS};
static const cyaml_schema_field_t defaults_fields[] = {OPTIONS_OF_CHECKS};

static const cyaml_schema_value_t model_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, sal_raw_model, model_fields)};
static const cyaml_schema_value_t inputs_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, sal_raw_inputs, inputs_fields)};
static const cyaml_schema_value_t check_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, sal_raw_check, check_fields)};

#define LIST(key, member, value)                                                                   \
    CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER, sal_raw_suite, member, n_##member, &value, \
                               1, MOST_ENTRIES)

static const cyaml_schema_field_t suite_fields[] = {
    NEEDED("version", sal_raw_suite, version),
    CYAML_FIELD_MAPPING_PTR("defaults", OPTIONAL, sal_raw_suite, defaults, defaults_fields),
    LIST("models", models, model_value),
    LIST("inputs", inputs, inputs_value),
    LIST("checks", checks, check_value),
    CYAML_FIELD_END};
static const cyaml_schema_value_t suite_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, sal_raw_suite, suite_fields)};

/* ---- what libcyaml says ----------------------------------------------------------------------- */

/* Its first complaint, and the line of the first place in its backtrace. */
typedef struct {
    char text[160];
    unsigned long line;
    bool more; /* another document follows */
} complaint;

__attribute__((format(printf, 3, 0))) static void listen(cyaml_log_t level, void *self,
                                                         const char *format, va_list args)
{
    complaint *c = self;
    char text[300], *at;
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = '\0';
    if (level == CYAML_LOG_WARNING) {
        c->more = c->more || strstr(text, "Ignoring documents");
    } else if ((at = strstr(text, "(line: ")) && strstr(text, "  in ")) {
        if (!c->line) c->line = strtoul(at + strlen("(line: "), NULL, 10);
    } else if (!c->text[0] && !strstr(text, "Backtrace")) {
        at = strncmp(text, "Load: ", 6) ? text : text + 6;
        snprintf(c->text, sizeof c->text, "%.150s", strncmp(at, "libyaml: ", 9) ? at : at + 9);
    }
}

/* Its words, where they are about events, in ours. */
static void translate(cyaml_err_t code, complaint *c)
{
    static const struct {
        const char *from, *to;
    } rows[] = {{"Expecting SEQUENCE", "wanted a list"},
                {"Expecting MAPPING", "wanted keys and values"},
                {"Expecting STRING", "wanted one value"},
                {"Insufficient entries", "the list is empty"},
                {"Excessive entries", "the list is too long"}};
    char old[sizeof c->text];
    snprintf(old, sizeof old, "%s", c->text);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!strncmp(old, rows[i].from, strlen(rows[i].from))) {
            const char *got = strstr(old, "got event: ");
            got = got ? got + strlen("got event: ") : "";
            snprintf(c->text, sizeof c->text, "%s%s", rows[i].to,
                     !strncmp(got, "SEQ", 3)   ? ", got a list"
                     : !strncmp(got, "MAP", 3) ? ", got keys and values"
                     : !strncmp(got, "SCA", 3) ? ", got one value"
                                               : "");
        }
    if (code == CYAML_ERR_ALIAS) snprintf(c->text, sizeof c->text, "aliases (*name) are not read");
    if (!c->text[0]) snprintf(c->text, sizeof c->text, "%s", cyaml_strerror(code));
    if (c->text[0] >= 'A' && c->text[0] <= 'Z' && c->text[1] >= 'a')
        c->text[0] = (char)(c->text[0] - 'A' + 'a');
}

/* ---- memory: the environment's, with the size in front ---------------------------------------- */

enum { HEAD = 16 };

static void *resize(void *self, void *old, size_t size)
{
    const sal_env *env = self;
    char *before = old ? (char *)old - HEAD : NULL, *after = NULL;
    size_t had = 0, total;
    if (before) memcpy(&had, before, sizeof had);
    if (size) {
        after = sal_add_size_(size, HEAD, &total) ? sal_alloc_zero_(env, 1, total) : NULL;
        if (!after) return NULL; /* the old block stays, as with realloc */
        memcpy(after, &size, sizeof size);
        if (before) memcpy(after + HEAD, old, had < size ? had : size);
    }
    sal_free_(env, before);
    return after ? after + HEAD : NULL;
}

static cyaml_config_t config_of(const sal_env *env, complaint *c)
{
    return (cyaml_config_t){.log_fn = listen,
                            .log_ctx = c,
                            .mem_fn = resize,
                            .mem_ctx = (void *)(uintptr_t)env,
                            .log_level = CYAML_LOG_WARNING,
                            .flags = CYAML_CFG_NO_ALIAS};
}

sal_status sal_raw_read_(const sal_env *env, const char *name, const unsigned char *bytes,
                         size_t size, sal_raw_suite **out, sal_error *err)
{
    complaint c = {"", 0, false};
    cyaml_config_t config = config_of(env, &c);
    cyaml_data_t *data = NULL;
    cyaml_err_t code = cyaml_load_data(bytes, size, &config, &suite_value, &data, NULL);
    if (code == CYAML_ERR_OOM) return sal_no_memory_(err, "a suite");
    if (code != CYAML_OK) {
        char where[40] = "";
        translate(code, &c);
        if (c.line) snprintf(where, sizeof where, "line %lu: ", c.line);
        return sal_fail_(err, SAL_E_FORMAT, "%.120s: %s%s", name, where, c.text);
    }
    if (data && !c.more) {
        *out = data;
        return SAL_OK;
    }
    sal_raw_free_(env, data);
    return sal_fail_(err, SAL_E_FORMAT, "%.120s: %s", name,
                     c.more ? "more than one document" : "nothing in it");
}

void sal_raw_free_(const sal_env *env, sal_raw_suite *raw)
{
    complaint c = {"", 0, false};
    cyaml_config_t config = config_of(env, &c);
    if (raw) cyaml_free(&config, &suite_value, raw, 0);
}
