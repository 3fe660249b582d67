// SPDX-License-Identifier: GPL-2.0
/*
 * Makes calls: right ones, nearly right ones, and seeds with changes.
 */
#include <string.h>

#include "fuzz.h"

/* Nothing waits longer for a release, in nanoseconds; tasks are shorter than that. */
#define LONGEST_WAIT	20000000

/* Threads that a pool may be asked to have at all times. */
#define MOST_MIN_WORKERS	16

/* Calls that it is asked to have memory for, most of the time. */
#define MOST_QUEUE_DEPTH	256

static __u64 state = 1;

void make_seed(__u64 seed)
{
	state = (seed + 1) * 0x9e3779b97f4a7c15 | 1;
}

/* xorshift64* */
__u32 make_below(__u32 n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (__u32)(state * 0x2545f4914f6cdd1d >> 32) % n;
}

static bool one_in(__u32 n)
{
	return !make_below(n);
}

static __u32 odd_number(void)
{
	static const __u32 numbers[] = {
		0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 255, 256, 4095,
		4096, 4097, 65535, 0x7ffffffe, 0x7fffffff, 0x80000000,
		0xfffffffe, 0xffffffff,
	};

	return numbers[make_below(ARRAY_SIZE(numbers))];
}

static __u32 number(void)
{
	return one_in(3) ? odd_number() : make_below(12);
}

static void put_name(char *name)
{
	static const char * const names[] = {
		"fuzz-0", "fuzz-1", "fuzz-2", "fuzz-3", "fuzz-4", "fuzz-5",
		"fuzz-0", "fuzz-1", "fuzz-m", "system", "nobody", "", ".",
		"fuzz-m.0",
		"0123456789012345678901234567890",
	};

	memset(name, 0, WORKPOOL_IOC_NAME_MAX);
	snprintf(name, WORKPOOL_IOC_NAME_MAX, "%s",
		 names[make_below(ARRAY_SIZE(names))]);
	if (one_in(40))
		memset(name, 'x', WORKPOOL_IOC_NAME_MAX);
}

static void put_tune(struct workpool_ioc_tune *tune)
{
	tune->mask = make_below(256);
	if (tune->mask & WORKPOOL_TUNE_CAPACITY)
		tune->capacity = number();
	if (tune->mask & WORKPOOL_TUNE_EXPIRY)
		tune->expiry_ms = number();
	if (tune->mask & WORKPOOL_TUNE_MAX_BLOCKING)
		tune->max_blocking = number();
	if (tune->mask & WORKPOOL_TUNE_MIN_WORKERS)
		tune->min_workers = make_below(4);
	if (tune->mask & WORKPOOL_TUNE_NICE)
		tune->nice = (int)make_below(44) - 22;
	if (tune->mask & WORKPOOL_TUNE_RT_PRIORITY)
		tune->rt_priority = make_below(102);
	if (tune->mask & WORKPOOL_TUNE_QUEUE_DEPTH)
		tune->queue_depth = number();
}

/* A call that is right but for the pool, perhaps. */
static void make_right(struct call *call)
{
	__u32 nr = make_below(nr_forms);
	const struct form *form;

	memset(call, 0, sizeof(*call));
	call->cmd = _IO(WORKPOOL_IOC_TYPE, nr);
	form = form_of(call->cmd);
	call->room = form->size;
	memcpy(call->data, &form->size, sizeof(form->size));
	if (form->named && one_in(4))
		call->data[4] = make_below(20);
	else if (form->named)
		put_name((char *)call->data + 8);
	else if (call->cmd == WORKPOOL_IOC_NEXT)
		call->data[4] = make_below(12);
	if (call->cmd == WORKPOOL_IOC_TUNE)
		put_tune((struct workpool_ioc_tune *)call->data);
	if (call->cmd == WORKPOOL_IOC_PAUSE)
		((struct workpool_ioc_pause *)call->data)->pause = one_in(3);
	if (call->cmd == WORKPOOL_IOC_MEASURE)
		((struct workpool_ioc_measure *)call->data)->on = one_in(2);
	if (call->cmd == WORKPOOL_IOC_LATENCY)
		((struct workpool_ioc_latency *)call->data)->kind = make_below(5);
	if (call->cmd == WORKPOOL_IOC_RELEASE)
		((struct workpool_ioc_release *)call->data)->timeout_ns =
			make_below(3) * make_below(LONGEST_WAIT);
}

static void change_size(struct call *call)
{
	const struct form *form = form_of(call->cmd);
	__u32 size = form ? form->size : 64;

	switch (make_below(4)) {
	case 0:
		size = odd_number();
		break;
	case 1:
		size += (int)make_below(24) - 12;
		break;
	case 2:
		size += make_below(DATA_MAX);
		break;
	}
	memcpy(call->data, &size, sizeof(size));
	/* usually there is as much as is said */
	call->room = one_in(6) ? make_below(DATA_MAX) : size;
	if (call->room > DATA_MAX)
		call->room = DATA_MAX;
}

static void change_word(struct call *call)
{
	__u32 words = (call->room < 512 ? call->room : 512) / 4;
	__u32 value = number();

	if (words)
		memcpy(call->data + 4 * make_below(words), &value, sizeof(value));
}

static void change_cmd(struct call *call)
{
	switch (make_below(3)) {
	case 0:
		call->cmd = _IO(WORKPOOL_IOC_TYPE, make_below(256));
		break;
	case 1:
		call->cmd ^= 1u << make_below(32);
		break;
	default:
		call->cmd = _IO(WORKPOOL_IOC_TYPE, make_below(nr_forms));
	}
}

static void change(struct call *call)
{
	switch (make_below(8)) {
	case 0:
		return change_cmd(call);
	case 1:
	case 2:
		return change_size(call);
	case 3:
		call->fd = make_below(NR_FD_KINDS);
		return;
	case 4:
		call->memory = make_below(NR_MEMORIES);
		return;
	case 5:
		call->data[make_below(call->room ? call->room : 1)] ^=
			1 << make_below(8);
		return;
	default:
		return change_word(call);
	}
}

/* Limit what would take very many threads or a very long time. */
static void tame(struct call *call)
{
	struct workpool_ioc_tune *tune = (void *)call->data;
	struct workpool_ioc_release *release = (void *)call->data;

	if (call->cmd == WORKPOOL_IOC_TUNE) {
		tune->min_workers %= MOST_MIN_WORKERS;
		if (!one_in(16))
			tune->queue_depth %= MOST_QUEUE_DEPTH;
	}
	if (call->cmd == WORKPOOL_IOC_RELEASE && !one_in(16))
		release->timeout_ns %= LONGEST_WAIT;
}

/* The next call, from nothing or from one of the @nr of @corpus. */
void make_call(struct call *call, const struct call *corpus, unsigned int nr)
{
	if (nr && one_in(3))
		*call = corpus[make_below(nr)];
	else
		make_right(call);
	while (one_in(2))
		change(call);
	tame(call);
}
