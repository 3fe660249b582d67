/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pool: submit, hand-off, park, purge, tune, release, reboot, spawn, crash.
 *
 * What happens under workpool.lock is one d_step: an inline of the name of the
 * kernel's function, without its wp_ and _locked. What is owed after it (struct
 * wp_dues) is met in steps of its own, among which everybody else may run: each
 * post of an order, each completion, each start of a thread, the timer, the event.
 *
 * Not modelled, because another model or the kernel stands for it:
 *  - how an order gets to a sleeping thread: mailbox.pml;
 *  - the claim and the home of an embedded task: claim.pml. Here it is a thing
 *    that is always accepted, whether the pool has room or not;
 *  - completions, wait_event(), mutexes and delayed works are taken to be right. Time
 *    does not exist: a timer that is set may fire at any moment, or never;
 *  - references, RCU and the memory of pools: a pool is there for ever;
 *  - an adopted and a new thread are the same: one of NW that serves no pool;
 *  - members of groups, delayed tasks, multi pools, cpu hotplug, max_blocking.
 *
 * Sizes and who takes part are macros, see the table in tests/lanes/model. A
 * task is a number; its submitter waits, if it does, in the frame of that number.
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
#define THREAD_FAILS 0		/* threads that cannot be made */
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
#define ATTEMPTS 2		/* WP_CLOSED_ATTEMPTS */
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
#define NP	(NT + NW)	/* places in the line */
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
#define SEEKING		3
#define BUSY		4
#define EXITING		5
#define CRASHED		6
#define GONE		7	/* out of the books, still in the code */

/* enum wp_order */
#define NONE	0
#define RUN	1
#define SEEK	2
#define LEAVE	3
#define ADOPT	4

/* Bits of wp_dues.due that are not lists here */
#define SPAWN	1
#define RETRY	2
#define PURGE	4
#define EVENT	8
#define DROP	16

/* What has become of a task */
#define UNBORN	0
#define QUEUED	1		/* a WP_CALL in the line */
#define TASK	2		/* a WP_TASK in the line */
#define WAITS	3		/* a WP_WAITER in the line */
#define GIVEN	4		/* to a worker */
#define RUNS	5
#define OVER	6
#define REFUSED	7
#define PENDING(t) (fate[t] == QUEUED || fate[t] == TASK)

/* What a worker executes: a task, or the report of the dead worker c - NT */
#define NOTHING	255
#define IS_REPORT(c) ((c) >= NT)

/* struct workpool */
byte state = (MIN -> CLOSED : OPEN);
byte limit = LIMIT;
byte nr_reserve = LIMIT;
byte min_workers = MIN;
byte eager = 1;
byte running, starting, to_spawn, seeking, queued, calls, waiting, alive;
byte idle[NW], nr_idle;			/* the newest last */
byte pending[NP], nr_pending;		/* the oldest first */
byte nested, nr_nested;			/* a set of tasks */
bool purge_armed, draining;
byte start_failures;
bool boot_error;

/* struct wp_worker */
byte status[NW];
byte order[NW];
byte call[NW] = NOTHING;

/* struct wp_sleep, of task t, and of the drainer in the last place */
bool undecided[NT + 1], done[NT + 1];
byte fate[NT];

/* Kernel facilities */
bool purge_timer, purge_runs, purge_cancelled;
bool spawn_queued, spawn_runs, spawn_cancelled;
bool lifecycle;				/* the mutex */
byte asleep;				/* who waits for workpool.events */
byte graves, exited;			/* sets of workers */

/* What the checks know */
bool released;				/* workpool_release_timeout() returned 0 */
byte ceiling = LIMIT;			/* running is not above */
byte roof = LIMIT + QDEPTH;		/* nor are the accepted calls */
byte before[NT];			/* those in the line who came earlier */
byte thread_fails = THREAD_FAILS, init_fails = INIT_FAILS, crashes = CRASHES;

/* What a step needs is not part of the state. */
hidden short nr, need, over;
hidden byte top, cut, head, who, k, m, p, q;
hidden byte ok;

