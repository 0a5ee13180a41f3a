#include "services/create.h"

#include "services/digest.h"

#include "base/files.h"
#include "base/text.h"

#include <limits.h>

static void put_text(json_t *object, const char *key, const char *text)
{
    (void)json_object_set_new(object, key, utr_json_text(text));
}

/* Absent where nothing was given, so that the image's or the engine's default holds. */
static void put_given(json_t *object, const char *key, const char *text)
{
    if (text && *text)
        put_text(object, key, text);
}

static void put_int(json_t *object, const char *key, int64_t value)
{
    if (value)
        (void)json_object_set_new(object, key, json_integer(value));
}

static void put_true(json_t *object, const char *key, bool value)
{
    if (value)
        (void)json_object_set_new(object, key, json_true());
}

static json_t *array_of(const utr_strs *strs)
{
    json_t *array = json_array();
    for (size_t i = 0; i < strs->count; i++)
        (void)json_array_append_new(array, utr_json_text(strs->items[i]));
    return array;
}

static void put_strs(json_t *object, const char *key, const utr_strs *strs)
{
    if (strs->count)
        (void)json_object_set_new(object, key, array_of(strs));
}

/* "name=value"s into an object. */
static void put_pairs(json_t *object, const utr_strs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        const char *value = strchr(pairs->items[i], '=');
        auto_free char *name = value ? utr_strndup(pairs->items[i], (size_t)(value - pairs->items[i]))
                                     : utr_strdup(pairs->items[i]);
        put_text(object, name, value ? value + 1 : "");
    }
}

/* ---- labels ---- */

static void label_project(const services_identity *identity, json_t *labels)
{
    put_text(labels, "com.docker.compose.project", identity->project);
    put_text(labels, "com.docker.compose.version", "2.0.0");
    services_owner_label(&identity->owner, identity->session, identity->keep, labels);
}

static char *absolute(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : utr_strdup(path);
}

static void label_files(const compose_stack *stack, json_t *labels)
{
    auto_strs utr_strs files = {0};
    for (size_t i = 0; i < stack->files.count; i++)
        utr_strs_give(&files, absolute(stack->files.items[i]));
    if (!files.count)
        return;
    auto_free char *joined = utr_strs_join(&files, ",");
    auto_free char *folder = utr_path_dir(files.items[0]);
    put_text(labels, "com.docker.compose.project.config_files", joined);
    put_text(labels, "com.docker.compose.project.working_dir", folder);
}

static json_t *container_labels(const services_create *in)
{
    json_t *labels = json_object();
    put_pairs(labels, &in->spec->labels);
    label_project(in->identity, labels);
    label_files(in->identity->stack, labels);
    put_text(labels, "com.docker.compose.service", in->spec->name);
    put_text(labels, "com.docker.compose.container-number", "1");
    put_text(labels, "com.docker.compose.oneoff", "False");
    put_given(labels, "com.docker.compose.image", in->image_id);
    auto_strs utr_strs ports = {0};
    for (size_t i = 0; i < in->port_count; i++)
        utr_strs_give(&ports, utr_format("%d", in->ports[i]));
    auto_free char *joined = utr_strs_join(&ports, ",");
    put_given(labels, SERVICES_LABEL_PORTS, joined);
    return labels;
}

/* Of the body before its labels: the same service gives the same hash in each run. */
static void label_hash(const json_t *body, json_t *labels)
{
    auto_free char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
    char digest[SERVICES_DIGEST_SIZE];
    services_digest(text ? text : "", digest);
    put_text(labels, "com.docker.compose.config-hash", digest);
}

/* ---- the container ---- */

static void put_health(json_t *body, const compose_health *health)
{
    if (!health->disabled && !health->test.count)
        return; /* the image's own stays */
    json_t *out = json_object();
    if (health->disabled) {
        (void)json_object_set_new(out, "Test", json_pack("[s]", "NONE"));
    } else {
        put_strs(out, "Test", &health->test);
        put_int(out, "Interval", health->interval_ms * 1000000);
        put_int(out, "Timeout", health->timeout_ms * 1000000);
        put_int(out, "StartPeriod", health->start_period_ms * 1000000);
        put_int(out, "Retries", health->retries);
    }
    (void)json_object_set_new(body, "Healthcheck", out);
}

static void put_exposed(json_t *body, const services_create *in)
{
    json_t *exposed = json_object();
    for (size_t i = 0; i < in->spec->expose.count; i++) {
        const char *port = in->spec->expose.items[i];
        auto_free char *full = utr_format("%s%s", port, strchr(port, '/') ? "" : "/tcp");
        (void)json_object_set_new(exposed, full, json_object());
    }
    for (size_t i = 0; i < in->spec->ports.count; i++) {
        const compose_port *port = &in->spec->ports.items[i];
        auto_free char *full = utr_format("%d/%s", port->container_port, port->udp ? "udp" : "tcp");
        (void)json_object_set_new(exposed, full, json_object());
    }
    for (size_t i = 0; i < in->port_count; i++) {
        auto_free char *full = utr_format("%d/tcp", in->ports[i]);
        (void)json_object_set_new(exposed, full, json_object());
    }
    (void)json_object_set_new(body, "ExposedPorts", exposed);
}

