// SPDX-License-Identifier: GPL-2.0
/*
 * wp_demo: a client of workpool, and a pattern to copy from.
 *
 * It has a pool "demo" and the directory wp_demo in debugfs:
 *
 *   control  Write absolute paths, one per line. Each becomes one task, which
 *	      reads that file and computes its SHA-256. While all workers are
 *	      busy the write waits: that is the back-pressure. On a released
 *	      pool it fails with ESHUTDOWN. Other lines:
 *
 *		!group		the paths that follow are members of a group
 *		!wait		wait for them; fails with their first error
 *		!blocks PATH	the SHA-256 of each 1 MiB of a file, by a
 *				parallel loop of the writer and the pool
 *		!crash null	a task that dereferences NULL
 *
 *   results  The digests as sha256sum prints them, in the order of submission.
 *   blocks   The digests of the blocks of a file, in their order.
 *   status   "key: value" lines, then one line for each file that failed.
 *
 * A line ends with a newline; what follows the last one is dropped at close.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <crypto/hash.h>
#include <crypto/sha2.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/time64.h>
#include <linux/uaccess.h>
#include <linux/workpool.h>

#define MAX_BYTES	SZ_1G	/* a larger file is an error */
#define PENDING		1	/* in demo_file.result: not finished yet */
#define BLOCK_BYTES	SZ_1M

static int capacity = 4;
module_param(capacity, int, 0444);
MODULE_PARM_DESC(capacity, "workers at most, -1: no limit (default: 4)");

static unsigned int queue_depth;
module_param(queue_depth, uint, 0444);
MODULE_PARM_DESC(queue_depth, "files that are accepted before a worker is free (default: 0)");

static unsigned int delay_ms;
module_param(delay_ms, uint, 0444);
MODULE_PARM_DESC(delay_ms, "sleep of each task, as if a disk was slow (default: 0)");

static struct workpool *pool;
static struct crypto_shash *tfm;
static struct dentry *dir;

/* One accepted path; stays until the module goes */
struct demo_file {
	struct list_head node;
	loff_t bytes;
	int result;	/* 0, a negative errno or PENDING */
	u8 digest[SHA256_DIGEST_SIZE];
	char path[];
};

/* The blocks of a file, and how the loop over them was shared */
struct demo_blocks {
	struct file *in;
	struct hasher *hasher;	/* of the caller of the loop */
	loff_t bytes;
	size_t nr;
	atomic_t chunks;
	atomic_t helped;	/* blocks that workers did */
	u8 digest[][SHA256_DIGEST_SIZE];
};

static LIST_HEAD(files);
static struct demo_blocks *last_blocks;	/* of a loop that worked, or NULL */
static DEFINE_MUTEX(files_lock);	/* all of these, and every ->result */

/* What a worker hashes with: made once for it, not once for each file */
struct hasher {
	u8 buf[SZ_64K];
	struct shash_desc desc;		/* the state of the hash follows */
};

static struct hasher *hasher_new(void)
{
	struct hasher *hasher;

	hasher = kvmalloc(sizeof(*hasher) + crypto_shash_descsize(tfm),
			  GFP_KERNEL);
	if (hasher)
		hasher->desc.tfm = tfm;
	return hasher;
}

static int hasher_init(struct workpool *pool, void **worker_data)
{
	*worker_data = hasher_new();
	return *worker_data ? 0 : -ENOMEM;
}

static void hasher_exit(struct workpool *pool, void *worker_data)
{
	kvfree(worker_data);
}

/* From @pos up to @end or to where the file ends, which @pos says then */
static int hash_range(struct hasher *hasher, struct file *in, loff_t *pos,
		      loff_t end, u8 *digest)
{
	ssize_t len;
	int err;

	err = crypto_shash_init(&hasher->desc);
	while (!err && *pos < end) {
		len = kernel_read(in, hasher->buf,
				  min_t(loff_t, sizeof(hasher->buf), end - *pos),
				  pos);
		if (len < 0)
			return len;
		if (!len)
			break;
		err = crypto_shash_update(&hasher->desc, hasher->buf, len);
	}
	return err ?: crypto_shash_final(&hasher->desc, digest);
}

/* O_NONBLOCK: an open() does not wait for the other end of a FIFO */
static struct file *open_regular(const char *path)
{
	struct file *in;

	in = filp_open(path, O_RDONLY | O_LARGEFILE | O_NONBLOCK, 0);
	if (IS_ERR(in) || S_ISREG(file_inode(in)->i_mode))
		return in;
	filp_close(in, NULL);
	return ERR_PTR(-EINVAL);
}

static int hash_path(struct hasher *hasher, struct demo_file *file)
{
	struct file *in;
	int err;

	fsleep(delay_ms * USEC_PER_MSEC);
	in = open_regular(file->path);
	if (IS_ERR(in))
		return PTR_ERR(in);
	err = hash_range(hasher, in, &file->bytes, MAX_BYTES + 1LL,
			 file->digest);
	filp_close(in, NULL);
	return file->bytes > MAX_BYTES ? -EFBIG : err;
}

