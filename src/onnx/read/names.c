/* onnx/read/names.c - open addressing, at most half full. */
#include "onnx/read/names.h"

#include <string.h>

static size_t place_of(const sal_names *t, const char *name)
{
    size_t i = (size_t)sal_hash_(0, name, strlen(name)) & (t->room - 1);
    while (t->rows[i].name && strcmp(t->rows[i].name, name) != 0) i = (i + 1) & (t->room - 1);
    return i;
}

size_t sal_names_find_(const sal_names *t, const char *name)
{
    if (!t->room || !name) return SAL_NO_NAME;
    size_t i = place_of(t, name);
    return t->rows[i].name ? t->rows[i].number : SAL_NO_NAME;
}

static bool grow(sal_names *t)
{
    sal_names bigger = {.env = t->env, .room = t->room ? 2 * t->room : 64};
    bigger.rows = sal_alloc_zero_(t->env, bigger.room, sizeof *bigger.rows);
    if (!bigger.rows) return false;
    for (size_t i = 0; i < t->room; i++)
        if (t->rows[i].name) bigger.rows[place_of(&bigger, t->rows[i].name)] = t->rows[i];
    bigger.n = t->n;
    sal_free_(t->env, t->rows);
    *t = bigger;
    return true;
}

bool sal_names_set_(sal_names *t, const char *name, size_t number)
{
    if (2 * (t->n + 1) > t->room && !grow(t)) return false;
    size_t i = place_of(t, name);
    t->n += !t->rows[i].name;
    t->rows[i].name = name;
    t->rows[i].number = number;
    return true;
}

void sal_names_free_(sal_names *t)
{
    sal_free_(t->env, t->rows);
    *t = (sal_names){.env = t->env};
}
