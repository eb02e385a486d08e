/* A repository with ten commits of verdicts, in which an explanation gets worse at the seventh; and a
 * history made from it, under good and bad conditions. */
#define _GNU_SOURCE
#include "checks.h"
#include "mixed_method.h"
#include "program.h"
#include "small_nets.h"

#include <salcheck/history.h>
#include <salcheck/report.h>

#include <sqlite3.h>

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COMMITS = 10, WORSE = 7, DRAWS = 256, PIXELS = BARS_SIDE * BARS_SIDE };

static bool has_git;

static int shell(const scratch *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int shell(const scratch *s, const char *format, ...)
{
    char command[2000], line[2400];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    snprintf(line, sizeof line, "cd '%s' && { %s; } >log 2>&1", s->folder, command);
    int code = system(line);
    return WIFEXITED(code) ? WEXITSTATUS(code) : -1;
}

static void done(const scratch *s, const char *command)
{
    if (shell(s, "%s", command)) fail_msg("%s", command);
}

/* ---- ten commits ------------------------------------------------------------------------------ */

/* How much of the map is a fixed picture of the input: a little more or less with every commit, much
 * more at one, mended after it. */
static double fixed_part(int commit)
{
    static const double of[COMMITS + 1] = {0, .30, .29, .31, .30, .32, .30, .55, .31, .29, .30};
    return of[commit];
}

/* Real checks of a small network: one explanation that is worked on, one that nobody touches. */
static void write_verdicts(const small_world *w, const char *path, int commit)
{
    mixed_method mix = {.params = .9, .input = fixed_part(commit), .size = PIXELS};
    sal_own_method own = mixed(&mix, "ours");
    sal_error err = {SAL_OK, ""};
    sal_verdict *v[2];
    for (size_t i = 0; i < 2; i++) {
        const sal_check_args a = {.check = SAL_CHECK_PARAMS,
                                  .model = w->net.model,
                                  .inputs = w->inputs,
                                  .method = i ? SAL_GRADIENT : NULL,
                                  .own_method = i ? NULL : &own,
                                  .min_draws = DRAWS};
        v[i] = run_check("params", &a);
    }
    if (sal_report_jsonl(NULL, (const sal_verdict *const *)v, 2, path, &err) != SAL_OK)
        fail_msg("%s", err.text);
    sal_verdict_free(v[0]);
    sal_verdict_free(v[1]);
}

/* The pipeline of a merge request: judge, then, if it is accepted, take over and commit. The change
 * that is refused is committed all the same, with the old baseline, so that history shows it. */
static void the_gate_alarms_at_the_seventh_commit_alone(void **state)
{
    const scratch *s = *state;
    char path[128];
    small_world w;
    if (!has_git) skip();
    make_world(&w, NULL);
    snprintf(path, sizeof path, "%s/repo/v.jsonl", s->folder);
    done(s, "git init -q repo");
    for (int c = 1; c <= COMMITS; c++) {
        write_verdicts(&w, path, c);
        const answer *a = NULL;
        if (c > 1) a = salcheck(s, "gate repo/v.jsonl --baseline repo/baseline.jsonl");
        if (a && a->code != (c == WORSE ? 1 : 0))
            fail_msg("commit %d: the gate ends with %d: %s%s", c, a->code, a->out, a->err);
        if (a && (strstr(a->out, "worse: D dropped by") != NULL) != (c == WORSE))
            fail_msg("commit %d: %s", c, a->out);
        if (c == WORSE) print_message("%s", a->out);
        if (c != WORSE)
            expect(salcheck(s, "baseline update repo/v.jsonl --baseline repo/baseline.jsonl"),
                   "update", 0, "");
        if (shell(s,
                  "cd repo && git add -A && GIT_COMMITTER_DATE=2026-11-%02dT12:00:00+01:00 git -c "
                  "user.name=x -c user.email=x@example.org commit -qm %d",
                  10 + c, c))
            fail_msg("commit %d", c);
    }
    free_world(&w);
}

static json_t *history_of(const scratch *s, const char *db)
{
    const answer *a = salcheck(s, "history show %s --json", db);
    expect(a, db, 0, "");
    return json_of_answer(a, db);
}

static const json_t *point(const json_t *h, size_t series, size_t i)
{
    return json_array_get(json_object_get(json_array_get(h, series), "points"), i);
}

static void history_comes_back_from_git(void **state)
{
    const scratch *s = *state;
    if (!has_git) skip();
    const answer *a = salcheck(s, "history rebuild h.db v.jsonl --from-git repo");
    expect(a, "rebuild", 0, "");
    if (!strstr(a->out, "h.db: 10 commits, 0 left out")) fail_msg("%s", a->out);
    json_t *h = history_of(s, "h.db");
    assert_int_equal(json_array_size(h), 2);
    for (size_t i = 0; i < COMMITS; i++) {
        char date[24];
        snprintf(date, sizeof date, "2026-11-%02zuT11:00:00Z", 11 + i);
        assert_string_equal(json_string_value(json_object_get(point(h, 0, i), "date")), date);
        assert_string_equal(json_string_value(json_object_get(point(h, 0, i), "outcome")), "pass");
    }
    const char *first = json_string_value(json_object_get(json_array_get(h, 0), "id"));
    size_t ours = strstr(first, "ours") ? 0 : 1;
    double before = json_number_value(json_object_get(point(h, ours, WORSE - 2), "value"));
    double at = json_number_value(json_object_get(point(h, ours, WORSE - 1), "value"));
    if (before - at < .1) fail_msg("D went from %g to %g", before, at);
    json_decref(h);
    a = salcheck(s, "history show h.db --only ours");
    if (strstr(a->out, "gradient") || !strstr(a->out, "ours")) fail_msg("%s", a->out);
}

/* Commit by commit, in a shuffled order and one of them twice: the same history. */
static void added_commits_make_the_same_history(void **state)
{
    const scratch *s = *state;
    if (!has_git) skip();
    static const int order[] = {3, 1, 2, 7, 10, 9, 8, 4, 6, 5, 3};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (shell(s, "git -C repo rev-parse HEAD~%d >name && git -C repo show HEAD~%d:v.jsonl >v",
                  COMMITS - order[i], COMMITS - order[i]))
            fail_msg("commit %d", order[i]);
        expect(salcheck(s,
                        "history add added.db v --commit $(cat name) --date "
                        "2026-11-%02dT11:00:00Z",
                        10 + order[i]),
               "add", 0, "");
    }
    json_t *a = history_of(s, "h.db"), *b = history_of(s, "added.db");
    if (!json_equal(a, b)) fail_msg("histories differ");
    json_decref(a);
    json_decref(b);
}