static void put_process(json_t *body, const compose_service *spec)
{
    if (spec->has_command)
        (void)json_object_set_new(body, "Cmd", array_of(&spec->command));
    if (spec->has_entrypoint) {
        /* An empty list would keep the image's; [""] is how the API is told that there is none. */
        json_t *entrypoint = array_of(&spec->entrypoint);
        if (!spec->entrypoint.count)
            (void)json_array_append_new(entrypoint, json_string(""));
        (void)json_object_set_new(body, "Entrypoint", entrypoint);
    }
    put_strs(body, "Env", &spec->environment);
    put_given(body, "User", spec->user);
    put_given(body, "WorkingDir", spec->working_dir);
    put_given(body, "Hostname", spec->hostname);
    put_given(body, "StopSignal", spec->stop_signal);
    put_true(body, "Tty", spec->tty);
    put_true(body, "OpenStdin", spec->stdin_open);
}

/* ---- its host side ---- */

static json_t *mount_body(const services_identity *identity, const compose_mount *mount)
{
    static const char *const TYPES[] = {
        [COMPOSE_BIND] = "bind", [COMPOSE_VOLUME] = "volume", [COMPOSE_TMPFS] = "tmpfs"};
    json_t *out = json_object();
    put_text(out, "Type", TYPES[mount->kind]);
    put_text(out, "Target", mount->target);
    put_true(out, "ReadOnly", mount->read_only);
    if (mount->kind == COMPOSE_TMPFS) {
        json_t *options = json_object();
        put_int(options, "SizeBytes", mount->size_bytes);
        put_int(options, "Mode", mount->mode);
        (void)json_object_set_new(out, "TmpfsOptions", options);
        return out;
    }
    auto_free char *source =
        mount->kind == COMPOSE_BIND ? absolute(mount->source) : utr_strdup(mount->source);
    for (size_t i = 0; mount->kind == COMPOSE_VOLUME && i < identity->stack->volumes.count; i++) {
        const compose_resource *volume = &identity->stack->volumes.items[i];
        if (!strcmp(volume->key, mount->source)) {
            free(source);
            source = services_create_resource_name(identity, volume);
        }
    }
    put_given(out, "Source", source);
    return out;
}

static void put_mounts(json_t *host, const services_create *in)
{
    json_t *mounts = json_array();
    json_t *binds = json_array();
    for (size_t i = 0; i < in->spec->mounts.count; i++) {
        const compose_mount *mount = &in->spec->mounts.items[i];
        if (mount->kind != COMPOSE_BIND || !mount->create_host_path) {
            (void)json_array_append_new(mounts, mount_body(in->identity, mount));
            continue;
        }
        /* Only the short form makes a missing host folder. */
        auto_free char *source = absolute(mount->source);
        auto_free char *bind = utr_format("%s:%s%s", source, mount->target, mount->read_only ? ":ro" : "");
        (void)json_array_append_new(binds, utr_json_text(bind));
    }
    (void)json_object_set_new(host, "Mounts", mounts);
    (void)json_object_set_new(host, "Binds", binds);
}

static void put_bindings(json_t *host, const services_create *in)
{
    json_t *bindings = json_object();
    for (size_t i = 0; in->publish_on && i < in->port_count; i++) {
        auto_free char *port = utr_format("%d/tcp", in->ports[i]);
        auto_free char *host_port = in->host_ports ? utr_format("%d", in->host_ports[i]) : utr_strdup("");
        (void)json_object_set_new(bindings, port,
                                  json_pack("[{s:s, s:s}]", "HostIp", in->publish_on, "HostPort", host_port));
    }
    (void)json_object_set_new(host, "PortBindings", bindings);
}

static void put_limits(json_t *host, const compose_service *spec)
{
    put_int(host, "Memory", spec->memory_bytes);
    /* Swap on top would let a service grow past what the file allows. */
    put_int(host, "MemorySwap", spec->memory_bytes);
    put_int(host, "NanoCpus", (int64_t)(spec->cpus * 1e9));
    put_int(host, "PidsLimit", spec->pids);
    put_int(host, "ShmSize", spec->shm_bytes);
    json_t *ulimits = json_array();
    for (size_t i = 0; i < spec->ulimits.count; i++) {
        const compose_ulimit *limit = &spec->ulimits.items[i];
        (void)json_array_append_new(ulimits,
                                    json_pack("{s:s, s:I, s:I}", "Name", limit->name, "Soft",
                                              (json_int_t)limit->soft, "Hard", (json_int_t)limit->hard));
    }
    (void)json_object_set_new(host, "Ulimits", ulimits);
}

