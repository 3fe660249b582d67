// SPDX-License-Identifier: GPL-2.0
/*
 * release, reboot, pause and resume: close pools, open them again, and keep them from
 * starting tasks for a while.
 */
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libsmartcols.h>

#include "device.h"
#include "refusal.h"
#include "target.h"
#include "usage.h"

static const struct column release_columns[] = {
	{ COLUMN_TEXT("POOL", "pool", format_text, struct workpool_ioc_release,
		      name, "name of the pool") },
	{ COLUMN_NUMBER("ALIVE", "alive", format_u32,
			struct workpool_ioc_release, alive,
			"threads that are left") },
	{ COLUMN_NUMBER("BUSY", "busy", format_u32,
			struct workpool_ioc_release, busy,
			"threads that execute a task") },
	{ 0 }
};

static const struct column reboot_columns[] = {
	{ COLUMN_TEXT("POOL", "pool", format_text, struct workpool_ioc_reboot,
		      name, "name of the pool") },
	{ COLUMN_NUMBER("GENERATION", "generation", format_u64,
			struct workpool_ioc_reboot, generation,
			"number of reboots, including this one") },
	{ 0 }
};

static const struct column pause_columns[] = {
	{ COLUMN_TEXT("POOL", "pool", format_text, struct workpool_ioc_pause,
		      name, "name of the pool") },
	{ COLUMN_TEXT("PAUSED-BY", "paused_by", format_pausers,
		      struct workpool_ioc_pause, paused,
		      "owner, admin or both, who keep it from starting tasks") },
	{ COLUMN_NUMBER("BUSY", "busy", format_u32, struct workpool_ioc_pause,
			busy, "threads that execute a task") },
	{ 0 }
};

/**
 * struct run - one command on several pools
 * @opts: the options
 * @dev: the device
 * @table: for JSON, else NULL
 * @deadline_ns: CLOCK_MONOTONIC time until which release waits
 */
struct run {
	const struct options *opts;
	struct device dev;
	struct table *table;
	__u64 deadline_ns;
};

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static __u64 deadline_after(__u64 timeout_ns)
{
	__u64 deadline;

	if (__builtin_add_overflow(now_ns(), timeout_ns, &deadline))
		return UINT64_MAX;
	return deadline;
}

/* The time until the deadline, at least 1 ns, because 0 means not to wait. */
static __u64 remaining_ns(const struct run *run)
{
	__u64 now = now_ns();

	if (run->opts->timeout_ns == WORKPOOL_TIMEOUT_MAX)
		return WORKPOOL_TIMEOUT_MAX;
	return run->deadline_ns > now ? run->deadline_ns - now : 1;
}

static enum status print_release(const struct run *run,
				 const struct workpool_ioc_release *release)
{
	if (run->table)
		return table_add(run->table, release) ? STATUS_LOCAL :
							STATUS_OK;
	if (release->alive)
		printf("%s: released, threads left: %u, in a task: %u\n",
		       release->name, release->alive, release->busy);
	else
		printf("%s: released, no thread left\n", release->name);
	return STATUS_OK;
}

static enum status close_one(const struct run *run, const struct target *target,
			     struct workpool_ioc_release *release)
{
	int err = device_release(&run->dev, &target->ref, release);

	return err ? refusal_report(&run->dev, VERB_RELEASE,
				    target_label(target), err) : STATUS_OK;
}

/* The pool is already closed. ESHUTDOWN means that no thread of it is left. */
static enum status wait_one(const struct run *run, const char *pool,
			    struct workpool_ioc_release *release)
{
	struct pool_ref ref = { .id = release->id };
	enum status status;
	int err;

	memcpy(ref.name, release->name, sizeof(ref.name));
	*release = (struct workpool_ioc_release) {
		.timeout_ns = remaining_ns(run),
	};
	err = device_release(&run->dev, &ref, release);
	if (err == -ESHUTDOWN)
		err = 0;
	if (err && err != -ETIMEDOUT && err != -EINTR)
		return refusal_report(&run->dev, VERB_WAIT, pool, err);
	status = print_release(run, release);
	return err ? refusal_report(&run->dev, VERB_WAIT, pool, err) : status;
}

/* All pools are closed first, because --timeout is for all of them together. */
static void release_all(const struct run *run, const struct target_list *list,
			struct workpool_ioc_release *releases,
			struct tally *tally)
{
	enum status status;
	size_t i;

	for (i = 0; i < list->nr; i++) {
		status = close_one(run, &list->targets[i], &releases[i]);
		if (status == STATUS_OK)
			continue;
		tally_add(tally, status);
		releases[i].id = 0;
	}
	for (i = 0; i < list->nr; i++) {
		if (!releases[i].id)
			continue;
		status = run->opts->timeout_ns ?
			 wait_one(run, target_label(&list->targets[i]),
				  &releases[i]) :
			 print_release(run, &releases[i]);
		tally_add(tally, status);
	}
}

static void release_targets(const struct run *run,
			    const struct target_list *list,
			    struct tally *tally)
{
	struct workpool_ioc_release *releases;