static void trends_are_drawn(void **state)
{
    const scratch *s = *state;
    char path[128];
    size_t size;
    if (!has_git) skip();
    expect(salcheck(s, "history plot h.db --out t.svg"), "plot", 0, "");
    snprintf(path, sizeof path, "%s/t.svg", s->folder);
    char *svg = (char *)read_bytes(path, &size);
    svg[size] = '\0';
    size_t markers = 0;
    for (const char *at = svg; (at = strstr(at, "class=\"mark pass\"")); at++) markers++;
    assert_int_equal(markers, 2 * COMMITS);
    if (!shell(s, "command -v xmllint") && shell(s, "xmllint --noout t.svg"))
        fail_msg("the SVG is no XML: %s", svg);
    free(svg);
    expect(salcheck(s, "history plot h.db"), "plot", 2, "--out is missing");
}

/* In a report: the trends of its checks, and no others. */
static void reports_show_trends(void **state)
{
    const scratch *s = *state;
    char path[128];
    size_t size;
    if (!has_git) skip();
    done(s, "grep ours repo/v.jsonl >ours.jsonl");
    expect(salcheck(s, "report ours.jsonl --history h.db --html r.html --svg r.svg"), "report", 0,
           "");
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", s->folder, i ? "r.svg" : "r.html");
        char *page = (char *)read_bytes(path, &size);
        page[size] = '\0';
        if (!strstr(page, "bars/params/ours fc2") || strstr(page, "bars/params/gradient"))
            fail_msg("%s: the trends of the checks reported are not there", path);
        free(page);
    }
    const answer *a = salcheck(s, "history show h.db --only ours");
    char commit[16];
    snprintf(commit, sizeof commit, "%.12s", strchr(a->out, '\n') + 3);
    if (shell(s, "grep -q %s r.html", commit)) fail_msg("commit %s is not in the page", commit);
    expect(salcheck(s, "report ours.jsonl --history none.db --html r.html"), "no history", 4,
           "none.db: cannot be opened");
}

/* A file of another version in the past is said, and does not end the history. */
static void an_unreadable_commit_is_left_out(void **state)
{
    const scratch *s = *state;
    if (!has_git) skip();
    done(s,
         "git clone -q repo other && cd other && sed -i 's#verdict/1#verdict/9#' v.jsonl && git "
         "-c user.name=x -c user.email=x@example.org commit -qam odd && git rm -q v.jsonl && git "
         "-c user.name=x -c user.email=x@example.org commit -qm gone");
    const answer *a = salcheck(s, "history rebuild o.db v.jsonl --from-git other");
    expect(a, "rebuild", 0, "is left out: ");
    if (!strstr(a->out, "10 commits, 1 left out")) fail_msg("%s", a->out);
    expect(salcheck(s, "history rebuild o.db v.jsonl --from-git /nowhere"), "no folder", 4,
           "/nowhere: git knows no commits here");
}

