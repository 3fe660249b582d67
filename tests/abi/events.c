// SPDX-License-Identifier: GPL-2.0
/*
 * Events: what read() and poll() of the device give.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abi.h"

#define POOL	"abi-events"
#define OTHER	"abi-events-2"
#define BIT(nr)	(1ull << WORKPOOL_EVENT_##nr)
#define HEADER	offsetof(struct workpool_event, u)
#define NOBODY	65534

/* all that this header knows */
#define ALL	(BIT(DROPPED) * 2 - 1)

static struct workpool_event event;

static int open_at(int flags)
{
	int fd = open("/dev/workpool", flags | O_CLOEXEC);

	EXPECT(fd >= 0);
	return fd;
}

static struct workpool_ioc_events chosen(const char *name, __u64 types)
{
	struct workpool_ioc_events arg = {
		.size = sizeof(arg), .types = types,
	};

	set_name(arg.name, name);
	return arg;
}

static int choose(int fd, const char *name, __u64 types)
{
	struct workpool_ioc_events arg = chosen(name, types);

	return call(fd, WORKPOOL_IOC_EVENTS, &arg);
}

/* a file that collects, does not wait, and is to be closed */
static int collect(const char *name, __u64 types)
{
	int fd = open_at(O_RDONLY | O_NONBLOCK);

	EXPECT_EQ(choose(fd, name, types), 0);
	return fd;
}

static short poll_once(int fd, int timeout)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	EXPECT(poll(&pollfd, 1, timeout) >= 0);
	return pollfd.revents;
}

/*
 * Read one event, with the smallest buffer that is large enough. Returns its
 * type, -1 at the end, or -errno.
 */
static int next(int fd)
{
	ssize_t len;
	__u32 size;

	for (size = HEADER; size <= sizeof(event); size += 8) {
		memset(&event, POISON, sizeof(event));
		len = read(fd, &event, size);
		if (len < 0 && errno == EINVAL)
			continue;
		if (len <= 0)
			return len ? -errno : -1;
		EXPECT_EQ(len, size);
		EXPECT_EQ(event.size, size);
		return event.type;
	}
	return -EINVAL;
}

/* wait for the next event, and read it as next() does */
static int soon(int fd)
{
	int left = DEADLINE_MS, type;

	while ((type = next(fd)) == -EAGAIN && left-- > 0)
		nap();
	return type;
}

static bool is_zero(const char *from, size_t size)
{
	while (size && !*from) {
		from++;
		size--;
	}
	return !size;
}

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static bool is_actor(const struct workpool_event_actor *actor, __u32 by)
{
	size_t len = strlen(actor->comm);

	return actor->by == by && actor->pid == getpid() &&
	       actor->uid == getuid() && !actor->reserved &&
	       !strncmp(actor->comm, "wp_abi", 6) &&
	       is_zero(actor->comm + len, sizeof(actor->comm) - len);
}

/* what each event of a pool begins with */
static void expect_header(__u32 id, const char *name)
{
	static __u64 seq;

	EXPECT_EQ(event.pool_id, id);
	EXPECT_EQ(event.reserved, 0);
	EXPECT(!strcmp(event.pool, name));
	EXPECT(is_zero(event.pool + strlen(name),
		       sizeof(event.pool) - strlen(name)));
	EXPECT_EQ(event.size % 8, 0);
	EXPECT(event.seq > seq);
	seq = event.seq;
}

