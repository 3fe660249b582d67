// SPDX-License-Identifier: GPL-2.0
/*
 * Says what a call may answer, from the header alone: what it must refuse, whatever the
 * pools do meanwhile, which errors are possible at all, and what it may have written.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "fuzz.h"

#define PAGE		4096
#define TUNE_KNOWN	(WORKPOOL_TUNE_CAPACITY | WORKPOOL_TUNE_EXPIRY | \
			 WORKPOOL_TUNE_MAX_BLOCKING | WORKPOOL_TUNE_MIN_WORKERS | \
			 WORKPOOL_TUNE_NICE | WORKPOOL_TUNE_RT_PRIORITY | \
			 WORKPOOL_TUNE_QUEUE_DEPTH | WORKPOOL_TUNE_CPUS)

static __u32 size_of(const struct call *call)
{
	__u32 size;

	memcpy(&size, call->data, sizeof(size));
	return size;
}

static bool all_zero(const unsigned char *from, const unsigned char *to)
{
	while (from < to)
		if (*from++)
			return false;
	return true;
}

/* What the kernel makes of the argument before it knows what it is about. */
static int must_fail_to_read(const struct call *call, const struct form *form)
{
	__u32 size, there;

	if (call->memory == MEM_NONE || call->room < sizeof(size))
		return -EFAULT;
	size = size_of(call);
	if (size < form->min_size)
		return -EINVAL;
	if (size > PAGE)
		return -E2BIG;
	there = size < call->room ? size : call->room;
	if (there > form->size &&
	    !all_zero(call->data + form->size, call->data + there))
		return -E2BIG;
	return there < size ? -EFAULT : 0;
}

static int must_fail_to_find(const struct call *call)
{
	const struct workpool_ioc_tune *tune = (const void *)call->data;

	if (!memchr(tune->name, 0, sizeof(tune->name)))
		return -EINVAL;
	return tune->id || tune->name[0] ? 0 : -EINVAL;
}

/* The TUNE of @call; what it is too short for is 0. */
static struct workpool_ioc_tune tune_of(const struct call *call)
{
	struct workpool_ioc_tune tune = { 0 };
	__u32 size;

	memcpy(&size, call->data, sizeof(size));
	memcpy(&tune, call->data, size < sizeof(tune) ? size : sizeof(tune));
	return tune;
}

static bool is_cpus_bad(const struct workpool_ioc_tune *tune)
{
	if (tune->own_cpus > 1 ||
	    (tune->own_cpus && !(tune->mask & WORKPOOL_TUNE_CPUS)))
		return true;
	if (!tune->cpus_size)
		return tune->own_cpus || tune->cpus;
	return tune->cpus_size % 8 || tune->cpus_size > PAGE;
}

static int must_fail_to_tune(const struct call *call)
{
	struct workpool_ioc_tune tune = tune_of(call);
	const struct {
		__u32 bit, value;
	} values[] = {
		{ WORKPOOL_TUNE_CAPACITY, tune.capacity },
		{ WORKPOOL_TUNE_EXPIRY, tune.expiry_ms },
		{ WORKPOOL_TUNE_MAX_BLOCKING, tune.max_blocking },
		{ WORKPOOL_TUNE_MIN_WORKERS, tune.min_workers },
		{ WORKPOOL_TUNE_NICE, tune.nice },
		{ WORKPOOL_TUNE_RT_PRIORITY, tune.rt_priority },
		{ WORKPOOL_TUNE_QUEUE_DEPTH, tune.queue_depth },
	};
	unsigned int i;

	if (tune.mask & ~TUNE_KNOWN)
		return -EOPNOTSUPP;
	if (tune.reserved || tune.reserved2 || tune.expiry_ms > INT_MAX ||
	    is_cpus_bad(&tune))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(values); i++)
		if (values[i].value && !(tune.mask & values[i].bit))
			return -EINVAL;
	return 0;
}

static int must_fail_to_pause(const struct call *call)
{
	const struct workpool_ioc_pause *pause = (const void *)call->data;

	return pause->pause > 1 || pause->reserved ? -EINVAL : 0;
}

static int must_fail_to_measure(const struct call *call)
{
	const struct workpool_ioc_measure *measure = (const void *)call->data;

	return measure->on > 1 ? -EINVAL : 0;
}

static int must_fail_to_tell_latency(const struct call *call)
{
	const struct workpool_ioc_latency *latency = (const void *)call->data;

	return latency->kind > WORKPOOL_LATENCY_START || latency->reserved ||
	       latency->reserved2 ||
	       !latency->buckets != !latency->nr_buckets ? -EINVAL : 0;
}

static int must_fail_to_choose(const struct call *call)
{
	const struct workpool_ioc_events *events = (const void *)call->data;

	if (!memchr(events->name, 0, sizeof(events->name)))
		return -EINVAL;
	return events->flags || events->reserved ||
	       events->types >> (WORKPOOL_EVENT_DROPPED + 1) ? -EINVAL : 0;
}

