// SPDX-License-Identifier: GPL-2.0
//
// Converts a user of workqueues to workpool. The script beside this file runs it,
// and says what is left by hand. kernel/docs/porting.md says what maps to what.
//
// Calls whose results are the other way round become !workpool_...(), and lose the !
// where nobody looks at the result. A failed creation stays NULL.

virtual patch

// ---- names of members of delayed work, while the types still have their old names

@delayed_member@
identifier s, f;
@@
struct s { ... struct delayed_work f; ... };

@@
identifier delayed_member.s, delayed_member.f;
expression e;
@@
container_of(e, struct s,
- f.work
+ f.task
 )

@@
struct delayed_work d;
@@
d.
- work
+ task

@@
struct delayed_work *d;
@@
d->
- work
+ task

@@
expression work;
@@
- to_delayed_work(work)
+ to_workpool_delayed_task(work)

@@
identifier var, member;
expression work;
@@
- from_work(var, work, member)
+ container_of(work, typeof(*var), member)

// ---- creation

// alloc_workqueue() in a condition: the assignment becomes a statement
@@
expression wq;
expression list args;
statement S1, S2;
@@
(
+ wq = alloc_workqueue(args);
  if (
- !(wq = alloc_workqueue(args))
+ !wq
  ) S1 else S2
|
+ wq = alloc_ordered_workqueue(args);
  if (
- !(wq = alloc_ordered_workqueue(args))
+ !wq
  ) S1 else S2
|
+ wq = create_singlethread_workqueue(args);
  if (
- !(wq = create_singlethread_workqueue(args))
+ !wq
  ) S1 else S2
|
+ wq = create_workqueue(args);
  if (
- !(wq = create_workqueue(args))
+ !wq
  ) S1 else S2
)

// the old ways to say alloc_workqueue()
@@
expression name;
@@
(
- create_singlethread_workqueue(name)
+ alloc_ordered_workqueue("%s", WQ_MEM_RECLAIM, name)
|
- create_freezable_workqueue(name)
+ alloc_ordered_workqueue("%s", WQ_MEM_RECLAIM | WQ_FREEZABLE, name)
|
- create_workqueue(name)
+ alloc_workqueue("%s", WQ_MEM_RECLAIM | WQ_PERCPU, 1, name)
)

@initialize:python@
@@
import re

# What is left of a flag: nothing, an attribute, or a workqueue that stays one.
NOTHING = {'0', 'WQ_UNBOUND', 'WQ_PERCPU', 'WQ_SYSFS', 'WQ_CPU_INTENSIVE',
           'WQ_POWER_EFFICIENT', '__WQ_LEGACY', '__WQ_ORDERED'}
KNOWN = NOTHING | {'WQ_MEM_RECLAIM', 'WQ_HIGHPRI', 'WQ_FREEZABLE'}


def words_of(flags):
    """The flags that are known by name, and an expression of the others, or ''."""
    words = [word.strip() for word in flags.split('|')]
    if any(sign in flags for sign in '()?&~'):
        return set(), '(%s)' % ' '.join(flags.split())
    others = [word for word in words if word not in KNOWN]
    return set(words) & KNOWN, ' | '.join(others) if len(others) < 2 else '(%s)' % ' | '.join(others)


def is_softirq(flags):
    return 'WQ_BH' in [word.strip() for word in flags.split('|')]


def capacity_of(words, others, limit):
    """max_active is that of each CPU unless the workqueue is unbound; 0 is the default."""
    if limit == '0':
        return 'WORKPOOL_CAPACITY_DEFAULT'
    if not re.fullmatch(r'\d+|num_(online|possible|present)_cpus *\( *\)', limit):
        simple = re.fullmatch(r'[\w.>-]+', limit)
        limit = '(%s ?: WORKPOOL_CAPACITY_DEFAULT)' % (limit if simple else '(%s)' % limit)
    if 'WQ_UNBOUND' in words:
        return limit
    per_cpu = 'num_online_cpus()' if limit == '1' else limit + ' * num_online_cpus()'
    if not others or 'WQ_PERCPU' in words:
        return per_cpu
    return '%s & WQ_UNBOUND ? %s : %s' % (others, limit, per_cpu)


def attributes(flags, limit, ordered):
    """The attributes of a pool. Flags that are variables are looked at when it is created."""
    words, others = words_of(flags)

    def choose(flag, yes, no):
        if flag in words:
            return yes
        return '%s & %s ? %s : %s' % (others, flag, yes, no) if others else no

    capacity = '1' if ordered else capacity_of(words, others, ' '.join(limit.split()))
    freezable = choose('WQ_FREEZABLE', 'WORKPOOL_F_FREEZABLE', '0')
    if '?' in freezable:
        freezable = '(%s)' % freezable
    values = (('capacity', capacity),
              ('node', 'NUMA_NO_NODE'),
              ('min_workers', choose('WQ_MEM_RECLAIM', '1', '0')),
              ('nice', choose('WQ_HIGHPRI', '-20', '0')),
              ('flags', 'WORKPOOL_F_NORELEASE' + (' | ' + freezable if freezable != '0' else '')))
    return '&(struct workpool_attrs){ %s }' % ', '.join('.%s = %s' % value for value in values
                                                        if value[1] != '0')

