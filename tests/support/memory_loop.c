/* tests/support/memory_loop.c - see memory_loop.h. */
#include "memory_loop.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

static void look(const memory_loop *l, size_t n, size_t before, sal_status st, const sal_error *err)
{
    const short_memory *m = l->memory;
    const char *how = m->once ? "once" : "for good";
    size_t alive = m->alive, refused = m->refused;
    if (alive != before)
        fail_msg("%s, request %zu, %s: %zu blocks before, %zu after", l->name, n, how, before,
                 alive);
    if (st != (refused ? SAL_E_NOMEM : SAL_OK))
        fail_msg("%s, request %zu, %s: %s: %s", l->name, n, how, sal_status_name(st), err->text);
    if (refused && (err->status != SAL_E_NOMEM || !strstr(err->text, "memory")))
        fail_msg("%s, request %zu, %s: the message is \"%s\"", l->name, n, how, err->text);
}

size_t refuse_each_request(const memory_loop *l)
{
    const char *setting = getenv("SALCHECK_QUICK");
    bool quick = setting && setting[0] && strcmp(setting, "0") != 0, over = false;
    short_memory *m = l->memory;
    size_t before = m->alive, most = 0;
    for (int once = 0; once <= 1; once++) {
        over = false;
        for (size_t n = 0; !over; n += quick ? 1 + n / 4 : 1) {
            sal_error err = {SAL_OK, ""};
            m->after = m->asked + n;
            m->once = once == 1;
            m->refused = 0;
            sal_status st = l->run(l->self, &err);
            m->after = SIZE_MAX;
            over = m->refused == 0;
            look(l, n, before, st, &err);
            most = n;
        }
    }
    return most;
}