/* struct wp_dues; the masks are sets of workers, and of sleepers */
#define DUES	byte runner, due, seekers, sleepers, leavers

#define busy()	(running - nr_idle - starting - seeking)

/* ---- What the checks do ------------------------------------------------- */

inline arrive_in_line(t)
{
	before[t] = 0;
	for (p : 0 .. NT - 1) {
		if
		:: p != t && (PENDING(p) || fate[p] == WAITS) ->
			before[t] = before[t] | BIT(p)
		:: else
		fi
	}
}

inline leave_line(t)
{
	before[t] = 0;
	for (p : 0 .. NT - 1) {
		before[p] = before[p] & ~BIT(t)
	}
}

/* ---- pending.c: what others need ---------------------------------------- */

/* has_room_locked(), into ok */
inline get_room()
{
	over = busy() + queued - limit;
	ok = over < 0 || min(calls, over) < QDEPTH
}

/* wp_pool_need_locked(), into need */
inline get_need()
{
	if
	:: !queued ->
		get_room();
		need = (waiting && ok -> 1 : 0)
	:: else ->
		need = min(eager, queued);
		need = max(need, (QDEPTH -> 1 : calls))
	fi
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
		due = due | SPAWN
#endif
	:: else
	fi
}

/* wp_slot_bury_locked() */
inline slot_bury(n)
{
	alive = alive - n;
#ifndef BUG_NO_EVENT
	if
	:: !alive -> due = due | EVENT
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
		slot_bury(nr);
		to_spawn = to_spawn - nr
	:: else
	fi
}

/* wp_slot_unneeded_locked(), into nr */
inline get_unneeded()
{
	get_need();
	if
	:: state == OPEN -> need = max(need, min_workers - (running - starting))
	:: else
	fi;
	nr = starting - need
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

/* wp_slot_lose_locked() */
inline slot_lose(w)
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

/* ---- sleep.c ------------------------------------------------------------ */

/* wp_sleep_decide_locked(); a refusal is told by the fate of the task */
inline sleep_decide(s)
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
	sleepers = sleepers | BIT(s)
#endif
}

/* ---- pending.c: the line ------------------------------------------------ */

/* Out of pending: what stands at i */
inline pending_del(i)
{
	k = i;
	nr_pending--;
	do
	:: k < nr_pending ->
		pending[k] = pending[k + 1];
		k++
	:: else -> break
	od;
	pending[nr_pending] = 0
}

inline pending_find(c, i)
{
	i = 0;
	do
	:: pending[i] != c -> i++
	:: else -> break
	od;
	assert(i < nr_pending)
}

inline pending_add_front(c)
{
	k = nr_pending;
	do
	:: k > 0 ->
		pending[k] = pending[k - 1];
		k--
	:: else -> break
	od;
	pending[0] = c;
	nr_pending++
}

inline pending_add_tail(c)
{
	pending[nr_pending] = c;
	nr_pending++
}

/* wp_pool_decide_locked(), leave_line_locked(): what becomes of the waiter */
inline waiter_decide(t, what)
{
	pending_find(t, q);
	pending_del(q);
	waiting--;
	if
	:: what == REFUSED -> leave_line(t); fate[t] = REFUSED
	:: else -> assert(state == OPEN)	/* a closed pool accepts nothing */
	fi;
	sleep_decide(t)
}

/* ---- sleep.c, once more ------------------------------------------------- */

/* wp_sleep_break_deadlock_locked(): the youngest in the line gets -EDEADLK */
inline sleep_break_deadlock()
{
	if
	:: nr_nested && nr_nested >= max(running, limit) ->
#ifndef BUG_NO_EDEADLK
		who = NOTHING;
		k = nr_pending;
		do
		:: k && who == NOTHING ->
			k--;
			if
			:: !IS_REPORT(pending[k]) && (nested & BIT(pending[k])) ->
				who = pending[k]
			:: else
			fi
		:: else -> break
		od;
		assert(who != NOTHING);
		waiter_decide(who, REFUSED)
#else
		skip
#endif
	:: else
	fi
}

