// SPDX-License-Identifier: GPL-2.0
/*
 * monitor: what happens to the pools, one event a line, as it happens.
 */
#include <err.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "events.h"
#include "format.h"
#include "refusal.h"
#include "setting.h"
#include "target.h"
#include "usage.h"

#define VALUE_MAX	64

/* The names of the types, for --type and JSON, by number. */
static const struct setting_text type_texts[] = {
	[WORKPOOL_EVENT_LOST] = {
		"lost", NULL, "events were lost, as they were not read in time; always shown" },
	[WORKPOOL_EVENT_CREATED] = {
		"created", NULL, "a pool was created" },
	[WORKPOOL_EVENT_DESTROYED] = {
		"destroyed", NULL, "a pool is gone" },
	[WORKPOOL_EVENT_RELEASED] = {
		"released", NULL, "an open pool was closed; its workers finish" },
	[WORKPOOL_EVENT_CLOSED] = {
		"closed", NULL, "the last thread of a closed pool has left" },
	[WORKPOOL_EVENT_REBOOTED] = {
		"rebooted", NULL, "a closed pool is open again" },
	[WORKPOOL_EVENT_TUNED] = {
		"tuned", NULL, "settings were changed" },
	[WORKPOOL_EVENT_PAUSED] = {
		"paused", NULL, "a pause began" },
	[WORKPOOL_EVENT_RESUMED] = {
		"resumed", NULL, "a pause ended" },
	[WORKPOOL_EVENT_OVERLOADED] = {
		"overloaded", NULL, "a submitter found the pool full" },
	[WORKPOOL_EVENT_RELIEVED] = {
		"relieved", NULL, "for a second nobody found the pool full, and there is room" },
	[WORKPOOL_EVENT_CRASHED] = {
		"crashed", NULL, "a task or a callback crashed" },
	[WORKPOOL_EVENT_START_FAILED] = {
		"start-failed", NULL, "a worker could not be started" },
	[WORKPOOL_EVENT_DROPPED] = {
		"dropped", NULL, "accepted tasks will not run" },
	{ 0 }
};

#define NR_TYPES	(ARRAY_SIZE(type_texts) - 1)

/**
 * struct watch - one run of monitor
 * @opts: the options
 * @dev: the device
 * @targets: the pools that were named
 * @devs: without patterns, the device once more for each of them
 * @nr_devs: how many
 * @patterns: patterns that were given; NULL at the end
 * @all: nothing was named
 */
struct watch {
	const struct options *opts;
	struct device dev;
	struct target_list targets;
	struct device *devs;
	size_t nr_devs;
	const char **patterns;
	bool all;
};

static const char *type_name(const struct workpool_event *event)
{
	return event->type < NR_TYPES ? type_texts[event->type].name :
					"unknown";
}

/* What somebody named may have any byte in it. */
static void print_safe(const char *text)
{
	for (; *text; text++)
		putchar(*text < ' ' || *text > '~' ? '?' : *text);
}

static void print_json_text(const char *key, const char *text)
{
	printf(", \"%s\": \"", key);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if (*text < ' ' || *text > '~')
			printf("\\u%04x", (unsigned char)*text);
		else
			putchar(*text);
	}
	putchar('"');
}

/* A newer module may have words that are not known here. */
static const char *by_word(__u32 by)
{
	switch (by) {
	case WORKPOOL_BY_OWNER:
		return "owner";
	case WORKPOOL_BY_ADMIN:
		return "admin";
	default:
		return "unknown";
	}
}

static const char *cause_word(__u32 cause)
{
	switch (cause) {
	case WORKPOOL_EVENT_CAUSE_THREAD:
		return "thread";
	case WORKPOOL_EVENT_CAUSE_INIT:
		return "worker_init";
	default:
		return "unknown";
	}
}

static void print_by(const struct workpool_event_actor *actor)
{
	printf(" by %s", by_word(actor->by));
	if (!actor->pid)
		return;
	putchar(' ');
	print_safe(actor->comm);
	printf("[%d] uid %u", actor->pid, actor->uid);
}

static void print_tuned(const struct workpool_event_tuned *tuned)
{
	char before[VALUE_MAX], after[VALUE_MAX];
	const struct setting *setting;
	const char *separator = ":";

	print_by(&tuned->actor);
	for (setting = settings; setting->text; setting++) {
		if (!(tuned->mask & setting->mask))
			continue;
		setting_format_event(setting, &tuned->before, before,
				     sizeof(before), STYLE_HUMAN);
		setting_format_event(setting, &tuned->after, after,
				     sizeof(after), STYLE_HUMAN);
		printf("%s %s %s -> %s", separator, setting->text->name,
		       before, after);
		separator = ",";
	}
}

