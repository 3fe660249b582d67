// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/workpool: the ioctls and the events of uapi/linux/workpool.h.
 */

#include <linux/bitmap.h>
#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/fs.h>
#include <linux/math64.h>
#include <linux/miscdevice.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <uapi/linux/workpool.h>

#include "admin/chardev.h"
#include "admin/reader.h"
#include "core/cache.h"
#include "core/histogram.h"
#include "core/module.h"
#include "core/notice.h"
#include "core/pool.h"
#include "core/ref.h"
#include "core/tunables.h"
#include "multi/multi.h"
#include "multi/totals.h"
#include "pool/pause.h"
#include "pool/reboot.h"
#include "pool/registry.h"
#include "pool/release.h"
#include "pool/stats.h"
#include "pool/tune.h"

static_assert(WORKPOOL_IOC_NAME_MAX == WORKPOOL_NAME_MAX);
static_assert(WORKPOOL_IOC_UNLIMITED == WORKPOOL_UNLIMITED);
static_assert(WORKPOOL_IOC_WORKERS_MAX == WP_MAX_WORKERS_LIMIT);
static_assert(WORKPOOL_IOC_DEPTH_MAX == WORKPOOL_DEPTH_MAX);
static_assert((int)WORKPOOL_POOL_NONBLOCK == (int)WORKPOOL_F_NONBLOCK);
static_assert((int)WORKPOOL_POOL_PREALLOC == (int)WORKPOOL_F_PREALLOC);
static_assert((int)WORKPOOL_POOL_NOPURGE == (int)WORKPOOL_F_NOPURGE);
static_assert((int)WORKPOOL_POOL_NOADMIN == (int)WORKPOOL_F_NOADMIN);
static_assert((int)WORKPOOL_POOL_FREEZABLE == (int)WORKPOOL_F_FREEZABLE);
static_assert((int)WORKPOOL_POOL_NORELEASE == (int)WORKPOOL_F_NORELEASE);
static_assert((int)WORKPOOL_POOL_HISTOGRAMS == (int)WORKPOOL_F_HISTOGRAMS);
static_assert((int)WORKPOOL_TUNE_CPUS == (int)WP_TUNE_CPUS);
static_assert(WORKPOOL_POOL_PAUSED_BY_ADMIN ==
	      WORKPOOL_POOL_PAUSED_BY_OWNER * (int)WORKPOOL_PAUSED_BY_ADMIN);
static_assert((int)WORKPOOL_STRATEGY_ROUND_ROBIN == (int)WORKPOOL_ROUND_ROBIN);
static_assert((int)WORKPOOL_STRATEGY_LEAST_TASKS == (int)WORKPOOL_LEAST_TASKS);
static_assert((int)WORKPOOL_STRATEGY_LOCAL == (int)WORKPOOL_LOCAL);
static_assert((int)WORKPOOL_LATENCY_WAIT == (int)WP_HISTOGRAM_WAIT);
static_assert((int)WORKPOOL_LATENCY_RUN == (int)WP_HISTOGRAM_RUN);
static_assert((int)WORKPOOL_LATENCY_BLOCKED == (int)WP_HISTOGRAM_BLOCKED);
static_assert((int)WORKPOOL_LATENCY_START == (int)WP_HISTOGRAM_START);
static_assert((int)WP_HISTOGRAM_NR == WP_HISTOGRAM_START + 1);
static_assert(WORKPOOL_LATENCY_BUCKETS == WP_HISTOGRAM_BUCKETS);
static_assert(WORKPOOL_LATENCY_FROM_NS(1) == 1ULL << WP_HISTOGRAM_MIN_BITS);
static_assert(WORKPOOL_LATENCY_FROM_NS(WP_HISTOGRAM_LAST) ==
	      1ULL << WP_HISTOGRAM_MAX_BITS);
static_assert(sizeof(struct workpool_event) <= WORKPOOL_EVENT_SIZE_MAX);

/* All commands that are about one pool or multi begin like this. */
struct pool_ref {
	__u32 size;
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
};

union command {
	struct workpool_ioc_info info;
	struct workpool_ioc_next next;
	struct workpool_ioc_stat stat;
	struct workpool_ioc_tune tune;
	struct workpool_ioc_release release;
	struct workpool_ioc_reboot reboot;
	struct workpool_ioc_pause pause;
	struct workpool_ioc_events events;
	struct workpool_ioc_measure measure;
	struct workpool_ioc_latency latency;
	struct pool_ref ref;
};