	if (!list->nr)
		return;
	releases = calloc(list->nr, sizeof(*releases));
	if (!releases) {
		warnx("out of memory");
		tally_add(tally, STATUS_LOCAL);
		return;
	}
	release_all(run, list, releases, tally);
	free(releases);
}

static enum status reboot_one(const struct run *run,
			      const struct target *target)
{
	struct workpool_ioc_reboot reboot = { 0 };
	int err;

	err = device_reboot(&run->dev, &target->ref, &reboot);
	if (err)
		return refusal_report(&run->dev, VERB_REBOOT,
				      target_label(target), err);
	if (run->table)
		return table_add(run->table, &reboot) ? STATUS_LOCAL :
							STATUS_OK;
	printf("%s: open again, generation %llu\n", reboot.name,
	       reboot.generation);
	return STATUS_OK;
}

static void reboot_targets(const struct run *run,
			   const struct target_list *list, struct tally *tally)
{
	size_t i;

	for (i = 0; i < list->nr; i++)
		tally_add(tally, reboot_one(run, &list->targets[i]));
}

static void print_pause(const struct workpool_ioc_pause *pause, bool paused)
{
	if (paused)
		printf("%s: paused, in a task: %u\n", pause->name, pause->busy);
	else if (pause->paused)
		printf("%s: still paused by its owner\n", pause->name);
	else
		printf("%s: resumed\n", pause->name);
}

static enum status pause_one(const struct run *run, enum verb verb,
			     const struct target *target)
{
	bool paused = verb == VERB_PAUSE;
	struct workpool_ioc_pause pause = { .pause = paused };
	int err;

	err = device_pause(&run->dev, &target->ref, &pause);
	if (err)
		return refusal_report(&run->dev, verb, target_label(target),
				      err);
	if (run->table)
		return table_add(run->table, &pause) ? STATUS_LOCAL : STATUS_OK;
	print_pause(&pause, paused);
	return STATUS_OK;
}

static void pause_targets(const struct run *run, const struct target_list *list,
			  struct tally *tally)
{
	size_t i;

	for (i = 0; i < list->nr; i++)
		tally_add(tally, pause_one(run, VERB_PAUSE, &list->targets[i]));
}

static void resume_targets(const struct run *run,
			   const struct target_list *list, struct tally *tally)
{
	size_t i;

	for (i = 0; i < list->nr; i++)
		tally_add(tally, pause_one(run, VERB_RESUME, &list->targets[i]));
}

/* The errno with which the kernel would refuse @verb. */
static int foresee(enum verb verb, const struct workpool_ioc_stat *stat)
{
	bool closed = stat->flags & WORKPOOL_POOL_CLOSED;

	if (stat->flags & WORKPOOL_POOL_NOADMIN)
		return -EPERM;
	switch (verb) {
	case VERB_RELEASE:
	case VERB_PAUSE:
		if (stat->flags & WORKPOOL_POOL_NORELEASE)
			return -EPERM;
		return verb == VERB_PAUSE && closed ? -ESHUTDOWN : 0;
	case VERB_REBOOT:
		if (!closed)
			return -EALREADY;
		return stat->alive ? -EBUSY : 0;
	default:
		return closed ? -ESHUTDOWN : 0;
	}
}

static const char *const would_be[] = {
	[VERB_RELEASE]	= "released",
	[VERB_REBOOT]	= "open again",
	[VERB_PAUSE]	= "paused",
	[VERB_RESUME]	= "resumed",
};

static const struct column rehearsal_columns[] = {
	{ COLUMN_TEXT("POOL", "pool", format_text, struct workpool_ioc_stat,
		      name, "name of the pool") },
	{ COLUMN_TEXT("STATE", "state", format_state, struct workpool_ioc_stat,
		      size, "state of the pool, which stays") },
	{ COLUMN_NUMBER("BUSY", "busy", format_u32, struct workpool_ioc_stat,
			busy, "threads that execute a task") },
	{ 0 }
};

static enum status rehearse_one(const struct run *run, enum verb verb,
				const struct target *target)
{
	struct workpool_ioc_stat stat;
	int err;

	err = device_stat(&run->dev, &target->ref, &stat);
	if (!err)
		err = foresee(verb, &stat);
	if (err)
		return refusal_report(&run->dev, verb, target_label(target),
				      err);
	if (run->table)
		return table_add(run->table, &stat) ? STATUS_LOCAL : STATUS_OK;
	printf("%s: %s (not done: dry run)\n", stat.name, would_be[verb]);
	return STATUS_OK;
}

static void rehearse(const struct run *run, enum verb verb,
		     const struct target_list *list, struct tally *tally)
{
	size_t i;

	for (i = 0; i < list->nr; i++)
		tally_add(tally, rehearse_one(run, verb, &list->targets[i]));
}

