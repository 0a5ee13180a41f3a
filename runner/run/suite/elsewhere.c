#include "run/suite/elsewhere.h"

#include <string.h>

enum { MOST_ADDRESSES = 100 };

void run_elsewhere_add(run_elsewhere *all, const char *address)
{
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->items[i].address, address) == 0) {
            all->items[i].count++;
            return;
        }
    }
    if (all->count < MOST_ADDRESSES)
        *utr_vec_push(all) = (run_elsewhere_one){.address = utr_strdup(address), .count = 1};
}

void run_elsewhere_record(run_elsewhere *all, const run_suite *suite, const char *test)
{
    for (size_t i = 0; i < all->count; i++) {
        (void)journal_add(suite->run->journal,
                          RUN_SUITE_FACT(suite, JOURNAL_ELSEWHERE, .test = (char *)test,
                                         .address = all->items[i].address, .count = all->items[i].count));
        free(all->items[i].address);
    }
    utr_vec_dispose(all);
}
