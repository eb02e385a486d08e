/* cmocka.h - what salcheck/cmocka.h uses of CMocka 2: the names, and that the old one of the error
 * channel is a deprecated macro there. */
#ifndef CMOCKA2_STUB_H
#define CMOCKA2_STUB_H

void cmocka_print_error(const char *const format, ...) __attribute__((format(printf, 1, 2)));
void print_message(const char *const format, ...) __attribute__((format(printf, 1, 2)));
void _fail(const char *const file, const int line) __attribute__((noreturn));
void _skip(const char *const file, const int line) __attribute__((noreturn));

int cmocka2_deprecated(void) __attribute__((deprecated));
#define cm_print_error(...) (cmocka2_deprecated(), cmocka_print_error(__VA_ARGS__))

#endif
