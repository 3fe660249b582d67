#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # run sets status, output and lines
#
# wpadm apply and save, with a device that fake.c makes of a text. That keeps what is
# tuned, a line for each request.

load helper

# errno(3)
ESHUTDOWN=108

POOLS=(
	'keep'
	'name=system owner=workpool capacity=-1 flags=8 expiry_ms=1000'
	'name=ext4-a owner=client capacity=4 expiry_ms=1000'
	'name=ext4-b owner=client capacity=8 expiry_ms=1500'
	'name=plain owner=client capacity=2 expiry_ms=1000'
)

setup()
{
	fake_device "${POOLS[@]}"
	cd "$BATS_TEST_TMPDIR" || return
	cp device device.new
}

# conf LINE...: a file with these lines
conf()
{
	printf '%s\n' "$@" > a.conf
}

# tuned: the requests that the device got
tuned()
{
	sed -n '/^again=/p' device
}

# wrong LINE TEXT: apply complains of that line of a.conf, and changes nothing
wrong()
{
	run fake apply a.conf
	assert_status 1 || return 1
	assert_has "wpadm: a.conf:$1: $2" || return 1
	assert_has "wpadm: nothing was changed: a.conf has " || return 1
	[ -z "$(tuned)" ]
}

# wrong_value KEY RANGE VALUE...: none of them is one
wrong_value()
{
	local key=$1 range=$2 value

	for value in "${@:3}"; do
		conf '[plain]' "$key = $value"
		wrong 2 "[plain]: $key '$value' is not $range" || return 1
	done
}

# right_value KEY REQUEST VALUE...: each of them is REQUEST for the device
right_value()
{
	local key=$1 request=$2 value

	for value in "${@:3}"; do
		cp device.new device
		conf '[plain]' "$key = $value"
		run fake apply a.conf
		assert_status 0 || return 1
		[[ "$(tuned) " == "again=4 mask=0x"*" $request " ]] || {
			echo "$key = $value became $(tuned)"
			return 1
		}
	done
}

@test "every wrong value: file, line, key and range" {
	wrong_value capacity "a number from 1 to 2147483647" "" 0 -1 +1 2147483648 8x 0x8 1.5 unlimited '1 0'
	wrong_value expiry "a time such as 500ms, 5s, 2m or 1h, from 1ms to 2147483647ms" \
		"" 0 0s -1 s 5d '5 s' 0.5ms 2147483648 597h
	wrong_value max-blocking "a number from 0 to 2147483647 or 'unlimited'" "" -1 2147483648 x
	wrong_value min-workers "a number from 0 to 2147483647" "" -1 2147483648 unlimited
	wrong_value nice "a number from -20 to 19" "" 20 -21 +1 x -
	wrong_value rt "a number from 0 to 99" "" 100 -1 x
	wrong_value queue-depth "a number from 0 to 1048576" "" 1048577 -1 unlimited
	wrong_value cpus "a list of CPUs such as 0-3,8, up to 32767, or 'default'" \
		"" , 0- -3 3-1 32768 all '0 1' '0,capacity = 3'
}

@test "every setting reaches the device as it is written" {
	right_value capacity capacity=7 7 007
	right_value expiry expiry_ms=120000 120000 120000ms 120s 2m
	right_value max-blocking max_blocking=3 3
	right_value min-workers min_workers=2 2
	right_value nice nice=-20 -20
	right_value nice nice=19 19
	right_value rt rt_priority=99 99
	right_value queue-depth queue_depth=1048576 1048576
	right_value cpus 'own_cpus=1 cpus=0x3' 0-1 0,1 1,0
}

@test "the limits of the module: unknown ones and wrong values" {
	conf '[@module]' 'max-workers = 0'
	wrong 2 "[@module]: max-workers '0' is not a number from 1 to 65536"
	conf '[@module]' 'cache-size = -1'
	wrong 2 "[@module]: cache-size '-1' is not a number from 0 to 2147483647"
	conf '[@module]' 'capacity = 3'
	wrong 2 "[@module]: there is no setting 'capacity'"
	conf '[plain]' 'max-workers = 3'
	wrong 2 "[plain]: there is no setting 'max-workers'"
	conf '[@mod]'
	wrong 1 "[@mod]: with @ there is only the section of the module, [@module]"
	[ ! -e /sys/module/workpool ] || skip "the module is loaded"
	conf '[@module]' 'max-workers = 5'
	run fake apply a.conf
	assert_status 1
	assert_has "max_workers: the module is not loaded"
}