static const char *crash_text(__u32 kind)
{
	switch (kind) {
	case WORKPOOL_EVENT_CRASH_TASK:
		return "called workpool_task_crash()";
	case WORKPOOL_EVENT_CRASH_OOPS:
		return "oopsed";
	case WORKPOOL_EVENT_CRASH_EXIT:
		return "ended its thread";
	default:
		return "crashed";
	}
}

static const char *crash_word(__u32 kind)
{
	switch (kind) {
	case WORKPOOL_EVENT_CRASH_TASK:
		return "task";
	case WORKPOOL_EVENT_CRASH_OOPS:
		return "oops";
	case WORKPOOL_EVENT_CRASH_EXIT:
		return "exit";
	default:
		return "unknown";
	}
}

static void print_crashed(const struct workpool_event_crashed *crashed)
{
	printf(": %s %s, reason %d, in worker ",
	       crashed->function[0] ? crashed->function : "a task",
	       crash_text(crashed->kind), crashed->reason);
	print_safe(crashed->comm);
	printf("[%d]", crashed->pid);
}

static void print_created(const struct workpool_event_created *created)
{
	char capacity[VALUE_MAX];

	format_capacity(capacity, sizeof(capacity), &created->capacity,
			STYLE_HUMAN);
	printf(" by %s, capacity %s", created->owner, capacity);
}

/* The kernel's errors are negative. No number overflows here. */
static int errno_of(__s32 error)
{
	return -(__u32)error;
}

/* The other pause may still be there. */
static void print_resumed(const struct workpool_event_paused *resumed)
{
	char by[VALUE_MAX];

	print_by(&resumed->actor);
	if (!resumed->paused)
		return;
	format_pausers(by, sizeof(by), &resumed->paused, STYLE_HUMAN);
	printf(", still paused by %s", by);
}

/* The rest of a line for people, behind the name of the type. */
static void print_details(const struct workpool_event *event)
{
	switch (event->type) {
	case WORKPOOL_EVENT_LOST:
		printf(": %llu events", event->u.lost.count);
		break;
	case WORKPOOL_EVENT_CREATED:
		print_created(&event->u.created);
		break;
	case WORKPOOL_EVENT_RELEASED:
		print_by(&event->u.released.actor);
		printf(", threads left: %u%s", event->u.released.alive,
		       event->u.released.destroyed ? ", to be destroyed" : "");
		break;
	case WORKPOOL_EVENT_REBOOTED:
		print_by(&event->u.rebooted.actor);
		printf(", generation %llu", event->u.rebooted.generation);
		break;
	case WORKPOOL_EVENT_TUNED:
		print_tuned(&event->u.tuned);
		break;
	case WORKPOOL_EVENT_PAUSED:
		print_by(&event->u.paused.actor);
		break;
	case WORKPOOL_EVENT_RESUMED:
		print_resumed(&event->u.paused);
		break;
	case WORKPOOL_EVENT_OVERLOADED:
		printf(": waiting %u, queued %u, busy %u of %u",
		       event->u.overloaded.waiting, event->u.overloaded.queued,
		       event->u.overloaded.busy, event->u.overloaded.limit);
		break;
	case WORKPOOL_EVENT_RELIEVED:
		printf(" after %.1f s: blocked %llu, rejected %llu",
		       event->u.relieved.duration_ns / 1e9,
		       event->u.relieved.blocked, event->u.relieved.rejected);
		break;
	case WORKPOOL_EVENT_CRASHED:
		print_crashed(&event->u.crashed);
		break;
	case WORKPOOL_EVENT_START_FAILED:
		printf(": %s: %s", cause_word(event->u.start_failed.cause),
		       strerror(errno_of(event->u.start_failed.error)));
		break;
	case WORKPOOL_EVENT_DROPPED:
		printf(": %llu of %s", event->u.dropped.count,
		       event->u.dropped.function[0] ?
		       event->u.dropped.function : "a function without a name");
		break;
	}
}

static void print_text(const struct workpool_event *event)
{
	printf("[%5llu.%06llu] %s %s", event->time_ns / NSEC_PER_SEC,
	       event->time_ns % NSEC_PER_SEC / 1000,
	       event->pool[0] ? event->pool : "-", type_name(event));
	print_details(event);
	putchar('\n');
}

static void print_json_actor(const struct workpool_event_actor *actor)
{
	printf(", \"by\": \"%s\", \"pid\": %d, \"uid\": %u",
	       by_word(actor->by), actor->pid, actor->uid);
	print_json_text("comm", actor->comm);
}