/**
 * struct ioctl_request - an ioctl on its way
 * @file: the open device
 * @user: where the caller's structure is
 * @user_size: its size
 * @cmd: the kernel's copy
 * @size: bytes of @cmd that this command has
 * @respond: the answer is written even after an error
 */
struct ioctl_request {
	struct file	*file;
	void __user	*user;
	u32		user_size;
	union command	cmd;
	size_t		size;
	bool		respond;
};

/* Does the caller say which pool or multi it means? */
static int check_ref(const struct pool_ref *ref)
{
	if (strnlen(ref->name, sizeof(ref->name)) == sizeof(ref->name))
		return -EINVAL;
	return ref->id || ref->name[0] ? 0 : -EINVAL;
}

static struct workpool *find_pool(struct ioctl_request *req)
{
	struct pool_ref *ref = &req->cmd.ref;
	struct workpool *pool;
	int err;

	err = check_ref(ref);
	if (err)
		return ERR_PTR(err);
	pool = wp_registry_find(ref->id, ref->name);
	if (!pool)
		return ERR_PTR(-ENOENT);
	return pool;
}

static void name_pool(struct ioctl_request *req, struct workpool *pool)
{
	struct pool_ref *ref = &req->cmd.ref;

	ref->id = pool->id;
	strscpy_pad(ref->name, pool->name, sizeof(ref->name));
}

static int may_administer(struct ioctl_request *req)
{
	return (req->file->f_mode & FMODE_WRITE) && capable(CAP_SYS_ADMIN) ?
	       0 : -EPERM;
}

/* Find the pool to change. Its owner must not have set a flag of @forbid. */
static struct workpool *find_pool_to_change(struct ioctl_request *req,
					    unsigned int forbid)
{
	struct workpool *pool = find_pool(req);

	if (!IS_ERR(pool) && (pool->flags & forbid)) {
		wp_pool_put(pool);
		return ERR_PTR(-EPERM);
	}
	return pool;
}

static int ioc_info(struct ioctl_request *req)
{
	/* The limits may change: pairs with the writes of the parameters. */
	req->cmd.info = (struct workpool_ioc_info){
		.nr_pools	= wp_registry_count(),
		.max_workers	= READ_ONCE(wp_max_workers),
		.mailbox_depth	= !wp_yield_after_handoff,
		.cache_size	= READ_ONCE(wp_cache_limit),
		.cached		= wp_cache_nr(),
		.version	= WP_VERSION,
	};
	return 0;
}

static int ioc_next(struct ioctl_request *req)
{
	struct workpool *pool = wp_registry_next(req->cmd.next.id);

	if (!pool)
		return -ENOENT;
	name_pool(req, pool);
	wp_pool_put(pool);
	return 0;
}

/* WORKPOOL_PAUSED_BY_* as WORKPOOL_POOL_PAUSED_BY_*. The owner's bit is 1. */
static u32 pause_flags(unsigned int paused)
{
	return paused * WORKPOOL_POOL_PAUSED_BY_OWNER;
}

#define FILL(_member)			._member = s->_member,
#define FILL_NAMED(_name, _member)	FILL(_member)

/* @pool is the one that @s is about, or the first one of a multi. */
static void fill_stat(struct workpool_ioc_stat *out, struct workpool *pool,
		      const struct workpool_stats *s)
{
	struct workpool_multi *multi = pool->multi;

	*out = (struct workpool_ioc_stat){
		.flags		= pool->flags | pause_flags(s->paused) |
				  (s->closed ? WORKPOOL_POOL_CLOSED : 0),
		.available	= wp_stats_available(s->capacity, s->running,
						     s->paused),
		.peak_running	= s->peak_running,
		.peak_waiting	= s->peak_waiting,
		.pinned		= pool->pinned,
		.generation	= s->generation,
		.multi_id	= multi ? multi->id : 0,
		.multi_index	= pool->index,
		.strategy	= multi ? multi->strategy : 0,
		/* Pairs with the release in add_pool(): it may be created. */
		.nr_pools	= multi ? smp_load_acquire(&multi->nr) : 0,
		WP_TUNABLES(FILL_NAMED)
		WP_GAUGES(FILL)
		WP_COUNTERS(FILL_NAMED)
	};
	strscpy_pad(out->owner, pool->owner, sizeof(out->owner));
	if (multi)
		strscpy_pad(out->multi, multi->name, sizeof(out->multi));
}