/* ---- pending.c ---------------------------------------------------------- */

/* wp_stack_pop() */
inline stack_pop(w)
{
	nr_idle--;
	w = idle[nr_idle];
	idle[nr_idle] = 0
}

/* wp_pool_rouse_more_locked(), seek_locked() */
inline pool_rouse_more()
{
	get_need();
	do
	:: seeking < need && nr_idle ->
		stack_pop(top);
		status[top] = SEEKING;
		seeking++;
#ifndef BUG_NO_SEEKER
		seekers = seekers | BIT(top)
#endif
	:: else -> break
	od;
	slot_reserve(need - seeking - starting)
}

/* wp_pool_rouse_locked() */
inline pool_rouse()
{
	if
	:: (QDEPTH || calls <= 1) &&
	   (seeking >= eager ||
	    (!nr_idle && (seeking + starting >= eager || running >= limit)))
	:: else -> pool_rouse_more()
	fi
}

/* assign_locked() */
inline assign(w, c)
{
	assert(running <= limit);	/* who is a surplus begins nothing */
	status[w] = BUSY;
	call[w] = c;
	if
	:: !IS_REPORT(c) ->
		assert(!before[c]);	/* nobody who came earlier is left */
		leave_line(c);
		assert(fate[c] != GIVEN && fate[c] < RUNS);
		fate[c] = GIVEN
	:: else
	fi
}

/* wp_pool_take_locked(), take_at_locked(), into ok */
inline pool_take(w)
{
	ok = nr_pending;
	if
	:: ok ->
		head = pending[0];
		if
		:: IS_REPORT(head) ->
			pending_del(0);
			queued--;
			assign(w, head)
		:: else ->
			if
			:: fate[head] == WAITS ->
				assign(w, head);
#ifdef BUG_HAND_TWICE
				fate[head] = QUEUED;	/* taken, and queued too */
				calls++;
				queued++;
				pending_del(0);
				pending_add_tail(head);
				waiting--;
				sleep_decide(head)
#else
				waiter_decide(head, GIVEN)
#endif
			:: else ->
				pending_del(0);
				queued--;
#ifndef BUG_CALLS
				if
				:: fate[head] == QUEUED -> calls--
				:: else
				fi;
#endif
				assign(w, head)
			fi
		fi
	:: else
	fi
}

/* promote_locked(), into ok: the oldest waiter is accepted, where it stands */
inline promote()
{
	ok = calls < nr_reserve;
	if
	:: ok ->
		q = 0;
		do
		:: IS_REPORT(pending[q]) || fate[pending[q]] != WAITS -> q++
		:: else -> break
		od;
		head = pending[q];
		assert(state == OPEN);
		fate[head] = QUEUED;
		calls++;
		queued++;
		waiting--;
		sleep_decide(head)
	:: else
	fi
}

/* wp_pool_balance_locked() */
inline pool_balance()
{
	get_room();
	do
	:: waiting && ok ->
		promote();
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
	pool_rouse();
	if
	:: state >= CLOSED -> slot_retire_idle(nr_idle - queued)
	:: else
	fi;
	sleep_break_deadlock();
	if
	:: draining && !nr_pending && !busy() ->	/* note_events_locked() */
		draining = false;
		sleep_decide(NT)
	:: else
	fi
}

/* ---- What always holds while the lock is free ----------------------------- */

hidden byte n_starting, n_idle, n_seeking, n_busy, n_out, n_queued, n_calls, n_waiting, n_accepted;

