/* cli/cmd_man.c - salcheck man: manual pages from the tables of commands and options, for groff. */
#include "cli/options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Text as it is: what groff would take for a command, an escape or another character is not. */
static void print_text(const char *text)
{
    bool starts = true;
    for (const char *c = text; *c; starts = *c++ == '\n') {
        if (starts && (*c == '.' || *c == '\'')) printf("\\&");
        switch (*c) {
        case '\\':
            printf("\\e");
            break;
        case '-':
            printf("\\-");
            break;
        case '\'':
            printf("\\(aq");
            break;
        case '^':
            printf("\\(ha");
            break;
        case '~':
            printf("\\(ti");
            break;
        default:
            putchar(*c);
        }
    }
}

static void print_styled(const char *before, const char *text, const char *after)
{
    printf("%s", before);
    print_text(text);
    printf("%s", after);
}

static void print_head(const char *name, const char *summary)
{
    printf(".TH SALCHECK%s", name ? "\\-" : "");
    for (const char *c = name ? name : ""; *c; c++) putchar(toupper((unsigned char)*c));
    printf(" 1 \"\" \"salcheck %s\" \"User Commands\"\n.nh\n.ad l\n.SH NAME\nsalcheck",
           sal_version());
    if (name) print_styled("\\-", name, "");
    print_styled(" \\- ", summary, "\n.SH SYNOPSIS\n");
}

static void print_ends(void)
{
    static const char *const ends[] = {"all pass", "a check failed", "misused",
                                       "inconclusive or invalid", "could not run"};
    printf(".SH EXIT STATUS\n");
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        printf(".TP\n.B %zu\n%s\n", i, ends[i]);
}

static int print_command(const command *c)
{
    print_head(c->name, c->summary);
    print_styled(".B salcheck ", c->name, "\n");
    if (c->arguments[0]) print_styled("", c->arguments, "\n");
    printf("[OPTIONS]\n.SH DESCRIPTION\n");
    print_styled("", c->summary, ".\n");
    if (c->other) print_styled("It may be written\n.B ", c->other, "\ntoo.\n");
    if (c->text[0]) print_styled(".PP\n", c->text, "");
    printf(".SH OPTIONS\n");
    for (size_t i = 0; option_get(i); i++) {
        const option *o = option_get(i);
        if (!takes(c, o)) continue;
        print_styled(".TP\n\\fB\\-\\-", o->name, "\\fR");
        if (o->value) print_styled(" ", o->value, "");
        print_styled("\n", o->help, "\n");
    }
    print_ends();
    print_styled(".SH EXAMPLE\n.EX\n", c->example, "\n.EE\n.SH SEE ALSO\n.BR salcheck (1)\n");
    return END_PASS;
}

static int print_program(void)
{
    print_head(NULL, "checks whether saliency maps depend on what a network has learned");
    printf(
        ".B salcheck\n.I COMMAND\n[ARGUMENTS] [OPTIONS]\n.SH DESCRIPTION\n"
        "Many explanation methods draw the same picture whatever the network has learned. These\n"
        "commands find out, with a stated chance of a wrong answer, whether a method does.\n"
        ".SH COMMANDS\n");
    for (size_t i = 0; command_get(i); i++) {
        const command *c = command_get(i);
        print_styled(".TP\n.BR salcheck\\-", c->name, " (1)\n");
        print_styled("", c->summary, "\n");
    }
    print_ends();
    printf(".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nwhen it is set, nothing is coloured\n");
    return END_PASS;
}

int run_man(const settings *s)
{
    if (!s->n) return print_program();
    for (size_t i = 0; command_get(i); i++)
        if (!strcmp(command_get(i)->name, s->arguments[0])) return print_command(command_get(i));
    return misused(s, "no command '%s'; 'salcheck --help' lists them", s->arguments[0]);
}
