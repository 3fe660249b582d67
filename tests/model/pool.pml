/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pool: submit, hand-off, park, purge, tune, release, reboot, spawn, crash.
 *
 * What happens under workpool.lock is one d_step: an inline that is named like the
 * kernel's function, without its wp_ and _locked. What is deferred until after the
 * unlock (struct wp_deferred) takes steps of its own, between which every other
 * process may run: each post of an order, each completion, each start of a thread,
 * the timer, the event.
 *
 * Not modelled, because another model or the kernel stands for it:
 *  - how an order gets to a sleeping thread: mailbox.pml;
 *  - the pending bit and the last pool of an embedded task: pending.pml. Here a task
 *    is always accepted, whether the pool has room or not;
 *  - completions, wait_event(), mutexes and delayed works are taken to be right. There
 *    is no time: a timer that is set may fire at any moment, or never;
 *  - references, RCU and the memory of pools: a pool is there for ever;
 *  - an adopted and a new thread are the same: one of NW that serves no pool;
 *  - members of groups, delayed tasks, multi pools, cpu hotplug, max_blocking.
 *
 * The sizes and the processes that take part are macros, see the table in
 * tests/lanes/model. A task is a number; its submitter waits, if it does, in the
 * frame of that number.
 */

#ifndef NW
#define NW	3		/* threads */
#endif
#ifndef PARENTS
#define PARENTS	0		/* tasks t that submit task t + PARENTS */
#endif
#ifndef SUBMITTERS
#if PARENTS
#define SUBMITTERS PARENTS
#else
#define SUBMITTERS 2
#endif
#endif
#ifndef PER
#define PER	1		/* tasks of each */
#endif
#ifndef LIMIT
#define LIMIT	1		/* capacity at the beginning */
#endif
#ifndef MIN
#define MIN	0		/* min_workers */
#endif
#ifndef QDEPTH
#define QDEPTH	0		/* queue_depth */
#endif
#ifndef THREAD_FAILS
#define THREAD_FAILS 0		/* threads that cannot be made; with NO_THREADS none can */
#endif
#ifndef INIT_FAILS
#define INIT_FAILS 0		/* worker_init()s that fail */
#endif
#ifndef CRASHES
#define CRASHES 0		/* threads that end in a task or callback */
#endif
#ifndef REPORTS
#define REPORTS	0		/* there is ops->crash */
#endif
#ifndef CACHE
#define CACHE	0		/* a thread may be adopted in any context */
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 2		/* WP_DROP_ATTEMPTS */
#endif

/* How a task is submitted, a set: -D WAYS */
#define WAIT	1		/* workpool_submit() */
#define GIVE_UP	2		/* the same, killed or timed out at any moment */
#define TRY	4		/* workpool_try_submit() */
#define QUEUE	8		/* workpool_queue() */
#ifndef WAYS
#define WAYS	WAIT
#endif

#if PARENTS
#define NT	(2 * PARENTS)	/* tasks */
#else
#define NT	(SUBMITTERS * PER)
#endif
#define NP	(NT + NW)	/* places in the queue */
#define BIT(n)	(1 << (n))
#define min(a, b) ((a) < (b) -> (a) : (b))
#define max(a, b) ((a) > (b) -> (a) : (b))

/* enum wp_state */
#define OPEN	0
#define BOOTING	1
#define CLOSED	2
#define DEAD	3

/* enum wp_worker_state */
#define FREE		0	/* serves no pool: cached, or not made yet */
#define STARTING	1
#define IDLE		2
#define SEARCHING		3
#define BUSY		4
#define EXITING		5
#define CRASHED		6
#define GONE		7	/* out of the counts, still in the code */

/* enum wp_order */
#define NONE	0
#define RUN	1
#define SEARCH	2
#define LEAVE	3
#define ADOPT	4

/* Bits of wp_deferred.actions that are not lists here */
#define SPAWN	1
#define RETRY	2
#define PURGE	4
#define EVENT	8

/* What has become of a task */
#define UNBORN	0
#define QUEUED	1		/* a WP_CALL in the queue */
#define TASK	2		/* a WP_TASK in the queue */
#define WAITS	3		/* a WP_WAITER in the queue */
#define GIVEN	4		/* to a worker */
#define RUNS	5
#define OVER	6
#define REFUSED	7
#define IN_QUEUE(t) (fate[t] == QUEUED || fate[t] == TASK)

/* What a worker executes: a task, or the report of the dead worker c - NT */
#define NOTHING	255
#define IS_REPORT(c) ((c) >= NT)

/* struct workpool */
byte state = (MIN -> CLOSED : OPEN);
byte limit = LIMIT;
byte nr_reserve = LIMIT;
byte min_workers = MIN;
byte max_searching = 1;
byte running, starting, to_spawn, searching, queued, calls, waiting, alive;
byte idle[NW], nr_idle;			/* the newest last */
byte queue[NP], nr_queue;		/* the oldest first */
byte nested, nr_nested;			/* a set of tasks */
bool purge_armed, draining;
byte start_failures;
bool boot_error;

/* struct wp_worker */
byte status[NW];
byte order[NW];
byte call[NW] = NOTHING;

/* struct wp_wait, of task t, and of the drainer in the last place */
bool undecided[NT + 1], done[NT + 1];
byte fate[NT];

/* Kernel facilities */
bool purge_timer, purge_runs, purge_cancelled;
bool spawn_queued, spawn_runs, spawn_cancelled;
bool lifecycle;				/* the mutex */
byte asleep;				/* the threads that wait for workpool.events */
byte ending, exited;			/* sets of workers */