/* The books are right, and so is the DOC block in pool.c. */
inline rules()
{
	n_starting = 0; n_idle = 0; n_seeking = 0; n_busy = 0; n_out = 0;
	for (p : 0 .. NW - 1) {
		if
		:: status[p] == STARTING -> n_starting++
		:: status[p] == IDLE -> n_idle++
		:: status[p] == SEEKING -> n_seeking++
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
	:: p < nr_pending ->
		if
		:: IS_REPORT(pending[p]) -> n_queued++
		:: else ->
			if
			:: fate[pending[p]] == QUEUED -> n_queued++; n_calls++
			:: fate[pending[p]] == TASK -> n_queued++
			:: else ->
				assert(fate[pending[p]] == WAITS);
				n_waiting++
			fi
		fi;
		p++
	:: else -> break
	od;
	assert(n_idle == nr_idle && n_seeking == seeking && n_busy == busy());
	assert(n_starting + to_spawn <= starting);
	assert(n_queued == queued && n_calls == calls && n_waiting == waiting);
	assert(alive == running + n_out);
	assert(running == nr_idle + seeking + n_busy + starting);

	/* what is above the capacity was left by a shrink and only falls */
	assert(running <= ceiling);
	ceiling = max(running, limit);
#if !(WAYS & QUEUE)
	assert(n_accepted <= roof);
	roof = max(n_accepted, limit + QDEPTH);
#endif

#ifndef NO_RULES
	get_need();
	assert(!(queued && nr_idle) || seeking >= need);
	assert(!(queued && running < limit) || seeking + starting >= need);
	get_room();
	assert(!(waiting && ok) || calls >= nr_reserve);
	assert(!nr_nested || nr_nested < max(running, limit));
	assert(state < CLOSED || nr_idle <= queued);
	assert(state >= CLOSED || running >= min(min_workers, limit));
	assert(!draining || nr_pending || busy())
#endif
}

/* ---- purge.c, as far as others call it ------------------------------------ */

/* expendable_locked(), into nr */
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
		due = due | PURGE
	:: else
	fi
}

/* ---- dues.c ------------------------------------------------------------- */

/* wp_worker_post(): see mailbox.pml. Nobody posts twice. */
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

/* An unused thread is there. They are alike. */
#define HAVE_THREAD	(status[0] == FREE || status[1] == FREE || \
			 status[NW - 1] == FREE)

/*
 * wp_member_claim(), wp_member_attach() and the post or wake_up_process() for a
 * thread of the cache or a new one. A claimed slot that nobody serves yet is
 * like one whose thread was not scheduled yet, so this is one step.
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

/* wp_spawn_now(): adopts what it can, and leaves the rest to the spawner */
inline spawn_now()
{
	do
#if CACHE
	:: d_step { to_spawn && HAVE_THREAD -> give_thread() }
#endif
	:: d_step { to_spawn -> queue_spawn() }; break
	:: d_step { !to_spawn -> skip }; break
	od
}

/* wp_pool_unlock_owing(), meet_rest(): one step for each obligation */
inline meet_dues()
{
	do
	:: d_step {
		runner || seekers || sleepers || leavers ->
		if
		:: runner ->
			post(runner - 1, RUN);
			runner = 0
		:: !runner && seekers ->
			set_pop(seekers);
			post(m, SEEK)
		:: !runner && !seekers && sleepers ->
			set_pop(sleepers);
			done[m] = true
		:: else ->
			set_pop(leavers);
			post(m, LEAVE)
		fi
	   }
	:: else -> break
	od;
	if
	:: due & RETRY -> d_step { queue_spawn(); due = due & ~(RETRY | SPAWN) }
	:: (due & (RETRY | SPAWN)) == SPAWN -> spawn_now(); due = due & ~SPAWN
	:: else
	fi;
	if
	:: due & PURGE ->		/* wp_purge_start() */
		d_step {
			purge_timer = purge_timer || !purge_cancelled;
			due = due & ~PURGE
		}
	:: else
	fi;
	if
	:: due & EVENT ->
		d_step {
			asleep = 0;	/* wake_up_all() */
			due = due & ~EVENT
		}
	:: else
	fi
}

/* ---- member.c ------------------------------------------------------------ */

/* is_hopeless_locked() */
#define is_hopeless() (state != OPEN && running == starting && \
		       start_failures >= ATTEMPTS && nr_pending)