static int run_start(struct run *run, const struct options *opts,
		     const char *name, const struct column *columns)
{
	*run = (struct run) {
		.opts = opts,
		.deadline_ns = deadline_after(opts->timeout_ns),
	};
	if (opts->json) {
		run->table = table_new(name, opts->dry_run ? rehearsal_columns :
							     columns,
				       opts, LAYOUT_ROWS);
		if (!run->table)
			return -1;
	}
	if (device_open(&run->dev, opts->device, !opts->dry_run)) {
		table_free(run->table);
		return -1;
	}
	return 0;
}

static enum status run_finish(struct run *run, enum status status)
{
	device_close(&run->dev);
	if (run->table && table_print(run->table))
		status = STATUS_LOCAL;
	table_free(run->table);
	return status;
}

static const struct action {
	const char *name;
	enum verb verb;
	const struct column *columns;
	void (*run)(const struct run *run, const struct target_list *list,
		    struct tally *tally);
} release_action = {
	"release", VERB_RELEASE, release_columns, release_targets
}, reboot_action = {
	"reboot", VERB_REBOOT, reboot_columns, reboot_targets
}, pause_action = {
	"pause", VERB_PAUSE, pause_columns, pause_targets
}, resume_action = {
	"resume", VERB_RESUME, pause_columns, resume_targets
};

static enum status run_on_all(const struct run *run,
			      const struct action *action, int argc,
			      char **argv)
{
	struct target_list list = { 0 };
	struct tally tally = { 0 };
	enum status status;
	int i;

	for (i = 0; i < argc; i++) {
		status = targets_add(&list, &run->dev, action->verb, argv[i]);
		if (status != STATUS_OK)
			tally_add(&tally, status);
	}
	if (run->opts->dry_run)
		rehearse(run, action->verb, &list, &tally);
	else
		action->run(run, &list, &tally);
	free(list.targets);
	return tally_status(&tally);
}

static enum status run_action(const struct action *action,
			      const struct options *opts, int argc,
			      char **argv)
{
	struct run run;

	if (!argc)
		return command_error(action->name, "no pool is given");
	if (run_start(&run, opts, action->name, action->columns))
		return STATUS_LOCAL;
	return run_finish(&run, run_on_all(&run, action, argc, argv));
}

static enum status release_run(const struct options *opts, int argc,
			       char **argv)
{
	return run_action(&release_action, opts, argc, argv);
}

static enum status reboot_run(const struct options *opts, int argc,
			      char **argv)
{
	return run_action(&reboot_action, opts, argc, argv);
}

static enum status pause_run(const struct options *opts, int argc, char **argv)
{
	return run_action(&pause_action, opts, argc, argv);
}

static enum status resume_run(const struct options *opts, int argc,
			      char **argv)
{
	return run_action(&resume_action, opts, argc, argv);
}

const struct command release_command = {
	.name = "release",
	.arguments = "POOL...",
	.summary = "close pools; their workers finish and leave",
	.description =
"Waiting submitters get an error. Idle workers leave at once, and busy ones\n"
"after their task. Without --timeout the command does not wait. With it, all\n"
"pools are closed first, and the time is for all of them together. When it is\n"
"over, the pools stay closed, and the same command waits again. A plain number\n"
"is milliseconds. It is not an error to release a closed pool. The name of a multi\n"
"stands for all its pools, and a pattern such as 'ext4-*' for\n"
"all pools with such a name.",
	.operands = OPERANDS_POOLS,
	.options = OPTION_JSON | OPTION_TIMEOUT | OPTION_DRY_RUN,
	.run = release_run,
};

const struct command reboot_command = {
	.name = "reboot",
	.arguments = "POOL...",
	.summary = "open closed pools again",
	.description =
"A pool can be rebooted after it was closed and its last worker has left. It\n"
"keeps its settings and counters. The name of a multi stands for all its pools, and a\n"
"pattern such as 'ext4-*' for all pools with such a name.",
	.operands = OPERANDS_POOLS,
	.options = OPTION_JSON | OPTION_DRY_RUN,
	.run = reboot_run,
};

const struct command pause_command = {
	.name = "pause",
	.arguments = "POOL...",
	.summary = "let pools start no more tasks, until 'resume'",
	.description =
"Tasks that run go on, and the command does not wait for them. What is queued stays\n"
"queued. For those who submit the pool is full: when its queue is full they wait or\n"
"are refused. The workers leave. To pause a paused pool is no error. To release it\n"
"ends the pause, and its queued tasks run. The name of a multi stands for all its pools,\n"
"and a pattern such as 'ext4-*' for all pools with such a name.",
	.operands = OPERANDS_POOLS,
	.options = OPTION_JSON | OPTION_DRY_RUN,
	.run = pause_run,
};

const struct command resume_command = {
	.name = "resume",
	.arguments = "POOL...",
	.summary = "let paused pools start tasks again",
	.description =
"This ends the pause of an administrator. A pool that its owner has paused as well\n"
"stays paused until the owner resumes it. The name of a multi stands for all its pools,\n"
"and a pattern such as 'ext4-*' for all pools with such a name.",
	.operands = OPERANDS_POOLS,
	.options = OPTION_JSON | OPTION_DRY_RUN,
	.run = resume_run,
};