static void events_tell_the_life_of_a_pool(void)
{
	struct workpool_ioc_release rel;
	struct workpool_ioc_reboot reb;
	__u64 before = now_ns();
	int fd = collect("", 0);
	__u32 id;

	EXPECT_EQ(control("create " POOL " 3 nopurge"), 0);
	id = id_of(POOL);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_CREATED);
	expect_header(id, POOL);
	EXPECT(event.time_ns >= before && event.time_ns <= now_ns());
	EXPECT(!strcmp(event.u.created.owner, "wp_selftest"));
	EXPECT(is_zero(event.u.created.owner + 11, 45));
	EXPECT_EQ(event.u.created.flags, WORKPOOL_POOL_NOPURGE);
	EXPECT_EQ(event.u.created.capacity, 3);

	EXPECT_EQ(release_pool(POOL, WORKPOOL_TIMEOUT_MAX, &rel), 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_RELEASED);
	expect_header(id, POOL);
	EXPECT(is_actor(&event.u.released.actor, WORKPOOL_BY_ADMIN));
	EXPECT_EQ(event.u.released.destroyed, 0);
	EXPECT_EQ(event.u.released.alive, 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_CLOSED);
	expect_header(id, POOL);
	EXPECT_EQ(event.size, HEADER);

	EXPECT_EQ(reboot_pool(POOL, &reb), 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_REBOOTED);
	expect_header(id, POOL);
	EXPECT(is_actor(&event.u.rebooted.actor, WORKPOOL_BY_ADMIN));
	EXPECT_EQ(event.u.rebooted.generation, 1);

	EXPECT_EQ(control("submit " POOL " sleep 600000"), 0);
	EXPECT_SOON(state(POOL).busy == 1);
	EXPECT_EQ(control("destroy " POOL), 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_RELEASED);
	expect_header(id, POOL);
	EXPECT(is_actor(&event.u.released.actor, WORKPOOL_BY_OWNER));
	EXPECT(event.u.released.alive <= 1);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_CLOSED);
	expect_header(id, POOL);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_DESTROYED);
	expect_header(id, POOL);
	EXPECT_EQ(event.size, HEADER);
	/* a file of all pools does not end */
	EXPECT_EQ(next(fd), -EAGAIN);
	close(fd);
}

static void tune_says_who_and_what(void)
{
	struct workpool_ioc_tune arg;
	int fd;

	EXPECT_EQ(control("create " POOL " 3"), 0);
	fd = collect(POOL, 0);
	arg = tuning(POOL, WORKPOOL_TUNE_CAPACITY | WORKPOOL_TUNE_NICE);
	arg.capacity = 7;
	arg.nice = -3;
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_TUNED);
	expect_header(id_of(POOL), POOL);
	EXPECT(is_actor(&event.u.tuned.actor, WORKPOOL_BY_ADMIN));
	EXPECT_EQ(event.u.tuned.mask,
		  WORKPOOL_TUNE_CAPACITY | WORKPOOL_TUNE_NICE);
	EXPECT_EQ(event.u.tuned.reserved, 0);
	EXPECT_EQ(event.u.tuned.before.capacity, 3);
	EXPECT_EQ(event.u.tuned.before.nice, 0);
	EXPECT_EQ(event.u.tuned.before.expiry_ms, 1000);
	EXPECT_EQ(event.u.tuned.after.capacity, 7);
	EXPECT_EQ(event.u.tuned.after.nice, -3);
	EXPECT_EQ(event.u.tuned.after.expiry_ms, 1000);
	EXPECT_EQ(event.u.tuned.after.own_cpus, 0);

	/* a refusal, and a look, change nothing */
	arg = tuning(POOL, WORKPOOL_TUNE_CAPACITY);
	EXPECT_EQ(tune(&arg), -EINVAL);
	arg = tuning(POOL, 0);
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(next(fd), -EAGAIN);
	close(fd);
}