/* ---- bad conditions --------------------------------------------------------------------------- */

/* One commit's history, h.db, and a file of verdicts, v. */
static void start(const scratch *s)
{
    small_world w;
    char path[128];
    make_world(&w, NULL);
    snprintf(path, sizeof path, "%s/v", s->folder);
    write_verdicts(&w, path, 1);
    free_world(&w);
    expect(salcheck(s, "history add one.db v --commit c1 --date 2026-11-01"), "add", 0, "");
}

#define ADD "history add one.db v --commit c2 --date 2026-11-02"

static void unchanged(const scratch *s, const char *name)
{
    json_t *h = history_of(s, "one.db");
    size_t n = json_array_size(json_object_get(json_array_get(h, 0), "points"));
    if (n != 1) fail_msg("%s: %zu commits", name, n);
    json_decref(h);
}

static void a_locked_history(void **state)
{
    const scratch *s = *state;
    char path[128];
    sqlite3 *db;
    start(s);
    snprintf(path, sizeof path, "%s/one.db", s->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    expect(salcheck(s, ADD), "add", 4, "one.db: is locked by another program; try again");
    expect(salcheck(s, "history show one.db"), "show", 4, "one.db: is locked");
    sqlite3_close(db);
    unchanged(s, "locked");
}

/* A build that measures coverage writes files of its own, which would fail first and be damaged. */
static void skip_under_coverage(void)
{
    if (!getenv("SALCHECK_COVERAGE")) return;
    print_message("files of the coverage would be cut as well\n");
    skip();
}

/* The program as a user who may read alone; what it says is left in the file log. */
static int as_reader(const scratch *s, const char *arguments)
{
    int status = 0;
    pid_t child = fork();
    if (!child) {
        if (geteuid() == 0 && (setgroups(0, NULL) || setgid(65534) || setuid(65534))) _exit(9);
        if (access(SAL_PROGRAM, X_OK)) _exit(9);
        _exit(shell(s, "'%s' %s", SAL_PROGRAM, arguments));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

static void a_read_only_history(void **state)
{
    const scratch *s = *state;
    char path[128];
    size_t size;
    skip_under_coverage();
    done(s, "rm -f log; umask 0; : >log; chmod 444 one.db; chmod 555 .");
    int code = as_reader(s, ADD);
    snprintf(path, sizeof path, "%s/log", s->folder);
    char *log = (char *)read_bytes(path, &size);
    log[size] = '\0';
    chmod(s->folder, 0755);
    if (code == 9) skip(); /* the program cannot be reached by others */
    if (code != 4 || strcmp(log, "salcheck history: one.db: cannot be written: it or its folder is "
                                 "read-only\n") != 0)
        fail_msg("%d: %s", code, log);
    free(log);
    done(s, "chmod 644 one.db");
    unchanged(s, "read-only");
}

static void a_corrupt_history(void **state)
{
    const scratch *s = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/bad.db", s->folder);
    done(s, "cp one.db bad.db");
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    for (long at = 4096 + 5; at < st.st_size; at += 7) poke_byte(path, (size_t)at, 0xee);
    expect(salcheck(s, "history show bad.db"), "show", 4, "bad.db: is damaged");
    expect(salcheck(s, "history add bad.db v --commit c2 --date 2026-11-02"), "add", 4,
           "'history rebuild' makes it again");
    write_bytes(path,
                "this is a text of a hundred bytes or so, and no database at all: 0123456789 "
                "0123456789 0123456789 0123456789\n",
                110);
    expect(salcheck(s, "history show bad.db"), "show", 4, "bad.db: is no history of salcheck");
    expect(salcheck(s, "history show none.db"), "show", 4, "none.db: cannot be opened");
    sqlite3 *db; /* somebody else's */
    unlink(path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE t(x)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    expect(salcheck(s, "history add bad.db v --commit c2 --date 2026-11-02"), "add", 4,
           "bad.db: is no history of salcheck");
    if (has_git)
        expect(salcheck(s, "history rebuild bad.db v.jsonl --from-git repo"), "rebuild", 0, "");
}

/* No more bytes than the limit of a shell allows, for a signal that is ignored: writes fail. */
static void a_full_disk(void **state)
{
    const scratch *s = *state;
    static const char *const commands[] = {"history add one.db big --commit c2 --date 2026-11-02",
                                           "history rebuild one.db v.jsonl --from-git repo"};
    done(s, "for i in $(seq 400); do sed \"s#ours#ours-$i#g;/gradient/d;s#\\\"per_draw.*\\]\\],#"
            "\\\"per_draw\\\":[],#;s#\\\"draws\\\":256#\\\"draws\\\":0#\" v; done >big");
    skip_under_coverage();
    for (size_t i = 0; i < (has_git ? 2 : 1); i++) {
        int code =
            shell(s, "trap '' XFSZ; ulimit -f %d; '%s' %s", i ? 4 : 40, SAL_PROGRAM, commands[i]);
        char path[128];
        size_t size;
        snprintf(path, sizeof path, "%s/log", s->folder);
        char *log = (char *)read_bytes(path, &size);
        log[size] = '\0';
        if (code != 4 || !strstr(log, "one.db: cannot be") || strchr(log, '\n')[1])
            fail_msg("%s: %d: %s", commands[i], code, log);
        free(log);
        unchanged(s, commands[i]);
        if (!shell(s, "ls -a | grep -E 'journal|\\.salcheck'")) fail_msg("a file is left behind");
    }
}

/* A file system of 64 kB with what is needed on it, where the machine lets a user make one. */
static void a_really_full_disk(void **state)
{
    const scratch *s = *state;
    char path[128], script[1200];
    size_t size;
    snprintf(script, sizeof script,
             "mkdir -p disk && mount -t tmpfs -o size=64k none disk || exit 9\n"
             "cp one.db disk && dd if=/dev/zero of=disk/fill bs=4k 2>/dev/null\n"
             "'%s' history add disk/one.db big --commit c2 --date 2026-11-02; a=$?\n"
             "'%s' history plot one.db --out disk/t.svg; b=$?\n"
             "'%s' baseline update v --baseline disk/b; c=$?\n"
             "cmp one.db disk/one.db && [ \"$(ls -A disk | tr '\\n' ' ')\" = 'fill one.db ' ] || "
             "exit 1\n"
             "[ $a$b$c = 444 ]\n",
             SAL_PROGRAM, SAL_PROGRAM, SAL_PROGRAM);
    snprintf(path, sizeof path, "%s/script", s->folder);
    write_bytes(path, script, strlen(script));
    int code = shell(s, "unshare -rm true || exit 9; unshare -rm sh script");
    if (code == 9) skip();
    snprintf(path, sizeof path, "%s/log", s->folder);
    char *log = (char *)read_bytes(path, &size);
    log[size] = '\0';
    if (code || !strstr(log, "disk/one.db: cannot be written: the disk is full") ||
        !strstr(log, "disk/t.svg: cannot be written: No space left on device") ||
        !strstr(log, "disk/b: cannot be written: No space left on device"))
        fail_msg("%d: %s", code, log);
    free(log);
}

static void misuse(void **state)
{
    static const struct {
        const char *arguments, *part;
    } rows[] = {
        {"history add one.db", "wanted: history add DATABASE VERDICTS.jsonl"},
        {"history add one.db v", "--commit and --date are needed"},
        {"history add one.db v --commit c --date yesterday", "the date is 'yesterday'"},
        {"history add one.db v --commit '' --date 2026-11-02", "the commit's name is wrong"},
        {"history rebuild one.db v.jsonl", "wanted: history rebuild DATABASE PATH --from-git"},
        {"history forget one.db", "'forget' is none of add, rebuild, show, plot"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect(salcheck(*state, "%s", rows[i].arguments), rows[i].arguments, 2, rows[i].part);
}

static int make(void **state)
{
    has_git = !system("git --version >/dev/null 2>&1");
    return make_scratch(state);
}

static int drop(void **state)
{
    char line[128];
    snprintf(line, sizeof line, "rm -rf '%s'/*", ((scratch *)*state)->folder);
    return system(line) | drop_scratch(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gate_alarms_at_the_seventh_commit_alone),
        cmocka_unit_test(history_comes_back_from_git),
        cmocka_unit_test(added_commits_make_the_same_history),
        cmocka_unit_test(trends_are_drawn),
        cmocka_unit_test(reports_show_trends),
        cmocka_unit_test(an_unreadable_commit_is_left_out),
        cmocka_unit_test(a_locked_history),
        cmocka_unit_test(a_read_only_history),
        cmocka_unit_test(a_corrupt_history),
        cmocka_unit_test(a_full_disk),
        cmocka_unit_test(a_really_full_disk),
        cmocka_unit_test(misuse),
    };
    return !!cmocka_run_group_tests_name("cli.history", tests, make, drop);
}
