#include "base/files.h"
#include "load.h"

#include <string.h>

typedef struct {
    const char *volume; /* one item of the list, as YAML */
    const char *out;    /* "kind source target [ro] [make] [size=N] [mode=N]"; %: the folder */
} volume_case;

static const volume_case CASES[] = {
    {"/data", "volume - /data"},
    {"data:/var/lib/x", "volume data /var/lib/x"},
    {"data:/var/lib/x/:ro", "volume data /var/lib/x ro"},
    {"./init.sql:/docker-entrypoint-initdb.d/init.sql:ro,z",
     "bind %/init.sql /docker-entrypoint-initdb.d/init.sql ro make"},
    {"../up/./x:/x", "bind /tmp/up/x /x make"},
    {".:/app:cached", "bind % /app make"},
    {"/var/run/docker.sock:/var/run/docker.sock", "bind /var/run/docker.sock /var/run/docker.sock make"},
    {"~/cache:/c:rw", "bind /home/user/cache /c make"},
    {"{type: bind, source: ./x, target: /x, read_only: true}", "bind %/x /x ro make"},
    {"{type: bind, source: /x, target: /x, bind: {create_host_path: false}}", "bind /x /x"},
    {"{type: volume, source: data, target: /x, consistency: cached}", "volume data /x"},
    {"{type: volume, target: /x}", "volume - /x"},
    {"{type: tmpfs, target: /run, tmpfs: {size: 64m, mode: 01777}}", "tmpfs - /run size=67108864 mode=1777"},
    {"{type: tmpfs, target: /run, tmpfs: {size: 1024}}", "tmpfs - /run size=1024"},
};

static char *mounts_text(const compose_service *service)
{
    auto_strs utr_strs all = {0};
    static const char *const KINDS[] = {
        [COMPOSE_BIND] = "bind", [COMPOSE_VOLUME] = "volume", [COMPOSE_TMPFS] = "tmpfs"};
    for (size_t i = 0; i < service->mounts.count; i++) {
        const compose_mount *m = &service->mounts.items[i];
        utr_strs_give(&all,
                      utr_format("%s %s %s%s%s", KINDS[m->kind], *m->source ? m->source : "-", m->target,
                                 m->read_only ? " ro" : "", m->create_host_path ? " make" : ""));
        if (m->size_bytes)
            utr_strs_give(&all, utr_format("size=%lld", (long long)m->size_bytes));
        if (m->mode)
            utr_strs_give(&all, utr_format("mode=%o", (unsigned)m->mode));
    }
    return utr_strs_join(&all, " ");
}

/* The text with the folder in the place of '%'. */
static char *with_folder(const char *text)
{
    const char *percent = strchr(text, '%');
    auto_free char *here = getcwd(NULL, 0);
    return percent ? utr_format("%.*s%s%s", (int)(percent - text), text, here, percent + 1)
                   : utr_strdup(text);
}

static void test_every_form_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        auto_free char *lines = utr_format("    image: a\n    volumes:\n      - %s\n", CASES[i].volume);
        auto_loaded loaded l = load_service(lines);
        print_message("%s\n", CASES[i].volume);
        assert_clean(&l);
        auto_free char *out = mounts_text(&l.stack->services.items[0]);
        auto_free char *expected = with_folder(CASES[i].out);
        assert_string_equal(out, expected);
    }
}

static const volume_case WRONG[] = {
    {"dat:/x", "service 'web' names volume 'dat', which is not declared; did you mean 'data'?"},
    {"uploads:/x",
     "service 'web' names volume 'uploads', which is not declared; declare it under the top-level 'volumes'"},
    {"data:x", "'x' is no place in a container; give an absolute path"},
    {"data", "'data' is no place in a container; give an absolute path"},
    {"data:/x:nocopy", "volume option 'nocopy' is not supported; known: ro, rw"},
    {"data:/x:ro:z", "'data:/x:ro:z' is no volume; write SOURCE:TARGET, SOURCE:TARGET:ro or TARGET"},
    {"\":/x\"", "':/x' is no volume; write SOURCE:TARGET, SOURCE:TARGET:ro or TARGET"},
    {"{type: npipe, source: x, target: /x}",
     "volume type 'npipe' is not supported; known: bind, volume, tmpfs"},
    {"{target: /x}", "volume type '' is not supported; known: bind, volume, tmpfs"},
    {"{type: bind, target: /x}", "a bind mount without 'source'; say which path to mount"},
    {"{type: volume, source: data}", "a volume without 'target'; say where to mount it"},
    {"{type: tmpfs, source: data, target: /x}", "a tmpfs has no 'source'; remove it"},
};

static void test_what_is_wrong_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        auto_free char *lines = utr_format("    image: a\n    volumes:\n      - %s\n", WRONG[i].volume);
        auto_loaded loaded l = load_service(lines);
        auto_free char *expected = utr_format("compose.yaml:5:9: %s", WRONG[i].out);
        print_message("%s\n", WRONG[i].volume);
        assert_faults(&l, expected);
    }
}

static void test_options_that_would_change_the_mount_are_refused(void **state)
{
    (void)state;
    auto_loaded loaded l = load_service("    image: a\n"
                                        "    volumes:\n"
                                        "      - type: volume\n"
                                        "        source: data\n"
                                        "        target: /x\n"
                                        "        volume: {subpath: a, nocpy: true}\n");
    assert_faults(&l, "compose.yaml:8:18: 'subpath' is not supported yet; mount the whole volume\n"
                      "compose.yaml:8:30: unknown key 'nocpy'; did you mean 'nocopy'?");
}

static void test_a_target_is_mounted_once(void **state)
{
    (void)state;
    auto_loaded loaded l = load_service("    image: a\n    volumes: [data:/x, ./y:/x/]\n    tmpfs: /x\n");
    assert_faults(&l, "compose.yaml:4:24: '/x' is mounted twice; keep one\n"
                      "compose.yaml:5:12: '/x' is mounted twice; keep one");
}

static void test_tmpfs_takes_options(void **state)
{
    (void)state;
    auto_loaded loaded one = load_service("    image: a\n    tmpfs: /run\n");
    assert_clean(&one);
    auto_free char *text = mounts_text(&one.stack->services.items[0]);
    assert_string_equal(text, "tmpfs - /run");
    auto_loaded loaded two = load_service(
        "    image: a\n    tmpfs:\n      - /pg:rw,noexec,nosuid,size=512m\n      - /t:mode=0700,ro\n");
    assert_clean(&two);
    auto_free char *both = mounts_text(&two.stack->services.items[0]);
    assert_string_equal(both, "tmpfs - /pg size=536870912 tmpfs - /t ro mode=700");
    auto_loaded loaded wrong = load_service("    image: a\n    tmpfs: [\"/t:size=big\"]\n");
    assert_faults(
        &wrong,
        "compose.yaml:4:13: tmpfs option 'size=big' is not supported; known: size=64m, mode=1777, ro, "
        "rw, noexec, nosuid, nodev");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form_is_understood),
        cmocka_unit_test(test_what_is_wrong_is_said),
        cmocka_unit_test(test_options_that_would_change_the_mount_are_refused),
        cmocka_unit_test(test_a_target_is_mounted_once),
        cmocka_unit_test(test_tmpfs_takes_options),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