/* wp_member_failed_locked() */
inline member_failed()
{
	start_failures = min(start_failures + 1, ATTEMPTS);
	if
	:: state == BOOTING ->
		state = CLOSED;
		boot_error = true;
		slot_retire_idle(NW);
		due = due | EVENT
	:: else
	fi;
	if
	:: is_hopeless() -> due = due | DROP
	:: else
	fi;
	get_unneeded();
	slot_trim(nr);
	pool_balance();
	if
	:: to_spawn -> due = due | RETRY
	:: else
	fi
}

/* come_back_locked(), arrive_locked(), finish_locked() */
inline come_back(w)
{
	if
	:: status[w] == STARTING ->
		starting--;
		start_failures = 0;
		if
		:: state == BOOTING && !starting -> due = due | EVENT
		:: else
		fi;
		eager = (eager < queued -> 2 * eager : 1)
	:: status[w] == SEEKING ->
#ifndef BUG_SEEKING
		seeking--;
#endif
		eager = (eager < queued -> 2 * eager : 1)
	:: else ->
		assert(status[w] == BUSY);
		if
		:: !IS_REPORT(call[w]) ->
			assert(fate[call[w]] == RUNS);
			fate[call[w]] = OVER;
			eager = 1
		:: else
		fi;
		call[w] = NOTHING
	fi
}

/* park_locked() */
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
	:: draining -> pool_balance()
	:: else
	fi
}

/* next_locked(), into what: NONE when it was parked */
inline next_order(w, what)
{
#ifdef BUG_TAKE_OVER_LIMIT
	ok = true;
#else
	ok = running <= limit;
#endif
	if
	:: ok -> pool_take(w)
	:: else
	fi;
	if
	:: ok ->
		if
		:: waiting || state >= CLOSED -> pool_balance()
#ifndef BUG_NO_NEXT_SEEKER
		:: !waiting && state < CLOSED && queued -> pool_rouse()
#endif
		:: else
		fi;
		what = RUN
	:: else ->
		if
		:: running > limit || state >= CLOSED ->
			slot_retire(w);
			call[w] = NOTHING;
			pool_balance();
			what = LEAVE
		:: else ->
			park(w);
			what = NONE
		fi
	fi
}

/* wp_member_gone() */
inline member_gone(w, becomes)
{
	d_step {
		status[w] = becomes;
		slot_bury(1);
		pool_balance();
		rules()
	}
	meet_dues()
}

/* ---- drop.c --------------------------------------------------------------- */

/* drop_first_locked(): dead is the worker whose report found nobody, or NW */
inline drop_first(dead)
{
	head = pending[0];
	dead = NW;
	if
	:: IS_REPORT(head) ->
		dead = head - NT;
		pending_del(0);
		queued--
	:: else ->
		if
		:: fate[head] == WAITS -> waiter_decide(head, REFUSED)
		:: else ->
			pending_del(0);
			queued--;
			if
			:: fate[head] == QUEUED -> calls--
			:: else
			fi;
			leave_line(head);
			fate[head] = OVER;
			pool_balance()
		fi
	fi;
	get_unneeded();
	slot_trim(nr);
	pool_balance()
}

/* wp_drop_pending(), when it is owed */
inline drop_pending(dead)
{
#if THREAD_FAILS + INIT_FAILS + CRASHES > 1
	do
	:: due & DROP ->
		d_step {
			if
			:: is_hopeless() -> drop_first(dead)
			:: else -> dead = NW + 1; due = due & ~DROP
			fi;
			rules()
		}
		meet_dues();
		if
		:: dead < NW -> member_gone(dead, FREE)
		:: else
		fi;
		dead = 0
	:: else -> break
	od
#endif
	due = 0
}

/* ---- submit.c ------------------------------------------------------------- */

/*
 * admit_locked() with wp_pool_hand_locked() and wp_pool_accept_locked(), and else
 * enlist_locked(), or link_and_rouse() of an embedded task
 */
