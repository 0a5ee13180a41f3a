#include "sealed.h"

#include "drop.h"
#include "loop/keeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

static const isolation_host HOSTS[] = {{"postgres-test", "127.0.0.2"}, {"redis-test", "127.0.0.3"}};
static const isolation_bind BINDS[] = {
    {"127.0.0.2", 5432}, {"127.0.0.1", 5432}, {"::1", 5432}, {"127.0.0.3", 6379}};

static void sealed_standard(sealed *s)
{
    sealed_open(s, (isolation_options){HOSTS, 2, BINDS, 4, NULL, NULL});
}

/* Python that says what becomes of going somewhere. */
#define GO                                                                                                   \
    "import errno, os, socket, subprocess, sys, threading\n"                                                 \
    "def go(host, port):\n"                                                                                  \
    "    try: return socket.create_connection((host, port), 5).recv(99).decode().strip()\n"                  \
    "    except OSError as e: return errno.errorcode.get(e.errno, e)\n"

/* --- what is there --- */

static void test_services_answer_at_their_names_and_addresses(void **state)
{
    (void)state;
    sealed s;
    sealed_standard(&s);
    sealed_python(&s, GO "for host in ('postgres-test', '127.0.0.2', 'localhost', '127.0.0.1', '::1'):\n"
                         "    print(host, go(host, 5432))\n"
                         "print(go('redis-test', 6379), go('127.0.0.3', 5432))\n");
    assert_string_equal(sealed_output(&s), "postgres-test witness 0\n"
                                           "127.0.0.2 witness 0\n"
                                           "localhost witness 2\n"
                                           "127.0.0.1 witness 1\n"
                                           "::1 witness 2\n"
                                           "witness 3 ECONNREFUSED\n");
    assert_int_equal(s.elsewhere.count, 0);
    sealed_close(&s);
}

static void test_a_port_that_someone_on_the_machine_has_is_ours_inside(void **state)
{
    (void)state;
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof place;
    auto_close int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(taken, (struct sockaddr *)&place, sizeof place), 0);
    assert_int_equal(listen(taken, 8), 0);
    assert_int_equal(getsockname(taken, (struct sockaddr *)&place, &len), 0);
    int port = ntohs(place.sin_port);
    const isolation_bind binds[] = {{"127.0.0.1", port}};
    sealed ours;
    sealed none;
    sealed_open(&ours, (isolation_options){.binds = binds, .bind_count = 1});
    sealed_open(&none, (isolation_options){0});
    auto_free char *script = utr_format("%sprint(go('127.0.0.1', %d))\n", GO, port);
    sealed_python(&ours, script);
    sealed_python(&none, script);
    assert_string_equal(sealed_output(&ours), "witness 0\n");
    assert_string_equal(sealed_output(&none), "ECONNREFUSED\n"); /* nor do two of ours see each other */
    sealed_close(&ours);
    sealed_close(&none);
}

static void test_a_bind_that_an_earlier_one_covers_is_told(void **state)
{
    (void)state;
    const isolation_bind binds[] = {{"0.0.0.0", 7000}, {"127.0.0.1", 7000}, {"127.0.0.1", 0}};
    sealed s;
    sealed_open(&s, (isolation_options){.binds = binds, .bind_count = 3});
    assert_true(s.greeters[0].fd >= 0);
    assert_int_equal(s.greeters[1].fd, -1);
    struct sockaddr_in given = {0};
    socklen_t len = sizeof given;
    assert_int_equal(getsockname(s.greeters[2].fd, (struct sockaddr *)&given, &len), 0);
    auto_free char *script =
        utr_format("%sprint(go('127.9.9.9', 7000), go('127.0.0.1', %d))\n", GO, ntohs(given.sin_port));
    sealed_python(&s, script);
    assert_string_equal(sealed_output(&s), "witness 0 witness 2\n");
    sealed_close(&s);
}

static void test_a_listener_is_made_later(void **state)
{
    (void)state;
    sealed s;
    sealed_standard(&s);
    utr_error err = {0};
    struct sockaddr_in given = {0};
    socklen_t len = sizeof given;
    int fd = -1;
    assert_int_equal(isolation_listen(s.isolation, &(isolation_bind){"127.0.0.1", 0}, &fd, &err), UTR_OK);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&given, &len), 0);
    auto_free char *script = utr_format("import socket\n"
                                        "socket.create_connection(('127.0.0.1', %d)).send(b'x')\n",
                                        ntohs(given.sin_port));
    sealed_python(&s, script);
    assert_string_equal(sealed_output(&s), "");
    auto_close int accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    assert_true(accepted >= 0);
    (void)close(fd);
    assert_int_equal(isolation_listen(s.isolation, &BINDS[0], &fd, &err), UTR_SYS);
    assert_int_equal(err.sys, EADDRINUSE);
    assert_string_equal(err.text, "listen at 127.0.0.2:5432 inside: Address already in use");
    sealed_close(&s);
}