/* What the checks know */
bool released;				/* workpool_release_timeout() returned 0 */
byte ceiling = LIMIT;			/* running is not above */
byte roof = LIMIT + QDEPTH;		/* nor are the accepted calls */
byte before[NT];			/* those in the queue that came earlier */
byte thread_fails = THREAD_FAILS, init_fails = INIT_FAILS, crashes = CRASHES;

/* What a step needs is not part of the state. */
hidden short nr, need, over;
hidden byte top, cut, head, found, k, m, p, q;
hidden byte ok;

/* struct wp_deferred; the masks are sets of workers, and of waits */
#define DEFERRED	byte runner, actions, searchers, waits, leavers

#define busy()	(running - nr_idle - starting - searching)

/* ---- What the checks do ------------------------------------------------- */

inline enter_queue(t)
{
	before[t] = 0;
	for (p : 0 .. NT - 1) {
		if
		:: p != t && (IN_QUEUE(p) || fate[p] == WAITS) ->
			before[t] = before[t] | BIT(p)
		:: else
		fi
	}
}

inline leave_queue(t)
{
	before[t] = 0;
	for (p : 0 .. NT - 1) {
		before[p] = before[p] & ~BIT(t)
	}
}

/* ---- queue.c: what is needed --------------------------------------------- */

/* wp_need_has_room_locked(), into ok */
inline get_room()
{
	over = busy() + queued - limit;
	ok = over < 0 || min(calls, over) < QDEPTH
}

/* wp_need_workers_locked(), into need */
inline get_need()
{
	if
	:: !queued ->
		get_room();
		need = (waiting && ok -> 1 : 0)
	:: else ->
		need = min(max_searching, queued);
		need = max(need, (QDEPTH -> 1 : calls))
	fi
}

/* what wp_queue_trim_locked() gives back, into nr */
inline get_unneeded()
{
	need = queued;
	if
	:: state < CLOSED ->
		need = max(queued + waiting, min_workers - (running - to_spawn))
	:: else
	fi;
	nr = max(to_spawn - need, running - limit)
}

/* ---- slot.c ------------------------------------------------------------- */

/* wp_slot_reserve_locked() */
inline slot_reserve(want)
{
	nr = want;
	nr = min(nr, limit - running);
	if
	:: nr > 0 ->
		running = running + nr;
		starting = starting + nr;
		alive = alive + nr;
		to_spawn = to_spawn + nr;
#ifndef BUG_NO_SPAWN
		actions = actions | SPAWN
#endif
	:: else
	fi
}

/* wp_slot_put_locked() */
inline slot_put(n)
{
	alive = alive - n;
#ifndef BUG_NO_EVENT
	if
	:: !alive -> actions = actions | EVENT
	:: else
	fi
#endif
}

/* wp_slot_trim_locked() */
inline slot_trim(want)
{
	nr = want;
	nr = min(nr, to_spawn);
	if
	:: nr > 0 ->
		running = running - nr;
#ifndef BUG_TRIM_STARTING
		starting = starting - nr;
#endif
		slot_put(nr);
		to_spawn = to_spawn - nr
	:: else
	fi
}

/* wp_slot_retire_locked() */
inline slot_retire(w)
{
	status[w] = EXITING;
#ifndef BUG_RETIRE_RUNNING
	running--
#endif
}

/* wp_stack_cut_oldest() */
inline cut_oldest(w)
{
	w = idle[0];
	nr_idle--;
	for (k : 0 .. NW - 2) {
		idle[k] = idle[k + 1]
	}
	idle[NW - 1] = 0
}

/* wp_slot_retire_idle_locked() */
inline slot_retire_idle(want)
{
	nr = want;
	do
	:: nr > 0 && nr_idle ->
		cut_oldest(cut);
		slot_retire(cut);
		leavers = leavers | BIT(cut);
		nr--
	:: else -> break
	od
}

/* wp_slot_crash_locked() */
inline slot_crash(w)
{
	if
	:: status[w] == STARTING -> starting--
	:: else
	fi;
	if
	:: status[w] != EXITING -> running--
	:: else
	fi;
	status[w] = CRASHED
}

/* ---- wait.c ------------------------------------------------------------- */

/* wp_wait_complete_locked(); the fate of the task says whether it is a refusal */
inline wait_complete(s)
{
	assert(undecided[s]);
	if
	:: s < NT && (nested & BIT(s)) ->
		nested = nested & ~BIT(s);
		nr_nested--
	:: else
	fi;
	undecided[s] = false;
#ifndef BUG_NO_COMPLETE
	waits = waits | BIT(s)
#endif
}

/* ---- node.h and waiter.c -------------------------------------------------- */

/* Take out of the queue what stands at i. */
inline queue_del(i)
{
	k = i;
	nr_queue--;
	do
	:: k < nr_queue ->
		queue[k] = queue[k + 1];
		k++
	:: else -> break
	od;
	queue[nr_queue] = 0
}

inline queue_find(c, i)
{
	i = 0;
	do
	:: queue[i] != c -> i++
	:: else -> break
	od;
	assert(i < nr_queue)
}

inline queue_add_front(c)
{
	k = nr_queue;
	do
	:: k > 0 ->
		queue[k] = queue[k - 1];
		k--
	:: else -> break
	od;
	queue[0] = c;
	nr_queue++
}

inline queue_add_tail(c)
{
	queue[nr_queue] = c;
	nr_queue++
}

/* wp_waiter_complete_locked(): what becomes of the waiter */
inline waiter_complete(t, what)
{
	queue_find(t, q);
	queue_del(q);
	waiting--;
	if
	:: what == REFUSED -> leave_queue(t); fate[t] = REFUSED
	:: else -> assert(state == OPEN)	/* a closed pool accepts nothing */
	fi;
	wait_complete(t)
}