@test "a half valid configuration changes nothing, and each error is reported" {
	conf 'nice = 1' '[ext4-a]' 'capacity = 5' '[plain]' 'size = 3' 'capacity = 0' 'nonsense' \
		'capacity = 4' 'min-workers = 5' '[x' 'rt = 100' '[y] z' '[]' '= 3'
	run fake apply a.conf
	assert_status 1
	assert_line "wpadm: a.conf:1: 'nice' stands before the first [NAME]"
	assert_line "wpadm: a.conf:5: [plain]: there is no setting 'size'; 'wpadm help tune' has all"
	assert_line "wpadm: a.conf:6: [plain]: capacity '0' is not a number from 1 to 2147483647"
	assert_line "wpadm: a.conf:7: this is neither [NAME] nor SETTING = VALUE"
	assert_line "wpadm: a.conf:8: [plain]: capacity is given twice"
	assert_line "wpadm: a.conf:4: [plain]: min-workers 5 exceeds the capacity 4"
	assert_line "wpadm: a.conf:10: the name of a section ends with ], and nothing follows it"
	assert_line "wpadm: a.conf:11: [?]: rt '100' is not a number from 0 to 99"
	assert_line "wpadm: a.conf:12: the name of a section ends with ], and nothing follows it"
	assert_has "wpadm: a.conf:13: []: a name has letters, digits and ._-:!"
	assert_line "wpadm: a.conf:14: []: there is no setting ''; 'wpadm help tune' has all"
	assert_line "wpadm: nothing was changed: a.conf has 11 errors"
	[ "${#lines[@]}" -eq 12 ]
	[ -z "$(tuned)" ]
	mkdir d
	mv a.conf d/b.conf
	conf '[ext4-a]' 'capacity = 5'
	mv a.conf d/a.conf
	run fake apply d
	assert_status 1
	assert_has "wpadm: d/b.conf:7: "
	[ -z "$(tuned)" ]
}

