#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # run sets status, output and lines
#
# wpadm without the module: usage, help, parsing, messages, exit statuses.

load helper

COMMANDS=(list show tune release reboot pause resume save apply top latency monitor prometheus
	  version	  help)

# accepted ASSIGNMENT: tune understands it and gets as far as the device
accepted()
{
	run wpadm --device /dev/null tune pool "$1"
	assert_error 1 "/dev/null is not a workpool device"
}

# rejected ASSIGNMENT: tune complains of it before it opens the device
rejected()
{
	run wpadm --device /dev/null tune pool "$1"
	assert_error 1 "${1%%=*} '${1#*=}' is not "
}

@test "help goes to standard output and succeeds" {
	for arguments in help --help -h "list --help" "help list"; do
		# shellcheck disable=SC2086 # a list of words
		output=$(wpadm $arguments 2>/dev/null)
		assert_has "Usage: wpadm"
		assert_has "See wpadm(8)."
	done
}

@test "help explains every command" {
	for command in "${COMMANDS[@]}"; do
		run wpadm help "$command"
		assert_status 0
		assert_has "Usage: wpadm $command"
		run wpadm help
		assert_has "  $command "
	done
}

@test "help explains every column and every exit status" {
	run wpadm help
	for column in NAME STATE CAPACITY EXPIRY LEAKS; do
		assert_has "$column  "
	done
	assert_has "(in JSON: expiry_ms)"
	for status_line in "   0  " "   1  " "   2  " "  32  " "  64  "; do
		assert_has "$status_line"
	done
}

@test "help about what there is not" {
	run wpadm help nothing
	assert_error 1 "there is no command 'nothing'"
	run wpadm help list show
	assert_error 1 "help is about one command"
}

@test "--version needs no module" {
	for option in --version -V; do
		run wpadm $option
		assert_status 0
		[[ $output =~ ^wpadm\ [0-9a-z.]+$ ]]
	done
}

@test "unknown command and unknown options" {
	run wpadm nothing
	assert_error 1 "there is no command 'nothing'; try 'wpadm help'"
	run wpadm --nothing
	assert_error 1 "there is no option '--nothing'; try 'wpadm help'"
	run wpadm list -x
	assert_error 1 "there is no option '-x'"
	run wpadm list --json=yes
	assert_error 1 "option '--json=yes' takes no value"
	run wpadm release pool --timeout
	assert_error 1 "option '--timeout' needs a value"
}

@test "a command refuses options it does not have" {
	for arguments in "list --timeout 5s" "show p --dry-run" "tune p -b" \
			 "release p -r" "reboot p -o NAME" "top --timeout 1s" \
			 "save --dry-run" "apply --output f" \
			 "prometheus --json" "version --iter 2" "help --json" \
			 "list --type closed" "monitor --raw" "monitor -o NAME" \
			 "latency --raw" "monitor --for 1s" "list --switch on" \
			 "list --sort NAME" "list --sums"; do
		# shellcheck disable=SC2086 # a list of words
		run wpadm $arguments
		assert_error 1 "'${arguments%% *}' has no option --"
		assert_has "try 'wpadm help ${arguments%% *}'"
	done
}

@test "options that exclude each other" {
	run wpadm list --json --raw
	assert_error 1 "--json and --raw exclude each other"
	run wpadm list --json --noheadings
	assert_error 1 "--json has no headings"
}

@test "missing and surplus arguments" {
	for command in show tune release reboot pause resume; do
		run wpadm $command
		assert_error 1 "no pool is given; try 'wpadm help $command'"
	done
	run wpadm tune pool
	assert_error 1 "no setting such as capacity=8 is given"
	run wpadm apply one surplus
	assert_error 1 "unexpected argument 'surplus'"
	for command in prometheus version; do
		run wpadm $command surplus
		assert_error 1 "unexpected argument 'surplus'"
	done
}

