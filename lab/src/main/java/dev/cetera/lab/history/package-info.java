/// What clients did and what they were told, with times: all that a checker of promises goes by.
///
/// [History] is filled while clients run, in the simulator or against real processes, and read afterwards. An
/// [Operation] is one unary call, a [Watch] one watcher of a client with all the streams that it took.
@NullMarked
package dev.cetera.lab.history;

import org.jspecify.annotations.NullMarked;
