// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/workpool: what each ioctl refuses, and what it answers.
 */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/uaccess.h>
#include <uapi/linux/workpool.h>

#include "core/cache.h"
#include "core/module.h"
#include "core/pool.h"
#include "multi/multi.h"
#include "helpers.h"

/**
 * struct dev - the open device, and memory of a user
 * @w: the fixture
 * @file: the device
 * @user: two pages
 */
struct dev {
	struct wpt	*w;
	struct file	*file;
	void __user	*user;
};

static void close_device(struct wpt *w)
{
	fput(w->private);
	/* it holds the module */
	flush_delayed_fput();
}

static struct file *open_device(struct wpt *w, int flags)
{
	struct file *file = filp_open("/dev/workpool", flags, 0);

	KUNIT_ASSERT_FALSE_MSG(w->test, IS_ERR(file), "open: %pe", file);
	w->private = file;
	w->cleanup = close_device;
	return file;
}

static struct dev open_with(struct kunit *test, int flags)
{
	return (struct dev){
		.w = test->priv,
		.file = open_device(test->priv, flags),
		.user = wpt_user_memory(test->priv, 2 * PAGE_SIZE),
	};
}

/* Calls the ioctl as it is: @arg is the user's pointer. */
static int call_at(struct dev *dev, unsigned int cmd, void __user *arg)
{
	return dev->file->f_op->unlocked_ioctl(dev->file, cmd,
					       (unsigned long)arg);
}

/* Calls the ioctl with a user's copy of @data, which gets the answer. */
static int call(struct dev *dev, unsigned int cmd, void *data, size_t size)
{
	struct kunit *test = dev->w->test;
	int err;

	KUNIT_ASSERT_EQ(test, 0, copy_to_user(dev->user, data, size));
	err = call_at(dev, cmd, dev->user);
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(data, dev->user, size));
	return err;
}

static int ioc_info(struct dev *dev, struct workpool_ioc_info *info)
{
	return call(dev, WORKPOOL_IOC_INFO, info, sizeof(*info));
}

static int ioc_next(struct dev *dev, struct workpool_ioc_next *next)
{
	return call(dev, WORKPOOL_IOC_NEXT, next, sizeof(*next));
}

static int ioc_stat(struct dev *dev, struct workpool_ioc_stat *stat)
{
	return call(dev, WORKPOOL_IOC_STAT, stat, sizeof(*stat));
}

static int ioc_multi_stat(struct dev *dev, struct workpool_ioc_stat *stat)
{
	return call(dev, WORKPOOL_IOC_MULTI_STAT, stat, sizeof(*stat));
}

static int ioc_tune(struct dev *dev, struct workpool_ioc_tune *tune)
{
	return call(dev, WORKPOOL_IOC_TUNE, tune, sizeof(*tune));
}

static int ioc_release(struct dev *dev, struct workpool_ioc_release *release)
{
	return call(dev, WORKPOOL_IOC_RELEASE, release, sizeof(*release));
}

static int ioc_reboot(struct dev *dev, struct workpool_ioc_reboot *reboot)
{
	return call(dev, WORKPOOL_IOC_REBOOT, reboot, sizeof(*reboot));
}

/**
 * struct command - a command and the size of its structure
 * @desc: name of the case
 * @cmd: the command
 * @size: of the structure
 * @tail: what came after its first version
 * @admin: it needs a right
 * @looks: the owner need not allow it
 * @multi: it is about a multi
 */
struct command {
	const char	*desc;
	unsigned int	cmd;
	size_t		size;
	size_t		tail;
	bool		admin;
	bool		looks;
	bool		multi;
};

