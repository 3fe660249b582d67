// SPDX-License-Identifier: GPL-2.0
/*
 * ioctl-fuzz SECONDS SEED FILE...: calls the ioctls of /dev/workpool, first as the files of
 * seeds say, then random ones, in several processes at once, while another one creates,
 * uses and destroys pools. Prints KTAP; a call whose answer is wrong is printed as a line
 * that may go to a file of seeds.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>
#include <sys/syscall.h>

#include "fuzz.h"
#include "../../ktap.h"

#define CONTROL		"/sys/kernel/debug/wp_selftest/control"
#define NR_FUZZERS	3
#define NR_ERRORS	140
#define SEEDS_MAX	256
#define MEMORY_SIZE	8192
/* No call takes that many seconds. */
#define DEADLINE	120

/* Shared by all processes: how often which command ended how. */
static unsigned long (*results)[NR_ERRORS];
static unsigned long *wrong;

static struct call seeds[SEEDS_MAX];
static unsigned int nr_seeds;
static int fds[NR_FD_KINDS];
static unsigned char *memory;	/* what follows cannot be touched */

static void die(const char *what)
{
	ktap_bail_out(what, strerror(errno));
	exit(2);
}

static void *map_shared(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		die("mmap");
	return at;
}

static void map_memory(void)
{
	memory = mmap(NULL, MEMORY_SIZE + 4096, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED ||
	    mprotect(memory + MEMORY_SIZE, 4096, PROT_NONE))
		die("memory");
}

static void set_capabilities(__u32 effective)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { 0 };

	data[0].effective = effective;
	data[0].permitted = ~0u;
	data[1].permitted = 0x1ff;
	if (syscall(SYS_capset, &header, data))
		die("capset");
}

static void open_device(void)
{
	fds[FD_WRITE] = open("/dev/workpool", O_RDWR);
	fds[FD_READ] = open("/dev/workpool", O_RDONLY);
	fds[FD_PLAIN] = fds[FD_WRITE];
	if (fds[FD_WRITE] < 0 || fds[FD_READ] < 0)
		die("/dev/workpool");
}

static int call_ioctl(const struct call *call, unsigned char *at)
{
	int err;

	if (call->fd == FD_PLAIN)
		set_capabilities(0);
	if (call->memory == MEM_READONLY)
		mprotect(memory, MEMORY_SIZE, PROT_READ);
	alarm(DEADLINE);
	err = ioctl(fds[call->fd], call->cmd,
		    call->memory == MEM_NONE ? NULL : at) ? -errno : 0;
	alarm(0);
	if (call->memory == MEM_READONLY)
		mprotect(memory, MEMORY_SIZE, PROT_READ | PROT_WRITE);
	if (call->fd == FD_PLAIN)
		set_capabilities(~0u);
	return err;
}

static void count(const struct call *call, int err)
{
	unsigned int nr = form_of(call->cmd) ? call->cmd & 0xff : nr_forms;

	__atomic_fetch_add(&results[nr][-err < NR_ERRORS ? -err : 0], 1,
			   __ATOMIC_RELAXED);
}

static void check(const struct call *call)
{
	unsigned char *at = memory + MEMORY_SIZE - call->room;
	const char *complaint;
	int err;

	memcpy(at, call->data, call->room);
	err = call_ioctl(call, at);
	count(call, err);
	complaint = judge(call, err, at);
	if (!complaint)
		return;
	if (__atomic_add_fetch(wrong, 1, __ATOMIC_RELAXED) > 20)
		return;
	ktap_note("%s: %s", complaint, strerror(-err));
	call_print(call, "# ");
	fflush(stdout);
}

static void read_seeds(char **names)
{
	FILE *file;

	for (; *names; names++) {
		file = fopen(*names, "r");
		if (!file)
			die(*names);
		while (nr_seeds < SEEDS_MAX &&
		       call_read(file, &seeds[nr_seeds]))
			nr_seeds++;
		fclose(file);
	}
}

static void control(const char *words)
{
	int fd = open(CONTROL, O_WRONLY);

	/* a refusal is no error: other processes tune, release and reboot */
	if (fd < 0 || write(fd, words, strlen(words)) < 0)
		errno = 0;
	if (fd >= 0)
		close(fd);
}