static int ioc_stat(struct ioctl_request *req)
{
	struct workpool *pool = find_pool(req);
	struct workpool_stats stats;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	workpool_stats(pool, &stats);
	fill_stat(&req->cmd.stat, pool, &stats);
	if (wp_histogram_is_on(pool))
		req->cmd.stat.flags |= WORKPOOL_POOL_MEASURED;
	name_pool(req, pool);
	wp_pool_put(pool);
	return 0;
}

static bool is_all_measured(struct workpool_multi *multi)
{
	unsigned int i;

	for (i = 0; i < multi->nr; i++)
		if (!wp_histogram_is_on(multi->pools[i]))
			return false;
	return true;
}

static int ioc_multi_stat(struct ioctl_request *req)
{
	struct workpool_ioc_stat *stat = &req->cmd.stat;
	struct workpool_multi *multi;
	struct workpool_stats stats;
	int err, available;

	err = check_ref(&req->cmd.ref);
	if (err)
		return err;
	multi = wp_multi_find(stat->id, stat->name);
	if (!multi)
		return -ENOENT;
	available = wp_totals_read(multi, &stats);
	fill_stat(stat, multi->pools[0], &stats);
	if (is_all_measured(multi))
		stat->flags |= WORKPOOL_POOL_MEASURED;
	stat->available = available;
	stat->id = multi->id;
	strscpy_pad(stat->name, multi->name, sizeof(stat->name));
	wp_multi_put_all(multi);
	return 0;
}

#define TUNABLE(_name, _member)						\
	{								\
		.mask = WORKPOOL_TUNE_##_name +				\
			BUILD_BUG_ON_ZERO((int)WORKPOOL_TUNE_##_name !=	\
					  (int)WP_TUNE_##_name),	\
		.in_ioc = offsetof(struct workpool_ioc_tune, _member),	\
		.in_tuning = offsetof(struct wp_tuning, _member),	\
	},

/* The 32-bit attributes: their mask bit and their offsets. */
static const struct tunable {
	u32	mask;
	size_t	in_ioc;
	size_t	in_tuning;
} tunables[] = {
	WP_TUNABLES(TUNABLE)
};

static u32 *value_in_ioc(struct workpool_ioc_tune *tune, int nr)
{
	return (void *)tune + tunables[nr].in_ioc;
}

static u32 *value_in_tuning(struct wp_tuning *tuning, int nr)
{
	return (void *)tuning + tunables[nr].in_tuning;
}

static bool is_cpus_bad(const struct workpool_ioc_tune *tune)
{
	u32 size = tune->cpus_size;

	if (tune->own_cpus > 1 ||
	    (tune->own_cpus && !(tune->mask & WORKPOOL_TUNE_CPUS)))
		return true;
	if (!size || !tune->cpus)
		return size || tune->own_cpus || tune->cpus;
	return size % sizeof(u64) || size > PAGE_SIZE ||
	       size * BITS_PER_BYTE < nr_cpu_ids;
}

static int check_tune(struct workpool_ioc_tune *tune)
{
	int i;

	if (tune->mask & ~WP_TUNE_ALL)
		return -EOPNOTSUPP;
	if (tune->reserved || tune->reserved2 || is_cpus_bad(tune))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(tunables); i++)
		if (*value_in_ioc(tune, i) && !(tune->mask & tunables[i].mask))
			return -EINVAL;
	if (tune->expiry_ms > INT_MAX)
		return -EINVAL;
	if ((tune->rt_priority || tune->nice < 0) && !capable(CAP_SYS_NICE))
		return -EPERM;
	return 0;
}

/**
 * struct tune_cpus - masks of a TUNE, all NULL if it is about no CPUs
 * @user: as the user has them
 * @new: those to set
 * @old: those that the pool had
 */
struct tune_cpus {
	u64			*user;
	cpumask_var_t		new;
	cpumask_var_t		old;
};

static void cpus_free(struct tune_cpus *cpus)
{
	kfree(cpus->user);
	free_cpumask_var(cpus->new);
	free_cpumask_var(cpus->old);
}

static int cpus_alloc(struct tune_cpus *cpus,
		      const struct workpool_ioc_tune *tune)
{
	cpus->user = kzalloc(tune->cpus_size, GFP_KERNEL);
	if (!cpus->user || !zalloc_cpumask_var(&cpus->new, GFP_KERNEL) ||
	    !zalloc_cpumask_var(&cpus->old, GFP_KERNEL))
		return -ENOMEM;
	return 0;
}