static const struct command commands[] = {
	{ "INFO", WORKPOOL_IOC_INFO, sizeof(struct workpool_ioc_info) },
	{ "NEXT", WORKPOOL_IOC_NEXT, sizeof(struct workpool_ioc_next) },
	{ "EVENTS", WORKPOOL_IOC_EVENTS, sizeof(struct workpool_ioc_events) },
	{ "STAT", WORKPOOL_IOC_STAT, sizeof(struct workpool_ioc_stat),
	  .tail = sizeof(struct workpool_ioc_stat) -
		  offsetof(struct workpool_ioc_stat, delayed) },
	{ "TUNE", WORKPOOL_IOC_TUNE, sizeof(struct workpool_ioc_tune),
	  .tail = sizeof(struct workpool_ioc_tune) -
		  offsetof(struct workpool_ioc_tune, nice),
	  .admin = true },
	{ "RELEASE", WORKPOOL_IOC_RELEASE, sizeof(struct workpool_ioc_release),
	  .admin = true },
	{ "REBOOT", WORKPOOL_IOC_REBOOT, sizeof(struct workpool_ioc_reboot),
	  .admin = true },
	{ "MULTI_STAT", WORKPOOL_IOC_MULTI_STAT,
	  sizeof(struct workpool_ioc_stat), .multi = true },
	{ "PAUSE", WORKPOOL_IOC_PAUSE, sizeof(struct workpool_ioc_pause),
	  .admin = true },
	{ "MEASURE", WORKPOOL_IOC_MEASURE, sizeof(struct workpool_ioc_measure),
	  .admin = true, .looks = true },
	{ "LATENCY", WORKPOOL_IOC_LATENCY, sizeof(struct workpool_ioc_latency) },
};

WPT_PARAM(command);

/* Each command as it works, on kunit0 or multi0: user memory, size first. */
static u32 *fill_command(struct kunit *test, const struct command *command)
{
	u32 *data = kunit_kzalloc(test, 2 * PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, data);
	data[0] = command->size;
	if (command->cmd != WORKPOOL_IOC_INFO && command->cmd != WORKPOOL_IOC_NEXT)
		strscpy((char *)&data[2], command->multi ? "multi0" : "kunit0",
			WORKPOOL_IOC_NAME_MAX);
	return data;
}

/* What the commands are about. */
static struct workpool *create_both(struct wpt *w)
{
	wpt_multi_simple(w, 2, 1);
	return wpt_create_simple(w, 1);
}

/* A structure that is too short is -EINVAL. */
static void short_structure(struct kunit *test)
{
	const struct command *command = test->param_value;
	struct dev dev = open_with(test, O_RDWR);
	u32 *data = fill_command(test, command);

	create_both(dev.w);
	data[0] = 0;
	KUNIT_EXPECT_EQ(test, call(&dev, command->cmd, data, PAGE_SIZE), -EINVAL);
	data[0] = command->size - command->tail - 1;
	KUNIT_EXPECT_EQ(test, call(&dev, command->cmd, data, PAGE_SIZE), -EINVAL);
}

/* A longer one is accepted when the tail is zero, up to a page; else -E2BIG. */
static void long_structure(struct kunit *test)
{
	const struct command *command = test->param_value;
	struct dev dev = open_with(test, O_RDWR);
	u32 *data = fill_command(test, command);
	struct workpool *pool = create_both(dev.w);

	if (command->cmd == WORKPOOL_IOC_REBOOT)
		KUNIT_ASSERT_EQ(test, 0, workpool_release_timeout(pool,
								  WPT_DEADLINE));
	data[0] = PAGE_SIZE + 1;
	KUNIT_EXPECT_EQ(test, -E2BIG, call(&dev, command->cmd, data, 2 * PAGE_SIZE));
	data[0] = command->size + 8;
	((char *)data)[command->size + 7] = 1;
	KUNIT_EXPECT_EQ(test, -E2BIG, call(&dev, command->cmd, data, PAGE_SIZE));
	((char *)data)[command->size + 7] = 0;
	KUNIT_EXPECT_EQ(test, 0, call(&dev, command->cmd, data, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, data[0], command->size + 8);
}

/* A structure of exactly a page is the longest. */
static void page_long_structure(struct kunit *test)
{
	struct dev dev = open_with(test, O_RDONLY);
	u32 *data = fill_command(test, &commands[0]);

	data[0] = PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, 0, call(&dev, WORKPOOL_IOC_INFO, data, PAGE_SIZE));
}

/* Memory that is not there is -EFAULT, at its start and in the middle. */
static void bad_pointer(struct kunit *test)
{
	const struct command *command = test->param_value;
	struct dev dev = open_with(test, O_RDWR);
	void __user *end = dev.user + 2 * PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, call_at(&dev, command->cmd, NULL), -EFAULT);
	KUNIT_EXPECT_EQ(test, call_at(&dev, command->cmd, end), -EFAULT);
	KUNIT_ASSERT_EQ(test, 0, put_user((u32)command->size, (u32 __user *)(end - 8)));
	KUNIT_EXPECT_EQ(test, call_at(&dev, command->cmd, end - 8), -EFAULT);
}

