#include "services/thread.h"

#include "base/memory.h"

#include <signal.h>

/* libcurl and JSON take a few tens of KiB; sanitizers several times that. */
enum { STACK_BYTES = 1 << 20 };

utr_code services_thread_start(pthread_t *thread, void *(*run)(void *), void *arg, utr_error *err)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    pthread_attr_t attr;
    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setstacksize(&attr, STACK_BYTES);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before); /* inherited by the new thread */
    int failure = pthread_create(thread, &attr, run, arg);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attr);
    return failure ? utr_fail_sys(err, failure, "start a thread") : UTR_OK;
}

void services_thread_each(void *items, size_t count, size_t size, void *(*work)(void *))
{
    auto_free pthread_t *threads = utr_calloc(count + 1, sizeof *threads);
    auto_free bool *is_running = utr_calloc(count + 1, sizeof *is_running);
    for (size_t i = 0; i < count; i++) {
        utr_error err = {0};
        void *item = (char *)items + i * size;
        is_running[i] = services_thread_start(&threads[i], work, item, &err) == UTR_OK;
        if (!is_running[i])
            (void)work(item);
    }
    for (size_t i = 0; i < count; i++) {
        if (is_running[i])
            (void)pthread_join(threads[i], NULL);
    }
}