static void pauses_say_whose_they_are(void)
{
	struct workpool_ioc_pause arg;
	int fd;

	EXPECT_EQ(control("create " POOL " 1"), 0);
	fd = collect(POOL, 0);
	EXPECT_EQ(control("pause " POOL), 0);
	EXPECT_EQ(pause_pool(POOL, true, &arg), 0);
	EXPECT_EQ(pause_pool(POOL, true, &arg), 0);
	EXPECT_EQ(control("resume " POOL), 0);
	EXPECT_EQ(pause_pool(POOL, false, &arg), 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_PAUSED);
	expect_header(id_of(POOL), POOL);
	EXPECT(is_actor(&event.u.paused.actor, WORKPOOL_BY_OWNER));
	EXPECT_EQ(event.u.paused.paused, WORKPOOL_POOL_PAUSED_BY_OWNER);
	EXPECT_EQ(event.u.paused.reserved, 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_PAUSED);
	EXPECT(is_actor(&event.u.paused.actor, WORKPOOL_BY_ADMIN));
	EXPECT_EQ(event.u.paused.paused, WORKPOOL_POOL_PAUSED_BY_OWNER |
					 WORKPOOL_POOL_PAUSED_BY_ADMIN);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_RESUMED);
	EXPECT(is_actor(&event.u.paused.actor, WORKPOOL_BY_OWNER));
	EXPECT_EQ(event.u.paused.paused, WORKPOOL_POOL_PAUSED_BY_ADMIN);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_RESUMED);
	EXPECT_EQ(event.u.paused.paused, 0);
	EXPECT_EQ(next(fd), -EAGAIN);
	close(fd);
}

/* one of each, however many submits find the pool full */
static void overload_begins_and_ends_once(void)
{
	int fd, i;

	EXPECT_EQ(control("create " POOL " 1 depth=1"), 0);
	fd = collect(POOL, 0);
	EXPECT_EQ(control("submit " POOL " sleep 600000 2"), 0);
	EXPECT_SOON(state(POOL).busy == 1);
	EXPECT_EQ(next(fd), -EAGAIN);
	for (i = 0; i < 10; i++)
		EXPECT_EQ(control("submit " POOL " sleep 1"), -EAGAIN);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_OVERLOADED);
	expect_header(id_of(POOL), POOL);
	EXPECT_EQ(event.u.overloaded.waiting, 0);
	EXPECT_EQ(event.u.overloaded.queued, 1);
	EXPECT_EQ(event.u.overloaded.busy, 1);
	EXPECT_EQ(event.u.overloaded.limit, 1);
	EXPECT_EQ(next(fd), -EAGAIN);
	EXPECT_EQ(control("wake " POOL), 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_RELIEVED);
	EXPECT_EQ(event.u.relieved.rejected, 9);
	EXPECT_EQ(event.u.relieved.blocked, 0);
	EXPECT(event.u.relieved.duration_ns);
	EXPECT_EQ(next(fd), -EAGAIN);
	close(fd);
}

/* as long as one waits, and until the release */
static void who_waits_is_overload_too(void)
{
	struct workpool_ioc_release rel;
	int fd;

	EXPECT_EQ(control("create " POOL " 1"), 0);
	fd = collect(POOL, 0);
	EXPECT_EQ(control("submit " POOL " sleep 600000"), 0);
	EXPECT_EQ(control("block " POOL " 1"), 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_OVERLOADED);
	EXPECT_EQ(event.u.overloaded.waiting, 1);
	EXPECT_EQ(release_pool(POOL, 0, &rel), 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_RELIEVED);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_RELEASED);
	EXPECT_EQ(event.u.released.alive, 1);
	close(fd);
}

static void crash_names_the_function(void)
{
	int fd;

	EXPECT_EQ(control("create " POOL " 1"), 0);
	fd = collect(POOL, 0);
	EXPECT_EQ(control("crash " POOL " task"), 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_CRASHED);
	expect_header(id_of(POOL), POOL);
	EXPECT_EQ(event.u.crashed.kind, WORKPOOL_EVENT_CRASH_TASK);
	EXPECT(event.u.crashed.pid > 0);
	EXPECT(!strncmp(event.u.crashed.comm, "wp/abi", 6));
	EXPECT(strstr(event.u.crashed.function, "[wp_selftest]"));
	EXPECT(!strstr(event.u.crashed.function, "0x"));
	close(fd);
}

static void failed_start_says_why(void)
{
	int fd;

	EXPECT_EQ(control("create " POOL " 1 badinit"), 0);
	fd = collect(POOL, 0);
	EXPECT_EQ(control("submit " POOL " sleep 1"), 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_START_FAILED);
	expect_header(id_of(POOL), POOL);
	EXPECT_EQ(event.u.start_failed.cause, WORKPOOL_EVENT_CAUSE_INIT);
	EXPECT_EQ(event.u.start_failed.error, -ENODEV);
	close(fd);
}