/* Without a descriptor to write through, nothing can be changed. */
static void reader_changes_nothing(struct kunit *test)
{
	const struct command *command = test->param_value;
	struct dev dev = open_with(test, O_RDONLY);
	u32 *data = fill_command(test, command);

	create_both(dev.w);
	KUNIT_EXPECT_EQ(test, call(&dev, command->cmd, data, PAGE_SIZE),
			command->admin ? -EPERM : 0);
}

/* Without CAP_SYS_ADMIN, nothing can be changed. */
static void unprivileged_changes_nothing(struct kunit *test)
{
	const struct command *command = test->param_value;
	struct dev dev = open_with(test, O_RDWR);
	u32 *data = fill_command(test, command);
	struct cred *cred = prepare_creds();

	KUNIT_ASSERT_NOT_NULL(test, cred);
	create_both(dev.w);
	cap_lower(cred->cap_effective, CAP_SYS_ADMIN);
	commit_creds(cred);
	KUNIT_EXPECT_EQ(test, call(&dev, command->cmd, data, PAGE_SIZE),
			command->admin ? -EPERM : 0);
}

/* STAT tells whether a pool is measured, and LATENCY knows four kinds. */
static void measured_pool_is_told(struct kunit *test)
{
	struct workpool_ioc_measure measure = {
		.size = sizeof(measure), .name = "kunit0", .on = 1,
	};
	struct workpool_ioc_latency latency = {
		.size = sizeof(latency), .name = "kunit0",
	};
	struct workpool_ioc_stat stat = { .size = sizeof(stat), .id = 0 };
	struct dev dev = open_with(test, O_RDWR);

	create_both(dev.w);
	strscpy(stat.name, "kunit0", sizeof(stat.name));
	KUNIT_EXPECT_EQ(test, 0, call(&dev, WORKPOOL_IOC_MEASURE, &measure, sizeof(measure)));
	KUNIT_EXPECT_EQ(test, measure.was_on, 0);
	KUNIT_EXPECT_EQ(test, ioc_stat(&dev, &stat), 0);
	KUNIT_EXPECT_EQ(test, stat.flags, WORKPOOL_POOL_MEASURED);
	for (latency.kind = 0; latency.kind < 4; latency.kind++) {
		KUNIT_EXPECT_EQ(test, 0, call(&dev, WORKPOOL_IOC_LATENCY, &latency,
					      sizeof(latency)));
		KUNIT_EXPECT_GT(test, latency.since_ns, 0);
	}
	KUNIT_EXPECT_EQ(test, -EINVAL, call(&dev, WORKPOOL_IOC_LATENCY, &latency,
					    sizeof(latency)));
}

/* In a pool with WORKPOOL_F_NOADMIN, nothing can be changed. */
static void owner_may_forbid_it(struct kunit *test)
{
	const struct command *command = test->param_value;
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct dev dev = open_with(test, O_RDWR);
	u32 *data = fill_command(test, command);
	struct workpool *pool;

	attrs.flags = WORKPOOL_F_NOADMIN;
	pool = wpt_create(dev.w, &attrs);
	wpt_multi(dev.w, 2, WORKPOOL_ROUND_ROBIN, &attrs);
	KUNIT_EXPECT_EQ(test, call(&dev, command->cmd, data, PAGE_SIZE),
			command->admin && !command->looks ? -EPERM : 0);
	KUNIT_EXPECT_FALSE(test, workpool_is_closed(pool));
	KUNIT_EXPECT_EQ(test, kref_read(&pool->ref), 1);
}

/* A pool with WORKPOOL_F_NORELEASE can be tuned, but not released. */
static void owner_may_forbid_release(struct kunit *test)
{
	const struct command *command = test->param_value;
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct dev dev = open_with(test, O_RDWR);
	u32 *data = fill_command(test, command);
	bool refused = command->cmd == WORKPOOL_IOC_RELEASE;
	struct workpool *pool;
	int err;

	attrs.flags = WORKPOOL_F_NORELEASE;
	pool = wpt_create(dev.w, &attrs);
	wpt_multi(dev.w, 2, WORKPOOL_ROUND_ROBIN, &attrs);
	err = call(&dev, command->cmd, data, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, err == -EPERM, refused);
	KUNIT_EXPECT_FALSE(test, workpool_is_closed(pool));
	KUNIT_EXPECT_EQ(test, kref_read(&pool->ref), 1);
}

/**
 * struct reference - a way to name a pool
 * @desc: name of the case
 * @id: number
 * @name: name, may lack its final NUL
 * @err: what the kernel says
 */