/* ---- queue.c --------------------------------------------------------------- */

/*
 * break_circle() of queue/edge.c: the youngest in the queue gets -EDEADLK. There
 * it is looked for when a wait begins and once a second, here whenever the queue is
 * balanced. See edges.pml for circles through several pools.
 */
inline break_deadlock()
{
	if
	:: nr_nested && nr_nested >= max(running, limit) ->
#ifndef BUG_NO_EDEADLK
		found = NOTHING;
		k = nr_queue;
		do
		:: k && found == NOTHING ->
			k--;
			if
			:: !IS_REPORT(queue[k]) && (nested & BIT(queue[k])) ->
				found = queue[k]
			:: else
			fi
		:: else -> break
		od;
		assert(found != NOTHING);
		waiter_complete(found, REFUSED)
#else
		skip
#endif
	:: else
	fi
}

/* wp_stack_pop() */
inline stack_pop(w)
{
	nr_idle--;
	w = idle[nr_idle];
	idle[nr_idle] = 0
}

/* wp_queue_kick_slow_locked(), wake_searcher_locked() */
inline queue_kick_slow()
{
	get_need();
	do
	:: searching < need && nr_idle ->
		stack_pop(top);
		status[top] = SEARCHING;
		searching++;
#ifndef BUG_NO_SEARCHER
		searchers = searchers | BIT(top)
#endif
	:: else -> break
	od;
	slot_reserve(need - searching - starting)
}

/* wp_queue_kick_locked() */
inline queue_kick()
{
	if
	:: (QDEPTH || calls <= 1) &&
	   (searching >= max_searching ||
	    (!nr_idle && (searching + starting >= max_searching || running >= limit)))
	:: else -> queue_kick_slow()
	fi
}

/* wp_slot_assign_locked() */
inline slot_assign(w, c)
{
	assert(running <= limit);	/* a surplus begins nothing */
	status[w] = BUSY;
	call[w] = c;
	if
	:: !IS_REPORT(c) ->
		assert(!before[c]);	/* nothing that came earlier is left */
		leave_queue(c);
		assert(fate[c] != GIVEN && fate[c] < RUNS);
		fate[c] = GIVEN
	:: else
	fi
}

/* wp_queue_take_locked(), take_node_locked(), into ok */
inline queue_take(w)
{
	ok = nr_queue;
	if
	:: ok ->
		head = queue[0];
		if
		:: IS_REPORT(head) ->
			queue_del(0);
			queued--;
			slot_assign(w, head)
		:: else ->
			if
			:: fate[head] == WAITS ->
				slot_assign(w, head);
#ifdef BUG_HAND_TWICE
				fate[head] = QUEUED;	/* taken, and queued too */
				calls++;
				queued++;
				queue_del(0);
				queue_add_tail(head);
				waiting--;
				wait_complete(head)
#else
				waiter_complete(head, GIVEN)
#endif
			:: else ->
				queue_del(0);
				queued--;
#ifndef BUG_CALLS
				if
				:: fate[head] == QUEUED -> calls--
				:: else
				fi;
#endif
				slot_assign(w, head)
			fi
		fi
	:: else
	fi
}

/* accept_waiter_locked(), into ok: the oldest waiter is accepted, where it stands */
inline accept_waiter()
{
	ok = calls < nr_reserve;
	if
	:: ok ->
		q = 0;
		do
		:: IS_REPORT(queue[q]) || fate[queue[q]] != WAITS -> q++
		:: else -> break
		od;
		head = queue[q];
		assert(state == OPEN);
		fate[head] = QUEUED;
		calls++;
		queued++;
		waiting--;
		wait_complete(head)
	:: else
	fi
}

/* wp_queue_balance_locked() */
inline queue_balance()
{
	get_room();
	do
	:: waiting && ok ->
		accept_waiter();
		if
		:: !ok -> break
		:: else -> get_room()
		fi
	:: else -> break
	od;
	if
	:: state < CLOSED -> slot_reserve(min_workers - running)
	:: else
	fi;
	queue_kick();
	if
	:: state >= CLOSED -> slot_retire_idle(nr_idle - queued)
	:: else
	fi;
	break_deadlock();
	if
	:: draining && !nr_queue && !busy() ->
		draining = false;
		wait_complete(NT)
	:: else
	fi
}

/* ---- What always holds while the lock is free ----------------------------- */

hidden byte n_starting, n_idle, n_searching, n_busy, n_out;
hidden byte n_queued, n_calls, n_waiting, n_accepted;

