/* Workers whose tests are read from their own output, which they send along with hello; and peers. */
#include "recorder.h"

#include "base/clock.h"
#include "suites/peer.h"
#include "suites/socket.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static const char HELLO[] = "{\"event\":\"hello\",\"adapter\":\"test\",\"worker\":\"w%d\",\"thread\":true}\n";

/** A suite process without a process: its workers are children of this one. */
typedef struct {
    uv_loop_t loop;
    recorder recorder;
    recorded_session session;
    suites_socket *socket;
    char folder[32];
    bool closed;
} fixture;

static int set_up(void **state)
{
    fixture *f = UTR_NEW(fixture);
    utr_error err = {0};
    assert_int_equal(uv_loop_init(&f->loop), 0);
    recorded_session_init(&f->session, &f->recorder);
    f->session.session.output_reader = &suites_reader_tap;
    f->session.session.many_workers = true;
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/utr-socket-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    assert_int_equal(suites_socket_open(&f->loop, f->folder, &f->session.session, &f->socket, &err), UTR_OK);
    *state = f;
    return 0;
}

static void on_closed(void *ctx)
{
    *(bool *)ctx = true;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    suites_socket_close(f->socket, on_closed, &f->closed);
    recorded_session_dispose(&f->session, "the suite ended while it ran");
    assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
    assert_true(f->closed);
    assert_int_equal(uv_loop_close(&f->loop), 0);
    assert_int_equal(rmdir(f->folder), 0);
    recorder_dispose(&f->recorder);
    free(f);
    return 0;
}

/* --- in a worker: what fails ends it with 1 --- */

static int dial(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        _exit(1);
    return fd;
}

/* Says hello with descriptors, and waits for the answer. */
static void say_hello(int fd, int number, const int *fds, size_t count)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {0};
    char line[128];
    struct iovec bytes = {line, (size_t)snprintf(line, sizeof line, HELLO, number)};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
    char answer[1024];
    if (count) {
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(head), fds, count * sizeof(int));
    }
    if (sendmsg(fd, &message, 0) < 0 || recv(fd, answer, sizeof answer, 0) <= 0)
        _exit(1);
}

static void print(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        _exit(1);
}

/* A worker; its output ends with it, or is held open until it is killed. */
static pid_t worker_start(const fixture *f, int number, const char *output, bool holds)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid)
        return pid;
    int ends[2];
    if (pipe2(ends, O_DIRECT | O_CLOEXEC) < 0)
        _exit(1);
    int fd = dial(suites_socket_path(f->socket));
    say_hello(fd, number, ends, 1);
    (void)close(ends[0]);
    print(ends[1], output);
    (void)alarm(20); /* where the test fails, nobody kills it */
    if (holds)
        (void)pause();
    _exit(0);
}

/* Turns the loop until the text was told. */
static void run_until_told(fixture *f, const char *text)
{
    int64_t end_ms = utr_clock_ms() + 10000;
    while (!strstr(utr_buf_text(&f->recorder.told), text)) {
        assert_true(utr_clock_ms() < end_ms);
        (void)uv_run(&f->loop, UV_RUN_NOWAIT);
        (void)usleep(1000);
    }
}

/* --- */