static void print_json_values(const char *key, __u32 mask,
			      const struct workpool_event_values *all)
{
	char text[VALUE_MAX];
	const struct setting *setting;
	const char *separator = "";

	printf(", \"%s\": {", key);
	for (setting = settings; setting->text; setting++) {
		if (!(mask & setting->mask))
			continue;
		setting_format_event(setting, all, text, sizeof(text),
				     STYLE_JSON);
		printf("%s\"%s\": %s", separator, setting->key, text);
		separator = ", ";
	}
	putchar('}');
}

static void print_json_flags(__u32 flags)
{
	char text[VALUE_MAX * 2];

	format_flags(text, sizeof(text), &flags, STYLE_JSON);
	print_json_text("flags", text);
}

static void print_json_paused(const struct workpool_event_paused *paused)
{
	char by[VALUE_MAX];

	print_json_actor(&paused->actor);
	format_pausers(by, sizeof(by), &paused->paused, STYLE_JSON);
	print_json_text("paused_by", by);
}

/* The rest of an object, behind what all have. */
static void print_json_details(const struct workpool_event *event)
{
	switch (event->type) {
	case WORKPOOL_EVENT_LOST:
		printf(", \"count\": %llu", event->u.lost.count);
		break;
	case WORKPOOL_EVENT_CREATED:
		print_json_text("owner", event->u.created.owner);
		print_json_flags(event->u.created.flags);
		printf(", \"capacity\": %d", event->u.created.capacity);
		break;
	case WORKPOOL_EVENT_RELEASED:
		print_json_actor(&event->u.released.actor);
		printf(", \"alive\": %u, \"destroyed\": %s",
		       event->u.released.alive,
		       event->u.released.destroyed ? "true" : "false");
		break;
	case WORKPOOL_EVENT_REBOOTED:
		print_json_actor(&event->u.rebooted.actor);
		printf(", \"generation\": %llu", event->u.rebooted.generation);
		break;
	case WORKPOOL_EVENT_TUNED:
		print_json_actor(&event->u.tuned.actor);
		print_json_values("before", event->u.tuned.mask,
				  &event->u.tuned.before);
		print_json_values("after", event->u.tuned.mask,
				  &event->u.tuned.after);
		break;
	case WORKPOOL_EVENT_PAUSED:
	case WORKPOOL_EVENT_RESUMED:
		print_json_paused(&event->u.paused);
		break;
	case WORKPOOL_EVENT_OVERLOADED:
		printf(", \"waiting\": %u, \"queued\": %u, \"busy\": %u, \"limit\": %u",
		       event->u.overloaded.waiting, event->u.overloaded.queued,
		       event->u.overloaded.busy, event->u.overloaded.limit);
		break;
	case WORKPOOL_EVENT_RELIEVED:
		printf(", \"duration_ns\": %llu, \"blocked\": %llu, \"rejected\": %llu",
		       event->u.relieved.duration_ns,
		       event->u.relieved.blocked, event->u.relieved.rejected);
		break;
	case WORKPOOL_EVENT_CRASHED:
		print_json_text("function", event->u.crashed.function);
		print_json_text("kind", crash_word(event->u.crashed.kind));
		printf(", \"reason\": %d, \"worker\": %u, \"pid\": %d",
		       event->u.crashed.reason, event->u.crashed.worker,
		       event->u.crashed.pid);
		print_json_text("comm", event->u.crashed.comm);
		break;
	case WORKPOOL_EVENT_START_FAILED:
		print_json_text("cause",
				cause_word(event->u.start_failed.cause));
		printf(", \"errno\": %d", errno_of(event->u.start_failed.error));
		break;
	case WORKPOOL_EVENT_DROPPED:
		printf(", \"count\": %llu", event->u.dropped.count);
		print_json_text("function", event->u.dropped.function);
		break;
	}
}

static void print_json(const struct workpool_event *event)
{
	printf("{\"event\": \"%s\", \"seq\": %llu, \"time_ns\": %llu",
	       type_name(event), event->seq, event->time_ns);
	if (event->pool_id) {
		print_json_text("pool", event->pool);
		printf(", \"pool_id\": %u", event->pool_id);
	}
	print_json_details(event);
	puts("}");
}

static bool is_target(const struct watch *watch, __u32 id)
{
	size_t i;

	for (i = 0; i < watch->targets.nr; i++) {
		if (watch->targets.targets[i].id == id)
			return true;
	}
	return false;
}

static bool wants(const struct watch *watch, const struct workpool_event *event)
{
	const char **pattern;

	if (watch->all || !event->pool_id || is_target(watch, event->pool_id))
		return true;
	for (pattern = watch->patterns; *pattern; pattern++) {
		if (!fnmatch(*pattern, event->pool, 0))
			return true;
	}
	return false;
}

static enum status show_all(const struct watch *watch, struct events *events)
{
	struct workpool_event event;
	int more;