/*
 * Read the new CPUs, if there are any. The old ones are written to the same
 * place after the change, which cannot fail then: so a write is tried first.
 */
static int cpus_read(struct tune_cpus *cpus,
		     const struct workpool_ioc_tune *tune)
{
	void __user *user = u64_to_user_ptr(tune->cpus);

	if (tune->own_cpus && copy_from_user(cpus->user, user, tune->cpus_size))
		return -EFAULT;
	if (copy_to_user(user, cpus->user, tune->cpus_size))
		return -EFAULT;
	bitmap_from_arr64(cpumask_bits(cpus->new), cpus->user, nr_cpu_ids);
	return 0;
}

/* Write the CPUs that the pool had. */
static int cpus_write(struct tune_cpus *cpus,
		      const struct workpool_ioc_tune *tune)
{
	memset(cpus->user, 0, tune->cpus_size);
	bitmap_to_arr64(cpus->user, cpumask_bits(cpus->old), nr_cpu_ids);
	return copy_to_user(u64_to_user_ptr(tune->cpus), cpus->user,
			    tune->cpus_size) ? -EFAULT : 0;
}

static int tune_values(struct workpool *pool, struct workpool_ioc_tune *tune,
		       struct tune_cpus *cpus)
{
	struct wp_tuning old, new = {
		.mask = tune->mask,
		.by = WP_BY_ADMIN,
		.cpus_tuned = tune->own_cpus,
		.cpus = cpus ? cpus->new : NULL,
		.old_cpus = cpus ? cpus->old : NULL,
	};
	int i, err;

	for (i = 0; i < ARRAY_SIZE(tunables); i++)
		*value_in_tuning(&new, i) = *value_in_ioc(tune, i);
	err = wp_tune_apply(pool, &new, &old);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(tunables); i++)
		*value_in_ioc(tune, i) = *value_in_tuning(&old, i);
	tune->own_cpus = old.cpus_tuned;
	return 0;
}

static int tune_with_cpus(struct workpool *pool, struct workpool_ioc_tune *tune)
{
	struct tune_cpus cpus = { .user = NULL };
	int err;

	err = cpus_alloc(&cpus, tune);
	if (!err)
		err = cpus_read(&cpus, tune);
	if (!err)
		err = tune_values(pool, tune, &cpus);
	if (!err)
		err = cpus_write(&cpus, tune);
	cpus_free(&cpus);
	return err;
}

static int tune_pool(struct workpool *pool, struct workpool_ioc_tune *tune)
{
	if (tune->mask & pool->pinned)
		return -EPERM;
	return tune->cpus_size ? tune_with_cpus(pool, tune) :
				 tune_values(pool, tune, NULL);
}

static int ioc_tune(struct ioctl_request *req)
{
	struct workpool_ioc_tune *tune = &req->cmd.tune;
	struct workpool *pool;
	int err;

	err = check_tune(tune);
	if (err)
		return err;
	pool = find_pool_to_change(req, WORKPOOL_F_NOADMIN);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	err = tune_pool(pool, tune);
	name_pool(req, pool);
	wp_pool_put(pool);
	return err;
}

/* Round up, so that no wait is shorter than asked for. */
static long timeout_jiffies(u64 ns)
{
	u64 jiffies = ns == WORKPOOL_TIMEOUT_MAX ? MAX_SCHEDULE_TIMEOUT :
		      nsecs_to_jiffies64(ns) + 1;

	return min_t(u64, jiffies, MAX_SCHEDULE_TIMEOUT);
}

/* Task state of an ioctl that waits: it holds no lock. */
#define ADMIN_STATE	(TASK_KILLABLE | TASK_FREEZABLE)

static int release_pool(struct workpool *pool, u64 timeout_ns)
{
	if (timeout_ns)
		return wp_release_wait(pool, WP_BY_ADMIN, ADMIN_STATE,
				       timeout_jiffies(timeout_ns));
	wp_release_begin(pool, WP_CLOSED, WP_BY_ADMIN);
	return 0;
}

static int ioc_release(struct ioctl_request *req)
{
	struct workpool_ioc_release *release = &req->cmd.release;
	struct workpool *pool;
	struct workpool_stats stats;
	int err;

	pool = find_pool_to_change(req, WORKPOOL_F_NOADMIN |
					WORKPOOL_F_NORELEASE);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	err = release_pool(pool, release->timeout_ns);
	workpool_stats(pool, &stats);
	release->alive = stats.alive;
	release->busy = stats.busy;
	name_pool(req, pool);
	wp_pool_put(pool);
	req->respond = err == -ETIMEDOUT || err == -EINTR;
	return err;
}