@test "latency: one pool, a time, a state" {
	run wpadm latency
	assert_error 1 "latency is about one pool, not 0; try 'wpadm help latency'"
	run wpadm latency one two
	assert_error 1 "latency is about one pool, not 2"
	for time in 0 0s soon -1s 5x ""; do
		run wpadm latency pool --for "$time"
		assert_error 1 "--for '$time' is not a time such as 500ms or 10s"
	done
	for state in maybe ON ""; do
		run wpadm latency pool --switch "$state"
		assert_error 1 "--switch '$state' is neither on nor off"
	done
	run wpadm latency pool --switch on --for 1s
	assert_error 1 "--switch excludes --for and --json"
	run wpadm latency pool --switch off --json
	assert_error 1 "--switch excludes --for and --json"
	run wpadm latency 'p*'
	assert_error 1 "latency is about one pool, and 'p*' is a pattern"
	run wpadm --device /dev/null latency pool --for 1s
	assert_error 1 "/dev/null is not a workpool device"
}

@test "unknown columns" {
	for list in nothing NAME,nothing +nothing "NAME," ""; do
		run wpadm --device /dev/null list -o "$list"
		assert_error 1 "there is no column '"
	done
}

@test "known columns in any case, added to the usual ones, or all" {
	for list in name NAME,Id +owner all; do
		run wpadm --device /dev/null list -o "$list"
		assert_error 1 "is not a workpool device"
	done
}

@test "names of pools" {
	run wpadm --device /dev/null tune "" capacity=1
	assert_error 1 "'' does not name a pool"
	for id in id: id:0 id:-1 id:x id:4294967296; do
		run wpadm --device /dev/null tune $id capacity=1
		assert_error 1 "'$id' does not name a pool"
	done
	run wpadm tune a-name-that-is-longer-than-any-pool-may-have capacity=1
	assert_error 32 "there is no such pool"
}

@test "tune: capacities" {
	accepted capacity=1
	accepted capacity=2147483647
	accepted capacity=007
	for value in "" 0 -1 +1 2147483648 99999999999999999999999999 8x 0x8 \
		     1.5 " 8" "8 " unlimited; do
		rejected "capacity=$value"
	done
}

@test "tune: expiries" {
	for value in 1 1ms 5s 1.5s 0.001s 2m 1h 2147483647 596h; do
		accepted "expiry=$value"
	done
	for value in "" 0 0s -1 s . .5s 1. 5d "5 s" 5sec 0.5ms 0.0001s \
		     2147483648 597h 99999999999999999999h \
		     1.0000000000000000001s; do
		rejected "expiry=$value"
	done
}

@test "tune: max-blocking and min-workers" {
	for value in 0 1 2147483647; do
		accepted "max-blocking=$value"
		accepted "min-workers=$value"
	done
	accepted max-blocking=unlimited
	for value in "" -1 2147483648 x; do
		rejected "max-blocking=$value"
		rejected "min-workers=$value"
	done
	rejected min-workers=unlimited
}

@test "tune: nice, rt, queue-depth and cpus" {
	for value in 0 1 19 -1 -20; do
		accepted "nice=$value"
	done
	for value in 0 1 99; do
		accepted "rt=$value"
	done
	for value in 0 1 1048576; do
		accepted "queue-depth=$value"
	done
	for value in 0 0-3 0,2 1-2,7-9,4 32767 default; do
		accepted "cpus=$value"
	done
	for value in "" 20 -21 +1 x 1.5 -; do
		rejected "nice=$value"
	done
	for value in "" 100 -1 x; do
		rejected "rt=$value"
	done
	for value in "" 1048577 -1 unlimited; do
		rejected "queue-depth=$value"
	done
	for value in "" , 0, 0- -3 3-1 32768 0-99999999999999999999 x all "0 1"; do
		rejected "cpus=$value"
	done
	run wpadm tune pool nice=20
	assert_error 1 "nice '20' is not a number from -20 to 19"
	run wpadm tune pool rt=100
	assert_error 1 "rt '100' is not a number from 0 to 99"
}

