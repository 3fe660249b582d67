// SPDX-License-Identifier: GPL-2.0
/*
 * Permissions: to change a pool takes CAP_SYS_ADMIN, a file opened for writing,
 * and an owner that allows it.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi.h"

#define POOL	"abi-rights"
#define MULTI	"abi-rights-m"
#define NOBODY	65534

struct attempt {
	__u32 size;
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
	unsigned char rest[512];
};

static int attempt_on(int fd, const struct command *c, const char *pool)
{
	struct attempt arg = { .size = c->size };

	if (c->pool)
		set_name(arg.name, pool);
	if (c->multi)
		set_name(arg.name, MULTI);
	return call(fd, c->cmd, &arg);
}

static void make(const char *options)
{
	EXPECT_EQ(control("create " POOL " 2 %s", options), 0);
	EXPECT_EQ(control("create " MULTI " 2 pools=2 %s", options), 0);
}

/* what each command says on @fd; the pool is open before and after */
static void expect_only_looking(int fd)
{
	unsigned int i;

	for (i = 0; i < nr_commands; i++)
		EXPECT_EQ(attempt_on(fd, &commands[i], POOL),
			  commands[i].admin ? -EPERM : 0);
}

/* what it says to those who may do all but what the owner forbids */
static void expect_only_measuring(const char *pool)
{
	unsigned int i;

	for (i = 0; i < nr_commands; i++)
		if (commands[i].admin)
			EXPECT_EQ(attempt_on(rw, &commands[i], pool),
				  commands[i].looks ? 0 : -EPERM);
}

static void expect_nothing_changed(void)
{
	struct workpool_ioc_stat stat = state(POOL);

	EXPECT_EQ(stat.flags & WORKPOOL_POOL_CLOSED, 0);
	EXPECT_EQ(stat.capacity, 2);
	EXPECT_EQ(stat.generation, 0);
}

/* run @fn in a child, whose failures it passes on */
static void in_child(void (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		fn();
		fflush(stdout);
		_exit(0);
	}
	if (EXPECT(pid > 0) && EXPECT_EQ(waitpid(pid, &status, 0), pid))
		EXPECT_EQ(status, 0);
}

/* expectations in a child cannot be counted there */
static void child_expect_only_looking(int fd)
{
	unsigned int i;
	int want;

	for (i = 0; i < nr_commands; i++) {
		want = commands[i].admin ? -EPERM : 0;
		if (attempt_on(fd, &commands[i], POOL) != want)
			_exit(10 + i);
	}
}

static void read_only_file_is_eperm(void)
{
	make("");
	expect_only_looking(ro);
	expect_nothing_changed();
}

/* the command is refused, whatever its arguments are */
static void eperm_comes_before_enoent(void)
{
	unsigned int i;

	for (i = 0; i < nr_commands; i++)
		if (commands[i].admin)
			EXPECT_EQ(attempt_on(ro, &commands[i], "abi-nobody"),
				  -EPERM);
}

static void as_nobody(void)
{
	if (setgid(NOBODY) || setuid(NOBODY))
		_exit(1);
	child_expect_only_looking(rw);
	child_expect_only_looking(ro);
	if (open("/dev/workpool", O_RDONLY) >= 0 || errno != EACCES)
		_exit(2);
	if (open("/dev/workpool", O_RDWR) >= 0 || errno != EACCES)
		_exit(3);
}

static void other_user_is_eperm(void)
{
	make("");
	in_child(as_nobody);
	expect_nothing_changed();
}

static void drop_admin(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		_exit(1);
	data[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective &=
		~CAP_TO_MASK(CAP_SYS_ADMIN);
	if (syscall(SYS_capset, &header, data))
		_exit(2);
}

static void without_capability(void)
{
	drop_admin();
	child_expect_only_looking(rw);
}

static void without_capability_for_parameters(void)
{
	static const char *const names[] = {
		"max_workers", "cache_size", "crash_rate",
	};
	char path[80];
	unsigned int i;
	int fd;

	drop_admin();
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path),
			 "/sys/module/workpool/parameters/%s", names[i]);
		fd = open(path, O_WRONLY);
		if (fd < 0)
			_exit(3);
		if (write(fd, "7", 1) >= 0 || errno != EPERM)
			_exit(4 + i);
		close(fd);
	}
}

/* each of the module's parameters takes CAP_SYS_ADMIN, too */
static void parameters_without_capability_are_eperm(void)
{
	in_child(without_capability_for_parameters);
}

static void root_without_capability_is_eperm(void)
{
	make("");
	in_child(without_capability);
	expect_nothing_changed();
}

static void without_nice(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	struct workpool_ioc_tune arg;

	if (syscall(SYS_capget, &header, data))
		_exit(1);
	data[CAP_TO_INDEX(CAP_SYS_NICE)].effective &=
		~CAP_TO_MASK(CAP_SYS_NICE);
	if (syscall(SYS_capset, &header, data))
		_exit(2);
	arg = tuning(POOL, WORKPOOL_TUNE_RT_PRIORITY);
	arg.rt_priority = 1;
	if (tune(&arg) != -EPERM)
		_exit(3);
	arg = tuning(POOL, WORKPOOL_TUNE_NICE);
	arg.nice = -1;
	if (tune(&arg) != -EPERM)
		_exit(4);
	arg.nice = 1;
	if (tune(&arg))
		_exit(5);
}

/* to take more of the CPUs than others takes CAP_SYS_NICE */
static void schedule_takes_cap_sys_nice(void)
{
	make("");
	in_child(without_nice);
	EXPECT_EQ(state(POOL).rt_priority, 0);
	EXPECT_EQ(state(POOL).nice, 1);
}

static void write_only_file_is_enough(void)
{
	int fd = open("/dev/workpool", O_WRONLY | O_CLOEXEC);
	unsigned int i;

	make("");
	if (!EXPECT(fd >= 0))
		return;
	for (i = 0; i < nr_commands; i++)
		EXPECT_EQ(attempt_on(fd, &commands[i], POOL),
			  commands[i].reads ? -EBADF : 0);
	close(fd);
}

static void noadmin_pool_is_eperm(void)
{
	make("noadmin");
	EXPECT_EQ(state(POOL).flags, WORKPOOL_POOL_NOADMIN);
	expect_only_measuring(POOL);
	expect_nothing_changed();
}

static void system_pool_is_noadmin(void)
{
	EXPECT_EQ(state("system").capacity, WORKPOOL_IOC_UNLIMITED);
	EXPECT(state("system").flags & WORKPOOL_POOL_NOADMIN);
	expect_only_measuring("system");
}

static const struct test rights_tests[] = {
	TEST(read_only_file_is_eperm),
	TEST(eperm_comes_before_enoent),
	TEST(other_user_is_eperm),
	TEST(root_without_capability_is_eperm),
	TEST(parameters_without_capability_are_eperm),
	TEST(schedule_takes_cap_sys_nice),
	TEST(write_only_file_is_enough),
	TEST(noadmin_pool_is_eperm),
	TEST(system_pool_is_noadmin),
};

SUITE(rights, .patches = true);
