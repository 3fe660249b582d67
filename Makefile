# SPDX-License-Identifier: GPL-2.0
#
# `make help` lists the targets.

# The kernel to build for: the running one, else the newest installed headers
KDIR ?= $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	$(shell ls -d /lib/modules/*/build /usr/src/linux-headers-*/Module.symvers 2>/dev/null | \
		sed 's,/Module.symvers$$,,' | sort -rV))
KBUILD = $(MAKE) -C $(KDIR) M=$(CURDIR)
RUN = tests/run

# modules_install of the kernel knows DESTDIR by another name
export INSTALL_MOD_PATH ?= $(DESTDIR)

# What can be built here: wpadm is left out without its library, and a part of it without
# another one. The first line of a build says so.
PKG_CONFIG ?= pkg-config
has_smartcols := $(shell $(PKG_CONFIG) --exists smartcols 2>/dev/null && echo y)
has_inih := $(shell $(PKG_CONFIG) --exists inih 2>/dev/null && echo y)

all: left-out modules $(if $(has_smartcols),wpadm)

# Not asked for, but the only headers there are
other-kernel = $(if $(findstring file,$(origin KDIR)),$(if $(findstring $(shell uname -r),$(KDIR)),,$(KDIR)))

left-out:
	$(if $(other-kernel),@echo "there are no headers of the running kernel $(shell uname -r); building for $(KDIR)")
	$(if $(has_smartcols),,@echo "left out: wpadm and its man pages; they need libsmartcols-dev and pkgconf")
	$(if $(has_inih),,$(if $(has_smartcols),@echo "left out: what 'wpadm apply' reads files with; it needs libinih-dev"))

modules: have-kdir
	$(KBUILD) $@

# Debug information stays in the tree: kernel/workpool.ko has it.
export INSTALL_MOD_STRIP ?= 1

# The key of the machine owner, as DKMS and Debian's shim keep it. With Secure Boot only a
# module that it signed is loaded. A package, below DESTDIR, is for other machines.
readable = $(if $(DESTDIR),,$(shell for file in $1; do [ ! -r $$file ] || { echo $$file; break; }; done))
MOK_KEY ?= $(call readable,/var/lib/dkms/mok.key /var/lib/shim-signed/mok/MOK.priv)
MOK_CERT ?= $(call readable,/var/lib/dkms/mok.pub /var/lib/shim-signed/mok/MOK.der)

release = $$(modinfo -F vermagic kernel/workpool.ko | cut -d " " -f 1)
installed-module = "$(INSTALL_MOD_PATH)/lib/modules/$(release)"/*/kernel/workpool.ko

# The headers that distributions ship have neither the key that the kernel would sign with
# nor the System.map without which it does not call depmod.
modules_install: modules
	$(KBUILD) $@ $(if $(wildcard $(KDIR)/certs/signing_key.pem),,CONFIG_MODULE_SIG_ALL=)
	$(if $(and $(MOK_KEY),$(MOK_CERT)),\
		$(KDIR)/scripts/sign-file sha256 "$(MOK_KEY)" "$(MOK_CERT)" $(installed-module))
	$(if $(INSTALL_MOD_PATH),,depmod -a $(release))

# What a client of workpool is built with, at a place that has no version in it: the headers,
# samples with templates, and for each kernel a directory with Module.symvers.
PREFIX ?= /usr/local
INCLUDEDIR ?= $(PREFIX)/include
MODULEDIR ?= $(PREFIX)/src/workpool
PKGCONFIGDIR ?= $(PREFIX)/share/pkgconfig
export PREFIX
version := $(shell sed -n 's/^.define WP_VERSION[[:space:]]*"\(.*\)"/\1/p' kernel/core/module.h)

headers_install:
	install -D -m 0644 -t $(DESTDIR)$(INCLUDEDIR)/linux include/uapi/linux/workpool.h
	install -D -m 0644 -t $(DESTDIR)$(MODULEDIR)/include/linux include/linux/workpool.h
	install -D -m 0644 -t $(DESTDIR)$(MODULEDIR)/samples $(wildcard tools/samples/*)
	install -d $(DESTDIR)$(PKGCONFIGDIR)
	sed 's,@INCLUDEDIR@,$(INCLUDEDIR),; s,@MODULEDIR@,$(MODULEDIR),; s,@VERSION@,$(version),' \
		tools/pkgconfig/workpool.pc.in > $(DESTDIR)$(PKGCONFIGDIR)/workpool.pc

symvers_install: modules
	install -D -m 0644 -t $(DESTDIR)$(MODULEDIR)/$(release) Module.symvers
	ln -sfn ../include $(DESTDIR)$(MODULEDIR)/$(release)/include

# The sources that DKMS builds, and nothing else of this tree
DKMSDIR ?= /usr/src/workpool-$(version)

dkms_install:
	install -d $(DESTDIR)$(DKMSDIR)
	cp -r Kbuild Makefile dkms.conf include $(DESTDIR)$(DKMSDIR)/
	cd kernel && find . \( -name '*.[ch]' ! -name '*.mod.c' -o -name Kbuild \) \
		-exec install -D -m 0644 '{}' '$(DESTDIR)$(DKMSDIR)/kernel/{}' ';'
	install -D -t $(DESTDIR)$(DKMSDIR)/tools/dkms tools/dkms/keep-symvers

have-kdir:
	@test -n "$(KDIR)" -a -e "$(KDIR)/Makefile" || { \
		echo "no kernel headers: apt-get install linux-headers-$$(dpkg --print-architecture), or KDIR=" >&2; \
		exit 1; }

wpadm:
	$(MAKE) -C tools/wpadm SAID=y

install: left-out modules_install headers_install symvers_install
	$(if $(has_smartcols),$(MAKE) -C tools/wpadm install SAID=y)

# Of the module, what is installed for the kernel in KDIR
uninstall:
	rm -f "$(INSTALL_MOD_PATH)/lib/modules/$(kdir-release)"/*/kernel/workpool.ko
	$(if $(INSTALL_MOD_PATH),,depmod -a $(kdir-release))
	rm -rf $(DESTDIR)$(MODULEDIR)
	rm -f $(DESTDIR)$(INCLUDEDIR)/linux/workpool.h $(DESTDIR)$(PKGCONFIGDIR)/workpool.pc
	$(MAKE) -C tools/wpadm uninstall