static int ioc_reboot(struct ioctl_request *req)
{
	struct workpool *pool;
	struct workpool_stats stats;
	int err;

	pool = find_pool_to_change(req, WORKPOOL_F_NOADMIN);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	err = wp_reboot_wait(pool, WP_BY_ADMIN, ADMIN_STATE);
	workpool_stats(pool, &stats);
	req->cmd.reboot.generation = stats.generation;
	name_pool(req, pool);
	wp_pool_put(pool);
	return err;
}

static int ioc_pause(struct ioctl_request *req)
{
	struct workpool_ioc_pause *pause = &req->cmd.pause;
	struct workpool *pool;
	struct workpool_stats stats;
	int err;

	if (pause->pause > 1 || pause->reserved)
		return -EINVAL;
	pool = find_pool_to_change(req, WORKPOOL_F_NOADMIN |
				   (pause->pause ? WORKPOOL_F_NORELEASE : 0));
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	err = wp_pause_set(pool, WORKPOOL_PAUSED_BY_ADMIN, pause->pause);
	workpool_stats(pool, &stats);
	pause->paused = pause_flags(stats.paused);
	pause->busy = stats.busy;
	name_pool(req, pool);
	wp_pool_put(pool);
	return err;
}

static int check_events(const struct workpool_ioc_events *events)
{
	if (strnlen(events->name, sizeof(events->name)) == sizeof(events->name))
		return -EINVAL;
	return events->flags || events->reserved ||
	       events->types & ~WP_READER_TYPES ? -EINVAL : 0;
}

static int ioc_events(struct ioctl_request *req)
{
	struct workpool_ioc_events *events = &req->cmd.events;
	struct wp_choice choice = {
		.id = events->id,
		.types = events->types ?: WP_READER_TYPES,
	};
	int err;

	if (!(req->file->f_mode & FMODE_READ))
		return -EBADF;
	err = check_events(events);
	if (err)
		return err;
	if (!choice.id)
		strscpy(choice.name, events->name, sizeof(choice.name));
	err = wp_reader_choose(req->file->private_data, &choice);
	if (err)
		return err;
	events->id = choice.id;
	events->types = choice.types | BIT_ULL(WP_NOTICE_LOST);
	strscpy_pad(events->name, choice.name, sizeof(events->name));
	return 0;
}

static int ioc_measure(struct ioctl_request *req)
{
	struct workpool_ioc_measure *measure = &req->cmd.measure;
	struct workpool *pool;
	bool was_on;
	int err = 0;

	if (measure->on > 1)
		return -EINVAL;
	pool = find_pool(req);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	if (measure->on)
		err = wp_histogram_begin(pool, &was_on);
	else
		was_on = wp_histogram_end(pool);
	if (!err)
		measure->was_on = was_on;
	name_pool(req, pool);
	wp_pool_put(pool);
	return err;
}

static int check_latency(const struct workpool_ioc_latency *latency)
{
	return latency->kind >= WP_HISTOGRAM_NR || latency->reserved ||
	       latency->reserved2 ||
	       !latency->buckets != !latency->nr_buckets ? -EINVAL : 0;
}

static int read_latency(struct workpool *pool,
			struct workpool_ioc_latency *latency)
{
	struct wp_histogram *sum = kmalloc(sizeof(*sum), GFP_KERNEL);
	int err = 0;

	if (!sum)
		return -ENOMEM;
	latency->since_ns = wp_histogram_read(pool, latency->kind, sum);
	latency->count = wp_histogram_count(sum);
	latency->sum_ns = sum->sum_ns;
	latency->max_ns = sum->max_ns;
	latency->nr_buckets = min_t(u32, latency->nr_buckets,
				    WP_HISTOGRAM_BUCKETS);
	if (copy_to_user(u64_to_user_ptr(latency->buckets), sum->buckets,
			 latency->nr_buckets * sizeof(sum->buckets[0])))
		err = -EFAULT;
	kfree(sum);
	return err;
}

static int ioc_latency(struct ioctl_request *req)
{
	struct workpool *pool;
	int err;

	err = check_latency(&req->cmd.latency);
	if (err)
		return err;
	pool = find_pool(req);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	err = read_latency(pool, &req->cmd.latency);
	name_pool(req, pool);
	wp_pool_put(pool);
	return err;
}