@created@
expression flags, limit, fmt;
position p;
@@
(
 alloc_workqueue@p(fmt, flags, limit, ...)
|
 devm_alloc_workqueue@p(..., fmt, flags, limit, ...)
)

@script:python created_attrs@
flags << created.flags;
limit << created.limit;
attrs;
@@
if is_softirq(flags):
    cocci.include_match(False)
else:
    coccinelle.attrs = cocci.make_expr(attributes(flags, limit, False))

@@
expression wq, dev, fmt, created.flags, created.limit;
expression list args;
expression created_attrs.attrs;
position created.p;
@@
(
- wq = alloc_workqueue@p(fmt, flags, limit, args);
+ wq = workpool_create(attrs, fmt, args);
+ if (IS_ERR(wq))
+ 	wq = NULL;
|
- wq = devm_alloc_workqueue@p(dev, fmt, flags, limit, args);
+ wq = devm_workpool_create(dev, attrs, fmt, args);
+ if (IS_ERR(wq))
+ 	wq = NULL;
)

@ordered@
expression flags, fmt;
position p;
@@
(
 alloc_ordered_workqueue@p(fmt, flags, ...)
|
 devm_alloc_ordered_workqueue@p(..., fmt, flags, ...)
)

@script:python ordered_attrs@
flags << ordered.flags;
attrs;
@@
coccinelle.attrs = cocci.make_expr(attributes(flags, '1', True))

@@
expression wq, dev, fmt, ordered.flags;
expression list args;
expression ordered_attrs.attrs;
position ordered.p;
@@
(
- wq = alloc_ordered_workqueue@p(fmt, flags, args);
+ wq = workpool_create(attrs, fmt, args);
+ if (IS_ERR(wq))
+ 	wq = NULL;
|
- wq = devm_alloc_ordered_workqueue@p(dev, fmt, flags, args);
+ wq = devm_workpool_create(dev, attrs, fmt, args);
+ if (IS_ERR(wq))
+ 	wq = NULL;
)

// ---- workqueues that always exist

@@
@@
(
- system_wq
+ workpool_system
|
- system_percpu_wq
+ workpool_system
|
- system_unbound_wq
+ workpool_system
|
- system_dfl_wq
+ workpool_system
|
- system_long_wq
+ workpool_system
|
- system_dfl_long_wq
+ workpool_system
|
- system_power_efficient_wq
+ workpool_system
)

@@
expression work, delay;
@@
(
- schedule_work(work)
+ queue_work(workpool_system, work)
|
- schedule_delayed_work(work, delay)
+ queue_delayed_work(workpool_system, work, delay)
)

// ---- calls; those on workqueues that stay, stay

// nobody looks at the result
@@
expression wq != { system_bh_wq, system_bh_highpri_wq, system_highpri_wq,
	system_freezable_wq, system_freezable_power_efficient_wq };
expression work, delay;
@@
(
- queue_work(wq, work);
+ workpool_queue(wq, work);
|
- queue_delayed_work(wq, work, delay);
+ workpool_queue_delayed(wq, work, delay);
|
- cancel_work(work);
+ workpool_cancel(work);
|
- cancel_work_sync(work);
+ workpool_cancel_sync(work);
|
- cancel_delayed_work(work);
+ workpool_cancel_delayed(work);
|
- cancel_delayed_work_sync(work);
+ workpool_cancel_delayed_sync(work);
|
- (void)queue_work(wq, work);
+ workpool_queue(wq, work);
|
- (void)queue_delayed_work(wq, work, delay);
+ workpool_queue_delayed(wq, work, delay);
|
- (void)cancel_work(work);
+ workpool_cancel(work);
|
- (void)cancel_work_sync(work);
+ workpool_cancel_sync(work);
|
- (void)cancel_delayed_work(work);
+ workpool_cancel_delayed(work);
|
- (void)cancel_delayed_work_sync(work);
+ workpool_cancel_delayed_sync(work);
|
- disable_work(work);
+ workpool_disable(work);
|
- disable_work_sync(work);
+ workpool_disable_sync(work);
|
- flush_delayed_work(work);
+ workpool_flush_delayed(work);
|
- mod_delayed_work(wq, work, delay);
+ workpool_mod_delayed(wq, work, delay);
)

// true was: it was not pending before the queueing, or before the cancel it was. Now that is 0.
@@
expression wq != { system_bh_wq, system_bh_highpri_wq, system_highpri_wq,
	system_freezable_wq, system_freezable_power_efficient_wq };
