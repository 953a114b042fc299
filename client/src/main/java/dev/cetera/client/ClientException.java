package dev.cetera.client;

/// Something that this side found out by itself, in the words of etcd's own client.
public final class ClientException extends EtcdException {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    /// What it found out.
    public enum Reason {
        NO_ENDPOINTS("etcdclient: no available endpoints"),
        OLD_CLUSTER("etcdclient: old cluster version"),
        KEEP_ALIVE_HALTED("etcdclient: leases keep alive halted"),
        ELECTION_NOT_LEADER("election: not leader"),
        ELECTION_NO_LEADER("election: no leader"),
        LOST_WATCHER("lost watcher waiting for delete"),
        LOCK_LOST("mutex: session is expired"),
        LOCK_BUSY("mutex: Locked by another session"),
        NO_GREATER_REVISION(
                "etcdclient: no cluster members have a revision higher than the previously received revision");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    public ClientException(Reason reason) {
        super(Code.FAILED_PRECONDITION, reason.text(), Fate.NOT_APPLIED);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