@test "tune --module: limits" {
	for value in 0 65537 -1 x ""; do
		run wpadm tune --module "max-workers=$value"
		assert_error 1 "max-workers '$value' is not a number from 1 to 65536"
	done
	run wpadm tune --module cache-size=-1
	assert_error 1 "cache-size '-1' is not a number from 0 to 2147483647"
	run wpadm tune --module capacity=3
	assert_error 1 "the module has no setting 'capacity'"
	run wpadm tune --module
	assert_error 1 "no setting such as max-workers=512 is given"
	run wpadm tune --module cache-size=1 cache-size=2
	assert_error 1 "cache-size is given twice"
	[ ! -e /sys/module/workpool ] || skip "the module is loaded"
	run wpadm tune --module max-workers=5
	assert_error 1 "max_workers: the module is not loaded; try 'modprobe workpool'"
}

@test "tune: wrong assignments" {
	run wpadm tune pool capacity
	assert_error 1 "'capacity' is not an assignment such as capacity=8"
	run wpadm tune pool size=3
	assert_error 1 "there is no setting 'size'"
	run wpadm tune pool =3
	assert_error 1 "there is no setting ''"
	run wpadm tune pool capacity=1 capacity=2
	assert_error 1 "capacity is given twice"
}

@test "release: timeouts" {
	for value in 0 1 5s 1.5m 2h forever; do
		run wpadm --device /dev/null release pool --timeout $value
		assert_error 1 "is not a workpool device"
	done
	for value in "" -1 never 5d 18446744073709551615ms; do
		run wpadm --device /dev/null release pool --timeout "$value"
		assert_error 1 "--timeout '$value' is not a time"
	done
}

@test "top: delays and iterations" {
	for value in 0 -1 0.05 x 86401; do
		run wpadm top --delay "$value"
		assert_error 1 "--delay '$value' is not a number of seconds"
	done
	for value in 0 -1 x; do
		run wpadm top --iter "$value"
		assert_error 1 "--iter '$value' is not a number"
	done
}

@test "top: columns, and one to sort by" {
	run wpadm --device /dev/null top --output NAME,nothing
	assert_error 1 "there is no column 'nothing'"
	for column in nothing -nothing "" - NAME,BUSY +NAME; do
		run wpadm --device /dev/null top --sort "$column"
		assert_error 1 "there is no column '"
	done
	for column in NAME -NAME run-p99; do
		run wpadm --device /dev/null top --sort "$column"
		assert_error 1 "/dev/null is not a workpool device"
	done
}

@test "monitor: types" {
	for list in closed "closed,start-failed" lost,lost; do
		run wpadm --device /dev/null monitor --type "$list"
		assert_error 1 "is not a workpool device"
	done
	for list in "" , closed, Closed stuck "closed tuned"; do
		run wpadm --device /dev/null monitor --type "$list"
		assert_error 1 "there is no event '"
	done
	run wpadm monitor --type tuned,nothing
	assert_error 1 "there is no event 'nothing'; try 'wpadm help monitor'"
}

@test "the module is not loaded" {
	[ ! -e /dev/workpool ] || skip "the module is loaded"
	[ ! -e /sys/class/misc/workpool ] || skip "the module is loaded"
	for arguments in "" list "show p" "tune p capacity=1" "release p" \
			 "reboot p" "pause p" "resume p" save "apply /dev/null" top monitor \
			 "latency p" prometheus; do
		# shellcheck disable=SC2086 # a list of words
		run wpadm $arguments
		assert_error 1 "cannot open /dev/workpool: the module is not loaded; try 'modprobe workpool'"
	done
}

