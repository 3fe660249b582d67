// SPDX-License-Identifier: GPL-2.0
/*
 * torture-ioctl: random ioctls on /dev/workpool, until it is killed. In the
 * virtual machine of the torture test.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/workpool.h>

/* Those that userspace may change. */
static const char * const names[] = {
	"torture-5", "torture-6", "torture-5", "torture-6", "torture-0",
	"torture-line", "torture-doomed", "system", "nobody",
};

static int device;

static unsigned int below(unsigned int n)
{
	return (unsigned int)random() % n;
}

static void pick(char *name)
{
	snprintf(name, WORKPOOL_IOC_NAME_MAX, "%s",
		 names[below(sizeof(names) / sizeof(*names))]);
}

static void look(void)
{
	struct workpool_ioc_stat stat = { .size = sizeof(stat) };
	struct workpool_ioc_info info = { .size = sizeof(info) };
	struct workpool_ioc_next next = { .size = sizeof(next) };

	ioctl(device, WORKPOOL_IOC_INFO, &info);
	while (!ioctl(device, WORKPOOL_IOC_NEXT, &next)) {
		memset(&stat, 0, sizeof(stat));
		stat.size = sizeof(stat);
		stat.id = next.id;
		ioctl(device, WORKPOOL_IOC_STAT, &stat);
	}
}

static void tune(void)
{
	struct workpool_ioc_tune tune = { .size = sizeof(tune) };

	pick(tune.name);
	tune.mask = below(256);
	if (tune.mask & WORKPOOL_TUNE_CAPACITY)
		tune.capacity = below(16);
	if (tune.mask & WORKPOOL_TUNE_EXPIRY)
		tune.expiry_ms = below(50);
	if (tune.mask & WORKPOOL_TUNE_MAX_BLOCKING)
		tune.max_blocking = below(5);
	if (tune.mask & WORKPOOL_TUNE_MIN_WORKERS)
		tune.min_workers = below(4);
	if (tune.mask & WORKPOOL_TUNE_NICE)
		tune.nice = (int)below(8) - 4;
	if (tune.mask & WORKPOOL_TUNE_RT_PRIORITY)
		tune.rt_priority = below(4) ? 0 : below(4);
	if (tune.mask & WORKPOOL_TUNE_QUEUE_DEPTH)
		tune.queue_depth = below(8);
	ioctl(device, WORKPOOL_IOC_TUNE, &tune);
}

static void release(void)
{
	struct workpool_ioc_release release = { .size = sizeof(release) };

	pick(release.name);
	release.timeout_ns = below(3) * 1000000;
	ioctl(device, WORKPOOL_IOC_RELEASE, &release);
}

static void reboot(void)
{
	struct workpool_ioc_reboot reboot = { .size = sizeof(reboot) };

	pick(reboot.name);
	ioctl(device, WORKPOOL_IOC_REBOOT, &reboot);
}

/* Short, as nobody else ends it. */
static void pause_and_resume(void)
{
	struct workpool_ioc_pause pause = { .size = sizeof(pause), .pause = 1 };

	pick(pause.name);
	ioctl(device, WORKPOOL_IOC_PAUSE, &pause);
	usleep(below(3000));
	pause.pause = 0;
	pause.id = 0;
	ioctl(device, WORKPOOL_IOC_PAUSE, &pause);
}

/* Bytes of no meaning; the size often right, so that they are looked at. */
static void nonsense(void)
{
	__u32 words[128];
	unsigned int i;

	for (i = 0; i < 128; i++)
		words[i] = below(4) ? below(8) : (__u32)random() * 2;
	if (below(4))
		words[0] = below(512);
	/* TUNE is left out: min_workers would start a huge number of threads */
	ioctl(device, _IO(WORKPOOL_IOC_TYPE, below(3)), words);
}

static void (* const deeds[])(void) = {
	release, reboot, reboot, reboot, nonsense, nonsense, look, look,
	pause_and_resume, pause_and_resume,
	tune, tune, tune, tune, tune, tune, tune, tune,
};

int main(void)
{
	device = open("/dev/workpool", O_RDWR);
	if (device < 0) {
		perror("/dev/workpool");
		return 1;
	}
	for (;;) {
		deeds[below(sizeof(deeds) / sizeof(*deeds))]();
		if (!below(4))
			usleep(below(3000));
	}
}
