/*
 * A witness between a loopback port and a target, for measuring: bench_relay HOST PORT CONTAINER_PORT
 *
 * Prints the port it listens on, relays until SIGTERM, then prints what it witnessed, so that the measurement
 * can check that decoding was really on.
 */
#include "witness/witness.h"

#include "base/text.h"

#include <signal.h>
#include <stdio.h>

typedef struct {
    witness *witness;
    witness_worker *worker;
    uv_signal_t end;
    bool ended;
} bench;

static void print_evidence(const witness_evidence_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const witness_evidence *one = &list->items[i];
        (void)printf("exchanges %llu substantive %llu lost %d opaque %d\n",
                     (unsigned long long)one->exchanges, (unsigned long long)one->substantive, one->lost,
                     one->opaque);
    }
}

static void on_end(uv_signal_t *signal, int number)
{
    (void)number;
    ((bench *)signal->data)->ended = true;
}

static void end(bench *self)
{
    witness_evidence_list list = {0};
    witness_worker_close(self->worker, &list);
    print_evidence(&list);
    witness_evidence_dispose(&list);
    witness_close(self->witness, NULL, NULL);
    uv_close((uv_handle_t *)&self->end, NULL);
}

static utr_code bench_open(bench *self, uv_loop_t *loop, const witness_target *target, utr_error *err)
{
    int port = 0;
    if (witness_new(loop, &self->witness, err))
        return err->code;
    size_t index = witness_target_add(self->witness, target);
    self->worker = witness_worker_new(self->witness, &(witness_worker_options){0});
    if (witness_listen(self->worker, index, 0, &port, err))
        return err->code;
    (void)uv_signal_init(loop, &self->end);
    self->end.data = self;
    (void)uv_signal_start(&self->end, on_end, SIGTERM);
    (void)printf("%d\n", port);
    (void)fflush(stdout);
    return UTR_OK;
}

int main(int argc, char **argv)
{
    int64_t port = 0;
    int64_t container_port = 0;
    utr_error err = {0};
    bench self = {0};
    if (argc != 4 || !utr_text_int(argv[2], 1, 65535, &port) ||
        !utr_text_int(argv[3], 1, 65535, &container_port)) {
        (void)fprintf(stderr, "usage: bench_relay HOST PORT CONTAINER_PORT\n");
        return 2;
    }
    witness_target target = {.service = "bench",
                             .host = argv[1],
                             .port = (int)port,
                             .container_port = (int)container_port,
                             .protocol = WITNESS_AUTO};
    uv_loop_t *loop = uv_default_loop();
    if (bench_open(&self, loop, &target, &err)) {
        (void)fprintf(stderr, "bench_relay: %s\n", err.text);
        return 1;
    }
    while (!self.ended)
        witness_turn(self.witness, true);
    end(&self);
    (void)uv_run(loop, UV_RUN_DEFAULT);
    return uv_loop_close(loop) ? 1 : 0;
}