@test "version without the module tells that of wpadm and fails" {
	[ ! -e /dev/workpool ] || skip "the module is loaded"
	run wpadm version
	assert_status 1
	assert_has "the module is not loaded"
	[[ $output == *$'\n'wpadm:* || $output == wpadm:*$'\n'* ]]
}

@test "another device" {
	run wpadm --device /dev/null
	assert_error 1 "/dev/null is not a workpool device"
	run wpadm --device "$BATS_TEST_TMPDIR/nothing"
	assert_error 1 "there is no such device; try without --device"
	run wpadm --device "$BATS_TEST_TMPDIR"
	assert_error 1 "is not a workpool device"
}

@test "no permission" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	command -v setpriv >/dev/null || skip "needs setpriv"
	local dir

	dir=$(for_everybody)
	install -m 0600 /dev/null "$dir/none"
	install -m 0644 /dev/null "$dir/read"
	run setpriv --reuid 65534 --clear-groups "$dir/wpadm" --device "$dir/none"
	assert_error 1 "cannot open $dir/none: permission denied; try as root"
	run setpriv --reuid 65534 --clear-groups "$dir/wpadm" --device "$dir/read" \
		release pool
	assert_error 1 "cannot open $dir/read for writing: permission denied"
	rm -r "$dir"
}

@test "output that cannot be written is an error" {
	run bash -c '"$0" help >/dev/full' "$WPADM"
	assert_error 1 "cannot write to standard output"
}

@test "bash completion knows every command" {
	run complete_words ""
	for command in "${COMMANDS[@]}"; do
		assert_line "$command"
	done
	[ "${#lines[@]}" -eq "${#COMMANDS[@]}" ]
}

@test "bash completion knows every option of every command" {
	for command in "${COMMANDS[@]}"; do
		expected=$("$WPADM" help "$command" |
			   sed -n 's/^  .\{4\}\(--[a-z-]*\).*/\1/p' | sort)
		run complete_words "$command" --
		[ "$(printf '%s\n' "${lines[@]}" | sort)" = "$expected" ] || {
			echo "$command: help has: $expected"
			echo "completion: $output"
			return 1
		}
	done
}

@test "bash completion knows columns, settings and events" {
	run complete_words list --output CAP
	[ "$output" = CAPACITY ]
	run complete_words list --output NAME,CAP
	[ "$output" = NAME,CAPACITY ]
	run complete_words list --output +CAP
	[ "$output" = +CAPACITY ]
	run complete_words list --output = NAME,CAP
	[ "$output" = NAME,CAPACITY ]
	run complete_words top --output SUB
	[ "$output" = SUBMIT/S ]
	run complete_words top --sort WAI
	[ "$output" = $'WAITING\nWAIT-P99' ]
	run complete_words top --sort al
	[ "$output" = "" ]
	run complete_words monitor --type created,re
	[ "$output" = $'created,released\ncreated,rebooted\ncreated,resumed\ncreated,relieved' ]
	run complete_words latency --for 10
	[ "$output" = 10s ]
	run complete_words latency --switch o
	[ "$output" = $'on\noff' ]
	run complete_words tune pool ex
	[ "$output" = expiry= ]
	run complete_words tune pool capacity = 3 ex
	[ "$output" = expiry= ]
	run complete_words tune pool capacity = ""
	[ "$output" = "" ]
	touch "$BATS_TEST_TMPDIR/some.conf"
	run complete_words apply --dry-run "$BATS_TEST_TMPDIR/so"
	[ "$output" = "$BATS_TEST_TMPDIR/some.conf" ]
	run complete_words apply some.conf ""
	[ "$output" = "" ]
	run complete_words --device /dev/null help pro
	[ "$output" = prometheus ]
}

