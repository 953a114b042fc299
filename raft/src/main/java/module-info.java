/// Consensus as a pure machine.
module dev.cetera.raft {
    requires static org.jspecify;

    exports dev.cetera.raft;
}