@test "a second time there is nothing to do" {
	conf '[ext4-*]' 'capacity = 16' 'expiry = 5s' 'cpus = 0-1' '[plain]' 'nice = 5'
	run fake apply a.conf
	assert_status 0
	[ "$output" = "\
ext4-a: capacity 4 -> 16
ext4-a: expiry 1s -> 5s
ext4-a: cpus default -> 0-1
ext4-b: capacity 8 -> 16
ext4-b: expiry 1500ms -> 5s
ext4-b: cpus default -> 0-1
plain: nice 0 -> 5" ]
	[ "$(tuned | wc -l)" -eq 3 ]
	run fake apply a.conf
	assert_status 0
	[ "$output" = "nothing to do" ]
	[ "$(tuned | wc -l)" -eq 3 ]
}

@test "CPUs that the machine cannot have make no difference" {
	conf '[plain]' 'cpus = 0,20000-32767'
	fake apply a.conf
	run fake apply a.conf
	[ "$output" = "nothing to do" ]
	[ "$(tuned | wc -l)" -eq 1 ]
}

@test "a pool gets all that is there for it in one request" {
	conf '[plain]' 'capacity = 2' 'expiry = 9s' 'nice = 0'
	run fake apply a.conf
	[ "$output" = "plain: expiry 1s -> 9s" ]
	[ "$(tuned)" = "again=4 mask=0x13 capacity=2 expiry_ms=9000 nice=0" ]
}

@test "what save writes, apply brings back" {
	conf '[ext4-a]' 'capacity = 16' 'expiry = 1500ms' 'max-blocking = 7' 'min-workers = 3' \
		'nice = -3' 'rt = 4' 'queue-depth = 5' 'cpus = 0-1' \
		'[ext4-b]' 'expiry = 1h' 'cpus = default'
	fake apply a.conf
	columns=NAME,CAPACITY,EXPIRY,MAX-BLOCKING,MIN-WORKERS,NICE,RT-PRIORITY,QUEUE-DEPTH
	before=$(fake list -r -o $columns)
	fake save '*' -o saved.conf
	run fake apply saved.conf
	[ "$output" = "nothing to do" ]
	cp device.new device
	[ "$(fake list -r -o $columns)" != "$before" ]
	run fake apply saved.conf
	assert_status 0
	[ "$(fake list -r -o $columns)" = "$before" ]
	grep -q '^again=2 mask=0xff .* own_cpus=1 cpus=0x3$' device
	fake save '*' > again.conf
	cmp saved.conf again.conf
}

@test "save: what cannot be tuned is a comment that says why" {
	fake_device 'name=system owner=workpool capacity=-1 flags=8' \
		'name=u owner=client capacity=-1 expiry_ms=1000 pinned=0x30' \
		'name=p owner=client capacity=4 expiry_ms=1000 flags=2'
	run fake save '*'
	assert_status 0
	assert_line "# system: it refuses administration; only its owner workpool can tune it"
	assert_line "[u]"
	assert_line "# capacity: fixed, because the pool is unlimited"
	assert_line "# nice: its owner client has pinned it"
	assert_line "# rt: its owner client has pinned it"
	assert_line "[p]"
	assert_line "# capacity: fixed, because the pool is preallocated"
	assert_line "# min-workers: fixed, because the pool is preallocated"
	assert_line "cpus = default"
	fake save u p -o saved.conf
	run fake apply saved.conf
	assert_status 0
	[ "$output" = "nothing to do" ]
}

@test "save: CPUs that only an administrator learns" {
	fake_device 'name=p owner=client capacity=4 expiry_ms=1000 tune=1'
	run fake save p
	assert_status 0
	assert_line "# cpus: unknown without the right to tune the pool"
	assert_line "capacity = 4"
}

@test "save: a long list of CPUs goes on in the next line" {
	fake_device 'name=p owner=client capacity=4 expiry_ms=1000 own_cpus=1 cpus=0x5555555555555555' keep
	run fake save p
	assert_line "cpus = 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,38,40,42,44,"
	assert_line "       46,48,50,52,54,56,58,60,62"
	fake save p -o saved.conf
	run fake apply saved.conf
	[ "$output" = "nothing to do" ]
	sed -i 's/^cpus =.*/cpus = default/; /^ /d' saved.conf
	fake apply saved.conf
	grep -q 'own_cpus=0' device
}

@test "save: an error writes nothing" {
	echo old > saved.conf
	run fake save plain none -o saved.conf
	assert_error 32 "cannot save pool 'none': there is no such pool"
	[ "$(cat saved.conf)" = old ]
	run fake save 'no*'
	assert_error 32 "cannot save 'no*': no pool has such a name"
	run fake save plain -o none/saved.conf
	assert_error 1 "cannot write none/saved.conf"
}

@test "later sections win, key by key, also over a name" {
	conf '[plain]' 'capacity = 5' 'expiry = 5s' 'nice = 1' '[p*]' 'capacity = 6' 'nice = 2' \
		'[plain]' 'nice = 3'
	run fake apply a.conf
	assert_status 0
	[ "$(tuned)" = "again=4 mask=0x13 capacity=6 expiry_ms=5000 nice=3" ]
}

@test "a later section takes CPUs back" {
	conf '[plain]' 'cpus = 0' '[plain]' 'cpus = default' 'nice = 1'
	fake apply a.conf
	[ "$(tuned)" = "again=4 mask=0x90 nice=1 own_cpus=0 cpus=0" ]
}

@test "files in the order of their bytes, and only *.conf" {
	mkdir d
	for name in 9-last B a-very-last 10-first; do
		printf '[plain]\ncapacity = %s\n' "${#name}" > d/$name.conf
	done
	printf '[plain]\nnice = 1\n' > d/10-first.conf
	for name in README .hidden.conf x.conf.bak; do
		echo nonsense > d/$name
	done
	for locale in C en_US.UTF-8; do
		cp device.new device
		LC_ALL=$locale run fake apply d
		assert_status 0
		[ "$(tuned)" = "again=4 mask=0x11 capacity=11 nice=1" ]
	done
	rm d/a-very-last.conf
	cp device.new device
	run fake apply d/
	[ "$(tuned)" = "again=4 mask=0x11 capacity=1 nice=1" ]
}

@test "patterns: sets, classes, and the pools that refuse administration" {
	conf '[ext4-[ab]] # both' 'capacity = 5' '[ext4-[!a]] ; the other' 'capacity = 6' '[[[:lower:]]lain]' \
		'nice = 1' '[?]' 'nice = 2' '[*]' 'queue-depth = 3'
	run fake apply a.conf
	assert_status 0
	assert_line "ext4-a: capacity 4 -> 5"
	assert_line "ext4-b: capacity 8 -> 6"
	assert_line "plain: nice 0 -> 1"
	assert_line "plain: queue-depth 0 -> 3"
	assert_line "?: no pool yet (a.conf:7)"
	[[ $output != *system* ]]
	conf '[sys*]' 'nice = 1'
	run fake apply a.conf
	[ "$output" = $'sys*: no pool yet (a.conf:1)\nnothing to do' ]
	conf '[system]' 'nice = 1'
	run fake apply a.conf
	assert_status 2
	assert_has "cannot tune pool 'system': it refuses administration; only its owner workpool can"
}

@test "patterns and names that no pool can have" {
	for name in 'ext4-[ab' 'ext4-[' '[[:lower:]' 'x[!]'; do
		conf "[$name]"
		wrong 1 "[$name]: the pattern has a [ without its ]"
	done
	for name in '' ' ' 'a b' ' plain' 'a/b' 'a\*' 'é' 'a,b' 'x]'; do
		conf "[$name]"
		wrong 1 "[$name]: a name has letters, digits and ._-:!, a pattern *, ? and [...] too"
	done
	conf '[a-name-that-is-longer-than-any-pool]'
	wrong 1 "[a-name-that-is-longer-than-any-pool]: the name of a pool has at most 31 characters"
	conf '[a-pattern-that-is-longer-than-the-name-of-any-pool-and-than-50*]'
	run fake apply a.conf
	assert_status 0
}

@test "a multi stands for its pools" {
	fake_device keep 'name=m.0 capacity=4 expiry_ms=1000 multi=m multi_id=7' \
		'name=n.0 capacity=4 expiry_ms=1000 multi=n multi_id=8'
	conf '[m]' 'capacity = 5'
	run fake apply a.conf
	assert_status 0
	[ "$output" = "m.0: capacity 4 -> 5" ]
}

@test "CRLF, a byte order mark, indented lines, and no newline at the end" {
	printf '\xef\xbb\xbf[plain]\r\n\tcapacity = 5\r\n  nice: 1 ; a comment\r\n; comment\r\n\r\n# [x\r\nrt=2' > a.conf
	run fake apply a.conf
	assert_status 0
	[ "$(tuned)" = "again=4 mask=0x31 capacity=5 nice=1 rt_priority=2" ]
	printf '[plain]\nnice=3' > a.conf
	fake apply a.conf
	run fake apply a.conf
	[ "$output" = "nothing to do" ]
}

@test "a file of 1 MiB" {
	{
		for ((i = 0; i < 20000; i++)); do
			printf '[no-such-pool-%05d*]\nexpiry = 5s\ncapacity = 16\n\n' $i
		done
		yes '# a comment' | head -n 10000
		printf '[plain]\ncapacity = 5\n'
	} > a.conf
	[ "$(stat -c %s a.conf)" -gt 1048576 ]
	fake apply a.conf > out
	[ "$(tuned)" = "again=4 mask=0x1 capacity=5" ]
	[ "$(grep -c ': no pool yet (a.conf:' out)" -eq 20000 ]
	cp device.new device
	echo 'capacity = x' >> a.conf
	wrong 90003 "[plain]: capacity 'x' is not"
}

@test "a line that is too long is an error, and not cut" {
	many=$(seq -s , 2 2 200)
	conf '[plain]' "cpus = $many" 'nice = 1'
	wrong 2 "the line is too long; after a comma a value goes on in the next"
	[[ $output == *"has 1 error" ]]
	conf "[$(printf '%0300d*' 0)]"
	wrong 1 "the line is too long"
	# the longest that can be read, and a longer one
	conf '[plain]' "nice =$(printf '%191s' 1)"
	run fake apply a.conf
	assert_status 0
	cp device.new device
	conf '[plain]' "nice =$(printf '%192s' 2)"
	wrong 2 "the line is too long"
	conf '[plain]' "# $(printf '%0400d' 0)" 'nice = 2'
	run fake apply a.conf
	assert_line "plain: nice 0 -> 2"
}

@test "a value goes on after a comma, in the next line only" {
	conf '[plain]' 'cpus = 0, ; the first' '	1' 'nice = 1'
	fake apply a.conf
	[ "$(tuned)" = "again=4 mask=0x90 nice=1 own_cpus=1 cpus=0x3" ]
	cp device.new device
	conf '[plain]' 'cpus = 0,' '# comment' '1'
	wrong 2 "[plain]: cpus '0,' is not"
	assert_has "a.conf:4: this is neither"
	conf '[plain]' 'cpus = 0,' '[ext4-a]' 'nice = 1'
	wrong 2 "[plain]: cpus '0,' is not"
	conf '[plain]' 'cpus = 0,'
	wrong 2 "[plain]: cpus '0,' is not"
}

@test "NUL bytes and other control characters" {
	printf '[plain]\nnice = 1\0\ncapacity = 3\n\0\n[x\ry]\n# \033[2J\nnice = 2\n' > a.conf
	wrong 2 "a NUL byte or another control character is in this line"
	for line in 4 5 6; do
		assert_has "a.conf:$line: a NUL byte or another"
	done
	assert_has "has 4 errors"
	[[ $output != *$'\033'* ]]
}

@test "a directory without files, no directory, and what cannot be read" {
	mkdir d
	run fake apply d
	assert_status 0
	[ "$output" = "nothing to do" ]
	run fake apply none
	assert_status 1
	assert_line "wpadm: cannot read none: No such file or directory"
	ln -s nowhere d/a.conf
	mkdir d/b.conf
	mkfifo d/c.conf
	conf '[plain]' 'nice = 1'
	mv a.conf d/d.conf
	run fake apply d
	assert_status 1
	assert_line "wpadm: cannot read d/a.conf: No such file or directory"
	assert_line "wpadm: cannot read d/b.conf: it is no file"
	assert_line "wpadm: cannot read d/c.conf: it is no file"
	assert_line "wpadm: nothing was changed: d has 3 errors"
	[ -z "$(tuned)" ]
	rm -r d/[abc].conf
	ln -s /dev/null d/a.conf
	ln -s d.conf d/z.conf
	run fake apply d
	assert_status 0
	[ "$output" = "plain: nice 0 -> 1" ]
}

@test "a file that the user may not read" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	command -v setpriv >/dev/null || skip "needs setpriv"
	dir=$(for_everybody)
	install -m 0600 /dev/null "$dir/a.conf"
	run setpriv --reuid 65534 --clear-groups "$dir/wpadm" apply "$dir"
	assert_status 1
	assert_line "wpadm: cannot read $dir/a.conf: Permission denied"
	rm -r "$dir"
}