static void set_result(struct demo_file *file, int result)
{
	mutex_lock(&files_lock);
	file->result = result;
	mutex_unlock(&files_lock);
}

/* The member of a group: what it returns is for workpool_group_wait() */
static int hash_member(void *arg)
{
	struct demo_file *file = arg;
	int err = hash_path(workpool_worker_data(), file);

	set_result(file, err);
	return err;
}

/* The task */
static void hash_file(void *arg)
{
	hash_member(arg);
}

static void crash_null(void *arg)
{
	WRITE_ONCE(*(int *)arg, 0);
}

/* The pool goes on after a crash; what is left to do is our own bookkeeping */
static void demo_crash(struct workpool *pool, const struct workpool_crash *info)
{
	pr_warn("worker %u (%s, pid %d) died in %ps: %pe\n", info->worker,
		info->comm, info->pid, info->fn, ERR_PTR(info->reason));
	if (info->fn == hash_file || info->fn == hash_member)
		set_result(info->arg, info->reason);
}

static const struct workpool_ops demo_ops = {
	.worker_init = hasher_init,
	.worker_exit = hasher_exit,
	.crash = demo_crash,
};

/* A worker has a hasher of its own; the caller of the loop brings one. */
static int hash_some(size_t lo, size_t hi, void *arg)
{
	struct demo_blocks *blocks = arg;
	bool helps = workpool_current() == pool;
	struct hasher *hasher = helps ? workpool_worker_data() : blocks->hasher;
	loff_t pos, end;
	int err = 0;

	atomic_inc(&blocks->chunks);
	atomic_add(helps ? hi - lo : 0, &blocks->helped);
	for (; !err && lo < hi; lo++) {
		pos = (loff_t)lo * BLOCK_BYTES;
		end = min(pos + BLOCK_BYTES, blocks->bytes);
		err = hash_range(hasher, blocks->in, &pos, end,
				 blocks->digest[lo]);
		if (!err && pos < end)
			err = -EIO;	/* the file became shorter */
	}
	return err;
}

static int hash_blocks(struct demo_blocks *blocks)
{
	int err;

	blocks->hasher = hasher_new();
	if (!blocks->hasher)
		return -ENOMEM;
	err = workpool_parallel_for(pool, 0, blocks->nr, 1, hash_some, blocks);
	kvfree(blocks->hasher);
	return err;
}

static struct demo_blocks *blocks_new(struct file *in)
{
	loff_t bytes = i_size_read(file_inode(in));
	size_t nr = DIV_ROUND_UP_ULL(bytes, BLOCK_BYTES);
	struct demo_blocks *blocks;

	blocks = kvzalloc(struct_size(blocks, digest, nr), GFP_KERNEL);
	if (blocks) {
		blocks->in = in;
		blocks->bytes = bytes;
		blocks->nr = nr;
	}
	return blocks;
}

static int hash_in_blocks(const char *path)
{
	struct file *in = open_regular(path);
	struct demo_blocks *new;
	int err = -ENOMEM;

	if (IS_ERR(in))
		return PTR_ERR(in);
	new = blocks_new(in);
	if (new)
		err = hash_blocks(new);
	filp_close(in, NULL);
	if (!err) {
		mutex_lock(&files_lock);
		swap(last_blocks, new);
		mutex_unlock(&files_lock);
	}
	kvfree(new);
	return err;
}

/* An open control file and the line that is being written to it */
struct control {
	struct mutex lock;	/* one write at a time */
	struct workpool_group group;
	bool grouped;		/* paths are its members */
	int error;		/* of the group */
	size_t len;
	char line[PATH_MAX];
};

static int submit_file(struct control *control, struct demo_file *file)
{
	if (control->grouped)
		return workpool_group_submit(&control->group, hash_member,
					     file);
	return workpool_submit(pool, hash_file, file);
}

static int submit_path(struct control *control, const char *path)
{
	size_t size = strlen(path) + 1;
	struct demo_file *file;
	int err;

	file = kzalloc(struct_size(file, path, size), GFP_KERNEL);
	if (!file)
		return -ENOMEM;
	file->result = PENDING;
	memcpy(file->path, path, size);
	err = submit_file(control, file);
	if (err) {
		kfree(file);
		return err;
	}
	mutex_lock(&files_lock);
	list_add_tail(&file->node, &files);
	mutex_unlock(&files_lock);
	return 0;
}

static int begin_group(struct control *control)
{
	control->grouped = true;
	control->error = 0;
	return 0;
}

/* Says the same again to a writer that repeats what was not accepted. */
static int end_group(struct control *control)
{
	int err = workpool_group_wait(&control->group);

	control->grouped = false;
	control->error = control->error ?: err;
	return control->error;
}

static int submit_line(struct control *control)
{
	const char *line = control->line;

	if (line[0] == '/')
		return submit_path(control, line);
	if (!strcmp(line, "!group"))
		return begin_group(control);
	if (!strcmp(line, "!wait"))
		return end_group(control);
	if (!strncmp(line, "!blocks /", 9))
		return hash_in_blocks(line + 8);
	if (!strcmp(line, "!crash null"))
		return workpool_submit(pool, crash_null, NULL);
	return -EINVAL;
}