/* what a released pool cannot run, and what is delayed in a destroyed one */
static void dropped_tasks_are_counted(void)
{
	__u64 count = 0;
	int fd;

	EXPECT_EQ(control("create " POOL " 1 badinit depth=9"), 0);
	EXPECT_EQ(control("create " OTHER " 1"), 0);
	fd = collect("", BIT(DROPPED));
	EXPECT_EQ(control("delay " OTHER " 600000"), 0);
	EXPECT_EQ(control("destroy " OTHER), 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_DROPPED);
	EXPECT(!strcmp(event.pool, OTHER));
	EXPECT_EQ(event.u.dropped.count, 1);
	EXPECT(!strcmp(event.u.dropped.function, "do_nothing [wp_selftest]"));

	EXPECT_EQ(control("submit " POOL " sleep 1 10"), 0);
	EXPECT_EQ(control("destroy " POOL), 0);
	while (count < 10 && EXPECT_EQ(soon(fd), WORKPOOL_EVENT_DROPPED)) {
		EXPECT(!strcmp(event.pool, POOL));
		EXPECT(!strcmp(event.u.dropped.function,
			       "sleep_task [wp_selftest]"));
		count += event.u.dropped.count;
	}
	EXPECT_EQ(count, 10);
	EXPECT_EQ(next(fd), -EAGAIN);
	close(fd);
}

static void choice_is_what_comes(void)
{
	struct workpool_ioc_events arg;
	int one, types, fd;
	__u32 id;

	EXPECT_EQ(control("create " POOL " 1"), 0);
	EXPECT_EQ(control("create " OTHER " 1"), 0);
	id = id_of(OTHER);
	one = open_at(O_RDONLY | O_NONBLOCK);
	arg = chosen(POOL, 0);
	arg.id = id;	/* it comes before the name */
	EXPECT_EQ(call(one, WORKPOOL_IOC_EVENTS, &arg), 0);
	EXPECT_EQ(arg.id, id);
	EXPECT(!strcmp(arg.name, OTHER));
	EXPECT_EQ(arg.types & ALL, ALL);
	types = open_at(O_RDONLY | O_NONBLOCK);
	arg = chosen("", BIT(RESUMED));
	EXPECT_EQ(call(types, WORKPOOL_IOC_EVENTS, &arg), 0);
	EXPECT_EQ(arg.id, 0);
	EXPECT_EQ(arg.types, BIT(RESUMED) | BIT(LOST));
	for (fd = 0; fd < 2; fd++) {
		EXPECT_EQ(control("pause " POOL), 0);
		EXPECT_EQ(control("pause " OTHER), 0);
		EXPECT_EQ(control("resume " POOL), 0);
		EXPECT_EQ(control("resume " OTHER), 0);
		EXPECT_EQ(soon(one), WORKPOOL_EVENT_PAUSED);
		EXPECT_EQ(event.pool_id, id);
		EXPECT_EQ(soon(one), WORKPOOL_EVENT_RESUMED);
		EXPECT_EQ(event.pool_id, id);
		EXPECT_EQ(next(one), -EAGAIN);
		EXPECT_EQ(soon(types), WORKPOOL_EVENT_RESUMED);
		EXPECT(!strcmp(event.pool, POOL));
		EXPECT_EQ(soon(types), WORKPOOL_EVENT_RESUMED);
		EXPECT(!strcmp(event.pool, OTHER));
		EXPECT_EQ(next(types), -EAGAIN);
	}
	close(one);
	close(types);
}

/* what was collected before a new choice stays */
static void choice_can_change(void)
{
	int fd;

	EXPECT_EQ(control("create " POOL " 1"), 0);
	fd = collect(POOL, BIT(PAUSED));
	EXPECT_EQ(control("pause " POOL), 0);
	EXPECT_EQ(choose(fd, POOL, BIT(RESUMED)), 0);
	EXPECT_EQ(control("resume " POOL), 0);
	EXPECT_EQ(control("pause " POOL), 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_PAUSED);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_RESUMED);
	EXPECT_EQ(next(fd), -EAGAIN);
	close(fd);
}

