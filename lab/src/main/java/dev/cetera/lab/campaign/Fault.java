package dev.cetera.lab.campaign;

/// What happens to a cluster, and how often among a hundred faults.
enum Fault {
    KILL_LEADER(25),
    KILL_FOLLOWER(15),
    FREEZE_LEADER(20),
    FREEZE_FOLLOWER(15),
    STOP_LEADER(10),
    KILL_MAJORITY(10),
    KILL_ALL(5);

    private final int share;

    Fault(int share) {
        this.share = share;
    }

    /// The one for `dice`, 0 to 99.
    static Fault of(int dice) {
        int left = dice;
        for (Fault fault : values()) {
            left -= fault.share;
            if (left < 0) {
                return fault;
            }
        }
        throw new IllegalArgumentException("expected 0 to 99, got " + dice);
    }
}