/* The counts are right, and so is "From submit to done" in pool.c. */
inline rules()
{
	n_starting = 0; n_idle = 0; n_searching = 0; n_busy = 0; n_out = 0;
	for (p : 0 .. NW - 1) {
		if
		:: status[p] == STARTING -> n_starting++
		:: status[p] == IDLE -> n_idle++
		:: status[p] == SEARCHING -> n_searching++
		:: status[p] == BUSY -> n_busy++
		:: status[p] == EXITING || status[p] == CRASHED -> n_out++
		:: else
		fi
	}
	n_accepted = 0;
	for (p : 0 .. NT - 1) {
		if
		:: fate[p] == QUEUED || fate[p] == GIVEN || fate[p] == RUNS -> n_accepted++
		:: else
		fi
	}
	n_queued = 0; n_calls = 0; n_waiting = 0;
	p = 0;
	do
	:: p < nr_queue ->
		if
		:: IS_REPORT(queue[p]) -> n_queued++
		:: else ->
			if
			:: fate[queue[p]] == QUEUED -> n_queued++; n_calls++
			:: fate[queue[p]] == TASK -> n_queued++
			:: else ->
				assert(fate[queue[p]] == WAITS);
				n_waiting++
			fi
		fi;
		p++
	:: else -> break
	od;
	assert(n_idle == nr_idle && n_searching == searching && n_busy == busy());
	assert(n_starting + to_spawn <= starting);
	assert(n_queued == queued && n_calls == calls && n_waiting == waiting);
	assert(alive == running + n_out);
	assert(running == nr_idle + searching + n_busy + starting);

	/* what is above the capacity was left by a shrink and only falls */
	assert(running <= ceiling);
	ceiling = max(running, limit);
#if !(WAYS & QUEUE)
	assert(n_accepted <= roof);
	roof = max(n_accepted, limit + QDEPTH);
#endif

#ifndef NO_RULES
	get_need();
	assert(!(queued && nr_idle) || searching >= need);
	assert(!(queued && running < limit) || searching + starting >= need);
	get_room();
	assert(!(waiting && ok) || calls >= nr_reserve);
	assert(!nr_nested || nr_nested < max(running, limit));
	assert(state < CLOSED || nr_idle <= queued);
	assert(state >= CLOSED || running >= min(min_workers, limit));
	assert(!draining || nr_queue || busy())
#endif
}

/* ---- purge.c, as far as others call it ------------------------------------ */

/* nr_expendable_locked(), into nr */
inline get_expendable()
{
	nr = running - min_workers;
	nr = min(nr, nr_idle)
}

/* wp_purge_arm_locked() */
inline purge_arm()
{
	get_expendable();
	if
	:: !purge_armed && nr > 0 ->
		purge_armed = true;
		actions = actions | PURGE
	:: else
	fi
}

/* ---- mailbox.c, spawn.c, lock.c ------------------------------------------ */

/* wp_mailbox_post(): see mailbox.pml. No order is posted twice. */
inline post(w, what)
{
	assert(order[w] == NONE);
	order[w] = what
}

/* The lowest member m of a set leaves it. */
inline set_pop(set)
{
	m = 0;
	do
	:: !(set & BIT(m)) -> m++
	:: else -> break
	od;
	set = set & ~BIT(m)
}

/* kthread_queue_delayed_work() of the spawner, and the same with a delay */
inline queue_spawn()
{
	spawn_queued = spawn_queued || !spawn_cancelled
}

/* There is an unused thread. They are alike. */
#define HAVE_THREAD	(status[0] == FREE || status[1] == FREE || \
			 status[NW - 1] == FREE)

/*
 * wp_slot_take(), wp_slot_fill() and the post or wake_up_process() for a thread
 * of the cache or a new one. A taken slot that has no worker yet is like one whose
 * thread was not scheduled yet, so this is one step.
 */
inline give_thread()
{
	to_spawn--;
	m = 0;
	do
	:: status[m] != FREE -> m++
	:: else -> break
	od;
	status[m] = STARTING;
	post(m, ADOPT)
}

/* wp_spawn_start(): adopts what it can, and leaves the rest to the spawner */
inline spawn_start()
{
	do
#if CACHE
	:: d_step { to_spawn && HAVE_THREAD -> give_thread() }
#endif
	:: d_step { to_spawn -> queue_spawn() }; break
	:: d_step { !to_spawn -> skip }; break
	od
}

/* wp_pool_unlock_deferred(), do_deferred(): one step for each action */
inline pool_unlock()
{
	do
	:: d_step {
		runner || searchers || waits || leavers ->
		if
		:: runner ->
			post(runner - 1, RUN);
			runner = 0
		:: !runner && searchers ->
			set_pop(searchers);
			post(m, SEARCH)
		:: !runner && !searchers && waits ->
			set_pop(waits);
			done[m] = true
		:: else ->
			set_pop(leavers);
			post(m, LEAVE)
		fi
	   }
	:: else -> break
	od;
	if
	:: actions & RETRY -> d_step { queue_spawn(); actions = actions & ~(RETRY | SPAWN) }
	:: (actions & (RETRY | SPAWN)) == SPAWN -> spawn_start(); actions = actions & ~SPAWN
	:: else
	fi;
	if
	:: actions & PURGE ->		/* start_purge() */
		d_step {
			purge_timer = purge_timer || !purge_cancelled;
			actions = actions & ~PURGE
		}
	:: else
	fi;
	if
	:: actions & EVENT ->
		d_step {
			asleep = 0;	/* wake_up_all() */
			actions = actions & ~EVENT
		}
	:: else
	fi
}

/* ---- attach.c ------------------------------------------------------------ */

/* wp_attach_up_locked() */
inline attach_up()
{
	starting--;
	start_failures = 0;
	if
	:: state == BOOTING && !starting -> actions = actions | EVENT
	:: else
	fi
}

/* wp_attach_failed_locked() */
inline attach_failed()
{
	start_failures = min(start_failures + 1, ATTEMPTS);
	if
	:: state == BOOTING ->
		state = CLOSED;
		boot_error = true;
		slot_retire_idle(NW);
		actions = actions | EVENT
	:: else
	fi;
	get_unneeded();
	slot_trim(nr);
	queue_balance();
	if
	:: to_spawn -> actions = actions | RETRY
	:: else
	fi
}

/* wp_attach_leave() */
inline attach_leave(w, becomes)
{
	d_step {
		status[w] = becomes;
		slot_put(1);
		queue_balance();
		rules()
	}
	pool_unlock()
}

/* ---- loop.c: what a worker does under the lock ------------------------------ */