static void test_a_workers_tests_are_read_from_its_output(void **state)
{
    fixture *f = *state;
    pid_t pid = worker_start(f, 0, "1..1\nok 1 - a\nmore", false);
    suites_socket_admit(f->socket, pid);
    run_until_told(f, "gone w0");
    assert_string_equal(utr_buf_text(&f->recorder.told),
                        "worker w0\nw0: start \ncollected 1\nw0: passed a\ngone w0\n");
    assert_string_equal(utr_buf_text(&f->recorder.output), "1..1\nok 1 - a\nmore\n");
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_output_that_outlives_its_suite_is_let_go(void **state)
{
    fixture *f = *state;
    pid_t pid = worker_start(f, 0, "1..2\nok 1 - a\n", true);
    suites_socket_admit(f->socket, pid);
    run_until_told(f, "passed a");
    suites_socket_close(f->socket, on_closed, &f->closed);
    suites_session_end(&f->session.session, "the suite ended while it ran");
    assert_non_null(strstr(utr_buf_text(&f->recorder.told), "gone w0\n"));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
    assert_true(f->closed);
    /* For tear_down. */
    utr_error err = {0};
    assert_int_equal(suites_session_welcome(&f->session.session, "main", true, &f->session.main, &err),
                     UTR_OK);
    assert_int_equal(suites_socket_open(&f->loop, f->folder, &f->session.session, &f->socket, &err), UTR_OK);
}

static void test_descriptors_that_nobody_asked_for_are_closed_and_a_fault(void **state)
{
    fixture *f = *state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        int ends[2];
        char none[1];
        if (pipe(ends) < 0)
            _exit(1);
        int fd = dial(suites_socket_path(f->socket));
        say_hello(fd, 0, ends, 2);
        (void)close(ends[1]);
        _exit(read(ends[0], none, 1) == 0 ? 0 : 1); /* nobody else holds the other end */
    }
    suites_socket_admit(f->socket, pid);
    run_until_told(f, "hello without the output");
    assert_string_equal(utr_buf_text(&f->recorder.told),
                        "FAULT event socket: a descriptor that nobody asked for\n"
                        "FAULT event socket: hello without the output that its tests are read from\n");
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* Two threads, then a third connection that says to be none. */
static void test_threads_of_one_process_are_workers_each(void **state)
{
    fixture *f = *state;
    f->session.session.output_reader = NULL;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        static const char LAST[] = "{\"event\":\"hello\",\"adapter\":\"test\",\"worker\":\"w2\"}\n";
        char answer[1024];
        say_hello(dial(suites_socket_path(f->socket)), 0, NULL, 0);
        say_hello(dial(suites_socket_path(f->socket)), 1, NULL, 0);
        int fd = dial(suites_socket_path(f->socket));
        _exit(send(fd, LAST, sizeof LAST - 1, 0) > 0 && recv(fd, answer, sizeof answer, 0) > 0 ? 0 : 1);
    }
    suites_socket_admit(f->socket, pid);
    run_until_told(f, "gone w1");
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_memory_equal(utr_buf_text(&f->recorder.told),
                        "worker w0\nworker w1\nFAULT event socket: a second connection of one process\n", 73);
}

static void test_a_stranger_is_turned_away(void **state)
{
    fixture *f = *state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        char answer[1];
        int fd = dial(suites_socket_path(f->socket));
        _exit(recv(fd, answer, 1, 0) <= 0 ? 0 : 1);
    }
    suites_socket_admit(f->socket, 1); /* the suite is somebody else */
    run_until_told(f, "FAULT");
    assert_string_equal(utr_buf_text(&f->recorder.told),
                        "FAULT event socket: a process that is none of the suite's connects\n");
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void test_peers_are_told_by_where_they_descend_from(void **state)
{
    (void)state;
    static const char STRANGER[] = "a process that is none of the suite's connects";
    peer_list none = {0};
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        (void)alarm(20);
        (void)pause();
        _exit(0);
    }
    pid_t runner[] = {getpid()};
    pid_t itself[] = {child};
    peer_list above = {.items = runner, .count = 1};
    peer_list same = {.items = itself, .count = 1};
    assert_null(peer_check(child, child, &none));
    assert_null(peer_check(child, child, &above));
    assert_string_equal(peer_check(child, child, &same), "a second connection of one process");
    assert_string_equal(peer_check(child, getppid(), &above), "a process that a worker started connects");
    assert_string_equal(peer_check(child, getppid(), &none), STRANGER);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_string_equal(peer_check(child, getpid(), &none), STRANGER);
    assert_string_equal(peer_check(0, getpid(), &none), STRANGER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_workers_tests_are_read_from_its_output, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_output_that_outlives_its_suite_is_let_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_descriptors_that_nobody_asked_for_are_closed_and_a_fault, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_threads_of_one_process_are_workers_each, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_stranger_is_turned_away, set_up, tear_down),
        cmocka_unit_test(test_peers_are_told_by_where_they_descend_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