static int control_open(struct inode *inode, struct file *file)
{
	struct control *control = kzalloc(sizeof(*control), GFP_KERNEL);

	if (!control)
		return -ENOMEM;
	mutex_init(&control->lock);
	workpool_group_init(&control->group, pool);
	file->private_data = control;
	return nonseekable_open(inode, file);
}

static int control_release(struct inode *inode, struct file *file)
{
	struct control *control = file->private_data;
	int err = workpool_group_wait(&control->group);

	/* The error of a member. Only a task of the pool may get -EDEADLK. */
	if (err)
		pr_debug("a member failed: %d\n", err);
	kfree(control);
	return 0;
}

/* Returns 1 when @c ended a line that was accepted. */
static int control_put(struct control *control, char c)
{
	if (c == '\n') {
		control->line[control->len] = '\0';
		control->len = 0;
		return submit_line(control) ?: 1;
	}
	if (control->len == sizeof(control->line) - 1)
		return -ENAMETOOLONG;
	control->line[control->len++] = c;
	return 0;
}

/*
 * Accepts all lines before the first that fails. The writer sees a short write,
 * writes the rest again, and that fails with the error.
 */
static ssize_t control_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	struct control *control = file->private_data;
	size_t i, accepted = 0;
	int ret = 0;
	char c;

	mutex_lock(&control->lock);
	for (i = 0; i < count && ret >= 0; i++) {
		ret = get_user(c, buf + i) ?: control_put(control, c);
		if (ret > 0)
			accepted = i + 1;
	}
	if (ret < 0)
		control->len = 0;
	else
		accepted = count;
	mutex_unlock(&control->lock);
	return accepted ?: ret;
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.open = control_open,
	.write = control_write,
	.release = control_release,
};

static int results_show(struct seq_file *m, void *unused)
{
	struct demo_file *file;

	mutex_lock(&files_lock);
	list_for_each_entry(file, &files, node)
		if (!file->result)
			seq_printf(m, "%*phN  %s\n", SHA256_DIGEST_SIZE,
				   file->digest, file->path);
	mutex_unlock(&files_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(results);

static int blocks_show(struct seq_file *m, void *unused)
{
	size_t i;

	mutex_lock(&files_lock);
	for (i = 0; last_blocks && i < last_blocks->nr; i++)
		seq_printf(m, "%*phN  %zu\n", SHA256_DIGEST_SIZE,
			   last_blocks->digest[i], i);
	mutex_unlock(&files_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(blocks);

static int status_show(struct seq_file *m, void *unused)
{
	unsigned int submitted = 0, done = 0, pending = 0;
	struct demo_file *file;
	loff_t bytes = 0;

	mutex_lock(&files_lock);
	list_for_each_entry(file, &files, node) {
		submitted++;
		done += !file->result;
		pending += file->result == PENDING;
		bytes += file->result ? 0 : file->bytes;
	}
	seq_printf(m, "submitted: %u\ndone: %u\ndone_bytes: %lld\n"
		   "failed: %u\npending: %u\n", submitted, done, bytes,
		   submitted - done - pending, pending);
	if (last_blocks)
		seq_printf(m, "blocks: %zu\nblocks_helped: %d\nchunks: %d\n",
			   last_blocks->nr, atomic_read(&last_blocks->helped),
			   atomic_read(&last_blocks->chunks));
	list_for_each_entry(file, &files, node)
		if (file->result < 0)
			seq_printf(m, "error: %pe %s\n", ERR_PTR(file->result),
				   file->path);
	mutex_unlock(&files_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(status);

static int __init demo_init(void)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	tfm = crypto_alloc_shash("sha256", 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	attrs.ops = &demo_ops;
	attrs.queue_depth = queue_depth;
	pool = workpool_create(&attrs, "demo");
	if (IS_ERR(pool)) {
		crypto_free_shash(tfm);
		return PTR_ERR(pool);
	}
	dir = debugfs_create_dir("wp_demo", NULL);
	debugfs_create_file("control", 0200, dir, NULL, &control_fops);
	debugfs_create_file("results", 0444, dir, NULL, &results_fops);
	debugfs_create_file("blocks", 0444, dir, NULL, &blocks_fops);
	debugfs_create_file("status", 0444, dir, NULL, &status_fops);
	return 0;
}

static void __exit demo_exit(void)
{
	struct demo_file *file, *tmp;

	debugfs_remove(dir);
	workpool_destroy(pool);
	crypto_free_shash(tfm);
	list_for_each_entry_safe(file, tmp, &files, node)
		kfree(file);
	kvfree(last_blocks);
}

module_init(demo_init);
module_exit(demo_exit);

MODULE_DESCRIPTION("workpool demo: SHA-256 of files");
MODULE_AUTHOR("workpool authors");
MODULE_LICENSE("GPL");
WORKPOOL_IMPORT_NS();