/* loop_finish_locked() */
inline finish(w)
{
	assert(status[w] == BUSY);
	if
	:: !IS_REPORT(call[w]) ->
		assert(fate[call[w]] == RUNS);
		fate[call[w]] = OVER;
		max_searching = 1
	:: else
	fi;
	call[w] = NOTHING
}

/* loop_arrive_locked() */
inline arrive(w)
{
	if
	:: status[w] == SEARCHING ->
#ifndef BUG_SEARCHING
		searching--
#endif
	:: else ->
		assert(status[w] == STARTING);
		attach_up()
	fi;
	max_searching = (max_searching < queued -> 2 * max_searching : 1)
}

/* loop_park_locked() */
inline park(w)
{
	status[w] = IDLE;
	order[w] = NONE;
	idle[nr_idle] = w;
	nr_idle++;
	if
	:: !purge_armed -> purge_arm()
	:: else
	fi;
	if
	:: draining -> queue_balance()
	:: else
	fi
}

/* next_order(), into what: NONE when it was parked */
inline next_order(w, what)
{
	if
	:: status[w] == BUSY -> finish(w)
	:: else -> arrive(w)
	fi;
#ifdef BUG_TAKE_OVER_LIMIT
	ok = true;
#else
	ok = running <= limit;
#endif
	if
	:: ok -> queue_take(w)
	:: else
	fi;
	if
	:: ok ->
		if
		:: waiting || state >= CLOSED -> queue_balance()
#ifndef BUG_NO_NEXT_SEARCHER
		:: !waiting && state < CLOSED && queued -> queue_kick()
#endif
		:: else
		fi;
		what = RUN
	:: else ->
		if
		:: running > limit || state >= CLOSED ->
			slot_retire(w);
			call[w] = NOTHING;
			queue_balance();
			what = LEAVE
		:: else ->
			park(w);
			what = NONE
		fi
	fi
}

/* ---- drop.c --------------------------------------------------------------- */

/* is_hopeless_locked() */
#define is_hopeless() (state != OPEN && running == starting && \
		       start_failures >= ATTEMPTS && nr_queue)

/* drop_first_locked(): dead is the worker whose crash no worker reports, or NW */
inline drop_first(dead)
{
	head = queue[0];
	dead = NW;
	if
	:: IS_REPORT(head) ->
		dead = head - NT;
		queue_del(0);
		queued--
	:: else ->
		if
		:: fate[head] == WAITS -> waiter_complete(head, REFUSED)
		:: else ->
			queue_del(0);
			queued--;
			leave_queue(head);
			if
			:: fate[head] == QUEUED ->
				calls--;
				fate[head] = OVER
			:: else ->		/* wp_link_end_locked() */
				fate[head] = OVER;
				queue_balance()
			fi
		fi
	fi;
	get_unneeded();
	slot_trim(nr);
	queue_balance()
}

/* wp_drop_if_hopeless() */
inline drop_if_hopeless(dead)
{
#if THREAD_FAILS + INIT_FAILS + CRASHES > 1
	do
	:: d_step {
		true ->
		if
		:: is_hopeless() -> drop_first(dead)
		:: else -> dead = NW + 1
		fi;
		rules()
	   }
	   pool_unlock();
	   if
#ifndef BUG_DROP_KEEPS_DEAD
	   :: dead < NW -> attach_leave(dead, FREE)	/* wp_crash_drop() */
#else
	   :: dead < NW
#endif
	   :: dead == NW
	   :: dead > NW -> break
	   fi
	od;
	dead = 0
#else
	skip
#endif
}

/* ---- submit.c ------------------------------------------------------------- */

/*
 * submit_admit_locked() with wp_queue_hand_off_locked() and wp_queue_accept_locked(), and
 * else add_waiter_locked(); or queue_task() of an embedded task
 */
inline admit(t, way, by_worker)
{
	if
	:: state != OPEN -> fate[t] = REFUSED
	:: state == OPEN && way == QUEUE ->
		enter_queue(t);
		fate[t] = TASK;
		queue_add_tail(t);
		queued++;
		queue_kick()
	:: state == OPEN && way != QUEUE && !QDEPTH && !nr_queue && nr_idle ->
#ifdef BUG_PEEK
		top = idle[nr_idle - 1];	/* it stays where the purge finds it */
#else
		stack_pop(top);
#endif
		enter_queue(t);
		slot_assign(top, t);
		runner = top + 1
	:: else ->
		get_room();
#ifdef BUG_NO_ROOM_CHECK
		ok = true;
#endif
		if
		:: !waiting && ok && calls < nr_reserve ->
			enter_queue(t);
			fate[t] = QUEUED;
			queue_add_tail(t);
			calls++;
			queued++;
#ifndef BUG_NO_KICK
			queue_kick()
#endif
		:: else ->
			if
			:: way == TRY -> fate[t] = REFUSED
			:: else ->
				enter_queue(t);
				fate[t] = WAITS;
#ifdef BUG_LIFO
				queue_add_front(t);
#else
				queue_add_tail(t);
#endif
				waiting++;
				undecided[t] = true;
				if
				:: by_worker ->
					nested = nested | BIT(t);
					nr_nested++
				:: else
				fi;
				queue_balance()
			fi
		fi
	fi
}

