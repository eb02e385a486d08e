/* gate/entry.h - entries of a baseline: made from verdicts, kept sorted, read from and written to lines
 * of JSON. */
#ifndef SAL_GATE_ENTRY_H
#define SAL_GATE_ENTRY_H

#include "record/fields.h"

#include <salcheck/gate.h>

#include <stdio.h>

/* Draws are kept as whole multiples of 1/SAL_ENTRY_UNIT. */
enum { SAL_ENTRY_UNIT = 10000 };
double sal_entry_round_(double value);

/* By id, then by step. */
int sal_entry_order_(const sal_entry *a, const sal_entry *b);
bool sal_entry_same_(const sal_entry *a, const sal_entry *b); /* in everything that is written */
const sal_entry *sal_entry_find_(const sal_baseline *b, const char *id, const char *step);

/* *out gets draws of its own. */
sal_status sal_entry_copy_(const sal_env *env, const sal_entry *from, sal_entry *out,
                           sal_error *err);

/* Draws of the fixed sample of a step: 0 when it stopped as soon as it was decided, or before. */
size_t sal_entry_fixed_(const sal_verdict *v, const sal_step_verdict *s);

/* Room for one more entry, of zeros, at the end; NULL: no memory. *room is the array's. */
sal_entry *sal_baseline_more_(sal_baseline *b, size_t *room);

void sal_baseline_sort_(sal_baseline *b);

/* One line, from and to JSON. On an error nothing is kept; a write error is left to the
 * stream. */
sal_status sal_entry_read_(const sal_env *env, sal_place at, const char *line, size_t size,
                           sal_entry *out, sal_error *err);
sal_status sal_entry_write_(const sal_entry *e, FILE *to, sal_error *err);

#endif