	do {
		more = events_next(events, &event);
		if (more < 0)
			return refusal_report_events(more);
		if (!more || !wants(watch, &event))
			continue;
		if (watch->opts->json)
			print_json(&event);
		else
			print_text(&event);
	} while (more && events_flush());
	return STATUS_OK;
}

/* Finds the named pools, now that no event of theirs is missed. */
static enum status find_pools(struct watch *watch, int argc, char **argv)
{
	struct tally tally = { 0 };
	size_t nr = 0;
	int i;

	watch->all = !argc;
	watch->patterns = calloc(argc + 1, sizeof(*watch->patterns));
	if (!watch->patterns) {
		warnx("out of memory");
		return STATUS_LOCAL;
	}
	for (i = 0; i < argc; i++) {
		if (is_pattern(argv[i]))
			watch->patterns[nr++] = argv[i];
		else
			tally_add(&tally, targets_add(&watch->targets,
						      &watch->dev, VERB_MONITOR,
						      argv[i]));
	}
	return tally_status(&tally);
}

/*
 * Each named pool gets a buffer of its own: others cannot fill it, and it says when the
 * pool is gone. That may be so by now.
 */
static enum status collect_named(struct watch *watch, struct events *events, __u64 types)
{
	const struct target *target = watch->targets.targets;
	struct device *dev;
	int err;

	watch->devs = calloc(watch->targets.nr, sizeof(*watch->devs));
	if (!watch->devs)
		return refusal_report_events(-ENOMEM);
	for (; watch->nr_devs < watch->targets.nr; target++) {
		dev = &watch->devs[watch->nr_devs];
		if (device_open(dev, watch->opts->device, false))
			return STATUS_LOCAL;
		watch->nr_devs++;
		err = events_add(events, dev, target->id, types);
		if (err && err != -ENOENT)
			return refusal_report_events(err);
	}
	return STATUS_OK;
}

/* A pattern may match a pool that comes: those are not over when all are gone. */
static bool has_end(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++) {
		if (is_pattern(argv[i]))
			return false;
	}
	return argc;
}

static enum status monitor(struct watch *watch, struct events *events, __u64 types,
			   int argc, char **argv)
{
	enum status status = STATUS_OK, found;
	int err = 0;

	events_catch_signals(true);
	if (!has_end(argc, argv))
		err = events_add(events, &watch->dev, 0, types);
	if (err)
		return refusal_report_events(err);
	found = find_pools(watch, argc, argv);
	if (found != STATUS_OK && !watch->targets.nr &&
	    !(watch->patterns && watch->patterns[0]))
		return found;
	if (!events->nr)
		status = collect_named(watch, events, types);
	if (status == STATUS_OK)
		status = show_all(watch, events);
	return status == STATUS_OK ? found : status;
}

static int find_type(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < NR_TYPES; i++) {
		if (strlen(type_texts[i].name) == len &&
		    !strncmp(type_texts[i].name, name, len))
			return i;
	}
	return -1;
}

static enum status parse_types(const char *list, __u64 *types)
{
	size_t len;
	int type;

	*types = 0;
	for (; list; list = list[len] ? list + len + 1 : NULL) {
		len = strcspn(list, ",");
		type = find_type(list, len);
		if (type < 0)
			return command_error("monitor",
					     "there is no event '%.*s'",
					     (int)len, list);
		*types |= 1ull << type;
	}
	return STATUS_OK;
}

static enum status monitor_run(const struct options *opts, int argc,
			       char **argv)
{
	struct watch watch = { .opts = opts };
	struct events events = { 0 };
	enum status status;
	__u64 types;

	status = parse_types(opts->types, &types);
	if (status != STATUS_OK)
		return status;
	if (device_open(&watch.dev, opts->device, false))
		return STATUS_LOCAL;
	status = monitor(&watch, &events, types, argc, argv);
	while (watch.nr_devs)
		device_close(&watch.devs[--watch.nr_devs]);
	events_free(&events);
	free(watch.devs);
	free(watch.targets.targets);
	free(watch.patterns);
	device_close(&watch.dev);
	return status;
}

const struct command monitor_command = {
	.name = "monitor",
	.arguments = "[POOL...]",
	.summary = "show what happens to pools, as it happens",
	.description =
"Each event is a line: when it happened, in seconds since the machine started, the\n"
"pool, the event, and what else there is to say. With --json it is an object. Each line\n"
"is written at once. The command ends with Ctrl-C, or when all pools are gone that\n"
"were named. A pattern such as 'ext4-*' also stands for pools that come later. The name\n"
"of a multi stands for the pools that it has.",
	.operands = OPERANDS_POOLS,
	.options = OPTION_JSON | OPTION_TYPE,
	.types = type_texts,
	.run = monitor_run,
};