/**
 * struct ioctl_entry - a command
 * @size: bytes of its structure
 * @min_size: bytes a caller must have at least: those of the first version
 * @admin: it changes something
 * @execute: does it
 */
struct ioctl_entry {
	size_t		size;
	size_t		min_size;
	bool		admin;
	int		(*execute)(struct ioctl_request *req);
};

#define IOC(_nr, _name, _struct, _admin, _last)				\
	[_nr] = {							\
		.size = sizeof(struct workpool_ioc_##_struct),		\
		.min_size = offsetofend(struct workpool_ioc_##_struct, _last), \
		.admin = _admin,					\
		.execute = ioc_##_name,					\
	}

static const struct ioctl_entry commands[] = {
	IOC(_IOC_NR(WORKPOOL_IOC_INFO), info, info, false, version),
	IOC(_IOC_NR(WORKPOOL_IOC_NEXT), next, next, false, name),
	IOC(_IOC_NR(WORKPOOL_IOC_STAT), stat, stat, false, leaks),
	IOC(_IOC_NR(WORKPOOL_IOC_TUNE), tune, tune, true, reserved),
	IOC(_IOC_NR(WORKPOOL_IOC_RELEASE), release, release, true, busy),
	IOC(_IOC_NR(WORKPOOL_IOC_REBOOT), reboot, reboot, true, generation),
	IOC(_IOC_NR(WORKPOOL_IOC_MULTI_STAT), multi_stat, stat, false,
	    reserved2),
	IOC(_IOC_NR(WORKPOOL_IOC_PAUSE), pause, pause, true, reserved),
	IOC(_IOC_NR(WORKPOOL_IOC_EVENTS), events, events, false, reserved),
	IOC(_IOC_NR(WORKPOOL_IOC_MEASURE), measure, measure, true, was_on),
	IOC(_IOC_NR(WORKPOOL_IOC_LATENCY), latency, latency, false, reserved2),
};

static const struct ioctl_entry *find_command(unsigned int cmd)
{
	unsigned int nr = _IOC_NR(cmd);

	if (cmd != _IO(WORKPOOL_IOC_TYPE, nr) || nr >= ARRAY_SIZE(commands))
		return NULL;
	return &commands[nr];
}

static int read_request(struct ioctl_request *req,
			const struct ioctl_entry *ioc)
{
	if (get_user(req->user_size, (u32 __user *)req->user))
		return -EFAULT;
	if (req->user_size < ioc->min_size)
		return -EINVAL;
	if (req->user_size > PAGE_SIZE)
		return -E2BIG;
	req->size = ioc->size;
	return copy_struct_from_user(&req->cmd, ioc->size, req->user,
				     req->user_size);
}

static int write_response(struct ioctl_request *req)
{
	req->cmd.ref.size = req->user_size;
	return copy_to_user(req->user, &req->cmd,
			    min_t(size_t, req->user_size, req->size)) ?
	       -EFAULT : 0;
}

static int execute_request(struct ioctl_request *req,
			   const struct ioctl_entry *ioc)
{
	int err, err2;

	err = ioc->execute(req);
	if (err && !req->respond)
		return err;
	err2 = write_response(req);
	return err ?: err2;
}

static long wp_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	const struct ioctl_entry *ioc = find_command(cmd);
	struct ioctl_request req = {
		.file = file,
		.user = (void __user *)arg,
	};
	int err;

	if (!ioc)
		return -ENOTTY;
	err = ioc->admin ? may_administer(&req) : 0;
	if (!err)
		err = read_request(&req, ioc);
	return err ?: execute_request(&req, ioc);
}

/* Notices are events under another name. */
#define SAME_NUMBER(_name)						\
	static_assert((int)WP_NOTICE_##_name == (int)WORKPOOL_EVENT_##_name)
SAME_NUMBER(LOST);
SAME_NUMBER(CREATED);
SAME_NUMBER(DESTROYED);
SAME_NUMBER(RELEASED);
SAME_NUMBER(CLOSED);
SAME_NUMBER(REBOOTED);
SAME_NUMBER(TUNED);
SAME_NUMBER(PAUSED);
SAME_NUMBER(RESUMED);
SAME_NUMBER(OVERLOADED);
SAME_NUMBER(RELIEVED);
SAME_NUMBER(CRASHED);
SAME_NUMBER(START_FAILED);
SAME_NUMBER(DROPPED);
static_assert((int)WP_NOTICE_NR == WP_NOTICE_DROPPED + 1);
static_assert((int)WP_BY_OWNER == (int)WORKPOOL_BY_OWNER);
static_assert((int)WP_BY_ADMIN == (int)WORKPOOL_BY_ADMIN);
static_assert((int)WORKPOOL_CRASH_TASK == (int)WORKPOOL_EVENT_CRASH_TASK);
static_assert((int)WORKPOOL_CRASH_OOPS == (int)WORKPOOL_EVENT_CRASH_OOPS);
static_assert((int)WORKPOOL_CRASH_EXIT == (int)WORKPOOL_EVENT_CRASH_EXIT);
static_assert(WP_FUNCTION_MAX == WORKPOOL_EVENT_FUNCTION_MAX);

static struct workpool_event_actor actor_of(const struct wp_notice *notice)
{
	const struct wp_actor *actor = &notice->actor;
	struct workpool_event_actor out = {
		.by = actor->by,
		.pid = actor->pid,
		.uid = actor->uid,
	};

	strscpy(out.comm, actor->comm, sizeof(out.comm));
	return out;
}

static struct workpool_event_values values_of(const struct wp_notice_values *s)
{
	return (struct workpool_event_values){
		WP_TUNABLES(FILL_NAMED)
		.own_cpus = s->own_cpus,
	};
}

static void fill_tuned(struct workpool_event_tuned *out,
		       const struct wp_notice *notice)
{
	out->actor = actor_of(notice);
	out->mask = notice->tuned.mask;
	out->before = values_of(&notice->tuned.before);
	out->after = values_of(&notice->tuned.after);
}

static void fill_crashed(struct workpool_event_crashed *out,
			 const struct wp_notice *notice)
{
	out->kind = notice->crashed.kind;
	out->reason = notice->crashed.reason;
	out->worker = notice->crashed.worker;
	out->pid = notice->actor.pid;
	strscpy(out->comm, notice->actor.comm, sizeof(out->comm));
	strscpy(out->function, notice->function, sizeof(out->function));
}

static void fill_created(struct workpool_event_created *out,
			 const struct wp_notice *notice)
{
	out->flags = notice->created.flags;
	out->capacity = notice->created.capacity;
	strscpy(out->owner, notice->created.owner, sizeof(out->owner));
}

/* Write @_member of an event, which is zero, and say how long that is. */
#define FILL_EVENT(_member, ...) ({					\
	event->u._member = (typeof(event->u._member)){ __VA_ARGS__ };	\
	sizeof(event->u._member); })