static void wrong_choice_changes_nothing(void)
{
	struct workpool_ioc_events arg;
	int fd, writer;

	EXPECT_EQ(control("create " POOL " 1"), 0);
	fd = collect(POOL, BIT(PAUSED));
	EXPECT_EQ(choose(fd, "abi-nobody", 0), -ENOENT);
	EXPECT_EQ(choose(fd, "", ALL + 1), -EINVAL);
	EXPECT_EQ(choose(fd, "", ~0ull), -EINVAL);
	arg = chosen("", 0);
	arg.flags = 1;
	EXPECT_EQ(call(fd, WORKPOOL_IOC_EVENTS, &arg), -EINVAL);
	arg = chosen("", 0);
	arg.reserved = 1;
	EXPECT_EQ(call(fd, WORKPOOL_IOC_EVENTS, &arg), -EINVAL);
	arg = chosen("", 0);
	memset(arg.name, 'a', sizeof(arg.name));
	EXPECT_EQ(call(fd, WORKPOOL_IOC_EVENTS, &arg), -EINVAL);
	EXPECT_EQ(control("pause " POOL), 0);
	EXPECT_EQ(control("resume " POOL), 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_PAUSED);
	EXPECT_EQ(next(fd), -EAGAIN);
	close(fd);

	writer = open_at(O_WRONLY);
	EXPECT_EQ(choose(writer, "", 0), -EBADF);
	EXPECT_EQ(read(writer, &event, sizeof(event)), -1);
	EXPECT_EQ(errno, EBADF);
	EXPECT_EQ(poll_once(writer, 0), POLLERR);
	close(writer);
}

/* after a choice that failed the file is like a new one */
static void first_read_collects_all(void)
{
	int fd = open_at(O_RDONLY | O_NONBLOCK);
	int late = open_at(O_RDONLY | O_NONBLOCK);

	EXPECT_EQ(choose(fd, "abi-nobody", BIT(PAUSED)), -ENOENT);
	EXPECT_EQ(control("create " POOL " 1"), 0);
	/* nothing was collected before */
	EXPECT_EQ(next(fd), -EAGAIN);
	EXPECT_EQ(poll_once(late, 0), 0);
	EXPECT_EQ(control("pause " POOL), 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_PAUSED);
	EXPECT_EQ(poll_once(late, DEADLINE_MS), POLLIN);
	EXPECT_EQ(next(late), WORKPOOL_EVENT_PAUSED);
	close(fd);
	close(late);
}

