/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What libFuzzer calls.
 */
#ifndef WPADM_FUZZ_TARGET_H
#define WPADM_FUZZ_TARGET_H

#include <stddef.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#endif /* WPADM_FUZZ_TARGET_H */