/* The error that the call must have; 0: it depends. */
static int must_fail(const struct call *call, const struct form *form)
{
	int err;

	if (!form)
		return -ENOTTY;
	if (form->admin && call->fd != FD_WRITE)
		return -EPERM;
	err = must_fail_to_read(call, form);
	if (!err && call->cmd == WORKPOOL_IOC_TUNE)
		err = must_fail_to_tune(call);
	if (!err && call->cmd == WORKPOOL_IOC_PAUSE)
		err = must_fail_to_pause(call);
	if (!err && call->cmd == WORKPOOL_IOC_EVENTS)
		err = must_fail_to_choose(call);
	if (!err && call->cmd == WORKPOOL_IOC_MEASURE)
		err = must_fail_to_measure(call);
	if (!err && call->cmd == WORKPOOL_IOC_LATENCY)
		err = must_fail_to_tell_latency(call);
	if (!err && form->named)
		err = must_fail_to_find(call);
	return err;
}

static bool is_one_of(int err, const int *errors)
{
	while (*errors)
		if (*errors++ == err)
			return true;
	return false;
}

/* What may happen to one that is in order. */
static bool may_fail(const struct call *call, int err)
{
	static const int errors[][9] = {
		{ 0 },
		{ -ENOENT },
		{ -ENOENT },
		{ -ENOENT, -EPERM, -ESHUTDOWN, -EINVAL, -EOPNOTSUPP, -ENOMEM },
		{ -ENOENT, -EPERM, -ESHUTDOWN, -ETIMEDOUT, -EINTR },
		{ -ENOENT, -EPERM, -ESHUTDOWN, -EALREADY, -EBUSY, -ENOMEM },
		{ -ENOENT },
		{ -ENOENT, -EPERM, -ESHUTDOWN },
		{ -ENOENT, -ENOMEM },
		{ -ENOENT, -ENOMEM },
		{ -ENOENT, -ENOMEM },
	};

	if (err == -EFAULT)	/* it could not answer */
		return call->memory == MEM_READONLY ||
		       (call->cmd == WORKPOOL_IOC_TUNE &&
			tune_of(call).cpus_size) ||
		       (call->cmd == WORKPOOL_IOC_LATENCY &&
			((const struct workpool_ioc_latency *)call->data)->nr_buckets);
	return !err || is_one_of(err, errors[call->cmd & 0xff]);
}

/* A text of @size bytes that ends, and after its end holds nothing. */
static bool is_padded(const char *text, size_t size)
{
	const char *end = memchr(text, 0, size);

	return end && all_zero((const unsigned char *)end,
			       (const unsigned char *)text + size);
}

static const char *judge_stat(const struct workpool_ioc_stat *stat)
{
	if (!is_padded(stat->owner, sizeof(stat->owner)))
		return "bytes behind the owner";
	if (stat->reserved2)
		return "reserved is not 0";
	if (stat->running !=
	    stat->busy + stat->idle + stat->searching + stat->starting)
		return "running does not add up";
	if (stat->alive < stat->running)
		return "fewer threads than workers";
	return NULL;
}

static const char *judge_answer(const struct call *call,
				const struct form *form,
				const unsigned char *after)
{
	const struct workpool_ioc_info *info = (const void *)after;
	const struct workpool_ioc_next *next = (const void *)after;

	if (memcmp(after, call->data, sizeof(__u32)))
		return "another size";
	if (call->cmd == WORKPOOL_IOC_INFO)
		return is_padded(info->version, sizeof(info->version)) ?
		       NULL : "bytes behind the version";
	/* that all pools are meant */
	if (call->cmd == WORKPOOL_IOC_EVENTS && !next->id && !next->name[0])
		return NULL;
	if (!next->id || !next->name[0] ||
	    !is_padded(next->name, sizeof(next->name)))
		return "no id, no name or bytes behind the name";
	if ((call->cmd == WORKPOOL_IOC_STAT ||
	     call->cmd == WORKPOOL_IOC_MULTI_STAT) &&
	    size_of(call) >= form->size)
		return judge_stat((const void *)after);
	return NULL;
}

/* Did it write more than it may? */
static bool wrote_elsewhere(const struct call *call, const struct form *form,
			    int err, const unsigned char *after)
{
	bool answers = !err || (call->cmd == WORKPOOL_IOC_RELEASE &&
				(err == -ETIMEDOUT || err == -EINTR));
	__u32 from = 0;

	if (answers && form) {
		from = size_of(call);
		if (from > form->size)
			from = form->size;
	}
	return call->room > from &&
	       memcmp(after + from, call->data + from, call->room - from);
}

const char *judge(const struct call *call, int err, const unsigned char *after)
{
	const struct form *form = form_of(call->cmd);
	int must = must_fail(call, form);

	if (must && err != must)
		return err ? "another error" : "it must not succeed";
	if (!must && !may_fail(call, err))
		return "an error that it cannot have";
	if (call->memory != MEM_NONE &&
	    wrote_elsewhere(call, form, err, after))
		return "it wrote where it must not";
	return err ? NULL : judge_answer(call, form, after);
}