expression work, delay;
@@
(
- queue_work(wq, work)
+ !workpool_queue(wq, work)
|
- queue_delayed_work(wq, work, delay)
+ !workpool_queue_delayed(wq, work, delay)
|
- cancel_work(work)
+ !workpool_cancel(work)
|
- cancel_work_sync(work)
+ !workpool_cancel_sync(work)
|
- cancel_delayed_work(work)
+ !workpool_cancel_delayed(work)
|
- cancel_delayed_work_sync(work)
+ !workpool_cancel_delayed_sync(work)
|
- disable_work(work)
+ !workpool_disable(work)
|
- disable_work_sync(work)
+ !workpool_disable_sync(work)
|
- enable_work(work)
+ workpool_enable(work)
|
- flush_work(work)
+ workpool_flush(work)
|
- flush_delayed_work(work)
+ workpool_flush_delayed(work)
|
- current_work()
+ workpool_current_task()
)

@@
expression wq != { system_bh_wq, system_bh_highpri_wq, system_highpri_wq,
	system_freezable_wq, system_freezable_power_efficient_wq };
expression work, delay;
@@
(
- work_pending(work)
+ workpool_task_pending(work)
|
- work_busy(work)
+ workpool_task_busy(work)
|
- WORK_BUSY_PENDING
+ WORKPOOL_BUSY_PENDING
|
- WORK_BUSY_RUNNING
+ WORKPOOL_BUSY_RUNNING
|
- flush_workqueue(wq)
+ workpool_flush_pool(wq)
|
- drain_workqueue(wq)
+ WARN_ON(workpool_drain(wq, MAX_SCHEDULE_TIMEOUT))
|
- destroy_workqueue(wq)
+ workpool_destroy(wq)
|
- workqueue_set_max_active(wq, work)
+ workpool_tune(wq, work)
)

// !! where only zero or not counts
@@
expression list es;
expression e;
identifier f =~ "^workpool_(queue|cancel)";
statement S, S1, S2;
@@
(
  if (
- !!f(es)
+ f(es)
  ) S1 else S2
|
  while (
- !!f(es)
+ f(es)
  ) S
|
- !!f(es)
+ f(es)
  && e
|
  e &&
- !!f(es)
+ f(es)
|
- !!f(es)
+ f(es)
  || e
|
  e ||
- !!f(es)
+ f(es)
|
  WARN_ON(
- !!f(es)
+ f(es)
  )
)

@@
struct delayed_work d;
expression dwork;
@@
(
- delayed_work_pending(&d)
+ workpool_task_pending(&d.task)
|
- delayed_work_pending(dwork)
+ workpool_task_pending(&dwork->task)
)

// ---- initialisation

@@
expression work, fn;
@@
(
- INIT_WORK(work, fn)
+ workpool_task_init(work, fn)
|
- INIT_WORK_ONSTACK(work, fn)
+ workpool_task_init_onstack(work, fn)
|
- INIT_DELAYED_WORK(work, fn)
+ workpool_delayed_task_init(work, fn)
|
- INIT_DEFERRABLE_WORK(work, fn)
+ workpool_delayed_task_init(work, fn)
|
- INIT_DELAYED_WORK_ONSTACK(work, fn)
+ workpool_delayed_task_init_onstack(work, fn)
|
- destroy_work_on_stack(work)
+ workpool_task_destroy_onstack(work)
|
- destroy_delayed_work_on_stack(work)
+ workpool_delayed_task_destroy_onstack(work)
)

@@
declarer name DECLARE_WORK, DECLARE_DELAYED_WORK, DECLARE_DEFERRABLE_WORK;
declarer name DEFINE_WORKPOOL_TASK, DEFINE_WORKPOOL_DELAYED_TASK;
identifier work, fn;
@@
(
- DECLARE_WORK(work, fn);
+ DEFINE_WORKPOOL_TASK(work, fn);
|
- DECLARE_DELAYED_WORK(work, fn);
+ DEFINE_WORKPOOL_DELAYED_TASK(work, fn);
|
- DECLARE_DEFERRABLE_WORK(work, fn);
+ DEFINE_WORKPOOL_DELAYED_TASK(work, fn);
)

// ---- types

@@
@@
- struct workqueue_struct
+ struct workpool

@@
@@
- struct work_struct
+ struct workpool_task

@@
@@
- struct delayed_work
+ struct workpool_delayed_task

@@
typedef work_func_t, workpool_task_fn_t;
@@
- work_func_t
+ workpool_task_fn_t

@@
declarer name MODULE_LICENSE, WORKPOOL_IMPORT_NS;
expression licence;
@@
MODULE_LICENSE(licence);
+WORKPOOL_IMPORT_NS();
