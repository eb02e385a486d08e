/* Stands for the test of an adapter whose engine is not on this machine: says so, and is skipped. */
#include "contract.h"

#include <stdio.h>

int main(void)
{
    puts("skipped: " ABSENT);
    return CONTRACT_ABSENT;
}
