package dev.cetera.embed;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.function.IntConsumer;

/// Takes the signals that end a server. The JVM's own shutdown hooks do not tell which signal came, but the
/// log line and the end of the process do depend on it; `sun.misc.Signal` tells, and is reached by reflection
/// because the compiler warns of naming it.
final class Signals {
    static final int INTERRUPT = 2;
    static final int TERMINATE = 15;

    private static final Map<String, Integer> TAKEN = Map.of("INT", INTERRUPT, "TERM", TERMINATE);

    private Signals() {}

    /// The name that goes into the log line.
    static String name(int signal) {
        return signal == INTERRUPT ? "interrupt" : "terminated";
    }

    /// Ends the process as the signal does to one that takes none, so that whoever started it sees what ended
    /// it.
    static void die(int signal) {
        try {
            var signalType = Class.forName("sun.misc.Signal");
            var handlerType = Class.forName("sun.misc.SignalHandler");
            var name = signal == INTERRUPT ? "INT" : "TERM";
            var raised = signalType.getConstructor(String.class).newInstance(name);
            var _ = signalType
                    .getMethod("handle", signalType, handlerType)
                    .invoke(null, raised, handlerType.getField("SIG_DFL").get(null));
        } catch (ReflectiveOperationException absent) {
            throw new IllegalStateException("this JVM cannot let go of signals", absent);
        }
        kill(signal);
    }

    /// The JVM raises only what it handles.
    @SuppressWarnings("restricted") // the C library's function has exactly these types
    private static void kill(int signal) {
        var linker = Linker.nativeLinker();
        var kill = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("kill"), FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        try {
            int _ = (int) kill.invokeExact((int) ProcessHandle.current().pid(), signal);
        } catch (Throwable impossible) {
            throw new IllegalStateException("a process cannot end itself", impossible);
        }
    }

    /// Calls `received` with the number of each such signal, on a thread of the JVM.
    static void handle(IntConsumer received) {
        try {
            var signalType = Class.forName("sun.misc.Signal");
            var handlerType = Class.forName("sun.misc.SignalHandler");
            var handle = signalType.getMethod("handle", signalType, handlerType);
            var accept = MethodHandles.publicLookup()
                    .findVirtual(IntConsumer.class, "accept", MethodType.methodType(void.class, int.class))
                    .bindTo(received);
            for (var taken : TAKEN.entrySet()) {
                var told = MethodHandles.dropArguments(
                        MethodHandles.insertArguments(accept, 0, (int) taken.getValue()), 0, signalType);
                var signal = signalType.getConstructor(String.class).newInstance(taken.getKey());
                handle.invoke(null, signal, MethodHandleProxies.asInterfaceInstance(handlerType, told));
            }
        } catch (ReflectiveOperationException absent) {
            throw new IllegalStateException("this JVM cannot handle signals", absent);
        }
    }
}