struct reference {
	const char	*desc;
	u32		id;
	char		name[WORKPOOL_IOC_NAME_MAX + 1];
	int		err;
};

static const struct reference references[] = {
	{ "by name", 0, "kunit0", 0 },
	{ "neither", 0, "", -EINVAL },
	{ "no such name", 0, "kunit9", -ENOENT },
	{ "no such number", 0x7fffffff, "kunit0", -ENOENT },
	{ "number out of range", 0xffffffff, "", -ENOENT },
	{ "name without an end", 0, "0123456789abcdef0123456789abcdef", -EINVAL },
	{ "the same next to a number", 1, "0123456789abcdef0123456789abcdef",
	  -EINVAL },
};

WPT_PARAM(reference);

/* All commands about a pool or a multi find it, or not, in the same way. */
static void pool_is_named(struct kunit *test)
{
	const struct reference *reference = test->param_value;
	struct dev dev = open_with(test, O_RDWR);
	int i, err;

	create_both(dev.w);
	/* the first three need not be about one */
	for (i = 3; i < ARRAY_SIZE(commands); i++) {
		u32 *data = fill_command(test, &commands[i]);

		data[1] = reference->id;
		if (reference->err)
			memcpy(&data[2], reference->name, WORKPOOL_IOC_NAME_MAX);
		err = call(&dev, commands[i].cmd, data, PAGE_SIZE);
		if (reference->err || err != -EALREADY)
			KUNIT_EXPECT_EQ(test, err, reference->err);
	}
}

/* A number comes before a name. The answer has both. */
static void number_comes_first(struct kunit *test)
{
	struct dev dev = open_with(test, O_RDONLY);
	struct workpool_ioc_stat stat = { .size = sizeof(stat) };
	struct workpool *pool = wpt_create_simple(dev.w, 1);

	stat.id = pool->id;
	strscpy(stat.name, "system", sizeof(stat.name));
	KUNIT_EXPECT_EQ(test, ioc_stat(&dev, &stat), 0);
	KUNIT_EXPECT_EQ(test, stat.id, pool->id);
	KUNIT_EXPECT_STREQ(test, stat.name, "kunit0");
}

/* Unknown numbers, types and directions are -ENOTTY. */
static void unknown_command(struct kunit *test)
{
	struct dev dev = open_with(test, O_RDWR);

	KUNIT_EXPECT_EQ(test, -ENOTTY, call_at(&dev, _IO(WORKPOOL_IOC_TYPE, 16), NULL));
	KUNIT_EXPECT_EQ(test, -ENOTTY, call_at(&dev, _IO(WORKPOOL_IOC_TYPE, 255), NULL));
	KUNIT_EXPECT_EQ(test, -ENOTTY, call_at(&dev, _IO('W', 0), NULL));
	KUNIT_EXPECT_EQ(test, -ENOTTY,
			call_at(&dev, _IOR(WORKPOOL_IOC_TYPE, 0, int), NULL));
	KUNIT_EXPECT_EQ(test, -ENOTTY, call_at(&dev, 0, NULL));
}

/* INFO tells about the module. */
static void info_is_answered(struct kunit *test)
{
	struct workpool_ioc_info info;
	struct dev dev = open_with(test, O_RDONLY);

	memset(&info, 0xff, sizeof(info));
	info.size = sizeof(info);
	KUNIT_EXPECT_EQ(test, ioc_info(&dev, &info), 0);
	KUNIT_EXPECT_EQ(test, info.size, sizeof(info));
	KUNIT_EXPECT_EQ(test, info.nr_pools, 1);
	KUNIT_EXPECT_EQ(test, info.max_workers, wp_max_workers);
	KUNIT_EXPECT_EQ(test, info.mailbox_depth, !wp_yield_after_handoff);
	KUNIT_EXPECT_EQ(test, info.cache_size, wp_cache_limit);
	KUNIT_EXPECT_EQ(test, info.features, 0);
	KUNIT_EXPECT_STREQ(test, info.version, WP_VERSION);
}

/* NEXT meets each pool once, and says -ENOENT at the end. */
static void next_walks(struct kunit *test)
{
	struct workpool_ioc_next next = { .size = sizeof(next) };
	struct dev dev = open_with(test, O_RDONLY);

	wpt_create_simple(dev.w, 1);
	KUNIT_EXPECT_EQ(test, ioc_next(&dev, &next), 0);
	KUNIT_EXPECT_STREQ(test, next.name, "system");
	KUNIT_EXPECT_EQ(test, ioc_next(&dev, &next), 0);
	KUNIT_EXPECT_STREQ(test, next.name, "kunit0");
	KUNIT_EXPECT_EQ(test, ioc_next(&dev, &next), -ENOENT);
	KUNIT_EXPECT_STREQ(test, next.name, "kunit0");
}

