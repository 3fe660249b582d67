/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Circles of waits: queue/edge.c.
 *
 * N workers begin to wait one after the other, each for others in a way of its own.
 * Worker 0 is the oldest edge, worker N - 1 the youngest. What a wait is for is one of
 * two things here:
 *
 *  - all of a set of workers, and perhaps one more that does not wait, have to wait
 *    before it is stuck: a submit, what is queued;
 *  - one of a set of workers is enough: a task, a group, a drain, a release.
 *
 * Perhaps one wait gets no error, as a release. Once, between two searches, the pools
 * shrink: no worker is left that does not wait. From then on ENDS waits end at any time,
 * as if they were killed.
 *
 * With BEHIND the youngest waits for one older worker only, to have less to visit.
 *
 * It checks that a wait which gets an error was part of a circle when the search began,
 * and that no wait is stuck in the end. So each circle gets one error: afterwards it is
 * none.
 *
 * Not modelled: how a search finds the edges of a pool, a task or a group; a limit of
 * the rounds.
 */

#ifndef N
#define N	3
#endif
#ifndef ENDS
#define ENDS	1
#endif

#define BIT(e)	(1 << (e))
#define ALL	(BIT(N) - 1)
#define OTHER	BIT(N)		/* a worker that does not wait */

/* struct wp_edge; sets are of workers */
byte target[N];
bool one[N];			/* one of target is enough */
bool must_wait[N];
byte edges;			/* the list */
byte undecided;
byte stuck;
byte suspect;

byte in_circles;		/* stuck when the search began */
bool shrunk;
bool over;			/* a wait ended in the middle of a search */

/* variables of the search */
hidden byte e, k;		/* 0 between two steps */
byte f, few, many, nr, left, rounds;
bool changed, ok, again;

/* is_stuck() of worker w, if set is stuck */
#ifdef BUG_ANY_WORKER
#define IS_STUCK(w, set)	((undecided & BIT(w)) && (target[w] & set))
#else
#ifdef BUG_ALL_MEMBERS
#define IS_STUCK(w, set)	((undecided & BIT(w)) && !(target[w] & ~(set)))
#else
#define IS_STUCK(w, set)	((undecided & BIT(w)) && \
				 (one[w] -> (target[w] & (set)) : \
					    !(target[w] & ~(set))))
#endif
#endif

/* What is stuck, into in_circles, by a definition without rounds or bugs */
inline get_stuck()
{
	d_step {
		in_circles = edges & undecided;
		k = 0;
		do
		:: k < N ->
			e = 0;
			do
			:: e < N ->
				if
				:: (in_circles & BIT(e)) &&
				   (one[e] -> !(target[e] & in_circles) :
					      (target[e] & ~in_circles)) ->
					in_circles = in_circles & ~BIT(e)
				:: else
				fi;
				e++
			:: else -> break
			od;
			k++
		:: else -> break
		od;
		e = 0;
		k = 0
	}
}

hidden byte set, subset;
bool found;

/* Into ok: is each worker of a set stuck while the others of the set are? */
inline is_closed(workers)
{
	ok = (workers != 0);
	e = 0;
	do
	:: e < N ->
		ok = ok && (!(workers & BIT(e)) ||
			    (one[e] -> (target[e] & workers) : !(target[e] & ~workers)));
		e++
	:: else -> break
	od;
	e = 0
}

/*
 * Worker f is in a circle: a set of workers that is closed, and no smaller one in it
 * is. Such a set is connected, so each wait in it is for all others, over others.
 */
inline check_circle()
{
	d_step {
		found = false;
		set = ALL;
		do
		:: set && !found ->
			is_closed(set);
			found = ok && (set & BIT(f)) && !(set & ~in_circles);
			subset = set - 1;
			do
			:: found && subset ->
				is_closed(subset);
				found = !(ok && (subset & set) == subset);
				subset--
			:: else -> break
			od;
			set--
		:: else -> break
		od;
		assert(found);
		found = false;
		set = 0;
		subset = 0;
		ok = false
	}
}

/* eliminate_edge() of worker w */
inline eliminate_edge(w)
{
	d_step {
		if
		:: (stuck & BIT(w)) && !IS_STUCK(w, stuck) ->
			stuck = stuck & ~BIT(w);
			changed = true
		:: else
		fi
	}
}

/* edge_eliminate(): in turns from the youngest and from the oldest */
inline eliminate()
{
	d_step { rounds = 0; left = N; changed = false };
	do
	:: atomic {
		left ->
		left--;
		if
		:: rounds % 2 -> eliminate_edge(N - 1 - left)
		:: else -> eliminate_edge(left)
		fi
	   }
#ifdef BUG_ONE_ROUND
	:: atomic { !left -> break }
#else
	:: atomic { !left && !changed -> break }
	:: d_step {
		!left && changed ->
		rounds++;
		left = N;
		changed = false
	   }
#endif
	od;
	rounds = 0;
	changed = false
}

