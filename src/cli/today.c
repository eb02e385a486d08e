/* cli/today.c - see today.h. A machine without a battery starts in 1970: no waiver would ever end. */
#define _POSIX_C_SOURCE 200809L
#include "cli/today.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { FIRST_YEAR = 2024 };

int today_of(const settings *s, char day[11])
{
    time_t now = time(NULL);
    struct tm t;
    if (s->today) {
        snprintf(day, 11, "%s", s->today);
        return strlen(s->today) == 10
                   ? 0
                   : misused(s, "--today is '%s', wanted a day such as 2026-12-31", s->today);
    }
    if (now != (time_t)-1 && gmtime_r(&now, &t) && t.tm_year + 1900 >= FIRST_YEAR &&
        strftime(day, 11, "%Y-%m-%d", &t) == 10)
        return 0;
    complain(s, "the clock says a day before %d: give the day with --today YYYY-MM-DD", FIRST_YEAR);
    return END_ERROR;
}
