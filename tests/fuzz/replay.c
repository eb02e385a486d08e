/* tests/fuzz/replay.c - runs a fuzz target over files without a fuzzing engine, so that every crash
 * ever found stays a test. usage: replay FILE... */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int main(int argc, char **argv)
{
    static uint8_t bytes[1 << 20];
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (!f) {
            fprintf(stderr, "%s: cannot be opened\n", argv[i]);
            return 1;
        }
        size_t n = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        uint8_t *exact = malloc(n ? n : 1); /* so that a sanitizer sees reads beyond the end */
        if (!exact) return 1;
        for (size_t k = 0; k < n; k++) exact[k] = bytes[k];
        LLVMFuzzerTestOneInput(exact, n);
        free(exact);
    }
    printf("%d files\n", argc - 1);
    return argc < 2;
}