inline admit(t, way, by_worker)
{
	if
	:: state != OPEN -> fate[t] = REFUSED
	:: state == OPEN && way == QUEUE ->
		arrive_in_line(t);
		fate[t] = TASK;
		pending_add_tail(t);
		queued++;
		pool_rouse()
	:: state == OPEN && way != QUEUE && !QDEPTH && !nr_pending && nr_idle ->
#ifdef BUG_PEEK
		top = idle[nr_idle - 1];	/* it stays where the purge finds it */
#else
		stack_pop(top);
#endif
		arrive_in_line(t);
		assign(top, t);
		runner = top + 1
	:: else ->
		get_room();
#ifdef BUG_NO_ROOM_CHECK
		ok = true;
#endif
		if
		:: !waiting && ok && calls < nr_reserve ->
			arrive_in_line(t);
			fate[t] = QUEUED;
			pending_add_tail(t);
			calls++;
			queued++;
#ifndef BUG_NO_ROUSE
			pool_rouse()
#endif
		:: else ->
			if
			:: way == TRY -> fate[t] = REFUSED
			:: else ->
				arrive_in_line(t);
				fate[t] = WAITS;
#ifdef BUG_LIFO
				pending_add_front(t);
#else
				pending_add_tail(t);
#endif
				waiting++;
				undecided[t] = true;
				if
				:: by_worker ->
					nested = nested | BIT(t);
					nr_nested++
				:: else
				fi;
				pool_balance()
			fi
		fi
	fi
}

/* wait_for_worker(), give_up() */
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
				/* wp_pool_forget_locked() */
				pending_find(t, q);
				pending_del(q);
				waiting--;
				leave_line(t);
				if
				:: nested & BIT(t) ->
					nested = nested & ~BIT(t);
					nr_nested--
				:: else
				fi;
				fate[t] = REFUSED;
				undecided[t] = false;
				done[t] = true;
				pool_balance()
			:: else
			fi;
			rules()
		}
		meet_dues();
		done[t]		/* the decider is done with the frame */
	fi;
	d_step {
		done[t] = false;
		assert(!undecided[t] && fate[t] != WAITS)
	}
}