/* Fill in what comes behind the header. Returns its size. */
static size_t fill_rest(struct workpool_event *event,
			const struct wp_notice *notice)
{
	switch (notice->type) {
	case WP_NOTICE_LOST:
		return FILL_EVENT(lost, .count = notice->count);
	case WP_NOTICE_CREATED:
		fill_created(&event->u.created, notice);
		return sizeof(event->u.created);
	case WP_NOTICE_RELEASED:
		return FILL_EVENT(released, .actor = actor_of(notice),
				  .destroyed = notice->released.destroyed,
				  .alive = notice->released.alive);
	case WP_NOTICE_REBOOTED:
		return FILL_EVENT(rebooted, .actor = actor_of(notice),
				  .generation = notice->generation);
	case WP_NOTICE_TUNED:
		fill_tuned(&event->u.tuned, notice);
		return sizeof(event->u.tuned);
	case WP_NOTICE_PAUSED:
	case WP_NOTICE_RESUMED:
		return FILL_EVENT(paused, .actor = actor_of(notice),
				  .paused = pause_flags(notice->paused));
	case WP_NOTICE_OVERLOADED:
		return FILL_EVENT(overloaded,
				  .waiting = notice->overloaded.waiting,
				  .queued = notice->overloaded.queued,
				  .busy = notice->overloaded.busy,
				  .limit = notice->overloaded.limit);
	case WP_NOTICE_RELIEVED:
		return FILL_EVENT(relieved,
				  .duration_ns = notice->relieved.duration_ns,
				  .blocked = notice->relieved.blocked,
				  .rejected = notice->relieved.rejected);
	case WP_NOTICE_CRASHED:
		fill_crashed(&event->u.crashed, notice);
		return sizeof(event->u.crashed);
	case WP_NOTICE_START_FAILED:
		return FILL_EVENT(start_failed,
				  .cause = notice->start_failed.no_thread ?
					   WORKPOOL_EVENT_CAUSE_THREAD :
					   WORKPOOL_EVENT_CAUSE_INIT,
				  .error = notice->start_failed.error);
	case WP_NOTICE_DROPPED:
		event->u.dropped.count = notice->count;
		strscpy(event->u.dropped.function, notice->function,
			sizeof(event->u.dropped.function));
		return sizeof(event->u.dropped);
	case WP_NOTICE_DESTROYED:
	case WP_NOTICE_CLOSED:
	case WP_NOTICE_NR:
		break;
	}
	return 0;
}