static void short_read_loses_nothing(void)
{
	struct iovec nowhere = { (void *)8, sizeof(event) };
	int fd;

	EXPECT_EQ(control("create " POOL " 1"), 0);
	fd = collect(POOL, 0);
	EXPECT_EQ(read(fd, &event, 0), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(read(fd, &event, HEADER - 1), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(control("pause " POOL), 0);
	EXPECT_EQ(poll_once(fd, DEADLINE_MS), POLLIN);
	memset(&event, POISON, sizeof(event));
	EXPECT_EQ(read(fd, &event, HEADER), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(event.type, 0x01010101u * POISON);
	EXPECT_EQ(readv(fd, &nowhere, 1), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(next(fd), WORKPOOL_EVENT_PAUSED);
	close(fd);
}

static void read_gives_as_many_as_fit(void)
{
	size_t size = HEADER + sizeof(struct workpool_event_paused);
	char bytes[4 * sizeof(event)];
	struct iovec iov[3] = {
		{ bytes, 50 }, { bytes + 50, 100 }, { bytes + 150, 100 },
	};
	int fd, i;

	EXPECT_EQ(control("create " POOL " 1"), 0);
	fd = collect(POOL, 0);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(control(i % 2 ? "resume " POOL : "pause " POOL), 0);
	/* a choice comes after what happened before it */
	EXPECT_EQ(choose(fd, POOL, 0), 0);
	EXPECT_EQ(read(fd, bytes, 2 * size + size - 1), 2 * size);
	memcpy(&event, bytes + size, size);
	EXPECT_EQ(event.type, WORKPOOL_EVENT_RESUMED);
	EXPECT_EQ(readv(fd, iov, 3), 2 * size);
	memcpy(&event, bytes, size);
	EXPECT_EQ(event.type, WORKPOOL_EVENT_PAUSED);
	EXPECT_EQ(next(fd), -EAGAIN);
	close(fd);
}

/* a file that has chosen a pool ends with it, and with what it has of it */
static void destroyed_pool_is_the_end(void)
{
	int fd, types, types2;

	EXPECT_EQ(control("create " POOL " 1"), 0);
	EXPECT_EQ(control("create " OTHER " 1"), 0);
	fd = collect(POOL, 0);
	types = collect(POOL, BIT(PAUSED));
	types2 = collect(OTHER, 0);
	EXPECT_EQ(control("pause " POOL), 0);
	EXPECT_EQ(control("destroy " POOL), 0);
	EXPECT_EQ(control("create " POOL " 1"), 0);
	EXPECT_EQ(control("pause " POOL), 0);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_PAUSED);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_RELEASED);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_CLOSED);
	EXPECT_EQ(soon(fd), WORKPOOL_EVENT_DESTROYED);
	EXPECT_EQ(soon(fd), -1);
	EXPECT_EQ(next(fd), -1);
	EXPECT_EQ(poll_once(fd, DEADLINE_MS), POLLHUP);
	EXPECT_EQ(poll_once(types, DEADLINE_MS), POLLIN);
	EXPECT_EQ(soon(types), WORKPOOL_EVENT_PAUSED);
	EXPECT_EQ(poll_once(types, DEADLINE_MS), POLLHUP);
	EXPECT_EQ(next(types), -1);
	EXPECT_EQ(poll_once(types2, 0), 0);

	/* it can be used for another pool */
	EXPECT_EQ(choose(fd, OTHER, 0), 0);
	EXPECT_EQ(poll_once(fd, 0), 0);
	EXPECT_EQ(next(fd), -EAGAIN);
	close(fd);
	close(types);
	close(types2);
}

#define READERS	64

static void many_readers_get_the_same(void)
{
	int fds[READERS], i;
	__u64 seq = 0;

	EXPECT_EQ(control("create " POOL " 1"), 0);
	for (i = 0; i < READERS; i++)
		fds[i] = collect(i % 2 ? "" : POOL, 0);
	EXPECT_EQ(control("pause " POOL), 0);
	for (i = 0; i < READERS; i++) {
		EXPECT_EQ(soon(fds[i]), WORKPOOL_EVENT_PAUSED);
		EXPECT(!seq || event.seq == seq);
		seq = event.seq;
		EXPECT_EQ(next(fds[i]), -EAGAIN);
		close(fds[i]);
	}
}

#define FLOOD	600

/* one reads all the time and gets all; one does not, and learns what it lost */
static void lazy_reader_learns_what_it_lost(void)
{
	__u64 first = 0, seq = 0, kept = 0, read_all = 0;
	struct workpool_ioc_pause arg;
	int lazy, greedy, i, type;

	EXPECT_EQ(control("create " POOL " 1"), 0);
	lazy = collect(POOL, 0);
	greedy = collect(POOL, 0);
	for (i = 0; i < FLOOD; i++) {
		EXPECT_EQ(pause_pool(POOL, i % 2 == 0, &arg), 0);
		EXPECT(soon(greedy) >= WORKPOOL_EVENT_PAUSED);
		if (!i)
			first = event.seq;
		EXPECT_EQ(event.seq, first + i);
		read_all++;
	}
	EXPECT_EQ(read_all, FLOOD);
	/* there is room again: what comes next is behind the loss */
	while ((type = next(lazy)) == WORKPOOL_EVENT_PAUSED ||
	       type == WORKPOOL_EVENT_RESUMED) {
		EXPECT(event.seq > seq);
		seq = event.seq;
		kept++;
	}
	EXPECT(kept >= 256);
	EXPECT_EQ(type, WORKPOOL_EVENT_LOST);
	EXPECT_EQ(event.seq, seq + 1);
	EXPECT_EQ(event.pool_id, 0);
	EXPECT(is_zero(event.pool, sizeof(event.pool)));
	EXPECT_EQ(kept + event.u.lost.count, FLOOD);
	EXPECT_EQ(next(lazy), -EAGAIN);
	EXPECT_EQ(control("pause " POOL), 0);
	EXPECT_EQ(soon(lazy), WORKPOOL_EVENT_PAUSED);
	close(lazy);
	close(greedy);
}

/* @ready is written to when it collects */
static void child_reads(int ready)
{
	int fd = open("/dev/workpool", O_RDONLY);
	struct workpool_ioc_events arg = chosen(POOL, BIT(RESUMED));

	if (fd < 0 || call(fd, WORKPOOL_IOC_EVENTS, &arg) ||
	    write(ready, "", 1) != 1)
		_exit(1);
	if (read(fd, &event, sizeof(event)) <= 0)
		_exit(2);
	_exit(event.type == WORKPOOL_EVENT_RESUMED ? 0 : 3);
}

static void read_waits(void)
{
	int status = 0, ends[2];
	char byte;
	pid_t pid;

	EXPECT_EQ(control("create " POOL " 1"), 0);
	EXPECT_EQ(control("pause " POOL), 0);
	EXPECT_EQ(pipe(ends), 0);
	fflush(stdout);
	pid = fork();
	if (!pid)
		child_reads(ends[1]);
	EXPECT_EQ(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	close(ends[1]);
	EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
	EXPECT_EQ(control("resume " POOL), 0);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

static void on_signal(int nr)
{
}

static void signal_ends_a_read(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	int fd = open_at(O_RDONLY);

	sigaction(SIGALRM, &action, NULL);
	alarm(1);
	EXPECT_EQ(read(fd, &event, sizeof(event)), -1);
	EXPECT_EQ(errno, EINTR);
	close(fd);
}

/* the permissions of the file decide, also of one that was opened before */
static void child_is_nobody(int fd)
{
	if (setgid(NOBODY) || setuid(NOBODY))
		_exit(1);
	if (open("/dev/workpool", O_RDONLY) >= 0 || errno != EACCES)
		_exit(2);
	if (soon(fd) != WORKPOOL_EVENT_CRASHED)
		_exit(3);
	_exit(strstr(event.u.crashed.function, "[wp_selftest]") ? 0 : 4);
}

static void permission_of_the_file_decides(void)
{
	int status = 0, fd;
	pid_t pid;

	EXPECT_EQ(control("create " POOL " 1"), 0);
	fd = collect(POOL, BIT(CRASHED));
	EXPECT_EQ(control("crash " POOL " task"), 0);
	fflush(stdout);
	pid = fork();
	if (!pid)
		child_is_nobody(fd);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	close(fd);
}

static const struct test events_tests[] = {
	TEST(events_tell_the_life_of_a_pool),
	TEST(tune_says_who_and_what),
	TEST(pauses_say_whose_they_are),
	TEST(overload_begins_and_ends_once),
	TEST(who_waits_is_overload_too),
	TEST(crash_names_the_function),
	TEST(failed_start_says_why),
	TEST(dropped_tasks_are_counted),
	TEST(choice_is_what_comes),
	TEST(choice_can_change),
	TEST(wrong_choice_changes_nothing),
	TEST(first_read_collects_all),
	TEST(short_read_loses_nothing),
	TEST(read_gives_as_many_as_fit),
	TEST(destroyed_pool_is_the_end),
	TEST(many_readers_get_the_same),
	TEST(lazy_reader_learns_what_it_lost),
	TEST(read_waits),
	TEST(signal_ends_a_read),
	TEST(permission_of_the_file_decides),
};

SUITE(events);