/* wp_submit() */
inline submit(t, way, by_worker)
{
#ifdef BUG_CHECK_UNLOCKED
	/* it looks, and lines up with what it saw */
	d_step { get_room(); saw_full = !nr_idle && !ok }
	d_step {
		if
		:: saw_full && state == OPEN && way != QUEUE ->
			arrive_in_line(t);
			fate[t] = WAITS;
			pending_add_tail(t);
			waiting++;
			undecided[t] = true
		:: else -> admit(t, way, by_worker)
		fi;
		saw_full = false
	}
#else
	d_step {
		admit(t, way, by_worker);
		waits = fate[t] == WAITS || (sleepers & BIT(t));
		rules()
	}
#endif
	meet_dues();
#ifdef BUG_CHECK_UNLOCKED
	waits = fate[t] == WAITS || undecided[t] || done[t];
#endif
	if
	:: waits -> wait_for_worker(t, way)
	:: else
	fi;
	waits = false
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

/* Somebody who submits the tasks from one number to another */
proctype submitter(byte t, last)
{
	DUES;
	byte way;
	bool waits, saw_full;

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

/* ---- worker.c -------------------------------------------------------------- */

/* Somebody's code runs in a thread of the pool. */
inline callback()
{
	assert(!released)
}

/* wp_crash_books() */
inline crash_books(w)
{
	d_step {
		if
		:: status[w] == BUSY && !IS_REPORT(call[w]) -> fate[call[w]] = OVER
		:: else
		fi;
		if
		:: status[w] == STARTING ->
			slot_lose(w);
			member_failed()
		:: else ->
			slot_lose(w);
#ifndef BUG_CRASH_NO_BALANCE
			pool_balance()
#endif
		fi;
		due = due & ~SPAWN;	/* the reaper sees to the replacement */
		rules()
	}
	meet_dues()
}

/* serve_pools(): a thread, which after its end stands for another one */
proctype worker(byte w)
{
	DUES;
	byte what, dead, child;
	bool waits, saw_full;

end_free:
	/* parked in the cache, or not made yet */
	atomic { order[w] == ADOPT -> assert(status[w] == STARTING) }
	/* serve(): worker_init() */
	if
#if INIT_FAILS
	:: d_step {
		init_fails ->
		init_fails--;
		/* wp_member_start_failed() */
		callback();
		status[w] = GONE;
		to_spawn++;
		member_failed();
		rules()
	   }
	   meet_dues();
	   drop_pending(dead);
	   goto parks
#endif
#if CRASHES
	:: d_step { crashes -> crashes-- }; goto dies
#endif
	:: true
	fi;

looks:	/* look() */
	if
	:: d_step {
		true ->
		come_back(w);
		next_order(w, what);
		rules()
	   }
	fi;
	meet_dues();
	if
	:: what == RUN -> goto runs
	:: what == LEAVE -> goto leaves
	:: else
	fi;
end_parked:
	/* wp_worker_sleep() */
	atomic { order[w] != NONE -> what = order[w] }
	if
	:: what == SEEK -> what = NONE; goto looks
	:: what == RUN
	:: what == LEAVE -> goto leaves
	fi;

runs:	/* run_job() */
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
		member_gone(dead, FREE);	/* release_dead() */
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
	/* serve(): worker_exit() */
	if
#if CRASHES
	:: d_step { crashes -> crashes--; callback() }; goto dies
#endif
	:: callback()
	fi;
	member_gone(w, GONE);
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
	crash_books(w);
	drop_pending(dead);
	graves = graves | BIT(w);		/* wp_reap() */
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

/* ---- spawn.c --------------------------------------------------------------- */

/* The spawner with spawn_work(), create_one() */
proctype spawner()
{
	DUES;
	byte dead;

end_idle:
	do
	:: atomic { spawn_queued -> spawn_queued = false; spawn_runs = true };
		if
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
#if THREAD_FAILS
		:: d_step { to_spawn && thread_fails -> thread_fails--; to_spawn-- }
		   d_step {
			/* wp_member_start_failed() */
			to_spawn++;
			member_failed();
#ifdef BUG_NO_RETRY
			due = due & ~(RETRY | SPAWN);
#endif
			rules()
		   }
		   meet_dues();
		   drop_pending(dead);
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
	DUES;
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
				get_need();	/* rescue_locked() */
				assert(!need || seeking ||
				       (!nr_idle && (starting || running >= limit)));
				get_expendable();
				nr = min(nr, stale);
				slot_retire_idle(nr);
				pool_balance();
#ifndef BUG_PURGE_REARM
				purge_arm();
#endif
				rules()
			:: else
			fi;
			stale = 0
		}
		meet_dues();
		purge_runs = false
	:: break
	od
}
#endif

/* ---- tune.c ---------------------------------------------------------------- */

/* wp_pool_tune() */
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
			/* adjust_locked() */
			nr = running - limit;
			if
			:: nr > 0 -> slot_retire_idle(nr)
			:: else
			fi;
			slot_trim(nr);
#ifndef BUG_GROW_SILENT
			pool_balance();
#endif
			purge_armed = false;
			purge_arm()
		:: else
		fi;
		rules()
	}
	meet_dues()
}

#ifdef TUNES
proctype tuner()
{
	DUES;

	tune(3 - LIMIT);
#if TUNES > 1
	tune(LIMIT)
#endif
}
#endif

/* ---- release.c and reboot.c -------------------------------------------------- */

/* wait_event() of workpool.events: looks, sleeps, looks */
inline wait_event(me, condition)
{
	do
	:: atomic { condition -> break }
	:: d_step { !(condition) -> asleep = asleep | BIT(me) }
	   !(asleep & BIT(me))
	od;
	skip
}

/* wp_release_is_over(), is_decided() */
#define is_over()	(!alive || state < CLOSED)
#define is_decided()	(state != BOOTING || !starting)