static void fill_event(struct workpool_event *event,
		       const struct wp_notice *notice)
{
	memset(event, 0, sizeof(*event));
	event->type = notice->type;
	event->seq = notice->seq;
	event->time_ns = notice->time_ns;
	event->pool_id = notice->pool_id;
	strscpy(event->pool, notice->pool, sizeof(event->pool));
	event->size = offsetof(struct workpool_event, u) +
		      fill_rest(event, notice);
}

/* Copy @notice as an event. Returns bytes; 0: it does not fit; or -EFAULT. */
static ssize_t copy_event(const struct wp_notice *notice, struct iov_iter *to)
{
	struct workpool_event event;

	fill_event(&event, notice);
	if (iov_iter_count(to) < event.size)
		return 0;
	if (copy_to_iter(&event, event.size, to) != event.size)
		return -EFAULT;
	return event.size;
}

/*
 * Copy as many events as fit. Returns bytes; 0: there was none, and @state says
 * whether there will be one. Each is removed when it was copied.
 */
static ssize_t copy_events(struct wp_reader *reader, struct iov_iter *to,
			   enum wp_reader_state *state)
{
	struct wp_notice notice;
	ssize_t copied, done = 0;

	while ((*state = wp_reader_peek(reader, &notice)) == WP_READER_READY) {
		copied = copy_event(&notice, to);
		if (copied <= 0)
			return done ?: copied ?: -EINVAL;
		wp_reader_skip(reader);
		done += copied;
	}
	return done;
}

static ssize_t read_events(struct wp_reader *reader, struct iov_iter *to,
			   enum wp_reader_state *state)
{
	ssize_t done;

	if (mutex_lock_interruptible(&reader->reading))
		return -ERESTARTSYS;
	done = copy_events(reader, to, state);
	mutex_unlock(&reader->reading);
	return done;
}

static bool may_wait(const struct kiocb *iocb)
{
	return !(iocb->ki_filp->f_flags & O_NONBLOCK) &&
	       !(iocb->ki_flags & IOCB_NOWAIT);
}

static ssize_t wp_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct wp_reader *reader = iocb->ki_filp->private_data;
	enum wp_reader_state state;
	ssize_t done;
	int err;

	/* No event is that short. */
	if (iov_iter_count(to) < offsetof(struct workpool_event, u))
		return -EINVAL;
	err = wp_reader_start(reader);
	if (err)
		return err;
	for (;;) {
		done = read_events(reader, to, &state);
		if (done || state == WP_READER_ENDED)
			return done;
		if (!may_wait(iocb))
			return -EAGAIN;
		if (wait_event_interruptible(reader->news,
					     wp_reader_state(reader) !=
					     WP_READER_EMPTY))
			return -ERESTARTSYS;
	}
}

static __poll_t wp_poll(struct file *file, poll_table *wait)
{
	struct wp_reader *reader = file->private_data;

	if (!(file->f_mode & FMODE_READ) || wp_reader_start(reader))
		return EPOLLERR;
	poll_wait(file, &reader->news, wait);
	switch (wp_reader_state(reader)) {
	case WP_READER_READY:
		return EPOLLIN | EPOLLRDNORM;
	case WP_READER_ENDED:
		return EPOLLHUP;
	default:
		return 0;
	}
}

static int wp_open(struct inode *inode, struct file *file)
{
	file->private_data = wp_reader_create();
	return file->private_data ? nonseekable_open(inode, file) : -ENOMEM;
}

static int wp_close(struct inode *inode, struct file *file)
{
	wp_reader_destroy(file->private_data);
	return 0;
}

static const struct file_operations wp_fops = {
	.owner		= THIS_MODULE,
	.open		= wp_open,
	.release	= wp_close,
	.read_iter	= wp_read_iter,
	.poll		= wp_poll,
	.unlocked_ioctl	= wp_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

static struct miscdevice workpool_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "workpool",
	.fops	= &wp_fops,
	.mode	= 0600,
};

int wp_chardev_init(void)
{
	return misc_register(&workpool_device);
}

void wp_chardev_exit(void)
{
	misc_deregister(&workpool_device);
}
