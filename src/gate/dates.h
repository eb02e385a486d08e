/* gate/dates.h - days of the calendar. */
#ifndef SAL_GATE_DATES_H
#define SAL_GATE_DATES_H

#include "base/base.h"

/* "2026-11-25" as days since 1970-01-01; false for any other text and for days that do not exist. */
bool sal_day_parse_(const char *text, int64_t *day);

/* The same, or with a time: "2026-11-25T14:03:59Z". */
bool sal_moment_is_valid_(const char *text);

#endif
