#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # run sets status, output and lines
#
# wpadm with the module: needs root, workpool.ko and wp_selftest.ko, whose
# debugfs file makes the pools that the tests look at and change. Only bash and
# coreutils and grep are taken for granted, so that it runs in a small VM.

load helper

CONTROL=/sys/kernel/debug/wp_selftest/control
CPU1=/sys/devices/system/cpu/cpu1/online
POOL=cli-pool

# Milliseconds that nobody waits for: "wake" ends the tasks that sleep so long, or
# teardown. The machine may be so slow that whatever is shorter is over too soon.
LONG=600000

control()
{
	echo "$*" >"$CONTROL"
}

# start_watching ARGUMENT...: wpadm, in the background; returns when it waits for events; sets
# monitor
start_watching()
{
	# no function, which would be a shell that waits for it
	"$WPADM" "$@" >"$BATS_TEST_TMPDIR/events" 2>&1 3>&- &
	monitor=$!
	for ((i = 0; i < 100; i++)); do
		! grep -q poll "/proc/$monitor/wchan" || return 0
		sleep 0.1
	done
	cat "$BATS_TEST_TMPDIR/events"
	return 1
}

# ended STATUS: that one ends by itself with that status; sets lines to what it wrote
ended()
{
	local rc=0

	wait "$monitor" || rc=$?
	mapfile -t lines <"$BATS_TEST_TMPDIR/events"
	output=$(<"$BATS_TEST_TMPDIR/events")
	[ "$rc" -eq "$1" ] || {
		echo "exit status $rc instead of $1: $output"
		return 1
	}
}

# create NAME CAPACITY [OPTION...]: a pool that teardown destroys
create()
{
	control create "$@"
	echo "$1" >>"$BATS_TEST_TMPDIR/pools"
}

setup()
{
	[ -c /dev/workpool ] || skip "workpool is not loaded"
	[ -w "$CONTROL" ] || skip "wp_selftest is not loaded"
}

teardown()
{
	local name

	# it holds the module
	[ -z "${monitor:-}" ] || kill "$monitor" 2>/dev/null || true
	[ -e "$BATS_TEST_TMPDIR/pools" ] || return 0
	while read -r name; do
		control destroy "$name"
	done <"$BATS_TEST_TMPDIR/pools"
	[ ! -e $CPU1 ] || echo 1 >$CPU1
}

# one_cpu: until the test ends; the kernel patches itself, see on_one_cpu in tests/abi/guest
one_cpu()
{
	[ ! -e $CPU1 ] || echo 0 >$CPU1
}

# field COLUMN [POOL]: one plain value
field()
{
	wpadm list -n -r -o "$1" "${2:-$POOL}"
}

# eventually COLUMN VALUE: within ten seconds
eventually()
{
	local i

	for ((i = 0; i < 100; i++)); do
		[ "$(field "$1")" != "$2" ] || return 0
		sleep 0.1
	done
	echo "$1 is $(field "$1"), not $2"
	return 1
}

# refused TEXT ARGUMENT...: the kernel refuses, and --dry-run foresees it
refused()
{
	local text=$1 message

	shift
	run wpadm tune "$POOL" "$@"
	assert_error 2 "$text" || return 1
	message=$output
	run wpadm tune "$POOL" "$@" --dry-run
	assert_error 2 "$text" || return 1
	[ "$output" = "$message" ]
}

@test "list: every pool, one in a line" {
	create $POOL 4
	create $POOL-b 7
	run wpadm
	assert_status 0
	[[ ${lines[0]} =~ ^NAME\ +STATE\ +CAPACITY ]]
	run wpadm list -n -r -o NAME,STATE,CAPACITY,OWNER
	assert_status 0
	assert_line "$POOL open 4 wp_selftest"
	assert_line "$POOL-b open 7 wp_selftest"
}

@test "list: named pools only, by name and by id" {
	create $POOL 4
	create $POOL-b 7
	id=$(field ID)
	run wpadm list -n -r -o NAME $POOL-b "id:$id"
	assert_status 0
	[ "$output" = "$POOL-b"$'\n'"$POOL" ]
}

@test "list: no such pool, and some of several" {
	create $POOL 4
	run wpadm list cli-none
	assert_error 32 "cannot show pool 'cli-none': there is no such pool"
	run wpadm list id:4294967295
	assert_error 32 "there is no such pool"
	run wpadm list -n -r -o NAME cli-none $POOL
	assert_status 64
	assert_line $POOL
}

@test "list: units for people, plain numbers for scripts" {
	create $POOL -1 expiry=2000
	run wpadm list -n -o CAPACITY,AVAILABLE,EXPIRY,MAX-BLOCKING $POOL
	[[ $output =~ ^unlimited\ +unlimited\ +2s\ +unlimited$ ]]
	run wpadm list -n -r -o CAPACITY,AVAILABLE,EXPIRY,MAX-BLOCKING $POOL
	[ "$output" = "-1 -1 2000 0" ]
}

@test "list: flags" {
	create $POOL 4 nonblock nopurge
	[ "$(field FLAGS)" = nonblock,nopurge ]
	create $POOL-b 4
	[ "$(field FLAGS $POOL-b)" = - ]
}

@test "list: settings as the pool was created" {
	create $POOL 6 min=2 expiry=1500 maxblock=3
	[ "$(field CAPACITY,MIN-WORKERS,EXPIRY,MAX-BLOCKING)" = "6 2 1500 3" ]
	[ "$(field RUNNING,IDLE,BUSY)" = "2 2 0" ]
}

@test "list: a busy pool" {
	create $POOL 4
	control submit $POOL sleep $LONG 3
	eventually BUSY 3
	[ "$(field RUNNING,AVAILABLE,SUBMITTED,COMPLETED)" = "3 1 3 0" ]
	control wake $POOL
	eventually COMPLETED 3
	[ "$(field BUSY,CRASHES,PEAK-RUNNING)" = "0 0 3" ]
}

@test "list: submitters that wait" {
	create $POOL 1
	control submit $POOL sleep $LONG
	eventually BUSY 1
	control block $POOL 1
	control block $POOL 1
	eventually WAITING 2
	[ "$(field QUEUED,AVAILABLE)" = "0 0" ]
	wpadm tune $POOL capacity=3
	eventually COMPLETED 2
	[ "$(field WAITING,BLOCKED,PEAK-WAITING)" = "0 2 2" ]
}

@test "list: a bounded queue" {
	create $POOL 1 depth=2
	[ "$(field QUEUE-DEPTH,QUEUED)" = "2 0" ]
	control submit $POOL sleep $LONG
	eventually BUSY 1
	control submit $POOL sleep 1 2
	[ "$(field BUSY,QUEUED,WAITING,BLOCKED)" = "1 2 0 0" ]
	control wake $POOL
	eventually COMPLETED 3
	[ "$(field QUEUED)" = 0 ]
}

@test "list: delayed and cancelled tasks" {
	create $POOL 1
	control delay $POOL $LONG
	[ "$(field DELAYED,QUEUED,CANCELLED)" = "1 0 0" ]
	control cancel $POOL
	[ "$(field DELAYED,QUEUED,CANCELLED)" = "0 0 1" ]
	control delay $POOL 1
	eventually COMPLETED 1
	[ "$(field DELAYED,CANCELLED)" = "0 1" ]
}

