/* cli/cmd_completion.c - salcheck completion bash: a script from the tables of commands, options and
 * names. */
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

static void print_methods(void)
{
    for (size_t i = 0; sal_method_get(i); i++) printf(" %s", sal_method_get(i)->name);
}

static void print_metrics(void)
{
    for (size_t i = 0; sal_metric_get(i); i++) printf(" %s", sal_metric_get(i)->name);
}

static void print_checks(void)
{
    for (size_t i = 0; sal_check_get(i); i++) printf(" %s", sal_check_get(i)->name);
}

static void print_randomisations(void)
{
    for (size_t i = 0; sal_randomisation_get(i); i++) printf(" %s", sal_randomisation_get(i)->name);
}

static void print_words(const char *pattern, void (*print)(void))
{
    printf("    %s) words=\"", pattern);
    print();
    printf("\" ;;\n");
}

static void print_commands(void)
{
    for (size_t i = 0; command_get(i); i++) printf(" %s", command_get(i)->name);
}

static void print_options_of(const command *c)
{
    printf("    %s%s%s) words=\"", c->name, c->other ? "|" : "", c->other ? c->other : "");
    for (size_t i = 0; option_get(i); i++)
        if (takes(c, option_get(i))) printf(" --%s", option_get(i)->name);
    printf("\" ;;\n");
}

int run_completion(const settings *s)
{
    if (strcmp(s->arguments[0], "bash") != 0)
        return misused(s, "unknown shell '%s', wanted bash", s->arguments[0]);
    printf("# source <(salcheck completion bash)\n"
           "_salcheck() {\n"
           "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "  local words=\n"
           "  case $previous in\n");
    print_words("--method", print_methods);
    print_words("--metric", print_metrics);
    print_words("--mode|--randomisation", print_randomisations);
    print_words("check", print_checks);
    print_words("salcheck", print_commands);
    printf("    completion) words=bash ;;\n"
           "    --resize) words=\"bilinear bicubic area\" ;;\n"
           "    --*) [[ $current != -* ]] && return ;; # a value: files\n"
           "  esac\n"
           "  [[ -z $words && $current == -* ]] && case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; command_get(i); i++) print_options_of(command_get(i));
    printf("  esac\n"
           "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
           "}\n"
           "complete -o default -F _salcheck salcheck\n");
    return END_PASS;
}