# what modinfo says of a module that was built for it
kdir-release = $(shell sed -n 's/^.define UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h)

# The tarball of the commit, always the same bits
dist:
	@tools/release/dist

deb: dist
	@tools/release/deb

release-check:
	@tools/release/check

demo:
	@tests/demo/run

check:
	@$(RUN)

lint: run-lint
docs: run-docs
build-all: run-build
readme: run-readme
kunit: run-kunit
selftest: run-selftest
cases: run-cases
abi: run-abi
cli: run-cli
cocci: run-cocci
matrix: run-matrix
debug: run-debug
faults: run-faults
mutants: run-mutants
model: run-model
torture: run-torture
fuzz: run-fuzz
packages: run-packages
newcomer: run-newcomer

# how long what runs for a while does so
seconds = $(if $(SECONDS),TORTURE_SECONDS=$(SECONDS) FUZZ_SECONDS=$(SECONDS))

run-%:
	@$(seconds) $(RUN) $*

check-full:
	@$(or $(seconds),TORTURE_SECONDS=120 FUZZ_SECONDS=120) $(RUN) lint build readme kunit \
		selftest cases abi cli demo cocci model matrix debug faults fuzz bench-check mutants

bench:
	@tests/bench/all $(LANES)

bench-check: run-bench-check

bench-baseline:
	@tests/lanes/bench-check --write

coverage:
	@tests/vm/coverage

clean:
	$(if $(KDIR),$(KBUILD) clean)
	$(if $(wildcard tools/wpadm),$(MAKE) -C tools/wpadm clean)
	rm -rf build

help:
	@echo 'all              workpool.ko for the kernel in KDIR, and wpadm (the default)'
	@echo 'modules wpadm    one of them'
	@echo 'install          both, and the headers for clients; DESTDIR, PREFIX, MOK_KEY, MOK_CERT'
	@echo 'uninstall        removes all of that, with the same variables'
	@echo 'modules_install headers_install   a part of it'
	@echo 'dkms_install     the sources for DKMS, in /usr/src; DESTDIR'
	@echo 'dist deb         the tarball of this commit; packages for Debian; in build/'
	@echo 'release-check    is there one version everywhere, and news about it'
	@echo 'packages         are the packages sound'
	@echo 'newcomer         the first hours in a clean chroot: demo, check, install, DKMS, packages'
	@echo 'demo             a virtual machine with the module at work'
	@echo 'check            the usual tests, on a fresh machine too; what the CI calls'
	@echo 'check-full       these and more for longer, see tests/README.md; SECONDS=120'
	@echo 'kunit            the unit tests in user mode Linux, the fast lane'
	@echo 'selftest         the black box tests on stock kernels'
	@echo 'cases            black box tests that need a boot or a machine of their own'
	@echo 'abi cli          tests of the ioctls and of wpadm'
	@echo 'cocci            the semantic patch from workqueue to workpool, on samples'
	@echo 'torture          everything at once, on a debug kernel; SECONDS=20'
	@echo 'debug            unit, black box and torture tests on each debug kernel; SECONDS=20'
	@echo 'matrix           build, samples, black box tests and demo on each kernel'
	@echo 'faults           each allocation fails once'
	@echo 'fuzz             the ioctls, and what wpadm reads; SECONDS=20'
	@echo 'mutants          small faults in the module, and which test notices them'
	@echo 'model            the protocols of the pool, checked by spin to the last state'
	@echo 'bench            beside workqueue, kthread_worker, threads; LANES="icount icount-2 uml qemu-2 qemu-4"'
	@echo 'bench-check      does anything take more instructions than tests/bench/baseline says'
	@echo 'bench-baseline   writes that file'
	@echo 'docs             the API and kernel/docs as HTML and man pages, in build/docs'
	@echo 'lint             checkpatch, sparse, kernel-doc, shellcheck, rules of the project'
	@echo 'build-all        the modules and the samples for each kernel of the tests, without warnings'
	@echo 'readme           the samples of README.md at work'
	@echo 'coverage         lines of kernel/ that the unit tests reach'
	@echo 'clean            what was built here; not the cache of kernels'
	@echo
	@echo 'KDIR=DIR         the kernel to build for:    $(KDIR)'
	@echo 'KSRC=DIR         source of the kernels that the tests build'
	@echo 'ACCEL=kvm|tcg    the accelerator of QEMU'
	@echo 'WORKPOOL_CACHE   where kernels are kept; WORKPOOL_REFRESH=1 looks for newer ones'

.PHONY: all left-out modules modules_install headers_install symvers_install dkms_install \
	have-kdir wpadm install uninstall dist deb release-check packages newcomer demo check \
	check-full lint docs build-all readme kunit selftest cases abi cli cocci torture debug \
	matrix faults fuzz mutants model bench bench-check bench-baseline coverage clean help