/* STAT is the snapshot, and what does not change. */
static void stat_is_answered(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	struct workpool_ioc_stat stat = { .size = sizeof(stat) };
	struct dev dev = open_with(test, O_RDONLY);
	struct workpool *pool;

	attrs.min_workers = 2;
	attrs.flags = WORKPOOL_F_NOPURGE;
	attrs.nice = 7;
	attrs.expiry_ms = 1234;
	attrs.max_blocking = 9;
	pool = wpt_create(dev.w, &attrs);
	wpt_block(dev.w, pool, &dev.w->gates[0]);
	stat.id = pool->id;
	KUNIT_EXPECT_EQ(test, ioc_stat(&dev, &stat), 0);
	KUNIT_EXPECT_STREQ(test, stat.name, "kunit0");
	KUNIT_EXPECT_STREQ(test, stat.owner, module_name(THIS_MODULE));
	KUNIT_EXPECT_EQ(test, stat.flags, WORKPOOL_POOL_NOPURGE);
	KUNIT_EXPECT_EQ(test, stat.capacity, 3);
	KUNIT_EXPECT_EQ(test, stat.available, 1);
	KUNIT_EXPECT_EQ(test, stat.running, 2);
	KUNIT_EXPECT_EQ(test, stat.busy, 1);
	KUNIT_EXPECT_EQ(test, stat.idle, 1);
	KUNIT_EXPECT_EQ(test, stat.searching, 0);
	KUNIT_EXPECT_EQ(test, stat.alive, 2);
	KUNIT_EXPECT_EQ(test, stat.nice, 7);
	KUNIT_EXPECT_EQ(test, stat.expiry_ms, 1234);
	KUNIT_EXPECT_EQ(test, stat.max_blocking, 9);
	KUNIT_EXPECT_EQ(test, stat.min_workers, 2);
	KUNIT_EXPECT_EQ(test, stat.submitted, 1);
}

/* STAT says what multi a pool is a part of, and what came there for another's sake. */
static void stat_of_a_multis_pools(struct kunit *test)
{
	struct workpool_ioc_stat stat = { .size = sizeof(stat) };
	struct dev dev = open_with(test, O_RDONLY);
	struct workpool_multi *multi = wpt_multi_simple(dev.w, 2, 1);
	int i;

	wpt_fill(dev.w, multi->pools[0], &dev.w->gates[0]);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, wpt_multi_pick(dev.w, multi), 1);
	multi->pools[1]->counters[WP_COUNT_STOLEN] = 7;
	stat.id = multi->pools[1]->id;
	KUNIT_EXPECT_EQ(test, ioc_stat(&dev, &stat), 0);
	KUNIT_EXPECT_STREQ(test, stat.name, "multi0.1");
	KUNIT_EXPECT_STREQ(test, stat.multi, "multi0");
	KUNIT_EXPECT_EQ(test, stat.multi_id, multi->id);
	KUNIT_EXPECT_NE(test, stat.multi_id, 0);
	KUNIT_EXPECT_EQ(test, stat.multi_index, 1);
	KUNIT_EXPECT_EQ(test, stat.fallbacks, 1);
	KUNIT_EXPECT_EQ(test, stat.stolen, 7);

	stat.id = wpt_create_simple(dev.w, 1)->id;
	KUNIT_EXPECT_EQ(test, ioc_stat(&dev, &stat), 0);
	KUNIT_EXPECT_STREQ(test, stat.multi, "");
	KUNIT_EXPECT_EQ(test, stat.multi_id, 0);
	KUNIT_EXPECT_EQ(test, stat.multi_index, 0);
}