/* --- what is not --- */

static void test_nothing_else_is_there_and_what_was_wanted_is_told(void **state)
{
    (void)state;
    sealed s;
    sealed_standard(&s);
    sealed_python(&s, GO "for place in (('10.1.2.3', 6379), ('2001:db8::1', 80), ('api.example.com', 443)):\n"
                         "    print(go(*place))\n"
                         "udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                         "six = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)\n"
                         "for call in (lambda: udp.sendto(b'x', ('8.8.8.8', 53)),\n"
                         "             lambda: udp.sendmsg([b'x'], [], 0, ('8.8.4.4', 53)),\n"
                         "             lambda: six.connect(('::ffff:9.9.9.9', 99))):\n"
                         "    try: call()\n"
                         "    except OSError as e: print(errno.errorcode[e.errno])\n");
    assert_string_equal(sealed_output(&s), "ENETUNREACH\nENETUNREACH\nENETUNREACH\n"
                                           "ENETUNREACH\nENETUNREACH\nENETUNREACH\n");
    auto_free char *told = utr_strs_join(&s.elsewhere, " ");
    assert_string_equal(told, "10.1.2.3:6379 [2001:db8::1]:80 api.example.com:443 8.8.8.8:53 8.8.4.4:53 "
                              "9.9.9.9:99");
    sealed_close(&s);
}

static void test_threads_children_and_their_children_are_seen(void **state)
{
    (void)state;
    sealed s;
    sealed_standard(&s);
    sealed_python(&s, GO "thread = threading.Thread(target=go, args=('thread.example', 1))\n"
                         "thread.start(); thread.join()\n"
                         "inner = 'import socket; socket.socket().connect_ex((\"grandchild.example\", 2))'\n"
                         "outer = 'import subprocess, sys; subprocess.run([sys.executable, \"-c\", '\n"
                         "outer += repr(inner) + '])'\n"
                         "subprocess.run([sys.executable, '-c', outer], start_new_session=True)\n"
                         "if os.fork() == 0:\n"
                         "    go('fork.example', 3); os._exit(0)\n"
                         "os.wait()\n");
    assert_string_equal(sealed_output(&s), "");
    auto_free char *told = utr_strs_join(&s.elsewhere, " ");
    assert_string_equal(told, "thread.example:1 grandchild.example:2 fork.example:3");
    sealed_close(&s);
}

