/// The fixed corpus, a short stretch of mutations of every target, and whether the fuzzer itself finds what is
/// there.
@NullMarked
package dev.cetera.lab.fuzz;

import org.jspecify.annotations.NullMarked;
