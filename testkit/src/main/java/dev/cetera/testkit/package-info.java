/// What the tests of every module share: [Seeds] for randomised tests, [Await] for things that happen
/// elsewhere, [Evidence] for what a failed test leaves behind. Knows nothing of Cetera.
@NullMarked
package dev.cetera.testkit;

import org.jspecify.annotations.NullMarked;
