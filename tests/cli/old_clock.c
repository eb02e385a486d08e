/* tests/cli/old_clock.c - loaded before the program: a machine whose clock starts in 1970. */
#include <time.h>

__attribute__((visibility("default"))) time_t time(time_t *to);

time_t time(time_t *to)
{
    if (to) *to = 86400;
    return 86400;
}