static void live(void)
{
	static const char * const deeds[] = {
		"create fuzz-0 4 expiry=3", "create fuzz-1 unlimited",
		"create fuzz-2 3 prealloc", "create fuzz-3 2 noadmin",
		"create fuzz-4 8 min=2 maxblock=2", "create fuzz-5 1 nonblock",
		"create fuzz-m 1 pools=2", "submit fuzz-m sleep 1 2",
		"submit fuzz-0 sleep 1 3", "submit fuzz-1 sleep 2 5",
		"submit fuzz-2 sleep 1 3", "submit fuzz-4 sleep 3 4",
		"block fuzz-0 1", "block fuzz-4 2", "submit fuzz-3 sleep 1 2",
		"destroy fuzz-0", "destroy fuzz-1", "destroy fuzz-2",
		"destroy fuzz-3", "destroy fuzz-4", "destroy fuzz-5",
		"destroy fuzz-m",
	};
	unsigned int nr = make_below(ARRAY_SIZE(deeds) * 2);

	/* pools are made more often than destroyed */
	control(deeds[nr < ARRAY_SIZE(deeds) ? nr : nr % 15]);
	usleep(make_below(3000));
}

/* Process 0 creates and destroys pools until @end, the others fuzz. */
static void play(unsigned int nr, __u64 seed, time_t end)
{
	struct call call;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	make_seed(seed * 16 + nr);
	map_memory();
	while (time(NULL) < end) {
		if (!nr) {
			live();
			continue;
		}
		make_call(&call, seeds, nr_seeds);
		check(&call);
	}
	fflush(stdout);
	_exit(0);
}

/* Returns how many of the processes did not end well. */
static int play_all(__u64 seed, time_t end)
{
	unsigned int i;
	int status, bad = 0;
	pid_t pid;

	for (i = 0; i <= NR_FUZZERS; i++) {
		fflush(stdout);
		pid = fork();
		if (pid < 0)
			die("fork");
		if (!pid)
			play(i, seed, end);
	}
	while (wait(&status) > 0)
		bad += !WIFEXITED(status) || WEXITSTATUS(status);
	return bad;
}

static unsigned long all_calls(void)
{
	unsigned long n = 0;
	unsigned int nr, err;

	for (nr = 0; nr <= nr_forms; nr++)
		for (err = 0; err < NR_ERRORS; err++)
			n += results[nr][err];
	return n;
}

static void print_results(void)
{
	unsigned int nr, err;

	for (nr = 0; nr <= nr_forms; nr++) {
		printf("# %s:", nr < nr_forms ?
		       form_of(_IO(WORKPOOL_IOC_TYPE, nr))->name : "others");
		for (err = 0; err < NR_ERRORS; err++)
			if (results[nr][err])
				printf(" %lu %s", results[nr][err],
				       err ? strerrorname_np(err) : "ok");
		putchar('\n');
	}
}

/* Each command worked, and each was refused. */
static bool reached_all(void)
{
	unsigned int nr;

	for (nr = 0; nr < nr_forms; nr++)
		if (!results[nr][0] || !results[nr][EINVAL] ||
		    !results[nr][EFAULT] || !results[nr][E2BIG])
			return false;
	return results[nr_forms][ENOTTY];
}

static void verdict(struct ktap *ktap, bool ok, const char *what,
		    unsigned long n)
{
	ktap_result(ktap, ok, "%s (%lu calls)", what, n);
}

int main(int argc, char **argv)
{
	struct ktap ktap = { 0 };
	unsigned int i;
	int stuck;

	if (argc < 4)
		return 2;
	results = map_shared(sizeof(*results) * (nr_forms + 1));
	wrong = map_shared(sizeof(*wrong));
	read_seeds(argv + 3);
	open_device();
	map_memory();
	ktap_version();
	ktap_plan(4);
	control("create fuzz-0 4 expiry=3");
	control("create fuzz-3 2 noadmin");
	control("create fuzz-m 1 pools=2");
	for (i = 0; i < nr_seeds; i++)
		check(&seeds[i]);
	verdict(&ktap, nr_seeds && !*wrong,
		"the seeds are answered as the header says", nr_seeds);
	*wrong = 0;
	stuck = play_all(strtoull(argv[2], NULL, 0),
			 time(NULL) + strtol(argv[1], NULL, 0));
	print_results();
	verdict(&ktap, !*wrong, "random calls are answered as the header says",
		all_calls());
	verdict(&ktap, !stuck, "no call is stuck", all_calls());
	verdict(&ktap, reached_all(), "each command succeeds and fails",
		all_calls());
	return !!ktap.failed;
}
