/* suite/lines.c - where in a suite file a value stands, for messages about what only its meaning shows:
 * libcyaml keeps no lines. The file has been read, so its shape is known: maps and lists in a map. */
#include "suite/raw.h"

#include <yaml.h>

#include <string.h>

/* A walk through the events. Depth 1 is the file's map, 2 a part of it, 3 an entry of a list. */
typedef struct {
    const char *part, *key;
    size_t index;
    size_t depth, entry; /* entries of the part that have begun */
    bool in_part, is_list, at_value[4];
    bool matches; /* the key whose value comes next is the one */
    size_t line;
    size_t n, stride; /* of all entries' lines; NULL: one is looked for */
    char *lines;
} walk;

static bool is_scalar(const yaml_event_t *e, const char *text)
{
    return e->type == YAML_SCALAR_EVENT && !strcmp((const char *)e->data.scalar.value, text);
}

/* A value, or the start of one, in a map at this depth: keys and values take turns. */
static bool takes_turn(walk *w, const yaml_event_t *e, const char *wanted, size_t depth)
{
    bool was_value = w->at_value[depth];
    w->at_value[depth] = !was_value;
    if (!was_value) w->matches = wanted && is_scalar(e, wanted);
    return was_value;
}

static void look(walk *w, const yaml_event_t *e)
{
    size_t line = e->start_mark.line + 1;
    bool wanted = !w->is_list || w->entry == w->index + 1;
    if (w->depth == 1) {
        if (takes_turn(w, e, w->part, 1)) {
            w->in_part = w->matches;
            w->is_list = e->type == YAML_SEQUENCE_START_EVENT;
            w->entry = 0;
            if (w->in_part && !w->key && e->type == YAML_SCALAR_EVENT) w->line = line;
        }
    } else if (w->depth == 2 && w->in_part && w->is_list) {
        if (w->lines && w->entry < w->n)
            memcpy(w->lines + w->entry * w->stride, &line, sizeof line);
        if (w->entry++ == w->index && !w->key) w->line = line;
        w->at_value[3] = false;
    } else if (w->in_part && w->depth == (w->is_list ? 3u : 2u)) {
        if (takes_turn(w, e, w->key, w->depth) && w->matches && wanted && !w->line) w->line = line;
    }
}

static void go(walk *w, const unsigned char *bytes, size_t size)
{
    yaml_parser_t parser;
    yaml_event_t e;
    bool over = false;
    if (!yaml_parser_initialize(&parser)) return;
    yaml_parser_set_input_string(&parser, bytes, size);
    while (!over && !w->line && yaml_parser_parse(&parser, &e)) {
        bool starts = e.type == YAML_MAPPING_START_EVENT || e.type == YAML_SEQUENCE_START_EVENT;
        if (e.type == YAML_MAPPING_END_EVENT || e.type == YAML_SEQUENCE_END_EVENT)
            w->depth--;
        else if (w->depth && (starts || e.type == YAML_SCALAR_EVENT))
            look(w, &e);
        w->depth += starts;
        if (starts && w->depth == 2) w->at_value[2] = false;
        over = e.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&e);
    }
    yaml_parser_delete(&parser);
}

size_t sal_raw_line_(const unsigned char *bytes, size_t size, const char *part, size_t index,
                     const char *key)
{
    walk w = {.part = part, .key = key, .index = index};
    go(&w, bytes, size);
    return w.line;
}

void sal_raw_entries_(const unsigned char *bytes, size_t size, const char *part, size_t n,
                      size_t stride, size_t *lines)
{
    walk w = {.part = part, .index = SIZE_MAX, .n = n, .stride = stride, .lines = (char *)lines};
    go(&w, bytes, size);
}