/* shut() */
inline shut(how)
{
	d_step {
		state = max(state, how);
		k = 0;
		/* the waiters, in order */
		who = 0;
		do
		:: who < nr_pending ->
			head = pending[who];
			if
			:: !IS_REPORT(head) && fate[head] == WAITS ->
#ifdef BUG_SHUT_FORGETS
				if
				:: waiting > 1 -> who++; break
				:: else
				fi;
#endif
				waiter_decide(head, REFUSED)
			:: else -> who++
			fi
		:: else -> break
		od;
		get_unneeded();
		slot_trim(nr);
#ifndef BUG_SHUT_NO_BALANCE
		pool_balance();
#endif
		due = due | EVENT;
		rules()
	}
	meet_dues()
}

inline mutex_lock(m)
{
	atomic { !m -> m = true }
}

/* quiesce(); from here on nothing of the pool runs, until a reboot */
inline quiesce(gone)
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
			assert(!nr_pending && !running && !to_spawn && !graves)
			for (p : 0 .. NW - 1) {
				/* GONE: past the pool's lock, it does no harm */
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
		shut(how);
		wait_event(me, is_over());
		quiesce(gone)
	fi
}

/* workpool_reboot(): begin(), boot(), finish() */
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
			pool_balance()
		:: else
		fi;
		rules()
	}
	meet_dues();
	lifecycle = false;
	if
	:: !err ->
		wait_event(me, is_decided());
		d_step {
			if
			:: state == BOOTING ->
				state = OPEN;
				/* what create() and reboot() promise */
				assert(running - starting >= min_workers || nr_pending || waiting)
			:: else -> err = true
			fi
		}
		if
		:: err -> wait_event(me, is_over())
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
	DUES;
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
/* Somebody else does the same through the device. */
proctype admin()
{
	DUES;
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
		:: nr_pending || busy() ->
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
/* The reaper with reap_work(), wp_crash_bury() */
proctype reaper()
{
	DUES;
	byte dead, w;

end_idle:
	do
#ifdef BUG_REAP_EARLY
	:: atomic { graves -> set_pop(graves); w = m; exited = exited & ~BIT(w) }
#else
	:: d_step {
		graves & exited ->
		m = graves & exited;
		who = m;
		set_pop(who);
		w = m;
		graves = graves & ~BIT(w);
		exited = exited & ~BIT(w)
	   }
#endif
#ifndef BUG_NO_REPLACE
		/* wp_spawn_replace(): now or later */
		if
		:: start_failures == 0 -> spawn_now()
		:: d_step { true -> queue_spawn() }
		fi;
#endif
		/* bury() */
		if
		:: REPORTS && call[w] != NOTHING && IS_REPORT(call[w]) ->
			/* died in ops->crash */
			dead = call[w] - NT;
			member_gone(dead, FREE)
		:: else
		fi;
		if
		:: REPORTS && !IS_REPORT(call[w]) ->
			d_step {
				/* wp_pool_report_locked() */
				call[w] = NOTHING;
				pending_add_front(NT + w);
				queued++;
				pool_balance();
				rules()
			}
			meet_dues()
		:: else ->
			call[w] = NOTHING;
			member_gone(w, FREE)
		fi;
		w = 0; dead = 0
	od
}
#endif

/* ---- All together ------------------------------------------------------------ */

/* Whether anything is left to do when nobody can take a step */
inline judge()
{
	for (p : 0 .. NT - 1) {
		assert(fate[p] == OVER || fate[p] == REFUSED || fate[p] == UNBORN);
		assert(!undecided[p])
	}
	for (p : 0 .. NW - 1) {
		assert(status[p] == FREE || status[p] == IDLE)
	}
	assert(!nr_pending && !waiting && !queued && !calls && !nr_nested);
	assert(alive == nr_idle && running == nr_idle && !starting && !seeking);
	assert(state == OPEN || !alive);
	/* the purge comes, if somebody may go */
	get_expendable();
	assert(nr <= 0 || (purge_armed && purge_timer))
}

#ifdef LTL
/* With every process that can go on going on: whatever was submitted comes to an end. */
ltl ends { <> (fate[0] >= OVER && fate[NT - 1] >= OVER) }
#endif

init
{
	byte i;
#if MIN
	DUES;
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
	/* wp_boot_create(): nobody finds the pool before it is open */
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