/* wait_for_worker(), submit_give_up() */
inline wait_for_worker(t, way)
{
	if
	:: done[t]
	:: way == GIVE_UP && !done[t] ->
		d_step {
			if
#ifdef BUG_GIVE_UP_BLIND
			:: fate[t] != REFUSED ->
#else
			:: undecided[t] ->
#endif
				/* wp_waiter_remove_locked() */
				queue_find(t, q);
				queue_del(q);
				waiting--;
				leave_queue(t);
				if
				:: nested & BIT(t) ->
					nested = nested & ~BIT(t);
					nr_nested--
				:: else
				fi;
				fate[t] = REFUSED;
				undecided[t] = false;
				done[t] = true;
				queue_balance()
			:: else
			fi;
			rules()
		}
		pool_unlock();
		done[t]		/* the thread that decided is done with the frame */
	fi;
	d_step {
		done[t] = false;
		assert(!undecided[t] && fate[t] != WAITS)
	}
}

/* submit_call() */
inline submit(t, way, by_worker)
{
#ifdef BUG_CHECK_UNLOCKED
	/* it looks, and then waits because of what it saw */
	d_step { get_room(); saw_full = !nr_idle && !ok }
	d_step {
		if
		:: saw_full && state == OPEN && way != QUEUE ->
			enter_queue(t);
			fate[t] = WAITS;
			queue_add_tail(t);
			waiting++;
			undecided[t] = true
		:: else -> admit(t, way, by_worker)
		fi;
		saw_full = false
	}
#else
	d_step {
		admit(t, way, by_worker);
		blocks = fate[t] == WAITS || (waits & BIT(t));
		rules()
	}
#endif
	pool_unlock();
#ifdef BUG_CHECK_UNLOCKED
	blocks = fate[t] == WAITS || undecided[t] || done[t];
#endif
	if
	:: blocks -> wait_for_worker(t, way)
	:: else
	fi;
	blocks = false
}

inline choose_way(way)
{
	if
#if WAYS & WAIT
	:: way = WAIT
#endif
#if WAYS & GIVE_UP
	:: way = GIVE_UP
#endif
#if WAYS & TRY
	:: way = TRY
#endif
#if WAYS & QUEUE
	:: way = QUEUE
#endif
	fi
}

/* A thread that submits the tasks from one number to another */
proctype submitter(byte t, last)
{
	DEFERRED;
	byte way;
	bool blocks, saw_full;

	do
	:: t <= last ->
		choose_way(way);
		submit(t, way, false);
		way = 0;
		t++
	:: else -> break
	od;
	t = 0; last = 0
}

/* ---- loop.c and crash.c ------------------------------------------------------ */

/* Code of the owner runs in a thread of the pool. */
inline callback()
{
	assert(!released)
}

/* wp_crash_account() */
inline crash_account(w)
{
	d_step {
		if
		:: status[w] == BUSY && !IS_REPORT(call[w]) -> fate[call[w]] = OVER
		:: else
		fi;
		if
		:: status[w] == STARTING ->
			slot_crash(w);
			attach_failed()
		:: else ->
			slot_crash(w);
#ifndef BUG_CRASH_NO_BALANCE
			queue_balance()
#endif
		fi;
		actions = actions & ~SPAWN;	/* the reaper starts the replacement */
		rules()
	}
	pool_unlock()
}

/* wp_loop_thread(): a thread, which after its end stands for another one */
proctype worker(byte w)
{
	DEFERRED;
	byte what, dead, child;
	bool blocks, saw_full;

end_free:
	/* parked in the cache, or not made yet */
	atomic { order[w] == ADOPT -> assert(status[w] == STARTING) }
	/* serve_pool(): worker_init() */
	if
#if INIT_FAILS
	:: d_step {
		init_fails ->
		init_fails--;
		/* wp_attach_failed() */
		callback();
		status[w] = GONE;
		to_spawn++;
		attach_failed();
		rules()
	   }
	   pool_unlock();
	   drop_if_hopeless(dead);
	   goto parks
#endif
#if CRASHES
	:: d_step { crashes -> crashes-- }; goto dies
#endif
	:: true
	fi;

looks:	/* run_tasks() */
	if
	:: d_step {
		true ->
		next_order(w, what);
		rules()
	   }
	fi;
	pool_unlock();
	if
	:: what == RUN -> goto runs
	:: what == LEAVE -> goto leaves
	:: else
	fi;
end_parked:
	/* wp_mailbox_wait() */
	atomic { order[w] != NONE -> what = order[w] }
	if
	:: what == SEARCH -> what = NONE; goto looks
	:: what == RUN
	:: what == LEAVE -> goto leaves
	fi;

runs:	/* run_task(), wp_crash_report() */
	what = NONE;
	if
	:: IS_REPORT(call[w]) ->
#if CRASHES
		callback();
		if
		:: d_step { crashes -> crashes-- }; goto dies
		:: true
		fi;
		dead = call[w] - NT;
		attach_leave(dead, FREE);	/* free_dead() */
		dead = 0;
		goto looks
#else
		assert(false)
#endif
	:: else ->
		d_step {
			callback();
			assert(status[w] == BUSY && fate[call[w]] == GIVEN);
			fate[call[w]] = RUNS
		}
#if PARENTS
		if
		:: call[w] < PARENTS ->
			child = call[w] + PARENTS;
			submit(child, WAIT, true);
			child = 0
		:: else
		fi;
#endif
		if
#if CRASHES
		:: d_step { crashes -> crashes-- }; goto dies
#endif
		:: true -> goto looks
		fi
	fi;

leaves:
	what = NONE;
	/* serve_pool(): worker_exit() */
	if
#if CRASHES
	:: d_step { crashes -> crashes--; callback() }; goto dies
#endif
	:: callback()
	fi;
	attach_leave(w, GONE);
parks:	/* wp_cache_park() */
	atomic {
		order[w] = NONE;
		status[w] = FREE
	}
	goto end_free;

dies:	/* exit_work() */
#if CRASHES
	what = status[w];
	order[w] = NONE;
	crash_account(w);
	drop_if_hopeless(dead);
	ending = ending | BIT(w);		/* wp_reap_worker() */
	if
	:: what != STARTING && what != EXITING -> callback()	/* worker_exit() */
	:: else
	fi;
	what = NONE;
	exited = exited | BIT(w);		/* exit_state */
	goto end_free
#else
	skip
#endif
}