/* MULTI_STAT adds up, until the multi is gone. */
static void multi_stat_is_answered(struct kunit *test)
{
	struct workpool_ioc_stat stat = { .size = sizeof(stat) };
	struct dev dev = open_with(test, O_RDONLY);
	struct workpool_multi *multi = wpt_multi_simple(dev.w, 2, 2);

	wpt_fill(dev.w, multi->pools[0], &dev.w->gates[0]);
	wpt_block(dev.w, multi->pools[1], &dev.w->gates[0]);
	/* above its capacity one pool does not take from what the other has */
	KUNIT_ASSERT_EQ(test, workpool_tune(multi->pools[0], 1), 0);
	stat.id = multi->id;
	KUNIT_EXPECT_EQ(test, ioc_multi_stat(&dev, &stat), 0);
	KUNIT_EXPECT_STREQ(test, stat.name, "multi0");
	KUNIT_EXPECT_STREQ(test, stat.multi, "multi0");
	KUNIT_EXPECT_EQ(test, stat.id, multi->id);
	KUNIT_EXPECT_EQ(test, stat.multi_id, multi->id);
	KUNIT_EXPECT_EQ(test, stat.nr_pools, 2);
	KUNIT_EXPECT_EQ(test, stat.strategy, WORKPOOL_STRATEGY_ROUND_ROBIN);
	KUNIT_EXPECT_EQ(test, stat.capacity, 3);
	KUNIT_EXPECT_EQ(test, stat.available, 1);
	KUNIT_EXPECT_EQ(test, stat.busy, 3);
	KUNIT_EXPECT_EQ(test, stat.submitted, 3);
	KUNIT_EXPECT_EQ(test, kref_read(&multi->ref), 3);

	wpt_open(&dev.w->gates[0]);
	wpt_multi_forget(dev.w, multi);
	workpool_multi_destroy(multi);
	KUNIT_EXPECT_EQ(test, ioc_multi_stat(&dev, &stat), -ENOENT);
	stat.id = 0;
	KUNIT_EXPECT_EQ(test, ioc_multi_stat(&dev, &stat), -ENOENT);
}

/* The flags say that a pool is closed; an unlimited one has -1 available. */
static void stat_of_special_pools(struct kunit *test)
{
	struct workpool_ioc_stat stat = { .size = sizeof(stat) };
	struct dev dev = open_with(test, O_RDONLY);
	struct workpool *pool = wpt_create_simple(dev.w, WORKPOOL_UNLIMITED);

	stat.id = pool->id;
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, ioc_stat(&dev, &stat), 0);
	KUNIT_EXPECT_EQ(test, stat.flags, WORKPOOL_POOL_CLOSED);
	KUNIT_EXPECT_EQ(test, stat.capacity, WORKPOOL_IOC_UNLIMITED);
	KUNIT_EXPECT_EQ(test, stat.available, -1);
}

/**
 * struct tuning - a TUNE and what the kernel says
 * @desc: name of the case
 * @tune: the structure, without what names the pool; its capacity is 4
 * @err: the answer
 */
struct tuning {
	const char			*desc;
	struct workpool_ioc_tune	tune;
	int				err;
};

#define CAPACITY	WORKPOOL_TUNE_CAPACITY
#define EXPIRY		WORKPOOL_TUNE_EXPIRY