/* A filter of the program's own, behind ours. */
static int enter_and_filter(void *ctx)
{
    struct sock_filter all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {.len = 1, .filter = all};
    int sys = isolation_enter(ctx);
    if (!sys && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
        sys = errno;
    return sys;
}

static void test_a_program_may_filter_itself_and_is_still_seen(void **state)
{
    (void)state;
    sealed s;
    sealed_standard(&s);
    const char *const words[] = {"python3", "-c",
                                 GO "print(go('filtered.example', 5), go('localhost', 5432))", NULL};
    loop_spawn options = {.before_exec = enter_and_filter, .before_exec_ctx = s.isolation};
    assert_int_equal(probe_spawn_words(&s.process, options, words), UTR_OK);
    while (!s.process.exits)
        (void)uv_run(&s.process.loop, UV_RUN_ONCE);
    assert_string_equal(sealed_output(&s), "ENETUNREACH witness 2\n");
    assert_int_equal(s.elsewhere.count, 1);
    assert_string_equal(s.elsewhere.items[0], "filtered.example:5");
    sealed_close(&s);
}

/* The kernel has room for one watcher: inside a sealed worker, another one works and says what it lacks. */
static int seal_again(isolation *outer)
{
    utr_error err = {0};
    uv_loop_t loop;
    isolation *inner = NULL;
    isolation_options options = {HOSTS, 2, BINDS, 4, sealed_on_elsewhere, NULL};
    if (uv_loop_init(&loop) || isolation_enter(outer) || isolation_open(&loop, &options, &inner, &err))
        return 1;
    const char *blind = isolation_blind(inner);
    if (!blind ||
        strcmp(blind, "this kernel does not tell where tests want to go: Device or resource busy") != 0)
        return 2;
    return isolation_enter(inner) ? 3 : 0;
}

static void test_a_seal_within_a_seal_holds_and_says_that_it_is_blind(void **state)
{
    (void)state;
    sealed s;
    sealed_standard(&s);
    pid_t child = fork();
    if (child == 0)
        _exit(seal_again(s.isolation));
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    sealed_close(&s);
}

static void test_names_are_answered_without_the_c_library(void **state)
{
    (void)state;
    sealed s;
    sealed_standard(&s);
    sealed_python(
        &s, GO "server = open('/etc/resolv.conf').read().split()[1]\n"
               "def ask(name, type):\n"
               "    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
               "    udp.settimeout(5)\n"
               "    labels = b''.join(bytes([len(l)]) + l.encode() for l in name.split('.'))\n"
               "    query = b'ab\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0' + labels + b'\\0' + bytes([0, type, 0, 1])\n"
               "    udp.sendto(query, (server, 53))\n"
               "    answer = udp.recv(512)\n"
               "    count = answer[7]\n"
               "    return answer[3] & 15, [socket.inet_ntoa(answer[-4:])] if count else []\n"
               "print(ask('postgres-test', 1), ask('Redis-Test', 1), ask('localhost', 1))\n"
               "print(ask('a.example', 1), ask('b.example', 1), ask('A.EXAMPLE', 1), ask('a.example', 28))\n"
               "print(ask('no.invalid', 1), go(server, 53))\n");
    assert_string_equal(sealed_output(&s),
                        "(0, ['127.0.0.2']) (0, ['127.0.0.3']) (0, ['127.0.0.1'])\n"
                        "(0, ['192.0.2.1']) (0, ['192.0.2.2']) (0, ['192.0.2.1']) (0, [])\n"
                        "(3, []) ECONNREFUSED\n");
    sealed_close(&s);
}

/* --- what stays as it is --- */

static void test_user_folder_files_terminal_and_shared_memory_stay(void **state)
{
    (void)state;
    sealed s;
    sealed_standard(&s);
    const char *const words[] = {
        "sh", "-c",
        "id -u; id -g; pwd; test -t 1 && echo tty; test -r /proc/self/environ && echo proc; "
        "touch /dev/shm/utr-$$ && rm /dev/shm/utr-$$ && echo shm; "
        "touch utr-$$ && rm utr-$$ && echo files; uname -n",
        NULL};
    sealed_run_words(&s, (loop_spawn){.pty = true, .directory = "/tmp"}, words);
    char name[256];
    assert_int_equal(gethostname(name, sizeof name), 0);
    auto_free char *expected =
        utr_format("%u\n%u\n/tmp\ntty\nproc\nshm\nfiles\n%s\n", geteuid(), getegid(), name);
    assert_string_equal(sealed_output(&s), expected);
    sealed_close(&s);
}

static void test_a_relative_directory_is_entered(void **state)
{
    (void)state;
    sealed s;
    sealed_standard(&s);
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir("/usr"), 0);
    const char *const words[] = {"pwd", "-P", NULL};
    sealed_run_words(&s, (loop_spawn){.directory = "bin"}, words);
    assert_int_equal(chdir(before), 0);
    assert_string_equal(sealed_output(&s), "/usr/bin\n");
    sealed_close(&s);
}

static void test_servers_of_the_tests_own_work(void **state)
{
    (void)state;
    sealed s;
    sealed_standard(&s);
    sealed_python(&s,
                  "import os, socket, tempfile\n"
                  "folder = tempfile.mkdtemp(dir='/tmp')\n"
                  "path = folder + '/socket'\n"
                  "for family, place in ((socket.AF_INET, ('127.0.0.1', 0)), (socket.AF_INET6, ('::1', 0)),\n"
                  "                      (socket.AF_INET, ('0.0.0.0', 0)), (socket.AF_UNIX, path),\n"
                  "                      (socket.AF_UNIX, '\\0utr-own')):\n"
                  "    server = socket.socket(family); server.bind(place); server.listen()\n"
                  "    client = socket.socket(family); client.connect(server.getsockname())\n"
                  "    server.accept()[0].send(b'fine'); print(client.recv(9).decode())\n"
                  "os.unlink(path); os.rmdir(folder)\n"
                  "print(socket.gethostbyname(socket.gethostname()))\n");
    assert_string_equal(sealed_output(&s), "fine\nfine\nfine\nfine\nfine\n127.0.0.1\n");
    assert_int_equal(s.elsewhere.count, 0);
    sealed_close(&s);
}