static json_t *host_config(const services_create *in)
{
    const compose_service *spec = in->spec;
    json_t *host = json_object();
    put_text(host, "NetworkMode", in->network_mode ? in->network_mode : in->network);
    put_mounts(host, in);
    put_bindings(host, in);
    put_limits(host, spec);
    put_strs(host, "CapAdd", &spec->cap_add);
    put_strs(host, "CapDrop", &spec->cap_drop);
    put_strs(host, "SecurityOpt", &spec->security_opt);
    put_strs(host, "ExtraHosts", &spec->extra_hosts);
    put_strs(host, "Dns", &spec->dns);
    put_strs(host, "GroupAdd", &spec->group_add);
    json_t *sysctls = json_object();
    put_pairs(sysctls, &spec->sysctls);
    (void)json_object_set_new(host, "Sysctls", sysctls);
    put_true(host, "Init", spec->init);
    put_true(host, "Privileged", spec->privileged);
    put_true(host, "ReadonlyRootfs", spec->read_only);
    return host;
}

json_t *services_create_endpoint(const compose_service *spec, const compose_attachment *attachment)
{
    json_t *aliases = array_of(&attachment->aliases);
    (void)json_array_append_new(aliases, utr_json_text(spec->name));
    if (spec->container_name)
        (void)json_array_append_new(aliases, utr_json_text(spec->container_name));
    json_t *out = json_pack("{s:o}", "Aliases", aliases);
    if (attachment->ipv4_address)
        (void)json_object_set_new(out, "IPAMConfig",
                                  json_pack("{s:s}", "IPv4Address", attachment->ipv4_address));
    return out;
}

/* Before API 1.44 a container is created on one network only; the others are connected after. */
static void put_networking(json_t *body, const services_create *in)
{
    if (in->network_mode || !in->spec->networks.count)
        return;
    json_t *endpoint = services_create_endpoint(in->spec, &in->spec->networks.items[0]);
    (void)json_object_set_new(body, "NetworkingConfig",
                              json_pack("{s:{s:o}}", "EndpointsConfig", in->network, endpoint));
}

/* A container in another's network may not say its own name or ports. */
static void drop_what_sharing_forbids(json_t *body, const services_create *in)
{
    if (!in->network_mode || !utr_text_starts(in->network_mode, "container:"))
        return;
    (void)json_object_del(body, "Hostname");
    (void)json_object_del(body, "ExposedPorts");
}

json_t *services_create_container(const services_create *in)
{
    json_t *body = json_object();
    put_text(body, "Image", in->image);
    put_process(body, in->spec);
    put_health(body, &in->spec->health);
    put_exposed(body, in);
    json_t *labels = container_labels(in);
    label_hash(body, labels);
    (void)json_object_set_new(body, "Labels", labels);
    (void)json_object_set_new(body, "HostConfig", host_config(in));
    put_networking(body, in);
    drop_what_sharing_forbids(body, in);
    return body;
}

char *services_create_name(const services_identity *identity, const compose_service *spec)
{
    return utr_format("%s-%s-1", identity->project, spec->name);
}

/* ---- networks and volumes ---- */

char *services_create_resource_name(const services_identity *identity, const compose_resource *resource)
{
    if (resource->external)
        return utr_strdup(resource->name ? resource->name : resource->key);
    return utr_format("%s_%s", identity->project, resource->key);
}

static json_t *resource_body(const services_identity *identity, const compose_resource *resource,
                             const char *key_label)
{
    json_t *labels = json_object();
    put_pairs(labels, &resource->labels);
    label_project(identity, labels);
    put_text(labels, key_label, resource->key);
    auto_free char *name = services_create_resource_name(identity, resource);
    json_t *body = json_pack("{s:s, s:o}", "Name", name, "Labels", labels);
    put_given(body, "Driver", resource->driver);
    return body;
}

json_t *services_create_network(const services_identity *identity, const compose_resource *network)
{
    json_t *body = resource_body(identity, network, "com.docker.compose.network");
    put_true(body, "Internal", network->internal);
    (void)json_object_set_new(body, "CheckDuplicate", json_true());
    json_t *options = json_object();
    put_pairs(options, &network->driver_opts);
    (void)json_object_set_new(body, "Options", options);
    if (network->subnet)
        (void)json_object_set_new(body, "IPAM",
                                  json_pack("{s:[{s:s}]}", "Config", "Subnet", network->subnet));
    return body;
}

json_t *services_create_volume(const services_identity *identity, const compose_resource *volume)
{
    json_t *body = resource_body(identity, volume, "com.docker.compose.volume");
    json_t *options = json_object();
    put_pairs(options, &volume->driver_opts);
    (void)json_object_set_new(body, "DriverOpts", options);
    return body;
}
