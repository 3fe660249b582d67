# SPDX-License-Identifier: GPL-2.0
#
# Reads `nm -A` of the objects of the module, and the lines of the sources that export
# something to the unit tests only:
#
#  - global symbols start with workpool_ or wp_, but for those the kernel's macros make;
#  - what is global is used by another object or exported;
#  - only main.o calls into the adapters chardev.o and debugfs.o;
#  - stack.o, the lowest layer, calls nothing of the module.

/^EXPORT_SYMBOL_IF_KUNIT/ {
	gsub(/.*\(|\).*/, "")
	exported[$0] = 1
	next
}

{
	object = $1
	sub(/:.*/, "", object)
	sub(/.*\//, "", object)
	name = $NF
}

$(NF - 1) == "U" {
	used[name] = used[name] " " object
	next
}

name ~ /^__ksymtab_/ {
	sub(/^__ksymtab_/, "", name)
	exported[name] = 1
	next
}

$(NF - 1) !~ /^[A-Z]$/ { next }

# of tracepoints, and of module_init() and module_exit()
name ~ /^__(tracepoint|traceiter|SC[KT]__tp_func|probestub|bpf_trace)_workpool_/ { next }
name ~ /^(init_module|cleanup_module|__this_module)$/ { next }

{ defined[name] = object }

function complain(name, what)
{
	print defined[name] ": " name ": " what
	bad = 1
}

END {
	for (name in defined) {
		number++
		if (name !~ /^(__(devm_)?)?(workpool|wp)_/)
			complain(name, "a global name needs the prefix wp_ or workpool_")
		if (!(name in used) && !(name in exported))
			complain(name, "nothing uses it outside of its file")
		if (!(name in used))
			continue
		n = split(used[name], user, " ")
		for (i = 1; i <= n; i++) {
			if (defined[name] ~ /^(chardev|debugfs)\.o$/ && user[i] != "main.o")
				complain(name, user[i] " calls into an adapter")
			if (user[i] == "stack.o")
				complain(name, "the stack calls into a layer above")
		}
	}
	if (!number) {
		print "no symbols found"
		bad = 1
	}
	exit bad
}
