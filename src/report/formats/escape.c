/* report/formats/escape.c - what each format wants instead of the characters that it reads as markup. */
#include "report/formats/out.h"

#include <stddef.h>
#include <string.h>

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

const char *sal_escape_xml_(const char *at, bool first)
{
    (void)first;
    return *at == '\n' ? "\n" : entity(*at);
}

const char *sal_escape_attribute_(const char *at, bool first)
{
    (void)first;
    return *at == '\n' ? "&#10;" : entity(*at);
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Character references are never read as structure; a '|' would end a cell even within code. An
 * underscore between letters is one. */
const char *sal_escape_markdown_(const char *at, bool first)
{
    static const struct {
        char c;
        const char *to;
    } marks[] = {{'|', "&#124;"}, {'\\', "&#92;"}, {'`', "&#96;"}, {'*', "&#42;"},
                 {'~', "&#126;"}, {'[', "&#91;"},  {']', "&#93;"}, {'!', "&#33;"},
                 {'#', "&#35;"},  {'@', "&#64;"},  {'$', "&#36;"}, {'\n', " "}};
    if (*at == '_') return !first && is_word(at[-1]) && is_word(at[1]) ? NULL : "&#95;";
    if (*at == ':') return at[1] == '/' ? "&#58;" : NULL;            /* no links */
    if (*at == '.') return !first && at[-1] == 'w' ? "&#46;" : NULL; /* www. */
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (marks[i].c == *at) return marks[i].to;
    return entity(*at);
}

const char *sal_escape_tap_(const char *at, bool first)
{
    (void)first;
    return *at == '\\' ? "\\\\" : *at == '#' ? "\\#" : NULL;
}

const char *sal_escape_quoted_(const char *at, bool first)
{
    (void)first;
    return *at == '\\' ? "\\\\" : *at == '"' ? "\\\"" : *at == '\n' ? "\\n" : NULL;
}