static const struct tuning tunings[] = {
	{ "nothing", { .mask = 0 }, 0 },
	{ "capacity", { .mask = CAPACITY, .capacity = 9 }, 0 },
	{ "capacity 0", { .mask = CAPACITY }, -EINVAL },
	{ "capacity -1", { .mask = CAPACITY, .capacity = -1 }, -EINVAL },
	{ "default expiry", { .mask = EXPIRY }, 0 },
	{ "longest expiry", { .mask = EXPIRY, .expiry_ms = INT_MAX }, 0 },
	{ "too long", { .mask = EXPIRY, .expiry_ms = 1U << 31 }, -EINVAL },
	{ "unknown bit", { .mask = 1 << 8 }, -EOPNOTSUPP },
	{ "all unknown bits", { .mask = ~0xff }, -EOPNOTSUPP },
	{ "nice", { .mask = WORKPOOL_TUNE_NICE, .nice = 19 }, 0 },
	{ "nice 20", { .mask = WORKPOOL_TUNE_NICE, .nice = 20 }, -EINVAL },
	{ "nice -21", { .mask = WORKPOOL_TUNE_NICE, .nice = -21 }, -EINVAL },
	{ "rt_priority 99", { .mask = WORKPOOL_TUNE_RT_PRIORITY,
			      .rt_priority = 99 }, 0 },
	{ "rt_priority 100", { .mask = WORKPOOL_TUNE_RT_PRIORITY,
			       .rt_priority = 100 }, -EINVAL },
	{ "queue_depth too many", { .mask = WORKPOOL_TUNE_QUEUE_DEPTH,
				    .queue_depth = WORKPOOL_DEPTH_MAX + 1 },
	  -EINVAL },
	{ "queue_depth negative", { .mask = WORKPOOL_TUNE_QUEUE_DEPTH,
				    .queue_depth = -1 }, -EINVAL },
	{ "CPUs of the creation", { .mask = WORKPOOL_TUNE_CPUS }, 0 },
	{ "CPUs without any", { .mask = WORKPOOL_TUNE_CPUS, .own_cpus = 1 },
	  -EINVAL },
	{ "own_cpus 2", { .mask = WORKPOOL_TUNE_CPUS, .own_cpus = 2 }, -EINVAL },
	{ "CPUs not in mask", { .own_cpus = 1, .cpus_size = 8 }, -EINVAL },
	{ "CPUs nowhere", { .cpus = 4096 }, -EINVAL },
	{ "CPUs of odd size", { .cpus = 4096, .cpus_size = 12 }, -EINVAL },
	{ "CPUs without end", { .cpus = 4096, .cpus_size = -8 }, -EINVAL },
	{ "reserved2", { .reserved2 = 1 }, -EINVAL },
	{ "reserved", { .reserved = 1 }, -EINVAL },
	{ "capacity not in mask", { .capacity = 1 }, -EINVAL },
	{ "expiry not in mask", { .expiry_ms = 1 }, -EINVAL },
	{ "max_blocking not in mask", { .max_blocking = 1 }, -EINVAL },
	{ "min_workers not in mask", { .min_workers = 1 }, -EINVAL },
	{ "nice not in mask", { .nice = 1 }, -EINVAL },
	{ "rt_priority not in mask", { .rt_priority = 1 }, -EINVAL },
	{ "queue_depth not in mask", { .queue_depth = 1 }, -EINVAL },
	{ "min_workers too many", { .mask = WORKPOOL_TUNE_MIN_WORKERS,
				    .min_workers = 5 }, -EINVAL },
};

WPT_PARAM(tuning);

/* TUNE checks each value, and answers with those before. */
static void tune_is_checked(struct kunit *test)
{
	const struct tuning *tuning = test->param_value;
	struct workpool_ioc_tune tune = tuning->tune;
	struct dev dev = open_with(test, O_RDWR);
	struct workpool *pool = wpt_create_simple(dev.w, 4);

	tune.size = sizeof(tune);
	tune.id = pool->id;
	KUNIT_EXPECT_EQ(test, ioc_tune(&dev, &tune), tuning->err);
	KUNIT_EXPECT_EQ(test, kref_read(&pool->ref), 1);
	if (tuning->err) {
		KUNIT_EXPECT_EQ(test, workpool_capacity(pool), 4);
		return;
	}
	KUNIT_EXPECT_EQ(test, tune.capacity, 4);
	KUNIT_EXPECT_EQ(test, tune.expiry_ms, 1000);
	KUNIT_EXPECT_EQ(test, tune.max_blocking, 0);
	KUNIT_EXPECT_EQ(test, tune.min_workers, 0);
	KUNIT_EXPECT_STREQ(test, tune.name, "kunit0");
}

/* TUNE sets all four at once. */
static void tune_sets_all(struct kunit *test)
{
	struct workpool_ioc_tune tune = {
		.size = sizeof(tune),
		.mask = 0xf,
		.capacity = 8,
		.expiry_ms = 70,
		.max_blocking = 3,
		.min_workers = 1,
	};
	struct dev dev = open_with(test, O_RDWR);
	struct workpool *pool = wpt_create_simple(dev.w, 4);
	struct workpool_stats s;

	tune.id = pool->id;
	KUNIT_EXPECT_EQ(test, ioc_tune(&dev, &tune), 0);
	s = wpt_stats(pool);
	KUNIT_EXPECT_EQ(test, s.capacity, 8);
	KUNIT_EXPECT_EQ(test, s.expiry_ms, 70);
	KUNIT_EXPECT_EQ(test, s.max_blocking, 3);
	KUNIT_EXPECT_EQ(test, s.min_workers, 1);
}

/* RELEASE without a time closes and does not wait. Twice is no error. */
static void release_closes(struct kunit *test)
{
	struct workpool_ioc_release release = { .size = sizeof(release) };
	struct dev dev = open_with(test, O_RDWR);
	struct workpool *pool = wpt_create_simple(dev.w, 1);

	wpt_fill(dev.w, pool, &dev.w->gates[0]);
	release.id = pool->id;
	KUNIT_EXPECT_EQ(test, ioc_release(&dev, &release), 0);
	KUNIT_EXPECT_TRUE(test, workpool_is_closed(pool));
	KUNIT_EXPECT_EQ(test, release.alive, 1);
	KUNIT_EXPECT_EQ(test, release.busy, 1);
	KUNIT_EXPECT_EQ(test, ioc_release(&dev, &release), 0);
}

