/* gate/dates.c - see dates.h. The library has no clock: callers say what day it is. */
#include "gate/dates.h"

#include <string.h>

static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* `digits` digits at text as a number, or -1. */
static int64_t number(const char *text, int digits)
{
    int64_t value = 0;
    for (int i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = 10 * value + (text[i] - '0');
    }
    return value;
}

bool sal_day_parse_(const char *text, int64_t *day)
{
    if (!text || strlen(text) != 10 || text[4] != '-' || text[7] != '-') return false;
    int64_t year = number(text, 4), month = number(text + 5, 2), of_month = number(text + 8, 2);
    if (year < 1970 || month < 1 || month > 12 || of_month < 1) return false;
    int64_t last = lengths[month - 1] + (month == 2 && is_leap(year)), days = of_month - 1;
    if (of_month > last) return false;
    for (int64_t y = 1970; y < year; y++) days += 365 + is_leap(y);
    for (int64_t m = 1; m < month; m++) days += lengths[m - 1] + (m == 2 && is_leap(year));
    *day = days;
    return true;
}

bool sal_moment_is_valid_(const char *text)
{
    char date[11];
    int64_t day;
    size_t n = text ? strlen(text) : 0;
    if (n != 10 && n != 20) return false;
    memcpy(date, text, 10);
    date[10] = '\0';
    if (!sal_day_parse_(date, &day)) return false;
    if (n == 10) return true;
    int64_t hour = number(text + 11, 2), minute = number(text + 14, 2),
            second = number(text + 17, 2);
    return text[10] == 'T' && text[13] == ':' && text[16] == ':' && text[19] == 'Z' && hour >= 0 &&
           hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60;
}