/* ---- spawner.c --------------------------------------------------------------- */

/* The spawner with wp_spawner_work(), create_worker() */
proctype spawner()
{
	DEFERRED;
	byte dead;

end_idle:
	do
	:: atomic { spawn_queued -> spawn_queued = false; spawn_runs = true };
		if
#ifndef NO_THREADS
		:: d_step {
			to_spawn && HAVE_THREAD ->
			give_thread();
#ifndef BUG_SPAWN_ONE
			if
			:: to_spawn -> queue_spawn()
			:: else
			fi;
#endif
			spawn_runs = false
		   }
#endif
#if THREAD_FAILS
		:: d_step {
			to_spawn && thread_fails ->
#ifndef NO_THREADS
			thread_fails--;
#endif
			to_spawn--
		   }
		   d_step {
			/* wp_attach_no_thread() */
			to_spawn++;
			attach_failed();
#ifdef BUG_NO_RETRY
			actions = actions & ~(RETRY | SPAWN);
#endif
			rules()
		   }
		   pool_unlock();
#ifndef BUG_NO_DROP
		   drop_if_hopeless(dead);
#endif
		   spawn_runs = false
#endif
		:: atomic { !to_spawn -> spawn_runs = false }
		fi
	od
}

/* ---- purge.c --------------------------------------------------------------- */

#ifdef PURGER
/* The delayed work wp_purge_work(); at some moment the clock stops. */
proctype purger()
{
	DEFERRED;
	byte stale;

end_idle:
	do
	:: purge_timer && !purge_runs ->
		if
		:: stale = 0
		:: stale = 1
		:: stale = 2
		fi;
		d_step {
			if
			:: purge_timer ->
				purge_timer = false;
				purge_runs = true;
				purge_armed = false;
				get_need();	/* check_stranded_locked() */
				assert(!need || searching ||
				       (!nr_idle && (starting || running >= limit)));
				get_expendable();
				nr = min(nr, stale);
				slot_retire_idle(nr);
				queue_balance();
#ifndef BUG_PURGE_REARM
				purge_arm();
#endif
				rules()
			:: else
			fi;
			stale = 0
		}
		pool_unlock();
		purge_runs = false
	:: break
	od
}
#endif

/* ---- tune.c ---------------------------------------------------------------- */

/* wp_tune_apply() */
inline tune(capacity)
{
	/* wp_reserve_grow() */
	nr_reserve = max(nr_reserve, capacity);
	d_step {
		if
		:: state == OPEN ->
			limit = capacity;
			ceiling = max(running, limit);
			roof = max(roof, limit + QDEPTH);
			/* tune_adjust_locked() */
			nr = running - limit;
			if
			:: nr > 0 -> slot_retire_idle(nr)
			:: else
			fi;
			slot_trim(nr);
#ifndef BUG_GROW_SILENT
			queue_balance();
#endif
			purge_armed = false;
			purge_arm()
		:: else
		fi;
		rules()
	}
	pool_unlock()
}

#ifdef TUNES
proctype tuner()
{
	DEFERRED;

	tune(3 - LIMIT);
#if TUNES > 1
	tune(LIMIT)
#endif
}
#endif

/* ---- release.c and reboot.c -------------------------------------------------- */

/* wp_event_wait(): looks, sleeps, looks */
inline wait_event(me, condition)
{
	do
	:: atomic { condition -> break }
	:: d_step { !(condition) -> asleep = asleep | BIT(me) }
	   !(asleep & BIT(me))
	od;
	skip
}

/* wp_pool_release_ended(), is_boot_decided_locked() */
#define release_ended()	(!alive || state < CLOSED)
#define is_boot_decided()	(state != BOOTING || !starting)

/* close_pool() */
inline close_pool(how)
{
	d_step {
		state = max(state, how);
		k = 0;
		/* the waiters, in order */
		found = 0;
		do
		:: found < nr_queue ->
			head = queue[found];
			if
			:: !IS_REPORT(head) && fate[head] == WAITS ->
#ifdef BUG_CLOSE_FORGETS
				if
				:: waiting > 1 -> found++; break
				:: else
				fi;
#endif
				waiter_complete(head, REFUSED)
			:: else -> found++
			fi
		:: else -> break
		od;
		get_unneeded();
		slot_trim(nr);
#ifndef BUG_CLOSE_NO_BALANCE
		queue_balance();
#endif
		actions = actions | EVENT;
		rules()
	}
	pool_unlock()
}

inline mutex_lock(m)
{
	atomic { !m -> m = true }
}

/* stop_works(); from here on nothing of the pool runs, until a reboot */
inline stop_works(gone)
{
	mutex_lock(lifecycle);
	d_step {
		gone = state >= CLOSED && !alive;
		if
		:: gone -> purge_armed = false
		:: else
		fi
	}
	if
	:: gone ->
		/* cancel_delayed_work_sync() */
		d_step { purge_timer = false; purge_cancelled = true }
		atomic { !purge_runs -> purge_cancelled = false };
		/* wp_spawn_cancel() */
		d_step { spawn_queued = false; spawn_cancelled = true }
		atomic { !spawn_runs -> spawn_cancelled = false };
		d_step {
			released = true;
			assert(!nr_queue && !running && !to_spawn && !ending)
			for (p : 0 .. NW - 1) {
				/* GONE: it does not take the pool's lock any more */
				assert(status[p] == FREE || status[p] == GONE)
			}
		}
	:: else
	fi;
	lifecycle = false;
	gone = false
}