/* A RELEASE that times out says what still runs. */
static void release_times_out(struct kunit *test)
{
	struct workpool_ioc_release release = {
		.size = sizeof(release),
		.timeout_ns = 1,
	};
	struct dev dev = open_with(test, O_RDWR);
	struct workpool *pool = wpt_create_simple(dev.w, 2);

	wpt_fill(dev.w, pool, &dev.w->gates[0]);
	release.id = pool->id;
	KUNIT_EXPECT_EQ(test, ioc_release(&dev, &release), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, release.alive, 2);
	KUNIT_EXPECT_EQ(test, release.busy, 2);
}

/*
 * RELEASE with a time waits until the pool is empty. After that it is refused.
 */
static void release_waits(struct kunit *test)
{
	struct workpool_ioc_release release = {
		.size = sizeof(release),
		.timeout_ns = WORKPOOL_TIMEOUT_MAX,
	};
	struct dev dev = open_with(test, O_RDWR);
	struct workpool *pool = wpt_create_warm(dev.w, 2);

	release.id = pool->id;
	KUNIT_EXPECT_EQ(test, ioc_release(&dev, &release), 0);
	KUNIT_EXPECT_EQ(test, release.alive, 0);
	KUNIT_EXPECT_EQ(test, release.busy, 0);
	KUNIT_EXPECT_EQ(test, ioc_release(&dev, &release), -ESHUTDOWN);
	release.timeout_ns = WORKPOOL_TIMEOUT_MAX - 1;
	KUNIT_EXPECT_EQ(test, ioc_release(&dev, &release), -ESHUTDOWN);
}

/* REBOOT is refused while the pool is open or not empty. */
static void reboot_is_answered(struct kunit *test)
{
	struct workpool_ioc_reboot reboot = { .size = sizeof(reboot) };
	struct dev dev = open_with(test, O_RDWR);
	struct workpool *pool = wpt_create_simple(dev.w, 1);

	reboot.id = pool->id;
	wpt_fill(dev.w, pool, &dev.w->gates[0]);
	KUNIT_EXPECT_EQ(test, ioc_reboot(&dev, &reboot), -EALREADY);
	KUNIT_EXPECT_EQ(test, reboot.generation, 0);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, ioc_reboot(&dev, &reboot), -EBUSY);
	wpt_open(&dev.w->gates[0]);
	KUNIT_ASSERT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, ioc_reboot(&dev, &reboot), 0);
	KUNIT_EXPECT_EQ(test, reboot.generation, 1);
	KUNIT_EXPECT_STREQ(test, reboot.name, "kunit0");
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(short_structure, command_gen_params),
	KUNIT_CASE_PARAM(long_structure, command_gen_params),
	KUNIT_CASE(page_long_structure),
	KUNIT_CASE_PARAM(bad_pointer, command_gen_params),
	KUNIT_CASE_PARAM(reader_changes_nothing, command_gen_params),
	KUNIT_CASE_PARAM(unprivileged_changes_nothing, command_gen_params),
	KUNIT_CASE_PARAM(owner_may_forbid_it, command_gen_params),
	KUNIT_CASE(measured_pool_is_told),
	KUNIT_CASE_PARAM(owner_may_forbid_release, command_gen_params),
	KUNIT_CASE_PARAM(pool_is_named, reference_gen_params),
	KUNIT_CASE(number_comes_first),
	KUNIT_CASE(unknown_command),
	KUNIT_CASE(info_is_answered),
	KUNIT_CASE(next_walks),
	KUNIT_CASE(stat_is_answered),
	KUNIT_CASE(stat_of_special_pools),
	KUNIT_CASE(stat_of_a_multis_pools),
	KUNIT_CASE(multi_stat_is_answered),
	KUNIT_CASE_PARAM(tune_is_checked, tuning_gen_params),
	KUNIT_CASE(tune_sets_all),
	KUNIT_CASE(release_closes),
	KUNIT_CASE(release_times_out),
	KUNIT_CASE(release_waits),
	KUNIT_CASE(reboot_is_answered),
	{}
};

WPT_SUITE(chardev);
