/* tests/unit/base/test_save.c - files appear whole or not at all. */
#define _XOPEN_SOURCE 700
#include "base/save.h"
#include "short_memory.h"
#include "support.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], target[96];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/salcheck-save-XXXXXX");
    if (!mkdtemp(folder)) return 1;
    snprintf(target, sizeof target, "%s/report.txt", folder);
    return 0;
}

static int drop_folder(void **state)
{
    (void)state;
    unlink(target);
    return rmdir(folder);
}

static size_t files_in(const char *path)
{
    size_t n = 0;
    DIR *d = opendir(path);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) n += e->d_name[0] != '.' || strlen(e->d_name) > 2;
    closedir(d);
    return n;
}

static void expect_content(const char *name, const char *want)
{
    char got[64] = "";
    FILE *f = fopen(target, "r");
    if (!f) fail_msg("%s: no file", name);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    fclose(f);
    if (strcmp(got, want)) fail_msg("%s: holds '%s'", name, got);
    if (files_in(folder) != 1) fail_msg("%s: %zu files in the folder", name, files_in(folder));
}

static void save_text(const char *text)
{
    sal_save s;
    sal_error err;
    if (sal_save_begin_(NULL, target, &s, &err) != SAL_OK) fail_msg("%s", err.text);
    fputs(text, s.stream);
    if (sal_save_commit_(&s, &err) != SAL_OK) fail_msg("%s", err.text);
}

static void replaces_a_file_at_once(void **state)
{
    (void)state;
    struct stat st;
    sal_save s;
    save_text("first");
    expect_content("new", "first");
    assert_int_equal(sal_save_begin_(NULL, target, &s, NULL), SAL_OK);
    fputs("second", s.stream);
    fflush(s.stream);
    assert_int_equal(files_in(folder), 2); /* the old one, and the one being written */
    assert_int_equal(sal_save_commit_(&s, NULL), SAL_OK);
    expect_content("replaced", "second");
    const mode_t mask = umask(0);
    umask(mask);
    assert_int_equal(stat(target, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0666 & ~mask);
}

static void a_discarded_file_leaves_the_old_one(void **state)
{
    (void)state;
    sal_save s;
    save_text("old");
    assert_int_equal(sal_save_begin_(NULL, target, &s, NULL), SAL_OK);
    fputs("new", s.stream);
    sal_save_discard_(&s);
    expect_content("discarded", "old");
    sal_save_discard_(&s); /* once more is harmless */
}

/* A limit of the file size stands in for a full disk. */
static void a_full_disk_leaves_the_old_one(void **state)
{
    (void)state;
    struct rlimit before, tiny;
    sal_save s;
    sal_error err = {0};
    save_text("old");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tiny = before;
    tiny.rlim_cur = 1000;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tiny), 0);
    sal_status st = sal_save_begin_(NULL, target, &s, &err);
    if (st == SAL_OK) {
        for (int i = 0; i < 5000; i++) fputc('x', s.stream);
        st = sal_save_commit_(&s, &err);
    }
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(st, SAL_E_IO);
    assert_non_null(strstr(err.text, "cannot be written"));
    expect_content("disk full", "old");
}

static void refuses_bad_places(void **state)
{
    static const struct {
        const char *name, *path, *part;
    } cases[] = {
        {"no folder", "/tmp/salcheck-not-there/x.png", "No such file"},
        {"a folder", "/tmp", "no regular file"},
        {"a device", "/dev/null", "no regular file"},
        {"below a file", "/dev/null/x", "Not a directory"},
        {"empty", "", "No such file"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_save s = {0};
        sal_error err = {0};
        sal_status st = sal_save_begin_(NULL, cases[i].path, &s, &err);
        if (st == SAL_OK) st = sal_save_commit_(&s, &err);
        if (st != SAL_E_IO) fail_msg("%s: status %d", cases[i].name, st);
        if (!strstr(err.text, cases[i].part)) fail_msg("%s: %s", cases[i].name, err.text);
        if (strncmp(err.text, cases[i].path, strlen(cases[i].path)))
            fail_msg("%s: the text does not name the file: %s", cases[i].name, err.text);
    }
}

/* The temporary name must not be longer than the name itself may be. */
static void takes_the_longest_name(void **state)
{
    (void)state;
    char path[512];
    sal_save s;
    sal_error err = {0};
    int n = snprintf(path, sizeof path, "%s/", folder);
    memset(path + n, 'n', 255);
    path[n + 255] = '\0';
    if (sal_save_begin_(NULL, path, &s, &err) != SAL_OK) fail_msg("%s", err.text);
    if (sal_save_commit_(&s, &err) != SAL_OK) fail_msg("%s", err.text);
    assert_int_equal(unlink(path), 0);
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    short_memory m = {.after = 0};
    sal_env env = short_memory_env(&m);
    sal_save s;
    save_text("old");
    assert_int_equal(sal_save_begin_(&env, target, &s, NULL), SAL_E_NOMEM);
    expect_content("no memory", "old");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_a_file_at_once),
        cmocka_unit_test(a_discarded_file_leaves_the_old_one),
        cmocka_unit_test(a_full_disk_leaves_the_old_one),
        cmocka_unit_test(refuses_bad_places),
        cmocka_unit_test(takes_the_longest_name),
        cmocka_unit_test(survives_lack_of_memory),
    };
    return !!cmocka_run_group_tests(tests, make_folder, drop_folder);
}