/* workpool_release_timeout(), workpool_destroy(); or it times out */
inline release(me, how, gone)
{
	if
	:: state >= CLOSED && !alive && how != DEAD
	:: else ->
		close_pool(how);
		wait_event(me, release_ended());
		stop_works(gone)
	fi
}

/* workpool_reboot(): begin_boot(), end_boot() */
inline reboot(me, err)
{
	mutex_lock(lifecycle);
	d_step {
		err = state != CLOSED || alive;
#ifdef BUG_REBOOT_ALIVE
		err = state != CLOSED;
#endif
		if
		:: !err ->
			state = BOOTING;
			released = false;
			boot_error = false;
			start_failures = 0;
			queue_balance()
		:: else
		fi;
		rules()
	}
	pool_unlock();
	lifecycle = false;
	if
	:: !err ->
		wait_event(me, is_boot_decided());
		d_step {
			if
			:: state == BOOTING ->
				state = OPEN;
				/* what create() and reboot() promise */
				assert(running - starting >= min_workers || nr_queue || waiting)
			:: else -> err = true
			fi
		}
		if
		:: err -> wait_event(me, release_ended())
		:: else
		fi
	:: else
	fi;
	err = false
}

#ifdef RELEASES
/* The owner: closes, opens again, closes */
proctype owner()
{
	DEFERRED;
	bool flag;

	release(0, CLOSED, flag);
#if RELEASES > 1
	reboot(0, flag);
#endif
#if RELEASES > 2
	release(0, DEAD, flag)
#endif
}
#endif

#ifdef ADMIN
/* An administrator does the same through the device. */
proctype admin()
{
	DEFERRED;
	bool flag;

#if ADMIN & 1
	release(1, CLOSED, flag);
#endif
#if ADMIN & 2
	reboot(1, flag)
#endif
}
#endif

#ifdef DRAIN
/* workpool_drain() */
proctype drainer()
{
	d_step {
		if
		:: nr_queue || busy() ->
			undecided[NT] = true;
			draining = true
		:: else -> done[NT] = true
		fi;
		rules()
	}
	done[NT]
}
#endif

/* ---- crash.c, reap.c --------------------------------------------------------- */

#if CRASHES
/* The reaper with reap_work(), wp_crash_reaped() */
proctype reaper()
{
	DEFERRED;
	byte dead, w;

end_idle:
	do
#ifdef BUG_REAP_EARLY
	:: atomic { ending -> set_pop(ending); w = m; exited = exited & ~BIT(w) }
#else
	:: d_step {
		ending & exited ->
		m = ending & exited;
		found = m;
		set_pop(found);
		w = m;
		ending = ending & ~BIT(w);
		exited = exited & ~BIT(w)
	   }
#endif
#ifndef BUG_NO_REPLACE
		/* wp_spawn_replace(): now or later */
		if
		:: start_failures == 0 -> spawn_start()
		:: d_step { true -> queue_spawn() }
		fi;
#endif
		/* report_or_log() */
		if
		:: REPORTS && call[w] != NOTHING && IS_REPORT(call[w]) ->
			/* died in ops->crash */
			dead = call[w] - NT;
			attach_leave(dead, FREE)
		:: else
		fi;
		if
		:: REPORTS && !IS_REPORT(call[w]) ->
			d_step {
				/* wp_queue_report_locked() */
				call[w] = NOTHING;
				queue_add_front(NT + w);
				queued++;
				queue_balance();
				rules()
			}
			pool_unlock()
		:: else ->
			call[w] = NOTHING;
			attach_leave(w, FREE)
		fi;
		w = 0; dead = 0
	od
}
#endif

/* ---- All together ------------------------------------------------------------ */

/* Is anything left to do when no process can take a step? */
inline judge()
{
	for (p : 0 .. NT - 1) {
		assert(fate[p] == OVER || fate[p] == REFUSED || fate[p] == UNBORN);
		assert(!undecided[p])
	}
	for (p : 0 .. NW - 1) {
		assert(status[p] == FREE || status[p] == IDLE)
	}
	assert(!nr_queue && !waiting && !queued && !calls && !nr_nested);
	assert(alive == nr_idle && running == nr_idle && !starting && !searching);
	assert(state == OPEN || !alive);
	/* the purge comes, if a worker may go */
	get_expendable();
	assert(nr <= 0 || (purge_armed && purge_timer))
}

#ifdef LTL
/* While each process that can go on does so, each task that was submitted comes to an end. */
ltl ends { <> (fate[0] >= OVER && fate[NT - 1] >= OVER) }
#endif

init
{
	byte i;
#if MIN
	DEFERRED;
	bool err;
#endif

	atomic {
		for (i : 0 .. NW - 1) {
			run worker(i)
		}
		run spawner();
#if CRASHES
		run reaper();
#endif
		i = 0
	}
#if MIN
	/* wp_pool_create(): no thread finds the pool before it is open */
	reboot(0, err);
#endif
	atomic {
#ifdef PURGER
		run purger();
#endif
#ifdef TUNES
		run tuner();
#endif
#ifdef RELEASES
		run owner();
#endif
#ifdef ADMIN
		run admin();
#endif
#ifdef DRAIN
		run drainer();
#endif
		for (i : 0 .. SUBMITTERS - 1) {
			run submitter(i * PER, i * PER + PER - 1)
		}
		i = 0
	}
	timeout ->
	d_step { judge() }
}
