/// Everything that reads bytes from outside is given bytes that nobody should send: what it takes must make
/// sense, what it refuses it must refuse by an error of its own, and neither may cost more memory or time than
/// the bytes are worth.
///
/// A [FuzzTarget] is one reader with its seeds and its oracle; [Targets] lists them. A [Mutator] makes inputs
/// out of seeds: blindly ([Havoc]) and with knowledge of the form ([ProtoMutation], [JsonMutation],
/// [WalFrames], [BoltPages]), and it repairs checksums, so that readers are reached behind them. [Oracle]
/// judges one input, [Minimizer] makes a bad one small. The test command reads a fixed corpus and some
/// thousand mutations of each target.
///
/// The long mode ([FuzzCommand], `bin/lab fuzz`) is guided by coverage: [InstrumentedClasses] loads the
/// product with a counter at every branch, and [Hunt] keeps what reaches something new. The usual fuzzer for
/// Java, Jazzer, cannot instrument classes of this Java release; the JDK's own class-file interface can, and
/// so no foreign agent is needed.
///
/// Not there yet in the product, and so not here: the JSON gateway, configuration files, TLS.
@NullMarked
package dev.cetera.lab.fuzz;

import org.jspecify.annotations.NullMarked;
