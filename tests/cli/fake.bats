#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # run sets status, output and lines
#
# wpadm with a device that fake.c makes of a text: an older module, multis, and
# refusals that no real pool gives when it is asked to.

load helper

# The size of the first version of STAT.
FIRST_STAT=304

# errno(3)
EBUSY=16
ESHUTDOWN=108
EPERM=1
EOPNOTSUPP=95
ETIMEDOUT=110

POOLS=(
	'name=system owner=workpool capacity=-1 available=-1 flags=8'
	'name=m.0 owner=client capacity=4 running=2 busy=1 idle=1 queued=3 completed=10 multi=m multi_id=7 multi_index=0'
	'name=plain owner=client capacity=8 available=8'
	'name=m.1 owner=client capacity=5 running=3 busy=3 alive=3 crashes=1 delayed=2 completed=5 multi=m multi_id=7 multi_index=1'
)

# What MULTI_STAT says of m. These are not the sums of its pools.
TOTAL='total=1 name=m owner=client capacity=19 available=14 running=15 busy=14 idle=1 waiting=1 queued=13 delayed=12 peak_running=16 peak_waiting=4 completed=115 crashes=11 multi=m multi_id=7 nr_pools=2 strategy=2'

# two_multis [WORD [WORD [WORD]]]: POOLS with words for m.0, m.1 and m, and another multi
two_multis()
{
	fake_device "${POOLS[0]}" "${POOLS[1]} ${1:-}" "${POOLS[2]}" \
		"${POOLS[3]} ${2:-}" \
		'name=n.0 owner=client capacity=-1 available=-1 multi=n multi_id=8' \
		"$TOTAL ${3:-}" \
		'total=1 name=n capacity=-1 available=-1 multi=n multi_id=8 nr_pools=1 strategy=3'
}

# columns: the output without the blanks that align it, but for indentation
columns()
{
	sed -E 's/([^ ]) +/\1 /g; s/ +$//' <<< "$output"
}

@test "an older module: what it does not know is 0" {
	fake_device stat=$FIRST_STAT \
		'name=old capacity=4 busy=2 completed=7 delayed=5 queue_depth=6 cancelled=7 spurious_wakeups=8 multi=m multi_id=9'
	run fake list -n -r -o NAME,BUSY,COMPLETED,DELAYED,QUEUE-DEPTH,CANCELLED,SPURIOUS-WAKEUPS,MULTI
	assert_status 0
	[ "$output" = "old 2 7 0 0 0 0 -" ]
	run fake show old --json -o CAPACITY,DELAYED,MULTI
	assert_has '"capacity": 4,'
	assert_has '"delayed": 0,'
	assert_has '"multi": null'
	run fake prometheus
	assert_line 'workpool_tasks_completed_total{pool="old"} 7'
	assert_line 'workpool_tasks_cancelled_total{pool="old"} 0'
	run fake tune old capacity=5
	assert_line "old: capacity 4 -> 5"
}

@test "an older module: it has no events" {
	fake_device 'name=old'
	run fake monitor
	assert_error 2 "cannot read events: the module does not know this request; load a module as new as wpadm"
}

@test "an older module: it has no histograms" {
	fake_device 'name=old measure=25'
	run fake latency old --for 1ms
	assert_error 2 "cannot measure pool 'old': the module does not know this request; load a module as new as wpadm"
	run fake latency old --switch on
	assert_error 2 "cannot measure pool 'old': the module does not know this request; load a module as new as wpadm"
}

# measured POOL ARGUMENT...: latency of a pool, and how it was switched
measured()
{
	FAKE_TELLS=1 run --separate-stderr fake latency --for 1ms "$@"
}