#define MAY_FAIL(w)	((suspect & BIT(w)) && !must_wait[w])

/* find_suspects(): how many, into many */
inline find_suspects()
{
	eliminate();
	d_step {
		suspect = stuck;
		many = 0;
		e = 0;
		do
		:: e < N ->
			if
			:: MAY_FAIL(e) -> many++
			:: else
			fi;
			e++
		:: else -> break
		od;
		e = 0
	}
}

/* eliminate_without(), into ok */
inline eliminate_without(n)
{
	d_step {
		left = n;
		stuck = suspect;
		e = N;
		do
		:: e && left ->
			e--;
			if
			:: MAY_FAIL(e) ->
				stuck = stuck & ~BIT(e);
				left--
			:: else
			fi
		:: else -> break
		od;
		e = 0
	}
	eliminate();
	d_step {
		ok = false;
		do
		:: e < N ->
			ok = ok || ((stuck & BIT(e)) && !must_wait[e]);
			e++
		:: else -> break
		od;
		e = 0
	}
}

/* nth_suspect(few), into f */
inline nth_suspect()
{
	d_step {
		left = few;
		f = N;
		do
		:: true ->
			f--;
			if
			:: MAY_FAIL(f) && !left -> break
			:: MAY_FAIL(f) && left -> left--
			:: else
			fi
		od;
		left = 0
	}
}

/* edge_refuse(): it may have ended meanwhile */
inline edge_refuse()
{
	if
	:: undecided & BIT(f) ->
		check_circle();
		undecided = undecided & ~BIT(f)
	:: else
	fi
}

/* break_circle(), into again */
inline break_circle()
{
	get_stuck();
	again = false;
	few = 0;
	find_suspects();
	if
	:: many ->
		nr = 1;
#ifndef BUG_YOUNGEST
		do
		:: many - few > 1 ->
			eliminate_without(nr);
			if
			:: ok -> few = nr
			:: else -> many = nr
			fi;
			nr = (few + many) / 2
		:: else -> break
		od;
#endif
#ifndef BUG_NO_RECHECK
		eliminate_without(few);
#endif
		nth_suspect();
#ifndef BUG_NO_RECHECK
		if
		:: stuck & BIT(f) ->
			edge_refuse();
			again = true
		:: else
		fi
#else
		edge_refuse();
		again = true
#endif
	:: else
	fi;
	d_step {
		stuck = edges;
		in_circles = 0;
		suspect = 0;
		few = 0;
		many = 0;
		nr = 0;
		f = 0;
		ok = false
	}
}

/* What worker w waits for. */
inline choose(w)
{
#ifdef BEHIND
	if
	:: w == N - 1 -> select(t : 0 .. N - 2); t = BIT(t)
	:: else -> select(t : 1 .. ALL)
	fi;
#else
	select(t : 1 .. ALL);
#endif
	if
	:: t != BIT(w) -> one[w] = true
	:: t = t | OTHER
	:: true
	fi;
	target[w] = t;
#ifdef MUST
	/* Nobody waits for the end of its own pool. */
	if
	:: one[w] && !(t & BIT(w)) && !has_must -> must_wait[w] = true; has_must = true
	:: true
	fi;
#endif
	t = 0
}

/* wp_edge_enter() of worker w */
inline enter(w)
{
	d_step {
		edges = edges | BIT(w);
		undecided = undecided | BIT(w);
		stuck = stuck | BIT(w)
	}
	if
	:: IS_STUCK(w, stuck) -> break_circle()
	:: else
	fi
}

/* With no end at any time all of this is one step. */
#if ENDS
#define STEP
#else
#define STEP	atomic
#endif

active proctype workers()
{
	byte t, w;
	bool has_must;

	do
	:: w < N ->
		choose(w);
		STEP { enter(w) };
		w++
	:: !shrunk ->
		d_step {
			shrunk = true;
			do
			:: t < N -> target[t] = target[t] & ALL; t++
			:: else -> break
			od;
			t = 0
		}
	:: w == N -> break
	od;
	/* edge_look() */
#ifndef BUG_NO_LOOK
	STEP {
		do
		:: true ->
			over = false;
			break_circle();
			/* One that ended in the middle of it: the next look knows. */
			if
			:: !again && !over -> break
			:: else
			fi
		od
	};
#endif
	get_stuck();
	assert(!in_circles);
	edges = 0
}

#if ENDS
inline end(w)
{
	d_step {
		undecided & BIT(w) ->
		undecided = undecided & ~BIT(w);
		over = true
	}
}

active proctype ends()
{
	byte n;

end_none:
	do
	:: n < ENDS && shrunk ->
		if
		:: end(0)
		:: end(1)
		:: end(2)
		:: break
		fi;
		n++
	:: n == ENDS -> break
	od
}
#endif