# What is typed, with Tab, and the arguments that come of it
TYPED=(
	'wpadm tu\tcli\tex\t1s'		'<tune><cli-pool><expiry=1s>'
	'wpadm tune --dry\tcli\tcap\t3'	'<tune><--dry-run><cli-pool><capacity=3>'
	'wpadm show -o NAME,CAPA\t'		'<show><-o><NAME,CAPACITY>'
	'wpadm release --timeout for\tm.z\t'	'<release><--timeout><forever><m.zero>'
	'wpadm he\tprom\t'			'<help><prometheus>'
	'wpadm ap\t--dif\t/dev/nul\t'		'<apply><--diff></dev/null>'
	'wpadm mon\t--type crashed,drop\t'	'<monitor><--type><crashed,dropped>'
	'wpadm top --sort UT\tcli\t'		'<top><--sort><UTIL><cli-pool>'
)

@test "completion in an interactive bash and zsh" {
	for shell in bash zsh; do
		command -v $shell >/dev/null || skip "needs $shell"
		for ((i = 0; i < ${#TYPED[@]}; i += 2)); do
			output=$(typed_in $shell "${TYPED[i]}")
			[ "$output" = "${TYPED[i + 1]}" ] || {
				echo "$shell: ${TYPED[i]} became $output"
				return 1
			}
		done
	done
}

# in_fish LINE: what fish offers for its last word
in_fish()
{
	fish --no-config -c "source '$(made wpadm.fish)'
		function wpadm
			printf '%s\n' 'cli-pool -' 'm.zero m' 'm.one m'
		end
		complete -C '$1'" | cut -f 1
}

@test "completion in fish" {
	command -v fish >/dev/null || skip "needs fish"
	[ "$(in_fish 'wpadm tu')" = tune ]
	[ "$(in_fish 'wpadm tune ' | sort)" = "$(printf '%s\n' cli-pool m m.one m.zero)" ]
	[ "$(in_fish 'wpadm tune --dry-run cli-pool ex')" = expiry= ]
	[ "$(in_fish 'wpadm show -o NAME,CAPA')" = NAME,CAPACITY ]
	[ "$(in_fish 'wpadm top --sort WAIT-')" = WAIT-P99 ]
	[ "$(in_fish 'wpadm top --sort al')" = "" ]
	[ "$(in_fish 'wpadm release --timeout for')" = forever ]
	[ "$(in_fish 'wpadm help pro')" = prometheus ]
	[ "$(in_fish 'wpadm apply /dev/nul')" = /dev/null ]
	[ "$(in_fish 'wpadm monitor --type crashed,drop')" = crashed,dropped ]
	for command in "${COMMANDS[@]}"; do
		expected=$("$WPADM" help "$command" |
			   sed -n 's/^  .\{4\}\(--[a-z-]*\).*/\1/p' | sort)
		[ "$(in_fish "wpadm $command --" | sort)" = "$expected" ]
	done
}

@test "help, and each line of it, fits into 80 columns" {
	for arguments in help "${COMMANDS[@]/#/help }"; do
		# shellcheck disable=SC2086 # a list of words
		run wpadm $arguments
		for line in "${lines[@]}"; do
			[ "${#line}" -lt 80 ] || {
				echo "$arguments: $line"
				return 1
			}
		done
	done
}

@test "the man page has what help has" {
	run man -P cat -l "$(made wpadm.8)"
	assert_status 0
	for word in "${COMMANDS[@]}" SPURIOUS-WAKEUPS DONE/S capacity=N start-failed; do
		assert_has "$word"
	done
	for section in OPTIONS COLUMNS CONFIGURATION ENVIRONMENT "EXIT STATUS" "REPORTING BUGS"; do
		assert_line "$section"
	done
}

@test "the man pages are sound" {
	command -v mandoc >/dev/null || skip "needs mandoc"
	for page in wpadm.8 workpool.4; do
		# the other page is not installed yet
		run mandoc -Tlint "$(made $page)"
		output=$(grep -v 'STYLE: referenced manual not found\|outdated mandoc.db' <<< "$output" || true)
		[ -z "$output" ] || {
			echo "$output"
			return 1
		}
	done
}