# 41: from 16.384 to 18.432 us
@test "latency: draws what came meanwhile" {
	fake_device 'name=new bucket=41 run_before=0 run_after=1000 max_ns=17000'
	measured new
	assert_status 0
	[ "$stderr" = $'MEASURE 1\nMEASURE 0' ]
	[[ ${lines[0]} =~ ^pool\ new,\ [0-9]+\.[0-9]\ s$ ]]
	[ "$(tail -n +2 <<< "$output")" = "
wait: 0 tasks, from accepted to begun

run: 1000 tasks, from begun to ended
  p50 17.0us, p90 17.0us, p99 17.0us, p99.9 17.0us, max 17.0us
                         : count      distribution
    16.4us -> 32.8us     : 1000       |****************************************|

blocked: 0 submitters that waited

start: 0 workers, from needed to ready" ]
}

@test "latency: a pool that somebody measures stays so" {
	fake_device 'name=new flags=0x80000 bucket=41 run_before=10 run_after=12 max_ns=999999999'
	measured new --json
	assert_status 0
	[ "$stderr" = 'MEASURE 1' ]
	assert_has '"pool": "new",'
	# the longest of all was before: the end of the bucket is what is known
	assert_has '{"kind": "run", "count": 2, "sum_ns": 32768, "p50_ns": 18431, "p90_ns": 18431, "p99_ns": 18431, "p99_9_ns": 18431, "max_ns": 18431, "buckets": [{"from_ns": 16384, "to_ns": 18432, "count": 2}]}'
	assert_has '{"kind": "wait", "count": 0, "sum_ns": 0, "p50_ns": 0, "p90_ns": 0, "p99_ns": 0, "p99_9_ns": 0, "max_ns": 0, "buckets": []}'
}

@test "latency: the first and the last bucket" {
	fake_device 'name=new bucket=0 run_after=3 max_ns=100'
	measured new
	assert_has '  p50 100ns, p90 100ns, p99 100ns, p99.9 100ns, max 100ns'
	assert_line '       0ns -> 512ns      : 3          |****************************************|'
	fake_device 'name=new bucket=265 run_after=3 max_ns=5000000000000'
	measured new
	assert_has ' max 5000s'
	assert_line '     4398s ->            : 3          |****************************************|'
	measured new --json
	assert_has '"buckets": [{"from_ns": 4398046511104, "to_ns": null, "count": 3}]'
}

@test "latency: somebody else switches it off" {
	fake_device 'name=new flags=0x80000 run_after=3 lost=1'
	run fake latency new --for 1ms
	assert_error 2 "pool 'new': somebody else switched its histograms off; try again"
}

@test "latency: refusals" {
	fake_device "name=new measure=$EPERM flags=8"
	run fake latency new --for 1ms
	assert_error 2 "cannot measure pool 'new': CAP_SYS_ADMIN is missing; try as root"
	run fake latency none --for 1ms
	assert_error 32 "cannot measure pool 'none': there is no such pool"
}

@test "latency: --switch tells what changes" {
	fake_device 'name=one' 'name=two flags=0x80000'
	run fake latency one --switch on
	assert_status 0
	[ "$output" = "one: histograms on" ]
	run fake latency two --switch on
	[ "$output" = "two: histograms on (unchanged)" ]
	run fake latency id:2 --switch off
	[ "$output" = "two: histograms off" ]
	run fake latency one --switch off
	[ "$output" = "one: histograms off (unchanged)" ]
}

@test "prometheus: histograms of pools that are measured" {
	fake_device 'name=one' 'name=two flags=0x80000 bucket=41 run_before=5 run_after=5 max_ns=17000'
	run fake prometheus
	assert_status 0
	assert_line '# TYPE workpool_run_seconds histogram'
	assert_line 'workpool_run_seconds_bucket{pool="two",le="5.12e-07"} 0'
	assert_line 'workpool_run_seconds_bucket{pool="two",le="1.6384e-05"} 0'
	assert_line 'workpool_run_seconds_bucket{pool="two",le="3.2768e-05"} 5'
	assert_line 'workpool_run_seconds_bucket{pool="two",le="4398.04651"} 5'
	assert_line 'workpool_run_seconds_bucket{pool="two",le="+Inf"} 5'
	assert_line 'workpool_run_seconds_sum{pool="two"} 0.000081920'
	assert_line 'workpool_run_seconds_count{pool="two"} 5'
	assert_line 'workpool_blocked_seconds_count{pool="two"} 0'
	[ "$(grep -c '^workpool_run_seconds_bucket' <<< "$output")" = 35 ]
	[ "$(grep -c '^# TYPE workpool_run_seconds' <<< "$output")" = 1 ]
	[ "$(grep -c '_seconds_[a-z]*{pool="one"' <<< "$output")" = 0 ]
}

@test "a newer module: what it knows is shown" {
	fake_device 'name=new delayed=5 queue_depth=6 cancelled=7 spurious_wakeups=8'
	run fake list -n -r -o DELAYED,QUEUE-DEPTH,CANCELLED,SPURIOUS-WAKEUPS
	[ "$output" = "5 6 7 8" ]
	run fake prometheus
	assert_line 'workpool_tasks_delayed{pool="new"} 5'
	assert_line 'workpool_queue_depth{pool="new"} 6'
	assert_line 'workpool_tasks_cancelled_total{pool="new"} 7'
	assert_line 'workpool_wakeups_spurious_total{pool="new"} 8'
}

@test "list: pools below their multi, which has the numbers of the module" {
	two_multis
	run fake list -o NAME,STATE,CAPACITY,RUNNING,BUSY,QUEUED,DELAYED,COMPLETED,CRASHES
	assert_status 0
	[ "$(columns)" = "\
NAME STATE CAPACITY RUNNING BUSY QUEUED DELAYED COMPLETED CRASHES
system open unlimited 0 0 0 0 0 0
m open 19 15 14 13 12 115 11
  m.0 open 4 2 1 3 0 10 0
  m.1 open 5 3 3 0 2 5 1
plain open 8 0 0 0 0 0 0
n open unlimited 0 0 0 0 0 0
  n.0 open unlimited 0 0 0 0 0 0" ]
}

@test "list: what a multi has not is empty" {
	two_multis
	run fake list m -n -o NAME,ID,EXPIRY,NICE,GENERATION,MULTI,MULTI-INDEX
	[ "$(columns)" = "\
m m
  m.0 2 0ms 0 0 m 0
  m.1 4 0ms 0 0 m 1" ]
}

@test "list: waiters, peaks, strategy and size of a multi" {
	two_multis 'nr_pools=2 strategy=2'
	run fake list m plain -n -o NAME,WAITING,PEAK-RUNNING,PEAK-WAITING,STRATEGY,POOLS
	[ "$(columns)" = "\
m 1 16 4 least-tasks 2
  m.0 0 0 0 least-tasks 2
  m.1 0 0 0 - 0
plain 0 0 0 - -" ]
}

@test "list: a multi that is not complete has no line" {
	fake_device "${POOLS[1]}" "$TOTAL" "${POOLS[2]}" \
		'name=n.0 multi=n multi_id=8'
	run fake list -n -o NAME
	assert_status 0
	[ "$(columns)" = $'m\n  m.0\nplain\nn.0' ]
	run fake show n -o NAME
	assert_status 0
	[ "$output" = "name: n.0" ]
	run fake prometheus
	assert_status 0
}

@test "list: the module says whether a multi is closed" {
	two_multis flags=0x10000
	run fake list m -n -o NAME,STATE
	[ "$(columns)" = $'m open\n  m.0 closed\n  m.1 open' ]
	two_multis flags=0x10000 flags=0x10000 'flags=0x10000 alive=3'
	run fake list m -n -o NAME,STATE
	[ "$(columns)" = $'m draining\n  m.0 closed\n  m.1 draining' ]
}

@test "list: scripts see pools only" {
	two_multis
	run fake list -n -r -o NAME,MULTI,MULTI-INDEX
	[ "$output" = $'system - -\nm.0 m 0\nplain - -\nm.1 m 1\nn.0 n 0' ]
	run fake list --json -o NAME,MULTI,MULTI-INDEX
	[ "$(tr -d ' \n' <<< "$output")" = "{\"pools\":[\
{\"name\":\"system\",\"multi\":null,\"multi_index\":null},\
{\"name\":\"m.0\",\"multi\":\"m\",\"multi_index\":0},\
{\"name\":\"plain\",\"multi\":null,\"multi_index\":null},\
{\"name\":\"m.1\",\"multi\":\"m\",\"multi_index\":1},\
{\"name\":\"n.0\",\"multi\":\"n\",\"multi_index\":0}]}" ]
}

@test "list and show: a multi, a pool of it, and neither" {
	two_multis
	run fake list m.1 m -n -o NAME
	[ "$(columns)" = $'m.1\nm\n  m.0\n  m.1' ]
	run fake show m -o NAME
	[ "$output" = $'name: m\n\nname: m.0\n\nname: m.1' ]
	run fake show m --json -o NAME
	[ "$(tr -d ' \n' <<< "$output")" = '{"pools":[{"name":"m.0"},{"name":"m.1"}]}' ]
	run fake list mm
	assert_status 32
	assert_has "cannot show pool 'mm': there is no such pool"
	run fake list id:9
	assert_status 32
}

@test "a pool comes before a multi of the same name" {
	two_multis
	echo 'name=m capacity=1' >> "$BATS_TEST_TMPDIR/device"
	run fake tune m capacity=3
	assert_status 0
	[ "$output" = "m: capacity 1 -> 3" ]
}

@test "tune: each pool of a multi" {
	two_multis
	run fake tune m capacity=6
	assert_status 0
	[ "$output" = $'m.0: capacity 4 -> 6\nm.1: capacity 5 -> 6' ]
	run fake tune m capacity=6 --dry-run
	assert_status 0
	assert_line "m.1: capacity 5 -> 6 (not done: dry run)"
	run fake tune m capacity=6 --json
	[ "$(tr -d ' \n' <<< "$output")" = "{\"tune\":[\
{\"pool\":\"m.0\",\"setting\":\"capacity\",\"old\":4,\"new\":6,\"old_text\":null,\"new_text\":null},\
{\"pool\":\"m.1\",\"setting\":\"capacity\",\"old\":5,\"new\":6,\"old_text\":null,\"new_text\":null}]}" ]
}

@test "tune: a line for each pool of a multi when some refuse" {
	two_multis tune=$EOPNOTSUPP
	run fake tune m capacity=6
	assert_status 64
	[ "${#lines[@]}" -eq 2 ]
	assert_has "cannot tune pool 'm.0': the size of"
	assert_line "m.1: capacity 5 -> 6"
	two_multis tune=$EOPNOTSUPP tune=$EOPNOTSUPP
	run fake tune m capacity=6
	assert_status 2
	[ "${#lines[@]}" -eq 2 ]
}

@test "release: each pool of a multi, and others" {
	two_multis
	run fake release m plain
	assert_status 0
	[ "$output" = "\
m.0: released, no thread left
m.1: released, no thread left
plain: released, no thread left" ]
}

@test "release: a line for each pool of a multi when some do not end" {
	two_multis '' wait=$ETIMEDOUT
	run fake release m --timeout 1s
	assert_status 64
	assert_line "m.0: released, no thread left"
	assert_line "m.1: released, threads left: 3, in a task: 3"
	assert_has "cannot wait for pool 'm.1': it stays closed"
	two_multis release=$EPERM
	run fake release m mm
	assert_status 64
	assert_has "cannot release pool 'm.0': CAP_SYS_ADMIN is missing"
	assert_has "cannot release pool 'mm': there is no such pool"
	assert_line "m.1: released, no thread left"
}

@test "release: the capability comes before what the owner allows" {
	two_multis "flags=32 release=$EPERM tune=$EPERM"
	run fake release m.0
	assert_error 2 "cannot release pool 'm.0': CAP_SYS_ADMIN is missing; try as root"
	two_multis "flags=32 release=$EPERM"
	run fake release m.0
	assert_error 2 "cannot release pool 'm.0': its owner client would lose requests; it can be tuned"
}

@test "reboot: a line for each pool of a multi" {
	two_multis
	run fake reboot m
	assert_status 0
	[ "$output" = "\
m.0: open again, generation 1
m.1: open again, generation 1" ]
	two_multis reboot=$EBUSY
	run fake reboot m
	assert_status 64
	assert_has "cannot reboot pool 'm.0': workers from before the release still run"
	assert_line "m.1: open again, generation 1"
}

@test "pause and resume: a line for each pool of a multi" {
	two_multis
	run fake pause m
	assert_status 0
	assert_has "m.0: paused, in a task: "
	run fake resume m
	assert_status 0
	[ "$output" = $'m.0: resumed\nm.1: resumed' ]
	two_multis pause=$ESHUTDOWN
	run fake pause m
	assert_status 64
	assert_has "cannot pause pool 'm.0': it is closed; try 'wpadm reboot m.0'"
}

@test "patterns: a pool once, however often it matches" {
	two_multis
	run fake reboot "m.*" m.0 "*.1" --dry-run
	assert_has "cannot reboot pool 'm.0': only a released pool can be rebooted"
	[ "$(grep -c "'m.0'" <<< "$output")" = 1 ]
	run fake resume "m.[0-9]" m
	assert_status 0
	[ "$output" = $'m.0: resumed\nm.1: resumed' ]
	run fake list -n -r -o NAME "no*"
	assert_error 32 "cannot show 'no*': no pool has such a name"
}

@test "prometheus: which multi a pool belongs to" {
	two_multis
	run fake prometheus
	assert_line 'workpool_pool_info{pool="m.1",owner="client",multi="m"} 1'
	assert_line 'workpool_pool_info{pool="plain",owner="client"} 1'
}

@test "prometheus: the multis, and what is no sum of their pools" {
	two_multis
	run fake prometheus
	assert_line 'workpool_multi_info{multi="m",owner="client",strategy="least-tasks"} 1'
	assert_line 'workpool_multi_pools{multi="m"} 2'
	assert_line 'workpool_multi_pools{multi="n"} 1'
	assert_line 'workpool_multi_waiters{multi="m"} 1'
}

@test "--output replaces no device and no pipe" {
	fake_device 'name=plain capacity=1 expiry_ms=1000'
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	for command in "save plain" prometheus; do
		# shellcheck disable=SC2086 # a list of words
		run fake $command -o "$BATS_TEST_TMPDIR/pipe"
		assert_error 1 "cannot write $BATS_TEST_TMPDIR/pipe: it is no regular file"
		[ -p "$BATS_TEST_TMPDIR/pipe" ]
	done
}

@test "top: which multi a pool belongs to" {
	two_multis
	run fake top --iter 1 --delay 0.1 -n -r -o NAME,MULTI,DELAYED
	assert_line "m.1 m 2"
	assert_line "plain - 0"
}

@test "top: a pool, a multi, a pattern, an id, and what there is not" {
	local top=(fake top --iter 1 --delay 0.1 -n -r -o NAME)

	two_multis
	run "${top[@]}" plain
	[ "$output" = plain ]
	run "${top[@]}" m
	[ "$output" = $'m.0\nm.1' ]
	run "${top[@]}" 'm*' plain
	[ "$output" = $'m.0\nplain\nm.1' ]
	run "${top[@]}" id:1 system
	[ "$output" = system ]
	run "${top[@]}" plain nothing
	assert_error 32 "cannot show pool 'nothing': there is no such pool"
	run "${top[@]}" 'x*'
	assert_error 32 "x*"
	fake_device "${POOLS[@]}" "$TOTAL" 'name=m owner=client capacity=1'
	run "${top[@]}" m
	[ "$output" = m ]
}

# once ARGUMENT...: the first table of top, without control of a terminal
once()
{
	run fake top --iter 1 --delay 0.1 "$@"
}

# 20 of 21 looks find it busy
@test "top: the load is the mean of what was seen since the last sample" {
	fake_device 'name=half capacity=8 busy=4' 'name=free capacity=-1 busy=4' \
		'name=later capacity=10 busy_after=10' 'name=tuned capacity=2 busy=3'
	once -n -r -o NAME,UTIL
	assert_status 0
	[ "$output" = $'half 50.0\nfree -\nlater 95.2\ntuned 150.0' ]
	once -n -o UTIL half later
	[ "$(tr -d ' ' <<< "$output")" = $'50%\n95%' ]
	once --json -o NAME,UTIL half free
	[ "$(tr -d ' \n' <<< "$output")" = \
		'{"top":[{"name":"half","busy_percent":50.0},{"name":"free","busy_percent":null}]}' ]
}

# 41: from 16.384 to 18.432 us. The longest of all ran before.
@test "top: percentiles of the interval, of what is measured" {
	fake_device 'name=not busy=1' \
		'name=run flags=0x80000 bucket=41 run_before=10 run_after=12 max_ns=999999999' \
		'name=wait flags=0x80000 bucket=41 wait_before=0 wait_after=3 max_ns=17000' \
		'name=still flags=0x80000 bucket=41 run_before=10 run_after=10 max_ns=17000'
	once -n -r -o NAME,WAIT-P99,RUN-P99
	assert_status 0
	[ "$output" = $'not - -\nrun - 18431\nwait 17000 -\nstill - -' ]
	once -n -o RUN-P99,WAIT-P99 run
	[ "$(tr -s ' ' <<< " $output")" = ' 18.4us -' ]
	once --json -o WAIT-P99,RUN-P99 run wait
	[ "$(tr -d ' \n' <<< "$output")" = \
		'{"top":[{"wait_p99_ns":null,"run_p99_ns":18431},{"wait_p99_ns":17000,"run_p99_ns":null}]}' ]
}

@test "top: a pool that is switched off, and on again, from one sample to the next" {
	fake_device 'name=off flags=0x80000 bucket=41 run_before=3 run_after=5 max_ns=17000 lost=1' \
		'name=on flags=0x80000 bucket=41 run_before=5 run_after=3 max_ns=17000 lost=2'
	once -n -r -o NAME,RUN-P99
	[ "$output" = $'off -\non 17000' ]
}

@test "top: an older module measures nothing" {
	fake_device stat=$FIRST_STAT 'name=old capacity=4 busy=2'
	once -n -r -o NAME,UTIL,WAIT-P99,RUN-P99
	[ "$output" = "old 50.0 - -" ]
}

@test "top: sorted by numbers, by text, and the other way round" {
	two_multis
	once -n -r -o NAME --sort QUEUED
	[ "$output" = $'m.0\nsystem\nplain\nm.1\nn.0' ]
	once -n -r -o NAME --sort busy
	[ "$output" = $'m.1\nm.0\nsystem\nplain\nn.0' ]
	once -n -r -o NAME --sort -BUSY
	[ "$output" = $'system\nplain\nn.0\nm.0\nm.1' ]
	once -n -r -o NAME -s NAME
	[ "$output" = $'m.0\nm.1\nn.0\nplain\nsystem' ]
	once -n -r -o NAME -s -name
	[ "$output" = $'system\nplain\nn.0\nm.1\nm.0' ]
	# unlimited is more than any number
	once -n -r -o NAME --sort CAPACITY
	[ "$output" = $'system\nn.0\nplain\nm.1\nm.0' ]
	once --json -o NAME --sort CRASH/S m
	[ "$(tr -d ' \n' <<< "$output")" = '{"top":[{"name":"m.0"},{"name":"m.1"}]}' ]
}

@test "top: what has no value is the last, in both orders" {
	fake_device 'name=not' 'name=fast flags=0x80000 bucket=41 run_after=3 max_ns=17000' \
		'name=slow flags=0x80000 bucket=60 run_after=3 max_ns=99000'
	once -n -r -o NAME --sort RUN-P99
	[ "$output" = $'slow\nfast\nnot' ]
	once -n -r -o NAME --sort -RUN-P99
	[ "$output" = $'fast\nslow\nnot' ]
}

@test "top: pools below their multi, sorted as it is" {
	two_multis
	once -n -o NAME,BUSY,QUEUED,ID
	[ "$(columns)" = "\
system 0 0 1
m 14 13
  m.0 1 3 2
  m.1 3 0 4
plain 0 0 3
n 0 0
  n.0 0 0 5" ]
	once -n -o NAME,BUSY --sort BUSY
	[ "$(columns)" = $'m 14\n  m.1 3\n  m.0 1\nsystem 0\nplain 0\nn 0\n  n.0 0' ]
	once -n -o NAME plain m
	[ "$(columns)" = $'m\n  m.0\n  m.1\nplain' ]
}

@test "top: a multi of which not all pools are shown has no line" {
	two_multis
	once -n -o NAME m.1 n
	[ "$(columns)" = $'m.1\nn\n  n.0' ]
	once -n -o NAME --sums m.1
	[ "$(columns)" = m.1 ]
}

@test "top --sums: a line for each multi in the place of its pools" {
	two_multis
	once -n -r -o NAME,CAPACITY,BUSY,ID --sums
	[ "$output" = $'system -1 0 1\nm 19 14 -\nplain 8 0 3\nn -1 0 -' ]
	once -n -o NAME,QUEUED --sums
	[ "$(columns)" = $'system 0\nm 13\nplain 0\nn 0' ]
	once --json -o NAME,QUEUED,ID --sums m
	[ "$(tr -d ' \n' <<< "$output")" = '{"top":[{"name":"m","queued":13,"id":null}]}' ]
}

# Its pools have 4 and 5 workers, of which 1 and 3 are busy. One is measured.
@test "top: load and percentiles of a multi are those of its pools" {
	two_multis '' 'flags=0x80000 bucket=41 run_before=10 run_after=12 max_ns=17000'
	once -n -r -o NAME,UTIL,RUN-P99 --sums m
	[ "$output" = "m 44.4 17000" ]
	two_multis 'flags=0x80000 bucket=60 run_after=200 max_ns=99000' \
		'flags=0x80000 bucket=41 run_after=2 max_ns=17000'
	once -n -r -o RUN-P99 --sums m
	[ "$output" -gt 90000 ]
}

# on_screen WIDTH KEYS ARGUMENT...: top in a terminal, where these keys are typed. Sets lines to
# what it draws, without the control sequences.
on_screen()
{
	run "$TOP/tests/cli/terminal" "$1" "$2" env TERM=xterm LD_PRELOAD="$FAKE" "$WPADM" \
		--device "$BATS_TEST_TMPDIR/device" top --delay 3600 "${@:3}"
	output=$(tr -d '\r' <<< "$output" | sed -E 's/\x1b\[H/\n/g; s/\x1b\[[?0-9]*[A-Za-z]//g; s/ +$//')
	mapfile -t lines <<< "$output"
}

# narrow WIDTH: no line is wider
narrow()
{
	local line

	for line in "${lines[@]}"; do
		[ "${#line}" -le "$1" ] || { echo "too wide: $line"; return 1; }
	done
}

@test "top on a terminal: keys sort, reverse, explain, sum up and quit" {
	two_multis
	on_screen 200 q
	assert_status 0
	assert_line "5 pools, every 3600 s; h: help, q: quit"
	on_screen 200 '>q'
	assert_line "5 pools, every 3600 s, by NAME; h: help, q: quit"
	on_screen 200 '>>><rq'
	assert_line "5 pools, every 3600 s, by CAPACITY reversed; h: help, q: quit"
	on_screen 200 'r>q'
	assert_line "5 pools, every 3600 s, by NAME; h: help, q: quit"
	on_screen 200 '><<q'
	[ "$(grep -c 'by NAME' <<< "$output")" = 1 ]
	on_screen 200 '?q'
	assert_line "Keys:"
	assert_line "  r      reverse the order"
	assert_line "  WAIT-P99   99 % of the tasks waited no longer, if measured"
	on_screen 200 'hhq' -o NAME
	[ "$(grep -c 'Keys:' <<< "$output")" = 1 ]
	[ "$(grep -c '^plain' <<< "$output")" = 2 ]
	on_screen 200 mq -o NAME
	[ "$(grep -c '^  m.0' <<< "$output")" = 1 ]
	[ "$(grep -c '^m$' <<< "$output")" = 2 ]
	on_screen 200 ' q' -o NAME,DONE/S plain
	[ "$(grep -c '^plain *-$' <<< "$output")" = 1 ]
	[ "$(grep -c '^plain *0.0$' <<< "$output")" = 1 ]
}

@test "top on a terminal: what has no room is not cut off unseen" {
	two_multis
	on_screen 80 hq
	narrow 80
	assert_line "5 pools, no room for 3 columns, every 3600 s; h: help, q: quit"
	assert_line "No room for CAPACITY, RUNNING, SUBMIT/S"
	on_screen 60 q -o all
	narrow 60
	assert_has ", no room for "
	assert_has "NAME"
	on_screen 40 q
	narrow 40
	assert_has "5 pools, no room for "
	on_screen 200 q
	[[ $output != *"no room"* ]]
	on_screen 200 hq -o all
	assert_has " more lines"
}

@test "top on a terminal: what is wrong with the pools is said on the usual screen" {
	two_multis
	run "$TOP/tests/cli/terminal" 80 "" env TERM=xterm LD_PRELOAD="$FAKE" "$WPADM" \
		--device "$BATS_TEST_TMPDIR/device" top nothing
	assert_status 32
	[ "$output" = "wpadm: cannot show pool 'nothing': there is no such pool; try 'wpadm list'" ] ||
		[[ $output == "wpadm: cannot show pool 'nothing': there is no such pool"* ]]
	[[ $output != *$'\033'* ]]
}

@test "bash completion offers multis and their pools" {
	two_multis
	# complete_words calls it
	# shellcheck disable=SC2317
	wpadm()
	{
		fake "$@"
	}
	run complete_words tune ""
	[ "$output" = $'m\nm.0\nm.1\nn\nn.0\nplain\nsystem' ]
}

# A pool whose name has as many letters as one may have
LONGEST='name=a-name-of-thirty-one-letters---1 owner=client capacity=-1 available=-1 flags=0'

@test "a terminal of 80 columns shows the whole table, with some columns left out" {
	fake_device "${LONGEST/letters---1/letters-1}"
	terminal=("$TOP/tests/cli/terminal" 80 "" env "LD_PRELOAD=$FAKE" "$WPADM"
		--device "$BATS_TEST_TMPDIR/device")
	run "${terminal[@]}" list
	assert_status 0
	assert_has "WAITING QUEUED"
	assert_has "CRASHES"
	[[ $output != *RUNNING* ]]
	for line in "${lines[@]}"; do
		[ "${#line}" -le 80 ]
	done
	terminal[1]=200
	run "${terminal[@]}" list
	assert_has "RUNNING BUSY IDLE"
	terminal[1]=80
	run "${terminal[@]}" list -o NAME,STATE,CAPACITY,RUNNING,BUSY,IDLE,WAITING,QUEUED,COMPLETED
	assert_has "RUNNING"
}

@test "top: on a terminal without control sequences tables follow each other" {
	two_multis
	for term in dumb ""; do
		run "$TOP/tests/cli/terminal" 80 "" env TERM=$term LD_PRELOAD="$FAKE" "$WPADM" \
			--device "$BATS_TEST_TMPDIR/device" top --iter 2 --delay 0.1
		assert_status 0
		[[ $output != *$'\033'* ]]
		assert_has "plain"
	done
	run "$TOP/tests/cli/terminal" 80 "" env TERM=xterm LD_PRELOAD="$FAKE" "$WPADM" \
		--device "$BATS_TEST_TMPDIR/device" top --iter 1 --delay 0.1
	[[ $output == *$'\033'* ]]
}

@test "a multi that is named as long as one may be: its pools fit as well" {
	two_multis
	run "$TOP/tests/cli/terminal" 80 "" env LD_PRELOAD="$FAKE" NO_COLOR=1 "$WPADM" \
		--device "$BATS_TEST_TMPDIR/device" list
	[[ $output != *$'\033'* ]]
	for line in "${lines[@]}"; do
		[ "${#line}" -le 80 ]
	done
}
