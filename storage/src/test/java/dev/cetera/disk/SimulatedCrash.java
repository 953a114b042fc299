package dev.cetera.disk;

/// The moment the process or the power goes. An [Error], so that nothing on its way takes it for a failure it
/// can handle.
public final class SimulatedCrash extends Error {
    private static final long serialVersionUID = 1;

    SimulatedCrash(String where) {
        super("simulated crash: " + where, null, false, false);
    }
}