@test "--dry-run says the same and changes nothing" {
	conf '[ext4-*]' 'capacity = 16' '[later]' 'nice = 1'
	run fake apply a.conf --dry-run
	assert_status 0
	[ "$output" = "\
ext4-a: capacity 4 -> 16 (not done: dry run)
ext4-b: capacity 8 -> 16 (not done: dry run)
later: no pool yet (a.conf:3)" ]
	[ -z "$(tuned)" ]
}

@test "--diff: lines as those of a file" {
	conf '[ext4-a]' 'capacity = 16' 'max-blocking = 3' '[plain]' 'cpus = 0'
	run fake apply a.conf --dry-run --diff
	assert_status 0
	[ "$output" = "\
 [ext4-a]
-capacity = 4
+capacity = 16
-max-blocking = unlimited
+max-blocking = 3
 [plain]
-cpus = default
+cpus = 0" ]
	[ -z "$(tuned)" ]
	run fake apply a.conf --json --diff
	assert_error 1 "--json and --diff exclude each other"
	run fake apply a.conf --json --watch
	assert_error 1 "--json and --watch exclude each other"
}

@test "--json: the changes, and the rest beside it" {
	conf '[plain]' 'capacity = 16' '[later]' 'nice = 1'
	run bash -c '"$@" 2>/dev/null' - env "LD_PRELOAD=$FAKE" "$WPADM" --device device apply a.conf --json
	assert_status 0
	[ "$(tr -d ' \n' <<< "$output")" = "{\"apply\":[\
{\"pool\":\"plain\",\"setting\":\"capacity\",\"old\":2,\"new\":16,\"old_text\":null,\"new_text\":null}]}" ]
	run fake apply a.conf --json
	assert_line "later: no pool yet (a.conf:3)"
	assert_line "nothing to do"
	assert_has '"apply": ['
}

@test "what is pinned or fixed is no error as long as it has its value" {
	fake_device keep 'name=u owner=client capacity=-1 expiry_ms=1000 nice=3 pinned=0x10' "${POOLS[4]}"
	conf '[u]' 'nice = 3' 'expiry = 2s'
	run fake apply a.conf
	assert_status 0
	[ "$(tuned)" = "again=1 mask=0x2 expiry_ms=2000" ]
	conf '[u]' 'nice = 4' 'expiry = 3s' '[plain]' 'capacity = 3'
	for option in --dry-run --diff; do
		run fake apply a.conf $option
		assert_status 64
		assert_has "cannot tune pool 'u': its owner client has pinned nice; the rest can be tuned"
		assert_has plain
	done
	[ "$(tuned | tail -n 1)" = "again=2 mask=0x1 capacity=3" ]
}

@test "a pool that refuses is reported, and the others are changed" {
	fake_device keep "name=c capacity=4 expiry_ms=1000 tune=$ESHUTDOWN" "${POOLS[4]}"
	conf '[*]' 'capacity = 5'
	run fake apply a.conf
	assert_status 64
	assert_line "wpadm: cannot tune pool 'c': it is closed; try 'wpadm reboot c'"
	assert_line "plain: capacity 2 -> 5"
	run fake apply a.conf
	assert_status 64
	sed -i '/plain/d; /again/d' device
	run fake apply a.conf
	assert_status 2
}

@test "the example of the man page, and of the directory, can be read" {
	mkdir d
	man -P cat -l "$(made wpadm.8)" | sed -n '/# 50-storage.conf/,/max-workers =/p' > d/man.conf
	sed -n 's/^#\t//p' "$TOP/tools/workpool.d/README" > d/readme.conf
	for file in d/*; do
		[ "$(grep -c '^ *\[' "$file")" -eq 3 ]
		sed -i '/@module/,+1d' "$file"
		run fake apply "$file" --dry-run
		assert_status 0
		assert_line "ext4-a: expiry 1s -> 5s (not done: dry run)"
		assert_has "ext4-sda1: no pool yet ($file:"
	done
}

@test "without libinih wpadm says what it needs" {
	cat > pkg-config <<'EOS'
#!/bin/sh
case $* in
*inih*) exit 1 ;;
*) exec pkg-config "$@" ;;
esac
EOS
	chmod +x pkg-config
	run make -C "$TOP/tools/wpadm" "O=$PWD/out" "PKG_CONFIG=$PWD/pkg-config" CFLAGS=-O0
	assert_status 0
	[ "$(grep -v '^make' <<< "$output" | head -n 1)" = \
		"left out: what 'wpadm apply' reads files with; it needs libinih-dev" ]
	run out/wpadm apply
	assert_error 1 "built without libinih, which reads files; install libinih-dev, build again"
	run env "LD_PRELOAD=$FAKE" out/wpadm --device device save plain
	assert_status 0
	assert_line "[plain]"
}