static int listen_unix(const char *path, size_t len)
{
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    memcpy(place.sun_path, path, len);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(
        bind(fd, (struct sockaddr *)&place, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

/* One in the abstract namespace, one where a Postgres without a package puts it, one of anybody else. */
static void test_sockets_of_the_machines_databases_are_not_reached(void **state)
{
    (void)state;
    auto_free char *postgres = utr_format("/tmp/.s.PGSQL.%d", getpid());
    auto_free char *other = utr_format("/tmp/utr-test-%d.sock", getpid());
    auto_free char *hidden = utr_format("%cutr-test-%d", '@', getpid());
    size_t len = strlen(hidden);
    hidden[0] = '\0';
    auto_close int one = listen_unix(postgres, strlen(postgres));
    auto_close int two = listen_unix(other, strlen(other));
    auto_close int three = listen_unix(hidden, len);
    sealed s;
    sealed_standard(&s);
    auto_free char *script = utr_format("import errno, socket\n"
                                        "for path in ('%s', '%s', '\\0%s'):\n"
                                        "    done = socket.socket(socket.AF_UNIX).connect_ex(path)\n"
                                        "    print(errno.errorcode.get(done, done))\n",
                                        postgres, other, hidden + 1);
    sealed_python(&s, script);
    (void)unlink(postgres);
    (void)unlink(other);
    assert_string_equal(sealed_output(&s), "ECONNREFUSED\n0\nECONNREFUSED\n");
    sealed_close(&s);
}

/* --- their end --- */

/* How long the sleepers of this process sleep: another run of these tests may have its own. */
static char *own_seconds(void)
{
    return utr_format("%d.25", 70000000 + getpid());
}

static void test_the_whole_tree_is_found_and_ended(void **state)
{
    (void)state;
    sealed s;
    sealed_standard(&s);
    auto_free char *seconds = own_seconds();
    auto_free char *script =
        utr_format("s=%s; trap '' TERM HUP; sleep $s & (setsid sh -c \"sleep $s & exit\" &); "
                   "env -i setsid sleep $s & while :; do sleep $s; done",
                   seconds);
    const char *const words[] = {"sh", "-c", script, NULL};
    sealed_run_words(&s, (loop_spawn){.timeout_ms = 500, .grace_ms = 100}, words);
    assert_true(s.process.how.timed_out);
    assert_false(sleeper_runs(seconds));
    sealed_close(&s);
}

static void be_a_runner_and_die(const char *seconds)
{
    utr_error err = {0};
    loop_keeper keeper;
    sealed s;
    if (loop_keeper_start(&keeper, &err))
        _exit(1);
    sealed_standard(&s);
    auto_free char *script = utr_format("setsid sleep %s & exec sleep %s", seconds, seconds);
    const char *const words[] = {"sh", "-c", script, NULL};
    loop_spawn options = {.before_exec = isolation_enter, .before_exec_ctx = s.isolation};
    if (probe_spawn_words(&s.process, options, words))
        _exit(2);
    for (int turn = 0; turn < 500 && !sleeper_runs(seconds); turn++)
        uv_sleep(10);
    uv_sleep(200); /* until it has its session, too */
    (void)kill(getpid(), SIGKILL);
}

/* What the kernel and the keeper do after a SIGKILL. */
static void test_a_sealed_process_dies_with_its_runner(void **state)
{
    (void)state;
    auto_free char *seconds = own_seconds();
    pid_t runner = fork();
    if (runner == 0)
        be_a_runner_and_die(seconds);
    int status = 0;
    assert_int_equal(waitpid(runner, &status, 0), runner);
    assert_true(WIFSIGNALED(status));
    for (int turn = 0; turn < 500 && sleeper_runs(seconds); turn++)
        uv_sleep(10);
    assert_false(sleeper_runs(seconds));
}

/* --- what is left of it --- */

static size_t count_open(void)
{
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    size_t count = 0;
    while (readdir(folder))
        count++;
    (void)closedir(folder);
    return count;
}

/* Mounts of others may go meanwhile; none of ours may have come. */
static bool mounts_grew(const char *before, char *after)
{
    for (const char *line; (line = strsep(&after, "\n"));) {
        if (!strstr(before, line))
            return true;
    }
    return false;
}

static char *mounts_now(void)
{
    utr_error err = {0};
    utr_buf text = UTR_BUF_INIT(1 << 20);
    assert_int_equal(utr_file_read("/proc/self/mountinfo", &text, &err), UTR_OK);
    return utr_buf_take(&text);
}

/* The kernel frees a namespace some time after the last one who held it. */
static bool open_patiently(uv_loop_t *loop, const isolation_options *options, isolation **out)
{
    for (int turn = 0; turn < 1000; turn++) {
        utr_error err = {0};
        if (isolation_open(loop, options, out, &err) == UTR_OK)
            return true;
        if (err.sys != ENOSPC) {
            print_error("%s\n", err.text);
            return false;
        }
        uv_sleep(10);
    }
    return false;
}

static void open_and_close(const isolation_options *options)
{
    uv_loop_t loop;
    isolation *one = NULL;
    assert_int_equal(uv_loop_init(&loop), 0);
    if (!open_patiently(&loop, options, &one))
        fail_msg("no more namespaces: those before were not let go of");
    isolation_close(one, NULL, NULL);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

/* In a user namespace that may have 40 network namespaces at once. */
static void test_two_hundred_leave_nothing_behind(void **state)
{
    (void)state;
    sealed unused;
    pid_t child = fork();
    if (child == 0) {
        become_root_of_few_namespaces(40);
        const isolation_options options = {HOSTS, 2, BINDS, 4, sealed_on_elsewhere, &unused};
        open_and_close(&options);
        size_t open_before = count_open();
        auto_free char *mounts_before = mounts_now();
        for (int i = 0; i < 200; i++)
            open_and_close(&options);
        auto_free char *mounts_after = mounts_now();
        int faults = (count_open() != open_before) | mounts_grew(mounts_before, mounts_after) << 1 |
                     (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD) << 2;
        _exit(faults);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_a_program_that_is_missing_leaves_nothing_behind(void **state)
{
    (void)state;
    sealed s;
    sealed_standard(&s);
    const char *const words[] = {"no-such-program", NULL};
    loop_spawn options = {.before_exec = isolation_enter, .before_exec_ctx = s.isolation};
    assert_int_equal(probe_spawn_words(&s.process, options, words), UTR_NOT_FOUND);
    sealed_shell(&s, "echo fine");
    assert_string_equal(sealed_output(&s), "fine\n");
    sealed_close(&s);
}

/* Believed only where another program cannot make such namespaces either. */
static void test_this_machine_refuses_with_a_reason(void **state)
{
    (void)state;
    utr_error err = {0};
    assert_int_equal(isolation_check(&err), UTR_SYS);
    assert_non_null(strstr(err.text, "; "));
    // NOLINTNEXTLINE(cert-env33-c): a test asks with the tool that a person would use
    if (system("unshare --user --map-current-user --net --mount true 2>&1") == 0)
        fail_msg("unshare(1) can, but: %s", err.text);
    print_error("NOT TRIED: this machine cannot seal workers: %s\n", err.text);
}

static void test_this_machine_can_seal(void **state)
{
    (void)state;
    utr_error err = {0};
    if (isolation_check(&err))
        fail_msg("%s", err.text);
    sealed s;
    sealed_standard(&s);
    assert_null(isolation_blind(s.isolation));
    sealed_close(&s);
}

/* test_isolation [unprivileged]: as a user of its own */
int main(int count, char **words)
{
    (void)words;
    if (count > 1)
        become_nobody();
    const struct CMUnitTest refused[] = {cmocka_unit_test(test_this_machine_refuses_with_a_reason)};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_this_machine_can_seal),
        cmocka_unit_test(test_services_answer_at_their_names_and_addresses),
        cmocka_unit_test(test_a_port_that_someone_on_the_machine_has_is_ours_inside),
        cmocka_unit_test(test_a_bind_that_an_earlier_one_covers_is_told),
        cmocka_unit_test(test_a_listener_is_made_later),
        cmocka_unit_test(test_nothing_else_is_there_and_what_was_wanted_is_told),
        cmocka_unit_test(test_threads_children_and_their_children_are_seen),
        cmocka_unit_test(test_a_program_may_filter_itself_and_is_still_seen),
        cmocka_unit_test(test_a_seal_within_a_seal_holds_and_says_that_it_is_blind),
        cmocka_unit_test(test_names_are_answered_without_the_c_library),
        cmocka_unit_test(test_user_folder_files_terminal_and_shared_memory_stay),
        cmocka_unit_test(test_a_relative_directory_is_entered),
        cmocka_unit_test(test_servers_of_the_tests_own_work),
        cmocka_unit_test(test_sockets_of_the_machines_databases_are_not_reached),
        cmocka_unit_test(test_the_whole_tree_is_found_and_ended),
        cmocka_unit_test(test_a_sealed_process_dies_with_its_runner),
        cmocka_unit_test(test_a_program_that_is_missing_leaves_nothing_behind),
        cmocka_unit_test(test_two_hundred_leave_nothing_behind),
    };
    utr_error err = {0};
    if (isolation_check(&err))
        return cmocka_run_group_tests(refused, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