@test "release: submitters that wait are sent away" {
	create $POOL 1
	control submit $POOL sleep $LONG
	eventually BUSY 1
	control block $POOL 1
	eventually WAITING 1
	wpadm release $POOL
	[ "$(field STATE,WAITING,BUSY)" = "draining 0 1" ]
	control wake $POOL
	wpadm release $POOL --timeout forever
	[ "$(field STATE,WAITING,COMPLETED)" = "closed 0 1" ]
}

@test "list: JSON has every column, plain numbers and null" {
	create $POOL -1 expiry=5000
	run wpadm list --json $POOL
	assert_status 0
	assert_line "   \"pools\": ["
	assert_has "\"name\": \"$POOL\","
	assert_has '"owner": "wp_selftest",'
	assert_has '"state": "open",'
	assert_has '"flags": null,'
	assert_has '"capacity": -1,'
	assert_has '"available": -1,'
	assert_has '"expiry_ms": 5000,'
	assert_has '"max_blocking": 0,'
	for key in id running busy idle searching starting alive waiting queued delayed \
		   min_workers queue_depth peak_running peak_waiting nice \
		   rt_priority cancelled spurious_wakeups \
		   generation submitted completed crashes rejected timedout \
		   interrupted deadlocks blocked spawned adopted retired \
		   purged spawn_failures init_failures dropped leaks; do
		[[ $output =~ \"$key\":\ [0-9]+ ]] || {
			echo "no number $key in: $output"
			return 1
		}
	done
}

@test "list: JSON without pools is an empty array" {
	run bash -c '"$0" list --json cli-none 2>/dev/null' "$WPADM"
	assert_status 32
	assert_line '   "pools": ['
}

@test "show: one value in a line" {
	create $POOL 4 expiry=1500 noadmin
	run wpadm show $POOL
	assert_status 0
	[[ $output =~ (^|$'\n')name:\ +$POOL($'\n'|$) ]]
	[[ $output =~ (^|$'\n')capacity:\ +4($'\n'|$) ]]
	[[ $output =~ (^|$'\n')expiry:\ +1500ms($'\n'|$) ]]
	[[ $output =~ (^|$'\n')flags:\ +noadmin($'\n'|$) ]]
	for name in busy searching queued delayed queue-depth cancelled spurious-wakeups; do
		[[ $output =~ (^|$'\n')$name:\ +0($'\n'|$) ]]
	done
	run wpadm show $POOL -o capacity
	[ "$output" = "capacity: 4" ]
	run wpadm show $POOL --json -o capacity
	assert_has '"capacity": 4'
}

@test "show: no such pool" {
	run wpadm show cli-none
	assert_error 32 "cannot show pool 'cli-none': there is no such pool"
}

@test "tune: every setting, old and new value" {
	create $POOL 4 expiry=1000
	run wpadm tune $POOL capacity=8 expiry=5s max-blocking=3 min-workers=2
	assert_status 0
	assert_line "$POOL: capacity 4 -> 8"
	assert_line "$POOL: expiry 1s -> 5s"
	assert_line "$POOL: max-blocking unlimited -> 3"
	assert_line "$POOL: min-workers 0 -> 2"
	[ "$(field CAPACITY,EXPIRY,MAX-BLOCKING,MIN-WORKERS)" = "8 5000 3 2" ]
	run wpadm tune $POOL max-blocking=unlimited
	assert_line "$POOL: max-blocking 3 -> unlimited"
	[ "$(field CAPACITY,EXPIRY,MAX-BLOCKING,MIN-WORKERS)" = "8 5000 0 2" ]
}

@test "tune: the schedule of the workers, and the queue" {
	create $POOL 2 min=2 nice=3
	run wpadm tune $POOL nice=-2 rt=4 queue-depth=7 cpus=0
	assert_status 0
	assert_line "$POOL: nice 3 -> -2"
	assert_line "$POOL: rt 0 -> 4"
	assert_line "$POOL: queue-depth 0 -> 7"
	assert_line "$POOL: cpus default -> 0"
	[ "$(field NICE,RT-PRIORITY,QUEUE-DEPTH)" = "-2 4 7" ]
	grep -qx 'cpus: 0' "/sys/kernel/debug/workpool/$POOL/attrs"
	run wpadm tune $POOL cpus=default --json
	assert_status 0
	assert_has '"setting": "cpus",'
	assert_has '"old": null,'
	assert_has '"old_text": "0",'
	assert_has '"new_text": "default"'
	run wpadm tune $POOL rt=0 cpus=default
	assert_status 0
	assert_line "$POOL: rt 4 -> 0"
	assert_line "$POOL: cpus default (unchanged)"
}

@test "tune: no CPU is online" {
	create $POOL 2
	refused "cannot tune pool '$POOL': cpus: none of these is online; online are 0" \
		expiry=9s cpus=4000-5000
	[ "$(field EXPIRY)" = 1000 ]
	run wpadm tune $POOL cpus=0 --dry-run
	assert_status 0
	assert_line "$POOL: cpus default -> 0 (not done: dry run)"
}

@test "tune: what the owner pinned" {
	create $POOL 2 pin=0x30
	refused "cannot tune pool '$POOL': its owner wp_selftest has pinned nice,rt; the rest can be tuned" \
		nice=1 rt=2 expiry=9s
	refused "has pinned nice; the rest" nice=1 expiry=9s
	run wpadm tune $POOL expiry=9s
	assert_status 0
	[ "$(field EXPIRY,NICE)" = "9000 0" ]
	[ "$(field PINNED)" = nice,rt ]
}

@test "tune: CAP_SYS_NICE is missing" {
	command -v setpriv >/dev/null || skip "needs setpriv"
	create $POOL 2
	run setpriv --bounding-set -sys_nice --inh-caps -sys_nice \
		"$WPADM" tune $POOL rt=1
	assert_error 2 "cannot tune pool '$POOL': rt above 0 and nice below 0 need CAP_SYS_NICE"
	run setpriv --bounding-set -sys_nice --inh-caps -sys_nice \
		"$WPADM" tune $POOL nice=1
	assert_status 0
	[ "$(field RT-PRIORITY,NICE)" = "0 1" ]
}

@test "tune --module: limits hold at once" {
	local old

	old=$(cat /sys/module/workpool/parameters/max_workers)
	create $POOL unlimited min=3
	run wpadm tune --module max-workers=9 --dry-run
	assert_status 0
	assert_line "module: max-workers $old -> 9 (not done: dry run)"
	[ "$(cat /sys/module/workpool/parameters/max_workers)" = "$old" ]
	run wpadm tune --module cache-size=5 max-workers=3
	assert_status 0
	assert_line "module: max-workers $old -> 3"
	control submit $POOL sleep $LONG 3
	run control submit $POOL sleep $LONG
	assert_status 1
	run wpadm tune --module cache-size=1 max-workers=2
	assert_error 2 "cannot change max-workers: an unlimited pool has more min-workers"
	[ "$(cat /sys/module/workpool/parameters/cache_size)" = 5 ]
	run wpadm tune --module max-workers=4 --json
	assert_status 0
	assert_has '"setting": "max_workers",'
	assert_has '"old": 3,'
	control submit $POOL sleep $LONG
	wpadm tune --module "max-workers=$old"
}

# all that save writes of the pool
settings()
{
	wpadm save $POOL | grep ' = '
}

# A fresh module has the pools of a fresh client, as after a boot.
@test "what save wrote, apply brings back after the modules were unloaded" {
	[ -e /modules/wp_selftest.ko ] || skip "not in the VM of the lane"
	create $POOL 4
	wpadm tune $POOL capacity=7 expiry=3s max-blocking=5 min-workers=2 nice=-4 rt=3 \
		queue-depth=9 cpus=0
	wpadm tune --module cache-size=3 max-workers=500
	before=$(settings)
	wpadm save -o "$BATS_TEST_TMPDIR/saved.conf"
	control destroy $POOL
	rm "$BATS_TEST_TMPDIR/pools"
	rmmod wp_selftest
	rmmod workpool
	insmod /modules/workpool.ko
	insmod /modules/wp_selftest.ko
	create $POOL 4
	[ "$(field CAPACITY)" = 4 ]
	[ "$(settings)" != "$before" ]
	run wpadm apply "$BATS_TEST_TMPDIR/saved.conf"
	assert_status 0
	assert_line "module: max-workers 4096 -> 500"
	assert_line "$POOL: capacity 4 -> 7"
	assert_line "$POOL: cpus default -> 0"
	[ "$(settings)" = "$before" ]
	[ "$(cat /sys/module/workpool/parameters/cache_size)" = 3 ]
	run wpadm apply "$BATS_TEST_TMPDIR/saved.conf"
	assert_status 0
	[ "$output" = "nothing to do" ]
	wpadm tune --module max-workers=4096
}

# watch ARGUMENT...: starts apply --watch, and returns when it waits; sets monitor
watch()
{
	start_watching apply "$@" --watch
}

# seen TEXT: the watcher wrote that line
seen()
{
	for ((i = 0; i < 100; i++)); do
		! grep -qxF -- "$1" "$BATS_TEST_TMPDIR/events" || return 0
		sleep 0.1
	done
	cat "$BATS_TEST_TMPDIR/events"
	return 1
}

@test "apply --watch: pools that come later" {
	local conf=$BATS_TEST_TMPDIR/a.conf

	printf '%s\n' "[$POOL*]" 'capacity = 5' "[$POOL-c]" 'nice = 3' >"$conf"
	create $POOL 1
	watch "$conf"
	seen "$POOL: capacity 1 -> 5"
	seen "$POOL-c: no pool yet ($conf:3)"
	create other 1
	create $POOL-b 2
	seen "$POOL-b: capacity 2 -> 5"
	create $POOL-c 5
	seen "$POOL-c: nice 0 -> 3"
	# what was changed by hand stays
	wpadm tune $POOL capacity=7
	# a file with an error is none
	printf '%s\n' "[$POOL*]" 'capacity = no' >"$conf"
	kill -HUP "$monitor"
	seen "wpadm: the configuration is not loaded again: $conf has 1 error"
	create $POOL-d 1
	seen "$POOL-d: capacity 1 -> 5"
	[ "$(field CAPACITY)" = 7 ]
	printf '%s\n' "[$POOL*]" 'capacity = 6' >"$conf"
	kill -HUP "$monitor"
	seen "$POOL: capacity 7 -> 6"
	create $POOL-e 1
	seen "$POOL-e: capacity 1 -> 6"
	kill -TERM "$monitor"
	ended 0
	[ "$(grep -c "^other" "$BATS_TEST_TMPDIR/events")" = 0 ]
}

@test "apply --watch: what a new pool refuses is said, and it goes on" {
	printf '%s\n' "[$POOL*]" 'capacity = 5' >"$BATS_TEST_TMPDIR/a.conf"
	watch "$BATS_TEST_TMPDIR/a.conf"
	create $POOL 1 pin=0x1
	seen "wpadm: cannot tune pool '$POOL': its owner wp_selftest has pinned capacity; the rest can be tuned"
	create $POOL-b 1
	seen "$POOL-b: capacity 1 -> 5"
	create cli-multi 1 pools=2
	kill -INT "$monitor"
	ended 0
}

@test "save: the pools that can be tuned, and the limits of the module" {
	create $POOL 4 pin=0x30
	create $POOL-b 4 noadmin
	run wpadm save
	assert_status 0
	assert_line "[@module]"
	assert_line "max-workers = $(cat /sys/module/workpool/parameters/max_workers)"
	assert_line "[$POOL]"
	assert_line "# nice: its owner wp_selftest has pinned it"
	[[ $output != *system* && $output != *$POOL-b* ]]
}

@test "apply: a limit grows before the pools change and shrinks after them" {
	local old

	old=$(cat /sys/module/workpool/parameters/max_workers)
	create $POOL unlimited
	printf '[@module]\nmax-workers = 8000\n[%s]\nmin-workers = 5000\n' $POOL \
		> "$BATS_TEST_TMPDIR/a.conf"
	run wpadm apply "$BATS_TEST_TMPDIR/a.conf" --dry-run
	assert_status 0
	wpadm tune --module max-workers=20
	printf '[@module]\nmax-workers = 40\n[%s]\nmin-workers = 30\n' $POOL \
		> "$BATS_TEST_TMPDIR/a.conf"
	run wpadm apply "$BATS_TEST_TMPDIR/a.conf"
	assert_status 0
	[ "$output" = "module: max-workers 20 -> 40"$'\n'"$POOL: min-workers 0 -> 30" ]
	printf '[@module]\nmax-workers = 10\n[%s]\nmin-workers = 1\n' $POOL \
		> "$BATS_TEST_TMPDIR/a.conf"
	run wpadm apply "$BATS_TEST_TMPDIR/a.conf"
	assert_status 0
	[ "$output" = "$POOL: min-workers 30 -> 1"$'\n'"module: max-workers 40 -> 10" ]
	wpadm tune --module "max-workers=$old"
}

# administrate VALUE TIMES: applies a file of this value so often, and fails when that does
administrate()
{
	local conf=$BATS_TEST_TMPDIR/$1.conf i

	printf '[%s]\ncapacity = %s\nexpiry = %s\nmax-blocking = %s\nnice = %s\nqueue-depth = %s\n' \
		$POOL "$1" "$1" "$1" "$1" "$1" > "$conf"
	for ((i = 0; i < $2; i++)); do
		wpadm apply "$conf" > /dev/null || return
	done
}

@test "apply: two administrators never make a mixture of a pool" {
	local one other values

	create $POOL 4
	administrate 3 1
	administrate 3 20 3>&- &
	one=$!
	administrate 5 20 3>&- &
	other=$!
	while kill -0 $one 2>/dev/null || kill -0 $other 2>/dev/null; do
		values=$(field CAPACITY,EXPIRY,MAX-BLOCKING,NICE,QUEUE-DEPTH)
		[[ $values == "3 3 3 3 3" || $values == "5 5 5 5 5" ]] || {
			echo "a mixture: $values"
			return 1
		}
	done
	wait $one
	wait $other
}

@test "apply: what the kernel refuses, with the reason" {
	command -v setpriv >/dev/null || skip "needs setpriv"
	create $POOL 4
	printf '[%s]\nrt = 3\nexpiry = 9s\n' $POOL > "$BATS_TEST_TMPDIR/a.conf"
	run setpriv --bounding-set -sys_nice --inh-caps -sys_nice \
		"$WPADM" apply "$BATS_TEST_TMPDIR/a.conf"
	assert_error 2 "cannot tune pool '$POOL': rt above 0 and nice below 0 need CAP_SYS_NICE"
	run setpriv --bounding-set -sys_admin --inh-caps -sys_admin \
		"$WPADM" apply "$BATS_TEST_TMPDIR/a.conf"
	assert_error 2 "cannot tune pool '$POOL': CAP_SYS_ADMIN is missing; try as root"
	printf '[%s]\ncpus = 4000-5000\nexpiry = 9s\n' $POOL > "$BATS_TEST_TMPDIR/a.conf"
	run wpadm apply "$BATS_TEST_TMPDIR/a.conf"
	assert_error 2 "cannot tune pool '$POOL': cpus: none of these is online; online are 0"
	[ "$(field EXPIRY,RT-PRIORITY)" = "1000 0" ]
	run setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$WPADM" save $POOL
	assert_status 0
	assert_line "# cpus: unknown without the right to tune the pool"
}

@test "apply: CPUs that the machine cannot have are asked for once" {
	create $POOL 4
	printf '[%s]\ncpus = 0,4000-5000\n' $POOL > "$BATS_TEST_TMPDIR/a.conf"
	run wpadm apply "$BATS_TEST_TMPDIR/a.conf"
	assert_status 0
	assert_has "$POOL: cpus default -> 0"
	run wpadm apply "$BATS_TEST_TMPDIR/a.conf"
	[ "$output" = "nothing to do" ]
}

@test "apply: the directory, which may be missing" {
	[ ! -e /etc/workpool.d ] || skip "this machine has one"
	run wpadm apply
	assert_status 1
	assert_line "wpadm: cannot read /etc/workpool.d: No such file or directory"
	create $POOL 4
	mkdir /etc/workpool.d
	printf '[%s]\ncapacity = 5\n' $POOL > /etc/workpool.d/a.conf
	run wpadm apply
	rm -r /etc/workpool.d
	assert_status 0
	[ "$output" = "$POOL: capacity 4 -> 5" ]
}

@test "patterns: all pools whose names match" {
	create $POOL-a 4
	create $POOL-b 4
	create cli-other 4
	run wpadm list -n -r -o NAME "$POOL-*"
	[ "$output" = $'cli-pool-a\ncli-pool-b' ]
	run wpadm tune "$POOL-[ab]" capacity=5 --dry-run
	assert_status 0
	run wpadm tune "$POOL-[ab]" capacity=5
	assert_status 0
	[ "$output" = $'cli-pool-a: capacity 4 -> 5\ncli-pool-b: capacity 4 -> 5' ]
	[ "$(field CAPACITY cli-other)" = 4 ]
	run wpadm release "$POOL-?" $POOL-a --dry-run
	assert_status 0
	[ "$output" = $'cli-pool-a: released (not done: dry run)\ncli-pool-b: released (not done: dry run)' ]
	[ "$(field STATE $POOL-a)" = open ]
	run wpadm release "$POOL-?" --timeout 30s
	assert_status 0
	[ "$output" = $'cli-pool-a: released, no thread left\ncli-pool-b: released, no thread left' ]
	run wpadm reboot "$POOL-*" --dry-run
	assert_status 0
	run wpadm reboot "$POOL-*"
	assert_status 0
	run wpadm pause "none-*"
	assert_error 32 "cannot pause 'none-*': no pool has such a name"
}

@test "--dry-run foresees what is refused" {
	create $POOL 4 norelease
	run wpadm release $POOL --dry-run
	assert_error 2 "cannot release pool '$POOL': its owner wp_selftest would lose requests"
	run wpadm pause $POOL --dry-run
	assert_error 2 "cannot pause pool '$POOL': its owner wp_selftest would lose requests"
	run wpadm reboot $POOL --dry-run
	assert_error 2 "cannot reboot pool '$POOL': only a released pool can be rebooted"
	run wpadm resume $POOL --dry-run
	assert_status 0
	[ "$output" = "$POOL: resumed (not done: dry run)" ]
}

@test "tune: by id, and to the value that is there" {
	create $POOL 4
	run wpadm tune "id:$(field ID)" capacity=4
	assert_status 0
	assert_line "$POOL: capacity 4 (unchanged)"
}

@test "tune: JSON" {
	create $POOL 4 expiry=1000
	run wpadm tune $POOL expiry=2s --json
	assert_status 0
	assert_has "\"pool\": \"$POOL\","
	assert_has '"setting": "expiry_ms",'
	assert_has '"old": 1000,'
	assert_has '"new": 2000'
}

@test "tune: --dry-run changes nothing" {
	create $POOL 4
	run wpadm tune $POOL capacity=9 --dry-run
	assert_status 0
	assert_line "$POOL: capacity 4 -> 9 (not done: dry run)"
	[ "$(field CAPACITY)" = 4 ]
}

@test "tune: a smaller pool loses idle workers at once" {
	create $POOL 4 min=1 nopurge
	control submit $POOL sleep 200 4
	eventually COMPLETED 4
	wpadm tune $POOL capacity=2
	eventually ALIVE 2
	[ "$(field CAPACITY,RUNNING)" = "2 2" ]
}

@test "tune: all or nothing" {
	create $POOL 4 expiry=1000
	refused "min-workers exceeds the capacity" expiry=9s min-workers=5
	refused "min-workers exceeds the capacity" \
		expiry=9s capacity=3 min-workers=4
	[ "$(field CAPACITY,EXPIRY,MIN-WORKERS)" = "4 1000 0" ]
}

@test "tune: the capacity of an unlimited pool is fixed, the rest is not" {
	create $POOL -1
	refused "the size of an unlimited or preallocated pool is fixed" \
		capacity=4
	refused "a value is out of range" min-workers=2147483647
	wpadm tune $POOL expiry=3s
	[ "$(field EXPIRY)" = 3000 ]
}

@test "tune: the size of a preallocated pool is fixed" {
	create $POOL 4 prealloc
	refused "the size of an unlimited or preallocated pool is fixed" \
		capacity=5
	refused "the size of an unlimited or preallocated pool is fixed" \
		min-workers=1
	[ "$(field CAPACITY,RUNNING)" = "4 4" ]
}

@test "tune: a closed pool" {
	create $POOL 4
	wpadm release $POOL
	refused "it is closed; try 'wpadm reboot $POOL'" capacity=5
}

@test "noadmin: look, but do not touch" {
	create $POOL 4 noadmin
	refused "it refuses administration; only its owner wp_selftest can" \
		capacity=5
	run wpadm release $POOL
	assert_error 2 "cannot release pool '$POOL': it refuses administration"
	run wpadm reboot $POOL
	assert_error 2 "cannot reboot pool '$POOL': it refuses administration"
	run wpadm pause $POOL
	assert_error 2 "cannot pause pool '$POOL': it refuses administration"
	run wpadm resume $POOL
	assert_error 2 "cannot resume pool '$POOL': it refuses administration"
	[ "$(field STATE,CAPACITY)" = "open 4" ]
}

@test "pause and resume: tasks wait meanwhile, and the state is shown" {
	create $POOL 2 depth=8
	run wpadm pause $POOL
	assert_status 0
	[ "$output" = "$POOL: paused, in a task: 0" ]
	control submit $POOL sleep 1 3
	[ "$(field STATE,PAUSED-BY,RUNNING,QUEUED,AVAILABLE)" = "paused admin 0 3 0" ]
	run wpadm show $POOL
	assert_has paused
	run wpadm prometheus
	assert_line "workpool_paused{pool=\"$POOL\"} 1"
	run wpadm tune $POOL capacity=3
	assert_status 0
	run wpadm pause $POOL --json
	assert_status 0
	assert_has '"paused_by": "admin"'
	run wpadm resume $POOL
	assert_status 0
	[ "$output" = "$POOL: resumed" ]
	eventually COMPLETED 3
	[ "$(field STATE,PAUSED-BY)" = "open -" ]
}

@test "pause: that of the owner is left alone" {
	create $POOL 2
	control pause $POOL
	[ "$(field STATE,PAUSED-BY)" = "paused owner" ]
	wpadm pause $POOL
	[ "$(field PAUSED-BY)" = "owner,admin" ]
	run wpadm resume $POOL
	assert_status 0
	[ "$output" = "$POOL: still paused by its owner" ]
	control resume $POOL
	[ "$(field STATE)" = open ]
}

@test "pause: a release ends it, and the queued tasks run" {
	create $POOL 2 depth=8
	wpadm pause $POOL
	control submit $POOL sleep 1 3
	run wpadm release $POOL --timeout 30s
	assert_status 0
	[ "$(field STATE,COMPLETED,PAUSED-BY)" = "closed 3 -" ]
	run wpadm pause $POOL
	assert_error 2 "cannot pause pool '$POOL': it is closed; try 'wpadm reboot $POOL'"
	run wpadm resume $POOL
	assert_error 2 "cannot resume pool '$POOL': it is closed, which ended its pause"
}

@test "norelease: tune, but do not release" {
	create $POOL 4 norelease
	run wpadm pause $POOL
	assert_error 2 "cannot pause pool '$POOL': its owner wp_selftest would lose requests; it can be tuned"
	run wpadm resume $POOL
	assert_status 0
	run wpadm release $POOL
	assert_error 2 "cannot release pool '$POOL': its owner wp_selftest would lose requests; it can be tuned"
	run wpadm release $POOL --timeout 1s
	assert_error 2 "cannot release pool '$POOL': its owner wp_selftest would lose requests; it can be tuned"
	run wpadm tune $POOL capacity=5
	assert_status 0
	[ "$(field STATE,CAPACITY,FLAGS)" = "open 5 norelease" ]
}

@test "CAP_SYS_ADMIN is missing" {
	command -v setpriv >/dev/null || skip "needs setpriv"
	create $POOL 4
	run setpriv --bounding-set -sys_admin --inh-caps -sys_admin \
		"$WPADM" tune $POOL capacity=5
	assert_error 2 "cannot tune pool '$POOL': CAP_SYS_ADMIN is missing; try as root"
	run setpriv --bounding-set -sys_admin --inh-caps -sys_admin \
		"$WPADM" list -n -r -o CAPACITY $POOL
	assert_status 0
	[ "$output" = 4 ]
}

@test "CAP_SYS_ADMIN is missing, for a pool that nobody may release" {
	command -v setpriv >/dev/null || skip "needs setpriv"
	create $POOL 4 norelease
	run setpriv --bounding-set -sys_admin --inh-caps -sys_admin \
		"$WPADM" release $POOL
	assert_error 2 "cannot release pool '$POOL': CAP_SYS_ADMIN is missing; try as root"
}

@test "no such pool, for each command that changes one" {
	run wpadm tune cli-none capacity=3
	assert_error 32 "cannot tune pool 'cli-none': there is no such pool"
	run wpadm tune cli-none capacity=3 --dry-run
	assert_error 32 "cannot tune pool 'cli-none': there is no such pool"
	run wpadm release cli-none
	assert_error 32 "cannot release pool 'cli-none': there is no such pool"
	run wpadm reboot cli-none
	assert_error 32 "cannot reboot pool 'cli-none': there is no such pool"
	run wpadm pause cli-none
	assert_error 32 "cannot pause pool 'cli-none': there is no such pool"
}

@test "release and reboot: a pool's life" {
	create $POOL 4 min=2
	run wpadm release $POOL --timeout 10s
	assert_status 0
	assert_line "$POOL: released, no thread left"
	[ "$(field STATE,RUNNING,ALIVE)" = "closed 0 0" ]
	run wpadm reboot $POOL
	assert_status 0
	assert_line "$POOL: open again, generation 1"
	[ "$(field STATE,CAPACITY,MIN-WORKERS,IDLE)" = "open 4 2 2" ]
	control submit $POOL sleep 1 1
	eventually COMPLETED 1
}

@test "release: a second time is no error" {
	create $POOL 4
	wpadm release $POOL
	run wpadm release $POOL
	assert_status 0
	run wpadm release $POOL --timeout 10s
	assert_status 0
	assert_line "$POOL: released, no thread left"
	run wpadm release $POOL --timeout 10s
	assert_status 0
	assert_line "$POOL: released, no thread left"
}

@test "release: time runs out, the pool stays closed, a later wait works" {
	create $POOL 4
	control submit $POOL sleep $LONG 2
	eventually BUSY 2
	run wpadm release $POOL --timeout 100ms
	assert_status 2
	assert_has "cannot wait for pool '$POOL': it stays closed, but workers still run"
	assert_line "$POOL: released, threads left: 2, in a task: 2"
	[ "$(field STATE)" = draining ]
	run wpadm reboot $POOL
	assert_error 2 "workers from before the release still run; try 'wpadm release $POOL --timeout 10s'"
	control wake $POOL
	run wpadm release $POOL --timeout forever
	assert_status 0
	[ "$(field STATE,COMPLETED)" = "closed 2" ]
}

@test "release: --timeout is for all the pools together" {
	create $POOL 2
	create $POOL-b 2
	create $POOL-c 2
	for name in $POOL $POOL-b; do
		control submit "$name" sleep $LONG
	done
	eventually BUSY 1
	start=$SECONDS
	run wpadm release $POOL $POOL-b $POOL-c --timeout 6s
	assert_status 64
	[ $((SECONDS - start)) -lt 12 ]
	assert_line "$POOL-c: released, no thread left"
	[ "$(field STATE $POOL-b)" = draining ]
}

@test "release and reboot: JSON" {
	create $POOL 2
	run wpadm release $POOL --timeout 10s --json
	assert_status 0
	assert_line '   "release": ['
	assert_has "\"pool\": \"$POOL\","
	assert_has '"alive": 0,'
	run wpadm reboot $POOL --json
	assert_status 0
	assert_line '   "reboot": ['
	assert_has '"generation": 1'
}

@test "reboot: an open pool" {
	create $POOL 2
	run wpadm reboot $POOL
	assert_error 2 "cannot reboot pool '$POOL': only a released pool can be rebooted; try 'wpadm release $POOL'"
}

@test "several pools: some, all and none fail" {
	create $POOL 2
	run wpadm release cli-none $POOL
	assert_status 64
	assert_has "cannot release pool 'cli-none'"
	assert_has "$POOL: released"
	run wpadm reboot cli-none cli-none-b
	assert_status 32
	[ "${#lines[@]}" -eq 2 ]
}

@test "top: rates in a batch" {
	create $POOL 4
	control submit $POOL sleep 1 4
	run wpadm top --iter 2 --delay 0.2
	assert_status 0
	[ "$(grep -c '^NAME' <<<"$output")" -eq 2 ]
	[ "$(grep -c "^$POOL " <<<"$output")" -eq 2 ]
	run wpadm top --iter 1 --delay 0.2 -n -r -o NAME,DONE/S,REJECT/S,CRASH/S
	assert_status 0
	eventually COMPLETED 4
	run wpadm top --iter 1 --delay 0.2 -n -r -o NAME,DONE/S,REJECT/S,CRASH/S
	assert_line "$POOL 0.0 0.0 0.0"
}

@test "top: a rate is what was done in a second" {
	create $POOL 4
	(sleep 2; control submit $POOL sleep 1 4) 3>&- &
	run wpadm top --iter 1 --delay 5 -n -r -o NAME,DONE/S
	wait
	# Four tasks in five seconds, or somewhat more on a slow machine.
	[[ $output =~ $POOL\ 0\.[5-8] ]]
}

@test "top: queued, delayed and cancelled tasks" {
	create $POOL 1 depth=2
	control delay $POOL $LONG
	control submit $POOL sleep $LONG
	eventually BUSY 1
	control submit $POOL sleep 1 2
	run wpadm top --iter 1 --delay 0.1 -n -r -o NAME,BUSY,QUEUED,DELAYED,CANCEL/S
	assert_line "$POOL 1 2 1 0.0"
	run wpadm top --iter 1 --delay 0.1 --json
	assert_has '"cancelled_per_second": 0.0,'
	assert_has '"spurious_wakeups_per_second": 0.0'
}

@test "top: load and percentiles of a pool that is measured" {
	create $POOL 2
	wpadm latency $POOL --switch on
	control submit $POOL sleep $LONG
	eventually BUSY 1
	run wpadm top --iter 1 --delay 0.5 -n -r -o NAME,UTIL,RUN-P99 $POOL
	assert_status 0
	[ "$output" = "$POOL 50.0 -" ]
	(sleep 1; control submit $POOL sleep 1) 3>&- &
	run wpadm top --iter 1 --delay 5 -n -r -o RUN-P99 $POOL
	wait
	[ "$output" -ge 1000000 ]
}

@test "top: JSON" {
	create $POOL -1
	run wpadm top --iter 1 --delay 0.1 --json
	assert_status 0
	assert_line '   "top": ['
	assert_has '"capacity": -1,'
	assert_has '"completed_per_second": 0.0,'
}

# monitor ARGUMENT...: starts it, and returns when it waits for events; sets monitor
monitor()
{
	start_watching monitor "$@"
}

# told REGEX...: these are the lines of the monitor, without the time
told()
{
	local line i=0

	for line in "${lines[@]}"; do
		[[ $line =~ ^\[\ *[0-9]+\.[0-9]{6}\]\ (.*)$ ]] || break
		line=${BASH_REMATCH[1]}
		i=$((i + 1))
		[[ $line =~ ^${!i}$ ]] || break
		[ "$i" -lt $# ] || [ "$i" -lt "${#lines[@]}" ] || return 0
	done
	printf 'line %s is wrong: %s\n' "$i" "$output"
	return 1
}

@test "monitor: the life of a pool, a line for each event" {
	monitor
	create $POOL 4
	wpadm tune $POOL capacity=2 expiry=5s
	control pause $POOL
	control resume $POOL
	wpadm release $POOL --timeout forever
	wpadm reboot $POOL
	control destroy $POOL
	: >"$BATS_TEST_TMPDIR/pools"
	# each line is there at once
	for ((i = 0; i < 100; i++)); do
		! grep -q destroyed "$BATS_TEST_TMPDIR/events" || break
		sleep 0.1
	done
	kill -INT "$monitor"
	ended 0
	told "$POOL created by wp_selftest, capacity 4" \
		"$POOL tuned by admin wpadm\[[0-9]+\] uid 0: capacity 4 -> 2, expiry 1s -> 5s" \
		"$POOL paused by owner [^ ]*\[[0-9]+\] uid 0" \
		"$POOL resumed by owner [^ ]*\[[0-9]+\] uid 0" \
		"$POOL released by admin wpadm\[[0-9]+\] uid 0, threads left: 0" \
		"$POOL closed" \
		"$POOL rebooted by admin wpadm\[[0-9]+\] uid 0, generation 1" \
		"$POOL released by owner [^ ]*\[[0-9]+\] uid 0, threads left: 0" \
		"$POOL closed" \
		"$POOL destroyed"
}

@test "monitor: each setting, as tune names and writes it" {
	create $POOL 2 min=1
	monitor $POOL --type tuned
	wpadm tune $POOL capacity=4 expiry=2s max-blocking=5 min-workers=3 nice=6 rt=7 \
		queue-depth=8 cpus=0
	control destroy $POOL
	: >"$BATS_TEST_TMPDIR/pools"
	ended 0
	told "$POOL tuned by admin .*: capacity 2 -> 4, expiry 1s -> 2s, max-blocking unlimited -> 5, min-workers 1 -> 3, nice 0 -> 6, rt 0 -> 7, queue-depth 0 -> 8, cpus default -> own"
}

# as nohup does, and a terminal that goes
@test "monitor: goes on after a SIGHUP that is ignored" {
	create $POOL 1
	trap '' HUP
	monitor $POOL
	kill -HUP "$monitor"
	wpadm tune $POOL capacity=2
	control destroy $POOL
	: >"$BATS_TEST_TMPDIR/pools"
	ended 0
	trap - HUP
	told "$POOL tuned by .*capacity 1 -> 2" "$POOL released .*" "$POOL closed" \
		"$POOL destroyed"
}

# waits_in NAME: the watcher gets there
waits_in()
{
	for ((i = 0; i < 600; i++)); do
		! grep -q "$1" "/proc/$monitor/wchan" || return 0
		sleep 0.1
	done
	return 1
}

@test "monitor, apply --watch: a signal ends a write that waits" {
	mkfifo "$BATS_TEST_TMPDIR/full"
	exec 7<>"$BATS_TEST_TMPDIR/full"
	head -c 65536 /dev/zero >&7
	"$WPADM" monitor >&7 3>&- &
	monitor=$!
	waits_in poll
	create $POOL 1
	waits_in pipe
	kill -TERM "$monitor"
	wait "$monitor"
	printf '[%s]\nexpiry = 7s\n' $POOL >"$BATS_TEST_TMPDIR/a.conf"
	"$WPADM" apply "$BATS_TEST_TMPDIR/a.conf" --watch >&7 3>&- &
	monitor=$!
	waits_in pipe
	kill -TERM "$monitor"
	wait "$monitor"
	exec 7>&-
}

@test "monitor: overload, crash and drop" {
	create $POOL 1
	monitor $POOL --type overloaded,relieved,crashed,dropped
	control crash $POOL task
	eventually CRASHES 1
	control submit $POOL sleep $LONG
	eventually BUSY 1
	run control submit $POOL sleep 1
	control wake $POOL
	for ((i = 0; i < 100; i++)); do
		! grep -q relieved "$BATS_TEST_TMPDIR/events" || break
		sleep 0.1
	done
	control delay $POOL $LONG
	control destroy $POOL
	: >"$BATS_TEST_TMPDIR/pools"
	ended 0
	told "$POOL crashed: [a-z_]+ \[wp_selftest\] called workpool_task_crash\(\), reason -?[0-9]+, in worker wp/cli-pool-[0-9]+\[[0-9]+\]" \
		"$POOL overloaded: waiting 0, queued 0, busy 1 of 1" \
		"$POOL relieved after [0-9.]+ s: blocked 0, rejected 0" \
		"$POOL dropped: 1 of do_nothing \[wp_selftest\]"
}

@test "monitor: ends when all named pools are gone" {
	create $POOL 1
	create $POOL-b 1
	monitor $POOL "id:$(field ID $POOL-b)" --type paused
	control destroy $POOL
	control pause $POOL-b
	control destroy $POOL-b
	: >"$BATS_TEST_TMPDIR/pools"
	ended 0
	told "$POOL-b paused by owner .*"
}

@test "monitor: what one pool loses neither ends it nor concerns another" {
	create $POOL 1
	create $POOL-b 1
	monitor $POOL $POOL-b
	kill -STOP "$monitor"
	for ((i = 0; i < 300; i++)); do
		control pause $POOL
		control resume $POOL
	done
	wpadm tune $POOL-b capacity=2
	control destroy $POOL
	control destroy $POOL-b
	: >"$BATS_TEST_TMPDIR/pools"
	kill -CONT "$monitor"
	ended 0
	[ "$(grep -cE '[]] - lost: [0-9]+ events' "$BATS_TEST_TMPDIR/events")" -eq 1 ]
	[ "$(grep -c "$POOL paused" "$BATS_TEST_TMPDIR/events")" -lt 300 ]
	[ "$(grep -c "$POOL-b tuned" "$BATS_TEST_TMPDIR/events")" -eq 1 ]
	grep -q "$POOL-b destroyed" "$BATS_TEST_TMPDIR/events"
}

@test "monitor: a pattern stands for pools that come later" {
	create other-pool 1
	monitor "$POOL*" other-pool --type created,destroyed
	create $POOL 1
	control destroy $POOL
	control destroy other-pool
	create another-pool 1
	create $POOL-b 3
	for ((i = 0; i < 100; i++)); do
		! grep -q "$POOL-b" "$BATS_TEST_TMPDIR/events" || break
		sleep 0.1
	done
	kill -TERM "$monitor"
	ended 0
	told "$POOL created .*" "$POOL destroyed" "other-pool destroyed" \
		"$POOL-b created by wp_selftest, capacity 3"
	printf '%s\n' another-pool $POOL-b >"$BATS_TEST_TMPDIR/pools"
}

@test "monitor: a multi stands for its pools" {
	create cli-multi 1 pools=2
	monitor cli-multi --type tuned
	wpadm tune cli-multi capacity=3
	control destroy cli-multi
	: >"$BATS_TEST_TMPDIR/pools"
	ended 0
	told "cli-multi.0 tuned .*capacity 1 -> 3" "cli-multi.1 tuned .*capacity 1 -> 3"
}

@test "monitor: JSON, an object in each line" {
	create $POOL 1
	id=$(field ID)
	monitor $POOL --json --type tuned,released
	wpadm tune $POOL capacity=3 nice=-1 cpus=0
	control destroy $POOL
	: >"$BATS_TEST_TMPDIR/pools"
	ended 0
	actor='"pid": [0-9]+, "uid": 0, "comm": "[^"]+"'
	head='"seq": [0-9]+, "time_ns": [0-9]+, "pool": "'"$POOL"'", "pool_id": '"$id"
	[[ ${lines[0]} =~ ^\{\"event\":\ \"tuned\" ]]
	grep -qxE "\{\"event\": \"tuned\", $head, \"by\": \"admin\", $actor, \"before\": \{\"capacity\": 1, \"nice\": 0, \"cpus\": \"default\"\}, \"after\": \{\"capacity\": 3, \"nice\": -1, \"cpus\": \"own\"\}\}" \
		"$BATS_TEST_TMPDIR/events"
	grep -qxE "\{\"event\": \"released\", $head, \"by\": \"owner\", $actor, \"alive\": 0, \"destroyed\": (true|false)\}" \
		"$BATS_TEST_TMPDIR/events"
	[ "${#lines[@]}" -eq 2 ]
}

@test "monitor: one of two pauses ends" {
	create $POOL 1
	monitor $POOL --type paused,resumed
	control pause $POOL
	wpadm pause $POOL
	control resume $POOL
	wpadm resume $POOL
	control destroy $POOL
	: >"$BATS_TEST_TMPDIR/pools"
	ended 0
	told "$POOL paused by owner .* uid 0" "$POOL paused by admin .* uid 0" \
		"$POOL resumed by owner .* uid 0, still paused by admin" \
		"$POOL resumed by admin .* uid 0"
}

@test "monitor: ends while nobody reads its output" {
	local fifo=$BATS_TEST_TMPDIR/fifo rc=0

	create $POOL 1
	mkfifo "$fifo"
	"$WPADM" monitor $POOL --json >"$fifo" 2>&1 3>&- &
	monitor=$!
	exec 9<"$fifo"
	# until the pipe is full
	for ((i = 0; i < 5000; i++)); do
		! grep -q pipe "/proc/$monitor/wchan" || break
		control pause $POOL
		control resume $POOL
	done
	grep -q pipe "/proc/$monitor/wchan"
	kill -INT "$monitor"
	wait "$monitor" || rc=$?
	exec 9<&-
	[ "$rc" -eq 0 ]
}

@test "monitor: no such pool" {
	run wpadm monitor cli-none
	assert_error 32 "cannot monitor pool 'cli-none': there is no such pool"
}

# latency ARGUMENT...: starts it, and returns when the pool is measured; sets monitor
latency()
{
	"$WPADM" latency "$@" >"$BATS_TEST_TMPDIR/events" 2>&1 3>&- &
	monitor=$!
	for ((i = 0; i < 100; i++)); do
		[[ $(field FLAGS) != *measured* ]] || return 0
		sleep 0.1
	done
	cat "$BATS_TEST_TMPDIR/events"
	return 1
}

@test "latency: Ctrl-C ends it, and switches off what it switched on" {
	one_cpu
	create $POOL 1 depth=2
	latency $POOL
	control submit $POOL sleep 20 3
	eventually COMPLETED 3
	eventually BUSY 0
	kill -INT "$monitor"
	ended 0
	[ "$(field FLAGS)" = - ]
	assert_line "measuring pool '$POOL', Ctrl-C ends it"
	assert_line "wait: 3 tasks, from accepted to begun"
	assert_line "run: 3 tasks, from begun to ended"
	assert_line "blocked: 0 submitters that waited"
	assert_line "start: 1 workers, from needed to ready"
	# no bucket is below 16.8 ms, and it ends above 20 ms
	run grep -A 4 '^run:' "$BATS_TEST_TMPDIR/events"
	[[ ${lines[2]} == *": count "* ]]
	[[ ! ${lines[3]} =~ ^\ *[0-9.]+(ns|us)\  ]]
}

@test "latency: --for is over by itself, and leaves on what was on" {
	one_cpu
	create $POOL 1
	run wpadm latency $POOL --switch on
	[ "$output" = "$POOL: histograms on" ]
	control submit $POOL sleep 1
	eventually COMPLETED 1
	run wpadm latency $POOL --for 100ms --json
	assert_status 0
	# that task was before
	assert_has '{"kind": "run", "count": 0,'
	[ "$(field FLAGS)" = measured ]
	run wpadm prometheus
	assert_line "workpool_run_seconds_count{pool=\"$POOL\"} 1"
	run wpadm latency $POOL --switch off
	[ "$output" = "$POOL: histograms off" ]
	[ "$(field FLAGS)" = - ]
	run wpadm prometheus
	[[ $output != *"workpool_run_seconds_count{pool=\"$POOL\"}"* ]]
}

@test "latency: the pool is destroyed meanwhile" {
	one_cpu
	create $POOL 1
	latency $POOL --json
	control destroy $POOL
	: >"$BATS_TEST_TMPDIR/pools"
	kill -TERM "$monitor"
	ended 32
	assert_line "wpadm: cannot measure pool '$POOL': there is no such pool; 'wpadm list' shows all"
}

@test "prometheus: values, and HELP and TYPE for every metric" {
	create $POOL 4 expiry=1500
	create $POOL-b -1 depth=5
	control submit $POOL sleep 1 3
	eventually COMPLETED 3
	control delay $POOL $LONG
	control cancel $POOL
	control delay $POOL $LONG
	run wpadm prometheus
	assert_status 0
	assert_line "workpool_capacity{pool=\"$POOL\"} 4"
	assert_line "workpool_capacity{pool=\"$POOL-b\"} +Inf"
	assert_line "workpool_expiry_seconds{pool=\"$POOL\"} 1.500"
	assert_line "workpool_tasks_completed_total{pool=\"$POOL\"} 3"
	assert_line "workpool_tasks_queued{pool=\"$POOL\"} 0"
	assert_line "workpool_tasks_delayed{pool=\"$POOL\"} 1"
	assert_line "workpool_tasks_cancelled_total{pool=\"$POOL\"} 1"
	assert_line "workpool_queue_depth{pool=\"$POOL-b\"} 5"
	assert_has "workpool_wakeups_spurious_total{pool=\"$POOL\"} "
	assert_line "workpool_workers{pool=\"$POOL\",state=\"busy\"} 0"
	assert_line "workpool_pool_info{pool=\"$POOL\",owner=\"wp_selftest\"} 1"
	names=$(grep -v '^#' <<<"$output" | sed 's/[{ ].*//' | sort -u)
	for word in HELP TYPE; do
		[ "$(grep "^# $word " <<<"$output" | cut -d ' ' -f 3 | sort)" = "$names" ]
	done
}

@test "prometheus: --output replaces the file and leaves nothing else" {
	file=$BATS_TEST_TMPDIR/out/workpool.prom
	mkdir "$BATS_TEST_TMPDIR/out"
	echo old >"$file"
	run wpadm prometheus --output "$file"
	assert_status 0
	[ -z "$output" ]
	[ "$(ls "$BATS_TEST_TMPDIR/out")" = workpool.prom ]
	[ "$(stat -c %a "$file")" = 644 ]
	grep -q '^workpool_info{version=' "$file"
}

@test "prometheus: a file that cannot be written" {
	run wpadm prometheus --output "$BATS_TEST_TMPDIR/none/workpool.prom"
	assert_error 1 "cannot write $BATS_TEST_TMPDIR/none/workpool.prom"
}

@test "version: of wpadm and of the module, which are the same" {
	run wpadm version
	assert_status 0
	[[ ${lines[0]} =~ ^wpadm:\ +(.*)$ ]]
	version=${BASH_REMATCH[1]}
	[[ ${lines[1]} =~ ^module:\ +(.*)$ ]]
	[ "${BASH_REMATCH[1]}" = "$version" ]
	[ "$(wpadm --version)" = "wpadm $version" ]
	run wpadm version --json -o MODULE
	assert_has "\"module\": \"$version\""
}

@test "bash completion offers the pools" {
	create $POOL 2
	[ -e "$TOP/tools/wpadm/wpadm.bash" ] || skip "the tree is not there"
	[ "$(basename "$WPADM")" = wpadm ] || skip "not called wpadm"
	for command in list show tune release reboot; do
		run complete_words $command cli-po
		assert_line $POOL
	done
}

@test "a multi: its pools below a line for it" {
	create $POOL 2 pools=2
	control submit $POOL sleep $LONG 3
	run wpadm list $POOL -o NAME,CAPACITY,SUBMITTED,MULTI,MULTI-INDEX,OWNER
	assert_status 0
	output=$(sed -E 's/([^ ]) +/\1 /g; s/ +$//' <<< "$output")
	[ "$output" = "\
NAME CAPACITY SUBMITTED MULTI MULTI-INDEX OWNER
$POOL 4 3 $POOL wp_selftest
  $POOL.0 2 2 $POOL 0 wp_selftest
  $POOL.1 2 1 $POOL 1 wp_selftest" ]
	run wpadm list -n -r -o NAME,MULTI,MULTI-INDEX,FALLBACKS,STOLEN
	assert_line "$POOL.1 $POOL 1 0 0"
	assert_line "system - - 0 0"
	run wpadm prometheus
	assert_line "workpool_pool_info{pool=\"$POOL.1\",owner=\"wp_selftest\",multi=\"$POOL\"} 1"
	assert_line "workpool_submits_fallback_total{pool=\"$POOL.1\"} 0"
	assert_line "workpool_tasks_stolen_total{pool=\"$POOL.1\"} 0"
	assert_line "workpool_multi_info{multi=\"$POOL\",owner=\"wp_selftest\",strategy=\"round-robin\"} 1"
	assert_line "workpool_multi_pools{multi=\"$POOL\"} 2"
	assert_line "workpool_multi_waiters{multi=\"$POOL\"} 0"
	run wpadm show $POOL -o NAME,STRATEGY,POOLS,SUBMITTED
	assert_status 0
	[ "$(tr -s ' \n' ' ' <<< "$output")" = "\
name: $POOL strategy: round-robin pools: 2 submitted: 3 \
name: $POOL.0 strategy: round-robin pools: 2 submitted: 2 \
name: $POOL.1 strategy: round-robin pools: 2 submitted: 1 " ]
}

@test "a multi: a submitter waits for all its pools, and counts once" {
	create $POOL 1 pools=2
	control submit $POOL sleep $LONG 2
	control block $POOL 1
	POOL=$POOL.1 eventually WAITING 1
	run wpadm list $POOL -n -o NAME,BUSY,WAITING
	[[ ${lines[0]} =~ ^$POOL\ +2\ +1$ ]]
	[ "${#lines[@]}" -eq 3 ]
	wpadm tune $POOL capacity=2
	POOL=$POOL.1 eventually WAITING 0
}

@test "a multi: tune, release and reboot of each pool" {
	create $POOL 2 pools=3
	run wpadm tune $POOL capacity=5
	assert_status 0
	for i in 0 1 2; do
		assert_line "$POOL.$i: capacity 2 -> 5"
	done
	run wpadm release $POOL --timeout forever
	assert_status 0
	assert_line "$POOL.2: released, no thread left"
	run wpadm list $POOL -n -r -o STATE
	[ "$output" = $'closed\nclosed\nclosed' ]
	run wpadm reboot $POOL
	assert_status 0
	assert_line "$POOL.0: open again, generation 1"
	control submit $POOL sleep 1 3
	POOL=$POOL.2 eventually COMPLETED 1
}

@test "a multi: a line for each pool when some refuse" {
	create $POOL 2 pools=3
	wpadm release $POOL.1 --timeout forever
	run wpadm tune $POOL capacity=5
	assert_status 64
	[ "${#lines[@]}" -eq 3 ]
	assert_line "$POOL.0: capacity 2 -> 5"
	assert_has "cannot tune pool '$POOL.1': it is closed; try 'wpadm reboot $POOL.1'"
	assert_line "$POOL.2: capacity 2 -> 5"
	run wpadm reboot $POOL
	assert_status 64
	assert_line "$POOL.1: open again, generation 1"
	assert_has "cannot reboot pool '$POOL.0': only a released pool can be rebooted"
}
